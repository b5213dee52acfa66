"""Everything that will happen by itself, derived anew from the state: what changes the state moves the timers."""

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from clm.law.basis import Basis, LawError, Step
from clm.law.confidentiality_exceptions import ReturnAsked, outlives_release, return_asked
from clm.law.periods import Deadline, Period, Unit, end_day, start_of
from clm.lifecycle import winding
from clm.lifecycle.agreeing import answer_deadline
from clm.lifecycle.clauses import open_conditions
from clm.lifecycle.deadlines import (
    confidentiality_term,
    count,
    cure_deadline,
    day_of,
    end_anchor,
    objection_deadline,
    right_deadline,
    term_end,
    terminating_deadline,
)
from clm.lifecycle.state import Item, State, by_instant
from clm.lifecycle.surviving import has_ended
from clm.lifecycle.world import World

_AGREED_AS = {
    "settlement": "settlement",
    "restitution": "settlement",
    "data_return": "data_return",
    "handover": "handover",
}
"""The term that says how long a duty of winding down may take; the report has none."""
SECURITY = Period(15, Unit.DAY)
"""The policy default of 3.3 (T20) for the reasonable time in which security is given (528)."""


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
    for source in _SOURCES:
        timers = source(world, state)
        with contextlib.suppress(LawError):
            found.extend(timers)
    floor = state.current.valid_from
    return found if floor is None else [_not_before(timer, floor) for timer in found]


def _not_before(timer: Timer, floor: dt.datetime) -> Timer:
    """Terms work from when they are in force on (T12): what they would have made due before falls due then."""
    if timer.due_at >= floor or timer.kind in AS_THEY_ARE:
        return timer
    step = Step("T12", "the terms that say so are in force only from here", at=floor)
    return replace(timer, due_at=floor, basis=replace(timer.basis, steps=(*timer.basis.steps, step)))


def next_due(timers: Sequence[Timer], until: dt.datetime) -> Timer | None:
    """The timer to fire next: the earliest that is certain and due by `until`."""
    due = [timer for timer in timers if timer.certain and timer.due_at <= until]
    return min(due, key=lambda timer: (timer.due_at, timer.key), default=None)


def _acceptance(world: World, state: State) -> Iterator[Timer]:
    if state.phase != "draft.out_for_signature" or state.approved_at is None:
        return
    agreed = world.terms.get("effectiveness", {}).get("acceptance_period")
    if agreed:
        since = state.offer_arrived_on or state.approved_at
        yield _timed("acceptance", "acceptance", "T03", count(world, since, agreed, roll="forward"))


def _effect(world: World, state: State) -> Iterator[Timer]:
    if state.phase != "draft.formed_pending" or state.formed_at is None or open_conditions(world):
        return
    steps = [Step("T04", "the contract is formed", at=state.formed_at)]
    for key, met_at in state.met:
        steps.append(Step("T06", f"condition {key} is met", at=met_at))
    not_before = world.terms.get("effectiveness", {}).get("not_before")
    if not_before:
        day = dt.date.fromisoformat(not_before)
        steps.append(Step("T06", "the agreed first day begins", date=day, at=start_of(day, world.zone)))
    due_at = max(step.at for step in steps if step.at is not None)
    anchor = {"formed_at": state.formed_at.isoformat()}
    basis = Basis("T06", "Civil Code 158, 160, 502", anchor, tuple(steps), "final")
    yield Timer(
        key="effect", kind="effect", due_at=due_at, legal_date=day_of(due_at, world.zone), rule="T06", basis=basis
    )


def _term(world: World, state: State) -> Iterator[Timer]:
    drafting = state.phase.startswith("draft.") and not state.term_passed
    if not (state.in_force or drafting):
        return
    ends = term_end(world)
    if ends is None:
        return
    objection = objection_deadline(world, ends) if state.in_force else None
    if objection is not None and not _comes_too_late(state, objection):
        yield _timed(f"renewal:{state.renewal_no + 1}", "renewal", "T40", objection)
    else:
        yield _timed("term", "term", "T39", ends)


def _comes_too_late(state: State, objection: Deadline) -> bool:
    """Whether renewal was agreed on when nobody could object any more: this term then ends as it would have (I2)."""
    since = state.current.valid_from
    amended = state.current.no > 1 and since is not None and objection.expires_at is not None
    return amended and objection.expires_at <= since  # type: ignore[operator]  # neither is None there


