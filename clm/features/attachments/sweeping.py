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
_SHA256 = re.compile(r"^[0-9a-f]{64}$")


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
        await store.delete(object_key(tenant, sha256))
        return True
