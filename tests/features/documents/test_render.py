"""A contract written down and read back: the same tree, the same bytes, and what each file says."""

import datetime as dt
import hashlib
import io

import pylopdf_fonts_zh_cn as fonts
import pytest
from docx import Document
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from clm.features.documents import content, pdf
from clm.kit.extraction import text_of
from clm.kit.extraction.formats import PDF
from tests.features.contracts.acts import advance, formed
from tests.features.documents.conftest import DOCX, docx_of, model_lines

MODEL = "outbound-call-outsourcing"


@pytest.fixture
def document(client):
    async def read(contract_id, form="docx", **query):
        answer = await client.get(f"/v1/contracts/{contract_id}/document", params={"format": form} | query)
        assert answer.status_code == 200, answer.text
        return answer

    return read


@pytest.fixture
async def model(bring):
    return (await bring(docx_of(model_lines()), DOCX, type=MODEL, number="外呼-2026-1")).json()["contract"]


def tree(sections):
    return [(one["number"], one["heading"], one["text"]) for one in sections]


async def once(content):
    yield content


async def test_what_is_written_down_reads_back_as_the_same_tree(bring, sections, document, model):
    written = await document(model["id"])
    again = (await bring(written.content, DOCX, type=MODEL)).json()
    assert tree(await sections(again["contract"]["id"])) == tree(await sections(model["id"]))
    assert len(again["report"]["bound"]["sections"]) == 58
    assert (again["report"]["duplicates"], again["report"]["skipped"]) == ([], [])


@pytest.mark.parametrize("kind", [MODEL, "generic"])
async def test_so_does_a_contract_with_the_words_of_its_type(client, bring, sections, document, kind):
    made = (await client.post("/v1/contracts", json={"type": kind, "number": "T-1", "title": "合同"})).json()
    again = (await bring((await document(made["id"])).content, DOCX, type=kind)).json()
    assert tree(await sections(again["contract"]["id"])) == tree(await sections(made["id"]))


async def test_headings_are_words_own(document, model):
    styles = {p.text: p.style.name for p in Document(io.BytesIO((await document(model["id"])).content)).paragraphs}
    assert styles["8. 保密条款"] == "Heading 1"
    assert styles["8.3 保密期限"] == "Heading 2"


@pytest.mark.parametrize("form", ["docx", "pdf"])
async def test_the_same_contract_gives_the_same_bytes(document, model, form):
    first, second = await document(model["id"], form), await document(model["id"], form)
    assert hashlib.sha256(first.content).digest() == hashlib.sha256(second.content).digest()
    assert first.headers["content-disposition"].startswith(f'attachment; filename="contract.{form}"; filename*=UTF-8')
    assert first.headers["content-type"] == {"docx": DOCX, "pdf": PDF}[form]


async def test_a_draft_says_so_on_every_page(document, model):
    word = Document(io.BytesIO((await document(model["id"])).content))
    assert word.sections[0].header.paragraphs[0].text == "草稿 · 尚未生效"
    pages = PdfReader(io.BytesIO((await document(model["id"], "pdf")).content)).pages
    assert len(pages) > 1
    assert all("草稿·尚未生效" in page.extract_text().replace("\0", "").replace(" ", "") for page in pages)


async def test_chinese_can_be_read_out_of_the_pdf(document, model):
    found = await text_of(once((await document(model["id"], "pdf")).content), PDF)
    text = "".join(found.text.split())
    assert "外呼外包合同" in text
    assert "（1）保密期限的约定见下；" in text
    assert "外呼-2026-1" in text


async def test_every_heading_and_party_is_read_out_of_a_long_pdf(client, document, model):
    content = (await document(model["id"], "pdf")).content
    text = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())
    sections = (await client.get(f"/v1/contracts/{model['id']}/sections")).json()["items"]
    headings = ["".join(one["heading"].split()) for one in sections]
    assert len(headings) > 44
    assert [heading for heading in headings if heading not in text] == []
    assert "\0" not in text


