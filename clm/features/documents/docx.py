"""A contract as DOCX, with Word's own heading styles; the same contract gives the same bytes."""

import io
import zipfile
from typing import Any

from docx import Document
from docx.document import Document as Docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from clm.features.documents.content import Block, Paper
from clm.kit.extraction.outline import BESIDE, PLAIN

FACE, FACE_LATIN = "宋体", "Times New Roman"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_SIZES = {1: 14, 2: 12, 3: 11}
_DEEPEST = 9


def rendered(paper: Paper) -> bytes:
    """The file."""
    document = Document()
    _properties(document, paper)
    _styles(document)
    if paper.mark:
        header = document.sections[0].header.paragraphs[0]
        header.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        header.add_run(paper.mark).font.color.rgb = RGBColor(0xB0, 0x20, 0x20)
    for block in paper.blocks:
        _write(document, block)
    out = io.BytesIO()
    document.save(out)
    return _undated(out.getvalue())


def _properties(document: Docx, paper: Paper) -> None:
    properties = document.core_properties
    properties.title, properties.subject = paper.title[:255], paper.number[:255]
    properties.author, properties.comments = "", ""
    properties.language = paper.language
    properties.created = properties.modified = paper.at.replace(tzinfo=None, microsecond=0)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)


def _styles(document: Docx) -> None:
    styles = document.styles
    for name in (PLAIN, BESIDE):
        style: Any = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        style.paragraph_format.space_after = Pt(4 if name == PLAIN else 2)
    for level in range(1, _DEEPEST + 1):
        style = styles[f"Heading {level}"]
        style.font.size = Pt(_SIZES.get(level, 10.5))
        style.font.italic = False
        style.font.color.rgb = RGBColor(0, 0, 0)
    for name in ("Normal", *(f"Heading {level}" for level in range(1, _DEEPEST + 1))):
        style = styles[name]
        style.font.name = FACE_LATIN
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in list(fonts.attrib):
            if attribute.endswith("Theme"):
                del fonts.attrib[attribute]
        fonts.set(qn("w:eastAsia"), FACE)


def _write(document: Docx, block: Block) -> None:
    if block.kind == "table":
        _table(document, block)
    elif block.kind == "heading":
        document.add_paragraph(block.text, style=f"Heading {min(block.level, _DEEPEST)}")
    elif block.kind == "text":
        document.add_paragraph(block.text, style=PLAIN)
    elif block.kind == "aside":
        document.add_paragraph(block.text, style="Normal")
    else:
        _beside(document, block)


def _beside(document: Docx, block: Block) -> None:
    paragraph = document.add_paragraph(style=BESIDE)
    run = paragraph.add_run(block.text)
    if block.kind == "title":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run.font.size, run.bold = Pt(20), True
    elif block.kind == "note":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run.font.size = Pt(9)
    else:
        paragraph.paragraph_format.space_before = Pt(14)
        run.font.size, run.bold = Pt(14), True


def _table(document: Docx, block: Block) -> None:
    table = document.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
    table.autofit = False
    for no, row in enumerate(block.rows):
        for cell, text, width in zip(table.add_row().cells, row, block.widths, strict=True):
            cell.width = Cm(15.8 * width / 100)
            paragraph = cell.paragraphs[0]
            paragraph.style = document.styles[BESIDE]
            run = paragraph.add_run(text)
            run.font.size, run.bold = Pt(9), no == 0


def _undated(content: bytes) -> bytes:
    """The same archive without the time at which it was packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as plain:
        for entry in packed.infolist():
            info = zipfile.ZipInfo(entry.filename, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            plain.writestr(info, packed.read(entry))
    return out.getvalue()
