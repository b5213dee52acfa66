"""Grounds for rescission (解除事由), demands, and how a right to rescind is won and lost (10.2; T30-T36)."""

import datetime as dt
from typing import Any

import msgspec

from clm.law.periods import Deadline, Period, Unit
from clm.lifecycle import ending, facts
from clm.lifecycle.actions import action
from clm.lifecycle.clauses import FORCE_MAJEURE, FRUSTRATED, STATUTORY, agreed_ground, known_grounds, lasts_too_short
from clm.lifecycle.deadlines import RIGHT_LAPSES_AFTER, cure_deadline, terminating_deadline
from clm.lifecycle.state import Demand, Ending, Ground, Incoming
from clm.lifecycle.terms import BadChange
from clm.lifecycle.world import Reason, Refused, World

CURE_PERIOD = Period(15, Unit.DAY)
"""The policy default of 3.12 where neither the notice nor the terms set a cure period."""
DECIDE_WITHIN = Period(15, Unit.DAY)
"""A reasonable time to use a right after a demand to decide (564(2)), where the demand names none."""


def open_ground(world: World, key: str) -> Ground | None:
    """The ground that is asserted and not spent."""
    return next((g for g in world.state.grounds if g.key == key and g.ended is None), None)


def assert_ground(world: World, key: str, holder: str | None, at: dt.datetime) -> Ground:
    """T30: the ground exists and its holder knows; raises Refused for one that neither contract nor law gives."""
    agreed = agreed_ground(world, key)
    if agreed is None and key not in STATUTORY:
        known = ", ".join(known_grounds(world))
        raise Refused(Reason("T30", f"{key} is no ground for rescission here; known: {known}.", who="holder"))
    entitled = str((agreed or {}).get("holder", "either"))
    if holder is not None and holder not in world.state.roles:
        raise Refused(Reason("T30", f"There is no party {holder}."))
    if entitled != "either" and holder not in (None, entitled):
        raise Refused(Reason("T30", f"Ground {key} belongs to party {entitled}, not {holder}.", who=entitled))
    if key == FORCE_MAJEURE and lasts_too_short(world):
        raise Refused(too_short(world))
    ground = Ground(key=key, holder=holder or entitled, known_at=at, status="termination.none")
    world.move_ground(ground, "assert_ground")
    world.state.grounds.append(ground)
    source = STATUTORY.get(key, "Civil Code 562(2)")
    within = (agreed or {}).get("exercise_within")
    limit = msgspec.convert(within, Period) if within else RIGHT_LAPSES_AFTER
    text = f"Ground {key} has arisen; holder: {ground.holder}. The right to rescind is lost {limit} from knowing it."
    world.tell("ground.arisen", at, text, rule=source, transition="T30", ground=key, holder=ground.holder)
    if not needs_demand(key, agreed):
        _open_right(world, ground, at)
    return ground


def too_short(world: World) -> Reason:
    """Why force majeure gives no agreed right yet."""
    period = msgspec.convert(world.terms["force_majeure"]["rescind_after"], Period)
    message = f"Force majeure gives a right when it has lasted for more than {period}; so much is not on record."
    missing = f'suspend with "force_majeure" and time, or ground {FRUSTRATED} where it defeats the purpose (563(1)(1))'
    return Reason("T38", message, missing, "affected party")


def needs_demand(key: str, agreed: dict[str, Any] | None) -> bool:
    """Whether a demand and its period come before the right (563(1)(3), or as agreed)."""
    if agreed is None:
        return key == "delay_of_main_obligation"
    return not agreed.get("immediate") and (bool(agreed.get("demand_required")) or "cure" in agreed)


def _open_right(world: World, ground: Ground, at: dt.datetime) -> None:
    world.move_ground(ground, "open_right")
    text = f"Ground {ground.key} needs no demand: {ground.holder} may rescind by notice."
    world.tell_by("open_right", "ground.exercisable", at, text, ground=ground.key)


def _of_either(world: World, key: str) -> bool:
    """Whether terms or law leave open whose right a ground gives; force majeure gives one to both."""
    agreed = agreed_ground(world, key)
    if agreed is not None:
        return bool(agreed.get("holder", "either") == "either")
    return key in STATUTORY and key not in (FORCE_MAJEURE, FRUSTRATED)


