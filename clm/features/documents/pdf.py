"""A contract as PDF with the glyphs it uses embedded; the same contract gives the same bytes."""

import datetime as dt
import re
from collections.abc import Iterator

import pylopdf_fonts_zh_cn as fonts
from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, WrapMode, XPos, YPos
from fpdf.fonts import FontFace, TTFFont

from clm.features.documents.content import Block, Paper
from clm.features.documents.pdf_text import ByGlyph, Output

_FACE = "serif"
_RULE, _GREY, _RED, _FILL = (150, 150, 150), (110, 110, 110), (176, 32, 32), (240, 240, 240)
_SIZES = {1: 14.0, 2: 12.0, 3: 11.0}
_BODY = 10.5
_INDENT = 4.0
_PADDING = 1.2
_ROW_LINES = 30
_PIECES = re.compile(r"[A-Za-z0-9@.,:/%+_-]+|.", re.DOTALL)
_NEVER_FIRST = frozenset("，。、；：？！）》〉」』】”’％,.;:?!)]}%")


class _Pages(FPDF):
    """A4 pages with the mark of a draft across each and its number below."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(format="A4")
        self._paper = paper
        self._widths: dict[tuple[float, str], float] = {}
        self.set_margins(25, 22, 25)
        self.set_auto_page_break(auto=True, margin=22)
        self.add_font(_FACE, "", fonts.serif_path())
        face = self.fonts[_FACE]
        if isinstance(face, TTFFont):
            face.subset = ByGlyph(face)
        self.set_title(paper.title)
        self.set_subject(paper.number)
        self.set_lang(paper.language)
        self.set_producer("clm")
        self.set_creation_date(paper.at.astimezone(dt.UTC).replace(microsecond=0))
        self.add_page()

    def width_of(self, piece: str) -> float:
        """How wide a word or character is in the size that is set; a contract has few different ones."""
        key = (self.font_size_pt, piece)
        if key not in self._widths:
            self._widths[key] = self.get_string_width(piece)
        return self._widths[key]

    def header(self) -> None:
        """Across the page and at its top: that this is a draft."""
        if self._paper.mark is None:
            return
        self.set_font(_FACE, size=48)
        self.set_text_color(245, 225, 225)
        width = self.get_string_width(self._paper.mark)
        with self.rotation(45, self.w / 2, self.h / 2):
            self.text(self.w / 2 - width / 2, self.h / 2, self._paper.mark)
        self.set_font(_FACE, size=9)
        self.set_text_color(*_RED)
        self.set_xy(self.l_margin, 10)
        self.cell(self.epw, 6, self._paper.mark, align=Align.R)
        self.set_text_color(0, 0, 0)
        self.set_xy(self.l_margin, self.t_margin)

    def footer(self) -> None:
        """The contract's number, and the page's."""
        self.set_y(-15)
        self.set_font(_FACE, size=8)
        self.set_text_color(*_GREY)
        self.cell(self.epw / 2, 6, self._paper.number[:60], align=Align.L)
        self.cell(self.epw / 2, 6, f"{self.page_no()} / {{nb}}", align=Align.R)
        self.set_text_color(0, 0, 0)


def rendered(paper: Paper) -> bytes:
    """The file."""
    pages = _Pages(paper)
    for block in paper.blocks:
        _write(pages, block)
    return bytes(pages.output(output_producer_class=Output))


def _write(pages: _Pages, block: Block) -> None:
    if block.kind == "table":
        _table(pages, block)
    elif block.kind == "title":
        _text(pages, block.text, 20, align=Align.C, after=3)
    elif block.kind == "note":
        pages.set_text_color(*_GREY)
        _text(pages, block.text, 8.5, align=Align.C, after=5)
        pages.set_text_color(0, 0, 0)
    elif block.kind == "part":
        _headed(pages, block.text, 13, before=6)
    elif block.kind == "heading":
        _headed(pages, block.text, _SIZES.get(block.level, _BODY), before=5 if block.level == 1 else 2.5)
    else:
        _text(pages, block.text, _BODY, after=1, indent=_INDENT if block.kind == "text" else 0)


def _headed(pages: _Pages, text: str, size: float, *, before: float) -> None:
    """A heading keeps two lines of what follows on its page; the font has one weight, so a stroke makes it bold."""
    if pages.will_page_break(before + 3 * size * 0.6):
        pages.add_page()
    pages.ln(before)
    with pages.local_context(text_mode="FILL_STROKE", line_width=0.15):
        _text(pages, text, size, after=1.5)


def _text(pages: _Pages, text: str, size: float, *, after: float, align: Align = Align.L, indent: float = 0) -> None:
    pages.set_font(_FACE, size=size)
    width = pages.epw - indent
    for line in _lines(pages, text.expandtabs(4), width - 2 * pages.c_margin):
        pages.set_x(pages.l_margin + indent)
        pages.cell(width, size * 0.6, line, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pages.ln(after)


def _lines(pages: _Pages, text: str, width: float) -> list[str]:
    """Lines that fit: none begins with what closes a clause, and Latin words and numbers stay whole where they can."""
    lines, line, used = [], "", 0.0
    for piece in _pieces(pages, text, width):
        wide = pages.width_of(piece)
        if line and used + wide > width:
            kept, line = _parted(line) if piece in _NEVER_FIRST else (line, "")
            lines.append(kept)
            used = pages.width_of(line) if line else 0.0
        line += piece
        used += wide
    return [*lines, line]


def _pieces(pages: _Pages, text: str, width: float) -> Iterator[str]:
    for piece in _PIECES.findall(text):
        if len(piece) > 1 and pages.width_of(piece) > width:
            yield from piece
        else:
            yield piece


def _parted(line: str) -> tuple[str, str]:
    """A line and the end of it that goes down with the mark that follows."""
    last = _PIECES.findall(line)[-1]
    return (line[: -len(last)], last) if len(last) < len(line) else (line, "")


def _fitting(pages: _Pages, block: Block, row: list[str]) -> Iterator[list[str]]:
    """A row of a table, as several where it is higher than a page."""
    whole = sum(block.widths)
    widths = [pages.epw * width / whole - 2 * (_PADDING + pages.c_margin) for width in block.widths]
    cells = [
        [line for text in cell.split("\n") for line in _lines(pages, text, width)]
        for cell, width in zip(row, widths, strict=True)
    ]
    most = max(map(len, cells))
    if most <= _ROW_LINES:
        yield row
        return
    for start in range(0, most, _ROW_LINES):
        yield ["\n".join(lines[start : start + _ROW_LINES]) for lines in cells]


def _table(pages: _Pages, block: Block) -> None:
    pages.set_font(_FACE, size=8.5)
    pages.set_draw_color(*_RULE)
    heads = FontFace(fill_color=_FILL, emphasis="")
    with pages.table(
        col_widths=block.widths,
        borders_layout=TableBordersLayout.ALL,
        headings_style=heads,
        line_height=5,
        padding=(0.8, _PADDING),
        text_align=Align.L,
        wrapmode=WrapMode.CHAR,
    ) as table:
        for row in block.rows:
            for part in _fitting(pages, block, row):
                table.row(part)
    pages.set_draw_color(0, 0, 0)
    pages.ln(2)
