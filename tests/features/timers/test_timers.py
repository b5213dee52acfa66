"""Timers over HTTP: listed with their basis, fired before anybody can see them due, waiting where they must."""

import datetime as dt
from uuid import UUID

from clm.features.timers.service import sql as timers_sql
from tests.conftest import START, caller, new_tenancy
from tests.features.contracts.acts import act, advance, formed, get, ok, out_for_signature, path, problem

PAST = "2026-01-08T10:00:00+08:00"


async def timers(client, **query):
    return (await ok(await client.get("/v1/timers", params=query)))["items"]


async def test_a_timer_says_when_by_which_rule_and_why(clocked):
    made = await formed(clocked, terms={"term": {"end": "2026-12-31"}})
    (timer,) = (await get(clocked, made, "/timers"))["items"]
    assert timer["contract_id"] == made["id"]
    assert (timer["kind"], timer["status"], timer["key"]) == ("term", "armed", "term")
    assert (timer["due_at"], timer["legal_date"]) == ("2027-01-01T00:00:00+08:00", "2026-12-31")
    assert (timer["rule"], timer["assumed"], timer["terms_version"]) == ("T39", False, 1)
    assert timer["basis"]["anchor"] == {"term": "/terms/term/end", "date": "2026-12-31"}
    assert timer["basis"]["steps"][0]["date"] == "2026-12-31"


async def test_a_timer_is_listed_in_each_of_its_states(clocked):
    fired = await formed(clocked, terms={"term": {"end": "2026-01-31"}})
    moved = await formed(clocked, terms={"term": {"end": "2026-06-30"}})
    change = {"changes": [{"op": "replace", "path": "/terms/term/end", "value": "2026-09-30"}]}
    amendment = await ok(await clocked.post(path(moved, "/amendments"), json=change), 201)
    for role in "AB":
        where = f"/v1/amendments/{amendment['id']}/actions/execute"
        executed = await ok(await clocked.post(where, json={"party": role, "method": "seal"}))
    assert [one["due_at"] for one in executed["decision"]["cancelled"]] == ["2026-07-01T00:00:00+08:00"]
    (armed,) = [one for one in executed["decision"]["armed"] if one["kind"] == "term"]
    assert (armed["due_at"], armed["terms_version"]) == ("2026-10-01T00:00:00+08:00", 2)
    await advance(clocked, "2026-02-01T00:00:00+08:00")
    await act(clocked, fired, "terminate-by-agreement", at="2026-01-15T00:00:00+08:00")
    found = {
        status: await timers(clocked, status=status, kind="term")
        for status in ("fired", "cancelled", "voided", "armed")
    }
    assert {status: [one["due_at"][:10] for one in some] for status, some in found.items()} == {
        "fired": [],
        "voided": ["2026-02-01"],
        "cancelled": ["2026-07-01"],
        "armed": ["2026-10-01"],
    }


async def test_all_timers_come_by_due_date_page_by_page(clocked):
    for month in (5, 3, 9, 1, 7):
        await formed(clocked, terms={"term": {"end": f"2026-{month:02}-15"}})
    seen, cursor = [], None
    while True:
        query = {"limit": 2, "status": "armed"} | ({"cursor": cursor} if cursor else {})
        page = await ok(await clocked.get("/v1/timers", params=query))
        seen += [one["legal_date"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"2026-{month:02}-15" for month in (1, 3, 5, 7, 9)]


async def test_timers_due_at_one_instant_are_paged_without_loss(clocked):
    made = {(await formed(clocked, terms={"term": {"end": "2026-05-31"}}))["id"] for _ in range(5)}
    seen, cursor = [], None
    while len(seen) < 5:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await ok(await clocked.get("/v1/timers", params=query))
        seen += [one["contract_id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert (sorted(seen), cursor) == (sorted(made), None)


async def expired_unseen(client):
    """In real time: signed and over long ago, and nobody has looked since the last seal."""
    made = await out_for_signature(client, terms={"term": {"end": "2026-01-31"}})
    for role in "AB":
        sealed = {"party": role, "method": "seal", "at": PAST}
        answer = await client.post(path(made, "/actions/execute"), json=sealed)
    return made, await ok(answer)


async def test_a_write_fires_what_follows_from_it_before_it_answers(client):
    _, answered = await expired_unseen(client)
    assert (answered["status"], answered["outcome"]) == ("terminated", "expired")
    assert answered["ended_at"] == "2026-02-01T00:00:00+08:00"
    kinds = [one["type"] for one in answered["decision"]["events"]]
    assert kinds[:4] == ["contract.executed", "contract.formed", "contract.effective", "contract.terminated"]


async def test_every_list_fires_what_is_due_first(app, database):
    """Time passes for the tenant and nobody fires: the first to look does."""
    for look in (
        "/v1/timers?status=armed&kind=term",
        "/v1/contracts?status=effective",
        "/v1/contracts/{id}/timers?status=armed&kind=term",
    ):
        tenancy = await new_tenancy(database, START)
        async with caller(app, tenancy.key) as client:
            made = await formed(client, terms={"term": {"end": "2026-01-31"}})
            assert len((await ok(await client.get(look.format(**made))))["items"]) == 1
            async with database.work(tenancy.tenant) as unit:
                await unit.run(timers_sql.move_clock, dt.datetime.fromisoformat("2026-02-01T00:00:00+08:00"))
            assert (await ok(await client.get(look.format(**made))))["items"] == []


async def test_every_reading_fires_what_is_due_first(app, database):
    for look in ("", "/terms", "/actions", "/timeline", "/sections", "/sections/5", "/amendments", "/diagram"):
        tenancy = await new_tenancy(database, START)
        async with caller(app, tenancy.key) as client:
            made = await formed(client, terms={"term": {"end": "2026-01-31"}})
            async with database.work(tenancy.tenant) as unit:
                await unit.run(timers_sql.move_clock, dt.datetime.fromisoformat("2026-02-01T00:00:00+08:00"))
            assert (await client.get(path(made, look))).status_code == 200
            expired = await database.reads(tenancy.tenant).all(
                timers_sql.list_timers, UUID(made["id"]), "fired", "term", None, None, 10
            )
            assert len(expired) == (1 if look != "/amendments" else 0), look


async def test_a_provisional_timer_waits_for_its_calendar(clocked):
    terms = {"term": {"end": "2026-12-31"}, "termination": {"procedure": {"settlement": {"length": 30, "unit": "day"}}}}
    made = await formed(clocked, terms=terms)
    await advance(clocked, "2027-06-01T00:00:00+08:00")
    waiting = (await get(clocked, made, "/timers", status="armed"))["items"]
    assert [one["kind"] for one in waiting] == ["data_return", "settlement"]
    for one in waiting:
        assert one["legal_date"] is None
        assert one["basis"]["status"] == "provisional"
        assert one["due_at"] < "2027-06-01"
    assert (await advance(clocked, "2028-06-01T00:00:00+08:00"))["fired"] == []
    assert (await get(clocked, made))["status"] == "terminated"


async def test_odd_parameters_and_unknown_contracts(client):
    nobody = {"id": "01970000-0000-7000-8000-000000000001"}
    await problem(await client.get(path(nobody, "/timers")), 404, "not-found")
    await problem(await client.get("/v1/timers", params={"status": "late"}), 400, "malformed")
    await problem(await client.get("/v1/timers", params={"cursor": "WzEsMl0"}), 422, "invalid")
    await problem(await client.get("/v1/timers", params={"limit": 0}), 422, "invalid")