def test_more_characters_than_fit_a_byte_are_read_out_of_a_pdf():
    """Of all that the font has at the start of the Chinese characters, each comes out as it went in."""
    with TTFont(fonts.serif_path()) as face:
        known = face.getBestCmap()
    wanted = [chr(code) for code in range(0x4E00, 0x5A00) if code in known]
    text = "Terms 1 " + "".join(wanted)
    at = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
    block = content.Block(kind="text", text=text)
    paper = content.Paper(title="x", number="y", language="zh-CN", at=at, mark=None, blocks=[block])
    pages = PdfReader(io.BytesIO(pdf.rendered(paper))).pages
    told = "".join("".join(page.extract_text().rpartition("y")[0] for page in pages).split())
    assert len(wanted) > 600
    assert told == text.replace(" ", "")


async def test_a_term_that_fills_pages_is_printed_whole(clocked):
    made = await formed(clocked, title="外呼合同")
    long = "".join(f"第{number}句话。" for number in range(1200))
    change = {"op": "replace", "path": "/sections/2/text", "value": long}
    proposed = await clocked.post(f"/v1/contracts/{made['id']}/amendments", json={"changes": [change]})
    assert proposed.status_code == 201, proposed.text
    answer = await clocked.get(f"/v1/contracts/{made['id']}/document", params={"format": "pdf"})
    assert answer.status_code == 200, answer.text
    pages = PdfReader(io.BytesIO(answer.content)).pages
    text = "".join("".join(page.extract_text() for page in pages).split())
    parted = [number for number in range(1200) if f"第{number}句话。" not in text]  # by the foot of a page
    assert len(parted) < len(pages) < 12
    assert "第1199句话。" in text


async def test_the_last_day_of_a_contract_is_told(clocked):
    made = await formed(clocked, terms={"term": {"end": "2026-01-31"}})
    await advance(clocked, "2026-02-05T10:00:00+08:00")
    answer = await clocked.get(f"/v1/contracts/{made['id']}/document")
    told = [
        each.text
        for each in Document(io.BytesIO(answer.content)).paragraphs
        if "C-" in each.text or "终止" in each.text
    ]
    assert any("2026-01-31" in each for each in told), told


async def test_parties_and_attachments_are_listed(client, document, bring):
    party = (await client.post("/v1/parties", json={"legal_name": "甲公司", "kind": "legal_person"})).json()
    body = {
        "type": "generic",
        "number": "P-1",
        "title": "服务合同",
        "parties": [{"role": "A", "party_id": party["id"]}],
    }
    made = (await client.post("/v1/contracts", json=body)).json()
    file = b"item,price\n"
    query = {"kind": "other", "name": "价格.csv"}
    url = f"/v1/contracts/{made['id']}/attachments"
    await client.post(url, params=query, content=file, headers={"content-type": "text/csv"})
    word = Document(io.BytesIO((await document(made["id"])).content))
    cells = [[cell.text for cell in row.cells] for table in word.tables for row in table.rows]
    assert ["甲方", "甲公司", "", ""] in cells
    assert ["other", "价格.csv", "1", hashlib.sha256(file).hexdigest()] in cells


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"format": "odt"}, 400),
        ({"as_of": "someday"}, 422),
        ({"as_of": "2020-01-01"}, 422),
        ({"as_of": "2030-01-01"}, 422),
    ],
)
async def test_what_cannot_be_written_is_refused(client, model, query, status):
    answer = await client.get(f"/v1/contracts/{model['id']}/document", params=query)
    assert answer.status_code == status, answer.text


async def test_marks_that_no_file_may_hold_are_left_out(client, document):
    body = {"type": "generic", "number": "X-1", "title": "合同\u0001\ufffe<&>"}
    made = (await client.post("/v1/contracts", json=body)).json()
    assert Document(io.BytesIO((await document(made["id"])).content)).paragraphs[0].text == "合同<&>"
    assert (await document(made["id"], "pdf")).content.startswith(b"%PDF-")


async def test_without_a_format_the_accept_header_decides(client, model):
    url = f"/v1/contracts/{model['id']}/document"
    assert (await client.get(url)).headers["content-type"] == DOCX
    assert (await client.get(url, headers={"accept": PDF})).headers["content-type"] == PDF


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"length": 180, "unit": "day"}, "180 day"),
        ({"amount": "1234.50", "currency": "CNY"}, "1234.50 CNY"),
        ({"form": "written", "silence": False}, "form written; silence false"),
        ({"a": {"b": 1}}, '{"a":{"b":1}}'),
        ([], "—"),
        ({}, "—"),
        (None, "—"),
        (False, "false"),
        (0, "0"),
    ],
)
def test_terms_are_written_out(value, text):
    assert content._shown(value) == text
