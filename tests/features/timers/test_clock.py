"""The test clock: forward only, everything due on the way fires, in order, once."""

import asyncio

import pytest

from tests.features.contracts.acts import act, advance, draft, formed, get, ok, out_for_signature, path, problem

JANUARY = "2026-01-01T00:00:00+08:00"


def ending(day):
    return {"term": {"end": day}}


async def now(client):
    return (await ok(await client.get("/v1/test-clock")))["now"]


async def test_timers_of_many_contracts_fire_in_the_order_they_are_due(clocked):
    days = ["2026-03-31", "2026-01-31", "2026-02-28", "2026-01-31"]
    made = [await formed(clocked, terms=ending(day)) for day in days]
    everything = (await advance(clocked, "2026-03-15T00:00:00+08:00"))["fired"]
    assert [one["due_at"] for one in everything] == sorted(one["due_at"] for one in everything)
    fired = [one for one in everything if one["kind"] == "term"]
    assert [one["due_at"][:10] for one in fired] == ["2026-02-01", "2026-02-01", "2026-03-01"]
    assert {one["contract_id"] for one in fired[:2]} == {made[1]["id"], made[3]["id"]}
    assert fired[2]["contract_id"] == made[2]["id"]
    assert (await get(clocked, made[0]))["status"] == "effective"
    assert await now(clocked) == "2026-03-15T00:00:00+08:00"


async def test_what_a_timer_brings_about_may_fire_in_the_same_move(clocked):
    made = await formed(
        clocked, terms={"effectiveness": {"not_before": "2026-02-01"}, **ending("2026-02-28")}, at=JANUARY
    )
    assert made["status"] == "draft"
    fired = (await advance(clocked, "2026-06-01T00:00:00+08:00"))["fired"]
    assert [(one["kind"], one["due_at"]) for one in fired] == [
        ("effect", "2026-02-01T00:00:00+08:00"),
        ("term", "2026-03-01T00:00:00+08:00"),
        ("data_return", "2026-03-17T00:00:00+08:00"),
        ("settlement", "2026-03-31T00:00:00+08:00"),
    ]
    past = (await get(clocked, made, "/timeline"))["past"]
    assert [one["recorded_at"] for one in past[-4:]] == [one["due_at"] for one in fired]


async def test_the_same_instant_again_fires_nothing(clocked):
    await formed(clocked, terms=ending("2026-01-31"))
    to = "2026-02-01T00:00:00+08:00"
    assert len((await advance(clocked, to))["fired"]) == 1
    assert await advance(clocked, to) == {"now": to, "fired": []}
    assert await advance(clocked, "2026-01-31T16:00:00Z") == {"now": to, "fired": []}


async def test_time_does_not_go_back(clocked):
    await advance(clocked, "2026-02-01T00:00:00+08:00")
    answer = await clocked.post("/v1/test-clock/actions/advance", json={"to": "2026-01-31T23:59:59+08:00"})
    await problem(answer, 422, "invalid")
    assert await now(clocked) == "2026-02-01T00:00:00+08:00"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"to": "tomorrow"}, 400),
        ({"to": "2026-02-30T00:00:00+08:00"}, 400),
        ({"to": "2026-02-01"}, 400),
        ({"to": "2026-02-01T00:00:00"}, 422),
        ({"to": 5}, 400),
        ({"to": "2026-02-01T00:00:00+08:00", "x": 1}, 400),
        ({"to": "9999-12-31T23:59:59-08:00"}, 422),
    ],
)
async def test_an_odd_instant_moves_nothing(clocked, body, status):
    answer = await clocked.post("/v1/test-clock/actions/advance", json=body)
    assert answer.status_code == status, answer.text
    assert await now(clocked) == JANUARY


async def test_two_moves_at_once_fire_everything_once(clocked):
    made = [await formed(clocked, terms=ending(f"2026-01-{day}")) for day in range(10, 30)]
    first, second = await asyncio.gather(
        advance(clocked, "2026-02-15T00:00:00+08:00"), advance(clocked, "2026-02-10T00:00:00+08:00")
    )
    fired = [one["timer_id"] for one in (*first["fired"], *second["fired"])]
    assert len(fired) == len(set(fired))
    assert await now(clocked) == "2026-02-15T00:00:00+08:00"
    for one in made:
        past = (await get(clocked, one, "/timeline"))["past"]
        assert [event["type"] for event in past].count("contract.terminated") == 1
    shown = (await ok(await clocked.get("/v1/timers", params={"kind": "term", "limit": 200})))["items"]
    assert [one["status"] for one in shown] == ["fired"] * 20


async def test_a_tenant_in_real_time_has_no_test_clock(client):
    await problem(await client.get("/v1/test-clock"), 404, "not-found")
    answer = await client.post("/v1/test-clock/actions/advance", json={"to": "2030-01-01T00:00:00+08:00"})
    await problem(answer, 404, "not-found")


async def test_contracts_live_by_their_tenant_s_clock(clocked, stranger):
    await advance(clocked, "2030-01-01T00:00:00+08:00")
    made = await draft(clocked)
    assert made["created_at"] == "2030-01-01T00:00:00+08:00"
    assert (await draft(stranger))["created_at"] < "2029"


async def test_the_future_of_the_clock_is_the_future(clocked):
    made = await out_for_signature(clocked)
    early = {"party": "A", "method": "seal", "at": "2026-01-01T00:00:01+08:00"}
    await problem(await clocked.post(path(made, "/actions/execute"), json=early), 422, "invalid")
    await advance(clocked, "2026-01-01T00:00:01+08:00")
    executed = await act(clocked, made, "execute", **early)
    assert executed["decision"]["events"][0]["at"] == early["at"]
