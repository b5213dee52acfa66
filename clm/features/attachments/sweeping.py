"""Bytes that nobody needs: leftovers of uploads, and objects that no row points at any more."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

from clm.features.attachments.models import Swept
from clm.features.attachments.reading import sql
from clm.features.attachments.storing import object_key
from clm.kit.db import Database
from clm.kit.storage import ObjectStore

SWEEP_AT_ONCE = 500
LEFT = timedelta(days=2)
"""What nothing points at after so long, nothing will: an upload in parts may be completed for a day."""
_SHA256 = re.compile(r"^[0-9a-f]{64}$")


async def sweep(database: Database, store: ObjectStore, tenant: UUID, older_than: timedelta = LEFT) -> Swept:
    """Remove a tenant's staging leftovers and the objects that no row points at, both only where older than given.

    Safe beside uploads of the very same bytes: each deletion holds the lock that binding takes.
    """
    prefix = f"{tenant}/"
    staging = objects = 0
    staged: list[str] = []
    hashes: list[str] = []
    async for found in store.list(prefix, older_than=datetime.now(UTC) - older_than):
        name = found.key.removeprefix(prefix)
        if name.startswith("staging/"):
            staged.append(found.key)
        elif _SHA256.match(name):
            hashes.append(name)
        if len(staged) >= SWEEP_AT_ONCE:
            staging += await _sweep_staged(database, store, tenant, staged)
            staged = []
        if len(hashes) >= SWEEP_AT_ONCE:
            objects += await _sweep_objects(database, store, tenant, hashes)
            hashes = []
    staging += await _sweep_staged(database, store, tenant, staged)
    objects += await _sweep_objects(database, store, tenant, hashes)
    return Swept(staging, objects)


async def _sweep_staged(database: Database, store: ObjectStore, tenant: UUID, keys: list[str]) -> int:
    """Those that no row places; and those whose place nothing needs any more, which nobody can ask for again."""
    if not keys:
        return 0
    placed = {row["key"]: row["sha256"] for row in await database.reads(tenant).all(sql.placed, keys)}
    orphans = await _orphans(database, tenant, list(placed.values()))
    gone = [key for key in keys if key not in placed]
    gone += [key for key, sha256 in placed.items() if sha256 in orphans and await _displaced(database, tenant, sha256)]
    for key in gone:
        await store.delete(key)
    return len(gone)


async def _displaced(database: Database, tenant: UUID, sha256: str) -> bool:
    async with database.work(tenant) as unit:
        # Asked again under the lock, in a statement of its own: only then does it see the rows of an upload that
        # held the lock a moment ago.
        if not await unit.value(sql.try_lock_object, sha256) or await unit.value(sql.referenced, [sha256]):
            return False
        return bool(await unit.run(sql.forget_place, sha256))


async def _sweep_objects(database: Database, store: ObjectStore, tenant: UUID, hashes: list[str]) -> int:
    if not hashes:
        return 0
    orphans = await _orphans(database, tenant, hashes)
    return sum([await _sweep_object(database, store, tenant, each) for each in sorted(orphans)])


async def _orphans(database: Database, tenant: UUID, hashes: list[str]) -> set[str]:
    return set(hashes) - {row["sha256"] for row in await database.reads(tenant).all(sql.referenced, hashes)}


async def _sweep_object(database: Database, store: ObjectStore, tenant: UUID, sha256: str) -> bool:
    async with database.work(tenant) as unit:
        # Asked again under the lock, in a statement of its own: only then does it see the rows of an upload that
        # held the lock a moment ago.
        if not await unit.value(sql.try_lock_object, sha256) or await unit.value(sql.referenced, [sha256]):
            return False
        await store.delete(object_key(tenant, sha256))
        return True
