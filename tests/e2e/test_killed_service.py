"""SIGKILL of the service while it creates and signs: what was answered is there whole, what was not is there or not."""

import asyncio
import random

import httpx
import pytest

from tests.e2e.conftest import everything, make_in_force, reached

TERMS = {"term": {"end": "2027-12-31"}}


async def create(client, number, answered):
    """Create until the service dies under it; every answer counts."""
    fresh = {"type": "generic", "number": f"K-{number}", "title": "合同", "terms": TERMS}
    headers = {"idempotency-key": f"create-{number}"}
    answer = await client.post("/v1/contracts", json=fresh, headers=headers)
    assert answer.status_code == 201, answer.text
    answered[number] = answer.json()["id"]


async def count_of(answered):
    return len(answered)


async def created_through_a_kill(served, numbers, answered, enough):
    async with served.client() as client:
        gate = asyncio.Semaphore(10)

        async def one(number):
            async with gate:
                await create(client, number, answered)

        tasks = [asyncio.create_task(one(number)) for number in numbers]
        await reached(lambda: count_of(answered), enough)
        served.kill()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(one is None or isinstance(one, httpx.TransportError) for one in outcomes)
    served.start()


async def kill_and_look(serve_on, counted, rounds, size):
    served, answered, dice = serve_on(), {}, random.Random(7)
    for turn in range(rounds):
        numbers = range(turn * size, (turn + 1) * size)
        await created_through_a_kill(served, numbers, answered, len(answered) + dice.randrange(1, size // 2))
        async with served.client() as client:
            there = {one["number"]: one["id"] for one in await everything(client, "/v1/contracts")}
            assert {f"K-{number}": made for number, made in answered.items()}.items() <= there.items()
            assert await counted("halves") == 0
            assert await counted("contracts") == len(there)
            await asyncio.gather(*(create(client, number, answered) for number in numbers))
        assert len(set(answered.values())) == len(answered) == (turn + 1) * size
    assert await counted("contracts") == rounds * size
    assert await counted("doubled", ["contract.created"]) == 0


async def test_every_answered_create_is_there_whole_and_a_repeated_one_is_not_doubled(serve_on, counted):
    await kill_and_look(serve_on, counted, rounds=2, size=120)


@pytest.mark.soak
async def test_many_kills_while_creating(serve_on, counted):
    await kill_and_look(serve_on, counted, rounds=15, size=300)


async def test_a_signature_that_was_answered_survives_and_none_counts_twice(serve_on, counted):
    served = serve_on()
    async with served.client() as client:
        signing = asyncio.create_task(make_in_force(client, ["2027-12-31"] * 60))
        await reached(lambda: counted("events_of", ["contract.effective"]), 10)
        served.kill()
        (outcome,) = await asyncio.gather(signing, return_exceptions=True)
        assert isinstance(outcome, ExceptionGroup), "all was signed before the kill"
        assert outcome.split(httpx.TransportError)[1] is None
    served.start()
    async with served.client() as client:
        contracts = await everything(client, "/v1/contracts")
        assert contracts
        for one in contracts:
            past = (await client.get(f"/v1/contracts/{one['id']}/timeline")).json()["past"]
            assert past[-1]["configuration"] == one["configuration"]
            assert past[-1]["status"] == one["status"]
    assert await counted("halves") == 0
    assert await counted("doubled", ["contract.formed", "contract.effective", "contract.submitted"]) == 0
