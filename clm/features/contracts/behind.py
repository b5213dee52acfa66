"""Contracts that are behind the loaded calendars, brought in step one by one by whoever has time."""

from uuid import UUID

from clm.features.contracts.service import fire, lock, sql
from clm.features.legal_data import service as legal_data
from clm.features.timers import service as timers
from clm.kit.db import Database


async def keep_step(database: Database, tenant: UUID, failing: set[UUID]) -> bool:
    """Bring one contract of the tenant in step with the loaded calendars, then fire what is due; False for none left.

    One that raises is added to `failing`, so that it does not keep the others waiting.
    """
    async with database.work(tenant) as unit:
        row = await unit.one(sql.claim_behind, list(failing))
        if row is None:
            return False
        try:
            locked = await lock(unit, row["id"])
        except Exception:
            failing.add(row["id"])
            raise
        if not locked.in_step:
            failing.add(row["id"])
    await timers.catch_up(database, tenant, fire, row["id"])
    return True


async def pass_over(database: Database, tenant: UUID) -> None:
    """Call in step what has no timer: it rests on no calendar."""
    edition = legal_data.current(database).calendar_edition
    while True:
        async with database.work(tenant) as unit:
            if not await unit.run(sql.pass_over_behind, edition):
                return
