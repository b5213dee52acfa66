"""Timers: what is armed, and the three ways they come to fire: a worker, a read that finds one due, the test clock."""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import structlog
from litestar.di import NamedDependency

from clm.features.timers.models import Advanced, Fired, TestClock, TimerOut, TimerStatus
from clm.kit import paging
from clm.kit import sql as sql_files
from clm.kit.db import Database, Queries, Unit
from clm.kit.problems import Problem, invalid, not_found, of_database
from clm.law.calendars import LAST_DAY

__all__ = [
    "Fire",
    "Fired",
    "GivenFire",
    "TimerOut",
    "advance",
    "catch_up",
    "fire_one",
    "make",
    "must_exist",
    "of",
    "page",
    "test_clock",
]

sql = sql_files.load(__package__)
log = structlog.get_logger("clm.timers")

Fire = Callable[[Unit, UUID, dt.datetime | None], Awaitable[list[Fired]]]
"""Fire the next due timer of a contract in this unit, by an instant or by now; empty where none is due any more."""
GivenFire: TypeAlias = NamedDependency[Fire]
"""What handlers are given, so that reads can fire what is due."""


class _Key(msgspec.Struct, array_like=True):
    due_at: dt.datetime
    id: UUID


async def page(
    db: Queries,
    *,
    contract_id: UUID | None = None,
    status: TimerStatus | None = None,
    kind: str | None = None,
    limit: int,
    cursor: str | None,
) -> paging.Page[TimerOut]:
    """Timers by due date; of one contract (Problem 404 where there is none) or of all."""
    if contract_id is not None:
        await must_exist(db, contract_id)
    limit, after = paging.limit_of(limit), paging.decode(cursor, _Key)
    key = (after.due_at, after.id) if after else (None, None)
    rows = await db.all(sql.list_timers, contract_id, status, kind, *key, limit + 1)
    return paging.page(rows, limit, make, lambda row: _Key(row["due_at"], row["id"]))


async def must_exist(db: Queries, contract_id: UUID) -> None:
    """Raise Problem 404 for a contract that the tenant does not have."""
    if not await db.value(sql.contract_exists, contract_id):
        raise not_found("contract")


async def of(db: Queries, contract_id: UUID, status: TimerStatus) -> list[TimerOut]:
    """The timers of one contract in one status, by due date."""
    return [make(row) for row in await db.all(sql.list_timers, contract_id, status, None, None, None, 1000)]


def make(row: Mapping[str, Any]) -> TimerOut:
    """A timer from its row, in the contract's time zone."""
    return TimerOut(
        id=row["id"],
        contract_id=row["contract_id"],
        key=row["key"],
        kind=row["kind"],
        status=row["status"],
        due_at=row["due_at"].astimezone(ZoneInfo(row["time_zone"])),
        legal_date=row["legal_date"],
        rule=row["rule"],
        assumed=row["assumed"],
        provisional=not row["certain"],
        basis=row["basis"],
        subject=row["subject"],
        terms_version=row["terms_version"],
    )


async def catch_up(database: Database, tenant: UUID, fire: Fire, contract_id: UUID | None = None) -> None:
    """Fire what is due before a read answers, each timer in its own transaction.

    A contract whose firing fails is reported and shown as it is stored: one that is broken must not hide the others.
    """
    failing = set[UUID]()
    while True:
        overdue = await database.reads(tenant).all(sql.overdue_contracts, contract_id, list(failing))
        if not overdue:
            return
        for row in overdue:
            await _fire_or_note(database, tenant, fire, row["id"], failing)


async def _fire_or_note(database: Database, tenant: UUID, fire: Fire, contract_id: UUID, failing: set[UUID]) -> None:
    try:
        async with database.work(tenant) as unit:
            await fire(unit, contract_id, None)
    except Exception as error:
        if of_database(error) is not None:
            raise
        failing.add(contract_id)
        log.exception("a timer failed", tenant=str(tenant), contract=str(contract_id))


async def fire_one(database: Database, tenant: UUID, fire: Fire, failing: set[UUID]) -> bool:
    """Fire one due timer of the tenant, of a contract that nobody else is working on; False where there is none.

    A contract whose firing raises is added to `failing`, so that it does not keep the others waiting.
    """
    async with database.work(tenant) as unit:
        row = await unit.one(sql.claim_overdue, list(failing))
        if row is None:
            return False
        try:
            await fire(unit, row["id"], None)
        except Exception:
            failing.add(row["id"])
            raise
        return True


async def tenants_with_due_work(database: Database) -> list[UUID]:
    """Tenants that live in real time and have something due."""
    return [row["tenant_id"] for row in await database.untenanted(sql.tenants_with_due_work)]


async def test_clock(db: Queries) -> TestClock:
    """The test clock; raises Problem 404 for a tenant that lives in real time."""
    now = await db.value(sql.test_now)
    if now is None:
        raise not_found("test clock: this tenant lives in real time")
    return TestClock(_shanghai(now))


async def advance(database: Database, tenant: UUID, to: dt.datetime, fire: Fire) -> Advanced:
    """Move the test clock forward, timer by timer, each in its own transaction; raises Problem 422 for a move back.

    One that is cut off has moved the clock part of the way and is simply sent again.
    """
    if to.tzinfo is None:
        raise invalid("/to", "Give an instant with its offset, as in 2026-03-01T00:00:01+08:00.")
    if to.year > LAST_DAY.year:
        raise invalid("/to", f"Dates are computed up to {LAST_DAY}.")
    now = (await test_clock(database.reads(tenant))).now
    if to < now:
        raise Problem("invalid", f"The clock stands at {now.isoformat()}; it never moves back.")
    fired: list[Fired] = []
    while (row := await database.reads(tenant).one(sql.next_due, to)) is not None:
        async with database.work(tenant) as unit:
            await unit.run(sql.move_clock, row["due_at"])
            fired += await fire(unit, row["contract_id"], row["due_at"])
    async with database.work(tenant) as unit:
        await unit.run(sql.move_clock, to)
    return Advanced((await test_clock(database.reads(tenant))).now, fired)


def _shanghai(instant: dt.datetime) -> dt.datetime:
    return instant.astimezone(ZoneInfo("Asia/Shanghai"))