@action("record-ground", facts.RecordGround, "assert_ground", who="holder of the right", states=("in_force",))
def record_ground(world: World, body: facts.RecordGround, at: dt.datetime) -> None:
    """T30 by its holder's own word: who is in breach has no right, so one party holds it."""
    if body.holder is None and _of_either(world, body.ground):
        raise BadChange("/holder", f"Say whose right it is: ground {body.ground} may be either party's.")
    if open_ground(world, body.ground) is not None:
        raise Refused(Reason("T30", f"Ground {body.ground} is asserted already."))
    assert_ground(world, body.ground, body.holder, at)


def cure_terms(world: World, key: str, cure: facts.Cure) -> tuple[Period, bool, Any, list[str]]:
    """The period to cure, whether the contract then ends by itself, how the period rolls, and what of it is assumed."""
    agreed = (agreed_ground(world, key) or {}).get("cure") or world.terms.get("termination", {}).get("cure") or {}
    assumed: list[str] = []
    period = cure.period or (msgspec.convert(agreed["period"], Period) if "period" in agreed else None)
    if period is None:
        period = CURE_PERIOD
        assumed.append("period")
    automatic = cure.automatic if cure.automatic is not None else agreed.get("automatic")
    if cure.automatic is None:
        assumed.append("automatic")
    roll = agreed.get("roll")
    if roll is None:
        assumed.append("roll")
    return period, bool(automatic), roll, assumed


def start_cure(world: World, notice: Incoming, ground: Ground, at: dt.datetime) -> None:
    """T31: the period runs from arrival; what the notice leaves open comes from the ground's terms, then from 3.12."""
    if _annulled(world, f"notice:{notice.id}", ground.key, "demand", at):
        return
    period, automatic, roll, assumed = cure_terms(world, ground.key, msgspec.convert(notice.cure or {}, facts.Cure))
    stated = "automatic" not in assumed
    ground.demand = Demand(
        notice_id=notice.id,
        arrived_at=at,
        arrived_on=notice.legal_date or at.astimezone(world.zone).date(),
        period=period,
        automatic=automatic,
        roll=roll or "forward",
        assumed=assumed,
        stated=stated,
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
        automatic=automatic,
        assumed=assumed,
    )


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


def ask_to_decide(world: World, notice: Incoming, ground: Ground, at: dt.datetime) -> None:
    """T36: the other side asks the holder to use the right or leave it; after a reasonable time it is lost (564(2))."""
    cure = msgspec.convert(notice.cure or {}, facts.Cure)
    ground.asked = Demand(
        notice_id=notice.id,
        arrived_at=at,
        arrived_on=notice.legal_date or at.astimezone(world.zone).date(),
        period=cure.period or DECIDE_WITHIN,
        automatic=False,
        roll="forward",
        assumed=["roll"] if cure.period else ["period", "roll"],
    )
    limit = cure_deadline(world, ground.asked)
    text = f"{ground.holder} is asked to rescind or not on ground {ground.key}; the right is lost after {_last(limit)}."
    world.tell("ground.asked", at, text, rule="Civil Code 564(2)", ground=ground.key, assumed=ground.asked.assumed)


def fail_to_cure(world: World, ground: Ground, at: dt.datetime) -> None:
    """T33 where the notice said so, else T34.

    A ground that was amended away in its cure period leads to no right any more; a right that has arisen stays (T12).
    """
    if agreed_ground(world, ground.key) is None and ground.key not in STATUTORY:
        text = f"Ground {ground.key} is no longer among the terms: the demand leads to no right."
        lose(world, ground, "lapsed", at, text)
        return
    if ground.demand is not None and ground.demand.automatic:
        said = (
            "the notice said so" if ground.demand.stated else "the agreed clause says so, which is assumed to suffice"
        )
        text = f"Ground {ground.key} was not cured in time and {said}: rescinded automatically."
        cause, outcome = f"notice:{ground.demand.notice_id}", "rescinded_automatically"
        ending.end(world, "rescind_automatically", outcome, at, text, cause=cause, ground=ground.key)
        ground.ended = "exercised"
        return
    world.move_ground(ground, "fail_to_cure")
    text = f"Ground {ground.key} was not cured in time: {ground.holder} may rescind by notice."
    world.tell_by("fail_to_cure", "ground.exercisable", at, text, ground=ground.key)


