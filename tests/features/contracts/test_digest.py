"""A decision reads the armed timers only where they may have changed."""

import datetime as dt
from importlib import resources
from uuid import UUID

import pytest
from msgspec.structs import replace

from clm.features.contracts import store
from clm.kit.db import Unit
from clm.kit.sql import Statements
from clm.law.calendars import china
from clm.lifecycle.state import State, Version
from clm.lifecycle.timers import derive
from clm.lifecycle.world import Env, World
from tests.conftest import caller
from tests.features.contracts.acts import act, formed, get

ROWS = Statements("rows.sql", (resources.files("tests.features.contracts") / "rows.sql").read_text(encoding="utf-8"))
TERM = {"term": {"end": "2026-12-31"}}


@pytest.fixture
def reads_of_timers(monkeypatch):
    """The reads of armed timers, as they are made."""
    made = []
    plain = Unit.all

    async def noting(unit, statement, *args):
        if statement == store.sql.armed_timers:
            made.append(args)
        return await plain(unit, statement, *args)

    monkeypatch.setattr(Unit, "all", noting)
    return made


@pytest.fixture
async def signed(app, clocked_tenancy):
    """A client and its contract in force until the end of 2026."""
    async with caller(app, clocked_tenancy.key) as client:
        yield client, await formed(client, terms=TERM)


async def armed(signed):
    return (await get(*signed, "/timers"))["items"]


async def test_what_moves_no_timer_reads_none(signed, reads_of_timers):
    before = await armed(signed)
    for name, body in (("suspend", {"reason": "agreed"}), ("resume", {})):
        done = await act(*signed, name, **body)
        assert done["decision"]["armed"] == done["decision"]["cancelled"] == []
    assert reads_of_timers == []
    assert await armed(signed) == before
    assert [timer["kind"] for timer in before if timer["status"] == "armed"] == ["term"]


async def test_what_moves_a_timer_reads_and_moves_it(signed, reads_of_timers):
    before = await armed(signed)
    done = await act(*signed, "record-ground", ground="material_breach", holder="A")
    assert len(reads_of_timers) == 1
    assert [timer["kind"] for timer in done["decision"]["armed"]] == ["right_lapse"]
    await act(*signed, "waive", ground="material_breach")
    assert len(reads_of_timers) == 2
    assert [timer for timer in await armed(signed) if timer["status"] == "armed"] == [
        timer for timer in before if timer["status"] == "armed"
    ]


async def test_timers_without_a_digest_are_read_once(signed, clocked_tenancy, database, reads_of_timers):
    before = await armed(signed)
    async with database.work(clocked_tenancy.tenant) as unit:
        await unit.run(ROWS.forget_digest, UUID(signed[1]["id"]))
    await act(*signed, "suspend", reason="agreed")
    await act(*signed, "resume")
    assert len(reads_of_timers) == 1
    assert await armed(signed) == before


def test_a_digest_tells_what_a_timer_says_and_rests_on():
    state = State(
        roles=["A", "B"],
        time_zone="Asia/Shanghai",
        phase="in_force",
        versions=[Version(no=1, title="", terms={"term": {"end": "2026-12-31"}})],
    )
    [timer] = derive(World(state, Env(china(), {}, {})))
    other = [
        replace(timer, due_at=timer.due_at + dt.timedelta(microseconds=1)),
        replace(timer, legal_date=dt.date(2026, 12, 30)),
        replace(timer, subject={"a": 1}),
        replace(timer, basis=replace(timer.basis, status="provisional")),
        replace(timer, basis=replace(timer.basis, steps=timer.basis.steps[1:])),
    ]
    digests = {store.timers_digest([one]) for one in (timer, *other)} | {store.timers_digest([])}
    assert len(digests) == len(other) + 2
    assert store.timers_digest([replace(timer)]) == store.timers_digest([timer])
