"""Amendments: the proposal is kept here; what it brings about is decided with the contract."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.amendments.models import (
    Amendment,
    AmendmentConditionOut,
    AnswerBy,
    NewAmendment,
)
from clm.features.attachments import service as attachments
from clm.features.contract_types import service as contract_types
from clm.features.contracts import service as contracts
from clm.features.contracts.service import DecisionOut
from clm.features.legal_data import service as legal_data
from clm.features.timers import service as timers
from clm.kit import paging, preconditions
from clm.kit import sql as sql_files
from clm.kit.auth import Actor
from clm.kit.db import Queries, Reads, Unit
from clm.kit.ids import uuid7
from clm.kit.paging import Page
from clm.kit.problems import FieldError, Problem, invalid, not_found
from clm.law.calendars import Calendar
from clm.lifecycle import agreeing, facts, state

__all__ = ["Amendment"]

sql = sql_files.load(__package__)


async def propose(
    unit: Unit, actor: Actor, contract_id: UUID, new: NewAmendment, if_match: str | None
) -> tuple[UUID, DecisionOut]:
    """Put an amendment on the table; raises Problem 404, 409 where one is open, 422 for changes that do not fit.

    One that is recorded late may have been decided already, such as by the end of the contract.
    """
    locked = await contracts.lock(unit, contract_id)
    amendment_id = uuid7()
    zone = ZoneInfo(locked.state.time_zone)
    at = contracts.instant_of(new.at, locked.now, zone)
    check_proposer(locked.state.roles, new)
    await _check_attachments(unit, contract_id, new)
    data = msgspec.to_builtins(proposal(new, amendment_id))
    decision = await contracts.apply(unit, actor, contract_id, "amendment.propose", data, at=at, if_match=if_match)
    decided = (await contracts.lock(unit, contract_id)).state.amendments
    stands = next(one for one in decided if one.id == amendment_id)
    await unit.run(
        sql.add_amendment,
        amendment_id,
        contract_id,
        new.changes,
        new.rationale,
        new.effective or facts.AmendmentEffect(),
        new.proposed_by,
        next(event.data["base_version"] for event in decision.events if event.type == "amendment.proposed"),
        stands.status,
        stands,
        locked.now,
    )
    return amendment_id, decision


async def _check_attachments(unit: Unit, contract_id: UUID, new: NewAmendment) -> None:
    """Raise Problem 422 for a change that names a version which the contract has not."""
    for index, change in enumerate(new.changes):
        path = str(change.get("path"))
        if not path.startswith("/attachments/") or change.get("op") not in ("add", "replace", "test"):
            continue
        name = path.removeprefix("/attachments/")
        no = change.get("value")
        if not await attachments.is_version(unit, contract_id, name, no if isinstance(no, int) else 0):
            text = f"The contract has no attachment {name} with a version {no}; the value is the number of a version."
            raise invalid(f"/changes/{index}", text)


def proposal(new: NewAmendment, amendment_id: UUID) -> facts.ProposeAmendment:
    """A proposal as a fact about the contract."""
    return facts.ProposeAmendment(
        amendment_id=amendment_id,
        changes=new.changes,
        effective=new.effective,
        answer_within=new.answer_within,
        proposed_by=new.proposed_by,
    )


def check_proposer(roles: list[str], new: NewAmendment) -> None:
    """Raise Problem 422 for a proposer that is no party."""
    if new.proposed_by is not None and new.proposed_by not in roles:
        detail = f"There is no party {new.proposed_by}."
        raise Problem("invalid", detail, errors=[FieldError("/proposed_by", detail)])


async def act(
    unit: Unit, actor: Actor, amendment_id: UUID, kind: str, body: facts.Body, if_match: str | None
) -> DecisionOut:
    """Record a fact about an amendment on its way; raises Problem 404, 409 with the reasons, 412, 422."""
    contract_id = await unit.value(sql.contract_of, amendment_id)
    if contract_id is None:
        raise not_found("amendment")
    await contracts.lock(unit, contract_id)
    row = await unit.one(sql.get_amendment, amendment_id)
    if row is not None:
        preconditions.check(if_match, row["row_version"])
    data = {**msgspec.to_builtins(body), "amendment_id": str(amendment_id)}
    return await contracts.apply(unit, actor, contract_id, kind, data, at=body.at)


async def one(db: Reads, amendment_id: UUID) -> Amendment:
    """The amendment as it stands; what is due fires first. Raises Problem 404."""
    row = await db.one(sql.get_amendment, amendment_id)
    if row is not None and row["due"]:
        await contracts.catch_up(db, row["contract_id"])
        row = await db.one(sql.get_amendment, amendment_id)
    return await _amendment(db, row)


async def by_id(db: Queries, amendment_id: UUID) -> Amendment:
    """The amendment as its row says: inside a write, which has fired what is due."""
    return await _amendment(db, await db.one(sql.get_amendment, amendment_id))


async def of_contract(db: Reads, contract_id: UUID, limit: int, cursor: str | None) -> Page[Amendment]:
    """The contract's amendments, oldest first; raises Problem 404."""
    await timers.must_exist(db, contract_id)
    limit, after = paging.limit_of(limit), paging.decode(cursor, int) or 0
    rows = await db.all(sql.list_amendments, contract_id, after, limit + 1)
    if any(row["due"] for row in rows):
        await contracts.catch_up(db, contract_id)
        rows = await db.all(sql.list_amendments, contract_id, after, limit + 1)
    calendar = await _calendar(db, rows[0]) if rows else None
    return paging.page(rows, limit, lambda row: _of(row, calendar), lambda row: row["no"])


