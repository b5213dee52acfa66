"""The sweep: what no row points at goes, and an upload of the very same bytes is never in its way."""

import asyncio
import hashlib
from datetime import timedelta

from clm.features.attachments import sweeping
from clm.features.attachments.models import Swept
from clm.features.attachments.reading import sql
from clm.kit.ids import uuid7

AT_ONCE = timedelta(seconds=-5)


async def chunks(*parts):
    for part in parts:
        yield part


async def put(store, tenant, content, name=None):
    name = name or hashlib.sha256(content).hexdigest()
    await store.put(f"{tenant}/{name}", chunks(content))
    return name


async def test_leftovers_go_and_what_a_row_points_at_stays(database, store, tenant, attach, keys):
    kept = (await attach(b"kept")).json()["versions"][0]["sha256"]
    await put(store, tenant, b"orphan")
    await put(store, tenant, b"half", f"staging/{uuid7()}")
    assert await sweeping.sweep(database, store, tenant) == Swept(staging=0, objects=0)
    assert len(await keys()) == 3
    assert await sweeping.sweep(database, store, tenant, AT_ONCE) == Swept(staging=1, objects=1)
    assert await keys() == [kept]


async def test_another_tenants_objects_are_left_alone(database, store, tenant, attach, keys):
    await attach(b"kept")
    assert await sweeping.sweep(database, store, uuid7(), AT_ONCE) == Swept(staging=0, objects=0)
    assert len(await keys()) == 1


async def test_bytes_that_are_being_bound_are_left_alone(database, store, tenant, keys):
    sha256 = await put(store, tenant, b"orphan")
    async with database.work(tenant) as unit:
        await unit.value(sql.lock_object, sha256)
        assert await sweeping.sweep(database, store, tenant, AT_ONCE) == Swept(staging=0, objects=0)
    assert await keys() == [sha256]
    assert await sweeping.sweep(database, store, tenant, AT_ONCE) == Swept(staging=0, objects=1)


async def test_many_orphans_go_in_batches(database, store, tenant, keys, monkeypatch):
    monkeypatch.setattr(sweeping, "SWEEP_AT_ONCE", 3)
    for n in range(8):
        await put(store, tenant, b"%d" % n)
    assert await sweeping.sweep(database, store, tenant, AT_ONCE) == Swept(staging=0, objects=8)
    assert await keys() == []


async def test_sweeping_beside_uploads_loses_no_bytes(database, store, tenant, client, attach):
    """Rolled-back uploads leave orphans of the same bytes that other uploads bind at the same moment."""
    made = (await attach(b"first")).json()
    path = f"/v1/attachments/{made['id']}/versions"

    async def upload(n):
        await put(store, tenant, b"%d" % (n % 4))
        answer = await client.post(path, content=b"%d" % (n % 4))
        return answer.status_code

    async def sweep(objects):
        await asyncio.sleep(0)
        return await sweeping.sweep(database, objects, tenant, AT_ONCE)

    results = await asyncio.gather(*[upload(n) for n in range(24)], *[sweep(Bound(store)) for _ in range(8)])
    assert set(results[:24]) == {201}
    versions = (await client.get(f"/v1/attachments/{made['id']}")).json()["versions"]
    for version in versions:
        assert await store.head(f"{tenant}/{version['sha256']}") is not None


class Bound:
    """A store whose listing leaves out what is being staged: in earnest that is younger than any sweep looks."""

    def __init__(self, store):
        self._store = store
        self.delete = store.delete

    async def list(self, prefix, *, older_than):
        async for each in self._store.list(prefix, older_than=older_than):
            if "/staging/" not in each.key:
                yield each
