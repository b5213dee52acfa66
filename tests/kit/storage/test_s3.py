"""What only the S3 store has: a server that can be away, credentials, uploads in parts."""

import asyncio

import pytest
from minio import Minio

from clm.kit.storage import StorageUnavailable, from_url
from clm.kit.storage.s3 import PART, S3Store
from clm.kit.storage.s3_parts import InParts
from tests.stores import KEY, SECRET, SECRET_IN_URL, free_port, rclone


async def stream(*chunks):
    for chunk in chunks:
        yield chunk


@pytest.fixture
async def bucket(s3_url):
    made = from_url(s3_url)
    yield made
    await made.close()


@pytest.mark.parametrize(
    "change",
    [(f"{KEY}:", "other:"), (SECRET_IN_URL, "wrong"), ("/contracts", "/nowhere")],
)
async def test_a_wrong_key_secret_or_bucket_is_unavailable(s3_url, change):
    wrong = from_url(s3_url.replace(*change))
    with pytest.raises(StorageUnavailable):
        await wrong.ping()
    with pytest.raises(StorageUnavailable):
        await wrong.put("a", stream(b"x"))
    await wrong.close()


async def test_a_server_that_is_away_is_unavailable_and_comes_back_by_itself(tmp_path):
    (tmp_path / "contracts").mkdir()
    port = free_port()
    store = from_url(f"s3://{KEY}:{SECRET_IN_URL}@127.0.0.1:{port}/contracts?secure=false")
    with pytest.raises(StorageUnavailable):
        await store.ping()
    with pytest.raises(StorageUnavailable):
        await store.put("a", stream(*[bytes(PART)] * 3))
    with rclone(tmp_path, port):
        await store.ping()
        await store.put("a", stream(b"x"))
    with pytest.raises(StorageUnavailable):
        await store.head("a")
    await store.close()


async def test_a_long_upload_goes_in_parts_and_a_broken_one_is_aborted(bucket, monkeypatch):
    calls = []
    for name in ("begin", "send", "complete", "abort"):
        original = getattr(InParts, name)

        def counted(*args, original=original, name=name, **kwargs):
            calls.append(name)
            return original(*args, **kwargs)

        monkeypatch.setattr(InParts, name, counted)

    async def broken():
        yield bytes(PART)
        yield bytes(PART)
        yield bytes(PART)
        raise ConnectionResetError

    await bucket.put("long", stream(*[bytes(PART)] * 2, b"x"))
    assert calls == ["begin", *["send"] * 3, "complete"]
    calls.clear()
    with pytest.raises(ConnectionResetError):
        await bucket.put("broken", broken())
    assert (calls[0], calls[-1]) == ("begin", "abort")
    assert "complete" not in calls


async def test_the_event_loop_runs_on_while_the_server_is_slow(bucket, monkeypatch):
    released = asyncio.Event()
    loop = asyncio.get_running_loop()
    original = Minio.stat_object

    def slow(*args, **kwargs):
        asyncio.run_coroutine_threadsafe(released.wait(), loop).result(10)
        return original(*args, **kwargs)

    monkeypatch.setattr(Minio, "stat_object", slow)
    waiting = asyncio.create_task(bucket.head("nothing"))
    await asyncio.sleep(0)
    released.set()
    assert await waiting is None


async def test_senders_that_are_slow_keep_no_one_else_waiting(bucket):
    gate = asyncio.Event()

    async def slow():
        yield b"begun"
        await gate.wait()
        yield b", done"

    puts = [asyncio.create_task(bucket.put(f"slow/{number}", slow())) for number in range(200)]
    await asyncio.sleep(0)
    assert (await asyncio.wait_for(bucket.put("quick", stream(b"x")), 5)).size == 1
    gate.set()
    assert {each.size for each in await asyncio.gather(*puts)} == {11}


def test_the_secret_is_decoded(s3_url):
    made = from_url(s3_url)
    assert isinstance(made, S3Store)
    assert made._client._provider.retrieve().secret_key == SECRET


async def test_other_bytes_of_the_same_size_at_the_final_key_are_replaced(bucket):
    await bucket.put("final", stream(b"spoiled"))
    await bucket.put("staging/a", stream(b"correct"))
    await bucket.bind("staging/a", "final")
    assert b"".join([chunk async for chunk in bucket.open("final")]) == b"correct"
    assert await bucket.head("staging/a") is None
