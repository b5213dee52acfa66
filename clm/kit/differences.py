"""Two texts compared: paragraph by paragraph, and within a changed one character by character or word by word."""

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from math import isqrt
from typing import Literal

import msgspec

PARAGRAPHS_AT_MOST = 5_000
CHARACTERS_AT_MOST = 400_000
_EDITS_AT_MOST = 400
_STEPS_AT_MOST = 4_000_000
_ALL_PAIRS = 20_000
_RARE = 16
_KEPT_AT_LEAST = 4
_PIECE = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)

Operation = Literal["insert", "delete", "replace"]
Part = Literal["same", "inserted", "deleted"]
_Run = tuple[Part, str]
_WHOLE: tuple[Part, Part] = ("deleted", "inserted")


class TooLarge(ValueError):
    """The texts are too long to be compared in the time that a request has."""


class Piece(msgspec.Struct, frozen=True):
    """A run of characters of a changed paragraph: in both, only in the later, or only in the earlier text."""

    part: Part
    text: str


class Change(msgspec.Struct, frozen=True):
    """A paragraph that was inserted, deleted or replaced; its number, from 1, in the earlier and in the later text.

    The number is null on the side that has no such paragraph. `pieces` in their order make up both.
    """

    op: Operation
    before: int | None
    after: int | None
    pieces: list[Piece]


def changes(before: str, after: str) -> list[Change]:
    """What makes the later text of the earlier one; none where they are the same. Raises TooLarge."""
    return [change for change in _aligned(before, after) if isinstance(change, Change)]


def as_html(before: str, after: str) -> str:
    """Both as one text in HTML: a paragraph each, with `<ins>` and `<del>`, everything escaped. Raises TooLarge."""
    lines = []
    for one in _aligned(before, after):
        if isinstance(one, str):
            lines.append(f"<p>{html.escape(one)}</p>")
        else:
            lines.append(f"<p>{''.join(_marked(piece) for piece in one.pieces)}</p>")
    return "\n".join(lines)


def page(title: str, body: str) -> str:
    """A page of its own that shows a comparison; it loads and runs nothing."""
    style = (
        "body{font:16px/1.7 sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
        "ins{background:#d9f2df;text-decoration:none}del{background:#f9dcdc;color:#7a1f1f}"
        "h2{font-size:1.05rem;margin:1.6rem 0 .4rem}p{margin:.3rem 0;white-space:pre-wrap}"
    )
    return (
        f'<!doctype html>\n<html><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{style}</style></head>\n<body><h1>{html.escape(title)}</h1>\n{body}\n</body></html>\n"
    )


def _aligned(before: str, after: str) -> Iterator[str | Change]:
    old, new = before.split("\n"), after.split("\n")
    if len(old) + len(new) > PARAGRAPHS_AT_MOST or len(before) + len(after) > CHARACTERS_AT_MOST:
        text = f"Texts of {PARAGRAPHS_AT_MOST} paragraphs and {CHARACTERS_AT_MOST} characters together are compared."
        raise TooLarge(text)
    steps = _STEPS_AT_MOST
    for operation, i, i_end, j, j_end in _paragraphs(old, new):
        if operation == "equal":
            yield from old[i:i_end]
            continue
        paired = min(i_end - i, j_end - j)
        for offset in range(paired):
            earlier, later = old[i + offset], new[j + offset]
            if earlier == later:
                yield earlier
                continue
            pieces, taken = _pieces(earlier, later, steps)
            steps = max(0, steps - taken)
            yield Change("replace", i + offset + 1, j + offset + 1, pieces)
        for number in range(i + paired, i_end):
            yield Change("delete", number + 1, None, [Piece("deleted", old[number])])
        for number in range(j + paired, j_end):
            yield Change("insert", None, number + 1, [Piece("inserted", new[number])])


