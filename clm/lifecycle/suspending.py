"""Performance held back (中止履行) and force majeure (不可抗力): T20-T22, T38, 12.2."""

import datetime as dt

from clm.lifecycle import facts
from clm.lifecycle.actions import action
from clm.lifecycle.clauses import agreed_ground
from clm.lifecycle.state import ForceMajeure, Ground, Incoming, LateFor, Pause
from clm.lifecycle.world import Reason, Refused, World

SOURCES = {
    "defence": "Civil Code 525, 526",
    "unstable": "Civil Code 527",
    "force_majeure": "Civil Code 590",
    "agreed": "Civil Code 509",
}
STOPS = ("service_levels", "performance_due")
"""What stands still while performance is suspended; the term and every period for a right run on (199)."""
ANTICIPATORY = "anticipatory_breach"
_NO_EXEMPTION = " It exempts from nothing: the default came first (590(2))."


@action("suspend", facts.Suspend, "suspend", who="entitled party")
def suspend(world: World, body: facts.Suspend, at: dt.datetime) -> None:
    """T20: a defence (525, 526), fear of default with proof (527), force majeure (590), or as agreed."""
    state = world.state
    if body.party is not None and body.party not in state.roles:
        raise Refused(Reason("T20", f"There is no party {body.party}; the parties are {', '.join(state.roles)}."))
    if body.reason == "unstable" and not world.evidence:
        text = "Who suspends for fear of default needs proof of it (527), or answers for the breach."
        raise Refused(Reason("T20", text, missing="evidence", who=body.party or "entitled party"))
    state.suspension = body.reason
    state.pauses.append(Pause(reason=body.reason, party=body.party, began_at=at))
    exempts = True
    if body.reason == "force_majeure":
        event = _force_majeure(world, body.party, at)
        exempts = event.exempts
    text = f"Performance is suspended: {body.reason}." + ("" if exempts else _NO_EXEMPTION)
    world.move(
        "suspend",
        at,
        "performance.suspended",
        text,
        reason=body.reason,
        party=body.party,
        stops=list(STOPS),
        source=SOURCES[body.reason],
    )


def _force_majeure(world: World, party: str | None, at: dt.datetime) -> ForceMajeure:
    found = world.state.force_majeure
    if found is None or found.ended_at is not None:
        found = ForceMajeure(party=party, began_at=at, exempts=not _in_default(world, party))
        world.state.force_majeure = found
    found.party = found.party or party
    return found


def _in_default(world: World, party: str | None) -> bool:
    """Whether the other side had a ground against the hindered party before (590(2))."""
    held = [ground for ground in world.state.grounds if ground.ended is None]
    return party is not None and any(ground.holder not in (party, "either") for ground in held)


@action("resume", facts.Resume, "resume", who="either party")
def resume(world: World, _body: facts.Resume, at: dt.datetime) -> None:
    """T21: what stood still runs again."""
    state = world.state
    event = state.force_majeure
    if state.suspension == "force_majeure" and event is not None and event.ended_at is None:
        event.ended_at = at
    state.suspension = None
    if state.pauses:
        state.pauses[-1].ended_at = at
    world.move("resume", at, "performance.resumed", "Performance goes on.", runs_again=list(STOPS))


def notice_of_suspension(world: World, notice: Incoming, at: dt.datetime) -> None:
    """528: the other side is told, and has a reasonable time from then to give security."""
    if world.state.suspension is None:
        raise Refused(Reason("T20", "Performance is not suspended.", missing="suspend", who=notice.sender))
    pause = world.state.pauses[-1]
    if pause.party not in (None, notice.sender):
        raise Refused(Reason("T20", f"Party {pause.party} has suspended, not {notice.sender}.", who=pause.party))
    day = notice.legal_date or at.astimezone(world.zone).date()
    pause.noticed_on = day
    text = "The other side is told of the suspension; time to give security counts from here where that is asked for."
    world.tell("performance.suspension_notified", at, text, rule="Civil Code 528", notified_on=str(day))


