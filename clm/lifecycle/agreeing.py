"""How an open amendment is agreed on (T11), waits, or falls (T13): executions, conditions, the time to answer."""

import contextlib
import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from clm.law.basis import LawError
from clm.law.calendars import Calendar
from clm.law.periods import Deadline, deadline, start_of
from clm.lifecycle import facts
from clm.lifecycle.actions import Blockers, action
from clm.lifecycle.clauses import APPROVAL
from clm.lifecycle.making import RULES, add_execution, executed_at, execution_rule
from clm.lifecycle.state import Amendment, Execution
from clm.lifecycle.transitions import TRANSITIONS
from clm.lifecycle.world import Reason, Refused, World

SAME = "same_as_contract"
BOTH_SIGN = "Silence is no consent (140(2)): an amendment is executed by every party (543)"
_ANY_TIME = ("in_force", "terminated")


def step(world: World, event: str, at: dt.datetime, kind: str, text: str, **data: Any) -> None:
    """Take a transition of the amending region; after the end there is no region left, and the status stays (T15)."""
    if world.state.in_force:
        world.move(event, at, kind, text, **data)
    else:
        world.tell(kind, at, text, rule=TRANSITIONS[event].source, **data)


def drop(world: World, amendment: Amendment, status: Any, at: dt.datetime, text: str, **data: Any) -> None:
    """T13: the amendment comes to nothing for the reason in `text`, a sentence without its full stop."""
    amendment.status = status
    stays = f"{text}; version {world.state.current.no} stays."
    step(world, "drop_amendment", at, f"amendment.{status}", stays, amendment_id=str(amendment.id), **data)


def execution_rules(world: World) -> list[str]:
    """How an amendment is executed: as the contract, and as /terms/amendments/execution asks for where that differs.

    Both must be satisfied, so the clause on amendments can add to the contract's own rule and never weaken it.
    """
    own = execution_rule(world)
    asked = world.terms.get("amendments", {}).get("execution", SAME)
    return [own] if asked in (SAME, own) else [own, asked]


def missing_executions(rules: Sequence[str], roles: Sequence[str], executions: list[Execution]) -> list[str]:
    """The roles that have not executed by every rule."""
    return [role for role in roles if any(executed_at(rule, role, executions) is None for rule in rules)]


def answer_deadline(amendment: Amendment, calendar: Calendar, zone: ZoneInfo) -> Deadline | None:
    """By when a proposal must be executed by all (承诺期限, Civil Code 478(3), 481): an act-period, so it rolls (R-T8).

    None where nobody set a period, or where it ends beyond the law's horizon.
    """
    period = amendment.answer_within
    if period is None:
        return None
    since = amendment.proposed_at.astimezone(zone)
    with contextlib.suppress(LawError, OverflowError):
        return deadline(since, period, calendar=calendar, roll="forward", time_zone=zone, roll_assumed=True)
    return None


def open_conditions(amendment: Amendment) -> list[str]:
    """The keys of what the effect of an amendment still waits for."""
    return sorted(key for key, met_at in amendment.conditions.items() if met_at is None)


def find(world: World, amendment_id: UUID) -> Amendment:
    """The open amendment, by its id; refuses another."""
    amendment = world.state.open_amendment
    if amendment is None or amendment.id != amendment_id:
        raise Refused(_not_open(world, amendment_id, "T11"))
    return amendment


def _not_open(world: World, amendment_id: UUID | None, rule: str) -> Reason:
    known = next((one for one in world.state.amendments if one.id == amendment_id), None)
    if known is None:
        what = "No amendment is open" if amendment_id is None else f"Amendment {amendment_id} was not proposed by then"
        return Reason(rule, f"{what}.", missing="an open amendment", who="either party")
    if known.status == "applied":
        text = f"Amendment {known.id} is applied, and stays as it is: a further amendment may change the terms again."
        invalid = "an amendment that does not apply yet, or a court's decision (record-decision, amendment_invalid)"
        return Reason(rule, text, missing=invalid, who="both parties, court")
    return Reason(rule, f"Amendment {known.id} is {known.status}.", missing="an open amendment", who="either party")


