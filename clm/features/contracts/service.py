"""Contracts: create, edit, and the one function that stores a decision, `apply`."""

import asyncio
import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from clm.features.contract_types import service as contract_types
from clm.features.contract_types.service import ContractType
from clm.features.contracts import reviewing, store
from clm.features.contracts.checks import check_reference, check_roles, check_zone, merge_patch, roles_missing
from clm.features.contracts.copying import Standing, standing
from clm.features.contracts.evidence import check as check_evidence
from clm.features.contracts.evidence import named as evidence_of
from clm.features.contracts.locking import catch_up, fire, lock
from clm.features.contracts.models import (
    Contract,
    ContractDraft,
    ContractPatch,
    ContractUpsert,
    DecisionOut,
    ExternalRef,
    FindingOut,
    PartyRole,
)
from clm.features.contracts.moments import instant_of as read_instant
from clm.features.contracts.own_text import Document, document_of, type_of
from clm.features.contracts.own_text import keep as keep_document
from clm.features.contracts.reading import refresh
from clm.features.contracts.refusing import broken_rules, not_allowed
from clm.features.contracts.reviewing import of_amendment as review_of_amendment
from clm.features.contracts.simulation_models import SimulatedTimer
from clm.features.contracts.stepping import BY_NOTICE, CHANGED, Due, deadline_changed, env_of, on_new_calendar
from clm.features.contracts.store import Locked
from clm.features.contracts.versions import on_comparing
from clm.features.contracts.written import Passage, Written, written
from clm.features.legal_data import service as legal_data
from clm.kit import preconditions, problems
from clm.kit.auth import Actor
from clm.kit.db import Queries, Unit
from clm.kit.ids import uuid7
from clm.kit.problems import Problem, invalid, not_found
from clm.law.calendars import FIRST_DAY
from clm.lifecycle import drafting, engine, rulings
from clm.lifecycle.engine import Decision
from clm.lifecycle.facts import Fact
from clm.lifecycle.state import State, Version
from clm.lifecycle.timers import derive
from clm.lifecycle.world import Env, Reason, Refused, World

__all__ = [
    "BY_NOTICE",
    "CHANGED",
    "Contract",
    "ContractDraft",
    "DecisionOut",
    "Document",
    "Due",
    "FindingOut",
    "Locked",
    "Passage",
    "SimulatedTimer",
    "Standing",
    "Written",
    "applied",
    "apply",
    "broken_rules",
    "catch_up",
    "check_evidence",
    "create",
    "deadline_changed",
    "document_of",
    "edit",
    "env_of",
    "fire",
    "instant_of",
    "keep_document",
    "lock",
    "not_allowed",
    "on_comparing",
    "on_new_calendar",
    "read_instant",
    "record",
    "refresh",
    "review_of_amendment",
    "standing",
    "type_of",
    "upsert",
    "written",
]

sql = store.sql

REVIEWED = ("draft.drafting", "draft.under_review")
"""Where a contract can be submitted, or comes to be submitted again: decisions there know its parties."""

problems.register_constraint(
    "contract_number_once", "duplicate", "A contract with this number exists. Numbers are unique.", "/number"
)
problems.register_constraint("contract_party_known", "invalid", "There is no such party.", "/parties")
problems.register_constraint(
    "contract_reference_pkey", "duplicate", "This external id is taken. It names one contract, once.", "/external_refs"
)


async def create(unit: Unit, actor: Actor, draft: ContractDraft) -> Contract:
    """Store a new draft; raises Problem 404 for an unknown type, 409 for a taken number, 422 for bad terms."""
    contract_type = await _type_of(unit, draft.type)
    check_zone(draft.time_zone)
    check_roles(contract_type, draft.parties)
    contract_types.validate_terms(contract_type, draft.terms)
    contract_id, fact_id = uuid7(), uuid7()
    law = legal_data.current(unit.database)
    world = World(_first_state(contract_type, draft), env_of(contract_type, law))
    world.fact_id = fact_id
    drafting.begin(world, draft.title)
    timers = derive(world)
    created_at = await unit.value(
        sql.create_contract,
        contract_id,
        draft.number,
        draft.title,
        contract_type.key,
        contract_type.version,
        draft.time_zone,
        draft.terms,
        draft.metadata,
        world.state,
        store.next_due(timers),
        draft.parties,
        draft.external_refs,
        fact_id,
        actor.key,
        len(world.happenings),
        [store.event_row(h, n) for n, h in enumerate(world.happenings, start=1)],
        [store.timer_row(timer) for timer in timers],
        law.edition,
    )
    return Contract.of_draft(contract_id, contract_type.version, draft, created_at)


