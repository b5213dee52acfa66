"""Automatic numbers of a DOCX: Word stores how to count, never the number that it shows."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from clm.kit.extraction import counting

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PLACE = re.compile(r"%([1-9])")
_LEVELS = 9
_FAR = 1_000_000


class Level(NamedTuple):
    """How one level of a list counts and what it shows; `legal`: every number in plain digits."""

    start: int
    form: str
    text: str
    style: str | None
    gap: str
    legal: bool


class Numbering:
    """The lists of a document, counted paragraph by paragraph in order."""

    def __init__(self, lists: Mapping[str, tuple[str, dict[int, Level]]], styles: Mapping[str, Any]) -> None:
        self._lists = lists
        self._styles = styles
        self._counts: dict[str, list[int | None]] = {}

    @classmethod
    def of(cls, document: Any) -> "Numbering":
        """From a document; one without lists numbers nothing."""
        styles = {style.style_id: style.element for style in document.styles}
        part = next(
            (r.target_part for r in document.part.rels.values() if r.reltype.endswith("/numbering")),
            None,
        )
        return cls({} if part is None else _lists(part.element), styles)

    def label(self, paragraph: Any, style_id: str) -> str:
        """The number that is shown before a paragraph, with what parts it from the text; empty where there is none."""
        found = self._place(paragraph, style_id)
        if found is None:
            return ""
        abstract, levels, at = found
        counts = self._counts.setdefault(abstract, [None] * _LEVELS)
        before = counts[at]
        counts[at] = levels[at].start if before is None else before + 1
        counts[at + 1 :] = [None] * (_LEVELS - at - 1)
        return _shown(levels, counts, at)

    def _place(self, paragraph: Any, style_id: str) -> tuple[str, dict[int, Level], int] | None:
        number, level = _number_of(paragraph)
        seen = set[str]()
        while number is None and style_id in self._styles and style_id not in seen:
            seen.add(style_id)
            number, by_style = _number_of(self._styles[style_id])
            level = by_style if level is None else level
            if number is not None:
                level = self._level_of_style(number, style_id) if level is None else level
            style_id = _value(self._styles[style_id], "basedOn") or ""
        if number is None or number not in self._lists:
            return None
        abstract, levels = self._lists[number]
        return (abstract, levels, level or 0) if (level or 0) in levels else None

    def _level_of_style(self, number: str, style_id: str) -> int | None:
        levels = self._lists.get(number, ("", {}))[1]
        return next((no for no, level in levels.items() if level.style == style_id), None)


def _shown(levels: Mapping[int, Level], counts: list[int | None], at: int) -> str:
    if levels[at].form in {"bullet", "none"}:
        return ""

    def put(match: re.Match[str]) -> str:
        no = int(match.group(1)) - 1
        level = levels.get(no)
        count = counts[no] if counts[no] is not None else level.start if level else 1
        return counting.shown(count or 0, level.form if level and not levels[at].legal else "decimal")

    return _PLACE.sub(put, levels[at].text) + levels[at].gap


def _lists(element: Any) -> dict[str, tuple[str, dict[int, Level]]]:
    abstract = {one.get(f"{_W}abstractNumId"): _levels(one) for one in element.findall(f"{_W}abstractNum")}
    found = {}
    for number in element.findall(f"{_W}num"):
        of = _value(number, "abstractNumId") or ""
        changed = {_int(one.get(f"{_W}ilvl")): one for one in number.findall(f"{_W}lvlOverride")}
        levels = dict(abstract.get(of, {}))
        for no, one in changed.items():
            start = _value(one, "startOverride")
            if no in levels and start is not None:
                levels[no] = levels[no]._replace(start=_int(start))
            levels.update(_levels(one))
        key = number.get(f"{_W}numId")
        found[key] = (f"{of}/{key}" if changed else of, levels)
    return found


def _levels(element: Any) -> dict[int, Level]:
    found = {}
    for one in element.findall(f"{_W}lvl"):
        at = _int(one.get(f"{_W}ilvl"))
        if at < _LEVELS:
            gap = "" if _value(one, "suff") == "nothing" else " "
            found[at] = Level(
                start=_int(_value(one, "start") or "1"),
                form=_value(one, "numFmt") or "decimal",
                text=_value(one, "lvlText") or "",
                style=_value(one, "pStyle"),
                gap=gap,
                legal=one.find(f"{_W}isLgl") is not None,
            )
    return found


def _number_of(element: Any) -> tuple[str | None, int | None]:
    number, level = _value(element, "pPr/numPr/numId"), _value(element, "pPr/numPr/ilvl")
    return number, None if level is None else _int(level)


def _int(text: str | None) -> int:
    """A count as it is written; one that no list has counts as none."""
    return min(int(text), _FAR) if text is not None and text.isascii() and text.isdigit() else 0


def _value(element: Any, path: str) -> str | None:
    found = element.find("/".join(_W + step for step in path.split("/")))
    value = None if found is None else found.get(f"{_W}val")
    return None if value is None else str(value)
