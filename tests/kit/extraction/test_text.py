"""Text comes out of honest files, and a problem out of all others."""

import asyncio
import io
import time
from pathlib import Path

import docx
import fpdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clm.kit.extraction import ExtractionLimits, is_readable, running, text_of
from clm.kit.extraction.formats import DOCX, PDF
from clm.kit.storage import StorageUnavailable
from tests.kit.inspection.hostile import ENTITIES, document, packed


async def read(content, media_type, **limits):
    async def chunks():
        for start in range(0, len(content), 50_000):
            yield content[start : start + 50_000]

    return await text_of(chunks(), media_type, limits=ExtractionLimits(**limits))


def word_document():
    made = docx.Document()
    made.add_heading("第一条 定义", level=1)
    made.add_paragraph("甲方委托乙方外呼。")
    table = made.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "接通率", "95%"
    made.sections[0].header.paragraphs[0].text = "外呼服务外包合同"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def portable_document(pages=1):
    made = fpdf.FPDF()
    made.set_font("helvetica", size=12)
    for number in range(pages):
        made.add_page()
        made.cell(text=f"Service level {number}")
    return bytes(made.output())


async def test_a_word_document_with_its_table_and_header():
    found = await read(word_document(), DOCX)
    assert found.text.split("\n")[:3] == ["第一条 定义", "甲方委托乙方外呼。", "接通率\t95%"]
    assert "外呼服务外包合同" in found.text


RUN = "<w:r><w:t>{}</w:t></w:r>"
TRICKY = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:body>'
    f"<w:sdt><w:sdtContent><w:p>{RUN.format('控件')}</w:p></w:sdtContent></w:sdt>"
    f"<w:p>{RUN.format('原文')}<w:ins>{RUN.format('新增')}</w:ins><w:del><w:r><w:delText>删去</w:delText></w:r></w:del>"
    f"<w:moveFrom>{RUN.format('移走')}</w:moveFrom></w:p>"
    f"<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>左</w:t><w:tab/><w:t>右</w:t><w:br/><w:t>下</w:t></w:r></w:p>"
    f"<mc:AlternateContent><mc:Choice><w:p>{RUN.format('文本框')}</w:p></mc:Choice>"
    f"<mc:Fallback><w:p>{RUN.format('旧文本框')}</w:p></mc:Fallback></mc:AlternateContent>"
    f"<w:tbl><w:tr><w:trPr/><w:tc><w:p>{RUN.format('甲')}</w:p><w:p>{RUN.format('一')}</w:p></w:tc>"
    f"<w:tc><w:tbl><w:tr><w:tc><w:p>{RUN.format('内表')}</w:p></w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>"
    "</w:body></w:document>"
)


async def test_the_text_of_a_word_document_is_what_its_reader_sees():
    found = await read(document(parts={"word/document.xml": lambda _: TRICKY.encode()}), DOCX)
    assert found.text.split("\n") == ["控件", "原文新增", "左\t右", "下", "文本框", "甲 一\t内表", ""]


def chinese_pdf(encoding, codec):
    """A page in one of the fonts that every reader of Chinese has, so that the file carries none."""
    text = "第八条 保密期限为三年".encode(codec).hex().upper()
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 500]/Resources<</Font<</F 4 0 R>>>>/Contents 6 0 R>>",
        f"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding{encoding}/DescendantFonts[5 0 R]>>",
        "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light>>",
        f"<</Length {len(text) + 30}>>stream\nBT /F 12 Tf 50 400 Td <{text}> Tj ET\nendstream",
    ]
    body = "%PDF-1.4\n" + "".join(f"{number} 0 obj\n{one}\nendobj\n" for number, one in enumerate(objects, 1))
    places = "".join(f"{body.index(f'{number} 0 obj'):010} 00000 n \n" for number in range(1, 7))
    table = f"xref\n0 7\n0000000000 65535 f \n{places}trailer\n<</Root 1 0 R/Size 7>>\nstartxref\n{len(body)}\n%%EOF\n"
    return (body + table).encode()


