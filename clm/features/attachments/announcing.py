"""What is announced before parts are sent, and how an upload in parts is shown."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from asyncpg import Record

from clm.features.attachments import storing, uploads
from clm.features.attachments.reading import sql
from clm.features.attachments.service import too_large_for
from clm.features.attachments.upload_models import NextUpload, PartedUpload, Refusal, UploadPart
from clm.features.contract_types.service import AttachmentKind
from clm.kit.db import Queries
from clm.kit.problems import Problem, invalid, not_found
from clm.kit.storage import UploadMissing
from clm.kit.vault import Vault

MIB = 1024 * 1024
PART_AT_LEAST = 8 * MIB
PARTS_AT_MOST = 1000
URLS_FOR = timedelta(hours=1)
_OVER = {
    "refused": "What was sent is not kept; `findings` says why. Begin another upload.",
    "aborted": "The upload was given up. Begin another.",
    "expired": "The upload was not completed in time. Begin another.",
}


class Most(msgspec.Struct, frozen=True):
    """What the installation sets: how many bytes a version may have, and where the service is reached."""

    upload_bytes: int
    base: str


def check(new: NextUpload, kind: AttachmentKind, most: Most) -> None:
    """Raise Problem 413 for a size that is not taken, 422 for a kind that is sealed or a media type that is none."""
    if kind.personal_data:
        text = f"The kind {kind.key} carries personal data and is sealed on its way in. Send it in the body of a POST."
        raise invalid("/kind", text)
    if new.size > most.upload_bytes:
        raise uploads.too_large(most.upload_bytes)
    if kind.max_bytes is not None and new.size > kind.max_bytes:
        raise too_large_for(kind)
    if new.at is not None and new.at.tzinfo is None:
        raise invalid("/at", "An instant needs an offset, as in 2026-01-05T10:00:00+08:00.")
    media_type_of(new.media_type)


def media_type_of(text: str) -> str:
    """The media type as announced; raises Problem 422 where it is none."""
    try:
        return uploads.media_type_of(text)
    except Problem:
        raise invalid("/media_type", "This is no media type of a file, such as text/csv.") from None


def part_size_of(size: int) -> int:
    """How large the parts of so many bytes are: whole mebibytes, and a thousand parts at most."""
    least = -(-size // PARTS_AT_MOST)
    return max(PART_AT_LEAST, -(-least // MIB) * MIB)


def sizes(size: int, part_size: int) -> Iterator[int]:
    """The size of each part."""
    for start in range(0, size, part_size):
        yield min(part_size, size - start)


async def found(db: Queries, upload_id: UUID) -> Record:
    """The row of an upload; raises Problem 404."""
    row = await db.one(sql.upload, upload_id)
    if row is None:
        raise not_found("upload")
    return row


def check_open(row: Record) -> None:
    """Raise Problem 409 where an upload takes no more."""
    status = "expired" if row["late"] else row["status"]
    if status != "open":
        reasons = [{"rule": one["code"], "message": one["message"]} for one in row["findings"]]
        raise Problem("not-allowed-now", _OVER[status], reasons=reasons or None)


async def shown(db: Queries, vault: Vault, upload_id: UUID, most: Most) -> tuple[PartedUpload, int]:
    """An upload and its row version; while it is open with addresses for its parts. Raises Problem 404."""
    row = await found(db, upload_id)
    zone = ZoneInfo(row["time_zone"])
    is_open = row["status"] == "open" and not row["late"]
    shown = PartedUpload(
        id=row["id"],
        contract_id=row["contract_id"],
        attachment_id=row["attachment_id"],
        version=row["no"],
        kind=row["kind"],
        name=row["name"],
        size=row["size"],
        media_type=row["media_type"],
        sha256=row["sha256"] or row["found_sha256"],
        status="expired" if row["late"] else row["status"],
        part_size=row["part_size"],
        parts=await _parts(vault, db.tenant, row, most) if is_open else [],
        urls_expire_at=(datetime.now(UTC) + URLS_FOR).astimezone(zone) if is_open else None,
        findings=msgspec.convert(row["findings"], list[Refusal]),
        created_at=row["created_at"].astimezone(zone),
        expires_at=row["expires_at"].astimezone(zone),
    )
    return shown, row["row_version"]


async def _parts(vault: Vault, tenant: UUID, row: Record, most: Most) -> list[UploadPart]:
    key = storing.staging_of(tenant, row["id"])
    try:
        there = {part.no: part.size for part in await vault.store.parts(key, row["store_upload"])}
    except UploadMissing:  # a completion has joined them
        return []
    wanted = list(enumerate(sizes(row["size"], row["part_size"]), 1))
    urls = await asyncio.gather(
        *(
            vault.store.part_url(key, row["store_upload"], no, size=size, lifetime=URLS_FOR, public_base=most.base)
            for no, size in wanted
        )
    )
    return [UploadPart(no, size, url, there.get(no) == size) for (no, size), url in zip(wanted, urls, strict=True)]
