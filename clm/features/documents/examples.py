"""Examples of the documents room for the OpenAPI document."""

from dataclasses import dataclass

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema

from clm.kit.extraction.formats import DOCX, PDF

MEDIA_TYPES = {"docx": DOCX, "pdf": PDF}
FILES = {200: ResponseSpec(bytes, description="The document.", media_type=DOCX, generate_examples=False)}

TEXT = "第一条 服务内容\n乙方接听来电。\n第二条 期限\n一年。\n"

REPORT = {
    "headings": [
        {"number": "1", "label": "第一条", "heading": "服务内容", "position": 1},
        {"number": "2", "label": "第二条", "heading": "期限", "position": 3},
    ],
    "unmatched": [],
    "duplicates": [],
    "skipped": [],
    "contents": None,
    "bound": {"sections": [], "missing": ["1", "2", "3", "4", "5", "6", "7", "8"]},
}

ORIGIN = {
    "contract_id": "01970000-0000-7000-8000-000000000021",
    "sha256": "1a9ad3f5a96bfdc1fce8e44a0a3fd53a3e4e5d2ba3c06e7a2a9c2bd5b2cbb9f9",
    "media_type": "text/plain",
    "language": "zh-CN",
    "preamble": "",
    "closing": "",
    "report": REPORT,
}


@dataclass
class DocumentOperation(Operation):
    """An operation whose request body is a document."""

    def __post_init__(self) -> None:
        """Describe the body."""
        text = OpenAPIMediaType(schema=Schema(content_media_type="text/plain"))
        octets = OpenAPIMediaType(schema=Schema(content_media_type=DOCX))
        self.request_body = RequestBody(
            content={"text/plain": text, "text/markdown": text, DOCX: octets},
            description="The document as it is, with its own Content-Type.",
            required=True,
        )
