"""Confidential items: disclosed, released, disclosed under compulsion, returned.

Disclosure and release are facts of the contract; the duty's end follows from its state. What the law compels and what
is given back goes on record and leaves the duty as it is.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.confidentiality import reading
from clm.features.confidentiality.models import ConfirmReturn, Item, NewItem, Permit, Release
from clm.features.confidentiality.reading import sql
from clm.features.contracts import service as contracts
from clm.features.contracts.service import DecisionOut, Locked
from clm.kit import preconditions
from clm.kit.auth import Actor
from clm.kit.db import Unit
from clm.kit.ids import uuid7
from clm.kit.problems import Problem, invalid
from clm.law.calendars import FIRST_DAY
from clm.lifecycle import item_facts as facts


async def disclose(unit: Unit, actor: Actor, contract_id: UUID, new: NewItem) -> Item:
    """Record a disclosure, in any state of the contract (Civil Code 501); raises Problem 404, 422."""
    locked = await contracts.lock(unit, contract_id)
    _check_roles(locked, new)
    at = _instant("/disclosed_at", new.disclosed_at, locked)
    item_id = uuid7()
    fact = facts.DiscloseItem(
        item_id=item_id, name=new.name, item_class=new.item_class, owner=new.owner, recipients=new.recipients
    )
    decision = await contracts.apply(unit, actor, contract_id, "item.disclose", msgspec.to_builtins(fact), at=at)
    await unit.run(
        sql.add_item,
        item_id,
        contract_id,
        new.name,
        new.item_class,
        new.owner,
        new.recipients,
        new.carrier,
        new.marked,
        at,
        locked.now,
    )
    return await _answer(unit, contract_id, item_id, decision)


def _check_roles(locked: Locked, new: NewItem) -> None:
    roles = locked.state.roles
    named = [("/owner", new.owner), *((f"/recipients/{i}", role) for i, role in enumerate(new.recipients))]
    for pointer, role in named:
        if role not in roles:
            raise invalid(pointer, f"There is no party {role}; the parties are {', '.join(roles)}.")
    for index, role in enumerate(new.recipients):
        if role == new.owner or role in new.recipients[:index]:
            raise invalid(f"/recipients/{index}", f"Party {role} is named already.")


async def release(unit: Unit, actor: Actor, item_id: UUID, body: Release, if_match: str | None) -> Item:
    """End the duty for this item, not for the past (R-C8); raises Problem 409 where no agreed duty is left."""
    locked, _ = await _hold(unit, item_id, if_match, body.evidence)
    at = _instant("/at", body.at, locked)
    fact = facts.ReleaseItem(item_id=item_id, reason=body.reason, evidence=body.evidence, note=body.note)
    decision = await contracts.apply(unit, actor, locked.id, "item.release", msgspec.to_builtins(fact), at=at)
    await unit.run(sql.note_release, item_id, body.reason)
    return await _answer(unit, locked.id, item_id, decision)


async def permit(unit: Unit, actor: Actor, item_id: UUID, body: Permit, if_match: str | None) -> Item:
    """Record a compelled disclosure (R-C9): the item stays confidential towards everybody else."""
    locked, item = await _hold(unit, item_id, if_match, body.evidence)
    if item.status == "released":
        raise Problem("not-allowed-now", "The item is released; its disclosure needs no permission.")
    data = msgspec.to_builtins(body) | {"owner_notified_at": _notified(body, locked)}
    text = f"{item.name} may be disclosed to {body.authority} ({body.legal_basis}); else it stays confidential."
    return await _log(unit, actor, locked, item, kind="permit", when=body.at, data=data, text=text)


async def confirm_return(unit: Unit, actor: Actor, item_id: UUID, body: ConfirmReturn, if_match: str | None) -> Item:
    """Record that a recipient gave the item back or destroyed it (R-C6, R-C7)."""
    locked, item = await _hold(unit, item_id, if_match, body.evidence)
    if body.party not in item.recipients:
        raise invalid("/party", f"{item.name} was disclosed to {', '.join(item.recipients)}, not to {body.party}.")
    text = f"Party {body.party} has confirmed: {item.name} is {body.method}."
    data = msgspec.to_builtins(body)
    return await _log(unit, actor, locked, item, kind="return", when=body.at, data=data, text=text)


def _notified(body: Permit, locked: Locked) -> dt.datetime | None:
    return _instant("/owner_notified_at", body.owner_notified_at, locked) if body.owner_notified_at else None


async def _log(
    unit: Unit,
    actor: Actor,
    locked: Locked,
    item: Item,
    *,
    kind: str,
    when: dt.datetime | None,
    data: dict[str, Any],
    text: str,
) -> Item:
    at = _instant("/at", when, locked)
    data.pop("at", None)
    await unit.run(sql.add_to_log, item.id, kind, at, data, actor.key, locked.now)
    about = {"item_id": item.id, "at": at, **data}
    name = {"permit": "confidentiality.permitted", "return": "confidentiality.returned"}[kind]
    await contracts.record(unit, actor, locked.id, name, text, about)
    return await _answer(unit, locked.id, item.id, None)


async def _hold(unit: Unit, item_id: UUID, if_match: str | None, evidence: Sequence[UUID]) -> tuple[Locked, Item]:
    contract_id = await reading.contract_of(unit, item_id)
    locked = await contracts.lock(unit, contract_id)
    item = await reading.by_id(unit, contract_id, item_id)
    preconditions.check(if_match, item.version)
    await contracts.check_evidence(unit, contract_id, evidence)
    return locked, item


def _instant(pointer: str, given: dt.datetime | None, locked: Locked) -> dt.datetime:
    if given is None:
        return locked.now
    if given.tzinfo is None:
        raise invalid(pointer, "Give an instant with its offset, as in 2026-03-05T10:00:00+08:00.")
    if given.year < FIRST_DAY.year:
        raise invalid(pointer, f"{given.isoformat()} lies before {FIRST_DAY.year}.")
    if given > locked.now:
        raise invalid(pointer, f"{given.isoformat()} lies in the future; it is {locked.now.isoformat()}.")
    return given.astimezone(ZoneInfo(locked.state.time_zone))


async def _answer(unit: Unit, contract_id: UUID, item_id: UUID, decision: DecisionOut | None) -> Item:
    item = await reading.by_id(unit, contract_id, item_id)
    if decision is not None:
        item.decision = decision
    return item
