"""The open amendment (14.3): proposed, executed, applied on its date (T10-T14)."""

import datetime as dt
from typing import Any
from uuid import UUID

from clm.law.periods import start_of
from clm.lifecycle import facts
from clm.lifecycle.actions import action
from clm.lifecycle.making import RULES, add_execution, executed_at, execution_rule, missing_executions
from clm.lifecycle.state import Amendment, Version
from clm.lifecycle.terms import BadChange, patched
from clm.lifecycle.world import Reason, Refused, World


def _none_open(world: World) -> list[Reason]:
    amendment = world.state.open_amendment
    if amendment is None:
        return []
    return [Reason("T10", f"Amendment {amendment.id} is open; one at a time.", who="either party")]


@action("amendment.propose", facts.ProposeAmendment, "propose_amendment", who="either party", blockers=_none_open)
def propose(world: World, body: facts.ProposeAmendment, at: dt.datetime) -> None:
    """T10: the terms in force stay as they are."""
    on = body.effective.on if body.effective else None
    if on is not None and on < at.astimezone(world.zone).date():
        raise BadChange("/effective/on", f"{on} is over: an amendment applies from then on, never from before (543).")
    before, after = world.state.current, changed(world, body.changes)
    _check_end(world, after, at)
    if (after.title, after.terms, after.sections) == (before.title, before.terms, before.sections):
        raise Refused(Reason("T10", "The changes change nothing."))
    world.state.amendments.append(
        Amendment(id=body.amendment_id, changes=body.changes, effective_on=on, proposed_at=at)
    )
    text = f"An amendment is proposed; version {before.no} governs until it takes effect."
    world.move(
        "propose_amendment",
        at,
        "amendment.proposed",
        text,
        amendment_id=str(body.amendment_id),
        base_version=before.no,
    )


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


def find(world: World, amendment_id: UUID) -> Amendment:
    """An open amendment by its id; refuses one that is not open."""
    amendment = world.state.open_amendment
    if amendment is None or amendment.id != amendment_id:
        raise Refused(Reason("T11", f"Amendment {amendment_id} is not open.", missing="an open amendment"))
    return amendment


@action("amendment.execute", facts.ExecuteAmendment, "agree_amendment", who="signatory")
def execute(world: World, body: facts.ExecuteAmendment, at: dt.datetime) -> None:
    """T11: agreed once every party has executed it by the contract's own rule."""
    amendment, state, rule = find(world, body.amendment_id), world.state, execution_rule(world)
    add_execution(world, amendment.executions, body, at)
    missing = missing_executions(rule, state.roles, amendment.executions)
    waits = f"; still to execute: {', '.join(missing)}" if missing else ""
    text = f"Party {body.party} has executed the amendment by {body.method}{waits}."
    world.tell(
        "amendment.executed",
        at,
        text,
        rule="Civil Code 490(1), 543",
        amendment_id=str(amendment.id),
        party=body.party,
        missing=missing,
    )
    if missing:
        return
    agreed = [executed_at(rule, role, amendment.executions) for role in state.roles]
    amendment.agreed_at = max(instant for instant in agreed if instant is not None)
    amendment.applies_at = amendment.agreed_at
    if amendment.effective_on is not None:
        amendment.applies_at = max(amendment.agreed_at, start_of(amendment.effective_on, world.zone))
    amendment.status = "agreed_pending"
    text = f"The amendment is agreed ({RULES[rule]}); it applies from {amendment.applies_at.isoformat()}."
    world.move(
        "agree_amendment",
        amendment.agreed_at,
        "amendment.agreed",
        text,
        amendment_id=str(amendment.id),
        applies_at=amendment.applies_at.isoformat(),
    )


def apply(world: World, amendment_id: UUID, at: dt.datetime) -> None:
    """T12: the next version governs from `at`; timers that hang on changed terms follow, since they are derived."""
    amendment, state = find(world, amendment_id), world.state
    before = state.current
    if world.undone_by(f"amendment:{amendment_id}") is not None:
        amendment.status = "void"
        text = "The amendment has no effect, as a court has decided; the version in force stays."
        world.move("drop_amendment", at, "amendment.void", text, amendment_id=str(amendment.id))
        return
    try:
        after = changed(world, amendment.changes)
    except BadChange as error:
        amendment.status = "void"
        text = f"The amendment does not fit the terms as they stand now and has no effect: {error.message}"
        world.move("drop_amendment", at, "amendment.void", text, amendment_id=str(amendment.id), pointer=error.pointer)
        return
    after.amendment_id, after.valid_from, before.valid_to = amendment.id, at, at
    state.versions.append(after)
    amendment.status, amendment.made_version = "applied", after.no
    text = f"Version {after.no} of the terms is in force; version {before.no} governed until now."
    world.move("apply_amendment", at, "amendment.applied", text, amendment_id=str(amendment.id), terms_version=after.no)


@action("amendment.reject", facts.DropAmendment, "drop_amendment", who="other party")
def reject(world: World, body: facts.DropAmendment, at: dt.datetime) -> None:
    """T13."""
    _drop(world, body, at, "rejected")


@action("amendment.withdraw", facts.DropAmendment, "drop_amendment", who="proposer")
def withdraw(world: World, body: facts.DropAmendment, at: dt.datetime) -> None:
    """T13."""
    _drop(world, body, at, "withdrawn")


def _drop(world: World, body: facts.DropAmendment, at: dt.datetime, how: str) -> None:
    amendment = find(world, body.amendment_id)
    if amendment.status == "agreed_pending":
        raise Refused(Reason("T13", "Every party has executed the amendment; neither can undo it alone (136(2))."))
    amendment.status = "rejected" if how == "rejected" else "withdrawn"
    reason = f": {body.reason}" if body.reason else ""
    text = f"The amendment was {how}{reason}; version {world.state.current.no} stays."
    world.move("drop_amendment", at, f"amendment.{how}", text, amendment_id=str(amendment.id))
