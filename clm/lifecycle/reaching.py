"""How each ruling reaches back: to a cause that counts no longer, or to an instant at which it has its effect.

Each function checks a decision against the contract as it stood at its date, without what it changes.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec

from clm.law.calendars import FIRST_DAY
from clm.lifecycle import conditions, ending, facts, making
from clm.lifecycle.clauses import ENDING_NOTICES
from clm.lifecycle.state import Incoming, State, Suit
from clm.lifecycle.terms import BadChange
from clm.lifecycle.transitions import TRANSITIONS
from clm.lifecycle.world import Reason, Refused, World

_DEMANDED = "termination.demand_running"
_UNDOES = {"void": "annul", "revoked": "revoke"}


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How a ruling reaches back: to a cause that counts no longer, or to an instant at which it has its effect."""

    cause: str | None = None
    at: dt.datetime | None = None
    until: dt.datetime | None = None
    data: dict[str, Any] = {}


def _void(world: World, body: facts.RecordDecision, _suit: Suit | None, at: dt.datetime) -> Reach | None:
    """T08: retroactive to formation (155)."""
    event = _UNDOES[body.ruling]
    if world.state.formed_at is None or world.state.phase.startswith("never_in_force"):
        message = "Only a contract that was formed, and is not void already, can be judged so."
        raise Refused(Reason(TRANSITIONS[event].id, message, missing="a formed contract", who="court, tribunal"))
    known = _fixed(world, body, at) or at
    was = {"status": world.state.status, "outcome": world.state.outcome}
    data = {"ruling": body.ruling, "known_at": known.isoformat(), "before": was}
    return Reach(cause=making.FORMATION, data=data)


def _end(world: World, body: facts.RecordDecision, suit: Suit | None, at: dt.datetime) -> Reach | None:
    """T43: ended when the complaint was served (565(2); interpretation 59), or when the court says so (533)."""
    when = _fixed(world, body, at)
    if when is None:
        served = body.served_at or (suit.served_at if suit else None)
        when = at if body.ruling == "change_of_circumstances" else served
    if when is None:
        raise BadChange("/served_at", "Say when the complaint was served: the contract ended then (565(2)).")
    _check_instant("/served_at", when, at)
    when = when.astimezone(world.zone)
    cause = _claimed_end(world) if body.ruling == "both_claimed" else None
    return Reach(cause=cause, at=when, data={"effective_at": when.isoformat()})


def _claimed_end(world: World) -> str | None:
    """52(2): that both claim the end without a right to it says that the notice of one of them ended nothing."""
    by_notice = (world.state.ended_by or "").startswith("notice:")
    return world.state.ended_by if by_notice else None


def _restore(world: World, body: facts.RecordDecision, _suit: Suit | None, _at: dt.datetime) -> Reach | None:
    """T45: a notice by which one party ended the contract, or was about to, counts no longer (interpretation 53)."""
    state = world.state
    ended_by = state.ended_by if (state.ended_by or "").startswith("notice:") else None
    cause = f"notice:{body.notice_id}" if body.notice_id else ending_notice(state)
    if any(turn.cause == cause and turn.fact_id != world.fact_id for turn in world.turns):
        text = "A court has decided that already; what it decided is reversed by correct."
        raise Refused(Reason("T45", text, missing="nothing: it counts", who="court, tribunal"))
    if cause is None or not _is_known(world, cause):
        message = "No notice by which one party ended the contract, or is about to, is on record."
        what = "a notice of rescission; the ruling condition_not_met for a condition; correct for what was no fact"
        raise Refused(Reason("T45", message, missing=what, who="court, tribunal"))
    return Reach(cause=cause, data=_told(world, cause, ends=cause == ended_by))


def _is_known(world: World, cause: str) -> bool:
    return any(f"notice:{one.id}" == cause and claims_end(world.state, one) for one in world.state.incoming)


def claims_end(state: State, notice: Incoming) -> bool:
    """Whether a notice that has arrived ends the contract, or says that it will: its other side may dispute that."""
    demanded = any(ground.demand is not None and ground.demand.notice_id == notice.id for ground in state.grounds)
    return notice.arrived and (notice.type in ENDING_NOTICES or demanded)


