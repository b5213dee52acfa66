"""What was decided while a date waited for its calendar is decided again when that is loaded."""

import msgspec
import pytest
from statemachine.exceptions import TransitionNotAllowed
from structlog.testing import capture_logs

from clm import worker
from clm.features.legal_data import service as legal_data
from clm.kit.db import Database
from clm.lifecycle import engine
from tests.features.contracts.acts import act, advance, formed, get, ok, path
from tests.features.legal_data.conftest import NOTICE as HOLIDAYS
from tests.features.legal_data.test_keeping_step import events, load

GROUNDS = {"grounds": [{"key": "material_breach", "holder": "A", "cure": {"period": {"length": 15, "unit": "day"}}}]}
NOTICE = {
    "type": "cure_notice",
    "from": "A",
    "to": "B",
    "channel": "courier",
    "subject": "催告函",
    "body": "请在十五日内补正。",
    "ground": "material_breach",
    "cure": {"automatic": True},
}


async def demand(operator, contract, **changes):
    notice = await ok(await operator.post(path(contract, "/notices"), json=NOTICE | changes), 201)
    await ok(await operator.post(f"/v1/notices/{notice['id']}/delivery-events", json={"event": "signed"}))


async def demanded(operator):
    """A demand that arrived on 1 March 2027, when nobody knows which days of that year are days of rest."""
    made = await formed(operator, terms={"term": {"indefinite": True}, "termination": GROUNDS})
    await advance(operator, "2027-03-01T10:00:00+08:00")
    await demand(operator, made)
    await advance(operator, "2027-04-01T10:00:00+08:00")
    assert (await get(operator, made))["status"] == "effective"
    return made


async def test_a_performance_after_the_date_came_too_late(operator, law):
    made = await demanded(operator)
    cured = await act(operator, made, "record-performance", ground="material_breach")
    assert cured["status"] == "effective"
    await advance(operator, "2027-04-02T10:00:00+08:00")
    await load(operator)
    await worker.keep_step(law)
    over = await get(operator, made)
    assert (over["outcome"], over["ended_at"]) == ("rescinded_automatically", "2027-03-17T00:00:00+08:00")
    past = (await get(operator, made, "/timeline"))["past"]
    assert any(one["type"] == "ground.cured" and one["superseded_at"] for one in past)
    assert any(one["type"] == "fact.moot" and one["superseded_at"] is None for one in past)
    then = await get(operator, made, as_of="2027-04-01", known_at="2027-04-01T10:00:00+08:00")
    assert then["status"] == "effective"
    await act(operator, made, "record-performance", duty="report")
    assert (await get(operator, made))["ended_at"] == over["ended_at"]


async def test_a_performance_within_the_date_stays_one(operator, law):
    made = await demanded(operator)
    await act(operator, made, "record-performance", ground="material_breach", at="2027-03-10T10:00:00+08:00")
    before = (await get(operator, made, "/timeline"))["past"]
    await load(operator)
    await worker.keep_step(law)
    assert (await get(operator, made, "/timeline"))["past"] == before


async def test_a_date_that_is_over_when_its_calendar_comes_is_told_once(operator, law):
    made = await demanded(operator)
    await act(operator, made, "suspend", reason="agreed")
    await load(operator)
    await worker.keep_step(law)
    over = await get(operator, made)
    assert (over["outcome"], over["ended_at"]) == ("rescinded_automatically", "2027-03-17T00:00:00+08:00")
    told = [one["data"]["details"]["timer"]["kind"] for one in await events(operator)]
    assert told.count("cure") == 1


async def test_a_date_that_no_timer_ever_showed_is_decided_again_too(operator, law):
    """The demand becomes known when the contract is over: its date waits only while it is decided in its place."""
    terms = {"term": {"end": "2027-01-20"}, "termination": GROUNDS}
    made = await formed(operator, terms=terms)
    await advance(operator, "2027-03-01T10:00:00+08:00")
    notice = await ok(await operator.post(path(made, "/notices"), json=NOTICE), 201)
    arrived = {"event": "signed", "at": "2026-12-26T10:00:00+08:00"}
    await ok(await operator.post(f"/v1/notices/{notice['id']}/delivery-events", json=arrived))
    assert (await get(operator, made))["outcome"] == "expired"
    await load(operator)
    await worker.keep_step(law)
    over = await get(operator, made)
    assert (over["outcome"], over["ended_at"]) == ("rescinded_automatically", "2027-01-12T00:00:00+08:00")


