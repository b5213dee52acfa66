"""The check of every row's bytes: what is lost, cut short, changed or without its key is named, and nothing else."""

import asyncio

import pytest

from clm.features.attachments import checking
from clm.features.attachments.reading import sql


async def wrongs(database, store, tenant, *, deep=False):
    """What is wrong with this tenant's versions, by number."""
    found = [one async for one in checking.check(database, store, deep=deep) if one.tenant == tenant]
    return {one.no: one.wrong for one in found}


@pytest.fixture(params=["price_list", "calling_list"])
async def stored(request, attach, keys):
    """An attachment of either sort, and the key of its bytes."""
    made = (await attach(b"a,b\n" * 100, kind=request.param)).json()
    [key] = await keys()
    return made, key


async def put(store, key, content):
    async def chunks():
        yield content

    await store.put(key, chunks())


async def test_what_is_there_is_in_order(database, store, tenant, stored):
    assert await wrongs(database, store, tenant, deep=True) == {1: None}


async def test_what_is_lost_is_named_also_where_nothing_else_is_left(database, store, tenant, stored):
    await store.delete(f"{tenant}/{stored[1]}")
    assert await wrongs(database, store, tenant) == {1: f"there is no object {tenant}/{stored[1]}"}


async def test_what_is_cut_short_is_named(database, store, tenant, stored):
    await put(store, f"{tenant}/{stored[1]}", b"a")
    assert "has 1 bytes" in (await wrongs(database, store, tenant))[1]


async def test_what_was_changed_is_found_by_reading(database, store, tenant, stored):
    key = f"{tenant}/{stored[1]}"
    content = bytearray(b"".join([chunk async for chunk in store.open(key)]))
    content[0] ^= 1
    await put(store, key, bytes(content))
    assert await wrongs(database, store, tenant) == {1: None}
    assert "not those that were stored" in (await wrongs(database, store, tenant, deep=True))[1]


async def test_a_sealed_version_without_its_key_is_named(database, store, tenant, attach):
    made = (await attach(b"a,b\n", kind="calling_list")).json()
    async with database.work(tenant) as unit:
        await unit.run(sql.destroy_data_key, made["id"], 1)
    assert await wrongs(database, store, tenant) == {1: "its key is missing"}


async def test_what_is_gone_on_purpose_is_not_missed(database, store, tenant, client, stored):
    made, key = stored
    action = "erase" if made["kind"] == "calling_list" else "delete"
    where = f"/v1/attachments/{made['id']}/versions/1/actions/{action}"
    assert (await client.post(where, json={"reason": "x"})).status_code == 200
    await store.delete(f"{tenant}/{key}")
    assert await wrongs(database, store, tenant) == {}


async def test_many_are_looked_at_in_pages(database, store, tenant, attach, monkeypatch):
    monkeypatch.setattr(checking, "PAGE", 3)
    await asyncio.gather(*(attach(b"%d" % n, kind="price_list", name=f"{n}.txt") for n in range(8)))
    found = [one async for one in checking.check(database, store, deep=False) if one.tenant == tenant]
    assert len(found) == len({one.attachment_id for one in found}) == 8
