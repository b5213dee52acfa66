"""Texts cut into passages that overlap by the longest term, so that none is missed at a cut."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from clm.kit.folding import TERM_AT_MOST, folded, grams_of, mark_of
from clm.kit.ids import uuid7

LENGTH = 1_000
STEP = LENGTH - TERM_AT_MOST


def cut(text: str) -> Iterator[str]:
    """Parts of a text, each beginning a term's length before the end of the one before."""
    last = max(0, len(text) - TERM_AT_MOST - 1)
    for start in range(0, last + 1, STEP):
        yield text[start : start + LENGTH]


def passages(tenant: UUID, kind: str, ref: str, text: str) -> list[dict[str, Any]]:
    """The rows of a text; none for one without anything to find."""
    rows = []
    for part, piece in enumerate(cut(text.replace("\0", ""))):
        whole = folded(piece).text
        if whole.strip():
            grams = [mark_of(tenant), *grams_of(whole)]
            row = {"id": uuid7(), "kind": kind, "ref": ref, "part": part, "text": piece, "folded": whole}
            rows.append(row | {"grams": grams})
    return rows


def of_contract(tenant: UUID, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a contract says of itself, the section texts of its own, and its notices."""
    own = [row["title"], row["number"], *(row["parties"] or []), *(row["refs"] or []), *_words(row["terms"])]
    found = passages(tenant, "contract", "", "\n".join(own))
    for number, text in (row["sections"] or {}).items():
        found += passages(tenant, "section", number, text)
    for notice in row["notices"] or []:
        found += passages(tenant, "notice", notice["id"], f"{notice['subject']}\n{notice['body']}")
    return found


def _words(value: Any) -> Iterator[str]:
    """Every text within terms."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _words(each)
    elif isinstance(value, list):
        for each in value:
            yield from _words(each)
