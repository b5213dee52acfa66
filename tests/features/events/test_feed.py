"""The change feed over HTTP: its shape, its filters, and that no event is ever passed over."""

import asyncio
import random

import pytest

from clm.kit.ids import uuid7
from tests.features.contracts.acts import draft
from tests.features.events.conftest import add, sql


def ids(items):
    return [item["id"] for item in items]


async def test_an_event_is_a_cloud_event(client, happen, bare_contract, read):
    event_id = await happen()
    [event], cursor = await read(at_least=1)
    data = event.pop("data")
    assert event == {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/v1/contracts/{bare_contract}",
        "type": "clm.contract.effective",
        "time": data["at"],
        "subject": str(bare_contract),
        "datacontenttype": "application/json",
    }
    assert data["contract_id"] == str(bare_contract)
    assert (data["no"], data["rule"], data["explanation"]) == (1, "T05", "because")
    assert (data["status"], data["configuration"]) == ("draft", ["draft.drafting"])
    assert data["details"] == {"key": "值"}
    assert data["superseded_at"] is None
    assert cursor


async def test_an_empty_feed_gives_a_cursor_that_finds_what_comes(happen, read):
    items, cursor = await read()
    assert items == []
    event_id = await happen()
    items, cursor = await read(cursor, at_least=1)
    assert ids(items) == [event_id]
    assert (await read(cursor))[0] == []


async def test_pages_hold_every_event_once_in_order(happen, read):
    stored = [await happen() for _ in range(7)]
    assert ids((await read(at_least=7))[0]) == stored
    assert ids((await read(at_least=7, limit=1))[0]) == stored
    assert ids((await read(at_least=7, limit=3))[0]) == stored


async def test_several_events_of_one_transaction_keep_their_order(database, tenant, bare_contract, read):
    async with database.work(tenant) as unit:
        stored = [await add(unit, bare_contract) for _ in range(5)]
    assert ids((await read(at_least=5, limit=2))[0]) == stored


async def test_filters(happen, make_contract, read):
    other = await make_contract()
    first, second, third = await happen(), await happen(other), await happen(kind="attachment.added")
    await read(at_least=3)
    assert ids((await read(contract_id=other))[0]) == [second]
    assert ids((await read(type="clm.attachment.added"))[0]) == [third]
    assert ids((await read(type="clm.contract.effective", limit=1))[0]) == [first, second]
    assert (await read(contract_id=uuid7()))[0] == []


async def test_another_tenant_sees_nothing(happen, read, stranger):
    await happen()
    await read(at_least=1)
    assert (await stranger.get("/v1/events")).json()["items"] == []


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"limit": 0}, 422),
        ({"limit": 201}, 422),
        ({"limit": "x"}, 400),
        ({"cursor": "nonsense"}, 422),
        ({"cursor": "Wy0xLCIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAiXQ"}, 422),
        ({"contract_id": "x"}, 400),
    ],
)
async def test_a_request_that_does_not_fit_is_a_problem(client, params, status):
    answer = await client.get("/v1/events", params=params)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_feed_needs_its_scope(client_with):
    async with client_with("contracts:read") as client:
        assert (await client.get("/v1/events")).status_code == 403
        assert (await client.get("/v1/events/stream")).status_code == 403


async def test_an_event_whose_transaction_commits_late_is_not_passed_over(database, tenant, make_contract, read):
    slow_contract, quick_contract = await make_contract(), await make_contract()
    _, start = await read()
    slow, quick = database.unit(tenant), database.unit(tenant)
    try:
        late = await add(slow, slow_contract)
        early = await add(quick, quick_contract)
        await quick.commit()
        held_back, cursor = await read(start)
        assert held_back == []
        await slow.commit()
    finally:
        await quick.rollback()
        await slow.rollback()
    assert ids((await read(cursor, at_least=2))[0]) == [late, early]
    assert ids((await read(start, at_least=2))[0]) == [late, early]


async def test_a_reader_beside_many_writers_gets_every_event_once(database, tenant, make_contract, client):
    contracts = [await make_contract() for _ in range(8)]
    chance = random.Random(7)

    async def write(contract_id):
        stored = []
        for _ in range(6):
            async with database.work(tenant) as unit:
                stored.append(await add(unit, contract_id))
                await asyncio.sleep(chance.random() / 50)
        return stored

    async def follow(expected):
        seen, cursor = [], None
        while len(seen) < expected:
            page = (await client.get("/v1/events", params={"limit": 5} | ({"cursor": cursor} if cursor else {}))).json()
            seen, cursor = seen + ids(page["items"]), page["next_cursor"]
        return seen

    async with asyncio.timeout(30):
        seen, *stored = await asyncio.gather(follow(48), *[write(each) for each in contracts])
    assert sorted(seen) == sorted(event_id for each in stored for event_id in each)
    for each in stored:
        assert [event_id for event_id in seen if event_id in each] == each


async def test_what_was_superseded_says_so_and_the_new_decision_follows(database, tenant, happen, read):
    old = await happen()
    _, cursor = await read(at_least=1)
    new = await happen()
    async with database.work(tenant) as unit:
        await unit.run(sql.supersede, old, new)
    assert ids((await read(cursor, at_least=1))[0]) == [new]
    first = (await read(at_least=2))[0][0]
    assert first["data"]["superseded_at"] is not None
    assert first["data"]["superseded_by"] == new


async def test_instants_are_in_the_time_zone_of_the_contract(client, read):
    contract = await draft(client, time_zone="Asia/Tokyo")
    given = {"kind": "other", "name": "x", "at": "2020-01-05T02:00:00Z"}
    await client.post(f"/v1/contracts/{contract['id']}/attachments", params=given, content=b"1")
    items, _ = await read(contract_id=contract["id"], at_least=1)
    (added,) = [event for event in items if event["type"] == "clm.attachment.added"]
    assert added["data"]["details"]["at"] == "2020-01-05T11:00:00+09:00"
    for event in items:
        assert event["time"] == event["data"]["at"]
        for instant in (event["time"], event["data"]["recorded_at"]):
            assert instant.endswith("+09:00")
