"""The draft as it is written: its beginning and its edits, before it goes to review."""

import datetime as dt
from typing import Any

from clm.lifecycle import facts
from clm.lifecycle.actions import action
from clm.lifecycle.state import Version
from clm.lifecycle.world import World


class Edit(facts.Body, kw_only=True):
    """The draft's title and terms as they stand after an edit."""

    title: str
    terms: dict[str, Any]
    roles_missing: list[str]
    time_zone: str


BEGINNING = dt.datetime.min.replace(tzinfo=dt.UTC)
"""Stands in for the instant at which the row is stored: only the database knows it."""


def begin(world: World, title: str) -> None:
    """The first event of a contract's life."""
    world.tell("contract.created", BEGINNING, f"The draft of {title} is created.", rule="Civil Code 470")


@action("draft.edit", Edit, who="drafter", states=("draft.drafting",))
def edit(world: World, body: Edit, at: dt.datetime) -> None:
    """A draft is free to change until it goes to review; what was said before stays in the events."""
    state = world.state
    state.versions = [Version(no=1, title=body.title, terms=body.terms)]
    state.roles_missing, state.time_zone, state.term_passed = body.roles_missing, body.time_zone, False
    world.tell("contract.edited", at, "The draft is edited.", rule="Civil Code 470")
