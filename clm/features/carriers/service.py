"""Carriers: their secrets, and the way of what they report into the notices that they carry.

A report is kept in a transaction of its own before anything is made of it, and made a step of its notice in another.
So nothing is lost by a report that comes too early, twice, or that fits no notice; it is told with its reason instead.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
import structlog

from clm.features.attachments import service as attachments
from clm.features.carriers import signing
from clm.features.carriers.models import Carrier, CarrierEvent, CarrierReport, CarrierWithSecret, NewCarrier
from clm.features.contracts import service as contracts
from clm.features.notices import service as notices
from clm.features.notices.service import Event, Held, Mail
from clm.kit import paging, sealing, shapes
from clm.kit import sql as sql_files
from clm.kit.db import Database, Queries, Unit
from clm.kit.db import sql as kit_sql
from clm.kit.ids import uuid7
from clm.kit.paging import Page
from clm.kit.problems import Problem, not_found, of_database, register_constraint
from clm.kit.storage import StorageUnavailable
from clm.kit.vault import Vault

sql = sql_files.load(__package__)
log = structlog.get_logger("clm.carriers")

_STEPS: dict[str, Event] = {"collected": "posted", "signed": "signed", "refused": "refused", "returned": "returned"}
_OUTCOMES = frozenset(("signed", "refused", "returned"))
_AHEAD = dt.timedelta(minutes=5)
"""How far a carrier's clock may be ahead of ours."""

register_constraint("carrier_name_once", "duplicate", "There is a carrier of this name already.", "/name")


async def add(unit: Unit, vault: Vault, new: NewCarrier) -> CarrierWithSecret:
    """Make a carrier and its secret; raises Problem 409 for a name that is taken, 503 where nothing can be sealed."""
    identifier = uuid7()
    secret, sealed = await _new_secret(unit, vault, identifier)
    await unit.run(sql.add, identifier, new.name, sealed)
    return await _with_secret(unit, identifier, secret)


async def rotate(unit: Unit, vault: Vault, identifier: UUID) -> CarrierWithSecret:
    """Give a carrier a new secret; the old one signs nothing any more. Raises Problem 404, 409 once ended."""
    await get(unit, identifier)
    secret, sealed = await _new_secret(unit, vault, identifier)
    if not await unit.run(sql.set_secret, identifier, sealed):
        raise Problem("not-allowed-now", "The carrier has ended. Make another one.")
    return await _with_secret(unit, identifier, secret)


async def end(unit: Unit, identifier: UUID) -> Carrier:
    """Take no more reports of a carrier; raises Problem 404."""
    await get(unit, identifier)
    await unit.run(sql.end_carrier, identifier)
    return await get(unit, identifier)


async def get(db: Queries, identifier: UUID) -> Carrier:
    """A carrier; raises Problem 404."""
    return _carrier(await _row(db, identifier))


async def page(db: Queries, limit: int, cursor: str | None) -> Page[Carrier]:
    """Carriers in the order of their making."""
    limit = paging.limit_of(limit)
    rows = await db.all(sql.page, paging.decode(cursor, UUID), limit + 1)
    return paging.page(rows, limit, _carrier, lambda row: row["id"])


async def events(
    db: Queries, identifier: UUID, status: str | None, limit: int, cursor: str | None
) -> Page[CarrierEvent]:
    """What a carrier has reported, in the order of its arrival; raises Problem 404."""
    await get(db, identifier)
    limit = paging.limit_of(limit)
    rows = await db.all(sql.events, identifier, paging.decode(cursor, UUID), status, limit + 1)
    return paging.page(rows, limit, _event, lambda row: row["id"])


async def take(
    database: Database, vault: Vault, identifier: UUID, headers: Mapping[str, str], body: bytes
) -> CarrierEvent:
    """Keep a signed report and make of it what it is; the same message again answers as it stands.

    Raises Problem 401 for a signature that does not hold, 404 for an unknown or ended carrier, 400 or 422 for a body
    that is no report.
    """
    tenant = await _tenant_of(database, identifier)
    async with database.work(tenant) as unit:
        row = await _row(unit, identifier)
        if row["ended_at"] is not None:
            raise not_found("carrier")
        message_id = signing.verify(await _opened(unit, vault, row), headers, body)
        report = _read(body)
        values = (message_id, report.waybill_no, report.event, report.at, body.decode())
        await unit.run(sql.add_event, uuid7(), identifier, *values)
        kept = await unit.one(sql.event_of_message, identifier, message_id)
    if kept is None:
        raise not_found("report")
    if kept["status"] == "unmatched":
        await make_of(database, vault, tenant, kept["id"])
    return _event(await database.reads(tenant).one(sql.event_of_message, identifier, message_id) or kept)


async def make_of(database: Database, vault: Vault, tenant: UUID, event_id: UUID) -> None:
    """Make a kept report a step of its notice, where there is one by now."""
    try:
        async with database.work(tenant) as unit:
            await _make_of(unit, vault, event_id)
    except Problem as problem:
        if problem.kind.status >= 500:
            raise
        async with database.work(tenant) as unit:
            row = await unit.one(sql.lock_event, event_id)
            if row is not None and row["status"] == "unmatched":
                notice_id = await notices.dispatched_with(unit, row["waybill_no"], row["carrier_id"])
                await unit.run(sql.settle_event, event_id, "refused", notice_id, None, problem.detail)


