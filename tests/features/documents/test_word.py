"""What Word says beside its text: heading styles, automatic numbers, tables, and what a hostile file tries."""

import io
import zipfile

import pytest
from docx import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clm.kit.extraction import counting
from tests.features.contracts.acts import ok
from tests.features.documents.conftest import DOCX, docx_of

LEVELS = (("chineseCounting", "第%1条", ""), ("decimal", "%1.%2", "<w:isLgl/>"), ("bullet", "•", ""))


def saved(document):
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def numbered(lines):
    """A DOCX whose numbers are Word's own: each line with its level, or None for none."""
    document = Document()
    levels = "".join(
        f'<w:lvl w:ilvl="{no}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'
        for no, (form, text, more) in enumerate(LEVELS)
    )
    root = document.part.numbering_part.element
    root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{levels}</w:abstractNum>'))
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for text, level in lines:
        properties = document.add_paragraph(text)._p.get_or_add_pPr()
        if level is not None:
            number = OxmlElement("w:numPr")
            for name, value in (("w:ilvl", level), ("w:numId", 77)):
                child = OxmlElement(name)
                child.set(qn("w:val"), str(value))
                number.append(child)
            properties.append(number)
    return saved(document)


async def test_words_own_numbers_are_counted(bring):
    lines = [("服务", 0), ("范围", 1), ("接听来电。", None), ("标准", 1), ("客户咨询", 2), ("费用", 0), ("总价", 1)]
    made = await ok(await bring(numbered(lines), DOCX), 201)
    headings = [(one["number"], one["label"], one["heading"]) for one in made["report"]["headings"]]
    assert headings == [
        ("1", "第一条", "服务"), ("1.1", "1.1", "范围"), ("1.2", "1.2", "标准"),
        ("2", "第二条", "费用"), ("2.1", "2.1", "总价"),
    ]  # fmt: skip


async def test_heading_styles_count_without_numbers(bring, sections):
    lines = [
        ("服务合同", "Heading 1"),
        ("定义", "Heading 2"),
        "甲方是买方。",
        ("范围", "Heading 3"),
        ("期限", "Heading 2"),
    ]
    made = await ok(await bring(docx_of(lines), DOCX), 201)
    assert made["contract"]["title"] == "服务合同"
    shown = [(one["number"], one["heading"], one["text"]) for one in await sections(made["contract"]["id"])]
    assert shown == [("1", "定义", "甲方是买方。"), ("1.1", "范围", None), ("2", "期限", None)]


async def test_tables_are_kept_as_text(bring, sections):
    document = Document()
    document.add_paragraph("第一条 价目")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [*table.rows[0].cells, *table.rows[1].cells], ["项目", "单价", "1. 坐席", "800元"], strict=True
    ):
        cell.text = text
    made = await ok(await bring(saved(document), DOCX), 201)
    assert (await sections(made["contract"]["id"]))[0]["text"] == "项目\t单价\n1. 坐席\t800元"


def changed(name, content):
    """A good document with one part replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx_of(["第一条 服务"]))) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("word/vbaProject.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("../../etc/passwd", b"x"),
        ("word/document.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        ("word/document.xml", b"<broken"),
        ("word/document.xml", b""),
        ("word/numbering.xml", b"<a/>"),
        ("[Content_Types].xml", b"<Types/>"),
    ],
)
async def test_a_hostile_or_broken_file_is_refused_without_harm(client, bring, name, content):
    answer = await bring(changed(name, content), DOCX)
    assert answer.status_code in {201, 415, 422}, answer.text
    if name != "word/numbering.xml":
        assert answer.status_code != 201
        assert (await client.get("/v1/contracts")).json()["items"] == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)),
    st.sampled_from(["text/plain", "text/markdown", DOCX]),
)
async def test_no_body_is_an_error_of_ours(bring, content, media_type):
    answer = await bring(content, media_type)
    assert answer.status_code in {201, 409, 415, 422}, answer.text


@given(st.integers(1, 9999))
def test_chinese_numbers_read_back(number):
    assert counting.read(counting.chinese(number)) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("十", 10), ("十二", 12), ("二十", 20), ("一百零三", 103), ("二〇", 20),
     ("拾贰", 12), ("⑫", 12), ("007", 7), ("甲", None), ("", None)],
)  # fmt: skip
def test_numerals_are_read(text, number):
    assert counting.read(text) == number


@pytest.mark.parametrize(
    ("form", "shown"),
    [("lowerRoman", "xiv"), ("upperLetter", "N"), ("decimalZero", "14"), ("chineseCounting", "十四"), ("odd", "14"),
     ("decimalEnclosedCircle", "⑭"), ("chineseLegalSimplified", "拾肆"), ("decimalFullWidth", "１４")],
)  # fmt: skip
def test_numbers_are_shown_in_words_forms(form, shown):
    assert counting.shown(14, form) == shown
