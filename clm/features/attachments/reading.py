"""Attachments as they stand."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from clm.features.attachments.models import Attachment, AttachmentVersion, Content, WordOnVersion
from clm.features.contract_types import service as contract_types
from clm.features.contracts import service as contracts
from clm.kit import paging
from clm.kit import sql as sql_files
from clm.kit.db import Queries, Reads
from clm.kit.problems import Problem, not_found
from clm.lifecycle.binding import Amended, Binding, Said, Standing, Stored, UpdateRule, awaited
from clm.lifecycle.binding import binding as decide

_ALL = 2**31 - 1

sql = sql_files.load(__package__)


async def one(db: Queries, attachment_id: UUID, as_of: str | None = None) -> tuple[Attachment, int]:
    """An attachment, with the version that binds now or as of an instant, and its row version; raises Problem 404."""
    return await told(db, await found(db, attachment_id), as_of)


async def told(db: Queries, row: asyncpg.Record, as_of: str | None = None) -> tuple[Attachment, int]:
    """What a row says of an attachment, with its row version."""
    return await _attachment(db, row, as_of), row["row_version"]


async def current(reads: Reads, attachment_id: UUID, as_of: str | None) -> tuple[Attachment, int]:
    """The same once everything due has fired, so that no lag shows in what binds; raises Problem 404."""
    row = await found(reads, attachment_id)
    if row["due"]:
        await contracts.catch_up(reads, row["contract_id"])
        row = await found(reads, attachment_id)
    return await told(reads, row, as_of)


async def found(db: Queries, attachment_id: UUID) -> asyncpg.Record:
    """The row of an attachment; raises Problem 404."""
    row = await db.one(sql.attachment, attachment_id)
    if row is None:
        raise not_found("attachment")
    return row


async def of_contract(
    db: Queries, contract_id: UUID, kind: str | None, as_of: str | None, limit: int, cursor: str | None
) -> paging.Page[Attachment]:
    """The attachments of a contract, oldest first; raises Problem 404 where the contract is not there.

    Each with the version that binds now, or as of an instant.
    """
    if await db.one(sql.contract, contract_id) is None:
        raise not_found("contract")
    limit = paging.limit_of(limit)
    rows = await db.all(sql.attachments, contract_id, paging.decode(cursor, UUID), kind, limit + 1)
    page = paging.page(rows, limit, lambda row: row, lambda row: row["id"])
    return paging.Page([await _attachment(db, row, as_of) for row in page.items], page.next_cursor)


async def bound_at(db: Queries, contract_id: UUID, when: datetime) -> dict[str, int]:
    """The version that bound of each attachment of a contract at an instant, by the attachment's id."""
    found: dict[str, int] = {}
    for row in await db.all(sql.attachments, contract_id, None, None, _ALL):
        bound_then = bound(row, await rule_of(db, row), when)
        if bound_then is not None:
            found[str(row["id"])] = bound_then.version
    return found


async def versions(db: Queries, attachment_id: UUID, limit: int, cursor: str | None) -> paging.Page[AttachmentVersion]:
    """The versions of an attachment, oldest first; raises Problem 404."""
    zone = await zone_of(db, attachment_id)
    limit = paging.limit_of(limit)
    after = paging.decode(cursor, int) or 0
    rows = await db.all(sql.versions, attachment_id, int4(after), limit + 1)
    return paging.page(rows, limit, lambda row: _version(row["version"], zone), lambda row: row["no"])


async def content(db: Queries, attachment_id: UUID, no: int) -> Content:
    """Where the bytes of a version are, and what they are called; raises Problem 404, 410 where they are gone."""
    row = await db.one(sql.content, attachment_id, int4(no))
    if row is None:
        raise not_found("version")
    if row["gone"] is not None:
        when = row["gone_at"].astimezone(ZoneInfo(row["time_zone"])).isoformat()
        raise Problem("gone", f"Version {no} was {row['gone']} at {when}: {row['gone_reason']}")
    return Content(
        attachment_id=attachment_id,
        no=row["no"],
        key=row["key"],
        name=row["name"],
        size=row["size"],
        sha256=row["sha256"],
        media_type=row["media_type"],
        wrapped_key=row["wrapped_key"],
        tenant_key=row["tenant_key"],
        withheld=row["withheld"],
    )