def _paragraphs(old: list[str], new: list[str]) -> Sequence[tuple[str, int, int, int, int]]:
    """Where paragraphs are the same. In long texts those that occur often, as empty ones do, only follow the others.

    Each pair of equal paragraphs costs time over and over, so that 1,250 empty ones on either side take a minute.
    """
    often, other = Counter(old), Counter(new)
    many = sum(times * other[one] for one, times in often.items()) > _ALL_PAIRS
    matcher = SequenceMatcher(lambda one: many and often[one] * other[one] > _RARE, old, new, autojunk=False)
    return matcher.get_opcodes()


def _pieces(before: str, after: str, steps: int) -> tuple[list[Piece], int]:
    """The runs of a changed paragraph and the steps that took; whole where they differ too much."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    script, taken = _edits(old, new, min(steps, _EDITS_AT_MOST * _EDITS_AT_MOST // 2))
    stays = sum(len(text) for part, text in script or [] if part == "same")
    if script is None or stays * _KEPT_AT_LEAST < max(len(before), len(after)):
        return [Piece(part, text) for part, text in zip(_WHOLE, (before, after), strict=True) if text], taken
    runs = groupby(script, key=lambda one: one[0])
    return [Piece(part, "".join(text for _, text in run)) for part, run in runs], taken


def _edits(old: Sequence[str], new: Sequence[str], steps: int) -> tuple[list[_Run] | None, int]:
    """The shortest way from one to the other (Myers' greedy algorithm); None where it takes more steps than that."""
    start = _common(old, new)
    stop = _common(old[start:][::-1], new[start:][::-1])
    a, b = old[start : len(old) - stop], new[start : len(new) - stop]
    reached, trace, taken = {1: 0}, list[dict[int, int]](), 0
    for edits in range(isqrt(2 * steps)):
        trace.append(dict(reached))
        taken += edits + 1
        for k in range(-edits, edits + 1, 2):
            x = reached[k + 1] if _is_down(reached, edits, k) else reached[k - 1] + 1
            while x < len(a) and 0 <= x - k < len(b) and a[x] == b[x - k]:
                x += 1
            reached[k] = x
            if x >= len(a) and x - k >= len(b):
                whole: list[_Run] = [("same", one) for one in old[:start]]
                whole += _sorted(_back(a, b, trace))
                return [*whole, *(("same", one) for one in old[len(old) - stop :])], taken
    return None, taken


def _is_down(reached: dict[int, int], edits: int, k: int) -> bool:
    return k == -edits or (k != edits and reached[k - 1] < reached[k + 1])


def _back(a: Sequence[str], b: Sequence[str], trace: list[dict[int, int]]) -> list[_Run]:
    """The way that was found, from its end to its beginning and turned round."""
    way: list[_Run] = []
    x, y = len(a), len(b)
    for edits in range(len(trace) - 1, -1, -1):
        reached, k = trace[edits], x - y
        before = k + 1 if _is_down(reached, edits, k) else k - 1
        old_x = reached[before]
        old_y = old_x - before
        while x > old_x and y > old_y and x > 0 and y > 0:
            x, y = x - 1, y - 1
            way.append(("same", a[x]))
        if edits > 0:
            way.append(("inserted", b[old_y]) if x == old_x else ("deleted", a[old_x]))
            x, y = old_x, old_y
    return way[::-1]


def _sorted(way: list[_Run]) -> Iterator[_Run]:
    """Between what stays, what was deleted comes before what was inserted."""
    for stays, run in groupby(way, key=lambda one: one[0] == "same"):
        ordered = list(run)
        yield from ordered if stays else sorted(ordered, key=lambda one: one[0])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many pieces both have in common at the beginning."""
    alike = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        alike += 1
    return alike


def _marked(piece: Piece) -> str:
    text = html.escape(piece.text)
    tag = {"inserted": "ins", "deleted": "del"}.get(piece.part)
    return f"<{tag}>{text}</{tag}>" if tag and text else text
