import io
import json
from pathlib import Path

import pytest
from docx import Document

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TYPE = Path(__file__).parents[3] / "clm/features/contract_types/data/outbound-call-outsourcing.json"
SECTIONS = json.loads(TYPE.read_text(encoding="utf-8"))["sections"]


@pytest.fixture
def bring(client):
    """Imports a document; answers with the response."""
    count = 0

    async def send(content, media_type="text/plain; charset=utf-8", *, headers=None, **query):
        nonlocal count
        count += 1
        body = content.encode() if isinstance(content, str) else content
        return await client.post(
            "/v1/contracts/import-document",
            params={"type": "generic", "number": f"DOC-{count}"} | query,
            content=body,
            headers={"content-type": media_type} | (headers or {}),
        )

    return send


@pytest.fixture
def sections(client):
    async def read(contract_id):
        answer = await client.get(f"/v1/contracts/{contract_id}/sections")
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    return read


def model_lines(sections=SECTIONS):
    """The model contract as its lines: a table of contents, then every section with a text of its own."""
    lines = ["外呼外包合同", "目录"]
    lines += [heading(section) for section in sections]
    lines += ["第一部分：合同如下："]
    for section in sections:
        lines.append(heading(section))
        if section["parent"]:
            lines += [f"（1）{section['heading']}的约定见下；", "（2）其余由双方书面商定。"]
    return [*lines, "（以下无正文）", "甲方（盖章）：", "乙方（盖章）："]


def heading(section):
    return f"{section['number']}{'' if section['parent'] else '.'}{section['heading']}"


def docx_of(lines):
    """A DOCX with a paragraph a line; a line may be a pair of text and style."""
    document = Document()
    for line in lines:
        text, style = (line, None) if isinstance(line, str) else line
        document.add_paragraph(text, style=style)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
