"""A notice is loaded: exactly the timers that rest on it change, each once, and each says so."""

import asyncio
from uuid import UUID

import msgspec
import pytest

from clm import worker
from clm.app import create_app
from clm.features.contracts import behind
from clm.features.legal_data import service as legal_data
from tests.conftest import caller, new_tenancy
from tests.features.contracts.acts import act, advance, draft, get, ok, out_for_signature
from tests.features.legal_data.conftest import NOTICE, NOW, SOURCE, SQL

CHANGED = "clm.deadline.changed"
YEARS_END = "2026-12-28T00:00:00+08:00"


def days(length, **terms):
    """An offer that is open for so many days, of a contract whose term is a fixed date in 2027."""
    agreed = {"effectiveness": {"acceptance_period": {"length": length, "unit": "day"}}, "term": {"end": "2027-01-02"}}
    return {"terms": agreed | terms}


OFFERS = {
    9: ("2026-12-10", "2026-12-11T00:00:00+08:00"),  # a Thursday of a known year
    26: ("2026-12-27", YEARS_END),  # a Sunday that the notice makes a working day
    29: ("2026-12-30", "2026-12-31T00:00:00+08:00"),  # a Wednesday, but in the week that a notice may move
    32: ("2027-01-04", "2027-01-05T00:00:00+08:00"),  # nominally a Saturday of 2027
    34: ("2027-01-04", "2027-01-05T00:00:00+08:00"),  # nominally the Monday itself
    400: (None, "2028-01-06T00:00:00+08:00"),  # a year that nobody has published
}
MOVED = {32}


async def load(operator, **changes):
    """Load without what a request does after it: the contracts are left to the worker."""
    notice = msgspec.convert(NOTICE | changes, legal_data.NoticeFile)
    return await legal_data.load_calendar(operator.law, "CN", 2027, notice)


async def offers(client):
    return {length: await out_for_signature(client, **days(length)) for length in OFFERS}


async def armed(client, contract):
    found = await get(client, contract, "/timers", status="armed")
    return {timer["kind"]: timer for timer in found["items"]}


async def events(client, **query):
    return (await ok(await client.get("/v1/events", params={"type": CHANGED, "limit": 200} | query)))["items"]


async def test_exactly_the_provisional_timers_move_and_each_says_so(operator, law):
    made = await offers(operator)
    before = {length: await armed(operator, one) for length, one in made.items()}
    assert [length for length in made if not before[length]["acceptance"]["provisional"]] == [9]
    await load(operator)
    assert await worker.keep_step(law) >= len(made)
    after = {length: await armed(operator, one) for length, one in made.items()}
    told = {event["subject"]: event["data"]["details"] for event in await events(operator)}
    assert len(told) == len(await events(operator)) == 4
    for length, (legal_date, due_at) in OFFERS.items():
        old, new = before[length]["acceptance"], after[length]["acceptance"]
        assert (new["legal_date"], new["due_at"], new["provisional"]) == (legal_date, due_at, length == 400)
        assert before[length]["term"] == after[length]["term"]
        if length in (9, 400):
            assert new == old
            continue
        assert new["id"] != old["id"]
        details = told[made[length]["id"]]
        assert details["timer"] == {"kind": "acceptance", "key": "acceptance"}
        assert details["before"] == {"due_at": old["due_at"], "legal_date": None, "status": "provisional"}
        assert details["after"] == {"due_at": due_at, "legal_date": legal_date, "status": "final"}
        assert (details["jurisdiction"], details["year"], details["source"]) == ("CN", 2027, SOURCE)
        assert details["moved"] is (length in MOVED)
    assert await law.reads(operator.tenant).value(SQL.behind) == 0


async def test_a_request_answers_once_all_is_in_step(operator, law):
    contract = await out_for_signature(operator, **days(32))
    assert (await ok(await operator.put("/v1/calendars/CN/2027", json=NOTICE)))["changed"]
    assert (await armed(operator, contract))["acceptance"]["legal_date"] == "2027-01-04"
    assert [event["subject"] for event in await events(operator)] == [contract["id"]]
    assert await worker.keep_step(law) == 0


async def test_a_request_leaves_to_the_worker_what_takes_too_long_or_fails(operator, law, monkeypatch):
    async def slow(_database):
        await asyncio.sleep(60)

    contract = await out_for_signature(operator, **days(32))
    monkeypatch.setattr(worker, "keep_step", slow)
    monkeypatch.setattr(legal_data, "SETTLE_SECONDS", 0.05)
    assert (await ok(await operator.put("/v1/calendars/CN/2027", json=NOTICE)))["changed"]
    assert (await armed(operator, contract))["acceptance"]["provisional"]
    monkeypatch.undo()
    assert await worker.keep_step(law) == 1
    assert not (await armed(operator, contract))["acceptance"]["provisional"]


