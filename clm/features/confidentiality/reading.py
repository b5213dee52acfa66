"""Confidential items as they stand, computed from the contract as it stands."""

from uuid import UUID

import msgspec

from clm.features.confidentiality.models import Confidentiality, Item
from clm.features.confidentiality.standing import Contract, Found, found_of
from clm.features.contract_types import service as contract_types
from clm.features.contracts import service as contracts
from clm.features.legal_data import service as legal_data
from clm.kit import paging
from clm.kit import sql as sql_files
from clm.kit.db import Queries, Reads
from clm.kit.paging import Page
from clm.kit.problems import not_found
from clm.lifecycle.state import State
from clm.lifecycle.world import World

sql = sql_files.load(__package__)

ALL_AT_MOST = 100_000


async def everything(reads: Reads, contract_id: UUID) -> Confidentiality:
    """Every item of the contract; what is due fires first. Raises Problem 404."""
    await contracts.catch_up(reads, contract_id)
    async with reads.snapshot() as db:
        contract = await contract_as_it_stands(db, contract_id)
        rows = await db.all(sql.list_items, contract_id, None, None, ALL_AT_MOST)
    return Confidentiality([found_of(row, contract).item for row in rows])


async def page(reads: Reads, contract_id: UUID, limit: int, cursor: str | None) -> Page[Item]:
    """The contract's items, oldest first; what is due fires first. Raises Problem 404."""
    limit, after = paging.limit_of(limit), paging.decode(cursor, UUID)
    await contracts.catch_up(reads, contract_id)
    async with reads.snapshot() as db:
        contract = await contract_as_it_stands(db, contract_id)
        rows = await db.all(sql.list_items, contract_id, None, after, limit + 1)
    return paging.page(rows, limit, lambda row: found_of(row, contract).item, lambda row: row["id"])


async def one(reads: Reads, item_id: UUID) -> Item:
    """An item; what is due fires first. Raises Problem 404."""
    contract_id = await contract_of(reads, item_id)
    await contracts.catch_up(reads, contract_id)
    async with reads.snapshot() as db:
        contract = await contract_as_it_stands(db, contract_id)
        return (await find(db, contract, item_id)).item


async def contract_of(db: Queries, item_id: UUID) -> UUID:
    """The contract that an item belongs to; raises Problem 404."""
    contract_id: UUID | None = await db.value(sql.contract_of, item_id)
    if contract_id is None:
        raise not_found("confidential item")
    return contract_id


async def find(db: Queries, contract: Contract, item_id: UUID) -> Found:
    """An item of a contract as it stands: inside a write, which has fired what is due. Raises Problem 404."""
    row = await db.one(sql.list_items, contract.row["id"], item_id, None, 1)
    if row is None:
        raise not_found("confidential item")
    return found_of(row, contract)


async def contract_as_it_stands(db: Queries, contract_id: UUID) -> Contract:
    """What the duties of a contract are computed from; raises Problem 404."""
    row = await db.one(sql.contract, contract_id)
    if row is None:
        raise not_found("contract")
    contract_type = await contract_types.get(db, row["type_key"], row["type_version"])
    env = contracts.env_of(contract_type, legal_data.current(db.database))
    world = World(msgspec.convert(row["state"], State), env)
    agreed = world.terms.get("confidentiality", {}).get("release_review", True)
    return Contract(world, row, asks_for_review=agreed is not False)
