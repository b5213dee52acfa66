"""Texts cut into passages that overlap by the longest term, so that none is missed at a cut."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from clm.kit.folding import TERM_AT_MOST, folded, grams_of, mark_of
from clm.kit.ids import uuid7

LENGTH = 1_000
STEP = LENGTH - TERM_AT_MOST


def cut(text: str) -> Iterator[tuple[int, str, str]]:
    """Parts of a text, each as the place where it begins, what it says, and the same folded.

    Each begins as many folded characters before the end of the one before as a term may have. Together they hold the
    whole text, also what folds to nothing.
    """
    whole = folded(text)
    last = max(0, len(whole.text) - TERM_AT_MOST - 1)
    for first in range(0, last + 1, STEP):
        beyond = min(first + LENGTH, len(whole.text))
        start = whole.places[first] if first else 0
        stop = whole.places[beyond] if beyond < len(whole.text) else len(text)
        yield start, text[start:stop], whole.text[first:beyond]


def marks(tenant: UUID, contract_id: UUID | None, kind: str | None) -> list[int]:
    """What the passages of a tenant carry, those of a contract, and those of a kind."""
    found = [mark_of(tenant)]
    if contract_id is not None:
        found.append(mark_of(contract_id))
    if kind is not None:
        found.append(mark_of(tenant, kind))
    return found


def passages(tenant: UUID, contract_id: UUID, kind: str, ref: str, text: str) -> list[dict[str, Any]]:
    """The rows of a text; none for one without anything to find. `part` is the place where a passage begins."""
    rows = []
    marked = marks(tenant, contract_id, kind)
    for start, piece, in_one_form in cut(text.replace("\0", "")):
        if not in_one_form:
            continue
        grams = [*marked, *grams_of(in_one_form)]
        row = {"id": uuid7(), "kind": kind, "ref": ref, "part": start, "text": piece, "folded": in_one_form}
        rows.append(row | {"grams": grams})
    return rows


def of_contract(tenant: UUID, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a contract says of itself, the section texts of its own, and its notices."""
    own = [row["title"], row["number"], *(row["parties"] or []), *(row["refs"] or []), *_words(row["terms"])]
    around = [text for text in (row["preamble"], row["closing"]) if text]
    found = passages(tenant, row["id"], "contract", "", "\n".join([*own, *around]))
    for number, text in _sections(row).items():
        found += passages(tenant, row["id"], "section", number, text)
    for notice in row["notices"] or []:
        found += passages(tenant, row["id"], "notice", notice["id"], f"{notice['subject']}\n{notice['body']}")
    return found


def _sections(row: Mapping[str, Any]) -> dict[str, str]:
    """The sections of a contract's own document with their headings, and those that amendments changed."""
    amended = dict(row["sections"] or {})
    found = {}
    for one in row["own_sections"] or []:
        text = amended.pop(one["number"], one.get("text"))
        found[one["number"]] = "\n".join(part for part in (f"{one['label']} {one['heading']}".strip(), text) if part)
    return found | amended


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
