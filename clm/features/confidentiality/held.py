"""An item under its contract's lock, and what every write to it does."""

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.confidentiality import reading
from clm.features.confidentiality.models import Item, StepKind
from clm.features.confidentiality.reading import sql
from clm.features.confidentiality.standing import Contract, Entry
from clm.features.contracts import service as contracts
from clm.features.contracts.service import DecisionOut, Locked
from clm.kit import preconditions
from clm.kit.auth import Actor
from clm.kit.db import Unit
from clm.kit.problems import Problem, invalid
from clm.law.calendars import FIRST_DAY
from clm.law.confidentiality_exceptions import outlives_release
from clm.lifecycle import state
from clm.lifecycle.facts import Body
from clm.lifecycle.world import Reason


class Held(msgspec.Struct):
    """An item, what was recorded of it, and its contract under lock."""

    locked: Locked
    contract: Contract
    item: Item
    entries: list[Entry]
    stands: state.Item | None

    @property
    def allowed(self) -> list[str]:
        """The item's own actions that fit it as it stands."""
        item, waits = self.item, self.item.pending_release is not None
        active = item.status in ("active_open", "active_running")
        certain = {one.party for one in item.returns if one.evidence}
        fit = {
            "attach": True,
            "release": active and not waits,
            "confirm-release": waits,
            "reject-release": waits,
            "permit": item.status != "released",
            "confirm-return": not certain.issuperset(item.recipients),
            "toll": active,
            "end-toll": any(one.ended_at is None for one in item.tollings),
            "correct": True,
        }
        return [name for name, fits in fit.items() if fits]

    @property
    def counting(self) -> list[Entry]:
        """The steps that did not turn out to be mistakes."""
        return [one for one in self.entries if one.counts]


async def hold(unit: Unit, item_id: UUID, if_match: str | None, evidence: Sequence[UUID] = ()) -> Held:
    """The item, its contract locked; raises Problem 404, 409 for one that was never disclosed, 412, 422."""
    contract_id = await reading.contract_of(unit, item_id)
    locked = await contracts.lock(unit, contract_id)
    contract = await reading.contract_as_it_stands(unit, contract_id)
    found = await reading.find(unit, contract, item_id)
    preconditions.check(if_match, found.item.version)
    if found.stands is None:
        raise refused(None, "I7", "The item was recorded by mistake; there is no duty.", missing="a disclosure")
    await contracts.check_evidence(unit, contract_id, evidence)
    return Held(locked, contract, found.item, found.entries, found.stands)


async def tell(
    unit: Unit, actor: Actor, held: Held, fact: Body, *, kind: StepKind, at: dt.datetime, data: dict[str, Any]
) -> DecisionOut:
    """Record a step that the contract decides about; raises Problem 409 where it does not fit there."""
    body = msgspec.to_builtins(fact)
    with in_own_words(held):
        decision = await contracts.apply(unit, actor, held.locked.id, f"item.{kind}", body, at=at)
    await log(unit, actor, held, kind=kind, at=at, data=data, fact_id=decision.fact_id)
    return decision


async def log(
    unit: Unit,
    actor: Actor,
    held: Held,
    *,
    kind: StepKind,
    at: dt.datetime,
    data: dict[str, Any],
    fact_id: UUID | None = None,
) -> None:
    """Keep a step as it was told; `at` is kept beside it."""
    said = {name: value for name, value in data.items() if name not in ("at", "disclosed_at")}
    await unit.run(sql.add_to_log, held.item.id, kind, at, said, actor.key, held.locked.now, fact_id)


async def files_of(unit: Unit, contract_id: UUID, attachments: Sequence[UUID], root: str = "") -> list[str]:
    """The kinds of some files of the contract; raises Problem 422 for one that is not there."""
    if not attachments:
        return []
    rows = await unit.all(sql.files, contract_id, list(attachments))
    known = {row["id"]: row["kind"] for row in rows}
    for index, one in enumerate(attachments):
        if one not in known:
            raise invalid(f"{root}/attachments/{index}", f"The contract has no attachment {one}.")
    return sorted({*known.values()})


def instant(pointer: str, given: dt.datetime | None, locked: Locked) -> dt.datetime:
    """When something happened, in the contract's time zone; now, if left out. Raises Problem 422."""
    if given is None:
        return locked.now
    if given.tzinfo is None:
        raise invalid(pointer, "Give an instant with its offset, as in 2026-03-05T10:00:00+08:00.")
    if given.year < FIRST_DAY.year:
        raise invalid(pointer, f"{given.isoformat()} lies before {FIRST_DAY.year}.")
    if given > locked.now:
        raise invalid(pointer, f"{given.isoformat()} lies in the future; it is {locked.now.isoformat()}.")
    return given.astimezone(ZoneInfo(locked.state.time_zone))


def since_disclosure(pointer: str, given: dt.datetime | None, held: Held) -> dt.datetime:
    """When something happened to the item; nothing does before it was disclosed. Raises Problem 422."""
    at, disclosed_at = instant(pointer, given, held.locked), held.item.disclosed_at
    if at < disclosed_at:
        text = f"{held.item.name} was disclosed at {disclosed_at.isoformat()}; nothing happens to it before."
        raise invalid(pointer, text)
    return at


def check_party(pointer: str, role: str | None, locked: Locked) -> None:
    """Raise Problem 422 for a role that the contract does not have."""
    roles = locked.state.roles
    if role is not None and role not in roles:
        raise invalid(pointer, f"There is no party {role}; the parties are {', '.join(roles)}.")


def refused(held: Held | None, rule: str, message: str, *, missing: str, who: str | None = None) -> Problem:
    """What does not fit the item as it stands (409), with its rule, and the actions that do; none without `held`."""
    reason, allowed = Reason(rule, message, missing=missing, who=who), held.allowed if held is not None else []
    return Problem("not-allowed-now", message, allowed_actions=allowed, reasons=[msgspec.structs.asdict(reason)])


@contextlib.contextmanager
def in_own_words(held: Held) -> Iterator[None]:
    """Say what the contract refuses as the item's: in the words of the reasons, with the actions of the item."""
    try:
        yield
    except Problem as problem:
        if problem.kind.code == "not-allowed-now":
            problem.detail = " ".join(reason["message"] for reason in problem.reasons or [])
            problem.allowed_actions = held.allowed
        raise


async def answer(unit: Unit, contract_id: UUID, item_id: UUID, decision: DecisionOut | None) -> Item:
    """The item as it now stands; its files are open to every key once no law and no agreement protects it."""
    contract = await reading.contract_as_it_stands(unit, contract_id)
    found = await reading.find(unit, contract, item_id)
    stands = found.stands
    kept = stands is not None and (stands.released_at is None or outlives_release(stands.item_class))
    await unit.run(sql.protect, item_id, kept)
    if decision is not None:
        found.item.decision = decision
    return found.item
