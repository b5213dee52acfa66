"""Everything that will happen by itself, derived anew from the state: what changes the state moves the timers."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from clm.law import confidentiality
from clm.law.basis import Basis, LawError, Step
from clm.law.periods import Deadline, Period, Unit, deadline, end_day, start_of
from clm.lifecycle.state import Demand, Item, State
from clm.lifecycle.world import World

RIGHT_LAPSES_AFTER = Period(1, Unit.YEAR)
DUTIES = ("settlement", "data_return", "handover", "report")


class Timer(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that time will bring about.

    `key` names it within the contract; `due_at` is the instant it fires, `legal_date` the last day of what ends then or
    the first of what begins.
    A timer whose basis is provisional waits for the holiday notice and does not fire.
    """

    key: str
    kind: str
    due_at: dt.datetime
    legal_date: dt.date | None
    rule: str
    basis: Basis
    subject: dict[str, Any] = {}
    assumed: bool = False

    @property
    def certain(self) -> bool:
        """Whether the date rests on published calendars only."""
        return self.basis.status == "final"


def derive(world: World) -> list[Timer]:
    """All timers of the contract as it stands; what would end beyond the law's horizon (2100) is not armed."""
    state = world.state
    found: list[Timer] = []
    for source in (_acceptance, _effect, _term, _amendment, _grounds, _agreed_end, _arrivals, _winding_down, _items):
        timers = source(world, state)
        with contextlib.suppress(LawError):
            found.extend(timers)
    return found


def next_due(world: World, until: dt.datetime) -> Timer | None:
    """The timer to fire next: the earliest that is certain and due by `until`."""
    due = [timer for timer in derive(world) if timer.certain and timer.due_at <= until]
    return min(due, key=lambda timer: (timer.due_at, timer.key), default=None)


def _acceptance(world: World, state: State) -> Iterator[Timer]:
    if state.phase != "draft.out_for_signature" or state.approved_at is None:
        return
    agreed = world.terms.get("effectiveness", {}).get("acceptance_period")
    if agreed:
        limit = _count(world, state.approved_at, agreed, roll="forward")
        yield _timed("acceptance", "acceptance", "T03", limit)


def _effect(world: World, state: State) -> Iterator[Timer]:
    if state.phase != "draft.formed_pending" or state.formed_at is None or open_conditions(world):
        return
    steps = [Step("T04", "the contract is formed", at=state.formed_at)]
    for key, met_at in state.satisfied.items():
        steps.append(Step("T06", f"condition {key} is met", at=met_at))
    not_before = world.terms.get("effectiveness", {}).get("not_before")
    if not_before:
        day = dt.date.fromisoformat(not_before)
        steps.append(Step("T06", "the agreed first day begins", date=day, at=start_of(day, world.zone)))
    due_at = max(step.at for step in steps if step.at is not None)
    anchor = {"formed_at": state.formed_at.isoformat()}
    basis = Basis("T06", "Civil Code 158, 160, 502", anchor, tuple(steps), "final")
    yield Timer(
        key="effect", kind="effect", due_at=due_at, legal_date=_day(due_at, world.zone), rule="T06", basis=basis
    )


def open_conditions(world: World) -> list[str]:
    """The keys of agreed conditions of effectiveness that are not met yet."""
    agreed = world.terms.get("effectiveness", {}).get("conditions", [])
    return [c["key"] for c in agreed if c["key"] not in world.state.satisfied]


def _term(world: World, state: State) -> Iterator[Timer]:
    drafting = state.phase.startswith("draft.") and not state.term_passed
    if not (state.in_force or drafting):
        return
    ends = term_end(world)
    if ends is None:
        return
    objection = objection_deadline(world, ends) if state.in_force else None
    if objection is not None:
        yield _timed(f"renewal:{state.renewal_no + 1}", "renewal", "T40", objection)
    else:
        yield _timed("term", "term", "T39", ends)


