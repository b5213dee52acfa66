"""Who reads what is in confidential files, and who loosens what protects them: asked for clearance, and on record."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from clm.features.attachments.service import How, Version
from clm.features.confidentiality.models import Access, Loosening
from clm.features.confidentiality.reading import sql
from clm.kit import paging
from clm.kit.auth import Actor
from clm.kit.db import Reads, Unit
from clm.kit.ids import uuid7
from clm.kit.paging import Page
from clm.kit.problems import Problem, not_found


async def guard(reads: Reads, actor: Actor, versions: Sequence[Version], how: How) -> None:
    """Write down who is about to read confidential versions, in a transaction of its own; then raise Problem 403.

    What cannot be written down is not read: the problem of the database goes out in the place of the contents.
    """
    rows = await reads.all(sql.withheld, [attachment_id for attachment_id, _ in versions])
    withheld = {row["id"] for row in rows}
    read = [version for version in dict.fromkeys(versions) if version[0] in withheld]
    if not read:
        return
    async with reads.database.work(reads.tenant) as unit:
        ids, files, numbers = [uuid7() for _ in read], [one for one, _ in read], [no for _, no in read]
        await unit.run(sql.log_accesses, ids, files, numbers, actor.key, how, actor.cleared)
    if not actor.cleared:
        text = (
            "The file holds confidential information, and the API key has no clearance for that. This try is on record."
        )
        raise Problem("forbidden", text)


async def may_loosen(unit: Unit, actor: Actor, item_id: UUID, how: Loosening) -> None:
    """Ask whether a key may end or loosen what protects an item: only one that may read its files.

    The try of another is written down, in a transaction of its own; then raises Problem 403, or 404.
    """
    if actor.cleared:
        return
    rows = await unit.database.reads(unit.tenant).all(sql.files_of_item, item_id)
    if not rows:
        raise not_found("confidential item")
    ids, files, numbers = [uuid7() for _ in rows], [row["id"] for row in rows], [row["latest_no"] for row in rows]
    async with unit.database.work(unit.tenant) as own:
        await own.run(sql.log_refused, ids, files, numbers, rows[0]["contract_id"], item_id, actor.key, how)
    text = f"The API key has no clearance for confidential information, which {how} asks for. This try is on record."
    raise Problem("forbidden", text)


async def of_contract(reads: Reads, contract_id: UUID, limit: int, cursor: str | None) -> Page[Access]:
    """Who read the contract's confidential files, oldest first; raises Problem 404."""
    if await reads.value(sql.is_contract, contract_id) is None:
        raise not_found("contract")
    return await _page(reads, contract_id, None, limit, cursor)


async def of_attachment(reads: Reads, attachment_id: UUID, limit: int, cursor: str | None) -> Page[Access]:
    """Who read a file while it was confidential, oldest first; raises Problem 404."""
    if await reads.value(sql.is_attachment, attachment_id) is None:
        raise not_found("attachment")
    return await _page(reads, None, attachment_id, limit, cursor)


async def _page(
    reads: Reads, contract_id: UUID | None, attachment_id: UUID | None, limit: int, cursor: str | None
) -> Page[Access]:
    limit, after = paging.limit_of(limit), paging.decode(cursor, UUID)
    rows = await reads.all(sql.accesses, contract_id, attachment_id, after, limit + 1)
    return paging.page(rows, limit, _access, lambda row: row["id"])


def _access(row: asyncpg.Record) -> Access:
    said = {name: row[name] for name in Access.__struct_fields__}
    return Access(**said | {"at": row["at"].astimezone(ZoneInfo(row["time_zone"]))})
