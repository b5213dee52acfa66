"""Attachments: bytes go to the object store first, then the rows that point at them, in one unit.

An upload is staged as `<tenant>/staging/<uuid>` without a transaction open, and bound as `<tenant>/<sha256>` once its
digest is known. Binding takes a lock on those bytes until the unit ends; the sweep only deletes what it can lock.
"""

import re
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from clm.features.attachments import digests
from clm.features.attachments.models import Attachment, AttachmentVersion, Content, Swept, Upload
from clm.features.contract_types import service as contract_types
from clm.features.contracts import service as contracts
from clm.kit import paging, preconditions
from clm.kit import sql as sql_files
from clm.kit.auth import Actor
from clm.kit.db import Database, Queries, Unit
from clm.kit.db import sql as kit_sql
from clm.kit.ids import uuid7
from clm.kit.problems import invalid, not_found
from clm.kit.storage import ObjectStore, Stored

sql = sql_files.load(__package__)

NAME_AT_MOST = 255
OTHER = "other"
SWEEP_AT_ONCE = 500
_SHA256 = re.compile(r"^[0-9a-f]{64}$")
# Characters that make a name look like another one: bidirectional overrides and isolates.
_MISLEADING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


async def add(
    unit: Unit, store: ObjectStore, actor: Actor, contract_id: UUID, *, kind: str, name: str, upload: Upload
) -> tuple[Attachment, int]:
    """Store a new attachment with its first version; answers with it and its row version.

    Raises Problem 404 before any byte is read where the contract is not there, 422 for a kind, name, instant or
    digest that does not hold. What breaks off leaves nothing behind.
    """
    reads = unit.database.reads(unit.tenant)
    check_name(name)
    await _check_kind(reads, contract_id, kind)
    await _check_at(reads, upload.at)
    async with _staged(store, unit.tenant, upload) as (key, stored):
        await _bind(unit, store, key, stored)
        attachment_id = uuid7()
        await unit.run(sql.insert_attachment, attachment_id, contract_id, kind, name)
        data = {"attachment_id": attachment_id, "kind": kind, "name": name, "no": 1}
        data |= await _insert_version(unit, actor, attachment_id, 1, stored, upload)
        await _record(unit, actor, contract_id, "attachment.added", data)
    return await one(unit, attachment_id)


async def add_version(
    unit: Unit, store: ObjectStore, actor: Actor, attachment_id: UUID, upload: Upload, if_match: str | None
) -> tuple[Attachment, int]:
    """Store the next version of an attachment; answers with the whole attachment and its row version.

    Versions sent at once get consecutive numbers in the order of their commits. Raises Problem 404, 412 and 422 as
    `add` does.
    """
    reads = unit.database.reads(unit.tenant)
    await _zone_of(reads, attachment_id)
    await _check_at(reads, upload.at)
    async with _staged(store, unit.tenant, upload) as (key, stored):
        await _bind(unit, store, key, stored)
        row = await unit.one(sql.next_version, attachment_id)
        if row is None:
            raise not_found("attachment")
        preconditions.check(if_match, row["row_version"] - 1)
        data = {"attachment_id": attachment_id, "kind": row["kind"], "name": row["name"], "no": row["latest_no"]}
        data |= await _insert_version(unit, actor, attachment_id, row["latest_no"], stored, upload)
        await _record(unit, actor, row["contract_id"], "attachment.version_added", data)
    return await one(unit, attachment_id)


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
    zone = await _zone_of(db, attachment_id)
    limit = paging.limit_of(limit)
    after = paging.decode(cursor, int) or 0
    rows = await db.all(sql.versions, attachment_id, _int4(after), limit + 1)
    return paging.page(rows, limit, lambda row: _version(row, zone), lambda row: row["no"])


async def content(db: Queries, attachment_id: UUID, no: int) -> Content:
    """Where the bytes of a version are, and what they are called; raises Problem 404."""
    row = await db.one(sql.content, attachment_id, _int4(no))
    if row is None:
        raise not_found("version")
    return Content(key=_key(db.tenant, row["sha256"]), **row)


async def sweep(
    database: Database, store: ObjectStore, tenant: UUID, older_than: timedelta = timedelta(days=1)
) -> Swept:
    """Remove a tenant's staging leftovers and the objects that no row points at, both only where older than given.

    Safe beside uploads of the very same bytes: each deletion holds the lock that binding takes.
    """
    prefix = f"{tenant}/"
    staging = objects = 0
    waiting: list[str] = []
    async for found in store.list(prefix, older_than=datetime.now(UTC) - older_than):
        name = found.key.removeprefix(prefix)
        if name.startswith("staging/"):
            await store.delete(found.key)
            staging += 1
        elif _SHA256.match(name):
            waiting.append(name)
        if len(waiting) >= SWEEP_AT_ONCE:
            objects += await _sweep_objects(database, store, tenant, waiting)
            waiting = []
    objects += await _sweep_objects(database, store, tenant, waiting)
    return Swept(staging, objects)


