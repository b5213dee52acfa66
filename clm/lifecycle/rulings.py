"""What courts and tribunals decide (T08, T43, T45, 159): a judgment may reach back, so it is known from the beginning.

A decision is told at its own date. What it changes lies before: it names a cause that counts no longer, or puts an
effect at an earlier instant, and the engine decides the contract anew with that (`world.Turn`).
"""

import datetime as dt
from typing import Any

import msgspec

from clm.lifecycle import conditions, ending, facts, reaching
from clm.lifecycle.actions import action, never_out_for_signature
from clm.lifecycle.reaching import REACHES, Reach
from clm.lifecycle.state import Contest, State, Suit
from clm.lifecycle.steps import standing
from clm.lifecycle.terms import BadChange
from clm.lifecycle.world import Reason, Refused, Reopened, Turn, World

DECISION = "record-decision"
FORMED = ("draft.formed_pending", "in_force", "terminated")
"""States of a contract that was formed, and of which a court can say what it is worth."""
_DECIDED = (*FORMED, "draft.out_for_signature", "never_in_force")
_ENDS = {
    "both_claimed": (
        "mutual",
        "Both parties claimed the end without a right to it: ended as if they had agreed (52(2))",
    ),
    "rescinded": ("rescinded_by_suit", "The claim for rescission is upheld: rescinded when the complaint was served"),
    "deadlock": ("deadlock", "Ended at the request of the party in default (580(2)) when the complaint was served"),
    "change_of_circumstances": ("change_of_circumstances", "Ended for a fundamental change of circumstances (533)"),
}
SAYS: dict[str, tuple[facts.Ruling, ...]] = {
    "notice_id": ("termination_groundless", "termination_upheld"),
    "condition": ("condition_met", "condition_not_met"),
    "amendment_id": ("amendment_invalid",),
    "served_at": ("rescinded", "both_claimed", "deadlock"),
    "effective_at": (
        "void",
        "revoked",
        "rescinded",
        "both_claimed",
        "deadlock",
        "change_of_circumstances",
        "condition_met",
    ),
}
"""The members of a decision that only some rulings speak of."""
GRANTS: dict[str, facts.Ruling] = {
    "rescission": "rescinded",
    "void": "void",
    "revoked": "revoked",
    "change_of_circumstances": "change_of_circumstances",
    "deadlock": "deadlock",
}
"""The ruling that grants a claim, where that changes the contract."""
_WORDS = {
    "void": "the contract is void",
    "revoked": "the contract is revoked",
    "rescinded": "the contract is rescinded on the claim",
    "both_claimed": "the contract is ended since both parties claim its end",
    "change_of_circumstances": "the contract is ended for a change of circumstances (533)",
    "deadlock": "the contract is ended though it cannot be performed by force (580(2))",
    "termination_groundless": "there was no right to end the contract",
    "termination_upheld": "the end of the contract stands",
    "condition_met": "the condition counts as met, since the party that feared it prevented it (159)",
    "condition_not_met": "the condition counts as not met, since the party that wanted it brought it about (159)",
    "amendment_invalid": "the amendment has no effect",
    "agreement_invalid": "the termination agreement has no effect",
    "dismissed": "the claim is dismissed",
}


@action(
    "record-suit",
    facts.RecordSuit,
    "contest",
    states=(*FORMED, "never_in_force"),
    who="either party",
    blockers=never_out_for_signature,
)
def record_suit(world: World, body: facts.RecordSuit, at: dt.datetime) -> None:
    """T46: a claim is before a court or tribunal; nothing stops, and winding down cannot close before it is decided."""
    state = world.state
    if body.party not in state.roles:
        raise Refused(Reason("T46", f"There is no party {body.party}; the parties are {', '.join(state.roles)}."))
    if any(suit.key == body.suit for suit in state.suits):
        raise Refused(Reason("T46", f"Suit {body.suit} is recorded already.", missing="a key of its own"))
    served = body.served_at
    if served is not None and (served.tzinfo is None or not at <= served <= (world.recorded_at or served)):
        text = "Give an instant with its offset, not before the suit was filed and not in the future."
        raise BadChange("/served_at", text)
    suit = Suit(key=body.suit, party=body.party, claim=body.claim, filed_at=at, served_at=body.served_at)
    state.suits.append(suit)
    where = f" before {body.forum}" if body.forum else ""
    text = f"Party {body.party} has sued{where} ({body.claim})."
    world.tell("suit.filed", at, text, rule="Civil Code 565(2)", suit=body.suit, claim=body.claim, case_no=body.case_no)
    was_in_force = state.in_force or state.phase.startswith("terminated.")
    if state.contest is None and body.claim == "termination_groundless" and was_in_force:
        contest(world, body.party, at, "suit")


def contest(world: World, by: str, at: dt.datetime, how: Any) -> None:
    """T46: the end, or the right to it, is disputed; its effect stays until a court says otherwise."""
    world.state.contest = Contest(by=by, at=at, how=how)
    text = f"Party {by} contests it by {how}; that stops nothing, and both outcomes are kept in view."
    world.move("contest", at, "termination.contested", text, by=by, how=how)


