"""Amendments (14.3): what is proposed (T10), and what applies on its day (T12; after the end of the contract T15)."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from clm.law.basis import LawError
from clm.law.calendars import LAST_DAY
from clm.law.periods import Period, deadline, start_of
from clm.lifecycle import confiding, facts, surviving
from clm.lifecycle.actions import action
from clm.lifecycle.agreeing import drop, find, step
from clm.lifecycle.clauses import APPROVAL
from clm.lifecycle.state import Amendment, Version
from clm.lifecycle.terms import BadChange, patched
from clm.lifecycle.timers import Timer, derive
from clm.lifecycle.world import Reason, Refused, World

_DATES = ("start", "end", "period", "period_from")
"""What a term runs by: who agrees on another of these agrees on another term, past renewals included."""


def _none_open(world: World) -> list[Reason]:
    amendment = world.state.open_amendment
    if amendment is None:
        return []
    return [Reason("T10", f"Amendment {amendment.id} is open; one at a time.", who="either party")]


@action(
    "amendment.propose",
    facts.ProposeAmendment,
    "propose_amendment",
    who="either party",
    states=("amendment.none", "terminated"),
    blockers=_none_open,
)
def propose(world: World, body: facts.ProposeAmendment, at: dt.datetime) -> None:
    """T10: the terms in force stay as they are."""
    on = body.effective.on if body.effective else None
    if on is not None and on < at.astimezone(world.zone).date():
        raise BadChange("/effective/on", f"{on} is over: an amendment applies from then on, never from before (543).")
    before, after = world.state.current, changed(world, body.changes)
    _check_survives(world, body)
    _check_end(world, after, at)
    if _said(after) == _said(before):
        raise Refused(Reason("T10", "The changes change nothing."))
    amendment = _proposed(world, body, at)
    world.state.amendments.append(amendment)
    text = f"An amendment is proposed; version {before.no} governs until it takes effect."
    about = {"amendment_id": str(amendment.id), "base_version": before.no, "conditions": sorted(amendment.conditions)}
    step(world, "propose_amendment", at, "amendment.proposed", text, **about)


def _proposed(world: World, body: facts.ProposeAmendment, at: dt.datetime) -> Amendment:
    effective = body.effective or facts.AmendmentEffect()
    conditions = [effective.condition.key] if effective.condition else []
    if world.terms.get("effectiveness", {}).get("approval"):
        conditions.append(APPROVAL)
    return Amendment(
        id=body.amendment_id,
        changes=body.changes,
        effective_on=effective.on,
        proposed_at=at,
        conditions=dict.fromkeys(conditions),
        answer_within=_answer_within(world, body, at),
        surviving=not world.state.in_force or surviving.outlives(body.changes),
    )


def _answer_within(world: World, body: facts.ProposeAmendment, at: dt.datetime) -> Period | None:
    """The proposal's own period before the one of the terms; raises BadChange for one that ends beyond the calendar."""
    agreed = world.terms.get("amendments", {}).get("answer_within")
    if body.answer_within is None:
        return msgspec.convert(agreed, Period) if agreed else None
    try:
        deadline(at, body.answer_within, calendar=world.env.calendar, time_zone=world.zone)
    except (LawError, OverflowError):
        raise BadChange("/answer_within", f"{body.answer_within} end beyond {LAST_DAY}.") from None
    return body.answer_within


def _check_survives(world: World, body: facts.ProposeAmendment) -> None:
    if world.state.in_force or surviving.is_surviving(body.changes):
        return
    left = ", ".join(one.pointer for one in surviving.AFTER_THE_END)
    text = f"The contract has ended. What survives can still be amended, and nothing else: {left}."
    raise Refused(Reason("T15", text, missing="changes of surviving terms only", who="both parties"))


def changed(world: World, changes: list[dict[str, Any]]) -> Version:
    """The version that changes would make of the one in force; raises BadChange where its terms would not hold."""
    after = patched(world.state.current, world.env.texts, world.terms, changes)
    for pointer, message in world.env.check(after.terms):
        raise BadChange(pointer, message)
    return after


def _check_end(world: World, after: Version, at: dt.datetime) -> None:
    end, before = after.terms.get("term", {}).get("end"), world.state.current.terms.get("term", {}).get("end")
    if end and end != before and start_of(dt.date.fromisoformat(end) + dt.timedelta(days=1), world.zone) <= at:
        text = f"The term would have ended on {end} already; to end the contract, record terminate-by-agreement."
        raise BadChange("/terms/term/end", text)


def apply(world: World, amendment_id: UUID, at: dt.datetime) -> None:
    """T12, T15: the next version governs from `at`, and the timers that hang on changed terms follow."""
    amendment = find(world, amendment_id)
    try:
        after = changed(world, amendment.changes)
    except BadChange as error:
        text = f"The amendment does not fit the terms as they stand now and has no effect: {error.message}"
        drop(world, amendment, "void", at, text, pointer=error.pointer)
        return
    _govern(world, amendment, after, at)


def _govern(world: World, amendment: Amendment, after: Version, at: dt.datetime) -> None:
    state, before = world.state, world.state.current
    timers = _others(world, amendment)
    after.amendment_id, after.valid_from, before.valid_to = amendment.id, at, at
    state.versions.append(after)
    extended = confiding.reopened(world, at)
    if any(_term(after, name) != _term(before, name) for name in _DATES):
        state.renewed_before, state.extension, state.renewal_objected = state.renewal_no, None, False
    amendment.status, amendment.made_version = "applied", after.no
    text = f"Version {after.no} of the terms is in force; version {before.no} governed until now."
    if not state.in_force:
        text = f"Version {after.no} of the terms that survive governs; the contract stays ended."
    about = {"amendment_id": str(amendment.id), "terms_version": after.no}
    event = "apply_amendment" if state.in_force else "amend_surviving"
    world.move(event, at, "amendment.applied", text, **about, **_moved(world, timers, _others(world, amendment)))
    confiding.tell_reopened(world, extended, at)


def _term(version: Version, name: str) -> Any:
    return version.terms.get("term", {}).get(name)


def _others(world: World, amendment: Amendment) -> dict[str, Timer]:
    own = str(amendment.id)
    return {timer.key: timer for timer in derive(world) if timer.subject.get("amendment_id") != own}


def _moved(world: World, before: dict[str, Timer], after: dict[str, Timer]) -> dict[str, list[Any]]:
    """What the new terms do to what will happen by itself: timers with another instant, new ones, those that fall."""

    def due(timer: Timer) -> dict[str, str]:
        return {"due_at": timer.due_at.astimezone(world.zone).isoformat()}

    both = [key for key in before if key in after and before[key].due_at != after[key].due_at]
    return {
        "timers": [
            {"key": key, "kind": after[key].kind, "before": due(before[key]), "after": due(after[key])} for key in both
        ],
        "armed": [key for key in after if key not in before],
        "cancelled": [key for key in before if key not in after],
    }


def _said(version: Version) -> tuple[Any, ...]:
    return version.title, version.terms, version.sections, version.attachments