def ending_notice(state: State) -> str | None:
    """The notice by which one party ended the contract, or is about to: by its period, or by a demand that runs."""
    if state.ended_at is not None:
        return state.ended_by if (state.ended_by or "").startswith("notice:") else None
    if state.ending is not None:
        return f"notice:{state.ending.notice_id}"
    running = [one.demand for one in state.grounds if one.ended is None and one.status == _DEMANDED]
    return f"notice:{running[0].notice_id}" if len(running) == 1 and running[0] is not None else None


def _uphold(world: World, _body: facts.RecordDecision, _suit: Suit | None, _at: dt.datetime) -> Reach | None:
    if ending_notice(world.state) is None:
        message = (
            "Nothing that one party did has ended the contract. A decision that was reversed is corrected (correct)."
        )
        raise Refused(Reason("T46", message, missing="a rescission or termination", who="court, tribunal"))
    return None


def _condition_met(world: World, body: facts.RecordDecision, _suit: Suit | None, at: dt.datetime) -> Reach | None:
    """159: met at the act that prevented it, unless the court fixes another instant."""
    if body.condition is None:
        raise BadChange("/condition", "Name the condition.")
    when = _fixed(world, body, at)
    if when is None:
        raise BadChange("/effective_at", "Say when the condition was prevented, or the instant that the court fixes.")
    data = {"condition": body.condition, "effective_at": when.isoformat()}
    return Reach(cause=conditions.failure_of(body.condition), at=when, data=data)


def _condition_not_met(world: World, body: facts.RecordDecision, _suit: Suit | None, _at: dt.datetime) -> Reach | None:
    met_at = conditions.met_at(world, body.condition) if body.condition is not None else None
    if met_at is None:
        raise BadChange("/condition", "Name a condition that is on record as met.")
    return Reach(cause=f"condition:{body.condition}", until=met_at, data={"condition": body.condition})


def _amendment_invalid(world: World, body: facts.RecordDecision, _suit: Suit | None, _at: dt.datetime) -> Reach | None:
    found = next((one for one in world.state.amendments if one.id == body.amendment_id), None)
    if found is None or found.status not in ("agreed_pending", "applied"):
        raise BadChange("/amendment_id", "Name an amendment of this contract that is agreed or applied.")
    return Reach(cause=f"amendment:{found.id}", data={"amendment_id": str(found.id)})


def _agreement_invalid(world: World, _body: facts.RecordDecision, _suit: Suit | None, _at: dt.datetime) -> Reach | None:
    """T45: a termination agreement that is void or revoked ended nothing."""
    state, agreed = world.state, world.state.agreed_end
    if agreed is None:
        raise Refused(Reason("T45", "No termination agreement is on record.", missing="terminate-by-agreement"))
    cause, ends = ending.agreement_of(agreed.agreed_at), state.outcome == "mutual"
    return Reach(cause=cause, data=_told(world, cause, ends=ends))


def _told(world: World, cause: str, *, ends: bool) -> dict[str, Any]:
    """What a decision that undoes an end says of it."""
    last = next((one for one in reversed(world.happenings) if one.type == "contract.terminated"), None)
    return {
        "annulled": cause,
        "annulled_transition": last.transition if last and ends else None,
        "outcome_before": world.state.outcome if ends else None,
        "ended_at": world.state.ended_at.isoformat() if world.state.ended_at else None,
    }


def _fixed(world: World, body: facts.RecordDecision, at: dt.datetime) -> dt.datetime | None:
    """The instant that the decision fixes, in the contract's zone."""
    if body.effective_at is None:
        return None
    _check_instant("/effective_at", body.effective_at, at)
    return body.effective_at.astimezone(world.zone)


def _check_instant(pointer: str, given: dt.datetime, at: dt.datetime) -> None:
    if given.tzinfo is None or given.year < FIRST_DAY.year or given > at:
        text = f"Give an instant with its offset, from {FIRST_DAY.year} on and not after the decision."
        raise BadChange(pointer, text)


REACHES: dict[str, Callable[[World, facts.RecordDecision, Suit | None, dt.datetime], Reach | None]] = {
    "void": _void,
    "revoked": _void,
    "rescinded": _end,
    "both_claimed": _end,
    "deadlock": _end,
    "change_of_circumstances": _end,
    "termination_groundless": _restore,
    "termination_upheld": _uphold,
    "condition_met": _condition_met,
    "condition_not_met": _condition_not_met,
    "amendment_invalid": _amendment_invalid,
    "agreement_invalid": _agreement_invalid,
}
"""By ruling; one that reaches back to nothing is not here."""