async def _amendment(db: Queries, row: Mapping[str, Any] | None) -> Amendment:
    if row is None:
        raise not_found("amendment")
    return _of(row, await _calendar(db, row))


async def _calendar(db: Queries, row: Mapping[str, Any]) -> Calendar:
    contract_type = await contract_types.get(db, row["type_key"], row["type_version"])
    return contracts.env_of(contract_type, legal_data.current(db.database)).calendar


def _of(row: Mapping[str, Any], calendar: Calendar | None) -> Amendment:
    zone = ZoneInfo(row["time_zone"])
    stands = msgspec.convert(row["state"], state.Amendment)
    return Amendment(
        id=row["id"],
        contract_id=row["contract_id"],
        no=row["no"],
        status=row["status"],
        changes=row["changes"],
        rationale=row["rationale"],
        effective=row["effective"],
        proposed_by=row["proposed_by"],
        base_version=row["base_version"],
        terms_version=stands.made_version,
        surviving=stands.surviving,
        conditions=_conditions(row, stands, zone),
        answer_by=_answer_by(stands, calendar, zone) if calendar else None,
        executions=[msgspec.to_builtins(e) | {"at": e.at.astimezone(zone)} for e in stands.executions],
        proposed_at=stands.proposed_at.astimezone(zone),
        agreed_at=_local(stands.agreed_at, zone),
        applies_at=_local(stands.applies_at, zone),
        recorded_at=row["recorded_at"].astimezone(zone),
        version=row["row_version"],
    )


def _conditions(row: Mapping[str, Any], stands: state.Amendment, zone: ZoneInfo) -> list[AmendmentConditionOut]:
    agreed = msgspec.convert(row["effective"], facts.AmendmentEffect).condition
    words = {agreed.key: agreed.description} if agreed else {}
    return [
        AmendmentConditionOut(key, words.get(key), _local(met_at, zone)) for key, met_at in stands.conditions.items()
    ]


def _answer_by(stands: state.Amendment, calendar: Calendar, zone: ZoneInfo) -> AnswerBy | None:
    limit = agreeing.answer_deadline(stands, calendar, zone)
    if limit is None:
        return None
    basis = msgspec.to_builtins(limit.basis)
    return AnswerBy(limit.last_day, limit.expires_at, limit.status, limit.assumed, basis)


def _local(instant: dt.datetime | None, zone: ZoneInfo) -> dt.datetime | None:
    return None if instant is None else instant.astimezone(zone)
