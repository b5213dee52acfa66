"""What the arrival of a notice brings about (14.1; T31, T35)."""

import datetime as dt

import msgspec

from clm.law.basis import LawError
from clm.lifecycle import facts, grounds, reaching, rights, rulings, suspending
from clm.lifecycle.actions import ANYWHERE, action
from clm.lifecycle.deadlines import objection_deadline, term_end
from clm.lifecycle.state import Ground, Incoming
from clm.lifecycle.world import Reason, Refused, World

_EXERCISABLE = "termination.right_exercisable"
_NO_ARRIVAL = {
    "failed": ("What came back undelivered has not arrived; it has no effect.", "Civil Code 137"),
    "pending": ("Nothing on record is an arrival any more; the notice has no effect yet.", "Civil Code 137"),
    "withdrawn": ("The withdrawal arrived in time; the notice has no effect.", "Civil Code 141"),
}


@action("notice.judged", facts.NoticeJudged, who="sender", states=ANYWHERE)
def judged(world: World, body: facts.NoticeJudged, at: dt.datetime) -> None:
    """The notice arrives now, later (a timer then says so), or not at all (I5: that triggers nothing)."""
    state = world.state
    state.incoming = [n for n in state.incoming if n.id != body.notice_id]
    if body.arrives_at is None:
        text, rule = _NO_ARRIVAL[body.standing]
        kind = f"notice.{body.standing}"
        world.tell(kind, at, text, rule=rule, notice_id=str(body.notice_id), notice_type=body.type)
        return
    notice = Incoming(
        id=body.notice_id,
        type=body.type,
        sender=body.sender,
        ground=body.ground,
        cure=msgspec.to_builtins(body.cure) if body.cure else None,
        arrives_at=body.arrives_at,
        legal_date=body.legal_date,
        certainty=body.certainty,
        basis=body.basis,
        assumed=body.assumed,
    )
    state.incoming.append(notice)
    if notice.arrives_at <= at and body.basis.get("status") != "provisional":
        arrive(world, notice, notice.arrives_at)
        return
    text = f"The notice will arrive at {notice.arrives_at.isoformat()} unless it arrives before."
    world.tell("notice.arriving", at, text, rule="Civil Code 137", notice_id=str(notice.id), notice_type=notice.type)


def arrive(world: World, notice: Incoming, at: dt.datetime) -> None:
    """The notice takes effect (137); one whose effect is refused has still arrived, and says why it did nothing."""
    notice.arrived = True
    text = f"The {notice.type} notice of party {notice.sender} has arrived."
    world.tell(
        "notice.arrived",
        at,
        text,
        rule="Civil Code 137",
        notice_id=str(notice.id),
        notice_type=notice.type,
        certainty=notice.certainty,
    )
    effect = _EFFECTS.get(notice.type)
    if effect is None:
        return
    before, told = world.state.copy(), len(world.happenings)
    try:
        effect(world, notice, at)
    except (Refused, LawError) as refused:
        world.undo(before, told)
        told_why = [reason.message for reason in refused.reasons] if isinstance(refused, Refused) else [refused.message]
        text = f"The {notice.type} notice had no effect: {' '.join(told_why)}"
        rule = refused.reasons[0].rule if isinstance(refused, Refused) else "R-T2"
        world.tell("notice.without_effect", at, text, rule=rule, notice_id=str(notice.id), notice_type=notice.type)


def _ground(world: World, notice: Incoming, rule: str, at: dt.datetime) -> Ground:
    """The ground that a notice names; naming it asserts it (T30), but revives no right that is lost."""
    if not world.state.in_force:
        raise Refused(Reason(rule, "The contract is not in force.", missing="a contract in force"))
    if notice.ground is None:
        raise Refused(Reason("R-N11", f"A {notice.type} must name its ground.", missing="ground", who="sender"))
    known = [ground for ground in world.state.grounds if ground.key == notice.ground]
    if known and known[-1].ended is None:
        if known[-1].holder not in (notice.sender, "either"):
            raise Refused(Reason(rule, f"The right on ground {notice.ground} belongs to {known[-1].holder}."))
        return known[-1]
    if known and known[-1].ended in ("lapsed", "waived", "groundless"):
        message = f"The right on ground {notice.ground} is {known[-1].ended}; only a new event gives a new one."
        raise Refused(Reason("T36", message, missing="record-ground for the new event", who="holder of the right"))
    return grounds.assert_ground(world, notice.ground, notice.sender, at)