async def test_a_read_and_a_simulation_follow_the_calendar_before_the_worker_does(operator):
    made = await demanded(operator)
    await act(operator, made, "record-performance", ground="material_breach")
    await load(operator)
    tried = {"facts": [{"action": "suspend", "reason": "agreed"}]}
    seen = await ok(await operator.post(path(made, "/simulate"), json=tried))
    assert (seen["before"]["status"], seen["steps"][0]["allowed"]) == ("terminated", False)
    assert (await get(operator, made))["outcome"] == "rescinded_automatically"
    assert (await get(operator, made, "/actions"))["status"] == "terminated"


@pytest.mark.parametrize("defect", [ValueError, TypeError, TransitionNotAllowed, RecursionError])
async def test_what_cannot_be_decided_again_stays_as_it_is_and_goes_on(operator, law, monkeypatch, defect):
    made = await demanded(operator)
    await act(operator, made, "record-performance", ground="material_breach")
    await load(operator)

    def broken(*_given):
        raise defect.__new__(defect)  # some are made of an event and a state only

    decide_again = engine.decide_again
    monkeypatch.setattr(engine, "decide_again", broken)
    with capture_logs() as logs:
        suspended = await act(operator, made, "suspend", reason="agreed")
        assert suspended["configuration"][1] == "suspended"
        for _round in range(2):
            await worker.keep_step(law)
    [logged] = [one for one in logs if one["event"] == "not decided again"]
    assert (logged["contract"], logged["log_level"]) == (made["id"], "error")
    monkeypatch.setattr(engine, "decide_again", decide_again)
    assert (await get(operator, made))["outcome"] == "rescinded_automatically"


async def test_a_date_that_is_taken_away_is_not_told_to_move_to_one_of_long_ago(operator, law):
    """The second demand on a ground comes after the end that the calendar brings; the first ran out the year before."""
    quality = {"key": "quality", "holder": "A", "cure": {"period": {"length": 15, "unit": "day"}}}
    terms = {"term": {"indefinite": True}, "termination": {"grounds": [*GROUNDS["grounds"], quality]}}
    made = await formed(operator, terms=terms)
    await demand(operator, made, ground="quality", cure={"automatic": False})
    await advance(operator, "2026-12-29T10:00:00+08:00")
    await act(operator, made, "waive", ground="quality")
    await advance(operator, "2027-03-01T10:00:00+08:00")
    await demand(operator, made)
    await advance(operator, "2027-03-25T10:00:00+08:00")
    await act(operator, made, "record-ground", ground="quality")
    await demand(operator, made, ground="quality", cure={"automatic": False})
    await load(operator)
    await worker.keep_step(law)
    assert (await get(operator, made))["ended_at"] == "2027-03-17T00:00:00+08:00"
    told = [one["data"]["details"]["timer"]["key"] for one in await events(operator)]
    assert told == ["cure:material_breach"]


async def test_a_simulation_knows_the_calendar_that_another_process_has_loaded(operator, law_dsn):
    """There the contract is in step already; this process has not heard of the calendar when it is asked."""
    made = await formed(operator, terms={"term": {"indefinite": True}, "termination": GROUNDS})
    await advance(operator, "2027-03-01T10:00:00+08:00")
    await demand(operator, made)
    other = Database(law_dsn, max_size=4)
    await other.open()
    try:
        await legal_data.begin(other)
        notice = msgspec.convert(HOLIDAYS, legal_data.NoticeFile)
        await legal_data.load_calendar(other, "CN", 2027, notice)
        await worker.keep_step(other)
    finally:
        await other.close()
    seen = await ok(await operator.post(path(made, "/simulate"), json={"facts": [], "until": "2027-04-01"}))
    end = seen["contract"]
    assert (end["status"], end["ended_at"]) == ("terminated", "2027-03-17T00:00:00+08:00")
