"""Whether every version's bytes are where its row says, with the right size, and on request with the right hash."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
from asyncpg import Record

from clm.features.attachments.reading import sql
from clm.kit import sealing
from clm.kit.db import Database
from clm.kit.storage import ObjectMissing, ObjectStore, StorageError

PAGE = 200
AT_ONCE = 8
_FIRST = UUID(int=0)


class Checked(msgspec.Struct, frozen=True):
    """One version: who it belongs to, and what is wrong with its bytes, if anything."""

    tenant: UUID
    attachment_id: UUID
    no: int
    wrong: str | None


async def check(database: Database, store: ObjectStore, *, deep: bool) -> AsyncIterator[Checked]:
    """Every version of every tenant whose bytes are not gone on purpose; `deep` reads all of them to hash them."""
    for tenant in await database.untenanted(sql.tenants_with_files):
        async for found in _of_tenant(database, store, tenant["tenant_id"], deep=deep):
            yield found


async def _of_tenant(database: Database, store: ObjectStore, tenant: UUID, *, deep: bool) -> AsyncIterator[Checked]:
    last: tuple[UUID, int] = (_FIRST, 0)
    while rows := await database.reads(tenant).all(sql.files, *last, PAGE):
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            for found in await asyncio.gather(*(_one(store, tenant, row, deep=deep) for row in some)):
                yield found
        last = rows[-1]["attachment_id"], rows[-1]["no"]


async def _one(store: ObjectStore, tenant: UUID, row: Record, *, deep: bool) -> Checked:
    return Checked(tenant, row["attachment_id"], row["no"], await _wrong(store, row, deep=deep))


async def _wrong(store: ObjectStore, row: Record, *, deep: bool) -> str | None:
    if row["sealed"] and not row["has_key"]:
        return "its key is missing"
    key = row["key"]
    size = sealing.sealed_size(row["size"]) if row["sealed"] else row["size"]
    try:
        head = await store.head(key)
        if head is not None and head.size != size:
            return f"the object {key} has {head.size} bytes, not {size}"
        if head is not None and deep and await _hash(store, key) != row["stored_sha256"]:
            return f"the bytes of {key} are not those that were stored"
    except ObjectMissing:
        head = None
    except StorageError as error:
        return f"{key} cannot be read: {error}"
    return f"there is no object {key}" if head is None else None


async def _hash(store: ObjectStore, key: str) -> str:
    found = hashlib.sha256()
    async for chunk in store.open(key):
        found.update(chunk)
    return found.hexdigest()