def _cure(world: World, notice: Incoming, at: dt.datetime) -> None:
    ground = _ground(world, notice, "T31", at)
    if ground.status == _EXERCISABLE and ground.demand is None:
        text = f"Ground {ground.key} needs no demand: the right to rescind exists, and a rescission notice may follow."
        raise Refused(Reason("T31", text, missing="a rescission notice", who=ground.holder))
    if ground.status != "termination.ground_arisen":
        raise Refused(Reason("T31", f"Ground {ground.key} is at {ground.status} already."))
    grounds.start_cure(world, notice, ground, at)


def _demand(world: World, notice: Incoming, at: dt.datetime) -> None:
    """A demand on a ground is a cure notice, or asks the holder of a right to decide; without one it moves nothing."""
    ground = grounds.open_ground(world, notice.ground) if notice.ground is not None else None
    if ground is not None and ground.status == _EXERCISABLE and ground.holder not in (notice.sender, "either"):
        grounds.ask_to_decide(world, notice, ground, at)
    elif notice.ground is not None:
        _cure(world, notice, at)


def _rescission(world: World, notice: Incoming, at: dt.datetime) -> None:
    if world.state.in_force and rights.is_right(world, notice.ground):
        rights.exercise(world, notice, at)
        return
    ground = _ground(world, notice, "T35", at)
    if ground.status != _EXERCISABLE:
        raise Refused(
            Reason(
                "T35",
                f"Ground {ground.key} is at {ground.status}: no right to rescind exists yet.",
                missing="a demand and its period",
            )
        )
    grounds.rescind(world, ground, notice, at)


def _objection(world: World, notice: Incoming, at: dt.datetime) -> None:
    """T46: it stops nothing; whoever objects can go to court (565(1))."""
    state = world.state
    claimed = any(reaching.claims_end(state, one) and one.sender != notice.sender for one in state.incoming)
    if not claimed and (not state.in_force or state.terminating == "termination.none"):
        message = "No rescission, and no ground for one, is on record to object to."
        raise Refused(Reason("T46", message, missing="a rescission or a ground", who=notice.sender))
    if state.contest is None:
        rulings.contest(world, notice.sender, at, "objection")


def _offer(world: World, notice: Incoming, at: dt.datetime) -> None:
    """481, 482: the period for acceptance counts from the offer's arrival."""
    if world.state.phase != "draft.out_for_signature":
        raise Refused(Reason("T03", "The text is not out for signature.", missing="approve", who="approver"))
    world.state.offer_arrived_on = notice.legal_date or at.astimezone(world.zone).date()
    day = str(world.state.offer_arrived_on)
    world.tell("offer.arrived", at, "The offer has arrived.", rule="Civil Code 474, 481", arrived_on=day)


def _renewal_objection(world: World, _notice: Incoming, at: dt.datetime) -> None:
    if not world.state.in_force:
        raise Refused(Reason("T40", "The contract is not in force.", missing="a contract in force"))
    ends = term_end(world)
    limit = objection_deadline(world, ends) if ends is not None else None
    if limit is None:
        raise Refused(Reason("T40", "The term does not renew by itself; there is nothing to object to."))
    world.state.renewal_objected = True
    text = "The objection arrived in time: the term will not renew."
    world.tell("renewal.objected", at, text, rule="T40", limit=str(limit.last_day))


_EFFECTS = {
    "cure_notice": _cure,
    "demand": _demand,
    "rescission": _rescission,
    "renewal_objection": _renewal_objection,
    "objection": _objection,
    "offer": _offer,
    "suspension": suspending.notice_of_suspension,
    "force_majeure": suspending.notice_of_force_majeure,
    "resume": suspending.notice_of_its_end,
    "fm_proof": suspending.proof_of_force_majeure,
}
