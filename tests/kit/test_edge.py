"""A write is one transaction that only the edge commits; a read never begins one."""

import asyncio
from importlib import resources

import pytest

from clm.kit import exchange
from clm.kit.sql import Statements
from tests.conftest import caller, new_tenancy

CATALOG = Statements("catalog.sql", (resources.files("tests.kit") / "catalog.sql").read_text(encoding="utf-8"))
PARTY = {"legal_name": "x", "kind": "legal_person"}


async def test_a_write_that_fails_late_leaves_nothing(client, monkeypatch):
    async def broken(*_):
        raise RuntimeError("after the row was written")

    monkeypatch.setattr("clm.features.parties.service.one", broken)
    assert (await client.post("/v1/parties", json=PARTY)).status_code == 500
    monkeypatch.undo()
    assert (await client.get("/v1/parties")).json()["items"] == []


async def test_requests_cut_off_midway_leak_no_tenant_and_no_transaction(app, database):
    tenancies = [await new_tenancy(database) for _ in range(2)]
    clients = [caller(app, one.key) for one in tenancies]
    for client, name in zip(clients, ("one", "two"), strict=True):
        for _ in range(3):
            assert (await client.post("/v1/parties", json=PARTY | {"legal_name": name})).status_code == 201

    async def interrupted(number):
        client = clients[number % 2]
        request = client.post("/v1/parties", json={"legal_name": 3}) if number % 5 == 0 else client.get("/v1/parties")
        task = asyncio.create_task(request)
        await asyncio.sleep((number % 23) / 4000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def looked(number):
        which = number % 2
        names = {one["legal_name"] for one in (await clients[which].get("/v1/parties")).json()["items"]}
        assert names == {("one", "two")[which]}

    for start in range(0, 200, 20):
        await asyncio.gather(*(step(n) for n in range(start, start + 20) for step in (interrupted, looked)))
    for client in clients:
        await client.aclose()


async def test_statements_cut_off_midway_leave_the_connection_to_its_next_tenant(database):
    tenancies = [await new_tenancy(database) for _ in range(2)]

    async def cut(number):
        reads = database.reads(tenancies[number % 2].tenant)
        task = asyncio.create_task(reads.one(CATALOG.slow_parties, 0.2))
        await asyncio.sleep((number % 10) / 500)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def whose(number):
        tenant = tenancies[number % 2].tenant
        assert await database.reads(tenant).value(CATALOG.whose) == str(tenant)

    for _ in range(4):
        await asyncio.gather(*(cut(n) for n in range(20)))
        await asyncio.gather(*(whose(n) for n in range(40)))


async def test_a_write_cut_off_midway_stores_nothing_and_blocks_nobody(app, database, tenancy, monkeypatch):
    arrived = asyncio.Event()

    async def stuck(*_):
        arrived.set()
        await asyncio.sleep(60)

    async with caller(app, tenancy.key) as client:
        with monkeypatch.context() as patched:
            patched.setattr("clm.features.parties.service.one", stuck)
            task = asyncio.create_task(client.post("/v1/parties", json=PARTY, headers={"idempotency-key": "k"}))
            await arrived.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert (await client.get("/v1/parties")).json()["items"] == []
        again = await asyncio.wait_for(client.post("/v1/parties", json=PARTY, headers={"idempotency-key": "k"}), 5)
        assert again.status_code == 201


async def test_a_slow_body_is_cut_off(app, key, monkeypatch):
    monkeypatch.setattr(exchange, "BODY_SECONDS", 0.2)

    async def slow():
        yield b"{"
        await asyncio.sleep(5)
        yield b"}"

    async with caller(app, key) as client:
        answer = await asyncio.wait_for(client.post("/v1/parties", content=slow()), 3)
    assert answer.status_code == 408
    assert answer.json()["code"] == "timeout"


async def test_a_request_that_breaks_off_has_no_effect(app, key, client):
    sent = []
    messages = [
        {"type": "http.request", "body": b'{"legal_name": "x",', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/parties",
        "raw_path": b"/v1/parties",
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {key}".encode()), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("clm.test", 80),
        "scheme": "http",
        "http_version": "1.1",
    }
    await app(scope, receive, send)
    assert sent[0]["status"] == 400
    assert (await client.get("/v1/parties")).json()["items"] == []


@pytest.mark.parametrize("path", ["/v1/parties", "/v1/nothing"])
async def test_the_log_line_holds_no_contents(client, capsys, path):
    await client.get(path, params={"q": "秘密"})
    await client.post(path, json=PARTY | {"legal_name": "秘密名称"})
    out = "".join(capsys.readouterr())
    assert path in out
    assert "秘密" not in out


async def test_head_tells_what_get_would(client):
    made = await client.post("/v1/parties", json=PARTY)
    where = made.headers["location"]
    got, head = await client.get(where), await client.head(where)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "content-length"):
        assert head.headers[name] == got.headers[name]
    assert (await client.head(f"{where}x")).status_code == 404