async def test_contracts_from_before_the_upgrade_stay_as_they_are(operator, law):
    contract = await out_for_signature(operator, **days(9))
    before = (await armed(operator, contract), await get(operator, contract))
    async with law.work(operator.tenant) as unit:
        await unit.run(SQL.forget_editions)
    assert await worker.keep_step(law) == 1
    assert (await armed(operator, contract), await get(operator, contract)) == before
    assert await events(operator) == []


async def test_loading_again_changes_nothing_and_tells_nothing(operator, law):
    contract = await out_for_signature(operator, **days(32))
    await load(operator)
    await worker.keep_step(law)
    once = (await armed(operator, contract), await events(operator), await get(operator, contract))
    await load(operator)
    assert await worker.keep_step(law) == 0
    assert (await armed(operator, contract), await events(operator), await get(operator, contract)) == once


async def test_a_holiday_that_is_extended_moves_what_was_final(operator, law):
    await load(operator)
    first, second = await out_for_signature(operator, **days(32)), await out_for_signature(operator, **days(60))
    old = {one["id"]: (await armed(operator, one))["acceptance"] for one in (first, second)}
    assert not old[first["id"]]["provisional"]
    longer = [*NOTICE["days"], *({"date": f"2027-01-0{day}", "kind": "rest", "name": "延长"} for day in (4, 5))]
    await load(operator, days=longer)
    await worker.keep_step(law)
    moved = (await armed(operator, first))["acceptance"]
    assert (moved["legal_date"], moved["due_at"]) == ("2027-01-06", "2027-01-07T00:00:00+08:00")
    [event] = await events(operator)
    assert event["data"]["details"]["before"]["status"] == event["data"]["details"]["after"]["status"] == "final"
    assert (event["subject"], event["data"]["details"]["moved"]) == (first["id"], True)
    assert (await armed(operator, second))["acceptance"] == old[second["id"]]


async def test_what_waited_past_its_day_fires_at_its_own_instant(operator, law):
    contract = await out_for_signature(operator, **days(32))
    await advance(operator, "2027-02-01T00:00:00+08:00")
    assert (await get(operator, contract))["status"] == "draft"
    await load(operator)
    await worker.keep_step(law)
    lapsed = await get(operator, contract)
    assert (lapsed["status"], lapsed["outcome"]) == ("terminated", "lapsed")
    past = (await get(operator, contract, "/timeline"))["past"]
    [fired] = [event for event in past if event["type"] == "contract.lapsed"]
    assert (fired["at"], fired["timer"]) == ("2027-01-05T00:00:00+08:00", "acceptance")
    assert [event["type"] for event in past if event["type"] == "deadline.changed"] == ["deadline.changed"]


async def test_a_write_brings_its_contract_in_step_first(operator, law):
    contract = await out_for_signature(operator, **days(32))
    await load(operator)
    answer = await act(operator, contract, "execute", party="A", method="seal")
    assert answer["status"] == "draft"
    assert (await armed(operator, contract))["acceptance"]["legal_date"] == "2027-01-04"
    assert len(await events(operator)) == 1
    await worker.keep_step(law)
    assert len(await events(operator)) == 1


async def test_a_write_elsewhere_knows_of_the_load_too(operator, law, elsewhere, vault):
    contract = await out_for_signature(operator, **days(32))
    key = operator.headers["authorization"].partition(" ")[2]
    await load(operator)
    async with caller(create_app(elsewhere, vault), key) as other:
        await act(other, contract, "execute", party="A", method="seal")
        assert (await armed(other, contract))["acceptance"]["legal_date"] == "2027-01-04"
        fresh = await out_for_signature(other, **days(32))
        assert (await armed(other, fresh))["acceptance"]["legal_date"] == "2027-01-04"
    assert len(await events(operator)) == 1


async def test_a_contract_made_by_a_process_that_is_behind_is_brought_in_step(operator, law, elsewhere, vault):
    key = operator.headers["authorization"].partition(" ")[2]
    await load(operator)
    async with caller(create_app(elsewhere, vault), key) as other:
        made = await draft(other, terms={"term": {"end": "2027-06-30"}})
    assert await law.reads(operator.tenant).value(SQL.behind) == 1
    timers = await armed(operator, made)
    assert await worker.keep_step(law) == 1
    assert await law.reads(operator.tenant).value(SQL.behind) == 0
    assert (await armed(operator, made), await events(operator)) == (timers, [])


