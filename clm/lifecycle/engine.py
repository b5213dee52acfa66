"""decide(): a state and a fact in, the next state and what happened out. Pure, and the same whenever it is run.

Facts are decided in the order they happened. One that comes late is put in its place: the contract is decided anew
from the moment its text went out for signature, and what no longer follows is for the caller to supersede.
"""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec.structs import replace

from clm.lifecycle import (  # noqa: F401 - they register their actions
    arriving,
    changing,
    confiding,
    drafting,
    ending,
    item_corrections,
    making,
    performing,
    rulings,
    winding,
)
from clm.lifecycle.actions import REGISTER, carry_out
from clm.lifecycle.correcting import CORRECT, CORRECTIONS, standing
from clm.lifecycle.facts import Fact
from clm.lifecycle.firing import fire
from clm.lifecycle.state import State
from clm.lifecycle.terms import BadChange
from clm.lifecycle.timers import Timer, derive, next_due
from clm.lifecycle.world import Env, Happening, Reason, Refused, Reopened, Turn, World

NEVER_REFUSED = frozenset({"item.disclose"})
"""Facts that fit any state: deciding anew need not be ready to take them back."""
JUDGEMENT = "notice.judged"
"""A fact that takes the place of the earlier ones about the same notice."""
PROPOSAL = "amendment.propose"
REACHING_BACK = frozenset({*CORRECTIONS, rulings.DECISION})
"""Facts that may change what was decided about an earlier moment, whatever their own."""


class Decision(msgspec.Struct, frozen=True):
    """The state that follows, what happened on the way there, and the timers that are armed then.

    `anew`: the happenings replace everything decided since the origin, because a fact came late or a date is known now
    that was not. `waited`: on the way some date waited for a holiday notice that is not published. `origin` is the
    state just after the text went out for signature, where this decision sent it out, and `origin_told` how many
    happenings led there.
    """

    state: State
    happenings: list[Happening]
    timers: list[Timer]
    anew: bool = False
    waited: bool = False
    origin: State | None = None
    origin_told: int = 0


def advance(state: State, env: Env, until: dt.datetime, *, at_most: int | None = None) -> Decision:
    """Fire what is due by `until`, oldest first, and nothing else."""
    world = World(state.copy(), env)
    timers = _run(world, until, at_most)
    return Decision(world.state, world.happenings, timers, waited=world.waited)


def decide(state: State, fact: Fact, env: Env, now: dt.datetime) -> Decision:
    """Decide one fact that is not late, and fire what is due by `now`; raises Refused."""
    world = World(state.copy(), env)
    in_order = state.approved_at is not None
    if in_order:
        _run(world, fact.at, None)
    _take(world, fact)
    if in_order:
        _seen(world, fact.at)
    sent_out = not in_order and world.state.approved_at is not None
    origin, told = (world.state.copy(), len(world.happenings)) if sent_out else (None, 0)
    timers = _run(world, now, None)
    return Decision(world.state, world.happenings, timers, waited=world.waited, origin=origin, origin_told=told)


def is_late(state: State, fact: Fact) -> bool:
    """Whether something that happened after `fact` was decided already, or something that it takes back."""
    if fact.kind in REACHING_BACK or (fact.kind == JUDGEMENT and fact.data.get("revision", 1) > 1):
        return True
    if state.last_at is None or REGISTER[fact.kind].events[:1] == ("send_back",):
        return False
    return fact.at < state.last_at


def decide_anew(origin: State, facts: Sequence[Fact], late: Fact, env: Env, now: dt.datetime) -> Decision:
    """Decide `late` in its place among `facts`; raises Refused where the contract then did not allow it.

    A later fact that no longer fits is kept on the record as moot; of the judgements of one notice the last counts;
    corrections are carried out. A decision of a court that reaches back makes everything be decided once more, with
    its turn known from the beginning.
    """
    held = _decisions_that_count(origin, facts, env, now) if late.kind == CORRECT else frozenset()
    return _replays(origin, [*facts, late], _Late(late, held), env, now)


def decide_again(origin: State, facts: Sequence[Fact], env: Env, until: dt.datetime) -> Decision:
    """Decide the same facts once more, where what dates are computed with has changed since; time passes to `until`."""
    return _replays(origin, facts, None, env, until)


def _decisions_that_count(origin: State, facts: Sequence[Fact], env: Env, now: dt.datetime) -> frozenset[UUID]:
    decisions = {fact.id for fact in facts if fact.kind == rulings.DECISION}
    if not decisions:
        return frozenset()
    told = _replays(origin, facts, None, env, now).happenings
    idle = {one.fact_id for one in told if one.type == "fact.moot" or "without_effect" in one.data}
    return frozenset(decisions - idle)


class _Late(msgspec.Struct, frozen=True):
    """The fact that came late, and the decisions of courts that it must not push aside."""

    fact: Fact
    held: frozenset[UUID]


def _replays(origin: State, recorded: Sequence[Fact], late: _Late | None, env: Env, now: dt.datetime) -> Decision:
    turns: list[Turn] = []
    while True:
        try:
            return _replay(origin, recorded, late, turns, env, now)
        except Reopened as reopened:
            turns.append(reopened.turn)


