"""A contract under lock: in step with the calendars, and with what is due fired."""

import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

from clm.features.contracts import stepping, store
from clm.features.contracts.own_text import type_of
from clm.features.contracts.stepping import env_of
from clm.features.contracts.store import Change, Locked
from clm.features.legal_data import service as legal_data
from clm.features.timers import service as timers
from clm.features.timers.service import Fired
from clm.kit.db import Reads, Unit
from clm.kit.problems import not_found
from clm.lifecycle import engine

sql = store.sql


async def lock(unit: Unit, contract_id: UUID) -> Locked:
    """The contract, locked until the transaction ends and in step with the loaded calendars; raises Problem 404."""
    row = await unit.one(sql.lock_contract, contract_id)
    if row is None:
        raise not_found("contract")
    locked = Locked.of(row, await legal_data.at_least(unit, row["loaded_edition"]))
    if locked.legal_edition >= locked.law.calendar_edition:
        return locked
    if await stepping.bring(unit, locked):
        return await lock(unit, contract_id)
    locked.in_step = False
    return locked


async def fire(unit: Unit, contract_id: UUID, until: dt.datetime | None) -> list[Fired]:
    """Fire the contract's next due timer, by `until` or by now; exactly once, since the row is locked."""
    locked = await lock(unit, contract_id)
    env = env_of(await type_of(unit, locked), locked.law)
    limit = min(until, locked.now) if until is not None else locked.now
    decision = engine.advance(locked.state, env, limit, at_most=1)
    change = await store.store(unit, locked, decision, None, None)
    return _fired(locked, change)


async def catch_up(reads: Reads, contract_id: UUID | None = None) -> None:
    """Fire what is due, of one contract or of all, so that no lag shows in the reads that follow."""
    await timers.catch_up(reads.database, reads.tenant, fire, contract_id)


def _fired(locked: Locked, change: Change) -> list[Fired]:
    zone = ZoneInfo(locked.state.time_zone)
    return [Fired(row["id"], locked.id, row["kind"], row["due_at"].astimezone(zone)) for row in change.fired]
