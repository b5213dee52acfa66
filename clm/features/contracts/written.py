"""The contract as it would be written down: its words and terms at an instant, and who the parties are."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from clm.features.contract_types import service as contract_types
from clm.features.contracts import reading, store
from clm.features.contracts.models import Contract
from clm.features.contracts.moments import moment
from clm.features.contracts.own_text import document_of, ordered
from clm.features.contracts.reading import Reading
from clm.features.contracts.sections import names_of
from clm.kit.db import Queries
from clm.kit.problems import invalid


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A section as it reads: `label` is its number as it is written, `depth` 1 for the outermost."""

    label: str
    heading: str
    text: str
    depth: int


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A contract to be written down; `terms` are complete, `assumed` says which of them nobody agreed on.

    `preamble` and `closing` are what stood around the sections of a contract that came as a document.
    """

    contract: Contract
    language: str
    roles: dict[str, str]
    parties: dict[str, Mapping[str, str | None]]
    terms: dict[str, Any]
    assumed: list[str]
    passages: list[Passage]
    preamble: str
    closing: str


async def written(db: Queries, contract_id: UUID, as_of: str | None) -> Written:
    """The contract now (a draft too) or as of an instant; raises Problem 404, 422 where nothing was in force then."""
    found = await reading.reading(db, contract_id)
    if as_of is None:
        contract = await reading.by_id(db, contract_id)
    else:
        contract = await reading.as_of(db, contract_id, as_of, None)
    version = await _version(db, found, as_of)
    names = await names_of(db, found)
    terms, assumed = contract_types.merged(found.contract_type, version["terms"])
    document = await document_of(db, contract_id)
    return Written(
        contract=contract,
        language=document.language if document else found.contract_type.language,
        roles={one.role: one.name for one in found.contract_type.roles},
        parties=dict(names),
        terms=terms,
        assumed=assumed,
        passages=_passages(found, terms, names, version["sections"]),
        preamble=document.preamble if document else "",
        closing=document.closing if document else "",
    )


async def _version(db: Queries, found: Reading, as_of: str | None) -> Mapping[str, Any]:
    if as_of is None:
        return msgspec.structs.asdict(found.state.current)
    when = moment(as_of, None, found.zone, found.now)
    if when.as_of > found.now:
        state = reading.projected(found, when.as_of)
        row = msgspec.structs.asdict(state.current) if state.effective_at is not None else None
    else:
        row = await db.one(store.sql.version_in_force, found.id, when.as_of, when.known_at)
    if row is None:
        raise invalid("/as_of", f"No version of the contract was in force at {when.as_of.isoformat()}.")
    return row


def _passages(
    found: Reading, terms: Mapping[str, Any], names: contract_types.Parties, texts: Mapping[str, str]
) -> list[Passage]:
    sections = found.contract_type.sections
    depth = ordered(sections)
    return [
        Passage(
            label=getattr(one, "label", one.number + ("." if one.parent is None else "")),
            heading=one.heading,
            text=contract_types.render_section(
                found.contract_type, one.number, terms, names, text=texts.get(one.number)
            )
            or "",
            depth=depth[one.number],
        )
        for one in sections
    ]
