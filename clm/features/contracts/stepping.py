"""Contracts in step with the calendars: what a notice that was loaded changes of the timers that are armed.

A contract remembers the edition that its timers were computed with. Whoever locks one that is behind brings it in step
first, in the same transaction; the worker does so for those that nobody touches.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import msgspec
import structlog
from msgspec.structs import replace

from clm.features.contract_types import service as contract_types
from clm.features.contract_types.service import ContractType, OwnText
from clm.features.contracts import store
from clm.features.contracts.own_text import type_of
from clm.features.contracts.store import Locked
from clm.features.legal_data.service import LegalData
from clm.kit.db import Unit
from clm.lifecycle import engine
from clm.lifecycle.engine import Decision
from clm.lifecycle.facts import Fact
from clm.lifecycle.timers import Timer, derive
from clm.lifecycle.world import Env, World

log = structlog.get_logger("clm.contracts")

CHANGED = "deadline.changed"
"""The event that tells it."""
BY_NOTICE = "R-T10"
"""The rule by which dates wait for a holiday notice, and move with it."""

REPORT_AGAIN_SECONDS = 600.0

_TICK = dt.timedelta(microseconds=1)

Hook = Callable[[Unit, UUID], Awaitable[None]]
_HOOKS: list[Hook] = []
_ENVS: WeakKeyDictionary[LegalData, dict[tuple[str, int], Env]] = WeakKeyDictionary()


class Due(msgspec.Struct, frozen=True):
    """When something is due, as an event tells it; a provisional one has no legal date yet."""

    due_at: dt.datetime
    legal_date: dt.date | None
    status: str


def on_new_calendar(hook: Hook) -> Hook:
    """Register what a room computes from calendars and keeps: it is called for each contract brought in step."""
    if hook not in _HOOKS:
        _HOOKS.append(hook)
    return hook


def env_of(contract_type: ContractType, law: LegalData) -> Env:
    """What decisions on contracts of a type take as given; made once an edition for a built-in type."""
    if isinstance(contract_type, OwnText):
        return replace(env_of(contract_type.of, law), texts=contract_type.texts, own=True)
    if not contract_type.built_in:
        return _env(contract_type, law)
    known = _ENVS.setdefault(law, {})
    key = (contract_type.key, contract_type.version)
    if key not in known:
        known[key] = _env(contract_type, law)
    return known[key]


def _env(contract_type: ContractType, law: LegalData) -> Env:
    texts = {section.number: section.text for section in contract_type.sections if section.text is not None}
    return Env(
        law.calendar(contract_type.jurisdiction),
        contract_type.defaults,
        texts,
        contract_type.alternatives,
        contract_type.nature,
        lambda terms: [(e.pointer, e.message) for e in contract_types.term_errors(contract_type, terms)],
    )


async def bring(unit: Unit, locked: Locked) -> bool:
    """Compute the armed timers anew; each that differs is replaced, and an event tells it. The others stay.

    Where a date waited while facts were decided past it, those are decided again with the date as it is known now.
    False where that fails: the contract then stays as it is, and behind, and writes go on.
    """
    contract_type = await type_of(unit, locked)
    env = env_of(contract_type, locked.law)
    facts = await _facts_to_decide(unit, locked)
    try:
        decision = await _decided_again(locked, facts, env)
    except Exception as error:  # noqa: BLE001 - whatever the defect is; the database is not asked here, so its errors are not among these
        _report(unit, locked, error)
        return False
    armed = {row["key"]: row for row in await unit.all(store.sql.armed_timers, locked.id)}
    fired = await _fired_now(unit, locked, decision)
    world = World(decision.state, env)
    for key, before, after in _moved(armed, decision.timers, fired, world.zone):
        kind = armed[key]["kind"]
        text, data = deadline_changed(locked, contract_type.jurisdiction, kind, key, before, after)
        world.tell(CHANGED, locked.now, text, rule=BY_NOTICE, **data)
    if decision.anew or world.happenings or {timer.key for timer in decision.timers} != armed.keys():
        told = replace(decision, happenings=[*decision.happenings, *world.happenings])
        await store.store(unit, locked, told, None, None)
    else:
        await unit.run(store.sql.in_step, locked.id, locked.law.edition)
    for hook in _HOOKS:
        await hook(unit, locked.id)
    return True


def _report(unit: Unit, locked: Locked, error: Exception) -> None:
    """Log the defect with its traceback: once in ten minutes, though the worker tries again every second."""
    told, now = unit.database.kept.setdefault("not decided again", {}), time.monotonic()
    if now - told.get(locked.id, -REPORT_AGAIN_SECONDS) >= REPORT_AGAIN_SECONDS:
        told[locked.id] = now
        log.error("not decided again", contract=str(locked.id), exc_info=error)


async def _facts_to_decide(unit: Unit, locked: Locked) -> list[Fact] | None:
    """The facts since the origin; None where no date of the contract ever waited, so that they lead where they led."""
    if locked.origin is None or locked.state.last_at is None or not locked.waited:
        return None
    return await store.facts_since(unit, locked.id, locked.origin.fact_no, ZoneInfo(locked.state.time_zone))


async def _decided_again(locked: Locked, facts: list[Fact] | None, env: Env) -> Decision:
    """What the facts lead to with the calendars as they are now; where that is the same state, its timers only."""
    origin, last = locked.origin, locked.state.last_at
    if facts is not None and origin is not None and last is not None:
        again = await asyncio.to_thread(engine.decide_again, origin.state, facts, env, last)
        if again.state != locked.state:
            return again
    return Decision(locked.state, [], derive(World(locked.state, env)))


async def _fired_now(unit: Unit, locked: Locked, decision: Decision) -> dict[str, dt.datetime]:
    """When timers fire that have not fired at that instant by the record, by key."""
    if not decision.anew or locked.origin is None:
        return {}
    told = await unit.all(store.sql.decided_events, locked.id, locked.origin.event_no)
    known = {(row["timer_key"], row["at"]) for row in told}
    return {
        one.timer_key: one.at for one in decision.happenings if one.timer_key and (one.timer_key, one.at) not in known
    }


def _moved(
    armed: Mapping[str, Mapping[str, Any]], timers: Sequence[Timer], fired: Mapping[str, dt.datetime], zone: ZoneInfo
) -> Iterator[tuple[str, Due, Due]]:
    """The armed timers that have another date now, or have fired on it, with the date before and after."""
    wanted = {timer.key: timer for timer in timers}
    for key, row in armed.items():
        timer, before = wanted.get(key), Due(row["due_at"].astimezone(zone), row["legal_date"], row["basis"]["status"])
        if timer is not None and not store.same(row, timer):
            yield key, before, Due(timer.due_at.astimezone(zone), timer.legal_date, timer.basis.status)
        elif timer is None and key in fired:
            yield key, before, Due(fired[key].astimezone(zone), None, "final")


def deadline_changed(
    locked: Locked, jurisdiction: str, kind: str, key: str, before: Due, after: Due
) -> tuple[str, dict[str, Any]]:
    """How a change of the calendar is told: the words, and the data of the event."""
    last_instant = after.due_at - _TICK
    year = _year(locked, jurisdiction, (after.legal_date or last_instant).year)
    moved = before.due_at != after.due_at
    how = f"moves from {before.due_at.isoformat()} to {after.due_at.isoformat()}" if moved else "stays where it was"
    settled = f" and is {after.status} now" if before.status != after.status else ""
    text = f"The {kind} date {how}{settled}: the holiday notice for {year} was loaded."
    data = {
        "timer": {"kind": kind, "key": key},
        "before": msgspec.to_builtins(before),
        "after": msgspec.to_builtins(after),
        "moved": moved,
        "jurisdiction": jurisdiction,
        "year": year,
        "source": locked.law.calendar(jurisdiction).sources.get(year, ""),
    }
    return text, data


def _year(locked: Locked, jurisdiction: str, due: int) -> int:
    """The year whose notice made the difference: of those loaded since the contract was in step, the nearest."""
    years = locked.law.years_since(jurisdiction, locked.legal_edition)
    return min(years, key=lambda year: (abs(year - due), -year), default=due)
