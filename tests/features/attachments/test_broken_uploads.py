"""Uploads that do not come to their end: nothing is stored and nothing is referenced."""

import asyncio

import pytest

from clm.app import create_app
from clm.kit.storage import StorageUnavailable
from tests.conftest import caller

PART = b"x" * 65536


@pytest.fixture
async def small(database, vault, key):
    """A client of a service that takes ten bytes a version."""
    edge = create_app(database, vault, metrics=False)
    edge._app.state["upload_bytes"] = 10
    async with caller(edge, key) as client:
        yield client


async def pieces(*chunks):
    for chunk in chunks:
        yield chunk


async def test_ten_bytes_are_taken_and_eleven_are_not(small, bare_contract, keys, feed):
    path = f"/v1/contracts/{bare_contract}/attachments?kind=other&name=x"
    for body in (b"x" * 11, pieces(b"x" * 6, b"x" * 5)):
        answer = await small.post(path, content=body)
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert await keys() == []
    assert (await small.post(path, content=pieces(b"x" * 5, b"x" * 5))).status_code == 201
    assert len(await keys()) == 1
    assert await feed(1) == ["clm.attachment.added"]


async def test_a_store_that_fails_is_a_503_and_leaves_no_row(attach, store, keys, feed, monkeypatch):
    async def fail(*_):
        raise StorageUnavailable("disk full: /secret/place")

    monkeypatch.setattr(store, "bind", fail)
    answer = await attach(b"x")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "secret" not in answer.text
    assert await keys() == []
    assert await feed() == []


async def test_a_disconnect_midway_leaves_nothing(app, bare_contract, key, keys, feed):
    sent = [
        {"type": "http.request", "body": PART, "more_body": True},
        {"type": "http.request", "body": PART, "more_body": True},
        {"type": "http.disconnect"},
    ]
    answers = []

    async def receive():
        return sent.pop(0)

    async def send(message):
        answers.append(message)

    await app(scope_of(bare_contract, key), receive, send)
    assert sent == []
    assert answers[0]["status"] == 400
    assert await keys() == []
    assert await feed() == []


async def test_a_cancelled_request_leaves_nothing(app, bare_contract, key, keys, feed):
    arrived = asyncio.Event()

    async def receive():
        if arrived.is_set():
            await asyncio.Event().wait()
        arrived.set()
        return {"type": "http.request", "body": PART, "more_body": True}

    async def send(message):
        raise AssertionError(message)

    task = asyncio.create_task(app(scope_of(bare_contract, key), receive, send))
    await arrived.wait()
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await keys() == []
    assert await feed() == []


@pytest.mark.parametrize(
    "body", [b"content-length: 1000000\r\n\r\n" + PART, b"transfer-encoding: chunked\r\n\r\n10000\r\n" + PART + b"\r\n"]
)
async def test_a_connection_cut_on_a_real_server_leaves_nothing(port, client, bare_contract, key, keys, feed, body):
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    start = f"POST /v1/contracts/{bare_contract}/attachments?kind=other&name=x HTTP/1.1\r\nhost: x\r\n"
    writer.write(f"{start}authorization: Bearer {key}\r\n".encode() + body)
    await writer.drain()
    await asyncio.sleep(0.2)
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.3)
    assert await keys() == []
    assert await feed() == []
    assert (await client.get(f"/v1/contracts/{bare_contract}/attachments")).json()["items"] == []


def scope_of(bare_contract, key):
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": f"/v1/contracts/{bare_contract}/attachments",
        "raw_path": f"/v1/contracts/{bare_contract}/attachments".encode(),
        "query_string": b"kind=other&name=x",
        "root_path": "",
        "headers": [(b"authorization", f"Bearer {key}".encode()), (b"host", b"clm.test")],
        "client": ("127.0.0.1", 1),
        "server": ("clm.test", 80),
    }
