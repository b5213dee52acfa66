"""Grounds, demands, rescission, agreement, expiry, and what comes after (10.2, 10.3; T20-T40, T50)."""

import datetime as dt
from typing import Any

import msgspec

from clm.law.periods import Period, Unit, start_of
from clm.lifecycle import facts
from clm.lifecycle.actions import action
from clm.lifecycle.state import AgreedEnd, Demand, Ground, Incoming
from clm.lifecycle.terms import BadChange
from clm.lifecycle.timers import DUTIES, cure_deadline, grounds_of
from clm.lifecycle.world import Reason, Refused, World

STATUTORY = {
    "force_majeure": "Civil Code 563(1)(1)",
    "anticipatory_breach": "Civil Code 563(1)(2)",
    "delay_of_main_obligation": "Civil Code 563(1)(3)",
    "fundamental_breach": "Civil Code 563(1)(4)",
}
CURE_PERIOD = Period(15, Unit.DAY)
"""The policy default of 3.12 where neither the notice nor the terms set a cure period."""


def end(world: World, event: str, outcome: str, at: dt.datetime, text: str, **data: Any) -> None:
    """End the contract: an amendment still open falls with it (T14), and what survives starts to run."""
    state = world.state
    amendment = state.open_amendment
    if amendment is not None:
        amendment.status = "void"
        state.amending = "amendment.none"
        note = "The open amendment falls with the contract."
        world.tell("amendment.void", at, note, rule="T14", transition="T14", amendment_id=str(amendment.id))
    state.ended_at, state.outcome = at, outcome
    world.move(event, at, "contract.terminated", text, outcome=outcome, **data)


def open_ground(world: World, key: str) -> Ground | None:
    """The ground that is asserted and not spent."""
    return next((g for g in world.state.grounds if g.key == key and g.ended is None), None)


def _agreed(world: World, key: str) -> dict[str, Any] | None:
    return next((g for g in grounds_of(world) if g["key"] == key), None)


def known_grounds(world: World) -> list[str]:
    """Keys that may be asserted: the agreed ones and the statutory ones."""
    return [*(g["key"] for g in grounds_of(world)), *STATUTORY]


def assert_ground(world: World, key: str, holder: str | None, at: dt.datetime) -> Ground:
    """T30: the ground exists and its holder knows; raises Refused for one that neither contract nor law gives."""
    agreed = _agreed(world, key)
    if agreed is None and key not in STATUTORY:
        known = ", ".join(known_grounds(world))
        raise Refused(Reason("T30", f"{key} is no ground for rescission here; known: {known}.", who="holder"))
    entitled = str((agreed or {}).get("holder", "either"))
    if holder is not None and holder not in world.state.roles:
        raise Refused(Reason("T30", f"There is no party {holder}."))
    if entitled != "either" and holder not in (None, entitled):
        raise Refused(Reason("T30", f"Ground {key} belongs to party {entitled}, not {holder}.", who=entitled))
    ground = Ground(key=key, holder=holder or entitled, known_at=at, status="termination.none")
    world.move_ground(ground, "assert_ground")
    world.state.grounds.append(ground)
    source = STATUTORY.get(key, "Civil Code 562(2)")
    text = f"Ground {key} has arisen; holder: {ground.holder}. The right to rescind lapses a year from knowing it."
    world.tell("ground.arisen", at, text, rule=source, transition="T30", ground=key, holder=ground.holder)
    if not _needs_demand(key, agreed):
        _open_right(world, ground, at)
    return ground


def _needs_demand(key: str, agreed: dict[str, Any] | None) -> bool:
    if agreed is None:
        return key == "delay_of_main_obligation"
    return not agreed.get("immediate") and (bool(agreed.get("demand_required")) or "cure" in agreed)


def _open_right(world: World, ground: Ground, at: dt.datetime) -> None:
    world.move_ground(ground, "open_right")
    text = f"Ground {ground.key} needs no demand: {ground.holder} may rescind by notice."
    world.tell_by("open_right", "ground.exercisable", at, text, ground=ground.key)