def check_name(name: str) -> None:
    """Raise Problem 422 for a file name that could mislead a person or a file system."""
    if not 1 <= len(name) <= NAME_AT_MOST or not name.strip():
        raise invalid("/name", f"A name has 1 to {NAME_AT_MOST} characters.")
    if any(c in "/\\" or c in _MISLEADING or unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in name):
        raise invalid("/name", "A name has no path separators and no control characters.")
    if name in {".", ".."}:
        raise invalid("/name", "This name belongs to a folder.")


async def _check_kind(db: Queries, contract_id: UUID, kind: str) -> None:
    contract = await db.one(sql.contract, contract_id)
    if contract is None:
        raise not_found("contract")
    contract_type = await contract_types.get(db, contract["type_key"], contract["type_version"])
    allowed = [each.key for each in contract_type.attachment_kinds] + [OTHER]
    if kind not in allowed:
        raise invalid("/kind", f"Contracts of the type {contract_type.key} have attachments {', '.join(allowed)}.")


async def _check_at(db: Queries, at: datetime | None) -> None:
    if at is not None and at > await db.value(kit_sql.now):
        raise invalid("/at", "The instant lies in the future.")


async def _zone_of(db: Queries, attachment_id: UUID) -> ZoneInfo:
    """The time zone of the attachment's contract; raises Problem 404 without the attachment."""
    row = await db.one(sql.known, attachment_id)
    if row is None:
        raise not_found("attachment")
    return ZoneInfo(row["time_zone"])


@asynccontextmanager
async def _staged(store: ObjectStore, tenant: UUID, upload: Upload) -> AsyncIterator[tuple[str, Stored]]:
    """The arrived bytes under a key of their own, gone again at the end unless they were bound."""
    key = f"{tenant}/staging/{uuid7()}"
    stored = await store.put(key, upload.chunks)
    try:
        if upload.sha256 not in {None, stored.sha256}:
            raise digests.mismatch(str(upload.sha256), stored.sha256)
        yield key, stored
    finally:
        await store.delete(key)


async def _bind(unit: Unit, store: ObjectStore, key: str, stored: Stored) -> None:
    await unit.value(sql.lock_object, stored.sha256)
    await store.bind(key, _key(unit.tenant, stored.sha256))


async def _record(unit: Unit, actor: Actor, contract_id: UUID, kind: str, data: dict[str, Any]) -> None:
    explanation = f"Version {data['no']} of the attachment {data['name']} ({data['kind']}) was stored."
    await contracts.record(unit, actor, contract_id, kind, explanation, data)


async def _insert_version(
    unit: Unit, actor: Actor, attachment_id: UUID, no: int, stored: Stored, upload: Upload
) -> dict[str, Any]:
    described = {"size": stored.size, "sha256": stored.sha256, "media_type": upload.media_type}
    (row,) = await unit.all(sql.insert_version, attachment_id, no, *described.values(), upload.at, actor.key)
    return described | {"at": row["at"].astimezone(ZoneInfo(row["time_zone"]))}


async def _sweep_objects(database: Database, store: ObjectStore, tenant: UUID, hashes: list[str]) -> int:
    if not hashes:
        return 0
    rows = await database.reads(tenant).all(sql.referenced, hashes)
    orphans = set(hashes) - {row["sha256"] for row in rows}
    return sum([await _sweep_object(database, store, tenant, each) for each in sorted(orphans)])


async def _sweep_object(database: Database, store: ObjectStore, tenant: UUID, sha256: str) -> bool:
    async with database.work(tenant) as unit:
        # Asked again under the lock, in a statement of its own: only then does it see the rows of an upload that
        # held the lock a moment ago.
        if not await unit.value(sql.try_lock_object, sha256) or await unit.value(sql.referenced, [sha256]):
            return False
        await store.delete(_key(tenant, sha256))
        return True


def _key(tenant: UUID, sha256: str) -> str:
    return f"{tenant}/{sha256}"


def _int4(no: int) -> int:
    """A number that fits the column; one that does not becomes one that no version has."""
    return no if 0 <= no < 2**31 else 2**31 - 1


def _attachment(row: asyncpg.Record) -> Attachment:
    made = msgspec.convert(dict(row), Attachment)
    zone = ZoneInfo(row["time_zone"])
    local = [msgspec.structs.replace(each, at=each.at.astimezone(zone)) for each in made.versions]
    return msgspec.structs.replace(made, versions=local)


def _version(row: asyncpg.Record, zone: ZoneInfo) -> AttachmentVersion:
    return AttachmentVersion(**{**row, "at": row["at"].astimezone(zone)})
