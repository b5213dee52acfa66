"""Releases (解除保密): once a second person has looked at the evidence, or at once where the terms say so.

R-C8: what makes information free is lawful and provable, for this item only, and not for the past.
"""

import datetime as dt
from uuid import UUID

import msgspec

from clm.features.confidentiality.access import may_loosen
from clm.features.confidentiality.held import Held, answer, check_party, hold, log, refused, since_disclosure, tell
from clm.features.confidentiality.models import ConfirmRelease, Item, PendingRelease, RejectRelease, Release
from clm.features.contracts import service as contracts
from clm.kit.auth import Actor
from clm.kit.db import Unit
from clm.kit.problems import Problem, invalid
from clm.law.confidentiality_exceptions import published_in_breach
from clm.lifecycle import item_facts as facts

NO_EVIDENCE = "Another key looks at what proves the release: name the attachments that do."


async def release(unit: Unit, actor: Actor, item_id: UUID, body: Release, if_match: str | None) -> Item:
    """Ask another key to end the duty for this item; at once where the terms say that no second person is needed.

    Raises Problem 409 where no agreed duty is left, 412, 422 without the evidence that is looked at.
    """
    await may_loosen(unit, actor, item_id, "release")
    held = await hold(unit, item_id, if_match, body.evidence)
    check_party("/published_by", body.published_by, held.locked)
    at = since_disclosure("/at", body.at, held)
    if held.item.pending_release is not None:
        raise _one_at_a_time(held, held.item.pending_release)
    _check_possible(held, body, at)
    if body.review or held.contract.asks_for_review:
        return await _request(unit, actor, held, body, at)
    data = msgspec.to_builtins(body)
    decision = await tell(unit, actor, held, releasing(item_id, body), kind="release", at=at, data=data)
    return await answer(unit, held.locked.id, item_id, decision)


def releasing(item_id: UUID, body: Release) -> facts.ReleaseItem:
    """The release as a fact of the contract."""
    return facts.ReleaseItem(
        item_id=item_id, reason=body.reason, published_by=body.published_by, evidence=body.evidence, note=body.note
    )


def _one_at_a_time(held: Held, pending: PendingRelease) -> Problem:
    text = f"A release for the reason {pending.reason} waits since {pending.requested_at.isoformat()}."
    return refused(held, "R-C8", text, missing="confirm-release or reject-release", who="another key")


async def _request(unit: Unit, actor: Actor, held: Held, body: Release, at: dt.datetime) -> Item:
    if not body.evidence:
        raise invalid("/evidence", NO_EVIDENCE)
    data = msgspec.to_builtins(body)
    await log(unit, actor, held, kind="request", at=at, data=data)
    text = f"{held.item.name}: a release is asked for ({body.reason}); another key confirms or rejects it."
    about = {"item_id": held.item.id, "reason": body.reason, "at": at, "evidence": body.evidence}
    await contracts.record(unit, actor, held.locked.id, "confidentiality.release_requested", text, about, rule="R-C8")
    return await answer(unit, held.locked.id, held.item.id, None)


def _check_possible(held: Held, body: Release, at: dt.datetime) -> None:
    """What would be refused in the end is refused before anybody looks at it; nothing is released twice."""
    released, expired_at = held.item.release, held.stands.expired_at if held.stands else None
    if released is not None:
        text = f"{held.item.name} is released since {released.at.isoformat()} ({released.reason})."
        raise refused(held, "R-C8", text, missing="nothing; correct the step where it was a mistake", who="owner")
    if expired_at is not None and expired_at <= at:
        text = f"The agreed duty for {held.item.name} is over since {expired_at.isoformat()}."
        raise refused(held, "R-C8", text, missing="an agreed duty", who="owner")
    if published_in_breach(body.reason, body.published_by, held.item.recipients):
        text = f"Party {body.published_by} owes the secrecy; what it published is not released by that."
        raise refused(held, "R-C8", text, missing="a lawful publication, or the owner's consent", who="owner")


async def confirm(unit: Unit, actor: Actor, item_id: UUID, body: ConfirmRelease, if_match: str | None) -> Item:
    """A second person confirms the release that waits; raises Problem 409 where none does, or for the same key."""
    await may_loosen(unit, actor, item_id, "confirm-release")
    held = await hold(unit, item_id, if_match)
    pending = _pending(held)
    if pending.requested_by == actor.key:
        text = "A second pair of eyes: the key that asked for the release may not confirm it."
        raise refused(held, "R-C8", text, missing="confirm-release by another key", who="another key")
    said = Release(
        reason=pending.reason,
        evidence=pending.evidence,
        note=body.note or pending.note,
        published_by=pending.published_by,
    )
    at = since_disclosure("", pending.at, held)
    data = msgspec.to_builtins(said) | {"request": pending.no, "requested_by": pending.requested_by}
    decision = await tell(unit, actor, held, releasing(item_id, said), kind="release", at=at, data=data)
    return await answer(unit, held.locked.id, item_id, decision)


async def reject(unit: Unit, actor: Actor, item_id: UUID, body: RejectRelease, if_match: str | None) -> Item:
    """The release that waits is not proved, or taken back by the key that asked for it; the duty goes on."""
    held = await hold(unit, item_id, if_match)
    pending = _pending(held)
    data = {"request": pending.no, "reason": body.reason}
    await log(unit, actor, held, kind="reject", at=held.locked.now, data=data)
    text = f"{held.item.name}: the release is rejected ({body.reason}); the duty goes on."
    about = {"item_id": item_id, "reason": body.reason}
    await contracts.record(unit, actor, held.locked.id, "confidentiality.release_rejected", text, about, rule="R-C8")
    return await answer(unit, held.locked.id, item_id, None)


def _pending(held: Held) -> PendingRelease:
    if held.item.pending_release is None:
        raise refused(held, "R-C8", "No release waits for a second person.", missing="release")
    return held.item.pending_release
