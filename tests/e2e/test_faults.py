"""A database that goes and comes back, requests that never end, bodies that break off."""

import asyncio
import contextlib
import json
import os
import signal
import time

import pytest

from tests.e2e.conftest import reached

DRAFT = {"type": "generic", "number": "F-1", "title": "合同"}
PATIENCE = 30


async def status(client, where, **post):
    """The status of an answer, and the problem code where it is one."""
    answer = await (client.post(where, json=post["json"]) if post else client.get(where))
    code = answer.json()["code"] if answer.headers["content-type"] == "application/problem+json" else None
    return answer.status_code, code


async def until(client, where, wanted):
    deadline = time.monotonic() + PATIENCE
    while (found := await status(client, where)) != wanted:
        assert found[0] in (200, 503), found
        assert time.monotonic() < deadline, f"{where} is {found} after {PATIENCE} s"
        await asyncio.sleep(0.1)


async def test_a_database_that_is_gone_is_said_and_its_return_noticed(serve_on, server):
    served = serve_on(CLM_WORKER_INTERVAL="0.2")
    async with served.client() as client:
        assert await status(client, "/v1/contracts", json=DRAFT) == (201, None)
        dsn = server.start().service
        server.stop()
        assert await status(client, "/v1/contracts") == (503, "unavailable")
        assert await status(client, "/v1/contracts", json=DRAFT) == (503, "unavailable")
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/healthz")).status_code == 200
        again = server.start().service
        if again != dsn:
            pytest.skip("the socket's folder is a temporary one here and moved")
        await until(client, "/v1/contracts", (200, None))
        await until(client, "/readyz", (200, None))
        assert [one["number"] for one in (await client.get("/v1/contracts")).json()["items"]] == ["F-1"]


async def test_an_embedded_database_that_is_killed_is_started_again(make_served):
    served = make_served()
    async with served.client() as client:
        assert await status(client, "/v1/contracts", json=DRAFT) == (201, None)
        place = served.data_dir / "postgres" / "cluster" / "postmaster.pid"
        for _ in range(2):
            os.kill(int(place.read_text(encoding="ascii").split()[0]), signal.SIGKILL)
            assert (await status(client, "/v1/contracts"))[0] in (200, 503)
            await until(client, "/readyz", (200, None))
            await until(client, "/v1/contracts", (200, None))
        assert [one["number"] for one in (await client.get("/v1/contracts")).json()["items"]] == ["F-1"]


async def test_connections_that_are_cut_are_replaced(serve_on, counted):
    served = serve_on()
    async with served.client() as client:
        assert await status(client, "/v1/contracts", json=DRAFT) == (201, None)
        for _ in range(3):
            assert await counted("connections_cut") > 0
            await until(client, "/v1/contracts", (200, None))
        found = await status(client, "/v1/contracts", json=DRAFT | {"number": "F-2"})
        assert found in {(201, None), (503, "unavailable")}
        await until(client, "/readyz", (200, None))


async def test_the_worker_goes_on_when_the_database_is_back(serve_on, start_worker, counted, server):
    served = serve_on(CLM_WORKER="0")
    start_worker()
    dsn = server.start().service
    server.stop()
    await asyncio.sleep(0.5)
    if server.start().service != dsn:
        pytest.skip("the socket's folder is a temporary one here and moved")
    async with served.client() as client:
        await until(client, "/v1/contracts", (200, None))
        draft = DRAFT | {"terms": {"term": {"end": "2026-01-31"}}}
        assert await status(client, "/v1/contracts", json=draft) == (201, None)
    await reached(lambda: counted("fired", "term"), 1)


async def connect(served):
    return await asyncio.open_connection("127.0.0.1", served.port)


async def closed_within(reader, seconds):
    """How long until the other side closes, and what it said."""
    began = time.monotonic()
    async with asyncio.timeout(seconds):
        said = await reader.read()
    return time.monotonic() - began, said


async def test_headers_that_never_end_are_cut_off(served):
    reader, writer = await connect(served)
    writer.write(b"GET /v1/contracts HTTP/1.1\r\nhost: x\r\nauthorization: Bear")
    await writer.drain()
    seconds, said = await closed_within(reader, 20)
    assert seconds > 5
    assert b"200 OK" not in said
    writer.close()
    async with served.client() as client:
        assert (await client.get("/healthz")).status_code == 200


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
async def test_a_body_that_breaks_off_leaves_nothing(served, kept):
    number = f"B-{kept}"
    body = json.dumps(DRAFT | {"number": number}).encode()
    head = (
        f"POST /v1/contracts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {served.key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode()
    _, writer = await connect(served)
    writer.write(head + body[: int(len(body) * kept)])
    await writer.drain()
    await asyncio.sleep(0.2)
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    async with served.client() as client:
        answer = await client.get("/v1/contracts", params={"number": number})
        assert answer.json()["items"] == []
        assert (await client.post("/v1/contracts", json=DRAFT | {"number": number})).status_code == 201


async def test_ten_megabytes_are_refused_before_they_are_read(served):
    async with served.client() as client:
        answer = await client.post("/v1/contracts", content=b" " * 10_000_000)
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