async def zone_of(db: Queries, attachment_id: UUID) -> ZoneInfo:
    """The time zone of the attachment's contract; raises Problem 404 without the attachment."""
    row = await db.one(sql.known, attachment_id)
    if row is None:
        raise not_found("attachment")
    return ZoneInfo(row["time_zone"])


def int4(no: int) -> int:
    """A number that fits the column; one that does not becomes one that no version has."""
    return no if 0 <= no < 2**31 else 2**31 - 1


async def _attachment(db: Queries, row: asyncpg.Record, as_of: str | None) -> Attachment:
    zone = ZoneInfo(row["time_zone"])
    rule = await rule_of(db, row)
    when = contracts.read_instant("as_of", as_of, zone, row["now"])
    standing, said = standing_of(row), said_of(row)
    return Attachment(
        id=row["id"],
        kind=row["kind"],
        name=row["name"],
        contract_id=row["contract_id"],
        versions=[_version(each, zone) for each in row["versions"]],
        update_rule=rule,
        binding=bound(row, rule, when),
        words=[_word(one, zone) for one in row["said"] or []],
        awaited=awaited(standing, rule, said) if standing.formed_at and not standing.ended_at else [],
    )


async def rule_of(db: Queries, row: asyncpg.Record) -> UpdateRule:
    """By whose word a version of an attachment comes to bind: as agreed, else as its contract's type says."""
    contract_type = await contract_types.get(db, row["type_key"], row["type_version"])
    usual = contract_type.defaults.get("attachments", {}).get("update_rules", {})
    own = {each.key: each.update_rule for each in contract_type.attachment_kinds}
    rules: dict[str, UpdateRule] = own | usual | (row["update_rules"] or {})
    return rules.get(row["kind"], "bilateral")


def _word(row: dict[str, Any], zone: ZoneInfo) -> WordOnVersion:
    return WordOnVersion(row["no"], row["word"], row["party"], _local(row["at"], zone), row["note"])


def standing_of(row: asyncpg.Record) -> Standing:
    """The contract of an attachment, as far as binding hangs on it."""
    zone = ZoneInfo(row["time_zone"])
    instants = {
        name: None if row[name] is None else row[name].astimezone(zone)
        for name in ("formed_at", "effective_at", "ended_at")
    }
    return Standing(roles=row["roles"] or [], **instants)


def stored_of(row: asyncpg.Record) -> list[Stored]:
    """The versions of an attachment, for what may bind."""
    zone = ZoneInfo(row["time_zone"])
    entered = {1: row["recorded_at"].astimezone(zone)}
    return [Stored(one["no"], _local(one["at"], zone), entered.get(one["no"])) for one in row["versions"]]


def said_of(row: asyncpg.Record) -> list[Said]:
    """What the parties said of its versions."""
    zone = ZoneInfo(row["time_zone"])
    return [Said(one["no"], one["word"], one["party"], _local(one["at"], zone)) for one in row["said"] or []]


def bound(row: asyncpg.Record, rule: UpdateRule, when: datetime) -> Binding | None:
    """What binds of an attachment at an instant, told in the time zone of its contract."""
    zone = ZoneInfo(row["time_zone"])
    amended = [Amended(one["no"], _local(one["at"], zone)) for one in row["amended"] or []]
    return decide(standing_of(row), rule, stored_of(row), said_of(row), amended, when)


def _local(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).astimezone(zone)


def _version(row: dict[str, object], zone: ZoneInfo) -> AttachmentVersion:
    made = msgspec.convert(row, AttachmentVersion)
    gone = made.tombstone
    local = None if gone is None else msgspec.structs.replace(gone, at=gone.at.astimezone(zone))
    return msgspec.structs.replace(made, at=made.at.astimezone(zone), tombstone=local)
