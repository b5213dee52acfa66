"""Confidential items: disclosed, disclosed under compulsion, returned, breached; releases have a module of their own.

Disclosure, return, breach and release are facts of the contract; the duty's end follows from its state. What the law
compels goes on record and leaves the duty as it is.
"""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from clm.features.confidentiality.access import may_loosen
from clm.features.confidentiality.held import (
    Held,
    answer,
    check_party,
    files_of,
    hold,
    instant,
    log,
    refused,
    since_disclosure,
    tell,
)
from clm.features.confidentiality.models import Attach, ConfirmReturn, EndToll, Item, NewItem, Permit, Toll
from clm.features.confidentiality.reading import sql
from clm.features.confidentiality.standing import Entry
from clm.features.contracts import service as contracts
from clm.features.contracts.service import Locked
from clm.kit.auth import Actor
from clm.kit.db import Unit
from clm.kit.ids import uuid7
from clm.kit.problems import invalid
from clm.lifecycle import item_facts as facts


async def disclose(unit: Unit, actor: Actor, contract_id: UUID, new: NewItem) -> Item:
    """Record a disclosure, in any state of the contract (Civil Code 501); raises Problem 404, 422."""
    locked = await contracts.lock(unit, contract_id)
    check_roles(locked, new)
    at = instant("/disclosed_at", new.disclosed_at, locked)
    item_id, kinds = uuid7(), await files_of(unit, contract_id, new.attachments)
    body = msgspec.to_builtins(disclosure(item_id, new, kinds))
    decision = await contracts.apply(unit, actor, contract_id, "item.disclose", body, at=at)
    said = (new.name, new.item_class, new.owner, new.recipients, new.carrier, new.marked, at)
    await unit.run(sql.add_item, item_id, contract_id, *said, locked.now)
    data = msgspec.to_builtins(new)
    data.pop("disclosed_at")
    await unit.run(sql.add_to_log, item_id, "disclose", at, data, actor.key, locked.now, decision.fact_id)
    if new.attachments:
        await unit.run(sql.add_files, item_id, new.attachments)
    return await answer(unit, contract_id, item_id, decision)


def disclosure(item_id: UUID, new: NewItem, kinds: list[str]) -> facts.DiscloseItem:
    """The disclosure as a fact of the contract."""
    return facts.DiscloseItem(
        item_id=item_id,
        name=new.name,
        item_class=new.item_class,
        owner=new.owner,
        recipients=new.recipients,
        attachment_kinds=kinds,
    )


def check_roles(locked: Locked, new: NewItem, root: str = "") -> None:
    """Raise Problem 422 where owner and recipients are not different parties of the contract."""
    check_party(f"{root}/owner", new.owner, locked)
    for index, role in enumerate(new.recipients):
        check_party(f"{root}/recipients/{index}", role, locked)
        if role == new.owner or role in new.recipients[:index]:
            raise invalid(f"{root}/recipients/{index}", f"Party {role} is named already.")


async def attach(unit: Unit, actor: Actor, item_id: UUID, body: Attach, if_match: str | None) -> Item:
    """More files hold the item: from now on they are confidential too."""
    held = await hold(unit, item_id, if_match)
    at = since_disclosure("/at", body.at, held)
    kinds = await files_of(unit, held.locked.id, body.attachments)
    fact = facts.AttachToItem(item_id=item_id, attachment_kinds=kinds, note=body.note)
    decision = await tell(unit, actor, held, fact, kind="attach", at=at, data=msgspec.to_builtins(body))
    await unit.run(sql.add_files, item_id, body.attachments)
    return await answer(unit, held.locked.id, item_id, decision)


async def permit(unit: Unit, actor: Actor, item_id: UUID, body: Permit, if_match: str | None) -> Item:
    """Record a compelled disclosure (R-C9): the item stays confidential towards everybody else."""
    await may_loosen(unit, actor, item_id, "permit")
    held = await hold(unit, item_id, if_match, body.evidence)
    if held.item.status == "released":
        raise refused(held, "R-C9", "The item is released; its disclosure needs no permission.", missing="a duty")
    at = since_disclosure("/at", body.at, held)
    data = permission(held, body)
    await log(unit, actor, held, kind="permit", at=at, data=data)
    text = f"{held.item.name} may be disclosed to {body.authority} ({body.legal_basis}); else it stays confidential."
    about = {"item_id": item_id, **data, "at": at}
    await contracts.record(unit, actor, held.locked.id, "confidentiality.permitted", text, about, rule="R-C9")
    return await answer(unit, held.locked.id, item_id, None)


def permission(held: Held, body: Permit, root: str = "") -> dict[str, Any]:
    """A compelled disclosure as it is kept; raises Problem 422 for a notice or an instant that does not hold."""
    data: dict[str, Any] = msgspec.to_builtins(body)
    if body.owner_notified_at is not None:
        data["owner_notified_at"] = instant(f"{root}/owner_notified_at", body.owner_notified_at, held.locked)
    if body.notice_id is not None:
        notice, item = held.contract.notices.get(str(body.notice_id)), held.item
        if notice is None:
            raise invalid(f"{root}/notice_id", "The contract has no such notice of the type compelled_disclosure.")
        if notice["to"] != item.owner or notice["from"] not in item.recipients:
            raise invalid(f"{root}/notice_id", f"The notice does not go from a recipient to {item.owner}, the owner.")
    if body.notice_forbidden is not None and (body.notice_id is not None or body.owner_notified_at is not None):
        raise invalid(f"{root}/notice_forbidden", "The owner was told; say either that, or what forbids it.")
    return data


