"""What can be asked of a contract: as it stands, as it stood, what may happen next, what will, and why."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from asyncpg import Record

from clm.features.contract_types.service import ContractType
from clm.features.contracts import reviewing, store
from clm.features.contracts.locking import catch_up, lock
from clm.features.contracts.models import (
    ActionOut,
    ActionsOut,
    ContestOut,
    Contract,
    ReasonOut,
    RightOut,
    TimelineOut,
)
from clm.features.contracts.moments import Moment, moment
from clm.features.contracts.own_text import Row, type_of
from clm.features.contracts.stepping import env_of
from clm.features.legal_data import service as legal_data
from clm.features.legal_data.service import LegalData
from clm.features.timers import service as timers
from clm.kit.db import Queries, Reads
from clm.kit.db import sql as kit_sql
from clm.kit.problems import not_found
from clm.law.review import Side
from clm.lifecycle import actions, engine
from clm.lifecycle.actions import Action
from clm.lifecycle.explaining import Right, rights_now
from clm.lifecycle.state import State
from clm.lifecycle.world import World

sql = store.sql

EMPTY = msgspec.Raw(b"[]")
DAWN = dt.datetime.min.replace(tzinfo=dt.UTC)
DRAFTING = frozenset(
    {"contract.created", "contract.edited", "contract.submitted", "contract.approved", "contract.returned"}
)
PROJECTED_AT_MOST = 1000


class Reading(msgspec.Struct, kw_only=True):
    """A contract loaded for explanation."""

    id: UUID
    title: str
    contract_type: ContractType
    state: State
    zone: ZoneInfo
    now: dt.datetime
    created_at: dt.datetime
    party_ids: dict[str, UUID]
    sides: list[Side]
    law: LegalData

    @property
    def world(self) -> World:
        """The contract as decisions see it."""
        env = env_of(self.contract_type, self.law)
        return World(self.state, reviewing.reviewed(env, self.sides, self.law.rates, self.state, self.now))


def contract_of(row: Mapping[str, Any]) -> Contract:
    """A contract from its row, instants in its own time zone."""
    zone = ZoneInfo(row["time_zone"])
    return Contract(
        id=row["id"],
        number=row["number"],
        title=row["title"],
        type=row["type_key"],
        type_version=row["type_version"],
        status=row["status"],
        configuration=row["configuration"],
        outcome=row["outcome"],
        terms_version=row["terms_version"],
        terms=_raw(row["terms"]),
        parties=_raw(row["parties"]),
        external_refs=_raw(row["external_refs"]),
        metadata=_raw(row["metadata"]),
        time_zone=zone.key,
        formed_at=local(row["formed_at"], zone),
        effective_at=local(row["effective_at"], zone),
        ended_at=local(row["ended_at"], zone),
        closed_at=local(row["closed_at"], zone),
        created_at=row["created_at"].astimezone(zone),
        updated_at=row["updated_at"].astimezone(zone),
        version=row["row_version"],
    )


def _raw(text: str | None) -> msgspec.Raw:
    return EMPTY if text is None else msgspec.Raw(text.encode())


def local(instant: dt.datetime | None, zone: ZoneInfo) -> dt.datetime | None:
    """An instant with the offset of its contract's time zone."""
    return None if instant is None else instant.astimezone(zone)


async def one(db: Reads, contract_id: UUID) -> Contract:
    """The contract as it stands; what is due fires first. Raises Problem 404."""
    row = await db.one(sql.get_contract, contract_id)
    if row is not None and await _brought_up(db, contract_id, row):
        row = await db.one(sql.get_contract, contract_id)
    return contract_of(found(row))


def found(row: Record | None) -> Record:
    """The row, or Problem 404."""
    if row is None:
        raise not_found("contract")
    return row


async def by_id(db: Queries, contract_id: UUID) -> Contract:
    """The contract as its row says: inside a write, which has fired what is due."""
    return contract_of(found(await db.one(sql.get_contract, contract_id)))


