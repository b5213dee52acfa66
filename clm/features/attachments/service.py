"""Attachments: bytes go to the object store first, then the rows that point at them, in one unit."""

import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from asyncpg import Record

from clm.features.attachments import keys, reading, storing
from clm.features.attachments.guarding import How, Version, may_read, on_reading
from clm.features.attachments.keys import of_tenant as tenant_key
from clm.features.attachments.models import Attachment, Content, Upload
from clm.features.attachments.reading import bound_at, of_contract, sql
from clm.features.attachments.storing import Arrived
from clm.features.contract_types import service as contract_types
from clm.features.contract_types.service import AttachmentKind
from clm.features.contracts import service as contracts
from clm.kit import preconditions
from clm.kit.auth import Actor
from clm.kit.db import Queries, Unit
from clm.kit.db import sql as kit_sql
from clm.kit.ids import uuid7
from clm.kit.problems import FieldError, Problem, invalid, not_found, register, register_constraint
from clm.kit.vault import Vault

__all__ = ["Attachment", "How", "Version", "bound_at", "may_read", "of_contract", "on_reading", "tenant_key"]

NAME_AT_MOST = 255
OTHER = "other"
EVIDENCE = "evidence"
_TYPES = "types of contracts"
_TYPES_AT_MOST = 10_000
# Characters that make a name look like another one: bidirectional overrides and isolates.
_MISLEADING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

register("unsafe-content", 422, "The content is not kept")
register("gone", 410, "The bytes are gone")
register_constraint("tombstone_without_hold", "not-allowed-now", "A legal hold keeps the attachment.")
register_constraint("tombstone_pkey", "not-allowed-now", "The bytes of this version are gone already.")
register_constraint("legal_hold_once", "duplicate", "A hold of this name stands on the attachment already.", "/name")


async def add(
    unit: Unit, vault: Vault, actor: Actor, contract_id: UUID, *, kind: str, name: str, upload: Upload
) -> tuple[Attachment, int]:
    """Store a new attachment with its first version; answers with it and its row version.

    Raises Problem 404 before any byte is read where the contract is not there, 422 for a kind, name, instant or
    digest that does not hold, 413, 415 and 422 for content that is not kept. What breaks off leaves nothing behind.
    """
    reads = unit.database.reads(unit.tenant)
    check_name(name)
    of_kind = await kind_of_contract(reads, contract_id, kind)
    await check_at(reads, upload.at)
    async with storing.arrived(vault, unit.tenant, _limited(upload, of_kind), sealed=of_kind.personal_data) as found:
        check_media_type(of_kind, found.media_type)
        row = await keep_first(unit, vault, actor, contract_id, kind=kind, name=name, found=found, at=upload.at)
    return await reading.told(unit, row) if not row["due"] else await reading.one(unit, row["id"])


async def add_version(
    unit: Unit, vault: Vault, actor: Actor, attachment_id: UUID, upload: Upload, if_match: str | None
) -> tuple[Attachment, int]:
    """Store the next version of an attachment; answers with the whole attachment and its row version.

    Versions sent at once get consecutive numbers in the order of their commits. Raises Problem 404, 412 and 422 as
    `add` does.
    """
    reads = unit.database.reads(unit.tenant)
    of_kind = await kind_of_attachment(reads, attachment_id)
    await check_at(reads, upload.at)
    async with storing.arrived(vault, unit.tenant, _limited(upload, of_kind), sealed=of_kind.personal_data) as found:
        check_media_type(of_kind, found.media_type)
        await keep_next(unit, vault, actor, attachment_id, found=found, at=upload.at, if_match=if_match)
    return await reading.one(unit, attachment_id)


async def keep_first(
    unit: Unit,
    vault: Vault,
    actor: Actor | None,
    contract_id: UUID,
    *,
    kind: str,
    name: str,
    found: Arrived,
    at: datetime | None,
) -> Record:
    """Make what has arrived the first version of a new attachment; answers with its row, `due` before the event."""
    attachment_id, by = uuid7(), actor.key if actor else None
    claimed = storing.claimed_key(vault, found)
    row = await unit.one(sql.insert_first, attachment_id, contract_id, kind, name, *_columns(found), at, by, claimed)
    if row is None:
        raise not_found("contract")
    if not found.bound:
        await storing.bind_claimed(unit, vault, found, row["key"])
    data = {"attachment_id": attachment_id, "kind": kind, "name": name, "no": 1}
    data |= await _described(unit, vault, attachment_id, 1, found, row)
    await _record(unit, actor, contract_id, "attachment.added", data)
    return row


