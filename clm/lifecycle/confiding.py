"""Confidential items in the life of a contract (8): disclosed, released, given back, breached, extended too late."""

import datetime as dt
from typing import Any
from uuid import UUID

from clm.law.confidentiality_exceptions import Gap, extension, outlives_release, published_in_breach, uncertified
from clm.lifecycle import item_facts as facts
from clm.lifecycle.actions import ANYWHERE, action
from clm.lifecycle.deadlines import confidentiality_term
from clm.lifecycle.state import Item, Tolled
from clm.lifecycle.timers import outstanding
from clm.lifecycle.world import Reason, Refused, World


@action("item.disclose", facts.DiscloseItem, who="owner", states=ANYWHERE)
def disclose(world: World, body: facts.DiscloseItem, at: dt.datetime) -> None:
    """The duty begins with disclosure, whether or not a contract forms (501)."""
    world.state.items.append(_disclosed(body, at))
    text = f"{body.name} was disclosed in confidence ({body.item_class})."
    world.tell("confidentiality.disclosed", at, text, rule="Civil Code 501, 509", item_id=str(body.item_id))


def _disclosed(body: facts.DiscloseItem, at: dt.datetime) -> Item:
    return Item(
        id=body.item_id,
        name=body.name,
        item_class=body.item_class,
        disclosed_at=at,
        owner=body.owner,
        recipients=body.recipients,
        attachment_kinds=body.attachment_kinds,
    )


@action("item.attach", facts.AttachToItem, who="owner", states=ANYWHERE)
def attach(world: World, body: facts.AttachToItem, at: dt.datetime) -> None:
    """More files belong to the item; a rule for their kind speaks of it then."""
    item = find(world, body.item_id)
    item.attachment_kinds = sorted({*item.attachment_kinds, *body.attachment_kinds})
    text = f"{item.name}: more files are confidential."
    world.tell("confidentiality.attached", at, text, rule="Civil Code 509", item_id=str(item.id))


@action("item.release", facts.ReleaseItem, who="owner", states=ANYWHERE)
def release(world: World, body: facts.ReleaseItem, at: dt.datetime) -> None:
    """Released for this item only and not for the past; never by an obligor's own breach (R-C8)."""
    item = _under_duty(world, body.item_id, "R-C8")
    if published_in_breach(body.reason, body.published_by, item.recipients):
        text = f"Party {body.published_by} owes the secrecy of {item.name}; what it published is not released by that."
        raise Refused(Reason("R-C8", text, missing="a lawful publication, or the owner's consent", who="owner"))
    item.released_at = at
    stays = "; what the law protects of personal information stays so" if outlives_release(item.item_class) else ""
    text = f"{item.name} is released: {body.reason}{stays}."
    world.tell("confidentiality.released", at, text, rule="R-C8", item_id=str(item.id), reason=body.reason)


@action("item.return", facts.ReturnItem, who="recipient", states=ANYWHERE)
def give_back(world: World, body: facts.ReturnItem, at: dt.datetime) -> None:
    """Return or destruction is confirmed (R-C6, R-C7); the duty stays as it is."""
    item = find(world, body.item_id)
    lacks = body.party not in item.returned and bool(uncertified(item.item_class, evidence=len(body.evidence)))
    item.returned.setdefault(body.party, at)
    if lacks:
        item.uncertified.append(body.party)
    elif body.evidence and body.party in item.uncertified:
        item.uncertified.remove(body.party)
    left = outstanding(world, item)
    text = f"Party {body.party} has confirmed: {item.name} is {body.method}{'; no certificate' if lacks else ''}."
    about: dict[str, Any] = {"party": body.party, "method": body.method, "left": left}
    world.tell("confidentiality.returned", at, text, rule="R-C6", item_id=str(item.id), **about)


@action("item.toll", facts.TollItem, who="owner", states=ANYWHERE)
def toll(world: World, body: facts.TollItem, at: dt.datetime) -> None:
    """A breach or dispute: its length is added where the clause says so (R-C4), and it never ends the duty (R-C11)."""
    item = _under_duty(world, body.item_id, "R-C4")
    item.tolled.append(Tolled(id=body.toll_id, cause=body.cause, began_at=at, ended_at=body.ended_at, party=body.party))
    agreed = body.cause in (world.terms.get("confidentiality", {}).get("toll") or {}).get("on", ())
    then = "its length is added to the term as agreed" if agreed else "no clause adds its length to the term"
    text = f"A {body.cause} concerning {item.name} is on record; the duty goes on, and {then}."
    about: dict[str, Any] = {"toll_id": str(body.toll_id), "cause": body.cause, "adds": agreed}
    world.tell("confidentiality.tolled", at, text, rule="R-C4", item_id=str(item.id), **about)


@action("item.end-toll", facts.EndToll, who="owner", states=ANYWHERE)
def end_toll(world: World, body: facts.EndToll, at: dt.datetime) -> None:
    """The breach or dispute is over: from here on its length is known."""
    item = find(world, body.item_id)
    running = next((one for one in item.tolled if one.id == body.toll_id and one.ended_at is None), None)
    if running is None:
        raise Refused(Reason("R-C4", f"No such breach or dispute runs for {item.name}.", missing="one that runs"))
    running.ended_at = at
    text = f"The {running.cause} concerning {item.name} is over."
    about = {"item_id": str(item.id), "toll_id": str(body.toll_id), "cause": running.cause}
    world.tell("confidentiality.toll_ended", at, text, rule="R-C4", **about)


def find(world: World, item_id: UUID) -> Item:
    """The item; raises Refused where it is not disclosed, or was so by mistake only."""
    item = next((one for one in world.state.items if one.id == item_id), None)
    if item is None:
        raise Refused(Reason("R-C1", "The item is not disclosed at that time.", missing="its disclosure", who="owner"))
    return item


def _under_duty(world: World, item_id: UUID, rule: str) -> Item:
    item = next((one for one in world.state.items if one.id == item_id), None)
    if item is None:
        raise Refused(Reason(rule, "The item is not disclosed at that time.", missing="its disclosure", who="owner"))
    for over, how in ((item.released_at, "released"), (item.expired_at, "over")):
        if over is not None:
            text = f"The agreed duty for {item.name} is {how} since {over.astimezone(world.zone).isoformat()}."
            raise Refused(Reason(rule, text, missing="an agreed duty"))
    return item


def reopened(world: World, at: dt.datetime) -> list[Item]:
    """Put items under the duty again that terms in force from `at` on extend, though it was over (R-C5)."""
    found = []
    for item in world.state.items:
        gap = _gap(world, item, at)
        if gap is not None:
            item.gap_since, item.gap_until = gap.since, gap.until
            item.expired_at, item.residual, item.return_missed = None, None, False
            found.append(item)
    return found


def _gap(world: World, item: Item, at: dt.datetime) -> Gap | None:
    if item.expired_at is None:
        return None
    return extension(item.expired_at, confidentiality_term(world, item).ends_at, at)


def tell_reopened(world: World, items: list[Item], at: dt.datetime) -> None:
    """Tell which items a new duty covers, and since when nothing agreed bound for them."""
    for item in items:
        since = item.gap_since.isoformat() if item.gap_since else None
        text = f"The agreed duty for {item.name} was over since {since}: what is agreed now is a new duty after a gap."
        world.tell("confidentiality.extended", at, text, rule="R-C5", item_id=str(item.id), gap_since=since)