def _first_state(contract_type: ContractType, draft: ContractDraft) -> State:
    return State(
        roles=[role.role for role in contract_type.roles],
        roles_missing=roles_missing(contract_type, draft.parties),
        time_zone=draft.time_zone,
        versions=[Version(no=1, title=draft.title, terms=draft.terms)],
    )


async def edit(unit: Unit, actor: Actor, contract_id: UUID, patch: ContractPatch, if_match: str | None) -> None:
    """Apply a merge patch to a draft; raises Problem 409 where it is one no longer, 412, 422, 428."""
    locked = await lock(unit, contract_id)
    preconditions.check(if_match, locked.row_version, required=True)
    terms, metadata = locked.state.current.terms, locked.metadata
    if patch.terms is not UNSET:
        terms = merge_patch(terms, patch.terms or {})
    if patch.metadata is not UNSET:
        metadata = merge_patch(metadata, patch.metadata or {})
    await _replace(unit, actor, locked, patch, terms, metadata)


async def _replace(
    unit: Unit, actor: Actor, locked: Locked, patch: ContractPatch, terms: dict[str, Any], metadata: dict[str, Any]
) -> None:
    contract_type = await contract_types.get(unit, locked.type_key, locked.type_version)
    current = locked.state.current
    contract_types.validate_terms(contract_type, terms)
    missing = locked.state.roles_missing
    if patch.parties is not UNSET:
        check_roles(contract_type, patch.parties)
        missing = roles_missing(contract_type, patch.parties)
    zone = locked.state.time_zone if patch.time_zone is UNSET else patch.time_zone
    check_zone(zone)
    data = {
        "title": current.title if patch.title is UNSET else patch.title,
        "terms": terms,
        "roles_missing": missing,
        "time_zone": zone,
    }
    await _decide(unit, actor, locked, "draft.edit", data, locked.now)
    await _edit_rows(unit, locked, patch, metadata)


async def _edit_rows(unit: Unit, locked: Locked, patch: ContractPatch, metadata: dict[str, Any]) -> None:
    number = locked.number if patch.number is UNSET else patch.number
    if (number, metadata) != (locked.number, locked.metadata):
        await unit.run(sql.edit_contract, locked.id, number, metadata)
    if patch.parties is not UNSET:
        await unit.run(sql.replace_parties, locked.id, patch.parties, [p.role for p in patch.parties])
    if patch.external_refs is not UNSET:
        await unit.run(sql.drop_references, locked.id)
        await unit.run(sql.add_references, locked.id, patch.external_refs)


async def upsert(
    unit: Unit, actor: Actor, system: str, external_id: str, data: ContractUpsert, if_match: str | None
) -> tuple[UUID, bool]:
    """Create or update by another system's id; returns the contract's id and whether it is new.

    What is there already and says the same is left alone in any state; raises Problem 409 for a change that comes
    after drafting, 422 for another type.
    """
    check_reference(system, external_id)
    await unit.run(sql.lock_reference, system, external_id)
    contract_id = await unit.value(sql.by_reference, system, external_id)
    refs = [
        ExternalRef(system, external_id),
        *(r for r in data.external_refs if (r.system, r.id) != (system, external_id)),
    ]
    if contract_id is None:
        if if_match is not None:
            raise Problem("stale", "There is no contract with this external id, so none has that ETag.")
        draft = ContractDraft(**{**msgspec.structs.asdict(data), "external_refs": refs})
        return (await create(unit, actor, draft)).id, True
    locked = await lock(unit, contract_id)
    preconditions.check(if_match, locked.row_version)
    if data.type != locked.type_key:
        raise invalid("/type", f"The contract is of type {locked.type_key}; a type never changes.")
    row = await unit.one(sql.get_contract, contract_id)
    if row is not None and not _says_the_same(row, locked, data, refs):
        patch = ContractPatch(
            number=data.number,
            title=data.title,
            parties=data.parties,
            external_refs=refs,
            time_zone=data.time_zone,
        )
        await _replace(unit, actor, locked, patch, data.terms, data.metadata)
    return contract_id, False


def _says_the_same(row: Mapping[str, Any], locked: Locked, data: ContractUpsert, refs: list[ExternalRef]) -> bool:
    parties = msgspec.json.decode(row["parties"] or "[]", type=list[PartyRole])
    stored_refs = msgspec.json.decode(row["external_refs"] or "[]", type=list[ExternalRef])
    drafted = locked.state.versions[0]
    return (
        (row["number"], drafted.title, drafted.terms) == (data.number, data.title, data.terms)
        and sorted(parties, key=lambda p: p.role) == sorted(data.parties, key=lambda p: p.role)
        and {(r.system, r.id) for r in stored_refs} == {(r.system, r.id) for r in refs}
        and (row["time_zone"], locked.metadata) == (data.time_zone, data.metadata)
    )


