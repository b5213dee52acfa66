"""The worker's loops: what is due fires once, one failure stops nobody else, a lost database is waited for."""

import asyncio
from importlib import resources
from uuid import UUID

import pytest

from clm import worker
from clm.kit.sql import Statements
from tests.conftest import START, caller, new_tenancy
from tests.features.contracts.acts import formed, get

SQL = Statements("worker.sql", (resources.files("tests.worker") / "worker.sql").read_text(encoding="utf-8"))
TERM = {"term": {"end": "2026-01-31"}}
SIZE = 12


@pytest.fixture
async def tenancy(database):
    return await new_tenancy(database, START)


@pytest.fixture
async def overdue(app, database, tenancy):
    """Contracts whose term ended while nobody looked: their tenant's clock stood still, now it is real time."""
    async with caller(app, tenancy.key) as client:
        made = [await formed(client, terms=TERM) for _ in range(SIZE)]
    async with database.work(tenancy.tenant) as unit:
        await unit.run(SQL.live_in_real_time)
    return made


async def fired(database, tenancy, kind="term"):
    reads = database.reads(tenancy.tenant)
    assert await reads.value(SQL.doubled) == 0
    return await reads.value(SQL.fired, kind)


async def test_everything_overdue_fires_with_what_follows_from_it(app, database, tenancy, overdue):
    assert await worker.fire_due(database) >= 3 * SIZE
    for kind in ("term", "settlement", "data_return"):
        assert await fired(database, tenancy, kind) == SIZE
    async with caller(app, tenancy.key) as client:
        over = await get(client, overdue[0])
    assert (over["outcome"], over["ended_at"]) == ("expired", "2026-02-01T00:00:00+08:00")
    assert await worker.fire_due(database) == 0


async def test_workers_at_once_share_the_work(database, tenancy, overdue):
    counts = await asyncio.gather(*(worker.fire_due(database) for _ in range(4)))
    assert await fired(database, tenancy) == SIZE
    assert sum(counts) >= 3 * SIZE


async def test_readers_and_workers_at_once_fire_once(app, database, tenancy, overdue):
    async with caller(app, tenancy.key) as client:
        _, *read = await asyncio.gather(
            worker.fire_due(database), *(get(client, one) for one in overdue), *(get(client, one) for one in overdue)
        )
    assert {one["outcome"] for one in read} == {"expired"}
    assert await fired(database, tenancy) == SIZE


async def test_a_test_clock_is_left_to_its_own_advance(app, database, tenancy):
    async with caller(app, tenancy.key) as client:
        await formed(client, terms=TERM)
    assert await worker.fire_due(database) == 0
    assert await fired(database, tenancy) == 0


async def test_a_contract_that_fails_keeps_nobody_waiting(database, tenancy, overdue, monkeypatch, capsys):
    sick, healthy = UUID(overdue[0]["id"]), worker.FIRE

    async def fire(unit, contract_id, until):
        if contract_id == sick:
            raise RuntimeError("this one cannot be fired")
        return await healthy(unit, contract_id, until)

    monkeypatch.setattr(worker, "FIRE", fire)
    await worker.fire_due(database)
    assert await fired(database, tenancy) == SIZE - 1
    assert str(sick) in "".join(capsys.readouterr())
    await worker.fire_due(database)
    assert str(sick) not in "".join(capsys.readouterr()), "it is tried again, and reported once"
    monkeypatch.setattr(worker, "REPORT_AGAIN_SECONDS", 0.0)
    await worker.fire_due(database)
    assert str(sick) in "".join(capsys.readouterr())
    monkeypatch.undo()
    await worker.fire_due(database)
    assert await fired(database, tenancy) == SIZE


async def test_a_loop_goes_on_after_any_failure(monkeypatch):
    monkeypatch.setattr(worker, "BACK_OFF_SECONDS", 0.01)
    stop, calls = asyncio.Event(), []

    async def work():
        calls.append(len(calls))
        if len(calls) == 1:
            raise ConnectionError("the database is gone")
        if len(calls) == 2:
            raise RuntimeError("a defect")
        stop.set()
        return 1

    await asyncio.wait_for(worker._loop("test", work, 0.01, stop), 5)
    assert calls == [0, 1, 2]


async def test_stop_is_heard_while_a_loop_rests(database, vault):
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(database, vault, interval=60, stop=stop))
    await asyncio.sleep(0.1)
    assert not running.done()
    stop.set()
    await asyncio.wait_for(running, 5)
    assert running.done()
