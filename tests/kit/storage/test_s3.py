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


async def test_what_is_bound_is_not_written_again(bucket, monkeypatch):
    await bucket.put("staging/a", stream(b"bytes"))
    monkeypatch.setattr(bucket, "_http", None)
    monkeypatch.setattr(bucket, "_client", None)
    assert await bucket.bind("staging/a", "final") == "staging/a"


@pytest.fixture
def sent(monkeypatch):
    """The headers that each object and part is sent with; `answers` says how the server's answers are changed."""

    class Sent(list):
        answers = staticmethod(lambda headers, response: response)

    seen = Sent()
    original = InParts._asked

    def asked(self, key, method, query, body, headers):
        if method != "PUT":
            return original(self, key, method, query, body, headers)
        seen.append(headers)
        return seen.answers(headers, original(self, key, method, query, body, headers))

    monkeypatch.setattr(InParts, "_asked", asked)
    return seen


async def test_a_server_that_tells_the_md5_of_what_it_stores_is_not_sent_it(bucket, sent):
    for body in (b"a", b"b"):
        await bucket.put("plain", stream(body))
    assert ["Content-MD5" in headers for headers in sent] == [False, False]


async def test_a_server_that_hides_the_md5_is_sent_it_from_then_on(bucket, sent):
    def encrypted(_, response):
        response.headers["x-amz-server-side-encryption"] = "aws:kms"
        response.headers["etag"] = '"of its own"'
        return response

    sent.answers = encrypted
    for body in (b"a", b"b"):
        await bucket.put("hidden", stream(body))
    assert ["Content-MD5" in headers for headers in sent] == [False, True, True]
    assert b"".join([chunk async for chunk in bucket.open("hidden")]) == b"b"


async def test_a_server_that_insists_on_the_md5_is_sent_it(bucket, sent):
    def insisting(headers, response):
        if "Content-MD5" not in headers:
            response.status = 400
        return response

    sent.answers = insisting
    await bucket.put("insisted", stream(*[bytes(PART)] * 2))
    assert [headers["Content-Length"] for headers in sent if "Content-MD5" in headers] == [str(PART)] * 2
    assert (await bucket.head("insisted")).size == 2 * PART


@pytest.mark.parametrize(("size", "taken"), [(0, True), (-1, False)])
async def test_an_object_of_parts_whose_tag_says_nothing_is_measured(bucket, monkeypatch, size, taken):
    original = S3Store._size
    monkeypatch.setattr(InParts, "complete", lambda self, *args, to=InParts.complete: to(self, *args) and "of its own")
    monkeypatch.setattr(S3Store, "_size", lambda self, key: original(self, key) + size)
    put = bucket.put("measured", stream(*[bytes(PART)] * 2))
    if taken:
        assert (await put).size == 2 * PART
    else:
        with pytest.raises(StorageUnavailable, match="other bytes"):
            await put