async def keep_next(
    unit: Unit,
    vault: Vault,
    actor: Actor,
    attachment_id: UUID,
    *,
    found: Arrived,
    at: datetime | None,
    if_match: str | None = None,
) -> int:
    """Make what has arrived the next version of an attachment; answers with its number. Raises Problem 404, 412."""
    await storing.bind(unit, vault, found)
    await unit.one(sql.lock_contract_of, attachment_id)
    await _check_order(unit, attachment_id, at)
    row = await unit.one(sql.next_version, attachment_id)
    if row is None:
        raise not_found("attachment")
    preconditions.check(if_match, row["row_version"] - 1)
    no = int(row["latest_no"])
    data = {"attachment_id": attachment_id, "kind": row["kind"], "name": row["name"], "no": no}
    version = await unit.one(sql.insert_version, attachment_id, no, *_columns(found), at, actor.key)
    if version is None:
        raise not_found("attachment")
    data |= await _described(unit, vault, attachment_id, no, found, version)
    await _record(unit, actor, row["contract_id"], "attachment.version_added", data)
    return no


async def _check_order(unit: Unit, attachment_id: UUID, at: datetime | None) -> None:
    """Raise Problem 422 for a version that is dated before the one it follows, or into what the parties signed."""
    before = await unit.one(sql.version_before, attachment_id) if at is not None else None
    if at is None or before is None:
        return
    zone = ZoneInfo(before["time_zone"])
    if at < before["at"]:
        since = before["at"].astimezone(zone).isoformat()
        raise invalid("/at", f"The version before came to be at {since}. The next one does so later.")
    if before["formed_at"] is not None and at <= before["formed_at"]:
        formed = before["formed_at"].astimezone(zone).isoformat()
        text = f"The contract was formed at {formed} with the version before. A later one binds by a word or amendment."
        raise invalid("/at", text)


class Seen(msgspec.Struct, frozen=True):
    """A file that the service has seen itself, stored and not yet part of its contract."""

    kind: str
    found: Arrived


@asynccontextmanager
async def evidence(unit: Unit, vault: Vault, contract_id: UUID, content: bytes, media_type: str) -> AsyncIterator[Seen]:
    """Store what the service has seen, such as a mail server's answer, before anything is locked for it.

    What goes on inside decides whether it is kept. Raises Problem 404, 415 or 422 as `add` does, 503.
    """
    try:
        of_kind = await kind_of_contract(unit, contract_id, EVIDENCE)
    except Problem:
        of_kind = await kind_of_contract(unit, contract_id, OTHER)
    upload = Upload(_one(content), media_type, None, None)
    async with storing.arrived(vault, unit.tenant, upload, sealed=of_kind.personal_data) as found:
        await storing.bind(unit, vault, found)
        yield Seen(of_kind.key, found)


async def keep_evidence(
    unit: Unit, vault: Vault, actor: Actor | None, contract_id: UUID, name: str, seen: Seen
) -> UUID:
    """Make a file that was seen an attachment of its contract, which is locked; answers with its id."""
    row = await keep_first(unit, vault, actor, contract_id, kind=seen.kind, name=name, found=seen.found, at=None)
    attachment_id: UUID = row["id"]
    return attachment_id


async def _one(content: bytes) -> AsyncIterator[bytes]:
    yield content


def check_name(name: str) -> None:
    """Raise Problem 422 for a file name that could mislead a person or a file system."""
    if not 1 <= len(name) <= NAME_AT_MOST or not name.strip():
        raise invalid("/name", f"A name has 1 to {NAME_AT_MOST} characters.")
    if any(c in "/\\" or c in _MISLEADING or unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in name):
        raise invalid("/name", "A name has no path separators and no control characters.")
    if name in {".", ".."}:
        raise invalid("/name", "This name belongs to a folder.")


async def open_version(db: Queries, vault: Vault, attachment_id: UUID, no: int) -> tuple[Content, AsyncIterator[bytes]]:
    """A version's content and its bytes, through their seal where they have one; raises Problem 404, 410, 503."""
    content = await reading.content(db, attachment_id, no)
    return content, storing.content_opener(vault, db.tenant, content)(0, content.size)


async def is_version(db: Queries, contract_id: UUID, attachment_id: str, no: int) -> bool:
    """Whether a contract has an attachment of that id, as answers write it, with a version of that number."""
    try:
        named = UUID(attachment_id)
    except ValueError:
        return False
    return (
        attachment_id == str(named)
        and await db.one(sql.version_of_contract, named, contract_id, reading.int4(no)) is not None
    )