async def match(database: Database, vault: Vault) -> int:
    """Take up reports whose notice has been recorded as sent since; returns how many."""
    done = 0
    for tenant in await database.untenanted(sql.tenants_with_matches):
        for row in await database.reads(tenant["tenant_id"]).all(sql.matches):
            done += await _matched(database, vault, tenant["tenant_id"], row["id"])
    return done


async def _matched(database: Database, vault: Vault, tenant: UUID, event_id: UUID) -> bool:
    """Make one report a step; one that fails is told and keeps no other waiting."""
    try:
        await make_of(database, vault, tenant, event_id)
    except Exception as error:
        problem = of_database(error)
        if isinstance(error, StorageUnavailable) or (problem is not None and problem.kind.status >= 500):
            raise
        log.exception("a carrier's report cannot be taken up", tenant=str(tenant), event_id=str(event_id))
        async with database.work(tenant) as unit:
            await unit.run(sql.settle_event, event_id, "refused", None, None, "It could not be taken up; see the log.")
        return False
    return True


async def _make_of(unit: Unit, vault: Vault, event_id: UUID) -> None:
    found = await unit.one(sql.lock_event, event_id)
    if found is None or found["status"] != "unmatched":
        return
    notice_id = await notices.dispatched_with(unit, found["waybill_no"], found["carrier_id"])
    step = _STEPS.get(found["event"])
    if step is None:
        await unit.run(sql.settle_event, event_id, "noted", notice_id, None, None)
    elif notice_id is not None and found["at"] <= await unit.value(kit_sql.now) + _AHEAD:  # else it waits for its time
        number = await _record(unit, vault, notice_id, found, step)
        await unit.run(sql.settle_event, event_id, "recorded", notice_id, number, None)


async def _record(unit: Unit, vault: Vault, notice_id: UUID, found: Mapping[str, Any], step: Event) -> int:
    contract_id = await notices.contract_of(unit, notice_id)
    name = f"{found['waybill_no']}-{found['event']}-{str(found['id'])[-8:]}.json"
    async with attachments.evidence(unit, vault, contract_id, found["body"].encode(), "application/json") as seen:
        await notices.hold(unit, notice_id, None)
        evidence = await attachments.keep_evidence(unit, vault, None, contract_id, name, seen)
    held = await notices.hold(unit, notice_id, None)
    notice = await notices.take(unit, None, held, _mail(held, found, step, evidence))
    return max(one.no for one in notice.deliveries if one.event == step)


def _mail(held: Held, found: Mapping[str, Any], step: Event, evidence: UUID) -> Mail:
    now = held.locked.now
    at = now if now < found["at"] <= now + _AHEAD else found["at"]
    return Mail(
        event=step,
        channel=next(one.channel for one in held.notice.counting if one.waybill_no == found["waybill_no"]),
        at=contracts.instant_of(at, now, held.zone),
        evidence=[evidence],
        note=_read(found["body"].encode()).note,
        waybill_no=found["waybill_no"],
        carrier_id=found["carrier_id"],
        source="carrier",
        items={evidence: "outcome" if step in _OUTCOMES else "tracking"},
    )


def _read(body: bytes) -> CarrierReport:
    try:
        report = msgspec.json.decode(body.decode(), type=CarrierReport)
    except msgspec.ValidationError as error:
        raise shapes.misfit(str(error), CarrierReport) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise shapes.unreadable(body, error) from None
    except RecursionError:
        raise Problem("malformed", "The body is nested too deeply.") from None
    if "\0" in f"{report.event}{report.note}":
        raise Problem("invalid", "The text holds a character that cannot be stored (NUL).")
    if report.at.tzinfo is None or not 1990 <= report.at.year <= 2100:
        raise Problem("invalid", "`at` is an instant with its offset, from 1990 to 2100.")
    return report


async def _tenant_of(database: Database, identifier: UUID) -> UUID:
    rows = await database.untenanted(sql.tenant_of, identifier)
    tenant: UUID | None = rows[0][0] if rows else None
    if tenant is None:
        raise not_found("carrier")
    return tenant


async def _row(db: Queries, identifier: UUID) -> Mapping[str, Any]:
    row: Mapping[str, Any] | None = await db.one(sql.get, identifier)
    if row is None:
        raise not_found("carrier")
    return row


async def _new_secret(unit: Unit, vault: Vault, identifier: UUID) -> tuple[str, bytes]:
    secret = signing.new_secret()
    key = await attachments.tenant_key(unit, vault)
    return secret, sealing.wrap(secret.encode(), key, _context(identifier))


async def _opened(unit: Unit, vault: Vault, row: Mapping[str, Any]) -> str:
    try:
        key = await attachments.tenant_key(unit, vault)
        return sealing.unwrap(row["secret"], key, _context(row["id"])).decode()
    except sealing.SealBroken:
        raise Problem("unavailable", "The carrier's secret does not open under this service's key.") from None


def _context(identifier: UUID) -> bytes:
    return b"carrier " + identifier.bytes


async def _with_secret(db: Queries, identifier: UUID, secret: str) -> CarrierWithSecret:
    return CarrierWithSecret(**msgspec.structs.asdict(await get(db, identifier)), secret=secret)


def _carrier(row: Mapping[str, Any]) -> Carrier:
    return Carrier(
        id=row["id"],
        name=row["name"],
        path=f"/inbound/carriers/{row['id']}",
        created_at=row["created_at"],
        ended_at=row["ended_at"],
    )


def _event(row: Mapping[str, Any]) -> CarrierEvent:
    return msgspec.convert({name: row[name] for name in CarrierEvent.__struct_fields__}, CarrierEvent)
