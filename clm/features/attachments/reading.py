"""Attachments as they stand."""

from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from clm.features.attachments.models import Attachment, AttachmentVersion, Content, Tombstone
from clm.kit import paging
from clm.kit import sql as sql_files
from clm.kit.db import Queries
from clm.kit.problems import Problem, not_found

sql = sql_files.load(__package__)


async def one(db: Queries, attachment_id: UUID) -> tuple[Attachment, int]:
    """An attachment and its row version; raises Problem 404."""
    row = await db.one(sql.attachment, attachment_id)
    if row is None:
        raise not_found("attachment")
    return _attachment(row), row["row_version"]


async def of_contract(
    db: Queries, contract_id: UUID, kind: str | None, limit: int, cursor: str | None
) -> paging.Page[Attachment]:
    """The attachments of a contract, oldest first; raises Problem 404 where the contract is not there."""
    if await db.one(sql.contract, contract_id) is None:
        raise not_found("contract")
    limit = paging.limit_of(limit)
    rows = await db.all(sql.attachments, contract_id, paging.decode(cursor, UUID), kind, limit + 1)
    return paging.page(rows, limit, _attachment, lambda row: row["id"])


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
        key=f"{db.tenant}/{row['sealed_sha256'] or row['sha256']}",
        name=row["name"],
        size=row["size"],
        sha256=row["sha256"],
        media_type=row["media_type"],
        wrapped_key=row["wrapped_key"],
        tenant_key=row["tenant_key"],
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


def _attachment(row: asyncpg.Record) -> Attachment:
    zone = ZoneInfo(row["time_zone"])
    return Attachment(
        id=row["id"],
        kind=row["kind"],
        name=row["name"],
        contract_id=row["contract_id"],
        versions=[_version(each, zone) for each in row["versions"]],
    )


def _version(row: dict[str, object], zone: ZoneInfo) -> AttachmentVersion:
    made = msgspec.convert(row, AttachmentVersion)
    gone = made.tombstone
    local = None if gone is None else msgspec.structs.replace(gone, at=gone.at.astimezone(zone))
    return msgspec.structs.replace(made, at=made.at.astimezone(zone), tombstone=local)


__all__ = ["Tombstone", "content", "int4", "of_contract", "one", "sql", "versions", "zone_of"]
