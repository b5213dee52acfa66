"""Two texts compared: paragraph by paragraph, and within a changed one character by character or word by word."""

import html
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal

import msgspec

PARAGRAPHS_AT_MOST = 5_000
CHARACTERS_AT_MOST = 400_000
_INNER_AT_MOST = 3_000
_WORK_AT_MOST = 20_000_000
_PIECE = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)

Operation = Literal["insert", "delete", "replace"]
Part = Literal["same", "inserted", "deleted"]


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
    work = 0
    for operation, i, i_end, j, j_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            yield from old[i:i_end]
            continue
        paired = min(i_end - i, j_end - j)
        for offset in range(paired):
            earlier, later = old[i + offset], new[j + offset]
            work += len(earlier) * len(later)
            pieces = _pieces(earlier, later, finely=work <= _WORK_AT_MOST)
            yield Change("replace", i + offset + 1, j + offset + 1, pieces)
        for number in range(i + paired, i_end):
            yield Change("delete", number + 1, None, [Piece("deleted", old[number])])
        for number in range(j + paired, j_end):
            yield Change("insert", None, number + 1, [Piece("inserted", new[number])])


def _pieces(before: str, after: str, *, finely: bool) -> list[Piece]:
    """The finest comparison takes longest, so where there is much to compare it is the first to go."""
    if not finely or len(before) + len(after) > _INNER_AT_MOST:
        return [Piece("deleted", before), Piece("inserted", after)]
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    found = []
    for operation, i, i_end, j, j_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            found.append(Piece("same", "".join(old[i:i_end])))
            continue
        if i_end > i:
            found.append(Piece("deleted", "".join(old[i:i_end])))
        if j_end > j:
            found.append(Piece("inserted", "".join(new[j:j_end])))
    return found


def _marked(piece: Piece) -> str:
    text = html.escape(piece.text)
    tag = {"inserted": "ins", "deleted": "del"}.get(piece.part)
    return f"<{tag}>{text}</{tag}>" if tag and text else text
