"""The statutory review (合同审查) that a draft passes at its submission (T01; rules L01 to L18)."""

import datetime as dt

from clm.law.review import Finding
from clm.lifecycle import facts
from clm.lifecycle.state import Waiver
from clm.lifecycle.terms import BadChange
from clm.lifecycle.world import Reason, World

Place = tuple[str, str]


def findings(world: World) -> tuple[Finding, ...]:
    """What the review finds in the contract as it stands."""
    version = world.state.current
    return tuple(world.env.review(version.terms, world.terms, world.env.differing(version.sections)))


def errors_left(world: World) -> list[Reason]:
    """Each error that the submission under way does not waive, as a reason against it."""
    waived = {(one.rule, one.pointer) for one in world.body.waive} if isinstance(world.body, facts.Submit) else set()
    return [
        Reason(one.rule, f"{one.text} ({one.article}; {one.pointer})", missing=one.cure, who="drafter")
        for one in findings(world)
        if one.severity == "error" and _place(one) not in waived
    ]


def waivers(body: facts.Submit, found: tuple[Finding, ...], at: dt.datetime) -> list[Waiver]:
    """What the submission waives; raises BadChange for a waiver of what is not found."""
    places = {_place(one) for one in found}
    for number, one in enumerate(body.waive):
        if (one.rule, one.pointer) not in places:
            raise BadChange(f"/waive/{number}", f"the review finds no {one.rule} at {one.pointer}: nothing to waive")
    return [Waiver(rule=one.rule, pointer=one.pointer, reason=one.reason, at=at) for one in body.waive]


def _place(one: Finding) -> Place:
    return one.rule, one.pointer