async def id_by_reference(db: Queries, system: str, external_id: str) -> UUID:
    """The contract that another system knows by its own id; raises Problem 404."""
    contract_id = await db.value(sql.by_reference, system, external_id)
    if contract_id is None:
        raise not_found(f"contract with id {external_id} in {system}")
    return UUID(str(contract_id))


async def refresh(reads: Reads, contract_id: UUID) -> None:
    """Fire what is due and follow the calendars, so that no lag shows in the reads that follow."""
    row = await reads.one(sql.due_contract, contract_id)
    if row is not None:
        await _brought_up(reads, contract_id, row)


async def _brought_up(reads: Reads, contract_id: UUID, row: Record) -> bool:
    """Whether something was due, or rested on calendars older than those loaded, and has been seen to."""
    behind = row["legal_edition"] < legal_data.current(reads.database).calendar_edition
    if behind:
        async with reads.database.work(reads.tenant) as unit:
            await lock(unit, contract_id)
    if behind or row["due"]:
        await catch_up(reads, contract_id)
    return bool(behind or row["due"])


async def reading(db: Queries, contract_id: UUID) -> Reading:
    """Load a contract for explanation; raises Problem 404."""
    row = found(await db.one(sql.reading, contract_id))
    return Reading(
        id=row["id"],
        title=row["title"],
        contract_type=await type_of(db, Row(row["id"], row["type_key"], row["type_version"], row["own_text"])),
        state=msgspec.convert(row["state"], State),
        zone=ZoneInfo(row["time_zone"]),
        now=row["now"],
        created_at=row["created_at"],
        party_ids={role: UUID(party["id"]) for role, party in (row["parties"] or {}).items()},
        sides=[Side(role, party["kind"], party["size_class"]) for role, party in (row["parties"] or {}).items()],
        law=legal_data.current(db.database),
    )


async def as_of(db: Queries, contract_id: UUID, as_of: str | None, known_at: str | None) -> Contract:
    """The contract as it stood at one instant, as known at another; raises Problem 404 where it was not known yet."""
    contract = await by_id(db, contract_id)
    zone = ZoneInfo(contract.time_zone)
    current = await now(db)
    when = moment(as_of, known_at, zone, current)
    if known_at is None and when.as_of > current:
        return _ahead(contract, projected(await reading(db, contract_id), when.as_of), when, zone)
    if when.known_at < contract.created_at:
        raise not_found("contract known at that instant")
    standing = await db.one(sql.standing, contract.id, when.as_of, when.known_at)
    version = await db.one(sql.version_in_force, contract.id, when.as_of, when.known_at)
    milestones = found(await db.one(sql.milestones, contract.id, when.as_of, when.known_at))
    return msgspec.structs.replace(
        contract,
        status=standing["status"] if standing else "draft",
        configuration=standing["configuration"] if standing else ["draft.drafting"],
        outcome=standing["outcome"] if standing else None,
        title=version["title"] if version else contract.title,
        terms_version=version["no"] if version else None,
        terms=msgspec.Raw(msgspec.json.encode(version["terms"])) if version else None,
        **{name: local(instant, zone) for name, instant in milestones.items()},
        as_of=when.as_of.astimezone(zone),
        known_at=when.known_at.astimezone(zone),
    )


def projected(reading: Reading, until: dt.datetime) -> State:
    """The state at an instant ahead, if nothing happens but what time brings about by itself."""
    decision = engine.advance(reading.state, reading.world.env, until, at_most=PROJECTED_AT_MOST)
    return decision.state


def _ahead(contract: Contract, state: State, when: Moment, zone: ZoneInfo) -> Contract:
    version = state.current if state.effective_at is not None else None
    return msgspec.structs.replace(
        contract,
        status=state.status,
        configuration=state.configuration,
        outcome=state.outcome,
        terms_version=version.no if version else None,
        terms=msgspec.Raw(msgspec.json.encode(version.terms)) if version else None,
        formed_at=local(state.formed_at, zone),
        effective_at=local(state.effective_at, zone),
        ended_at=local(state.ended_at, zone),
        as_of=when.as_of.astimezone(zone),
        known_at=when.known_at.astimezone(zone),
        projected=True,
    )