def _open(rule: str, *, agreed: str | None = None) -> Blockers:
    """What stands in the way of an action on the open amendment; `agreed`: why it cannot come after the agreement."""

    def blockers(world: World) -> list[Reason]:
        amendment, asked = world.state.open_amendment, getattr(world.body, "amendment_id", None)
        if amendment is None or asked not in (None, amendment.id):
            return [_not_open(world, asked, rule)]
        return [Reason(rule, agreed)] if agreed and amendment.status == "agreed_pending" else []

    return blockers


@action(
    "amendment.execute",
    facts.ExecuteAmendment,
    "agree_amendment",
    who="signatory",
    states=_ANY_TIME,
    blockers=_open("T11", agreed="Every party has executed the amendment; it is agreed."),
)
def execute(world: World, body: facts.ExecuteAmendment, at: dt.datetime) -> None:
    """T11: agreed once every party has executed it, by a rule as strict as the contract's."""
    amendment, state, rules = find(world, body.amendment_id), world.state, execution_rules(world)
    add_execution(world, amendment.executions, body, at)
    missing = missing_executions(rules, state.roles, amendment.executions)
    waits = f"; still to execute: {', '.join(missing)}" if missing else ""
    text = f"Party {body.party} has executed the amendment by {body.method}{waits}."
    about: dict[str, Any] = {"amendment_id": str(amendment.id), "party": body.party, "missing": missing}
    world.tell("amendment.executed", at, text, rule="Civil Code 490(1), 543", **about)
    if not missing:
        _agree(world, amendment, rules)


def _agree(world: World, amendment: Amendment, rules: list[str]) -> None:
    found = [executed_at(rule, role, amendment.executions) for rule in rules for role in world.state.roles]
    agreed_at = max(instant for instant in found if instant is not None)
    amendment.agreed_at, amendment.status = agreed_at, "agreed_pending"
    _set_date(world, amendment)
    words, left = "; ".join(RULES[rule] for rule in rules), open_conditions(amendment)
    then = (
        f"it applies from {amendment.applies_at.isoformat()}" if amendment.applies_at else f"it waits for {_all(left)}"
    )
    applies_at = amendment.applies_at.isoformat() if amendment.applies_at else None
    text = f"The amendment is agreed ({words}); {then}."
    about = {"amendment_id": str(amendment.id), "applies_at": applies_at, "conditions": left}
    step(world, "agree_amendment", agreed_at, "amendment.agreed", text, **about)
    turn = world.undone_by(f"amendment:{amendment.id}", agreed_at)
    if turn is not None:
        with world.because_of(turn):
            drop(world, amendment, "void", agreed_at, "The amendment has no effect, as a court has decided")


def _set_date(world: World, amendment: Amendment) -> None:
    """It applies from the latest of agreement, agreed first day, and conditions; never before the last is met."""
    if amendment.agreed_at is None or open_conditions(amendment):
        return
    met = [met_at for met_at in amendment.conditions.values() if met_at is not None]
    first = [start_of(amendment.effective_on, world.zone)] if amendment.effective_on else []
    amendment.applies_at = max([amendment.agreed_at, *met, *first])


def _all(keys: list[str]) -> str:
    return ", ".join(keys)


@action(
    "amendment.satisfy-condition",
    facts.SatisfyAmendmentCondition,
    "apply_amendment",
    who="condition owner, authority",
    states=_ANY_TIME,
    blockers=_open("T12"),
)
def satisfy(world: World, body: facts.SatisfyAmendmentCondition, at: dt.datetime) -> None:
    """T12: what the effect of the amendment waits for is there; the timer applies it once nothing is open."""
    amendment = find(world, body.amendment_id)
    _check_open(amendment, body.condition, "T12")
    amendment.conditions[body.condition] = at
    _set_date(world, amendment)
    left = open_conditions(amendment)
    then = f"still open: {_all(left)}" if left else "none is open"
    if amendment.applies_at:
        then = f"the amendment applies from {amendment.applies_at.isoformat()}"
    rule = "Civil Code 502(3)" if body.condition == APPROVAL else "Civil Code 158"
    about: dict[str, Any] = {"amendment_id": str(amendment.id), "condition": body.condition, "open": left}
    text = f"Condition {body.condition} of the amendment is met; {then}."
    world.tell("amendment.condition_satisfied", at, text, rule=rule, **about)