def without_security(world: World, at: dt.datetime) -> None:
    """T22: no security in a reasonable time counts as a declaration not to perform (528, 563(1)(2))."""
    party = world.state.pauses[-1].party
    ground = Ground(key=ANTICIPATORY, holder=party or "either", known_at=at, status="termination.none")
    world.move_ground(ground, "fail_security")
    world.state.grounds.append(ground)
    text = f"No security was given in time: {ground.holder} may rescind by notice on ground {ANTICIPATORY}."
    world.tell_by("fail_security", "ground.exercisable", at, text, ground=ANTICIPATORY, holder=ground.holder)


def notice_of_force_majeure(world: World, notice: Incoming, at: dt.datetime) -> None:
    """590(1): told at once; where no suspension is on record, the event counts from the notice's arrival."""
    _in_force(world)
    event = world.state.force_majeure
    if event is None or (event.ended_at is not None and event.notified_at is not None):
        event = _force_majeure(world, notice.sender, at)
    event.party = event.party or notice.sender
    if event.party != notice.sender:
        message = f"The force majeure on record hinders party {event.party}; record its end first."
        raise Refused(Reason("590", message, missing="resume", who=event.party))
    event.notified_at = at
    event.notified_on = notice.legal_date or at.astimezone(world.zone).date()
    assumed = event.began_at == at
    text = f"Force majeure since {event.began_at.isoformat()} is announced."
    world.tell("force_majeure.notified", at, text, rule="Civil Code 590(1)", assumed=assumed, exempts=event.exempts)


def notice_of_its_end(world: World, notice: Incoming, at: dt.datetime) -> None:
    """590: the force majeure of its sender is over; performance that is suspended goes on by `resume`."""
    _in_force(world)
    event = world.state.force_majeure
    if event is None or event.ended_at is not None or event.party != notice.sender:
        message = f"No force majeure that hinders party {notice.sender} is on record."
        missing = "a force_majeure notice of the party that it hinders"
        raise Refused(Reason("590", message, missing=missing, who=notice.sender))
    event.ended_at = at
    world.tell("force_majeure.over", at, "The force majeure is over.", rule="Civil Code 590", party=notice.sender)


def proof_of_force_majeure(world: World, _notice: Incoming, at: dt.datetime) -> None:
    """590(1): proof in a reasonable time."""
    _in_force(world)
    event = world.state.force_majeure
    if event is None:
        missing = "suspend with reason force_majeure, or a force_majeure notice"
        raise Refused(Reason("590", "No force majeure is on record.", missing=missing))
    event.proved_at = at
    world.tell("force_majeure.proved", at, "Proof of the force majeure has arrived.", rule="Civil Code 590(1)")


def late(world: World, what: LateFor, last_day: object, at: dt.datetime) -> None:
    """Notice or proof of force majeure did not come in time: its sender bears what could have been avoided."""
    event = world.state.force_majeure
    if event is None:
        raise ValueError("a force majeure timer without its event")
    event.late.append(what)
    text = f"The {what} of the force majeure was due by {last_day} and is not on record: the loss that it would have "
    world.tell("force_majeure.late", at, f"{text}avoided is not excused.", rule="Civil Code 590(1)", what=what)


def passed(world: World, at: dt.datetime) -> None:
    """T38: it has lasted for longer than the clause asks; who may rescind by it may do so now."""
    event = world.state.force_majeure
    if event is None:
        raise ValueError("a force majeure timer without its event")
    event.passed = True
    holder = str((agreed_ground(world, "force_majeure") or {}).get("holder", "either"))
    open_one = next((one for one in world.state.grounds if one.key == "force_majeure" and one.ended is None), None)
    if open_one is not None:
        open_one.known_at = at
    else:
        ground = Ground(key="force_majeure", holder=holder, known_at=at, status="termination.none")
        world.move_ground(ground, "assert_ground")
        world.move_ground(ground, "open_right")
        world.state.grounds.append(ground)
    text = f"The force majeure has lasted for longer than agreed: {holder} may rescind by notice."
    world.tell_by("open_right", "ground.exercisable", at, text, ground="force_majeure", holder=holder)


def _in_force(world: World) -> None:
    if not world.state.in_force:
        raise Refused(Reason("590", "The contract is not in force.", missing="a contract in force"))
