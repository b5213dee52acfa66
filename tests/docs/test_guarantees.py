"""Guarantees that no single room can show: several workers at once, a database that goes and comes back."""

import asyncio
import time
from collections import Counter

from clm import worker
from clm.app import create_app
from clm.kit import embedded, migrations
from clm.kit.db import Database
from tests.conftest import START, caller, new_tenancy

CONTRACTS = 12
WORKERS = 4
PARTY = {"legal_name": "甲公司", "kind": "legal_person"}


async def formed(client, number, parties):
    """A contract that every party has sealed and that waits for its first day."""
    draft = {
        "type": "generic",
        "number": number,
        "title": "服务合同",
        "parties": [{"role": role, "party_id": party} for role, party in zip("AB", parties, strict=True)],
        "terms": {"effectiveness": {"not_before": "2026-02-01"}, "term": {"end": "2026-02-28"}},
    }
    made = await client.post("/v1/contracts", json=draft)
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    for action, body in (("submit", {}), ("approve", {}), *(("execute", {"party": p, "method": "seal"}) for p in "AB")):
        answer = await client.post(f"{path}/actions/{action}", json=body)
        assert answer.status_code == 200, answer.text
    return path


async def test_many_workers_fire_every_timer_once_and_at_its_own_instant(app, database, dsns):
    tenancy = await new_tenancy(database, START)
    pools = [Database(dsns.service, max_size=4) for _ in range(WORKERS)]
    for pool in pools:
        await pool.open()
    async with caller(app, tenancy.key) as client:
        parties = [(await client.post("/v1/parties", json=PARTY)).json()["id"] for _ in "AB"]
        paths = [await formed(client, f"G-{number}", parties) for number in range(CONTRACTS)]
        async with database.work(tenancy.tenant) as unit:
            await unit.run("update tenant set test_now = null")  # workers leave test clocks alone; now it is real time
        fired = await asyncio.gather(*(worker.fire_due(pool) for pool in pools))
        assert sum(fired) == 4 * CONTRACTS  # effect, term, and the two duties of winding down that nobody did
        told = [(await client.get(f"{path}/timeline")).json()["past"] for path in paths]
    for pool in pools:
        await pool.close()
    for past in told:
        events = Counter(event["type"] for event in past)
        assert (events["contract.effective"], events["contract.terminated"]) == (1, 1)
        ats = {event["type"]: event["at"] for event in past}
        assert ats["contract.effective"] == "2026-02-01T00:00:00+08:00"
        assert ats["contract.terminated"] == "2026-03-01T00:00:00+08:00"


async def test_a_database_that_comes_back_is_used_again_without_a_restart(vault):
    with embedded.temporary() as server:
        dsns = server.start()
        await migrations.migrate(dsns.owner)
        database = Database(dsns.service, max_size=4)
        await database.open()
        async with caller(create_app(database, vault), (await new_tenancy(database)).key) as client:
            made = await client.post("/v1/parties", json=PARTY)
            server.stop()
            gone = await client.get(made.headers["location"])
            assert (gone.status_code, gone.json()["code"]) == (503, "unavailable")
            server.start()
            deadline = time.monotonic() + 15
            while (back := await client.get(made.headers["location"])).status_code != 200:
                assert time.monotonic() < deadline, back.text
                await asyncio.sleep(0.1)
            assert back.json() == made.json()
        await database.close()