async def apply(
    unit: Unit,
    actor: Actor | None,
    contract_id: UUID,
    kind: str,
    data: dict[str, Any],
    *,
    at: dt.datetime | None = None,
    if_match: str | None = None,
) -> DecisionOut:
    """Record a fact, decide it, store the decision: the only way a contract changes once it is drafted.

    A fact from before what is decided already is put in its place, and what no longer follows is superseded.
    Raises Problem 404, 409 with the reasons and what is allowed instead, 412, 422 for an `at` in the future.
    """
    return (await applied(unit, actor, contract_id, kind, data, at=at, if_match=if_match))[1]


async def applied(
    unit: Unit,
    actor: Actor | None,
    contract_id: UUID,
    kind: str,
    data: dict[str, Any],
    *,
    at: dt.datetime | None = None,
    if_match: str | None = None,
) -> tuple[Mapping[str, Any], DecisionOut]:
    """What `apply` does, with the contract's row as it stands then."""
    locked = await lock(unit, contract_id)
    preconditions.check(if_match, locked.row_version)
    await check_evidence(unit, contract_id, evidence_of(data))
    instant = instant_of(at, locked.now, ZoneInfo(locked.state.time_zone))
    return await _decide(unit, actor, locked, kind, data, instant)


async def _decide(
    unit: Unit, actor: Actor | None, locked: Locked, kind: str, data: dict[str, Any], at: dt.datetime
) -> tuple[Mapping[str, Any], DecisionOut]:
    contract_type = await type_of(unit, locked)
    env = env_of(contract_type, locked.law)
    if kind == "approve" and contract_type.four_eyes:
        await _check_second_pair_of_eyes(unit, actor, locked, env, at)
    if locked.state.phase in REVIEWED:
        env = reviewing.reviewed(
            env, await reviewing.sides(unit, locked.id), locked.law.rates, locked.state, locked.now
        )
    data = rulings.naming_its_notice(locked.state, kind, data, at)
    fact = Fact(id=uuid7(), no=locked.fact_no + 1, kind=kind, at=at, recorded_at=locked.now, data=data)
    try:
        with broken_rules():
            decision = await _decision(unit, locked, fact, env)
    except Refused as refused:
        raise not_allowed(kind, at, refused.reasons, locked.state, env, locked.now) from None
    change = await store.store(unit, locked, decision, fact, actor)
    return change.row, await store.decision_out(unit, locked, change, fact, actor)


async def _check_second_pair_of_eyes(
    unit: Unit, actor: Actor | None, locked: Locked, env: Env, at: dt.datetime
) -> None:
    by = await unit.value(sql.submitted_by, locked.id)
    if actor is not None and by == actor.key:
        message = "This type asks for a second pair of eyes: the key that submitted the draft may not approve it."
        reason = Reason("T02", message, missing="approve by another key", who="approver")
        raise not_allowed("approve", at, [reason], locked.state, env, locked.now)


async def _decision(unit: Unit, locked: Locked, fact: Fact, env: Env) -> Decision:
    origin = locked.origin if engine.is_late(locked.state, fact) else None
    if origin is None:
        return engine.decide(locked.state, fact, env, locked.now)
    zone = ZoneInfo(locked.state.time_zone)
    facts = await store.facts_since(unit, locked.id, origin.fact_no, zone)
    return await asyncio.to_thread(engine.decide_anew, origin.state, facts, fact, env, locked.now)


async def record(
    unit: Unit,
    actor: Actor | None,
    contract_id: UUID,
    kind: str,
    explanation: str,
    data: dict[str, Any],
    *,
    rule: str = "record",
) -> None:
    """Put on the contract's record what decides nothing: an event for the feed and the timeline."""
    by, evidence = actor.key if actor else None, list(data.get("evidence", []))
    while not await unit.run(sql.record_event, uuid7(), contract_id, kind, by, rule, explanation, data, evidence):
        if await unit.one(sql.due_contract, contract_id) is None:
            raise not_found("contract")
        await fire(unit, contract_id, None)


def instant_of(at: dt.datetime | None, now: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """When a fact happened: as given, now if left out; raises Problem 422 for the future or a missing offset."""
    if at is None:
        return now.astimezone(zone)
    if at.tzinfo is None:
        raise invalid("/at", "Give an instant with its offset, as in 2026-01-05T10:00:00+08:00.")
    if at.year < FIRST_DAY.year:
        raise invalid("/at", f"{at.isoformat()} lies before {FIRST_DAY.year}.")
    if at > now:
        raise invalid("/at", f"{at.isoformat()} lies in the future; it is {now.astimezone(zone).isoformat()}.")
    return at.astimezone(zone)


async def _type_of(db: Queries, key: str) -> ContractType:
    try:
        return await contract_types.get(db, key)
    except Problem:
        raise invalid("/type", f"There is no contract type {key}.") from None
