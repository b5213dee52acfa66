"""Timers in real time: caught up after downtime once, through SIGKILL, by one worker or several."""

import asyncio
import signal

import pytest

from tests.e2e.conftest import everything, overdue, reached

EVENTS = ["contract.term_passed", "contract.terminated"]


async def exactly_once(counted, number, in_force):
    assert await counted("fired", "term") == number
    assert await counted("events_of", EVENTS) == number
    assert await counted("doubled", EVENTS) == 0
    assert await counted("halved_firings") == 0
    for duty in ("settlement", "data_return"):
        assert await counted("fired", duty) == in_force


async def caught_up_through_kills(serve_on, start_worker, counted, drafts, in_force, kills):
    number = drafts + in_force
    async with overdue(serve_on, counted, drafts, in_force):
        done = 0
        for kill in range(kills):
            worker = start_worker()
            done = await reached(lambda: counted("fired", "term"), max(done, number * (kill + 1) // (kills + 2)) + 1)
            worker.end(signal.SIGKILL)
            assert await counted("fired", "term") < number, "all was done before the kill"
        start_worker()
        await reached(lambda: counted("fired", "term"), number)
        await reached(lambda: counted("fired", "settlement"), in_force)
        await reached(lambda: counted("fired", "data_return"), in_force)
        await exactly_once(counted, number, in_force)


async def test_a_worker_killed_while_it_catches_up(serve_on, start_worker, counted):
    await caught_up_through_kills(serve_on, start_worker, counted, drafts=200, in_force=10, kills=2)


@pytest.mark.soak
async def test_a_thousand_timers_and_five_kills(serve_on, start_worker, counted):
    await caught_up_through_kills(serve_on, start_worker, counted, drafts=850, in_force=150, kills=5)


async def test_two_workers_and_a_reader_at_once(serve_on, start_worker, counted):
    drafts, in_force = 150, 10
    async with overdue(serve_on, counted, drafts, in_force):
        served = serve_on(CLM_WORKER="0")
        start_worker()
        start_worker()
        async with served.client() as client:
            await reached(lambda: counted("fired", "term"), 1)
            timers, contracts = await asyncio.gather(
                everything(client, "/v1/timers", kind="term"), everything(client, "/v1/contracts")
            )
        assert {one["status"] for one in timers} == {"fired"}
        assert len(contracts) == len(timers) == drafts + in_force
        assert sorted(one["outcome"] or "" for one in contracts) == [""] * drafts + ["expired"] * in_force
        await reached(lambda: counted("fired", "data_return"), in_force)
        await reached(lambda: counted("fired", "settlement"), in_force)
        await exactly_once(counted, drafts + in_force, in_force)


async def test_one_worker_is_killed_and_the_other_finishes(serve_on, start_worker, counted):
    drafts, in_force = 150, 5
    async with overdue(serve_on, counted, drafts, in_force):
        first = start_worker()
        start_worker()
        await reached(lambda: counted("fired", "term"), 20)
        first.end(signal.SIGKILL)
        await reached(lambda: counted("fired", "term"), drafts + in_force)
        await reached(lambda: counted("fired", "data_return"), in_force)
        await reached(lambda: counted("fired", "settlement"), in_force)
        await exactly_once(counted, drafts + in_force, in_force)
