"""After the end (10.3): the list of winding down (清理), and when it is done (T50)."""

import datetime as dt

from clm.lifecycle import facts
from clm.lifecycle.actions import action
from clm.lifecycle.state import State
from clm.lifecycle.world import Reason, Refused, World

DUTIES = ("settlement", "data_return", "handover", "report")
"""What winding down asks for (558, 567, 924): settlement, return of data with its certificate, hand-over, report."""
UNDOING = ("restitution", "data_return")
"""What a formed contract without effect asks for (157; Personal Information Protection Law 21)."""
CERTIFIED = "data_return"
"""The duty that is done only with a certificate of return or destruction."""
STATES = (
    "terminated.winding_down",
    "never_in_force.withdrawn",
    "never_in_force.ineffective",
    "never_in_force.void",
    "never_in_force.revoked",
)
"""Where a duty may be left; a draft that was given up before it was formed has none."""


def duties_of(state: State) -> tuple[str, ...]:
    """The duties that follow from how the contract stands."""
    if state.phase.startswith("terminated."):
        return DUTIES
    return UNDOING if state.undone_at is not None else ()


def left(state: State) -> list[str]:
    """The duties that are not done; the return of data is not done without its certificate."""
    return [duty for duty in duties_of(state) if not is_done(state, duty)]


def is_done(state: State, duty: str) -> bool:
    """Whether a duty is done, or there was nothing to do for it."""
    if duty in state.nothing_due:
        return True
    return duty in state.duties_done and (duty != CERTIFIED or duty in state.certified)


def do(world: World, body: facts.RecordPerformance, at: dt.datetime) -> None:
    """A duty of winding down is done; the certificate of the return of data may come later."""
    state, duty = world.state, body.duty
    owed = duties_of(state)
    if not owed:
        raise Refused(Reason("T50", "It was given up before it was formed; nothing is owed under it."))
    if duty is None or duty not in owed:
        raise Refused(Reason("T50", f"After the end a duty of winding down is performed: {', '.join(owed)}.", "duty"))
    if is_done(state, duty):
        raise Refused(Reason("T50", f"{duty} is done since {state.duties_done[duty].isoformat()}."))
    if body.nothing_due and not (body.note or "").strip():
        raise Refused(Reason("T50", f"Say why nothing is due for {duty}.", missing="note"))
    if duty in state.duties_done and not world.evidence and not body.nothing_due:
        raise Refused(Reason("T50", f"{duty} is on record; what is missing is its certificate.", missing="evidence"))
    state.duties_done.setdefault(duty, at)
    if body.nothing_due:
        state.nothing_due.append(duty)
    if world.evidence:
        state.certified.append(duty)
    open_duties = left(state)
    done = "needs nothing" if body.nothing_due else "is done"
    lacks = ", its certificate is not on record" if duty in open_duties else ""
    text = f"Winding down: {duty} {done}{lacks}; left: {', '.join(open_duties) or 'nothing'}."
    rule = "Civil Code 157" if state.undone_at is not None else "Civil Code 558, 567"
    world.tell("winding_down.done", at, text, rule=rule, duty=duty, left=open_duties, nothing_due=body.nothing_due)


def _left(world: World) -> list[Reason]:
    return [
        *(_reason(world.state, duty) for duty in left(world.state)),
        *(
            Reason("T50", f"Suit {suit.key} is not decided.", missing="record-decision", who="court, tribunal")
            for suit in world.state.suits
            if suit.decided_at is None
        ),
    ]


def _reason(state: State, duty: str) -> Reason:
    if duty in state.duties_done:
        return Reason("T50", f"Winding down: {duty} has no certificate.", "evidence (the certificate)", "both parties")
    missing = f'record-performance with {{"duty": "{duty}"}}'
    return Reason("T50", f"Winding down: {duty} is not done.", missing, "both parties")


@action("close", facts.Close, "close", who="both parties", blockers=_left)
def close(world: World, _body: facts.Close, at: dt.datetime) -> None:
    """T50: nothing that survives is lost."""
    world.state.closed_at = at
    world.move("close", at, "contract.closed", "Winding down is complete; survival timers run on.")
