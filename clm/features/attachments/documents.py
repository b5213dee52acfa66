"""What the OpenAPI document says of raw bodies, which handlers cannot say in types."""

from dataclasses import dataclass
from typing import Any

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema

OCTETS = "application/octet-stream"

CSV = "客户一"
SINCE = "2026-03-05T11:00:00+08:00"
ATTACHMENT: dict[str, Any] = {
    "id": "01970000-0000-7000-8000-000000000041",
    "kind": "calling_list",
    "name": "名单.csv",
    "contract_id": "01970000-0000-7000-8000-000000000021",
    "versions": [
        {
            "no": 1,
            "size": 9,
            "sha256": "925d5299ad37ce9157355b90cc9f0eb3a87b24d631d3a1de214d1b040e51fde5",
            "media_type": "text/csv",
            "at": "2026-03-05T10:00:00+08:00",
            "sealed": True,
            "sealed_sha256": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9",
            "tombstone": None,
        }
    ],
    "update_rule": "A_unilateral",
    "binding": {
        "version": 1,
        "since": SINCE,
        "basis": {
            "rule": "R-AT3",
            "source": "the attachment's update rule; Civil Code 543",
            "anchor": {"at": SINCE},
            "steps": [{"rule": "R-AT3", "text": "version 1: adopted under the update rule A_unilateral"}],
            "status": "final",
        },
    },
}
REASON = "案件已经终结"
HOLD: dict[str, Any] = {
    "id": "01970000-0000-7000-8000-000000000051",
    "attachment_id": "01970000-0000-7000-8000-000000000041",
    "name": "（2026）沪0112民初123号",
    "reason": "诉讼期间保全证据",
    "placed_at": "2026-08-01T10:00:00+08:00",
    "placed_by": "01970000-0000-7000-8000-000000000001",
    "released_at": None,
    "released_by": None,
    "release_reason": None,
}
UPLOAD: dict[str, Any] = {
    "id": "01970000-0000-7000-8000-000000000061",
    "contract_id": "01970000-0000-7000-8000-000000000021",
    "attachment_id": None,
    "version": None,
    "kind": "evidence",
    "name": "录像.mp4",
    "size": 9000000,
    "media_type": "video/mp4",
    "sha256": None,
    "status": "open",
    "part_size": 8388608,
    "parts": [
        {"no": 1, "size": 8388608, "url": "https://clm.example.com/transfers/AbC1", "arrived": True},
        {"no": 2, "size": 611392, "url": "https://clm.example.com/transfers/AbC2", "arrived": False},
    ],
    "urls_expire_at": "2026-03-05T11:00:00+08:00",
    "findings": [],
    "created_at": "2026-03-05T10:00:00+08:00",
    "expires_at": "2026-03-06T10:00:00+08:00",
}
LINK = {"url": "https://clm.example.com/transfers/AbC3", "expires_at": "2026-03-05T02:05:00Z"}
PRECEDENCE: dict[str, Any] = {
    "order": ["amendment", "main_text", "attachment", "recitals"],
    "documents": [
        {"rank": 1, "kind": "main_text", "id": None, "title": "外呼服务外包合同", "version": None, "since": SINCE},
        {"rank": 2, "kind": "attachment", "id": ATTACHMENT["id"], "title": "名单.csv", "version": 1, "since": SINCE},
        {"rank": 3, "kind": "recitals", "id": None, "title": "外呼服务外包合同", "version": None, "since": SINCE},
    ],
    "readings": {"newer_version_first": True, "handwritten_over_printed": True, "words_over_figures": True},
    "assumed": True,
    "basis": {
        "rule": "R-AT4",
        "source": "section 14.2; Civil Code 142, 466, 498",
        "anchor": {"order": "/terms/attachments/precedence"},
        "steps": [{"rule": "R-AT4", "text": "of amendments the later prevails"}],
        "status": "final",
    },
}


@dataclass
class UploadOperation(Operation):
    """An operation whose request body is bytes of any media type."""

    def __post_init__(self) -> None:
        """Describe the body."""
        self.request_body = RequestBody(
            content={OCTETS: OpenAPIMediaType(schema=Schema(content_media_type=OCTETS))},
            description="The bytes as they are, with their own Content-Type.",
            required=True,
        )


CONTENT_RESPONSES = {
    200: ResponseSpec(bytes, description="All the bytes.", media_type=OCTETS, generate_examples=False),
    206: ResponseSpec(bytes, description="The range asked for.", media_type=OCTETS, generate_examples=False),
    304: ResponseSpec(None, description="The sender holds these bytes already.", generate_examples=False),
}
