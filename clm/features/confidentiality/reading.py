"""How long the duty for each item lasts, computed from the contract as it stands."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.confidentiality.models import (
    Confidentiality,
    ConfirmedReturn,
    Item,
    ItemStatus,
    PermittedDisclosure,
)
from clm.features.contract_types import service as contract_types
from clm.features.contracts import service as contracts
from clm.features.legal_data import service as legal_data
from clm.kit import paging
from clm.kit import sql as sql_files
from clm.kit.db import Queries, Reads
from clm.kit.paging import Page
from clm.kit.problems import not_found
from clm.law import confidentiality
from clm.law.periods import end_day
from clm.lifecycle import state
from clm.lifecycle.deadlines import confidentiality_term
from clm.lifecycle.state import State
from clm.lifecycle.world import World

sql = sql_files.load(__package__)

ALL_AT_MOST = 100_000


async def everything(reads: Reads, contract_id: UUID) -> Confidentiality:
    """Every item of the contract; what is due fires first. Raises Problem 404."""
    await contracts.catch_up(reads, contract_id)
    async with reads.snapshot() as db:
        contract = await _contract(db, contract_id)
        rows = await db.all(sql.list_items, contract_id, None, None, ALL_AT_MOST)
    return Confidentiality([item_of(row, contract) for row in rows])


async def page(reads: Reads, contract_id: UUID, limit: int, cursor: str | None) -> Page[Item]:
    """The contract's items, oldest first; what is due fires first. Raises Problem 404."""
    limit, after = paging.limit_of(limit), paging.decode(cursor, UUID)
    await contracts.catch_up(reads, contract_id)
    async with reads.snapshot() as db:
        contract = await _contract(db, contract_id)
        rows = await db.all(sql.list_items, contract_id, None, after, limit + 1)
    return paging.page(rows, limit, lambda row: item_of(row, contract), lambda row: row["id"])


async def one(reads: Reads, item_id: UUID) -> Item:
    """An item; what is due fires first. Raises Problem 404."""
    contract_id = await contract_of(reads, item_id)
    await contracts.catch_up(reads, contract_id)
    async with reads.snapshot() as db:
        return await by_id(db, contract_id, item_id)


async def contract_of(db: Queries, item_id: UUID) -> UUID:
    """The contract that an item belongs to; raises Problem 404."""
    contract_id: UUID | None = await db.value(sql.contract_of, item_id)
    if contract_id is None:
        raise not_found("confidential item")
    return contract_id


async def by_id(db: Queries, contract_id: UUID, item_id: UUID) -> Item:
    """An item as it stands: inside a write, which has fired what is due. Raises Problem 404."""
    contract = await _contract(db, contract_id)
    row = await db.one(sql.list_items, contract_id, item_id, None, 1)
    if row is None:
        raise not_found("confidential item")
    return item_of(row, contract)


class Contract(msgspec.Struct):
    """What the duties of a contract are computed from, and when they are asked for."""

    world: World
    row: Mapping[str, Any]


async def _contract(db: Queries, contract_id: UUID) -> Contract:
    row = await db.one(sql.contract, contract_id)
    if row is None:
        raise not_found("contract")
    contract_type = await contract_types.get(db, row["type_key"], row["type_version"])
    env = contracts.env_of(contract_type, legal_data.current(db.database))
    return Contract(World(msgspec.convert(row["state"], State), env), row)


def item_of(row: Mapping[str, Any], contract: Contract) -> Item:
    """An item from its row and the contract's state; a change of either gives it another version."""
    world, zone = contract.world, contract.world.zone
    stands = next(item for item in world.state.items if item.id == row["id"])
    term = confidentiality_term(world, stands)
    status = _status(stands, term, contract)
    made = Item(
        id=row["id"],
        contract_id=row["contract_id"],
        name=row["name"],
        item_class=row["class"],
        owner=row["owner"],
        recipients=row["recipients"],
        disclosed_at=row["disclosed_at"].astimezone(zone),
        marked=row["marked"],
        carrier=row["carrier"],
        status=status,
        ends_on=term.ends_on,
        ends_at=term.ends_at,
        residual=None,
        released_at=stands.released_at.astimezone(zone) if stands.released_at else None,
        release_reason=row["released_for"] if status == "released" else None,
        permitted_disclosures=_logged(row, "permit", PermittedDisclosure, contract),
        returns=_logged(row, "return", ConfirmedReturn, contract),
        assumed=term.assumed,
        flags=[*term.flags, *_flags(row, world)],
        basis=term.basis,
        recorded_at=row["recorded_at"].astimezone(zone),
        version=contract.row["row_version"] + row["row_version"],
    )
    return _ended(made, stands, term, zone)


def _status(stands: state.Item, term: confidentiality.Term, contract: Contract) -> ItemStatus:
    if stands.released_at is not None:
        return "released"
    if stands.expired_at is not None:
        return "expired"
    return confidentiality.status_at(term, contract.row["now"])


def _ended(made: Item, stands: state.Item, term: confidentiality.Term, zone: ZoneInfo) -> Item:
    """A duty that is over ended when it did, whatever the clause says since."""
    if made.status == "released":
        made.ends_on = made.ends_at = None
    elif made.status == "expired":
        residual = stands.residual or term.residual_on_expiry
        made.residual = msgspec.convert(residual, confidentiality.Residual | None)
        if stands.expired_at is not None:
            made.ends_at = stands.expired_at.astimezone(zone)
            made.ends_on = end_day(made.ends_at, zone)
        if made.ends_at is not None and made.ends_at <= made.disclosed_at:
            made.flags.append("DISCLOSED_AFTER_TERM")
    return made


def _flags(row: Mapping[str, Any], world: World) -> list[str]:
    agreed = world.terms.get("confidentiality", {})
    unmarked = agreed.get("marking_required", False) and not row["marked"]
    return [*(["UNMARKED"] if unmarked else []), *(["TOLLING"] if agreed.get("toll") else [])]


def _logged(row: Mapping[str, Any], kind: str, shape: Any, contract: Contract) -> list[Any]:
    zone = contract.world.zone
    entries = [msgspec.convert(entry, shape) for entry in row["log"] or () if entry["kind"] == kind]
    for entry in entries:
        for name, value in msgspec.structs.asdict(entry).items():
            if name.endswith("at") and value is not None:
                setattr(entry, name, value.astimezone(zone))
    return entries
