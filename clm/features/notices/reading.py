"""A notice as its row and the clock make it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.contracts import service as contracts
from clm.features.notices.models import Address, Delivery, Notice, NoticeStatus, Outgoing, Task
from clm.features.timers import service as timers
from clm.kit import paging
from clm.kit import sql as sql_files
from clm.kit.db import Queries, Reads
from clm.kit.paging import Page
from clm.kit.problems import not_found
from clm.law.arrival import Arrival, called_off
from clm.law.notice_contents import NoticeType, contents_of, defects_of
from clm.lifecycle.facts import Cure

sql = sql_files.load(__package__)
T = TypeVar("T", bound=msgspec.Struct)


async def one(db: Reads, notice_id: UUID) -> Notice:
    """The notice as it stands; what is due fires first. Raises Problem 404."""
    row = await db.one(sql.get_notice, notice_id)
    if row is not None and row["due"]:
        await contracts.catch_up(db, row["contract_id"])
    return await by_id(db, notice_id) if row is None or row["due"] else notice_of(row)


async def by_id(db: Queries, notice_id: UUID) -> Notice:
    """The notice as its row says: inside a write, which has fired what is due. Raises Problem 404."""
    row = await db.one(sql.get_notice, notice_id)
    if row is None:
        raise not_found("notice")
    return notice_of(row)


async def page(
    db: Reads,
    contract_id: UUID,
    *,
    kind: NoticeType | None,
    status: NoticeStatus | None,
    limit: int,
    cursor: str | None,
) -> Page[Notice]:
    """The contract's notices, oldest first; raises Problem 404."""
    await timers.must_exist(db, contract_id)
    limit, after = paging.limit_of(limit), paging.decode(cursor, int) or 0
    await contracts.catch_up(db, contract_id)
    rows = await db.all(sql.list_notices, contract_id, after, kind, status, limit + 1)
    return paging.page(rows, limit, notice_of, lambda row: row["no"])


def notice_of(row: Mapping[str, Any]) -> Notice:
    """A notice from its row, instants in its contract's time zone."""
    zone = ZoneInfo(row["time_zone"])
    rules = row["rules"] or {}
    return Notice(
        id=row["id"],
        contract_id=row["contract_id"],
        no=row["no"],
        type=row["type"],
        sender=row["from_role"],
        to=row["to_role"],
        channel=row["channel"],
        subject=row["subject"],
        body=row["body"],
        ground=row["ground"],
        cure=msgspec.convert(row["cure"], Cure) if row["cure"] is not None else None,
        clause=row["clause"],
        details=row["details"],
        status=row["status"],
        arrival=arrival_of(row, zone),
        validity=row["validity"],
        defects=defects_of(row["type"], row["ground"]),
        contents=contents_of(
            row["type"], ground=row["ground"], clause=row["clause"], cure=row["cure"], details=row["details"]
        ),
        address=msgspec.convert(row["address"], Address) if row["address"] else None,
        rules_assumed=rules.get("rules_assumed"),
        terms_version=rules.get("terms_version"),
        sent_at=_local(row["sent_at"], zone),
        withdrawn_at=_local(row["withdrawn_at"], zone),
        deliveries=[_local_of(one, Delivery, zone) for one in row["deliveries"] or ()],
        outgoing=[_local_of(one, Outgoing, zone) for one in row["outgoing"] or ()],
        tasks=[_local_of(one, Task, zone) for one in row["tasks"] or ()],
        recorded_at=row["recorded_at"].astimezone(zone),
        version=row["row_version"],
    )


def arrival_of(row: Mapping[str, Any], zone: ZoneInfo) -> Arrival:
    """The arrival as judged; one that lies ahead, or waits for a holiday notice, is pending still.

    A withdrawn notice does not arrive any more.
    """
    judged = stored_arrival(row, zone)
    if row["withdrawn_at"] is not None:
        return called_off(judged, row["withdrawn_at"].astimezone(zone))
    if judged.at is not None and (row["arrives_at"] is None or row["arrives_at"] > row["now"]):
        return msgspec.structs.replace(judged, status="pending")
    return judged


def stored_arrival(row: Mapping[str, Any], zone: ZoneInfo) -> Arrival:
    """The arrival as it was judged last."""
    judged = msgspec.convert(row["arrival"], Arrival)
    return msgspec.structs.replace(judged, at=_local(judged.at, zone))


def of_row(row: Mapping[str, Any], kind: type[T]) -> T:
    """What a row says, instants in its contract's time zone."""
    return _local_of(dict(row), kind, ZoneInfo(row["time_zone"]))


def _local_of(values: Mapping[str, Any], kind: type[T], zone: ZoneInfo) -> T:
    made = msgspec.convert(values, kind)
    instants = {name: value for name, value in msgspec.structs.asdict(made).items() if isinstance(value, dt.datetime)}
    return msgspec.structs.replace(made, **{name: value.astimezone(zone) for name, value in instants.items()})


def _local(instant: dt.datetime | None, zone: ZoneInfo) -> dt.datetime | None:
    return None if instant is None else instant.astimezone(zone)
