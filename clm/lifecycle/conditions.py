"""Conditions (附条件, Civil Code 158-159): met, failed, counted as met or not since a party interfered."""

import datetime as dt

from clm.lifecycle import ending, facts
from clm.lifecycle.actions import action
from clm.lifecycle.clauses import APPROVAL, DEPOSIT, conditions_of, ending_conditions, open_conditions
from clm.lifecycle.world import Reason, Refused, World, not_in_state

BEFORE_EFFECT = ("draft.out_for_signature", "draft.formed_pending")
_SOURCES = {APPROVAL: "Civil Code 502(2)", DEPOSIT: "Civil Code 586"}


def met_at(world: World, key: str) -> dt.datetime | None:
    """When the condition was met by the record; None where it was not."""
    ended_it = world.state.ended_by == f"condition:{key}"
    return world.state.ended_at if ended_it else world.state.satisfied.get(key)


def _none_open(world: World) -> list[Reason]:
    if world.state.in_force:
        missing = "a condition in /terms/effectiveness/ending_conditions"
        return [] if ending_conditions(world) else [Reason("T44", "No condition that ends it is agreed.", missing)]
    if open_conditions(world):
        return []
    return [Reason("T06", "No agreed condition is open.", missing="a condition in /terms/effectiveness/conditions")]


@action(
    "satisfy-condition",
    facts.SatisfyCondition,
    "take_effect",
    "meet_ending_condition",
    who="condition owner, authority",
    states=(*BEFORE_EFFECT, "in_force"),
    blockers=_none_open,
)
def satisfy(world: World, body: facts.SatisfyCondition, at: dt.datetime) -> None:
    """T06: the contract takes effect with its last condition (158), by a timer; T44: a condition subsequent ends it."""
    meet(world, body.condition, at)


def meet(world: World, key: str, at: dt.datetime, *, deemed: bool = False) -> None:
    """A condition is met, or counts as met since a party prevented it in bad faith (159)."""
    turn = world.undone_by(f"condition:{key}", at)
    if turn is not None:
        _not_met(world, key, at)
        return
    how = " counts as met (159)" if deemed else " is met"
    if world.state.in_force:
        _known(world, key, ending_conditions(world), "T44")
        text = f"Condition {key}, which ends the contract,{how}."
        ending.end(
            world, "meet_ending_condition", "condition_subsequent", at, text, cause=f"condition:{key}", condition=key
        )
        return
    if world.state.phase not in BEFORE_EFFECT:
        raise Refused(not_in_state("take_effect", world.state))
    _known(world, key, open_conditions(world), "T06")
    world.state.satisfied[key] = at
    left = open_conditions(world)
    text = f"Condition {key}{how}" + (f"; still open: {', '.join(left)}." if left else "; none is open.")
    rule = "Civil Code 159" if deemed else _SOURCES.get(key, "Civil Code 158")
    world.tell("contract.condition_satisfied", at, text, rule=rule, condition=key, open=left, deemed=deemed)


def failure_of(key: str) -> str:
    """The name under which a judgment undoes that a condition failed."""
    return f"failure:{key}"


def _not_met(world: World, key: str, at: dt.datetime) -> None:
    text = f"Condition {key} counts as not met: it was brought about in bad faith (159), as a court has decided."
    world.tell("contract.condition_disregarded", at, text, rule="Civil Code 159", condition=key)


@action(
    "fail-condition",
    facts.FailCondition,
    "fail_condition",
    who="party, authority",
    states=("draft.formed_pending", "in_force"),
    blockers=_none_open,
)
def fail(world: World, body: facts.FailCondition, at: dt.datetime) -> None:
    """T07: what can no longer be met leaves the contract without effect; what would end it counts as not agreed."""
    turn = world.undone_by(failure_of(body.condition), at)
    if turn is not None:
        text = f"That condition {body.condition} failed counts for nothing: a court has decided so (159)."
        with world.because_of(turn):
            world.tell("contract.condition_disregarded", at, text, rule="Civil Code 159", condition=body.condition)
        return
    reason = f": {body.reason}" if body.reason else ""
    if world.state.in_force:
        _known(world, body.condition, ending_conditions(world), "T44")
        world.state.failed_conditions.append(body.condition)
        text = f"Condition {body.condition} can no longer end the contract{reason}."
        rule = "General Part Interpretation 24"
        world.tell("contract.condition_failed", at, text, rule=rule, condition=body.condition)
        return
    _known(world, body.condition, open_conditions(world), "T07")
    world.state.outcome, world.state.undone_at = "ineffective", at
    refused = body.condition == APPROVAL
    what = "The approval was refused" if refused else f"Condition {body.condition} can no longer be met"
    text = f"{what}{reason}. What was given is returned (157); the dispute clause stays (507)."
    world.move("fail_condition", at, "contract.ineffective", text, condition=body.condition)


def _known(world: World, key: str, left: list[str], rule: str) -> None:
    if key not in left:
        what = "is not open" if key in conditions_of(world) else "was not agreed as a condition"
        message = f"{key} {what}; open: {', '.join(left) or 'none'}."
        raise Refused(Reason(rule, message, missing="a condition of the terms", who="condition owner"))