@action(
    DECISION,
    facts.RecordDecision,
    "restore",
    "annul",
    "revoke",
    "end_by_judgment",
    states=_DECIDED,
    who="court, tribunal",
    blockers=never_out_for_signature,
)
def record_decision(world: World, body: facts.RecordDecision, at: dt.datetime) -> None:
    """T08, T43, T45: the decision changes the contract from the instant that the law ties its effect to."""
    turn = next((one for one in world.turns if one.fact_id == world.fact_id), None)
    _check_members(body)
    suit = _suit(world, body)
    prepare = REACHES.get(body.ruling)
    reach = prepare(world, body, suit, at) if turn is None and prepare is not None else None
    if reach is not None:
        raise Reopened(_turn(world, reach, at))
    if suit is not None:
        suit.decided_at = at
    if body.ruling.startswith("termination") or (suit is not None and suit.claim == "termination_groundless"):
        world.state.contest = None
    case = f", {body.case_no}" if body.case_no else ""
    text = f"{body.authority}{case}: {_WORDS[body.ruling]}."
    told = turn.data if turn is not None else {}
    about: dict[str, Any] = {"ruling": body.ruling, "authority": body.authority, "case_no": body.case_no, **told}
    idle = turn and world.idle.get(turn.fact_id)
    if idle:
        text += f" By the other facts on record it changes nothing: {idle}"
        about["without_effect"] = idle
    if told.get("annulled_transition"):
        text += f" It did not end at {told['ended_at']}; the contract is {standing(world.state.configuration)}."
        world.tell_by("restore", "contract.restored", at, text, **about)
    else:
        text += " The notice ends nothing." if body.ruling == "termination_groundless" else ""
        world.tell("decision.recorded", at, text, rule=_SOURCES[body.ruling], **about)


def _check_members(body: facts.RecordDecision) -> None:
    for member, rulings in SAYS.items():
        if getattr(body, member) is not None and body.ruling not in rulings:
            raise BadChange(f"/{member}", f"The ruling {body.ruling} says nothing of it; only {', '.join(rulings)} do.")


def _turn(world: World, reach: Reach, at: dt.datetime) -> Turn:
    if world.fact_id is None:
        raise ValueError("a decision is decided as a fact")
    fields = msgspec.structs.asdict(reach)
    return Turn(fact_id=world.fact_id, decided_at=at, evidence=world.evidence, **fields)


def _suit(world: World, body: facts.RecordDecision) -> Suit | None:
    if body.suit is None:
        return None
    found = next((suit for suit in world.state.suits if suit.key == body.suit), None)
    if found is None:
        raise Refused(Reason("T43", f"No suit {body.suit} is recorded.", missing="record-suit", who="either party"))
    if found.decided_at is not None:
        message = f"Suit {body.suit} was decided at {found.decided_at.isoformat()}."
        raise Refused(Reason("T43", message, "correct, for a decision that was reversed; else a suit of its own"))
    return found


def naming_its_notice(state: State, kind: str, data: dict[str, Any], at: dt.datetime) -> dict[str, Any]:
    """A judgment on the end that stands names its notice: a late fact must not turn it against another one."""
    if state.ended_at is not None and state.ended_at > at:
        return data
    notice = reaching.ending_notice(state)
    silent = kind == DECISION and data.get("ruling") == "termination_groundless" and "notice_id" not in data
    return {**data, "notice_id": notice.partition(":")[2]} if silent and notice else data


def take_effect(world: World, data: dict[str, Any], turn: Turn) -> None:
    """What a decision does at the earlier instant that the law ties its effect to."""
    body = msgspec.convert(data, facts.RecordDecision)
    if turn.at is None:
        raise ValueError("a turn without an instant has no effect of its own")
    if body.ruling == "condition_met" and body.condition is not None:
        conditions.meet(world, body.condition, turn.at, deemed=True)
        return
    outcome, text = _ENDS[body.ruling]
    event = "agree_end" if outcome == "mutual" else "end_by_judgment"
    ending.end(world, event, outcome, turn.at, f"{text}.", authority=body.authority, case_no=body.case_no)


_SOURCES = {
    "void": "Civil Code 144, 146, 153-155",
    "revoked": "Civil Code 147-152, 155",
    "rescinded": "Civil Code 565(2)",
    "both_claimed": "Contract Interpretation 52(2)",
    "change_of_circumstances": "Civil Code 533",
    "deadlock": "Civil Code 580(2); Contract Interpretation 59",
    "termination_groundless": "Contract Interpretation 53",
    "termination_upheld": "Civil Code 565(1)",
    "condition_met": "Civil Code 159",
    "condition_not_met": "Civil Code 159",
    "amendment_invalid": "Civil Code 143, 153, 544",
    "agreement_invalid": "Civil Code 143, 146-153",
    "dismissed": "Civil Code 565",
}
