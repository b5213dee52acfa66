"""The lines of a document before anything is made of them: a table of contents taken out, a signature block cut off."""

import re
from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from clm.features.documents.labels import Label, is_title, label_of
from clm.kit.extraction.outline import Paragraph

_MARKDOWN = re.compile(r" {0,3}(#{1,6})[ \t]+(?=\S)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_CONTENTS = re.compile(r"(本?合同|本?协议)?\s*(目\s*录|contents|table of contents)\s*(一览)?\s*[:：]?$", re.IGNORECASE)
_LEADER = re.compile(r"\t|[.…·]{2}|\s{2}")
_LEADING = " \t\u3000.…·"
_PAGE_DIGITS = 4
_CLOSING = re.compile(
    r"[（(]?(?:以下|本页)(?:为签[署章]页?|无正文)|签\s*[署章]\s*页|[（(]?(?:此页|本页)"
    r"|(?:甲|乙|丙)\s*方\s*(?:[（(]\s*)?(?:盖章|签章|签字|公章|签名|签署)[^，。；,;]*$|in witness whereof",
    re.IGNORECASE,
)
_ENTRIES_AT_LEAST = 3
_LOOKED_AT = 500
"""Lines longer than this are no entry of a table of contents, and keep their marks of emphasis."""


class Line(msgspec.Struct, frozen=True):
    """A line with what its style says of it, and the number it begins with unless it is text whatever it looks like."""

    text: str
    position: int
    level: int
    label: Label | None
    plain: bool = False
    contents: bool = False

    @property
    def title(self) -> bool:
        """Whether it reads as a heading: by its style, or as a number with a few words."""
        return self.level > 0 or (self.label is not None and not self.label.enclosed and is_title(self.label.rest))

    @property
    def key(self) -> tuple[str, tuple[int, ...]] | None:
        """What tells its number from others, whatever style the line has."""
        return None if self.label is None else (self.label.style, self.label.parts)


class Taken(msgspec.Struct, frozen=True):
    """What is left as body and closing, the lines that a table of contents took, and the headings only it has."""

    body: list[Line]
    closing: list[Line]
    contents: list[Line]
    only_there: list[Line]


def lines_of(paragraphs: Sequence[Paragraph]) -> list[Line]:
    """The lines that belong to the contract's text."""
    found: list[Line] = []
    for position, one in enumerate(paragraphs, start=1):
        text = one.text.strip()
        if text and one.how != "beside":
            plain = one.how == "text"
            label = None if plain else label_of(text)
            found.append(Line(text, position, one.level, label, plain, one.how == "contents"))
    return found


def of_text(text: str, *, markdown: bool) -> list[Paragraph]:
    """The paragraphs of a plain text or of Markdown; emphasis marks of the latter go."""
    lines = [line for line in text.splitlines() if line.strip()]
    return list(_marked(lines)) if markdown else [Paragraph(line) for line in lines]


def taken(lines: list[Line]) -> Taken:
    """The body without its table of contents, then what is signed below; see the module."""
    contents, rest = _contents(lines)
    body, closing = _closed(rest)
    known = {line.key for line in body if line.key is not None}
    entries = [replace(line, text=_unpaged(line.text)) for line in contents if line.label is not None]
    entries = [replace(line, label=label_of(line.text)) for line in entries]
    missing = [line for line in entries if line.key not in known]
    return Taken(_completed(body, entries, {id(line) for line in missing}), closing, contents, missing)


def _marked(lines: list[str]) -> Iterator[Paragraph]:
    """The lines of a Markdown text; what stands in a fenced block is text, whatever it looks like."""
    fence = None
    for line in lines:
        mark = _FENCE.match(line)
        if mark is not None and (fence is None or mark.group(1).startswith(fence)):
            fence = mark.group(1) if fence is None else None
        else:
            yield _markdown(line) if fence is None else Paragraph(line, how="text")


def _markdown(line: str) -> Paragraph:
    match = _MARKDOWN.match(line)
    text = line[match.end() :].rstrip() if match else line
    bare = text.rstrip("#")
    if match and bare != text and bare.endswith((" ", "\t")):
        text = bare.rstrip()
    if len(text) <= _LOOKED_AT:
        text = _EMPHASIS.sub(r"\2", text)
    return Paragraph(text, len(match.group(1)) if match else 0)


def _is_contents(line: Line) -> bool:
    return len(line.text) <= _LOOKED_AT and _CONTENTS.match(line.text) is not None


def _unpaged(text: str) -> str:
    """An entry of a table of contents without the page."""
    if len(text) > _LOOKED_AT:
        return text
    before = text.rstrip("0123456789")
    name = before.rstrip(_LEADING)
    leader = _LEADER.search(before, len(name))
    is_entry = leader is not None and 0 < len(text) - len(before) <= _PAGE_DIGITS
    return before[: leader.start()] if leader is not None and is_entry else text


def _contents(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """The table of contents and the rest: headings without any text whose first number stands once more below."""
    if any(line.contents for line in lines):
        styled = {line.position for line in lines if line.contents or _is_contents(line)}
        return [x for x in lines if x.position in styled], [x for x in lines if x.position not in styled]
    start = next((no for no, line in enumerate(lines) if line.title and line.label), len(lines))
    end = start
    while end < len(lines) and _is_entry(lines[end]) and (end == start or lines[end].key != lines[start].key):
        end += 1
    again = any(line.key == lines[start].key for line in lines[end:]) if start < len(lines) else False
    if end - start < _ENTRIES_AT_LEAST or not again:
        return [], lines
    first = start - 1 if start and _is_contents(lines[start - 1]) else start
    return lines[first:end], lines[:first] + lines[end:]


def _is_entry(line: Line) -> bool:
    label = None if line.plain else label_of(_unpaged(line.text))
    return label is not None and not label.enclosed and is_title(label.rest)


def _closed(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    at = len(lines)
    for no in range(len(lines) - 1, -1, -1):
        if lines[no].title:
            break
        at = no if _CLOSING.match(lines[no].text) else at
    return lines[:at], lines[at:]


def _completed(body: list[Line], entries: list[Line], missing: set[int]) -> list[Line]:
    """The body with headings put in that only the contents have, each before the next one that the body has."""
    found = list(body)
    at = len(found)
    for entry in reversed(entries):
        if id(entry) in missing:
            found.insert(at, entry)
            continue
        at = next((no for no in range(min(at, len(found)) - 1, -1, -1) if found[no].key == entry.key), at)
        if at == len(body) - 1 and _is_cut(found[at], entry):
            found[at] = replace(found[at], text=entry.text, label=entry.label)
    return found


def _is_cut(line: Line, entry: Line) -> bool:
    """Whether a text breaks off within a heading that the contents have whole."""
    return line.text != entry.text and bool(line.label and entry.label and entry.label.rest.startswith(line.label.rest))