@action(
    "amendment.fail-condition",
    facts.FailAmendmentCondition,
    "drop_amendment",
    who="party, authority",
    states=_ANY_TIME,
    blockers=_open("T13"),
)
def fail(world: World, body: facts.FailAmendmentCondition, at: dt.datetime) -> None:
    """T13: an amendment whose condition can no longer be met, or whose approval is refused, has no effect."""
    amendment = find(world, body.amendment_id)
    _check_open(amendment, body.condition, "T13")
    refused = body.condition == APPROVAL
    what = "Its approval was refused (502(3))" if refused else f"Its condition {body.condition} cannot be met (158)"
    text = f"{what}{_because(body.reason)}; the amendment has no effect"
    drop(world, amendment, "void", at, text, condition=body.condition)


def _check_open(amendment: Amendment, key: str, rule: str) -> None:
    left = open_conditions(amendment)
    if key in left:
        return
    met = amendment.conditions.get(key)
    text = f"was met at {met.isoformat()}" if met else "is no condition of this amendment"
    raise Refused(Reason(rule, f"{key} {text}; open: {_all(left) or 'none'}.", missing="an open condition"))


_BOUND = "Every party has executed the amendment; neither can undo it alone (136(2))."


@action(
    "amendment.reject",
    facts.DropAmendment,
    "drop_amendment",
    who="other party",
    states=_ANY_TIME,
    blockers=_open("T13", agreed=_BOUND),
)
def reject(world: World, body: facts.DropAmendment, at: dt.datetime) -> None:
    """T13: the other party declines (478(1))."""
    amendment = find(world, body.amendment_id)
    drop(world, amendment, "rejected", at, f"The amendment was rejected{_because(body.reason)}")


@action(
    "amendment.withdraw",
    facts.DropAmendment,
    "drop_amendment",
    who="proposer",
    states=_ANY_TIME,
    blockers=_open("T13", agreed=_BOUND),
)
def withdraw(world: World, body: facts.DropAmendment, at: dt.datetime) -> None:
    """T13: the proposer takes it back (475, 476)."""
    amendment = find(world, body.amendment_id)
    drop(world, amendment, "withdrawn", at, f"The amendment was withdrawn{_because(body.reason)}")


@action(
    "amendment.declare-unclear",
    facts.DeclareUnclear,
    "drop_amendment",
    who="either party, reviewer",
    states=_ANY_TIME,
    blockers=_open("T13"),
)
def declare_unclear(world: World, body: facts.DeclareUnclear, at: dt.datetime) -> None:
    """T13: what was agreed is unclear, so it is presumed that nothing was changed (544)."""
    amendment = find(world, body.amendment_id)
    text = f"What the amendment would change is unclear{_because(body.reason)}; presumed not changed (544)"
    drop(world, amendment, "unclear", at, text, presumption="Civil Code 544")


def lapse(world: World, amendment_id: UUID, last_day: dt.date | None, at: dt.datetime) -> None:
    """T13: not every party executed in time (478(3)); whatever the terms say, silence is no consent."""
    amendment = find(world, amendment_id)
    missing = missing_executions(execution_rules(world), world.state.roles, amendment.executions)
    by = f"by the end of {last_day}" if last_day else f"by {at.isoformat()}"
    said = world.terms.get("amendments", {}).get("silence_is_consent")
    also = ", also where the terms let it count as such" if said else ""
    text = f"The proposal was not executed by {_all(missing)} {by}: it has lapsed (478(3)). {BOTH_SIGN}{also}"
    drop(world, amendment, "lapsed", at, text, missing=missing)


def _because(reason: str | None) -> str:
    return f": {reason}" if reason else ""