def actions_of(reading: Reading) -> ActionsOut:
    """Every action on the contract: allowed, or refused with the reasons."""
    world = reading.world
    items = []
    for what in actions.in_order():
        method, path = _address(reading, what)
        if path is None:
            continue
        reasons = actions.obstacles(world, what.name)
        items.append(
            ActionOut(
                action=what.name,
                allowed=not reasons,
                who=what.who,
                transitions=actions.transitions_of(what),
                method=method,
                href=path,
                reasons=[ReasonOut(**msgspec.structs.asdict(reason)) for reason in reasons],
            )
        )
    return ActionsOut(
        status=world.state.status,
        configuration=world.state.configuration,
        contested=contested(world.state, reading.zone),
        items=items,
        rights=[_right(one, reading.zone) for one in rights_now(world, reading.now)],
    )


def contested(state: State, zone: ZoneInfo) -> ContestOut | None:
    """Who disputes the end of the contract, or the right to it (T46)."""
    contest = state.contest
    return ContestOut(contest.by, local(contest.at, zone), contest.how) if contest else None


def _right(one: Right, zone: ZoneInfo) -> RightOut:
    fields = msgspec.structs.asdict(one)
    reasons = [ReasonOut(**msgspec.structs.asdict(reason)) for reason in one.reasons]
    return RightOut(**{**fields, "reasons": reasons, "lapses_at": local(one.lapses_at, zone)})


def _address(reading: Reading, what: Action) -> tuple[str, str | None]:
    """Where a fact is posted; None for one that only another room's facts bring about."""
    contract = f"/v1/contracts/{reading.id}"
    if what.public:
        return "POST", f"{contract}/actions/{what.name}"
    room, _, verb = what.name.partition(".")
    amendment = reading.state.open_amendment
    if room == "amendment" and verb != "propose":
        return "POST", f"/v1/amendments/{amendment.id if amendment else '{amendment_id}'}/actions/{verb}"
    places = {"draft.edit": ("PATCH", contract), "amendment.propose": ("POST", f"{contract}/amendments")}
    places["item.disclose"] = ("POST", f"{contract}/confidential-items")
    return places.get(what.name, ("POST", None))


async def timeline(db: Queries, reading: Reading) -> TimelineOut:
    """The past by legal time, with what was superseded marked as such, and the future."""
    events = [store.event_out(row, reading.zone) for row in await db.all(sql.all_events, reading.id)]
    past = sorted(events, key=lambda event: _legal_order(event.type, event.at))
    future = await timers.of(db, reading.id, "armed")
    return TimelineOut(now=reading.now.astimezone(reading.zone), past=past, future=future)


def _legal_order(event_type: str, at: dt.datetime) -> tuple[bool, dt.datetime]:
    """By legal time; drafting and review first, in the order they were recorded, however late that was."""
    return (False, DAWN) if event_type in DRAFTING else (True, at)


async def now(db: Queries) -> dt.datetime:
    """The tenant's now."""
    instant: dt.datetime = await db.value(kit_sql.now)
    return instant


async def path(db: Queries, contract_id: UUID) -> list[str]:
    """The transitions taken, by legal time, without those superseded since.

    A judgment that took back the end of the contract (T45) stands where it restored the contract, behind that end.
    """
    rows = await db.all(sql.all_events, contract_id)
    standing = [row for row in rows if row["transition"] and row["superseded_at"] is None]
    steps = [(_taken_back(row), row["transition"]) for row in sorted(standing, key=_works_from)]
    return [number for step in steps for number in step if number]


def _taken_back(row: Record) -> str | None:
    number: str | None = row["data"].get("annulled_transition")
    return number


def _works_from(row: Record) -> tuple[bool, dt.datetime]:
    at = dt.datetime.fromisoformat(row["data"]["ended_at"]) if _taken_back(row) else row["at"]
    return _legal_order(row["type"], at)