async def test_workers_at_once_do_each_contract_once(operator, law, elsewhere):
    for _ in range(12):
        await out_for_signature(operator, **days(32))
    await load(operator)
    done = await asyncio.gather(*(worker.keep_step(one) for one in (law, elsewhere, law, elsewhere)))
    assert sum(done) == 12
    reads = law.reads(operator.tenant)
    assert (await reads.value(SQL.told), await reads.value(SQL.changed_twice), await reads.value(SQL.behind)) == (
        12,
        0,
        0,
    )


async def test_one_that_is_cut_off_simply_goes_on(operator, law, monkeypatch):
    for _ in range(6):
        await out_for_signature(operator, **days(32))
    await load(operator)
    whole, calls = behind.lock, []

    async def cut(unit, contract_id):
        calls.append(contract_id)
        locked = await whole(unit, contract_id)
        if len(calls) == 4:
            raise asyncio.CancelledError
        return locked

    monkeypatch.setattr(behind, "lock", cut)
    with pytest.raises(asyncio.CancelledError):
        await worker.keep_step(law)
    monkeypatch.undo()
    reads = law.reads(operator.tenant)
    assert (await reads.value(SQL.told), await reads.value(SQL.behind)) == (3, 3)
    assert await worker.keep_step(law) == 3
    assert (await reads.value(SQL.told), await reads.value(SQL.changed_twice)) == (6, 0)


async def test_one_that_fails_or_is_held_keeps_nobody_waiting(operator, law, monkeypatch):
    made = [await out_for_signature(operator, **days(32)) for _ in range(4)]
    await load(operator)
    whole, sick, held = behind.lock, UUID(made[0]["id"]), UUID(made[1]["id"])

    async def lock(unit, contract_id):
        if contract_id == sick:
            raise RuntimeError("this one cannot be computed")
        return await whole(unit, contract_id)

    monkeypatch.setattr(behind, "lock", lock)
    async with law.work(operator.tenant) as unit:
        await unit.one(SQL.hold, held)
        assert await worker.keep_step(law) == 2
    monkeypatch.undo()
    assert await worker.keep_step(law) == 2
    assert await law.reads(operator.tenant).value(SQL.changed_twice) == 0


async def test_contracts_without_timers_are_passed_over(operator, law):
    await draft(operator)
    await load(operator)
    assert await law.reads(operator.tenant).value(SQL.behind) == 1
    assert await worker.keep_step(law) == 0
    assert await law.reads(operator.tenant).value(SQL.behind) == 0


async def test_each_tenant_is_told_of_its_own(operator, law, vault):
    mine = await out_for_signature(operator, **days(32))
    async with caller(create_app(law, vault), (await new_tenancy(law, NOW)).key) as other:
        theirs = await out_for_signature(other, **days(34))
        quiet = await out_for_signature(other, **days(9))
        await load(operator)
        await worker.keep_step(law)
        assert [event["subject"] for event in await events(other)] == [theirs["id"]]
        assert not (await armed(other, quiet))["acceptance"]["provisional"]
    assert [event["subject"] for event in await events(operator)] == [mine["id"]]


async def test_a_tenant_in_real_time_is_brought_in_step(operator, law):
    contract = await out_for_signature(operator, **days(32))
    await load(operator, days=[{"date": "2026-12-26", "kind": "rest", "name": "元旦"}])
    async with law.work(operator.tenant) as unit:
        await unit.run(SQL.live_in_real_time)
    await worker.keep_step(law)
    timer = (await armed(operator, contract))["acceptance"]
    assert (timer["legal_date"], timer["provisional"]) == ("2027-01-04", False)


async def test_contracts_take_the_jurisdiction_of_their_type(operator, law):
    drafts = {}
    for jurisdiction in ("SG", "none"):
        new = {
            "key": f"type-{jurisdiction.lower()}",
            "title": "Services",
            "jurisdiction": jurisdiction,
            "sections": [{"number": "1", "heading": "Scope"}],
            "terms_schema": {"type": "object"},
        }
        await ok(await operator.post("/v1/contract-types", json=new), 201)
        drafts[jurisdiction] = await out_for_signature(operator, type=new["key"], **days(68))
    drafts["CN"] = await out_for_signature(operator, **days(68))
    found = {key: (await armed(operator, one))["acceptance"] for key, one in drafts.items()}
    assert {key: (one["legal_date"], one["provisional"]) for key, one in found.items()} == {
        "SG": ("2027-02-09", False),  # 7 February is a Sunday, and both it and the Monday are Chinese New Year
        "none": ("2027-02-08", False),
        "CN": (None, True),
    }
    await load(operator)
    await worker.keep_step(law)
    assert [event["subject"] for event in await events(operator)] == [drafts["CN"]["id"]]
    unknown = {"key": "x", "title": "x", "sections": [{"number": "1", "heading": "x"}], "terms_schema": {}}
    answer = await operator.post("/v1/contract-types", json=unknown | {"jurisdiction": "XX"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/jurisdiction")
