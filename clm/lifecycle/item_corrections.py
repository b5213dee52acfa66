"""Mistaken facts about confidential items: put right where they stand (I7), or in the draft that they were part of."""

import datetime as dt
from typing import Any

import msgspec

from clm.lifecycle import confiding
from clm.lifecycle import item_facts as facts
from clm.lifecycle.actions import ANYWHERE, REGISTER, action
from clm.lifecycle.correcting import CORRECT_ITEM
from clm.lifecycle.state import Item
from clm.lifecycle.terms import BadChange
from clm.lifecycle.world import World


@action(CORRECT_ITEM, facts.CorrectItem, who="whoever may correct", states=ANYWHERE)
def correct(world: World, body: facts.CorrectItem, at: dt.datetime) -> None:
    """The record of an item is put right: what followed from the mistake is superseded, and stays readable."""
    if body.drafted:
        _put_right(world, body)
    done = "another stands in its place" if body.replacement is not None else "it counts no longer"
    text = f"A fact about a confidential item was recorded by mistake; {done}: {body.reason}"
    about = {"corrects": str(body.fact_id), "reason": body.reason, "item_id": str(body.item_id)}
    world.tell("fact.corrected", at, text, rule="I7", **about)


def _put_right(world: World, body: facts.CorrectItem) -> None:
    """What the draft knew of the item, as it should be; its timers then run as if it had always been so."""
    item = confiding.find(world, body.item_id)
    if body.kind == "disclose" and body.replacement is None:
        world.state.items.remove(item)
        return
    item.expired_at, item.residual, item.return_missed = None, None, False
    told = len(world.happenings)
    _taken_back(item, body)
    if body.still is not None:
        confiding.give_back(world, body.still, body.still.at or item.disclosed_at)
    del world.happenings[told:]
    if body.replacement is not None:
        _instead(world, item, body.kind, body.replacement)


def _taken_back(item: Item, body: facts.CorrectItem) -> None:
    if body.kind == "release":
        item.released_at = None
    elif body.kind == "return" and body.party is not None:
        item.returned.pop(body.party, None)
        item.uncertified = [party for party in item.uncertified if party != body.party]
    elif body.kind == "toll":
        item.tolled = [one for one in item.tolled if one.id != body.toll_id]
    elif body.kind == "end-toll":
        for one in item.tolled:
            one.ended_at = None if one.id == body.toll_id else one.ended_at


def _instead(world: World, item: Item, kind: str, replacement: dict[str, Any]) -> None:
    """Carry the replacement out; its own word of what happened is told by the correction."""
    what, told = REGISTER[f"item.{kind}"], len(world.happenings)
    try:
        said = msgspec.convert(replacement, what.body)
    except msgspec.ValidationError as error:
        raise BadChange("/replacement", f"This is no item.{kind}: {error}") from None
    if said.at is None:
        raise BadChange("/replacement/at", "Say when it happened.")
    if isinstance(said, facts.DiscloseItem):
        item.name, item.item_class, item.owner = said.name, said.item_class, said.owner
        item.recipients, item.attachment_kinds = said.recipients, said.attachment_kinds
        item.disclosed_at = said.at
    else:
        what.run(world, said, said.at)
    del world.happenings[told:]
