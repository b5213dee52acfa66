"""How a contract ends (10.3): by agreement, by performance, by what a notice, a court or a condition brings about."""

import datetime as dt
from typing import Any

from clm.law.periods import start_of
from clm.lifecycle import facts, surviving
from clm.lifecycle.actions import action
from clm.lifecycle.deadlines import objection_deadline, term_end
from clm.lifecycle.state import AgreedEnd
from clm.lifecycle.terms import BadChange
from clm.lifecycle.transitions import TRANSITIONS
from clm.lifecycle.world import Reason, Refused, Turn, World, not_in_state

FORMED = "draft.formed_pending"


def end(
    world: World, event: str, outcome: str, at: dt.datetime, text: str, *, cause: str | None = None, **data: Any
) -> bool:
    """End the contract: an amendment still open falls with it unless it is about what survives (T14).

    `cause` names what ended it by one party's will. Where a court has said that it counts for nothing, the contract
    goes on (T45), and the answer is False.
    """
    state = world.state
    if not state.in_force:
        raise Refused(not_in_state(event, state))
    turn = world.undone_by(cause, at) if cause is not None else None
    if turn is not None:
        annul(world, event, turn, at)
        return False
    amendment = state.open_amendment
    if amendment is not None:
        surviving.on_end(world, amendment, at)
    state.ended_at, state.outcome, state.ended_by, state.ending = at, outcome, cause, None
    world.move(event, at, "contract.terminated", text, outcome=outcome, **data)
    return True


def annul(world: World, event: str, turn: Turn, at: dt.datetime) -> None:
    """Tell that what would have ended the contract did not."""
    rule, prevented = TRANSITIONS["restore"].source, TRANSITIONS[event].id
    text = f"It did not end the contract ({prevented}), as a court has found."
    with world.because_of(turn):
        world.tell("termination.annulled", at, text, rule=rule, cause=turn.cause, prevented=prevented)


def _no_agreed_end(world: World) -> list[Reason]:
    state = world.state
    if state.in_force or state.phase == FORMED or (state.ended_by or "").startswith("notice:"):
        return []
    return [Reason("T37", "The contract has ended otherwise than by a notice.", missing="a contract in force")]


@action(
    "terminate-by-agreement",
    facts.TerminateByAgreement,
    "agree_end",
    "agree_before_effect",
    who="both parties",
    states=(FORMED, "in_force", "terminated.winding_down"),
    blockers=_no_agreed_end,
)
def terminate_by_agreement(world: World, body: facts.TerminateByAgreement, at: dt.datetime) -> None:
    """T37: the agreed day is the last in force; a day that is over, or none, ends the contract at the agreement.

    Both may always agree anew: the later agreement takes the place of the earlier. After a rescission it is kept for
    the case that the rescission had no ground (interpretation 52). A contract that is formed and not in force is given
    up at once.
    """
    if world.state.phase == FORMED:
        _give_up(world, body, at)
        return
    on = body.effective.on if body.effective else None
    ends_at = at
    if on is not None:
        ends_at = start_of(on + dt.timedelta(days=1), world.zone)
        if ends_at <= at:
            raise BadChange("/effective/on", f"{on} was over when the agreement was made; leave it out to end at once.")
    notice = str(body.consents_to) if body.consents_to else None
    if notice is not None and not any(str(one.id) == notice and one.arrived for one in world.state.incoming):
        raise BadChange("/consents_to", "Name a notice that has arrived.")
    if not world.state.in_force:
        text = "The parties also agree to the end: should the rescission prove groundless, the agreement counts."
        world.tell("termination.agreed", at, text, rule="Contract Interpretation 52", consents_to=notice)
        return
    _check_term(world, on, ends_at)
    turn = world.undone_by(agreement_of(at), at)
    if turn is not None:
        annul(world, "agree_end", turn, at)
        return
    agreed = world.state.agreed_end
    if agreed is not None and agreed.ends_at == ends_at:
        raise Refused(Reason("T37", f"A termination agreement ends the contract at {ends_at.isoformat()} already."))
    world.state.agreed_end = AgreedEnd(agreed_at=at, ends_at=ends_at, on=on)
    text = f"The parties have agreed to end the contract at {ends_at.isoformat()}."
    source = "Contract Interpretation 52(2)" if notice else "Civil Code 562(1)"
    world.tell("termination.agreed", at, text, rule=source, ends_at=ends_at.isoformat(), consents_to=notice)


def _check_term(world: World, on: dt.date | None, ends_at: dt.datetime) -> None:
    """A later end is no end: the term is over first, unless it renews by itself."""
    term = term_end(world)
    if on is None or term is None or term.expires_at is None or objection_deadline(world, term) is not None:
        return
    if term.expires_at < ends_at:
        text = f"The term is over after {term.last_day}, before that day; to go on until {on}, amend the term."
        raise BadChange("/effective/on", text)


def _give_up(world: World, body: facts.TerminateByAgreement, at: dt.datetime) -> None:
    if body.effective is not None:
        raise BadChange("/effective", "The contract is not in force yet: by agreement it ends at once; leave it out.")
    if body.consents_to is not None:
        raise BadChange("/consents_to", "The contract is not in force yet, so no notice has ended it.")
    world.state.outcome, world.state.undone_at = "withdrawn", at
    text = "The parties have agreed to give the contract up; it was formed and never takes effect."
    world.move("agree_before_effect", at, "contract.withdrawn", text)


def agreement_of(agreed_at: dt.datetime) -> str:
    """The name under which a judgment undoes the termination agreement of that instant."""
    return f"agreement:{agreed_at.astimezone(dt.UTC).isoformat()}"


def end_as_agreed(world: World, last_day: dt.date | None, at: dt.datetime) -> None:
    """T37: the day that both parties agreed on is over."""
    day = f"; {last_day} was the last day" if last_day else ""
    end(world, "agree_end", "mutual", at, f"Ended by agreement{day}.")


def fulfil(world: World, at: dt.datetime) -> None:
    """W03: everything owed under the contract was performed (557(1)(1))."""
    end(world, "fulfil", "fulfilled", at, "Everything owed under the contract is performed.")
