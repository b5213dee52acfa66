"""A notice is loaded in one process: others know it within a second, and each contract is done once, kills or not."""

import asyncio
import signal
import time

import httpx
import pytest

from tests.e2e.conftest import reached

NOTICE = {
    "source": "https://example.org/notice-2027",
    "days": [{"date": f"2027-01-0{day}", "kind": "rest", "name": "元旦"} for day in (1, 2, 3)],
}
ROLLS = {"event": "2026-12-31", "period": {"length": 1, "unit": "day"}, "roll": "forward"}
CHANGED = ["deadline.changed"]
OFFERED = "2026-12-01T10:00:00+08:00"


async def offers(client, number):
    """Contracts out for signature since 1 December 2026 whose offers are open until 2 January 2027, a Saturday."""
    party = [(await client.post("/v1/parties", json={"legal_name": r, "kind": "legal_person"})).json() for r in "AB"]
    terms = {"effectiveness": {"acceptance_period": {"length": 32, "unit": "day"}}}
    gate = asyncio.Semaphore(8)

    async def one(no):
        draft = {
            "type": "generic",
            "number": str(no),
            "title": "合同",
            "terms": terms,
            "parties": [{"role": role, "party_id": each["id"]} for role, each in zip("AB", party, strict=True)],
        }
        async with gate:
            made = await client.post("/v1/contracts", json=draft)
            for action in ("submit", "approve"):
                answer = await client.post(f"{made.headers['location']}/actions/{action}", json={})
                assert answer.status_code == 200, answer.text

    await asyncio.gather(*(one(no) for no in range(number)))


async def load(client):
    answer = await client.put("/v1/calendars/CN/2027", json=NOTICE)
    assert answer.status_code == 200, answer.text
    assert answer.json()["changed"]


async def status_of(client):
    return (await client.post("/v1/calculations/deadline", json=ROLLS)).json()["status"]


async def test_every_process_knows_a_load_within_a_second_or_so_and_the_timers_follow(serve_on, counted):
    first, second = (serve_on(CLM_WORKER="0", CLM_BOOTSTRAP_TEST_CLOCK=OFFERED) for _ in range(2))
    async with first.client() as client, second.client() as other:
        await offers(client, 10)
        assert await status_of(other) == "provisional"
        await load(client)
        loaded = time.monotonic()
        assert await status_of(client) == "final"
        while await status_of(other) != "final":
            assert time.monotonic() - loaded < 5
            await asyncio.sleep(0.05)
        await reached(lambda: counted("events_of", CHANGED), 10)
        items = (await other.get("/v1/timers", params={"kind": "acceptance", "status": "armed"})).json()["items"]
    assert {(one["legal_date"], one["provisional"]) for one in items} == {("2027-01-04", False)}
    assert await counted("doubled", CHANGED) == 0


async def test_a_process_killed_midway_leaves_the_rest_to_the_next(serve_on, start_worker, counted):
    number = 150
    served = serve_on(CLM_WORKER="0", CLM_BOOTSTRAP_TEST_CLOCK=OFFERED)
    async with served.client() as client:
        await offers(client, number)
        loading = asyncio.create_task(load(client))
        await reached(lambda: counted("events_of", CHANGED), 5)
        served.kill()
        with pytest.raises(httpx.TransportError):
            await loading
    done = await counted("events_of", CHANGED)
    assert done < number, "all was done before the kill"
    first, _ = start_worker(), start_worker()
    await reached(lambda: counted("events_of", CHANGED), done + 5)
    first.end(signal.SIGKILL)
    await reached(lambda: counted("events_of", CHANGED), number)
    assert await counted("doubled", CHANGED) == 0
    assert await counted("events_of", CHANGED) == number
    assert await counted("behind") == 0
