"""The numbers that Chinese and English contracts put before their headings."""

import re
from typing import NamedTuple

from clm.kit.extraction import counting

_FOLDED = str.maketrans("０１２３４５６７８９（）．：　", "0123456789().: ")
_ZH = f"[{counting.CHINESE}]{{1,9}}"
_GAP = r"[ \t]*"
_ARTICLE = re.compile(rf"第{_GAP}({_ZH}|\d{{1,4}}){_GAP}(编|篇|部分|章|节|条)(?P<gap>[ \t:、.]*)")
_WORD = re.compile(
    r"(article|section|clause|chapter|part)[ \t]+(\d{1,3}(?:\.\d{1,3}){0,5}|[ivxlc]{1,7})(?!\w|\.\d)"
    r"(?P<gap>[ \t]*[.:\-–—]?[ \t]*)",
    re.IGNORECASE,
)
_ROMAN = re.compile(rf"([IVXLC]{{1,7}}|[{counting.ROMAN_SIGNS}])[ \t]*([.、])(?![A-Za-z]\.)[ \t]*")
_MULTI = re.compile(r"(\d{1,3}(?:\.\d{1,3}){1,5})\.?(?![\d%‰.])(?P<gap>[ \t、]*)")
_SINGLE = re.compile(r"(\d{1,3})[ \t]*([.、])(?!\d)[ \t]*")
_BARE = re.compile(r"(\d{1,2})[ \t]+")
_NUMERAL = re.compile(rf"({_ZH})[ \t]*[、.][ \t]*")
_ENCLOSED = (
    ("(一)", re.compile(rf"\([ \t]*({_ZH})[ \t]*\)[ \t、.]*")),
    ("(1)", re.compile(r"\([ \t]*(\d{1,3})[ \t]*\)[ \t、.]*")),
    ("1)", re.compile(r"(\d{1,3})[ \t]*\)[ \t、.]*")),
    ("①", re.compile(rf"([{counting.CIRCLED}])[ \t、.]*")),
)
_SENTENCE = re.compile(
    r"(of|and|or|to|shall|above|below|hereof|is|are|in|applies|apply|does|may|will)\b", re.IGNORECASE
)
_REFERS = re.compile(r"[和及至或与的]|所[^有]|规定的?|约定的|第")
_UNITS = re.compile(r"[万亿元个天日年月倍米吨人次分份%％‰℃度公小时级版折克kKmM]")
_PAUSES = re.compile(r"[。；;！？!?，]|,(?! )")
TITLE_AT_MOST = 60

Parts = tuple[int, ...]


class Label(NamedTuple):
    """A number before a line: its style, its ordinals, how it is written, and the rest of the line.

    `sure`: this style counts sections whatever follows. `doubtful`: it may be a quantity, so it must fit its place.
    """

    style: str
    parts: Parts
    written: str
    rest: str
    sure: bool = False
    doubtful: bool = False
    enclosed: bool = False


def label_of(line: str) -> Label | None:
    """The number that a line begins with; None where it begins with none."""
    line = line.strip()
    folded = line.translate(_FOLDED)
    return _article(line, folded) or _worded(line, folded) or _decimal(line, folded) or _numeral(line, folded)


def is_title(text: str) -> bool:
    """Whether words read as a heading rather than as a sentence."""
    text = text.strip()
    return bool(text) and len(text) <= TITLE_AT_MOST and not _PAUSES.search(text) and text[-1] not in ".:：、"


def _article(line: str, folded: str) -> Label | None:
    match = _ARTICLE.match(folded)
    number = counting.read(match.group(1)) if match else None
    if match is None or number is None:
        return None
    rest = line[match.end() :]
    if rest and not match.group("gap") and (_REFERS.match(rest) or not is_title(rest)):
        return None
    return Label(match.group(2), (number,), _written(line, match.end(2)), rest, sure=True)


def _worded(line: str, folded: str) -> Label | None:
    """Article 1, Section 2.1, Part II."""
    match = _WORD.match(folded)
    if match is None:
        return None
    rest = line[match.end() :]
    if rest and (not match.group("gap") or _SENTENCE.match(rest) or not is_title(rest)):
        return None
    written = _written(line, match.end(2))
    if "." in match.group(2):
        parts = tuple(int(part) for part in match.group(2).split("."))
        return Label(f"1.{len(parts)}", parts, written, rest, sure=True)
    number = int(match.group(2)) if match.group(2).isdecimal() else counting.of_roman(match.group(2))
    return None if number is None else Label(match.group(1).lower(), (number,), written, rest, sure=True)


def _decimal(line: str, folded: str) -> Label | None:
    match = _MULTI.match(folded)
    if match:
        parts = tuple(int(part) for part in match.group(1).split("."))
        rest = line[match.end() :]
        doubtful = not match.group("gap") and (not rest or _UNITS.match(rest) is not None)
        return Label(f"1.{len(parts)}", parts, _written(line, match.end(1)), rest, sure=True, doubtful=doubtful)
    match = _SINGLE.match(folded)
    if match:
        style = "1.1" if match.group(2) == "." else "1、"
        return Label(style, (int(match.group(1)),), _written(line, match.end(2)), line[match.end() :])
    match = _BARE.match(folded)
    if match:
        rest = line[match.end() :]
        return Label("1 ", (int(match.group(1)),), _written(line, match.end(1)), rest, doubtful=True)
    return None


def _numeral(line: str, folded: str) -> Label | None:
    match = _NUMERAL.match(folded)
    number = counting.read(match.group(1)) if match else None
    if match is not None and number is not None:
        return Label("一、", (number,), _written(line, match.end()), line[match.end() :])
    match = _ROMAN.match(folded)
    number = counting.of_roman(match.group(1)) if match else None
    if match is not None and number is not None and is_title(line[match.end() :]):
        return Label("I.", (number,), _written(line, match.end(2)), line[match.end() :], doubtful=True)
    for style, pattern in _ENCLOSED:
        match = pattern.match(folded)
        number = counting.read(match.group(1)) if match else None
        if match is not None and number is not None:
            end = match.end() if style == "①" else folded.index(")") + 1
            return Label(style, (number,), _written(line, end), line[match.end() :], enclosed=True)
    return None


def _written(line: str, end: int) -> str:
    return line[:end].strip()
