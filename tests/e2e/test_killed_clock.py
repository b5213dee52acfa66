"""SIGKILL of the process that advances a test clock, midway, again and again: every effect is there once."""

import asyncio
import datetime as dt
from collections import Counter

import httpx
import pytest

from tests.conftest import START
from tests.e2e.conftest import everything, make_drafts, make_in_force

FIRST = dt.date(2026, 1, 2)


async def now(client):
    return dt.datetime.fromisoformat((await client.get("/v1/test-clock")).json()["now"])


async def killed_midway(served, to, after):
    """Advance, and kill the process once the clock has passed `after`."""
    async with served.client() as client:
        moving = asyncio.create_task(client.post("/v1/test-clock/actions/advance", json={"to": to}))
        while await now(client) < after:
            assert not moving.done(), "the clock arrived before the kill"
        served.kill()
        with pytest.raises(httpx.TransportError):
            await moving
    served.start()
    async with served.client() as client:
        assert after <= await now(client) < dt.datetime.fromisoformat(to)


async def advanced_through_kills(make_served, drafts, in_force, kills):
    served = make_served(CLM_BOOTSTRAP_TEST_CLOCK=START.isoformat(), CLM_WORKER="0")
    span = dt.timedelta(days=200)
    async with served.client() as client:
        passing = await make_drafts(client, spread(span, drafts))
        ending = await make_in_force(client, spread(span, in_force))
    to = "2026-12-01T00:00:00+08:00"
    for number in range(1, kills + 1):
        await killed_midway(served, to, START + span * number / (kills + 1))
    async with served.client() as client:
        answer = await client.post("/v1/test-clock/actions/advance", json={"to": to})
        assert (answer.status_code, answer.json()["now"]) == (200, to)
        assert answer.json()["fired"]
        again = await client.post("/v1/test-clock/actions/advance", json={"to": to})
        assert again.json()["fired"] == []
        await check(client, passing, ending)


def spread(span, number):
    """So many last days over the span."""
    return [str(FIRST + span * one / number) for one in range(number)]


async def check(client, passing, ending):
    timers = await everything(client, "/v1/timers", kind="term")
    assert {one["status"] for one in timers} == {"fired"}
    assert Counter(one["contract_id"] for one in timers) == dict.fromkeys((*passing, *ending), 1)
    for kind, contracts in (("clm.contract.term_passed", passing), ("clm.contract.terminated", ending)):
        events = await everything(client, "/v1/events", type=kind)
        assert Counter(one["data"]["contract_id"] for one in events) == dict.fromkeys(contracts, 1)
    for contract_id in ending[:5]:
        past = (await client.get(f"/v1/contracts/{contract_id}/timeline")).json()["past"]
        kinds = Counter(one["type"] for one in past)
        assert (kinds["contract.terminated"], kinds["winding_down.overdue"]) == (1, 2)
        ended = next(one for one in past if one["type"] == "contract.terminated")
        assert ended["recorded_at"] == ended["at"]


async def test_every_effect_is_there_once(make_served):
    await advanced_through_kills(make_served, drafts=150, in_force=20, kills=2)


@pytest.mark.soak
async def test_a_thousand_timers_and_seven_kills(make_served):
    await advanced_through_kills(make_served, drafts=800, in_force=200, kills=7)
