"""What each kind of timer does when it comes due. Silence ends a contract only where a rule names it (I2, I3)."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from clm.law.periods import end_day
from clm.lifecycle import agreeing, arriving, changing, ending, grounds, suspending
from clm.lifecycle.clauses import open_conditions
from clm.lifecycle.deadlines import confidentiality_term, extend
from clm.lifecycle.timers import Timer, outstanding
from clm.lifecycle.world import World


def fire(world: World, timer: Timer) -> None:
    """Apply a due timer at its own legal instant."""
    world.timer_key = timer.key
    try:
        HANDLERS[timer.kind](world, timer, timer.due_at)
    finally:
        world.timer_key = None


def _effect(world: World, _timer: Timer, at: dt.datetime) -> None:
    state = world.state
    state.effective_at = at
    state.current.valid_from = at
    met = ", ".join(key for key, _ in state.met) or "none was agreed"
    text = f"The contract takes effect; conditions met: {met}. Version {state.current.no} of the terms is in force."
    if open_conditions(world):
        raise ValueError("the effect timer fired with a condition open")
    world.move("take_effect", at, "contract.effective", text)


def _acceptance(world: World, _timer: Timer, at: dt.datetime) -> None:
    world.state.give_up("lapsed", at)
    world.move("lapse", at, "contract.lapsed", "The offer was not accepted in its period (478(3), 481).")


def _term(world: World, timer: Timer, at: dt.datetime) -> None:
    last = timer.legal_date or end_day(at, world.zone)
    if world.state.in_force:
        text = f"The term is over; {last} was its last day."
        ending.end(world, "expire", "expired", at, text, last_day=last.isoformat())
        return
    world.state.term_passed = True
    text = f"The last day of the agreed term, {last}, is over; nothing on record by then had brought it into force."
    world.tell("contract.term_passed", at, text, rule="Civil Code 160", timer=timer.kind)


def _renewal(world: World, timer: Timer, at: dt.datetime) -> None:
    state = world.state
    extend(world)
    text = f"No objection arrived by {timer.legal_date}: renewal {state.renewal_no}."
    world.move("renew", at, "contract.renewed", text, renewal_no=state.renewal_no)


def _amendment(world: World, timer: Timer, at: dt.datetime) -> None:
    changing.apply(world, UUID(timer.subject["amendment_id"]), at)


def _amendment_answer(world: World, timer: Timer, at: dt.datetime) -> None:
    agreeing.lapse(world, UUID(timer.subject["amendment_id"]), timer.legal_date, at)


def _cure(world: World, timer: Timer, at: dt.datetime) -> None:
    ground = grounds.open_ground(world, timer.subject["ground"])
    if ground is None:
        raise ValueError("a cure timer without its ground")
    grounds.fail_to_cure(world, ground, at)


def _right_lapse(world: World, timer: Timer, at: dt.datetime) -> None:
    ground = grounds.open_ground(world, timer.subject["ground"])
    if ground is None:
        raise ValueError("a right timer without its ground")
    grounds.lose(
        world, ground, "lapsed", at, f"The right to rescind on ground {ground.key} is lost: its period is over."
    )


def _decide(world: World, timer: Timer, at: dt.datetime) -> None:
    ground = grounds.open_ground(world, timer.subject["ground"])
    if ground is None:
        raise ValueError("a demand to decide without its ground")
    text = f"{ground.holder} was asked to use the right on ground {ground.key} and did not: it is lost (564(2))."
    grounds.lose(world, ground, "lapsed", at, text)


def _agreed_end(world: World, timer: Timer, at: dt.datetime) -> None:
    ending.end_as_agreed(world, timer.legal_date, at)


def _notice_period(world: World, _timer: Timer, at: dt.datetime) -> None:
    grounds.end_by_notice(world, at)


def _security(world: World, _timer: Timer, at: dt.datetime) -> None:
    suspending.without_security(world, at)


def _fm_passed(world: World, _timer: Timer, at: dt.datetime) -> None:
    suspending.passed(world, at)


def _fm_notify(world: World, timer: Timer, at: dt.datetime) -> None:
    suspending.late(world, "notice", timer.legal_date, at)


def _fm_proof(world: World, timer: Timer, at: dt.datetime) -> None:
    suspending.late(world, "proof", timer.legal_date, at)


def _arrival(world: World, timer: Timer, at: dt.datetime) -> None:
    notice = next(n for n in world.state.incoming if str(n.id) == timer.subject["notice_id"])
    arriving.arrive(world, notice, at)


def _duty(world: World, timer: Timer, at: dt.datetime) -> None:
    world.state.duties_overdue.append(timer.kind)
    text = f"Winding down: {timer.kind} was due by {timer.legal_date} and is not on record."
    world.tell("winding_down.overdue", at, text, rule=timer.rule, duty=timer.kind)


def _confidentiality(world: World, timer: Timer, at: dt.datetime) -> None:
    item = next(i for i in world.state.items if str(i.id) == timer.subject["item_id"])
    term = confidentiality_term(world, item)
    item.expired_at, item.residual = at, term.residual_on_expiry
    left = f"; what stays: the {item.residual} duty" if item.residual else ""
    ended = f"The agreed duty of confidence for {item.name} ended on {timer.legal_date}{left}."
    text = f"{ended} Confirm return or destruction."
    world.tell(
        "confidentiality.expired", at, text, rule="R-C6", item_id=str(item.id), residual=item.residual, confirm=True
    )


def _confidential_return(world: World, timer: Timer, at: dt.datetime) -> None:
    item = next(i for i in world.state.items if str(i.id) == timer.subject["item_id"])
    item.return_missed, left = True, outstanding(world, item)
    text = f"{item.name}: return or destruction was to be confirmed by {timer.legal_date}; missing: {', '.join(left)}."
    about = {"item_id": str(item.id), "cause": timer.subject["cause"], "left": left}
    world.tell("confidentiality.return_overdue", at, text, rule=timer.rule, **about)


HANDLERS: dict[str, Callable[[World, Timer, dt.datetime], None]] = {
    "acceptance": _acceptance,
    "effect": _effect,
    "term": _term,
    "renewal": _renewal,
    "amendment": _amendment,
    "amendment_answer": _amendment_answer,
    "cure": _cure,
    "right_lapse": _right_lapse,
    "decide": _decide,
    "agreed_end": _agreed_end,
    "notice_period": _notice_period,
    "security": _security,
    "fm_notify": _fm_notify,
    "fm_proof": _fm_proof,
    "fm_passed": _fm_passed,
    "arrival": _arrival,
    "settlement": _duty,
    "data_return": _duty,
    "handover": _duty,
    "restitution": _duty,
    "confidentiality": _confidentiality,
    "confidential_return": _confidential_return,
}