def term_end(world: World) -> Deadline | None:
    """The end of the current term (合同期限); None for an indefinite one or one that waits for its start."""
    state, term = world.state, world.terms.get("term", {})
    first: Deadline | None = None
    if term.get("end"):
        first = _on(dt.date.fromisoformat(term["end"]), world.zone, "/terms/term/end")
    elif term.get("period") and state.effective_at is not None:
        start = term.get("start") or state.effective_at
        first = _count(world, start, term["period"], settings=term)
    if first is None or state.renewal_no == 0 or first.nominal_last_day is None:
        return first
    period = renewal_period(world)
    added = Period(period.length * state.renewal_no, period.unit)
    return deadline(first.nominal_last_day, added, calendar=world.env.calendar, time_zone=world.zone)


def renewal_period(world: World) -> Period:
    """How long one automatic renewal (自动续期) lasts."""
    return msgspec.convert(world.terms["term"]["renewal"]["period"], Period)


def objection_deadline(world: World, ends: Deadline) -> Deadline | None:
    """By when an objection to renewal must have arrived; None where the term will not renew."""
    state, renewal = world.state, world.terms.get("term", {}).get("renewal", {})
    most = renewal.get("max_renewals")
    spent = most is not None and state.renewal_no >= most
    if not renewal.get("automatic") or state.renewal_objected or spent or ends.nominal_last_day is None:
        return None
    period = msgspec.convert(renewal["objection"]["period"], Period)
    return deadline(
        ends.nominal_last_day, period, calendar=world.env.calendar, direction="backward", time_zone=world.zone
    )


def _amendment(_world: World, state: State) -> Iterator[Timer]:
    amendment = state.open_amendment
    if amendment is None or amendment.applies_at is None or amendment.agreed_at is None or not state.in_force:
        return
    steps = [Step("T11", "every party has executed the amendment", at=amendment.agreed_at)]
    if amendment.effective_on is not None:
        steps.append(Step("T12", "the agreed first day begins", date=amendment.effective_on, at=amendment.applies_at))
    anchor = {"agreed_at": amendment.agreed_at.isoformat()}
    basis = Basis("T12", "Civil Code 543, 160", anchor, tuple(steps), "final")
    yield Timer(
        key=f"amendment:{amendment.id}",
        kind="amendment",
        due_at=amendment.applies_at,
        legal_date=amendment.effective_on,
        rule="T12",
        basis=basis,
        subject={"amendment_id": str(amendment.id)},
    )


def _grounds(world: World, state: State) -> Iterator[Timer]:
    if not state.in_force:
        return
    for ground in state.grounds:
        if ground.ended is not None:
            continue
        if ground.status == "termination.demand_running" and ground.demand is not None:
            limit = cure_deadline(world, ground.demand)
            rule = "T33" if ground.demand.automatic else "T34"
            yield _timed(
                f"cure:{ground.key}", "cure", rule, limit, ground=ground.key, automatic=ground.demand.automatic
            )
        limit = right_deadline(world, ground.key, ground.known_at)
        yield _timed(f"right:{ground.key}", "right_lapse", "T36", limit, ground=ground.key)


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
    agreed = next((g.get("exercise_within") for g in grounds_of(world) if g["key"] == key), None)
    period = msgspec.convert(agreed, Period) if agreed else RIGHT_LAPSES_AFTER
    return deadline(
        known_at, period, calendar=world.env.calendar, roll="forward", time_zone=world.zone, roll_assumed=True
    )


def grounds_of(world: World) -> list[dict[str, Any]]:
    """The agreed grounds for rescission."""
    return list(world.terms.get("termination", {}).get("grounds", []))


def _agreed_end(_world: World, state: State) -> Iterator[Timer]:
    agreed = state.agreed_end
    if agreed is None or not state.in_force:
        return
    step = Step(
        "T37", "the agreed last day is over" if agreed.on else "the agreement is executed", agreed.on, agreed.ends_at
    )
    anchor = {"agreed_at": agreed.agreed_at.isoformat()}
    basis = Basis("T37", "Civil Code 562(1)", anchor, (step,), "final")
    yield Timer(
        key="agreed_end", kind="agreed_end", due_at=agreed.ends_at, legal_date=agreed.on, rule="T37", basis=basis
    )


