"""A notice whose arrival waits for a calendar is judged again once that is loaded."""

import pytest

from clm import worker
from tests.features.contracts.acts import ok
from tests.features.legal_data.conftest import NOTICE, SOURCE
from tests.features.notices.driving import Driven, terms

WORKING = {"rules": [{"channel": "courier", "trigger": "posted", "offset": {"length": 3, "unit": "working_day"}}]}
NOMINAL, ARRIVES = "2027-01-03T00:00:00+08:00", "2027-01-06T00:00:00+08:00"


@pytest.fixture
async def contract(operator):
    """In force in December 2026, with couriers deemed to arrive on the third working day after posting."""
    agreed = terms(term={"end": "2027-12-31"}, notices=WORKING, effectiveness={"execution": "signature_or_seal"})
    made = await Driven(operator).draft(agreed)
    for action in ("submit", "approve"):
        await made.act(action)
    for role in ("A", "B"):
        await made.act("execute", party=role, method="seal")
    await made.until("2026-12-30T09:00")
    return made


async def load(contract, **changes):
    await ok(await contract.client.put("/v1/calendars/CN/2027", json=NOTICE | changes))


async def posted(contract):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-12-30T09:00")
    return notice


async def test_an_arrival_that_lies_ahead_is_judged_again(contract, law):
    notice = await posted(contract)
    [waiting] = await contract.timers("arrival")
    assert (waiting["due_at"], waiting["provisional"]) == (NOMINAL, True)
    await load(contract)
    await worker.keep_step(law)
    arrival = (await contract.read(notice))["arrival"]
    assert (arrival["status"], arrival["at"], arrival["legal_date"]) == ("pending", ARRIVES, "2027-01-05")
    assert arrival["basis"]["status"] == "final"
    [timer] = await contract.timers("arrival")
    assert (timer["due_at"], timer["legal_date"], timer["provisional"]) == (ARRIVES, "2027-01-05", False)
    [told] = await contract.told("deadline.changed")
    assert told["data"]["timer"] == {"kind": "arrival", "key": f"arrival:{notice['id']}"}
    assert told["data"]["before"] == {"due_at": NOMINAL, "legal_date": None, "status": "provisional"}
    assert told["data"]["after"] == {"due_at": ARRIVES, "legal_date": "2027-01-05", "status": "final"}
    assert (told["data"]["year"], told["data"]["source"], told["data"]["moved"]) == (2027, SOURCE, True)
    await contract.until("2027-01-06T00:00:00")
    assert (await contract.read(notice))["status"] == "arrived"
    [cure] = await contract.timers("cure")
    assert cure["legal_date"] == "2027-01-20"


async def test_an_arrival_that_waited_past_its_day_happens_at_its_own_instant(contract, law):
    notice = await posted(contract)
    await contract.until("2027-02-01T09:00")
    assert (await contract.read(notice))["status"] == "sent"
    await load(contract)
    await worker.keep_step(law)
    arrived = await contract.read(notice)
    assert (arrived["status"], arrived["arrival"]["at"]) == ("arrived", ARRIVES)
    [event] = await contract.told("notice.arrived")
    assert event["at"] == ARRIVES
    ended = await contract.contract()
    assert (ended["outcome"], ended["ended_at"]) == ("rescinded_automatically", "2027-01-21T00:00:00+08:00")
    assert len(await contract.told("deadline.changed")) == 1


async def test_what_has_arrived_stays_as_it_was_judged(contract, law):
    notice = await contract.notice()
    await contract.event(notice, "signed", "2026-12-30T09:00")
    before = await contract.read(notice)
    await load(contract)
    await worker.keep_step(law)
    assert await contract.read(notice) == before
    told = [event["data"] for event in await contract.told("deadline.changed")]
    assert sorted((one["timer"]["kind"], one["moved"]) for one in told) == [("cure", False), ("right_lapse", False)]


async def test_an_extension_moves_an_arrival_that_was_certain(contract, law):
    await load(contract)
    notice = await posted(contract)
    assert (await contract.read(notice))["arrival"]["at"] == ARRIVES
    await load(contract, days=[*NOTICE["days"], {"date": "2027-01-04", "kind": "rest", "name": "延长"}])
    await worker.keep_step(law)
    assert (await contract.read(notice))["arrival"]["at"] == "2027-01-07T00:00:00+08:00"
    [told] = await contract.told("deadline.changed")
    assert (told["data"]["before"]["status"], told["data"]["after"]["status"]) == ("final", "final")


async def test_loading_again_judges_nothing_again(contract, law):
    notice = await posted(contract)
    await load(contract)
    await worker.keep_step(law)
    before = await contract.read(notice)
    await load(contract, source="https://example.org/the-same-days")
    await worker.keep_step(law)
    assert (await contract.read(notice))["arrival"] == before["arrival"]
    assert len(await contract.told("notice.arriving")) == 1