def _amendment(world: World, state: State) -> Iterator[Timer]:
    amendment = state.open_amendment
    if amendment is None or not (state.in_force or has_ended(state)):
        return
    answer = answer_deadline(amendment, world.env.calendar, world.zone)
    if amendment.status == "proposed" and answer is not None:
        key = f"amendment_answer:{amendment.id}"
        yield _timed(key, "amendment_answer", "T13", answer, amendment_id=str(amendment.id))
    if amendment.applies_at is None or amendment.agreed_at is None:
        return
    steps = [Step("T11", "every party has executed the amendment", at=amendment.agreed_at)]
    met = by_instant({key: met_at for key, met_at in amendment.conditions.items() if met_at is not None})
    steps += [Step("T12", f"condition {key} is met", at=met_at) for key, met_at in met]
    if amendment.effective_on is not None:
        begins = start_of(amendment.effective_on, world.zone)
        steps.append(Step("T12", "the agreed first day begins", date=amendment.effective_on, at=begins))
    anchor = {"agreed_at": amendment.agreed_at.isoformat()}
    rule = "T12" if state.in_force else "T15"
    basis = Basis(rule, "Civil Code 543, 158, 160", anchor, tuple(steps), "final")
    yield Timer(
        key=f"amendment:{amendment.id}",
        kind="amendment",
        due_at=amendment.applies_at,
        legal_date=amendment.effective_on,
        rule=rule,
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
        if ground.asked is not None:
            yield _timed(f"decide:{ground.key}", "decide", "T36", cure_deadline(world, ground.asked), ground=ground.key)
        if state.ending is not None and state.ending.ground == ground.key:
            continue
        limit = right_deadline(world, ground.key, ground.known_at)
        yield _timed(f"right:{ground.key}", "right_lapse", "T36", limit, ground=ground.key)


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
    ended = end_day(state.ended_at, world.zone) if state.ended_at is not None else None
    since = ended if state.phase == "terminated.winding_down" else day_of(state.undone_at, world.zone)
    if since is None:
        return
    procedure = world.terms.get("termination", {}).get("procedure", {})
    for duty in winding.left(state):
        agreed = procedure.get(_AGREED_AS.get(duty))
        if agreed and duty not in state.duties_overdue:
            limit = count(world, since, agreed, roll="forward")
            yield _timed(duty, duty, "TM-DATA-RETURN" if duty == winding.CERTIFIED else "T50", limit)


def _force_majeure(world: World, state: State) -> Iterator[Timer]:
    event = state.force_majeure
    if event is None or not state.in_force:
        return
    agreed, began = world.terms.get("force_majeure", {}), event.began_at.astimezone(world.zone).date()
    if agreed.get("notify") and event.notified_at is None and "notice" not in event.late:
        yield _timed("fm_notify", "fm_notify", "TM-FM-NOTIFY", _count_act(world, event.began_at, agreed["notify"]))
    since = event.notified_on if agreed.get("proof_from") == "notice" else began
    if agreed.get("proof") and event.proved_at is None and "proof" not in event.late and since is not None:
        yield _timed("fm_proof", "fm_proof", "TM-FM-PROOF", _count_act(world, since, agreed["proof"]))
    if agreed.get("rescind_after") and not event.passed and event.ended_at is None:
        limit = count(world, began, agreed["rescind_after"])
        yield _timed("fm_passed", "fm_passed", "TM-FM-RESCIND", limit)


def _count_act(world: World, event: dt.date | dt.datetime, period: Any) -> Deadline:
    """An act-period rolls (R-T8); one in hours runs from the instant, the others from its day."""
    day = event.astimezone(world.zone).date() if isinstance(event, dt.datetime) else event
    return count(world, event if period.get("unit") == "hour" else day, period, roll="forward")


def _security(world: World, state: State) -> Iterator[Timer]:
    if state.suspension != "unstable" or not state.in_force or not state.pauses:
        return
    pause = state.pauses[-1]
    if any(ground.key == "anticipatory_breach" and ground.known_at >= pause.began_at for ground in state.grounds):
        return
    since = pause.noticed_on or pause.began_at.astimezone(world.zone).date()
    limit = count(world, since, msgspec.to_builtins(SECURITY), roll="forward")
    yield _timed("security", "security", "T22", replace(limit, assumed=True), party=pause.party)


def _notice_period(world: World, state: State) -> Iterator[Timer]:
    running = state.ending
    if running is None or not state.in_force:
        return
    limit = terminating_deadline(world, running)
    about = {"notice_id": str(running.notice_id), "ground": running.ground, "outcome": running.outcome}
    yield _timed("notice_period", "notice_period", "T41", limit, **about)


def _items(world: World, state: State) -> Iterator[Timer]:
    for item in state.items:
        if item.expired_at is None and item.released_at is None:
            with contextlib.suppress(LawError):
                yield from _duty(world, item)


def _duty(world: World, item: Item) -> Iterator[Timer]:
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


def _returns(world: World, state: State) -> Iterator[Timer]:
    for item in state.items:
        asked = asks_return(world, item)
        if asked is None or item.return_missed or not outstanding(world, item):
            continue
        with contextlib.suppress(LawError):
            limit = return_deadline(world, asked)
            about = {"item_id": str(item.id), "name": item.name, "cause": asked.cause}
            if limit is not None:
                yield _timed(f"confidential_return:{item.id}", "confidential_return", asked.rule, limit, **about)


def asks_return(world: World, item: Item) -> ReturnAsked | None:
    """Since when return or destruction of an item is to be confirmed, and why; None while nothing asks for it."""
    if item.released_at is not None and not outlives_release(item.item_class):
        return None
    expired_on = end_day(item.expired_at, world.zone) if item.expired_at is not None else None
    given_up_on = day_of(world.state.given_up_at, world.zone)
    return return_asked(item.item_class, expired_on=expired_on, ended_on=end_anchor(world), given_up_on=given_up_on)


def outstanding(world: World, item: Item) -> list[str]:
    """The recipients who have not confirmed return or destruction, with its certificate where one is asked for.

    A certified return of all data is one for them.
    """
    if winding.CERTIFIED in world.state.certified:
        return []
    return [role for role in item.recipients if role not in item.returned or role in item.uncertified]


def return_deadline(world: World, asked: ReturnAsked) -> Deadline | None:
    """By when it is to be confirmed: the period agreed for the return of data; None where none is agreed."""
    agreed = world.terms.get("termination", {}).get("procedure", {}).get(winding.CERTIFIED)
    return count(world, asked.since, agreed, roll="forward") if agreed else None


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


AS_THEY_ARE = ("arrival", "amendment", "amendment_answer", "cure", "decide")
"""Kinds whose date was fixed by an act, under the terms of its time: no later version moves it."""
_SOURCES = (
    _acceptance,
    _effect,
    _term,
    _amendment,
    _grounds,
    _security,
    _force_majeure,
    _notice_period,
    _agreed_end,
    _arrivals,
    _winding_down,
    _items,
    _returns,
)