async def kind_of(db: Queries, type_key: str, type_version: int, kind: str) -> AttachmentKind | None:
    """What a contract type says of a kind of attachment; None where it has none of that name."""
    contract_type = await contract_types.get(db, type_key, type_version)
    known = [*contract_type.attachment_kinds, AttachmentKind(OTHER, OTHER)]
    return next((each for each in known if each.key == kind), None)


async def kind_of_attachment(db: Queries, attachment_id: UUID) -> AttachmentKind:
    """The kind of an attachment; raises Problem 404."""
    row = await reading.found(db, attachment_id)
    return await kind_of_contract(db, row["contract_id"], row["kind"])


async def kind_of_contract(db: Queries, contract_id: UUID, kind: str) -> AttachmentKind:
    """A kind of attachment that a contract may have; raises Problem 404 without the contract, 422 without the kind."""
    key, version = await _type_of(db, contract_id)
    found = await kind_of(db, key, version, kind)
    if found is None:
        contract_type = await contract_types.get(db, key, version)
        allowed = [each.key for each in contract_type.attachment_kinds] + [OTHER]
        raise invalid("/kind", f"Contracts of the type {contract_type.key} have attachments {', '.join(allowed)}.")
    return found


async def _type_of(db: Queries, contract_id: UUID) -> tuple[str, int]:
    """The key and version of a contract's type, which never change; raises Problem 404 without the contract."""
    known: dict[tuple[UUID, UUID], tuple[str, int]] = db.database.kept.setdefault(_TYPES, {})
    found = known.get((db.tenant, contract_id))
    if found is None:
        row = await db.one(sql.contract, contract_id)
        if row is None:
            raise not_found("contract")
        if len(known) >= _TYPES_AT_MOST:
            known.clear()
        found = known[db.tenant, contract_id] = (row["type_key"], row["type_version"])
    return found


def _limited(upload: Upload, kind: AttachmentKind) -> Upload:
    """The upload, which breaks off with Problem 413 where it has more bytes than its kind may have."""
    if kind.max_bytes is None:
        return upload
    return msgspec.structs.replace(upload, chunks=_at_most(upload.chunks, kind))


async def _at_most(chunks: AsyncIterator[bytes], kind: AttachmentKind) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if kind.max_bytes is not None and size > kind.max_bytes:
            raise too_large_for(kind)
        yield chunk


def check_media_type(kind: AttachmentKind, media_type: str) -> None:
    """Raise Problem 415 where a version of a kind is to be something else."""
    essence = media_type.partition(";")[0].strip().lower()
    if not kind.media_types or essence in kind.media_types or f"{essence.partition('/')[0]}/*" in kind.media_types:
        return
    text = f"The file is {essence}. A version of the kind {kind.key} is {' or '.join(kind.media_types)}."
    raise Problem(
        "unsupported-media-type",
        text,
        errors=[FieldError("", text)],
        reasons=[{"rule": "type_not_of_kind", "message": text}],
    )


def too_large_for(kind: AttachmentKind) -> Problem:
    """A version has more bytes than its kind may have (413)."""
    text = f"A version of the kind {kind.key} may have {kind.max_bytes} bytes at most."
    return Problem("too-large", text, errors=[FieldError("", text)])


async def check_at(db: Queries, at: datetime | None) -> None:
    """Raise Problem 422 for an instant that lies ahead."""
    if at is not None and at > await db.value(kit_sql.now):
        raise invalid("/at", "The instant lies in the future.")


async def _record(unit: Unit, actor: Actor | None, contract_id: UUID, kind: str, data: dict[str, Any]) -> None:
    explanation = f"Version {data['no']} of the attachment {data['name']} ({data['kind']}) was stored."
    await contracts.record(unit, actor, contract_id, kind, explanation, data)


def _columns(found: Arrived) -> tuple[int, str, str | None, str]:
    return found.size, found.sha256, found.sealed_sha256, found.media_type


async def _described(
    unit: Unit, vault: Vault, attachment_id: UUID, no: int, found: Arrived, row: Record
) -> dict[str, Any]:
    """What the record says of a version that was stored, whose key is stored here where it has one."""
    if found.data_key is not None:
        await keys.keep(unit, vault, attachment_id, no, found.data_key)
    at = row["at"].astimezone(ZoneInfo(row["time_zone"]))
    described = {"size": found.size, "sha256": found.sha256, "media_type": found.media_type}
    return described | {"sealed": found.data_key is not None, "at": at}