@action("record-ground", facts.RecordGround, "assert_ground", who="holder of the right", states=("in_force",))
def record_ground(world: World, body: facts.RecordGround, at: dt.datetime) -> None:
    """T30 by its holder's own word."""
    if open_ground(world, body.ground) is not None:
        raise Refused(Reason("T30", f"Ground {body.ground} is asserted already."))
    assert_ground(world, body.ground, body.holder, at)


def start_cure(world: World, notice: Incoming, ground: Ground, at: dt.datetime) -> None:
    """T31: the period runs from arrival; what the notice leaves open comes from the ground's terms, then from 3.12."""
    agreed = (_agreed(world, ground.key) or {}).get("cure") or world.terms.get("termination", {}).get("cure") or {}
    cure = msgspec.convert(notice.cure or {}, facts.Cure)
    assumed: list[str] = []
    period = cure.period or (msgspec.convert(agreed["period"], Period) if "period" in agreed else None)
    if period is None:
        period = CURE_PERIOD
        assumed.append("period")
    automatic = cure.automatic if cure.automatic is not None else agreed.get("automatic")
    if automatic is None:
        assumed.append("automatic")
    roll = agreed.get("roll")
    if roll is None:
        assumed.append("roll")
    ground.demand = Demand(
        notice_id=notice.id,
        arrived_at=at,
        arrived_on=notice.legal_date or at.astimezone(world.zone).date(),
        period=period,
        automatic=bool(automatic),
        roll=roll or "forward",
        assumed=assumed,
    )
    world.move_ground(ground, "demand")
    limit = cure_deadline(world, ground.demand)
    then = "the contract is rescinded automatically" if automatic else "the right to rescind opens"
    until = limit.last_day or limit.nominal_last_day or limit.expires_at
    waits = " (provisional: that year's holiday notice is not published)" if limit.status == "provisional" else ""
    text = f"The demand has arrived; {period} to cure until {until}{waits}, then {then}."
    world.tell_by(
        "demand",
        "ground.demanded",
        at,
        text,
        ground=ground.key,
        last_day=limit.last_day.isoformat() if limit.last_day else None,
        expires_at=limit.expires_at.isoformat() if limit.expires_at else None,
        automatic=bool(automatic),
        assumed=assumed,
    )


def _something_owed(world: World) -> list[Reason]:
    if world.state.in_force or world.state.phase == "terminated.winding_down":
        return []
    return [Reason("T32", "Nothing is owed under a contract that is not in force.", missing="a contract in force")]


@action(
    "record-performance",
    facts.RecordPerformance,
    states=("in_force", "terminated.winding_down"),
    who="debtor",
    blockers=_something_owed,
)
def record_performance(world: World, body: facts.RecordPerformance, at: dt.datetime) -> None:
    """T32 where a demand runs, a duty of winding down after the end, else a fact on the record."""
    if not world.state.in_force:
        _do_duty(world, body, at)
        return
    running = [g for g in world.state.grounds if g.ended is None and g.status == "termination.demand_running"]
    if body.ground is None and len(running) == 1:
        ground: Ground | None = running[0]
    else:
        ground = next((g for g in running if g.key == body.ground), None)
    if ground is None:
        if body.ground is not None:
            raise Refused(Reason("T32", f"No demand runs for ground {body.ground}.", missing="a running demand"))
        text = "Performance is recorded; no demand was running."
        world.tell("performance.recorded", at, text, rule="Civil Code 509", duty=body.duty, party=body.party)
        return
    world.move_ground(ground, "cure")
    ground.ended = "cured"
    text = f"Ground {ground.key} was cured before the period was over."
    world.tell_by("cure", "ground.cured", at, text, ground=ground.key)


def _do_duty(world: World, body: facts.RecordPerformance, at: dt.datetime) -> None:
    duty, done = body.duty, world.state.duties_done
    if duty is None:
        raise Refused(Reason("T50", f"Name the duty that was done: {', '.join(DUTIES)}.", missing="duty"))
    if duty in done:
        raise Refused(Reason("T50", f"{duty} is done since {done[duty].isoformat()}."))
    done[duty] = at
    left = [d for d in DUTIES if d not in done]
    text = f"Winding down: {duty} is done" + (f"; left: {', '.join(left)}." if left else "; nothing is left.")
    world.tell("winding_down.done", at, text, rule="Civil Code 558, 567", duty=duty, left=left)