@pytest.mark.parametrize(
    ("encoding", "codec"), [("/UniGB-UCS2-H", "utf-16-be"), ("/UniGB-UTF16-H", "utf-16-be"), ("/GBK-EUC-H", "gbk")]
)
async def test_a_chinese_portable_document(encoding, codec):
    found = await read(chinese_pdf(encoding, codec), PDF)
    assert "第八条 保密期限为三年" in found.text


async def test_a_portable_document_page_by_page():
    found = await read(portable_document(3), PDF)
    assert [f"Service level {n}" in found.text for n in range(3)] == [True] * 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "gb18030", "gbk"])
async def test_text_in_the_encodings_that_are_about(encoding):
    content = "第八条 保密：三年。".encode(encoding)
    content = b"\xfe\xff" + content if encoding == "utf-16-be" else content
    assert (await read(content, "text/markdown")).text == "第八条 保密：三年。\n"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"PK\x03\x04 not really", DOCX),
        (packed({"word/document.xml": b"<a/>"}), DOCX),
        (b"%PDF-1.7 nothing", PDF),
        (b"", PDF),
        (document(parts={"word/document.xml": lambda _: ENTITIES}), DOCX),
    ],
)
async def test_what_cannot_be_read_is_a_problem(content, media_type):
    found = await read(content, media_type)
    assert found.text is None or found.text.strip() == ""
    assert found.problem is None or found.problem.startswith("it ")


async def test_types_without_text():
    assert not is_readable("image/png")
    assert (await read(b"\x89PNG", "image/png")).problem == "no text is read from image/png"


async def test_more_text_than_is_kept_is_cut():
    found = await read("保密".encode() * 10_000, "text/plain", output_bytes=1000)
    assert (found.truncated, len(found.text.encode())) == (True, 999)


async def test_a_file_that_is_too_large_is_a_problem():
    assert (await read(b"a" * 5000, "text/plain", input_bytes=1000)).problem == "it has more than 1000 bytes"


async def test_a_bomb_meets_its_limits():
    bomb = document(parts={"word/document.xml": lambda _: b"<w:a>" * 30_000_000})
    started = time.monotonic()
    found = await read(bomb, DOCX, memory_bytes=300 * 1024**2, seconds=20)
    assert found.text is None
    assert found.problem
    assert time.monotonic() - started < 25


@pytest.mark.parametrize(
    ("content", "processes"),
    [
        ("保密期限".encode(), 0),
        ("保密期限".encode("gb18030"), 0),
        ("保密期限".encode("utf-16"), 0),
        (b"", 0),
        ("保密".encode() * 100_000, 1),
    ],
)
async def test_a_short_plain_text_needs_no_process(monkeypatch, content, processes):
    started, start = [], running._start

    async def counted(*arguments):
        started.append(arguments)
        return await start(*arguments)

    monkeypatch.setattr(running, "_start", counted)
    found = await read(content, "text/plain")
    assert found.text.startswith("保密") or not content
    assert found.text.endswith("\n")
    assert len(started) == processes


async def test_what_takes_too_long_is_ended():
    async def slowly():
        yield b"a"
        while True:
            await asyncio.sleep(0.05)
            yield b"a"

    found = await text_of(slowly(), "text/plain", limits=ExtractionLimits(seconds=0.5))
    assert found.problem == "reading it took longer than 0.5 seconds"


async def test_a_store_that_fails_midway_is_no_property_of_the_file():
    async def failing():
        yield b"a" * 1000
        raise StorageUnavailable("the object store fails")

    started = time.monotonic()
    with pytest.raises(StorageUnavailable):
        await text_of(failing(), "text/plain")
    assert time.monotonic() - started < 5


async def test_the_process_that_reads_knows_no_secrets(monkeypatch):
    monkeypatch.setenv("CLM_MASTER_KEY", "not for parsers")
    process = await running._start("text/plain", ExtractionLimits())
    try:
        environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    finally:
        await process.communicate(b"")
    assert b"PYTHONPATH=" in environment
    assert b"not for parsers" not in environment


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.binary(max_size=500), st.sampled_from([DOCX, PDF, "text/plain"]))
async def test_garbage_breaks_nothing(garbage, media_type):
    start = {DOCX: b"PK\x03\x04", PDF: b"%PDF-1.4\n"}.get(media_type, b"")
    found = await read(start + garbage, media_type)
    assert (found.text is None) != (found.problem is None)
