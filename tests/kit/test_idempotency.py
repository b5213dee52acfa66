import asyncio
from importlib import resources

import pytest

from clm.kit import edge
from clm.kit.sql import Statements

CATALOG = Statements("catalog.sql", (resources.files("tests.kit") / "catalog.sql").read_text(encoding="utf-8"))
PARTY = {"legal_name": "x", "kind": "legal_person"}
KEY = {"idempotency-key": "order-7"}


async def count(client):
    return len((await client.get("/v1/parties")).json()["items"])


async def test_the_same_request_gets_the_first_answer_again(client):
    first = await client.post("/v1/parties", json=PARTY, headers=KEY)
    again = await client.post("/v1/parties", json=PARTY, headers=KEY)
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    for name in ("location", "etag", "content-type", "content-length"):
        assert again.headers.get(name) == first.headers.get(name)
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert await count(client) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/parties", PARTY | {"legal_name": "y"}), ("/v1/parties?x=1", PARTY), ("/v1/calculations/deadline", PARTY)],
)
async def test_another_request_with_the_key_is_422(client, path, body):
    await client.post("/v1/parties", json=PARTY, headers=KEY)
    answer = await client.post(path, json=body, headers=KEY)
    assert answer.status_code in (400, 422)
    assert await count(client) == 1


async def test_a_reused_key_says_so(client):
    await client.post("/v1/parties", json=PARTY, headers=KEY)
    answer = await client.post("/v1/parties", json=PARTY | {"legal_name": "y"}, headers=KEY)
    assert answer.json()["code"] == "key-reused"


async def test_a_refused_request_leaves_the_key_free(client):
    assert (await client.post("/v1/parties", json=PARTY | {"uscc": "1"}, headers=KEY)).status_code == 422
    assert (await client.post("/v1/parties", json=PARTY, headers=KEY)).status_code == 201


async def test_many_at_once_have_one_effect(client):
    answers = await asyncio.gather(*(client.post("/v1/parties", json=PARTY, headers=KEY) for _ in range(8)))
    assert {one.status_code for one in answers} == {201}
    assert len({one.content for one in answers}) == 1
    assert await count(client) == 1


async def test_keys_of_two_tenants_do_not_meet(client, stranger):
    mine = await client.post("/v1/parties", json=PARTY, headers=KEY)
    theirs = await stranger.post("/v1/parties", json=PARTY, headers=KEY)
    assert theirs.status_code == 201
    assert theirs.json()["id"] != mine.json()["id"]


@pytest.mark.parametrize("odd", ["", "x" * 256, "a b", "ÿ"])
async def test_a_key_of_odd_characters_is_refused(client, odd):
    headers = {"idempotency-key": odd.encode("latin-1")}
    answer = await client.post("/v1/parties", json=PARTY, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/headers/Idempotency-Key"


async def test_a_write_that_needs_no_database_is_repeated_as_well(client):
    asked = {"event": "2024-01-10", "period": {"length": 30, "unit": "day"}}
    first = await client.post("/v1/calculations/deadline", json=asked, headers=KEY)
    again = await client.post("/v1/calculations/deadline", json=asked, headers=KEY)
    assert first.status_code == again.status_code == 200
    assert again.json() == first.json()


async def test_a_made_key_is_not_kept_with_the_answer(client, database, tenant):
    new = {"name": "ERP", "scopes": ["parties:read"]}
    made = await client.post("/v1/api-keys", json=new, headers=KEY)
    again = await client.post("/v1/api-keys", json=new, headers=KEY)
    assert made.json()["key"]
    assert again.status_code == 201
    assert again.json() == made.json() | {"key": None}
    (kept,) = await database.reads(tenant).all(CATALOG.keep_answers)
    assert made.json()["key"] not in kept["body"]


async def test_an_answer_two_days_old_is_forgotten_on_the_way(client, database, tenant, monkeypatch):
    first = await client.post("/v1/parties", json=PARTY, headers=KEY)
    monkeypatch.setattr(edge, "FORGETS_BELOW", 256)
    await client.post("/v1/parties", json=PARTY, headers={"idempotency-key": "other"})
    assert len(await database.reads(tenant).all(CATALOG.keep_answers)) == 2
    async with database.work(tenant) as unit:
        await unit.run(CATALOG.age_answers)
    anew = await client.post("/v1/parties", json=PARTY, headers={"idempotency-key": "third"})
    assert [row["key"] for row in await database.reads(tenant).all(CATALOG.keep_answers)] == ["third"]
    assert anew.json()["id"] != first.json()["id"]


async def test_a_key_that_may_not_ask_does_not_get_the_first_answer(client, app):
    weak = (await client.post("/v1/api-keys", json={"name": "w", "scopes": ["calculations:read"]})).json()["key"]
    assert (await client.post("/v1/parties", json=PARTY, headers=KEY)).status_code == 201
    answer = await client.post("/v1/parties", json=PARTY, headers=KEY | {"authorization": f"Bearer {weak}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_key_that_may_not_move_the_clock_does_not_get_the_first_answer(clocked):
    path, body = "/v1/test-clock/actions/advance", {"to": "2030-02-01T00:00:00+08:00"}
    weak = (await clocked.post("/v1/api-keys", json={"name": "w", "scopes": ["contracts:read"]})).json()["key"]
    assert (await clocked.post(path, json=body, headers=KEY)).status_code == 200
    answer = await clocked.post(path, json=body, headers=KEY | {"authorization": f"Bearer {weak}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_clock_moved_with_a_used_key_stays_where_it_is(clocked):
    path = "/v1/test-clock/actions/advance"
    first = await clocked.post(path, json={"to": "2030-02-01T00:00:00+08:00"}, headers=KEY)
    assert first.status_code == 200, first.text
    other = await clocked.post(path, json={"to": "2030-09-01T00:00:00+08:00"}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    again = await clocked.post(path, json={"to": "2030-02-01T00:00:00+08:00"}, headers=KEY)
    assert again.content == first.content
    assert (await clocked.get("/v1/test-clock")).json()["now"].startswith("2030-02-01T00:00:00")


async def test_one_key_moves_a_clock_to_one_place_however_many_ask_at_once(clocked):
    months = [f"2031-01-{day:02d}T00:00:00+08:00" for day in range(1, 21)]
    path = "/v1/test-clock/actions/advance"
    answers = await asyncio.gather(*(clocked.post(path, json={"to": to}, headers=KEY) for to in months))
    moved = [one.json()["now"] for one in answers if one.status_code == 200]
    assert len(moved) == 1
    assert {one.json()["code"] for one in answers if one.status_code != 200} <= {"busy", "key-reused"}
    assert (await clocked.get("/v1/test-clock")).json()["now"] == moved[0]
