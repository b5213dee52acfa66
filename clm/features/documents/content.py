"""What stands in a rendered contract, block by block, whatever it is rendered as."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from clm.features.amendments.service import Amendment
from clm.features.attachments.service import Attachment
from clm.features.contracts.service import Contract, Written
from clm.features.documents.wording import Words, words_of
from clm.kit.shapes import pointer_to
from clm.law.periods import end_day

_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TOGETHER = 4
_MADE = ("proposed", "agreed_pending", "applied")


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One piece: `rows` of a table begin with its heads, `widths` are the shares of its columns."""

    kind: Literal["title", "note", "part", "table", "heading", "text", "aside"]
    text: str = ""
    level: int = 1
    rows: list[list[str]] = []
    widths: tuple[int, ...] = ()


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A whole document: its blocks, what every page says of a draft, and the one date that its file tells."""

    title: str
    number: str
    language: str
    at: datetime
    mark: str | None
    blocks: list[Block]


def paper(written: Written, amendments: Sequence[Amendment], attachments: Sequence[Attachment]) -> Paper:
    """The consolidated contract: parties, terms, sections, amendments and attachments."""
    contract, words = written.contract, words_of(written.language)
    blocks = [
        Block(kind="title", text=contract.title),
        Block(kind="note", text=_standing(contract, words)),
        *_parties(written, words),
        *_lines(written.preamble, "aside"),
        *_sections(written),
        *_lines(written.closing, "aside"),
        *_terms(written, words),
        *_amendments(contract, amendments, words),
        *_attachments(attachments, words),
    ]
    return Paper(
        title=_clean(contract.title),
        number=_clean(contract.number),
        language=written.language,
        at=contract.updated_at,
        mark=words.draft if contract.status == "draft" else None,
        blocks=[_cleaned(block) for block in blocks],
    )


def _standing(contract: Contract, words: Words) -> str:
    zone = ZoneInfo(contract.time_zone)
    as_of = contract.as_of if isinstance(contract.as_of, datetime) else None
    parts = [
        f"{words.number} {contract.number}",
        f"{words.status} {words.states.get(contract.status, contract.status)}",
        f"{words.version} {contract.terms_version}" if contract.terms_version else "",
        f"{words.effective} {contract.effective_at:%Y-%m-%d}" if contract.effective_at else "",
        f"{words.ended} {end_day(contract.ended_at, zone)}" if contract.ended_at else "",
        f"{words.as_of} {as_of:%Y-%m-%d %H:%M %z}" if as_of else "",
    ]
    return " · ".join(part for part in parts if part)


def _parties(written: Written, words: Words) -> Iterator[Block]:
    rows = [
        [written.roles.get(role, role), *(party.get(name) or "" for name in ("legal_name", "uscc", "contact"))]
        for role, party in sorted(written.parties.items())
    ]
    if rows:
        yield Block(kind="part", text=words.parties)
        heads = [words.role, words.name, words.code, words.contact]
        yield Block(kind="table", rows=[heads, *rows], widths=(12, 34, 26, 28))


def _sections(written: Written) -> Iterator[Block]:
    for one in written.passages:
        gap = "" if one.label.endswith(("、", "）", ")")) or not one.heading or not one.label else " "
        yield Block(kind="heading", text=f"{one.label}{gap}{one.heading}", level=one.depth)
        yield from _lines(one.text, "text")


def _lines(text: str, kind: Literal["aside", "text"]) -> Iterator[Block]:
    for line in text.split("\n"):
        if line.strip():
            yield Block(kind=kind, text=line.rstrip())


def _terms(written: Written, words: Words) -> Iterator[Block]:
    rows = [
        [pointer, value, words.assumed if _within(f"/terms{pointer}", written.assumed) else words.agreed]
        for pointer, value in _leaves(written.terms, [])
    ]
    if rows:
        yield Block(kind="part", text=words.terms)
        heads = [words.place, words.value, f"{words.agreed}/{words.assumed}"]
        yield Block(kind="table", rows=[heads, *rows], widths=(38, 46, 16))


def _leaves(value: Any, where: list[str]) -> Iterator[tuple[str, str]]:
    """Every term with its pointer; a few plain values that belong together, such as a period, make one row."""
    if isinstance(value, Mapping) and value and not (where and _is_small(value)):
        for name in value:
            yield from _leaves(value[name], [*where, name])
    elif where:
        yield pointer_to(where), _shown(value)


def _is_small(value: Mapping[str, Any]) -> bool:
    return len(value) <= _TOGETHER and not any(isinstance(one, Mapping | list) for one in value.values())


def _shown(value: Any) -> str:
    match value:
        case {"length": length, "unit": unit, **more} if not more:
            return f"{length} {unit}"
        case {"amount": amount, "currency": currency, **more} if not more:
            return f"{amount} {currency}"
        case Mapping() if value and _is_small(value):
            return "; ".join(f"{name} {_shown(one)}" for name, one in value.items())
        case _ if value in (None, [], {}):
            return "—"
        case str():
            return value
        case _:
            return msgspec.json.encode(value).decode()


def _within(pointer: str, pointers: Sequence[str]) -> bool:
    """Whether a default decided a term: it, what it stands in, or a part of it."""
    return any(pointer == one or pointer.startswith(one + "/") or one.startswith(pointer + "/") for one in pointers)


def _amendments(contract: Contract, amendments: Sequence[Amendment], words: Words) -> Iterator[Block]:
    rows = [
        [str(one.no), f"{when:%Y-%m-%d}", words.states.get(one.status, one.status), _changes(one, words)]
        for one in amendments
        if one.status in _MADE and (when := _date_of(one, contract)) is not None
    ]
    if rows:
        yield Block(kind="part", text=words.amendments)
        heads = [words.no, words.date, words.status, words.changed]
        yield Block(kind="table", rows=[heads, *rows], widths=(8, 14, 16, 62))


def _date_of(one: Amendment, contract: Contract) -> datetime | None:
    """When it applies, is agreed or was proposed, the first of these that is known; None where that is yet to come."""
    when = one.applies_at or one.agreed_at or one.proposed_at
    return None if isinstance(contract.as_of, datetime) and when > contract.as_of else when


def _changes(one: Amendment, words: Words) -> str:
    shown = []
    for change in one.changes:
        value = words.removed if change.get("op") == "remove" else _shown(change.get("value"))
        shown.append(f"{change.get('path')}: {value}")
    return "\n".join(shown)


def _attachments(attachments: Sequence[Attachment], words: Words) -> Iterator[Block]:
    rows = []
    for one in attachments:
        bound = one.binding.version if one.binding is not None else None
        version = next((each for each in one.versions if each.no == bound), one.versions[-1] if one.versions else None)
        if version is not None:
            rows.append([one.kind, one.name, str(version.no), version.sha256])
    if rows:
        yield Block(kind="part", text=words.attachments)
        heads = [words.kind, words.name, words.file_version, "SHA-256"]
        yield Block(kind="table", rows=[heads, *rows], widths=(18, 28, 8, 46))


def _cleaned(block: Block) -> Block:
    rows = [[_clean(cell) for cell in row] for row in block.rows]
    return msgspec.structs.replace(block, text=_clean(block.text), rows=rows)


def _clean(text: str) -> str:
    """Without characters that no document may hold."""
    return _UNWRITABLE.sub("", text)
