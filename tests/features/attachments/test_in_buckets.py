"""Bytes in a bucket over HTTP: kept where they arrived, once for each hash, and found by their row."""

import asyncio
import hashlib

from clm.features.attachments import checking, sweeping
from clm.features.attachments.models import Swept
from clm.features.attachments.reading import sql
from tests.features.attachments.test_sweep import AT_ONCE


async def attach(remote, contract, body, name="a.bin", **params):
    where = f"/v1/contracts/{contract}/attachments"
    return await remote.post(where, params={"kind": "evidence", "name": name, **params}, content=body)


async def content(remote, made):
    return (await remote.get(f"{made.headers['location']}/versions/1/content")).content


async def keys(bucket, tenant):
    return {each.key async for each in bucket.store.list(f"{tenant}/")}


async def places(database, tenant, body):
    rows = await database.reads(tenant).all("select key from stored_object where sha256 = $1", sha256(body))
    return {row["key"] for row in rows}


def sha256(body):
    return hashlib.sha256(body).hexdigest()


async def sound(database, bucket):
    return [each.wrong async for each in checking.check(database, bucket.store, deep=True) if each.wrong is not None]


async def test_equal_bytes_sent_at_once_are_one_object(database, bucket, remote, bare_contract, tenant):
    body = b"the same"
    made = await asyncio.gather(*(attach(remote, bare_contract, body, f"{number}.bin") for number in range(20)))
    assert {each.status_code for each in made} == {201}
    assert await keys(bucket, tenant) == await places(database, tenant, body)
    assert {await content(remote, each) for each in made} == {body}


async def test_an_object_that_was_lost_comes_back_with_the_next_upload_of_its_bytes(
    database, bucket, remote, bare_contract, tenant
):
    body = b"lost and sent again"
    first = await attach(remote, bare_contract, body)
    (key,) = await keys(bucket, tenant)
    await bucket.store.delete(key)
    assert (await remote.get(f"{first.headers['location']}/versions/1/content")).status_code == 503
    second = await attach(remote, bare_contract, body, "b.bin")
    assert await keys(bucket, tenant) == await places(database, tenant, body) != {key}
    assert await content(remote, first) == await content(remote, second) == body


async def test_an_upload_that_is_refused_once_it_was_bound_leaves_nothing(bucket, remote, bare_contract, tenant):
    made = await attach(remote, bare_contract, b"one")
    where = f"{made.headers['location']}/versions"
    before = await keys(bucket, tenant)
    late = await remote.post(where, content=b"two", headers={"if-match": '"99"'})
    assert late.status_code == 412
    assert await keys(bucket, tenant) == before


async def test_a_transaction_that_fails_in_the_end_leaves_what_the_sweep_removes(
    database, bucket, remote, bare_contract, tenant
):
    body = b"nearly"
    headers = {"idempotency-key": "nearly"}
    first = await remote.post(
        f"/v1/contracts/{bare_contract}/attachments?kind=evidence&name=a.bin", content=b"first", headers=headers
    )
    other = await remote.post(
        f"/v1/contracts/{bare_contract}/attachments?kind=evidence&name=a.bin", content=body, headers=headers
    )
    assert (first.status_code, other.status_code) == (201, 422)
    assert await places(database, tenant, body) == set()
    await sweeping.sweep(database, bucket.store, tenant, AT_ONCE)
    assert await keys(bucket, tenant) == await places(database, tenant, b"first")


async def test_what_nothing_needs_any_more_is_swept_with_its_place(database, bucket, remote, bare_contract, tenant):
    body = b"of no use"
    made = await attach(remote, bare_contract, body, kind="other")
    assert await sweeping.sweep(database, bucket.store, tenant, AT_ONCE) == Swept(staging=0, objects=0)
    gone = {"reason": "sent by mistake"}
    removed = await remote.post(f"{made.headers['location']}/versions/1/actions/delete", json=gone)
    assert removed.status_code == 200, removed.text
    async with database.work(tenant) as unit:
        await unit.value(sql.lock_object, sha256(body))
        assert await sweeping.sweep(database, bucket.store, tenant, AT_ONCE) == Swept(staging=0, objects=0)
    assert await sweeping.sweep(database, bucket.store, tenant, AT_ONCE) == Swept(staging=1, objects=0)
    assert await keys(bucket, tenant) == await places(database, tenant, body) == set()


async def test_the_doctor_reads_objects_where_their_rows_say(database, bucket, remote, bare_contract, tenant):
    body = b"to be looked at"
    await attach(remote, bare_contract, body)
    assert not [each for each in await sound(database, bucket) if str(tenant) in each]
    (key,) = await keys(bucket, tenant)
    await bucket.store.delete(key)
    assert f"there is no object {key}" in await sound(database, bucket)


async def test_objects_kept_in_a_bucket_are_read_after_a_move_to_a_folder(
    database, bucket, remote, bare_contract, tenant, store, client
):
    """The keys are the same everywhere: copying the objects is all that it takes."""
    body = b"moved"
    made = await attach(remote, bare_contract, body)
    (key,) = await keys(bucket, tenant)
    await store.put(key, bucket.store.open(key))
    assert await content(client, made) == body
    link = (await client.get(f"{made.headers['location']}/versions/1/content-link")).json()["url"]
    given = await client.get(link)
    assert (given.content, given.headers["etag"]) == (body, f'"{sha256(body)}"')
    again = await attach(client, bare_contract, body, "b.bin")
    assert again.status_code == 201
    assert await places(database, tenant, body) == set()
    assert [each.key async for each in store.list(f"{tenant}/")] == [f"{tenant}/{sha256(body)}"]
    assert await content(client, made) == await content(client, again) == body
