"""Lists of contracts, by what they are and by what they say."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from asyncpg import Record

from clm.features.contracts.locking import catch_up
from clm.features.contracts.models import Contract
from clm.features.contracts.reading import contract_of
from clm.features.contracts.store import sql
from clm.kit import paging
from clm.kit.db import Reads
from clm.kit.folding import mark_of, terms_of, wanted_of
from clm.kit.paging import Page
from clm.kit.problems import invalid

LOOKED_AT = 2_000
_FIRST = UUID(int=0)


async def page(
    db: Reads,
    *,
    status: str | None,
    number: str | None,
    party_id: UUID | None,
    query: str | None,
    cleared: bool,
    limit: int,
    cursor: str | None,
) -> Page[Contract]:
    """Contracts in the order they were made; raises Problem 422 for a query that cannot be searched for.

    What stands in confidential files finds a contract for those who are `cleared` for them.
    """
    limit, after = paging.limit_of(limit), paging.decode(cursor, UUID) or _FIRST
    rows: list[Record] = []
    async for ids in _candidates(db, query, after, cleared=cleared):
        rows = await _rows(db, (after, status, number, party_id, limit + 1, ids))
        if len(rows) > limit:
            break
    return paging.page(rows, limit, contract_of, lambda row: row["id"])


async def _rows(db: Reads, arguments: tuple[Any, ...]) -> list[Record]:
    rows = await db.all(sql.list_contracts, *arguments)
    if any(row["due"] for row in rows):
        await catch_up(db)
        rows = await db.all(sql.list_contracts, *arguments)
    return rows


async def _candidates(db: Reads, query: str | None, after: UUID, *, cleared: bool) -> AsyncIterator[list[UUID] | None]:
    """The contracts that hold all terms: those that are found soon, and if they do not do, every one."""
    if query is None:
        yield None
        return
    try:
        terms = terms_of(query)
    except ValueError as error:
        raise invalid("/q", str(error)) from None
    yield [row["contract_id"] for row in await db.all(sql.first_found, terms, after, cleared, LOOKED_AT)]
    found = await db.all(sql.all_found, wanted_of([mark_of(db.tenant)], terms), terms, after, cleared)
    yield [row["contract_id"] for row in found]
