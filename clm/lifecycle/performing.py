"""What is performed (履行): a missing signature cured, a demand met, a duty of winding down, everything owed."""

import datetime as dt

from clm.lifecycle import ending, facts, making, winding
from clm.lifecycle.actions import action
from clm.lifecycle.state import Ground
from clm.lifecycle.world import Reason, Refused, World

_STATES = ("draft.out_for_signature", "in_force", *winding.STATES)


@action(
    "record-performance",
    facts.RecordPerformance,
    "form_by_performance",
    "cure",
    "fulfil",
    states=_STATES,
    who="debtor",
)
def record_performance(world: World, body: facts.RecordPerformance, at: dt.datetime) -> None:
    """T05 before every signature is there, T32 where a demand runs, a duty after the end, else a fact on record."""
    if body.party is not None and body.party not in world.state.roles:
        raise Refused(Reason("509", f"There is no party {body.party}; parties: {', '.join(world.state.roles)}."))
    if world.state.phase == "draft.out_for_signature":
        _form(world, body, at)
    elif not world.state.in_force:
        winding.do(world, body, at)
    elif body.complete:
        ending.fulfil(world, at)
    else:
        _perform(world, body, at)


def _form(world: World, body: facts.RecordPerformance, at: dt.datetime) -> None:
    """490: a main duty performed and accepted forms the contract although a signature or seal is missing."""
    if not body.accepted or body.party is None:
        message = "Before every party has executed, only a main duty that the other party accepted counts (490)."
        raise Refused(Reason("T05", message, missing='"party" and "accepted": true', who="parties"))
    text = f"Party {body.party} performed a main duty and it was accepted: the contract is formed without a signature."
    making.form(world, "form_by_performance", at, text)


def _perform(world: World, body: facts.RecordPerformance, at: dt.datetime) -> None:
    running = [g for g in world.state.grounds if g.ended is None and g.status == "termination.demand_running"]
    owed = [g for g in running if body.duty is None and body.party != g.holder]
    if body.ground is None and len(owed) == 1:
        ground: Ground | None = owed[0]
    else:
        ground = next((g for g in running if g.key == body.ground), None)
    if ground is not None and body.party == ground.holder:
        text = f"Party {body.party} made the demand on ground {ground.key}; the other side's performance cures it."
        raise Refused(Reason("T32", text, missing="the debtor's performance", who="debtor"))
    if ground is not None:
        world.move_ground(ground, "cure")
        ground.ended = "cured"
        text = f"Ground {ground.key} was cured before the period was over."
        world.tell_by("cure", "ground.cured", at, text, ground=ground.key)
        return
    if body.ground is not None:
        raise Refused(Reason("T32", f"No demand runs for ground {body.ground}.", missing="a running demand"))
    text = "Performance is recorded; no demand was running."
    if body.duty in winding.DUTIES:
        text += f" As a duty of winding down, {body.duty} counts from the end of the contract on: record it then."
    world.tell("performance.recorded", at, text, rule="Civil Code 509", duty=body.duty, party=body.party)
