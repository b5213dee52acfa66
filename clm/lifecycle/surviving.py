"""What survives the end of a contract (3.8): its terms, changes of them (T15), and an amendment that was open (T14)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from clm.lifecycle.state import Amendment, State
from clm.lifecycle.world import World


class Survivor(msgspec.Struct, frozen=True):
    """A group of terms that binds although the contract does not, or not any more: where it stands, and by what law."""

    pointer: str
    source: str


AFTER_THE_END = (
    Survivor("/terms/disputes", "Civil Code 507"),
    Survivor("/terms/termination/procedure", "Civil Code 567"),
    Survivor("/terms/fees", "Civil Code 567"),
    Survivor("/terms/payment", "Civil Code 567"),
    Survivor("/terms/confidentiality", "Civil Code 501, 558; section 8.3"),
    Survivor("/terms/personal_information", "Personal Information Protection Law 21, 47"),
    Survivor("/terms/intellectual_property", "Civil Code 558"),
    Survivor("/terms/breach", "Civil Code 566(2)"),
    Survivor("/terms/notices", "Civil Code 558, 567"),
)
"""What survives (E19): disputes, settlement, confidentiality, data, intellectual property, liability, notices."""
BEFORE_EFFECT = (
    Survivor("/terms/disputes", "Civil Code 507"),
    Survivor("/terms/confidentiality", "Civil Code 501"),
    Survivor("/terms/notices", "Civil Code 509"),
)
"""What binds of a contract that is formed and not in force yet (C12)."""
APPROVAL_DUTY = Survivor("/terms/effectiveness/approval", "Civil Code 502(2)")
_PRICE = ("/terms/fees", "/terms/payment")
WITHOUT_EFFECT = (
    Survivor("/terms/disputes", "Civil Code 507"),
    Survivor("/terms/confidentiality", "Civil Code 501"),
)
"""What stays of a contract that never had effect."""


def binding(world: World) -> tuple[Survivor, ...] | None:
    """The groups of terms that bind as the contract stands; None for all of them."""
    state = world.state
    return binding_in(state.configuration[0], formed=state.formed_at is not None, approval=asks_approval(world))


def binding_in(phase: str, *, formed: bool, approval: bool) -> tuple[Survivor, ...] | None:
    """The groups of terms that bind in a phase of the chart; `approval`: the terms ask for one before effect."""
    if phase == "in_force":
        return None
    if phase == "draft.formed_pending":
        return (*BEFORE_EFFECT, APPROVAL_DUTY) if approval else BEFORE_EFFECT
    if phase.startswith("terminated."):
        return AFTER_THE_END
    return WITHOUT_EFFECT if formed else ()


def asks_approval(world: World) -> bool:
    """Whether the terms ask for an approval before effect."""
    return bool(world.terms.get("effectiveness", {}).get("approval"))


def is_surviving(changes: Sequence[Mapping[str, Any]]) -> bool:
    """Whether changes touch nothing but terms that survive the end."""
    return all(_survives(path) for path in _touched(changes))


def outlives(changes: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an open amendment with these changes outlives the contract (T14).

    A price for what is not delivered any more falls with the contract; what is owed already is settled as it was.
    """
    return all(_survives(path) and not path.startswith(_PRICE) for path in _touched(changes))


def _touched(changes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where changes write; a test and the source of a copy only read."""
    written = [str(change.get("path")) for change in changes if change.get("op") != "test"]
    return written + [str(change.get("from")) for change in changes if change.get("op") == "move"]


def _survives(path: str) -> bool:
    return any(path == one.pointer or path.startswith(one.pointer + "/") for one in AFTER_THE_END)


def on_end(world: World, amendment: Amendment, at: dt.datetime) -> None:
    """T14: the open amendment falls with the contract, unless it is about what survives it."""
    world.state.amending = "amendment.none"
    about = {"amendment_id": str(amendment.id)}
    if outlives(amendment.changes):
        amendment.surviving = True
        note = "The open amendment changes only what survives the end: it stays open."
        world.tell("amendment.kept", at, note, rule="T14", transition="T14", **about)
        return
    amendment.status = "void"
    note = "The open amendment falls with the contract."
    world.tell("amendment.void", at, note, rule="T14", transition="T14", **about)


def has_ended(state: State) -> bool:
    """Whether the contract was in force and is no more."""
    return state.phase.startswith("terminated.")