def rescind(world: World, ground: Ground, notice: Incoming, at: dt.datetime) -> None:
    """T35: rescission (解除) takes effect when the notice arrives; T38: force majeure; T41: after an agreed period."""
    agreed = agreed_ground(world, ground.key) or {}
    fm = ground.key in (FORCE_MAJEURE, FRUSTRATED)
    event, outcome = ("end_by_force_majeure", "force_majeure") if fm else ("rescind", "rescinded_by_notice")
    if "notice" in agreed:
        period = msgspec.convert(agreed["notice"], Period)
        start_ending(world, notice, outcome, period, at, assumed=False)
        return
    cause = f"notice:{notice.id}"
    if _annulled(world, cause, ground.key, event, at):
        return
    text = f"The rescission notice on ground {ground.key} has arrived: rescinded."
    data = {"ground": ground.key, "notice_id": str(notice.id), "validity": "unreviewed"}
    ending.end(world, event, outcome, at, text, cause=cause, **data)
    ground.ended = "exercised"


def start_ending(
    world: World, notice: Incoming, outcome: str, period: Period, at: dt.datetime, *, assumed: bool
) -> None:
    """The notice has arrived and the contract ends with its period (T41); of two such ends the earlier counts."""
    state, ground = world.state, notice.ground or ""
    if _annulled(world, f"notice:{notice.id}", ground, "end_by_notice", at):
        return
    new = Ending(
        notice_id=notice.id,
        ground=ground,
        sender=notice.sender,
        outcome=outcome,
        arrived_at=at,
        arrived_on=notice.legal_date or at.astimezone(world.zone).date(),
        period=period,
        assumed=assumed,
    )
    later = ends_no_earlier(world, new)
    if later is not None:
        raise Refused(later)
    state.ending, limit = new, terminating_deadline(world, new)
    text = f"Notice to end the contract on {ground} has arrived: it ends {period} later, after {_last(limit)}."
    world.tell("termination.notified", at, text, rule="T41", ground=ground, notice_id=str(notice.id), assumed=assumed)


def ends_no_earlier(world: World, new: Ending) -> Reason | None:
    """Why a notice with its period changes nothing: another one ends the contract no later."""
    running = world.state.ending
    if running is None:
        return None
    first, second = terminating_deadline(world, running), terminating_deadline(world, new)
    if first.expires_at is not None and second.expires_at is not None and second.expires_at < first.expires_at:
        return None
    text = f"Notice {running.notice_id} ends the contract already, after {_last(first)}, and this one no earlier."
    return Reason("T41", text, missing="nothing: it ends by itself")


def end_by_notice(world: World, at: dt.datetime) -> None:
    """T41: the period is over."""
    running = world.state.ending
    if running is None:
        raise ValueError("a notice period without its notice")
    text = f"The notice period of {running.period} on {running.ground} is over."
    ground = open_ground(world, running.ground)
    if ground is not None:
        ground.ended = "exercised"
    cause, data = f"notice:{running.notice_id}", {"ground": running.ground, "sender": running.sender}
    ending.end(world, "end_by_notice", running.outcome, at, text, cause=cause, **data)


def _annulled(world: World, cause: str, key: str, event: str, at: dt.datetime) -> bool:
    """Whether a court has found no right to end the contract by that notice (T45); its ground is then none."""
    turn = world.undone_by(cause, at)
    if turn is None:
        return False
    ground = open_ground(world, key)
    if ground is not None:
        with world.because_of(turn):
            lose(world, ground, "groundless", at, f"Ground {ground.key} gave no right, as a court has found.")
    ending.annul(world, event, turn, at)
    return True


def _last(limit: Deadline) -> str:
    return str(limit.last_day or limit.nominal_last_day or limit.expires_at)
