"""The legal dates of a contract: the end of its term, of a cure, of a right, of a notice period, of a secret."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from clm.law import confidentiality
from clm.law.basis import Basis, Step
from clm.law.confidentiality_exceptions import Interval, Tolling, tolled
from clm.law.periods import Deadline, Period, Unit, deadline, end_day, start_of
from clm.lifecycle.clauses import agreed_ground
from clm.lifecycle.state import Demand, Ending, Extension, Item
from clm.lifecycle.world import World

RIGHT_LAPSES_AFTER = Period(1, Unit.YEAR)
_FROM = {"signing": "formed_at", "effective": "effective_at"}


def term_end(world: World) -> Deadline | None:
    """The end of the current term (合同期限); None for an indefinite one or one that waits for its start."""
    state, term = world.state, world.terms.get("term", {})
    first: Deadline | None = None
    if term.get("end"):
        first = _on(dt.date.fromisoformat(term["end"]), world.zone, "/terms/term/end")
    elif term.get("period"):
        start = _term_start(world, term)
        first = count(world, start, term["period"], settings=term) if start is not None else None
    extended = state.extension
    if first is None or extended is None:
        return first
    added = Period(extended.period.length * extended.times, extended.period.unit)
    return deadline(extended.base, added, calendar=world.env.calendar, time_zone=world.zone)


def extend(world: World) -> None:
    """Renew the term for one more period (T40), counted from one day as long as the period stays the same."""
    state, period, ends = world.state, renewal_period(world), term_end(world)
    running = state.extension
    if running is not None and running.period == period:
        running.times += 1
    elif ends is not None and ends.nominal_last_day is not None:
        state.extension = Extension(base=ends.nominal_last_day, period=period, times=1)
    state.renewal_no += 1


def renewal_period(world: World) -> Period:
    """How long one automatic renewal (自动续期) lasts."""
    return msgspec.convert(world.terms["term"]["renewal"]["period"], Period)


def objection_deadline(world: World, ends: Deadline) -> Deadline | None:
    """By when an objection to renewal must have arrived; None where the term will not renew."""
    state, renewal = world.state, world.terms.get("term", {}).get("renewal", {})
    most = renewal.get("max_renewals")
    spent = most is not None and state.renewal_no - state.renewed_before >= most
    if not renewal.get("automatic") or state.renewal_objected or spent or ends.nominal_last_day is None:
        return None
    period = msgspec.convert(renewal["objection"]["period"], Period)
    return deadline(
        ends.nominal_last_day, period, calendar=world.env.calendar, direction="backward", time_zone=world.zone
    )


def _term_start(world: World, term: dict[str, Any]) -> dt.date | dt.datetime | None:
    """What the term is counted from: as agreed, else its agreed first day, else the day it takes effect."""
    known_by = term.get("period_from")
    if term.get("start") and known_by in (None, "start"):
        return dt.date.fromisoformat(term["start"])
    if world.state.effective_at is None:
        return None
    found: dt.datetime | None = getattr(world.state, _FROM.get(known_by or "effective", "effective_at"))
    return found


def cure_deadline(world: World, demand: Demand) -> Deadline:
    """The end of a cure period (补救期): an act-period, so it rolls (R-T8)."""
    return deadline(
        demand.arrived_at if demand.period.unit is Unit.HOUR else demand.arrived_on,
        demand.period,
        calendar=world.env.calendar,
        roll=demand.roll,
        time_zone=world.zone,
        roll_assumed="roll" in demand.assumed,
    )


def right_deadline(world: World, key: str, known_at: dt.datetime) -> Deadline:
    """When the right to rescind is lost (除斥期间, Civil Code 564(2), 199): agreed, else one year from knowing."""
    agreed = (agreed_ground(world, key) or {}).get("exercise_within")
    period = msgspec.convert(agreed, Period) if agreed else RIGHT_LAPSES_AFTER
    return deadline(
        known_at, period, calendar=world.env.calendar, roll="forward", time_zone=world.zone, roll_assumed=True
    )


def terminating_deadline(world: World, running: Ending) -> Deadline:
    """When a notice of termination ends the contract: its period from arrival, which does not roll (R-T8)."""
    event = running.arrived_at if running.period.unit is Unit.HOUR else running.arrived_on
    return deadline(
        event, running.period, calendar=world.env.calendar, roll="none", time_zone=world.zone, roll_assumed=True
    )


def confidentiality_term(world: World, item: Item) -> confidentiality.Term:
    """How long one item's duty lasts, from the anchors as they stand (R-C2: any end of the contract anchors it)."""
    state, zone = world.state, world.zone
    anchors: dict[str, dt.date | None] = {
        "disclosure": item.disclosed_at.astimezone(zone).date(),
        "negotiation": _first_contact(world),
        "signing": day_of(state.formed_at, zone),
        "effective": day_of(state.effective_at, zone),
        "termination": end_anchor(world),
        "return_of_data": _data_returned(world, item),
    }
    rules = world.terms.get("confidentiality", {}).get("rules", [])
    tolling = _tolling(world, item)
    formed = not state.never_formed
    asked = (formed, item.item_class, item.name, item.owner, *item.attachment_kinds, tolling, *anchors.values())
    found = world.memory.get(asked)
    if found is None:
        found = world.memory[asked] = confidentiality.term_of(
            msgspec.convert(rules, list[confidentiality.Rule]),
            item_class=item.item_class,
            item=item.name,
            owner=item.owner,
            attachment_kinds=item.attachment_kinds,
            toll_days=tolling.days,
            toll_since=tolling.since,
            anchors=anchors,
            calendar=world.env.calendar,
            time_zone=zone,
            rules_assumed=world.assumed("/terms/confidentiality/rules"),
            formed=formed,
        )
    return found