def _replay(
    origin: State, recorded: Sequence[Fact], late: _Late | None, turns: Sequence[Turn], env: Env, now: dt.datetime
) -> Decision:
    world = World(origin.copy(), env, turns)
    moments = _moments(recorded, turns)
    judged = {str(one.fact.data["notice_id"]) for one in moments if one.fact.kind == JUDGEMENT}
    world.state.incoming = [notice for notice in world.state.incoming if str(notice.id) not in judged]
    refused: Refused | BadChange | None = None
    for moment in moments:
        _run(world, moment.at, None)
        before = None if moment.fact.kind in NEVER_REFUSED else world.state.copy()
        told = len(world.happenings)
        try:
            _take(world, moment.fact, moment.turn)
        except (Refused, BadChange) as refusal:
            if before is None:
                raise
            refused = _refused(world, late, moment, refusal) or refused
            world.undo(before, told)
            if moment.turn is None:
                _moot(world, moment, refusal)
            else:  # told with the decision itself, at its own date: one account of one judgment
                world.idle[moment.fact.id] = str(refusal)
        _seen(world, moment.at)
    timers = _run(world, now, None)
    if refused is not None:  # only here: a judgment further on may have made room for it
        raise refused
    return Decision(world.state, world.happenings, timers, anew=True, waited=world.waited)


class _Moment(msgspec.Struct, frozen=True):
    """A fact in its place, or what a judgment does at an earlier instant; `by` is the correction that put it there."""

    at: dt.datetime
    fact: Fact
    turn: Turn | None = None
    by: UUID | None = None


def _moments(recorded: Sequence[Fact], turns: Sequence[Turn]) -> list[_Moment]:
    last = {str(fact.data["notice_id"]): fact.no for fact in recorded if fact.kind == JUDGEMENT}
    found = [
        _Moment(one.fact.at, one.fact, by=one.by)
        for one in standing(recorded)
        if one.fact.kind != JUDGEMENT or last[str(one.fact.data["notice_id"])] == one.fact.no
    ]
    by_id = {moment.fact.id: moment for moment in found}
    found += [replace(by_id[turn.fact_id], at=turn.at, turn=turn) for turn in turns if turn.at is not None]
    return sorted(found, key=lambda moment: (moment.at, moment.fact.no, moment.turn is None))


def _refused(
    world: World, late: _Late | None, moment: _Moment, refusal: Refused | BadChange
) -> Refused | BadChange | None:
    """Whether what did not fit is the late fact itself, or what it must not push aside."""
    if late is None:
        return None
    if late.fact.id == moment.fact.id:
        return refusal
    if late.fact.id == moment.by and isinstance(refusal, BadChange):
        return BadChange(f"/replacement{refusal.pointer}", refusal.message)
    if late.fact.id == moment.by:
        return refusal
    if moment.fact.id in late.held:
        return _overruled(moment)
    crosses = late.fact.kind == PROPOSAL and moment.fact.kind == PROPOSAL and _is_open(world, late.fact)
    return _crossed(moment.fact) if crosses else None


def _is_open(world: World, proposal: Fact) -> bool:
    amendment = world.state.open_amendment
    return amendment is not None and str(amendment.id) == proposal.data["amendment_id"]


def _overruled(decision: _Moment) -> Refused:
    """What a court has decided is not pushed aside by a party's word that something else was a mistake."""
    text = (
        f"With this correction the decision {decision.fact.id} of a court would count for nothing; correct that first."
    )
    return Refused(Reason("I7", text, missing="correct", who="whoever may correct"))


def _crossed(proposal: Fact) -> Refused:
    """What both sides have on record is not undone by one side's word of an earlier proposal (136(2), 543)."""
    amendment = proposal.data["amendment_id"]
    text = f"Amendment {amendment} was proposed while this one would have been open; one at a time."
    return Refused(Reason("T10", text, missing="a day on which none was open", who="either party"))


def _take(world: World, fact: Fact, turn: Turn | None = None) -> None:
    world.fact_id, world.evidence, world.recorded_at = fact.id, fact.data.get("evidence", []), fact.recorded_at
    try:
        if turn is None:
            carry_out(world, fact.kind, fact.data, fact.at)
        else:
            rulings.take_effect(world, fact.data, turn)
    finally:
        world.fact_id, world.evidence, world.recorded_at = None, [], None


def _seen(world: World, at: dt.datetime) -> None:
    state = world.state
    if state.approved_at is not None:
        state.last_at = at if state.last_at is None or at > state.last_at else state.last_at


def _run(world: World, until: dt.datetime, at_most: int | None) -> list[Timer]:
    """Fire what is due, oldest first; returns the timers that are armed then."""
    fired = 0
    while True:
        timers = derive(world)
        world.waited = world.waited or not all(timer.certain for timer in timers)
        timer = next_due(timers, until) if at_most is None or fired < at_most else None
        if timer is None:
            return timers
        fire(world, timer)
        _seen(world, timer.due_at)
        fired += 1


def _moot(world: World, moment: _Moment, refusal: Refused | BadChange) -> None:
    world.fact_id = moment.fact.id
    rule = refusal.reasons[0].rule if isinstance(refusal, Refused) else "T13"
    text = f"{moment.fact.kind} no longer has an effect: {refusal}"
    world.tell("fact.moot", moment.at, text, rule=rule, fact_kind=moment.fact.kind)
    world.fact_id = None
