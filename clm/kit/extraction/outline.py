"""The paragraphs of a DOCX, each with what its heading style and its automatic number say."""

import io
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from clm.kit.extraction.numbering import Numbering
from clm.kit.extraction.wordprocessing import name_of, words_of

BESIDE, PLAIN = "ClmBeside", "ClmText"
"""Paragraph styles of the documents that this service makes: what stands beside the sections, and their text."""
_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CONTENT = frozenset(("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"))


class Paragraph(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of a document: `level` of its heading style, 0 for none, and how it was meant where a style says so.

    `how`: "" for any paragraph, "text" for one that is no heading whatever it looks like, "beside" for one that
    belongs to no contract text, "contents" for a line of a table of contents.
    """

    text: str
    level: int = 0
    how: str = ""


def of_docx(content: bytes) -> Iterator[str]:
    """Every paragraph of the body as a line of JSON; rows of tables are paragraphs with tabs."""
    from docx import Document  # noqa: PLC0415 - only the reading process has any use for it

    document = Document(io.BytesIO(content))
    styles = {style.style_id: style for style in document.styles}
    numbering = Numbering.of(document)
    for paragraph in _paragraphs(document.element.body):
        for one in _read(paragraph, styles, numbering):
            yield msgspec.json.encode(one).decode() + "\n"


def _paragraphs(element: Any) -> Iterator[Any]:
    """Paragraphs and rows of tables in order, within content controls too."""
    for child in element:
        name = name_of(child)
        if name in {"p", "tr"}:
            yield child
        elif name == "tbl" or name in _CONTENT:
            yield from _paragraphs(child)


def _read(element: Any, styles: dict[str, Any], numbering: Numbering) -> Iterator[Paragraph]:
    if name_of(element) == "tr":
        text = words_of(element).strip("\n")
        beside = all(style == BESIDE for style in _styles_in(element))
        if text.strip():
            yield Paragraph(text, how="beside" if beside else "text")
        return
    style_id = _value(element, "pPr/pStyle") or ""
    label = numbering.label(element, style_id)
    lines = [line for line in words_of(element).split("\n") if line.strip()]
    level, how = _meant(style_id, styles)
    for no, line in enumerate(lines):
        yield Paragraph((label if no == 0 else "") + line, level if no == 0 else 0, how)


def _styles_in(element: Any) -> list[str]:
    return [_value(p, "pPr/pStyle") or "" for p in element.iter(f"{_W}p")] or [""]


def _meant(style_id: str, styles: dict[str, Any]) -> tuple[int, str]:
    """The level of a heading style, also of one based on such, and the meaning of our own styles."""
    if style_id in {BESIDE, PLAIN}:
        return 0, "beside" if style_id == BESIDE else "text"
    style, seen = styles.get(style_id), set[str]()
    if style is not None and re.match(r"toc\s*\d", style.name or "", re.IGNORECASE):
        return 0, "contents"
    while style is not None and style.style_id not in seen:
        seen.add(style.style_id)
        match = _HEADING.match((style.name or "").strip())
        if match:
            return int(match.group(1)), ""
        style = getattr(style, "base_style", None)
    return 0, ""


def _value(element: Any, path: str) -> str | None:
    found = element.find("/".join(_W + step for step in path.split("/")))
    return None if found is None else found.get(f"{_W}val")