async def confirm_return(unit: Unit, actor: Actor, item_id: UUID, body: ConfirmReturn, if_match: str | None) -> Item:
    """Record that a recipient gave the item back or destroyed it (R-C6, R-C7)."""
    await may_loosen(unit, actor, item_id, "confirm-return")
    held = await hold(unit, item_id, if_match, body.evidence)
    at = since_disclosure("/at", body.at, held)
    fact = returning(held, body)
    _check_new(held, body)
    decision = await tell(unit, actor, held, fact, kind="return", at=at, data=msgspec.to_builtins(body))
    return await answer(unit, held.locked.id, item_id, decision)


def _check_new(held: Held, body: ConfirmReturn) -> None:
    """A party confirms once; what may come later is the evidence of it. Raises Problem 409."""
    told = [one for one in held.item.returns if one.party == body.party]
    if not told or (told[0].method == body.method and body.evidence and not any(one.evidence for one in told)):
        return
    first = told[0]
    text = f"Party {body.party} has confirmed at {first.at.isoformat()} that {held.item.name} is {first.method}"
    if first.method == body.method:
        raise refused(held, "R-C6", f"{text}; that is on record.", missing="nothing")
    missing = f"correct of step {first.no}, where that was a mistake"
    raise refused(held, "R-C6", f"{text}; it is not {body.method} as well.", missing=missing)


def returning(held: Held, body: ConfirmReturn, root: str = "") -> facts.ReturnItem:
    """The return as a fact of the contract; raises Problem 422 for a party that never had the item."""
    item = held.item
    if body.party not in item.recipients:
        to = ", ".join(item.recipients)
        raise invalid(f"{root}/party", f"{item.name} was disclosed to {to}, not to {body.party}.")
    return facts.ReturnItem(
        item_id=item.id, party=body.party, method=body.method, evidence=body.evidence, note=body.note
    )


async def toll(unit: Unit, actor: Actor, item_id: UUID, body: Toll, if_match: str | None) -> Item:
    """Record a breach or a dispute: the duty goes on (R-C11), and longer where the terms say so (R-C4)."""
    held = await hold(unit, item_id, if_match, body.evidence)
    at = since_disclosure("/at", body.at, held)
    fact = tolling(held, body, uuid7(), at)
    data = msgspec.to_builtins(body) | {"toll_id": fact.toll_id, "ended_at": fact.ended_at}
    decision = await tell(unit, actor, held, fact, kind="toll", at=at, data=data)
    return await answer(unit, held.locked.id, item_id, decision)


def tolling(held: Held, body: Toll, toll_id: UUID, at: dt.datetime, root: str = "") -> facts.TollItem:
    """The breach or dispute as a fact of the contract; raises Problem 422."""
    check_party(f"{root}/party", body.party, held.locked)
    ended = instant(f"{root}/ended_at", body.ended_at, held.locked) if body.ended_at is not None else None
    if ended is not None and ended < at:
        raise invalid(f"{root}/ended_at", f"It began at {at.isoformat()}; it cannot have ended before.")
    return facts.TollItem(
        item_id=held.item.id,
        toll_id=toll_id,
        cause=body.cause,
        party=body.party,
        ended_at=ended,
        evidence=body.evidence,
        note=body.note,
    )


async def end_toll(unit: Unit, actor: Actor, item_id: UUID, body: EndToll, if_match: str | None) -> Item:
    """Record that a breach or dispute is over; raises Problem 422 for a step that is none, 409 for one that is over."""
    await may_loosen(unit, actor, item_id, "end-toll")
    held = await hold(unit, item_id, if_match, body.evidence)
    began = step_of(held, body.no, "toll")
    at = since_disclosure("/at", body.at, held)
    if at < began.at:
        raise invalid("/at", f"It began at {began.at.isoformat()}; it cannot have ended before.")
    toll_id = UUID(began.data["toll_id"])
    fact = facts.EndToll(item_id=item_id, toll_id=toll_id, evidence=body.evidence, note=body.note)
    data = msgspec.to_builtins(body) | {"toll_id": toll_id}
    decision = await tell(unit, actor, held, fact, kind="end-toll", at=at, data=data)
    return await answer(unit, held.locked.id, item_id, decision)


def step_of(held: Held, no: int, kind: str | None = None) -> Entry:
    """A step that counts; raises Problem 422 where there is none of that number, or of that kind."""
    found = next((one for one in held.counting if one.no == no and kind in (None, one.kind)), None)
    if found is None:
        what = "step" if kind is None else f"{kind} step"
        raise invalid("/no", f"The item has no {what} {no} that counts.")
    return found
