"""Mistaken facts and what stands in their place (I7): a correction is a fact too, and nothing is deleted."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from clm.law.calendars import FIRST_DAY
from clm.lifecycle import facts
from clm.lifecycle.actions import ANYWHERE, REGISTER, action, never_out_for_signature
from clm.lifecycle.facts import Fact
from clm.lifecycle.item_facts import CorrectItem
from clm.lifecycle.terms import BadChange
from clm.lifecycle.world import Reason, Refused, World

CORRECT = "correct"
CORRECT_ITEM = "item.correct"
CORRECTIONS: dict[str, type[facts.Correct]] = {CORRECT: facts.Correct, CORRECT_ITEM: CorrectItem}
BEFORE_ALL = frozenset({"submit", "approve", "return", "draft.edit", "create"})
"""Facts of the draft: a draft is edited, or returned to drafting."""
_ELSEWHERE = {
    "notice": "The arrival of a notice follows from its delivery events; correct those (correct-delivery).",
    "item": "A confidential item is corrected with its own actions.",
}
_SIGNED = tuple(state for state in ANYWHERE if state not in ("draft.drafting", "draft.under_review"))


class Standing(msgspec.Struct, frozen=True):
    """A fact in the place where it counts; `by` is the correction that put it there, or that took one away."""

    fact: Fact
    by: UUID | None = None


@action(CORRECT, facts.Correct, who="whoever may correct", states=_SIGNED, blockers=never_out_for_signature)
def correct(world: World, body: facts.Correct, at: dt.datetime) -> None:
    """The record is put right: what followed from the mistake is superseded, and stays readable."""
    done = "another stands in its place" if body.replacement is not None else "it counts no longer"
    text = f"A fact was recorded by mistake; {done}: {body.reason}"
    world.tell("fact.corrected", at, text, rule="I7", corrects=str(body.fact_id), reason=body.reason)


def standing(recorded: Sequence[Fact]) -> list[Standing]:
    """The facts that count, corrections carried out, each correction itself in the place of what it corrects.

    Raises Refused for a correction of what cannot be corrected, BadChange for a replacement that has no right shape.
    """
    known = {fact.id: fact for fact in recorded}
    counts: dict[UUID, Fact | None] = {fact.id: fact for fact in recorded if fact.kind not in CORRECTIONS}
    put: dict[UUID, UUID] = {}
    notes = [_at_the_beginning(fact, recorded) for fact in recorded if _is_of_draft(fact)]
    for correction, body in _not_taken_back(recorded):
        original = _original(body.fact_id, known, correction.kind)
        notes.append(Standing(replace(correction, at=original.at)))
        put[original.id] = correction.id
        if body.replacement is not None:
            counts[original.id] = _instead(original, body.replacement, correction)
        elif body.fact_id == original.id:
            counts[original.id] = None
    return notes + [Standing(fact, put.get(fact.id)) for fact in counts.values() if fact is not None]


def _not_taken_back(recorded: Sequence[Fact]) -> list[tuple[Fact, facts.Correct]]:
    """The corrections that hold, oldest first: a later one about a correction takes its place."""
    given = [
        (fact, msgspec.convert(fact.data, CORRECTIONS[fact.kind]))
        for fact in recorded
        if fact.kind in CORRECTIONS and not _is_of_draft(fact)
    ]
    places: dict[UUID, int] = {}
    for fact, body in sorted(given, key=lambda one: one[0].no):
        places[fact.id] = places.get(body.fact_id, fact.no)
    taken_back: set[UUID] = set()
    held = []
    for fact, body in sorted(given, key=lambda one: one[0].no, reverse=True):
        if fact.id not in taken_back:
            taken_back.add(body.fact_id)
            held.append((fact, body))
    return sorted(held, key=lambda one: places[one[0].id])


def _is_of_draft(fact: Fact) -> bool:
    """Whether it puts an item right that the draft knew: there is no fact since to take the place of."""
    return fact.kind == CORRECT_ITEM and bool(fact.data.get("drafted"))


def _at_the_beginning(correction: Fact, recorded: Sequence[Fact]) -> Standing:
    return Standing(replace(correction, at=min(fact.at for fact in recorded)))


def _original(fact_id: UUID, known: dict[UUID, Fact], kind: str) -> Fact:
    """The fact that a correction is about in the end: a correction of a correction is about the same fact."""
    found = known.get(fact_id)
    while found is not None and found.kind == CORRECT:
        found = known.get(msgspec.convert(found.data, facts.Correct).fact_id)
    if found is None:
        text = "There is no such fact since the text went out for signature; a draft is edited, or returned."
        raise BadChange("/fact_id", text)
    room = found.kind.partition(".")[0]
    if (room in _ELSEWHERE and kind != CORRECT_ITEM) or found.kind in BEFORE_ALL:
        raise Refused(Reason("I7", _ELSEWHERE.get(room, "A draft is edited, or returned to drafting.")))
    return found


def _instead(original: Fact, replacement: dict[str, Any], correction: Fact) -> Fact:
    """What counts in the place of a fact."""
    if original.kind == "amendment.propose":
        raise BadChange("/replacement", "Take the proposal back, and propose what is right.")
    data = dict(replacement)
    given = _converted(original, data)
    at = given.at or original.at
    if at.tzinfo is None or at.year < FIRST_DAY.year or at > correction.recorded_at:
        text = f"Give an instant with its offset, from {FIRST_DAY.year} on and not in the future."
        raise BadChange("/replacement/at", text)
    return replace(original, data=data, at=at.astimezone(original.at.tzinfo), recorded_at=correction.recorded_at)


def _converted(original: Fact, data: dict[str, Any]) -> facts.Body:
    if original.kind.startswith("amendment.") and "amendment_id" in original.data:
        data.setdefault("amendment_id", original.data["amendment_id"])
    for name in ("item_id", "toll_id"):
        if name in original.data:
            data.setdefault(name, original.data[name])
    if "notice_id" in original.data and data.get("ruling") == original.data.get("ruling"):
        data.setdefault("notice_id", original.data["notice_id"])
    try:
        return msgspec.convert(data, REGISTER[original.kind].body)
    except msgspec.ValidationError as error:
        raise BadChange("/replacement", f"This is no {original.kind}: {error}") from None