def _data_returned(world: World, item: Item) -> dt.date | None:
    """When every recipient had given the item back, or all data was given back, whichever was first."""
    days = [world.state.duties_done.get("data_return")]
    if item.recipients and not item.uncertified and all(role in item.returned for role in item.recipients):
        days.append(max(item.returned[role] for role in item.recipients))
    return day_of(min((day for day in days if day is not None), default=None), world.zone)


def _first_contact(world: World) -> dt.date | None:
    agreed = world.terms.get("confidentiality", {}).get("negotiation_began")
    return dt.date.fromisoformat(agreed) if agreed else None


def _tolling(world: World, item: Item) -> Tolling:
    """What breaches and disputes add to the term, where the terms say so (R-C4)."""
    agreed = world.terms.get("confidentiality", {}).get("toll") or {}
    intervals = [
        Interval(
            cause=one.cause,
            began=one.began_at.astimezone(world.zone).date(),
            ended=day_of(one.ended_at, world.zone),
        )
        for one in item.tolled
    ]
    return tolled(intervals, agreed.get("on", ()))


def end_anchor(world: World) -> dt.date | None:
    """R-C2: any end anchors; of a formed contract without effect, the day on which that was known or fixed."""
    state = world.state
    if state.ended_at is not None and state.effective_at is not None:
        return end_day(state.ended_at, world.zone)
    return day_of(state.undone_at, world.zone)


def day_of(instant: dt.datetime | None, zone: ZoneInfo) -> dt.date | None:
    """The legal date of an instant."""
    return None if instant is None else instant.astimezone(zone).date()


def _on(day: dt.date, zone: ZoneInfo, pointer: str) -> Deadline:
    ends = start_of(day + dt.timedelta(days=1), zone)
    steps = (Step("R-T6", "the end of the agreed day", day, ends),)
    basis = Basis("TM-TERM", "Civil Code 160, 203(2)", {"term": pointer, "date": day.isoformat()}, steps, "final")
    return Deadline(last_day=day, expires_at=ends, status="final", nominal_last_day=day, assumed=False, basis=basis)


def count(
    world: World, event: Any, period: Any, *, roll: Any = None, settings: dict[str, Any] | None = None
) -> Deadline:
    """Count an agreed period; `roll` is the class default of R-T8, which `settings` may override."""
    settings = settings or {}
    if isinstance(event, str):
        event = dt.date.fromisoformat(event)
    return deadline(
        event,
        msgspec.convert(period, Period),
        calendar=world.env.calendar,
        roll=settings.get("roll") or roll or "none",
        count_start_day=settings.get("count_start_day", False),
        time_zone=world.zone,
        roll_assumed="roll" not in settings,
    )