@action("waive", facts.Waive, "lose_right", who="holder of the right")
def waive(world: World, body: facts.Waive, at: dt.datetime) -> None:
    """T36: given up."""
    ground = open_ground(world, body.ground)
    if ground is None:
        raise Refused(Reason("T36", f"Ground {body.ground} is not asserted.", missing="an open ground"))
    lose(world, ground, "waived", at, f"{ground.holder} has waived ground {ground.key}.")


def lose(world: World, ground: Ground, how: Any, at: dt.datetime, text: str) -> None:
    """T36: the ground is spent."""
    world.move_ground(ground, "lose_right")
    ground.ended = how
    world.tell_by("lose_right", "ground.lost", at, text, ground=ground.key, how=how)


def fail_to_cure(world: World, ground: Ground, at: dt.datetime) -> None:
    """T33 where the notice said so, else T34."""
    if ground.demand is not None and ground.demand.automatic:
        ground.ended = "exercised"
        text = f"Ground {ground.key} was not cured in time and the notice said so: rescinded automatically."
        end(world, "rescind_automatically", "rescinded_automatically", at, text, ground=ground.key)
        return
    world.move_ground(ground, "fail_to_cure")
    text = f"Ground {ground.key} was not cured in time: {ground.holder} may rescind by notice."
    world.tell_by("fail_to_cure", "ground.exercisable", at, text, ground=ground.key)


def rescind(world: World, ground: Ground, at: dt.datetime, notice_id: Any) -> None:
    """T35: rescission (解除) takes effect when the notice arrives."""
    ground.ended = "exercised"
    text = f"The rescission notice on ground {ground.key} has arrived: rescinded."
    end(
        world,
        "rescind",
        "rescinded_by_notice",
        at,
        text,
        ground=ground.key,
        notice_id=str(notice_id),
        validity="unreviewed",
    )


@action("suspend", facts.Suspend, "suspend", who="entitled party")
def suspend(world: World, body: facts.Suspend, at: dt.datetime) -> None:
    """T20."""
    world.state.suspension = body.reason
    text = f"Performance is suspended: {body.reason}."
    world.move("suspend", at, "performance.suspended", text, reason=body.reason, party=body.party)


@action("resume", facts.Resume, "resume", who="either party")
def resume(world: World, _body: facts.Resume, at: dt.datetime) -> None:
    """T21."""
    world.state.suspension = None
    world.move("resume", at, "performance.resumed", "Performance goes on.")


def _no_agreed_end(world: World) -> list[Reason]:
    agreed = world.state.agreed_end
    if agreed is None:
        return []
    return [Reason("T37", f"A termination agreement ends the contract at {agreed.ends_at.isoformat()} already.")]


@action("terminate-by-agreement", facts.TerminateByAgreement, "agree_end", who="both parties", blockers=_no_agreed_end)
def terminate_by_agreement(world: World, body: facts.TerminateByAgreement, at: dt.datetime) -> None:
    """T37: the agreed day is the last in force; a day that is over, or none, ends the contract at the agreement."""
    on = body.effective.on if body.effective else None
    ends_at = at
    if on is not None:
        ends_at = start_of(on + dt.timedelta(days=1), world.zone)
        if ends_at <= at:
            raise BadChange("/effective/on", f"{on} was over when the agreement was made; leave it out to end at once.")
    world.state.agreed_end = AgreedEnd(agreed_at=at, ends_at=ends_at, on=on)
    text = f"The parties have agreed to end the contract at {ends_at.isoformat()}."
    world.tell("termination.agreed", at, text, rule="Civil Code 562(1)", ends_at=ends_at.isoformat())


def _duties_left(world: World) -> list[Reason]:
    return [
        Reason(
            "T50",
            f"Winding down: {duty} is not done.",
            missing=f'record-performance with {{"duty": "{duty}"}}',
            who="both parties",
        )
        for duty in DUTIES
        if duty not in world.state.duties_done
    ]


@action("close", facts.Close, "close", who="both parties", blockers=_duties_left)
def close(world: World, _body: facts.Close, at: dt.datetime) -> None:
    """T50: nothing that survives is lost."""
    world.state.closed_at = at
    world.move("close", at, "contract.closed", "Winding down is complete; survival timers run on.")
