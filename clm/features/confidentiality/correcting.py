"""Steps of an item that were recorded by mistake: they stay on record, and what followed from them is superseded."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from clm.features.confidentiality import held as holding
from clm.features.confidentiality import releasing, service
from clm.features.confidentiality.access import may_loosen
from clm.features.confidentiality.held import Held, answer, files_of, hold, instant, log, refused, since_disclosure
from clm.features.confidentiality.models import (
    Attach,
    ConfirmReturn,
    CorrectStep,
    EndToll,
    Item,
    NewItem,
    Permit,
    Release,
    Toll,
)
from clm.features.confidentiality.reading import sql
from clm.features.confidentiality.standing import Entry
from clm.features.contracts import service as contracts
from clm.features.contracts.service import DecisionOut
from clm.kit.auth import Actor
from clm.kit.db import Unit
from clm.kit.problems import FieldError, Problem, invalid
from clm.lifecycle import item_facts as facts
from clm.lifecycle.facts import Body

_ROOT = "/replacement"
_BODIES: dict[str, type[msgspec.Struct]] = {
    "disclose": NewItem,
    "attach": Attach,
    "release": Release,
    "permit": Permit,
    "return": ConfirmReturn,
    "toll": Toll,
    "end-toll": EndToll,
}


class _Instead(NamedTuple):
    """What counts in the place of a mistake: as it is kept, and as a fact of the contract where it is one."""

    body: msgspec.Struct
    at: dt.datetime
    data: dict[str, Any]
    fact: Body | None


async def correct(unit: Unit, actor: Actor, item_id: UUID, body: CorrectStep, if_match: str | None) -> Item:
    """Take a step out of account, or put another in its place; raises Problem 404, 409, 412, 422."""
    await may_loosen(unit, actor, item_id, "correct")
    held = await hold(unit, item_id, if_match)
    mistaken = service.step_of(held, body.no)
    if mistaken.kind not in _BODIES:
        text = f"A {mistaken.kind} is not corrected: confirm or reject the release, or ask for it anew."
        raise refused(held, "R-C8", text, missing="confirm-release or reject-release")
    instead = None
    if body.replacement is not None:
        with _within_replacement():
            instead = await _read(unit, held, mistaken, body.replacement)
    decision = await _decide(unit, actor, held, mistaken, instead, body.reason)
    await unit.run(sql.supersede_step, item_id, mistaken.no, held.locked.now, actor.key, body.reason)
    if instead is not None:
        await log(unit, actor, held, kind=mistaken.kind, at=instead.at, data=instead.data, fact_id=mistaken.fact_id)
    await _keep(unit, held, mistaken, instead)
    if decision is None:
        text = f"Step {mistaken.no} ({mistaken.kind}) of {held.item.name} was recorded by mistake: {body.reason}"
        about = {"item_id": item_id, "no": mistaken.no, "reason": body.reason}
        await contracts.record(unit, actor, held.locked.id, "confidentiality.corrected", text, about, rule="I7")
    return await answer(unit, held.locked.id, item_id, decision)


async def _read(unit: Unit, held: Held, mistaken: Entry, said: dict[str, Any]) -> _Instead:
    """The replacement, checked as the step itself is; what it leaves out is as the mistake said it."""
    when = "disclosed_at" if mistaken.kind == "disclose" else "at"
    shape = _BODIES[mistaken.kind]
    told = {name: value for name, value in mistaken.data.items() if name in shape.__struct_encode_fields__}
    try:
        body = msgspec.convert({**told, when: mistaken.at.isoformat(), **said}, shape)
    except msgspec.ValidationError as error:
        raise invalid("", f"This is no {mistaken.kind}: {error}") from None
    if isinstance(body, NewItem):
        at = instant("/disclosed_at", body.disclosed_at, held.locked)
    else:
        at = since_disclosure("/at", getattr(body, when), held)
    await contracts.check_evidence(unit, held.locked.id, getattr(body, "evidence", []))
    fact, more = await _fact(unit, held, mistaken, body, at)
    return _Instead(body, at, msgspec.to_builtins(body) | more, fact)


async def _fact(
    unit: Unit, held: Held, mistaken: Entry, body: msgspec.Struct, at: dt.datetime
) -> tuple[Body | None, dict[str, Any]]:
    """The replacement as a fact of the contract, where it is one, and what is kept beside what it says."""
    item_id = held.item.id
    fact: Body | None = None
    more: dict[str, Any] = {}
    match body:
        case NewItem():
            service.check_roles(held.locked, body)
            fact = service.disclosure(item_id, body, await files_of(unit, held.locked.id, body.attachments))
        case Attach():
            kinds = await files_of(unit, held.locked.id, body.attachments)
            fact = facts.AttachToItem(item_id=item_id, attachment_kinds=kinds)
        case Release():
            holding.check_party("/published_by", body.published_by, held.locked)
            if "request" in mistaken.data and not body.evidence:
                raise invalid("/evidence", releasing.NO_EVIDENCE)
            fact = releasing.releasing(item_id, body)
            more = {name: mistaken.data[name] for name in ("request", "requested_by") if name in mistaken.data}
        case ConfirmReturn():
            fact = service.returning(held, body)
        case Toll():
            fact = tolled = service.tolling(held, body, UUID(mistaken.data["toll_id"]), at)
            more = {"toll_id": tolled.toll_id, "ended_at": tolled.ended_at}
        case EndToll():
            more = {"toll_id": UUID(mistaken.data["toll_id"])}
            fact = facts.EndToll(item_id=item_id, **more)
        case Permit():
            more = service.permission(held, body)
    return fact, more


async def _decide(
    unit: Unit, actor: Actor, held: Held, mistaken: Entry, instead: _Instead | None, reason: str
) -> DecisionOut | None:
    """Have the contract decide anew without the mistake, where that was a fact of it."""
    if mistaken.fact_id is None:
        return None
    replacement = None
    if instead is not None and instead.fact is not None:
        replacement = msgspec.to_builtins(instead.fact) | {"at": instead.at.isoformat()}
    toll_id, party = mistaken.data.get("toll_id"), mistaken.data.get("party")
    fact = facts.CorrectItem(
        item_id=held.item.id,
        kind=mistaken.kind,  # type: ignore[arg-type]  # the other kinds have no fact, or were refused above
        fact_id=mistaken.fact_id,
        reason=reason,
        replacement=replacement,
        drafted=await _is_of_draft(unit, held, mistaken.fact_id),
        party=party if mistaken.kind == "return" else None,
        still=_still(held, mistaken) if mistaken.kind == "return" else None,
        toll_id=UUID(toll_id) if toll_id is not None else None,
    )
    with _within_replacement("/at"), holding.in_own_words(held):
        return await contracts.apply(unit, actor, held.locked.id, "item.correct", msgspec.to_builtins(fact))


def _still(held: Held, mistaken: Entry) -> facts.ReturnItem | None:
    """Another return of the same party that counts, as one whose certificate came later."""
    told = [one for one in held.counting if one.kind == "return" and one is not mistaken]
    other = next((one for one in told if one.data["party"] == mistaken.data["party"]), None)
    if other is None:
        return None
    evidence = [UUID(each) for each in other.data.get("evidence", [])]
    party, method = other.data["party"], other.data["method"]
    return facts.ReturnItem(item_id=held.item.id, party=party, method=method, at=other.at, evidence=evidence)


async def _is_of_draft(unit: Unit, held: Held, fact_id: UUID) -> bool:
    """Whether the fact was recorded before the text went out for signature, from where facts are decided anew."""
    origin, no = held.locked.origin, await unit.value(sql.fact_no, fact_id)
    return origin is None or no <= origin.fact_no


async def _keep(unit: Unit, held: Held, mistaken: Entry, instead: _Instead | None) -> None:
    """The row and the files of the item, as they are without the mistake."""
    item_id = held.item.id
    body = instead.body if instead is not None else None
    if isinstance(body, NewItem) and instead is not None:
        said = (body.name, body.item_class, body.owner, body.recipients, body.carrier, body.marked, instead.at)
        await unit.run(sql.change_item, item_id, *said)
    if mistaken.kind not in ("disclose", "attach"):
        return
    files = {file for one in held.counting if one is not mistaken for file in one.data.get("attachments", [])}
    files |= {str(file) for file in getattr(body, "attachments", [])}
    await unit.run(sql.drop_files, item_id, sorted(files))
    await unit.run(sql.add_files, item_id, sorted(files))


@contextmanager
def _within_replacement(place: str = "") -> Iterator[None]:
    """Put the pointers of a problem, where they begin with `place`, into the replacement."""
    try:
        yield
    except Problem as problem:
        problem.errors = [
            FieldError(_ROOT + one.pointer, one.message)
            if one.pointer.startswith(place) and not one.pointer.startswith(_ROOT)
            else one
            for one in problem.errors
        ]
        raise
