"""Object lock: what is bound stays, and a server that only says so is found out."""

import asyncio
import io
from datetime import timedelta

import pytest
from minio import Minio
from minio.error import S3Error

from clm.kit.storage import LockUnproved, ObjectMissing, from_url, s3_lock
from clm.kit.storage.s3_lock import PROOFS
from tests.stores import KEY, LOCKED, SECRET, url_of


async def stream(*chunks):
    for chunk in chunks:
        yield chunk


async def read(store, key):
    return b"".join([chunk async for chunk in store.open(key)])


@pytest.fixture(params=["governance", "compliance"])
async def locked(request, locked_url):
    made = from_url(f"{locked_url}&lock={request.param}:2d")
    yield made
    await made.close()


@pytest.fixture
def administrator(minio_port):
    return Minio(f"127.0.0.1:{minio_port}", access_key=KEY, secret_key=SECRET, secure=False)


async def bound(store, key, content):
    await store.put(key, stream(content))
    assert await store.bind(key, f"{key}/final") == key


def versions(administrator, key):
    found = administrator.list_objects(LOCKED, prefix=key, recursive=True, include_version=True)
    return [each for each in found if each.object_name == key]


async def test_a_server_that_locks_is_believed(locked):
    shown = await locked.prove()
    assert shown.startswith("objects are locked for 2 days")
    assert await locked.prove() == shown


async def test_a_server_that_takes_the_request_for_the_object_is_found_out(s3_url):
    store = from_url(f"{s3_url}&lock=governance:1d")
    with pytest.raises(LockUnproved, match="keeps no versions"):
        await store.prove()
    await store.close()


def forgets(patch):
    patch.setattr(Minio, "put_object", lambda self, *args, retention, put=Minio.put_object: put(self, *args))
    patch.setattr(Minio, "set_object_retention", lambda *_, **__: None)


def overwrites(patch):
    def stored(self, bucket, key, *_, **__):
        self.put_object(bucket, key, io.BytesIO(b"<Retention/>"), 12)

    patch.setattr(Minio, "set_object_retention", stored)


def deletes(patch):
    def gone(self, bucket, key, version_id=None):
        query = {"versionId": version_id} if version_id else {}
        headers = {"x-amz-bypass-governance-retention": "true"}
        self._execute("DELETE", bucket, key, headers=headers, query_params=query)

    patch.setattr(Minio, "remove_object", gone)


@pytest.mark.parametrize(
    ("lies", "said"), [(forgets, "forgets it"), (overwrites, "in the place of the object"), (deletes, "deleted a")]
)
async def test_a_server_that_says_yes_and_does_something_else_is_found_out(locked_url, monkeypatch, lies, said):
    store = from_url(f"{locked_url}&lock=governance:1d")
    lies(monkeypatch)
    with pytest.raises(LockUnproved, match=said):
        await store.prove()
    await store.close()


async def test_a_bucket_without_versions_is_said_to_lock_nothing(minio_url):
    store = from_url(f"{minio_url}&lock=governance:1d")
    with pytest.raises(LockUnproved):
        await store.prove()
    await store.close()


async def test_a_store_without_locks_has_nothing_to_show(minio_url, tmp_path):
    for url in (minio_url, f"file://{tmp_path}/objects"):
        store = from_url(url)
        assert await store.prove() is None
        await store.close()


async def test_what_is_bound_cannot_be_taken_away_by_its_own_key(locked, administrator, request):
    key = f"{request.node.name.replace('[', '-').strip(']')}/a"
    await bound(locked, key, b"kept")
    (version,) = versions(administrator, key)
    with pytest.raises(S3Error):
        administrator.remove_object(LOCKED, key, version_id=version.version_id)
    await locked.delete(key)
    with pytest.raises(ObjectMissing):
        await read(locked, key)
    response = administrator.get_object(LOCKED, key, version_id=version.version_id)
    assert response.read() == b"kept"
    response.release_conn()


async def test_binding_again_locks_for_as_long_as_the_first_time(locked_url, administrator):
    key = "again/a"
    for number, days in enumerate((1, 3, 2)):
        store = from_url(f"{locked_url}&lock=governance:{days}d")
        if number == 0:
            await store.put(key, stream(b"same"))
        await store.bind(key, f"{key}/final")
        await store.close()
    (version,) = versions(administrator, key)
    until = administrator.get_object_retention(LOCKED, key, version.version_id).retain_until_date
    assert (until - version.last_modified).total_seconds() == pytest.approx(3 * 86400, abs=60)


async def test_what_is_not_locked_goes_with_all_its_versions(locked, administrator):
    await locked.put("free/staging", stream(b"one"))
    await locked.put("free/staging", stream(b"two"))
    await locked.delete("free/staging")
    assert versions(administrator, "free/staging") == []


async def test_scratch_objects_of_proofs_that_are_over_go(locked, administrator, monkeypatch):
    def left():
        found = administrator.list_objects(LOCKED, prefix=PROOFS, recursive=True, include_version=True)
        return {each.object_name for each in found}

    monkeypatch.setattr(s3_lock, "_PROOF_LASTS", timedelta(seconds=2))
    before = left()
    await locked.prove()
    own = left() - before
    await asyncio.sleep(4.5)
    await locked.prove()
    assert len(own) == 1
    assert not own & left()


@pytest.mark.parametrize("lock", ["yes", "governance", "governance:0d", "governance:1", "legal:1d", "compliance:-1d"])
def test_a_lock_that_says_no_days_is_refused(lock):
    with pytest.raises(ValueError, match="lock=governance"):
        from_url(f"{url_of(9)}&lock={lock}")