def _arrivals(_world: World, state: State) -> Iterator[Timer]:
    for notice in state.incoming:
        if not notice.arrived:
            yield Timer(
                key=f"arrival:{notice.id}",
                kind="arrival",
                due_at=notice.arrives_at,
                legal_date=notice.legal_date,
                rule="TM-ARRIVAL",
                basis=msgspec.convert(notice.basis, Basis),
                subject={"notice_id": str(notice.id), "type": notice.type},
                assumed=notice.assumed,
            )


def _winding_down(world: World, state: State) -> Iterator[Timer]:
    if state.phase != "terminated.winding_down" or state.ended_at is None:
        return
    procedure = world.terms.get("termination", {}).get("procedure", {})
    for duty in ("settlement", "data_return"):
        over = duty in state.duties_done or duty in state.duties_overdue
        if duty in procedure and not over:
            limit = _count(
                world,
                end_day(state.ended_at, world.zone),
                procedure[duty],
                roll="forward",
            )
            yield _timed(duty, duty, "TM-DATA-RETURN" if duty == "data_return" else "T50", limit)


def _items(world: World, state: State) -> Iterator[Timer]:
    for item in state.items:
        if item.expired_at is not None or item.released_at is not None:
            continue
        term = confidentiality_term(world, item)
        if term.ends_at is not None:
            yield Timer(
                key=f"confidentiality:{item.id}",
                kind="confidentiality",
                due_at=term.ends_at,
                legal_date=term.ends_on,
                rule="TM-CONF",
                basis=term.basis,
                subject={"item_id": str(item.id), "name": item.name},
                assumed=term.assumed,
            )


def confidentiality_term(world: World, item: Item) -> confidentiality.Term:
    """How long one item's duty lasts, from the anchors as they stand (R-C2: any end of the contract anchors it)."""
    state, zone = world.state, world.zone
    anchors: dict[str, dt.date | None] = {
        "disclosure": item.disclosed_at.astimezone(zone).date(),
        "signing": _day(state.formed_at, zone),
        "effective": _day(state.effective_at, zone),
        "termination": end_day(state.ended_at, zone) if state.ended_at and state.effective_at else None,
        "return_of_data": _day(state.duties_done.get("data_return"), zone),
    }
    rules = world.terms.get("confidentiality", {}).get("rules", [])
    asked = (item.item_class, item.name, *anchors.values())
    found = world.memory.get(asked)
    if found is None:
        found = world.memory[asked] = confidentiality.term_of(
            msgspec.convert(rules, list[confidentiality.Rule]),
            item_class=item.item_class,
            item=item.name,
            anchors=anchors,
            calendar=world.env.calendar,
            time_zone=zone,
            rules_assumed=world.assumed("/terms/confidentiality/rules"),
        )
    return found


def _day(instant: dt.datetime | None, zone: ZoneInfo) -> dt.date | None:
    return None if instant is None else instant.astimezone(zone).date()


def _on(day: dt.date, zone: ZoneInfo, pointer: str) -> Deadline:
    ends = start_of(day + dt.timedelta(days=1), zone)
    steps = (Step("R-T6", "the end of the agreed day", day, ends),)
    basis = Basis("TM-TERM", "Civil Code 160, 203(2)", {"term": pointer, "date": day.isoformat()}, steps, "final")
    return Deadline(last_day=day, expires_at=ends, status="final", nominal_last_day=day, assumed=False, basis=basis)


def _count(
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


def _timed(key: str, kind: str, rule: str, limit: Deadline, **subject: Any) -> Timer:
    if limit.expires_at is None:
        raise ValueError(f"{key} has no instant")
    return Timer(
        key=key,
        kind=kind,
        due_at=limit.expires_at,
        legal_date=limit.last_day,
        rule=rule,
        basis=limit.basis,
        subject=subject,
        assumed=limit.assumed,
    )
