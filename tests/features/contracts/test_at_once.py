"""Many at once: one effect, and everybody else is told why not."""

import asyncio
from collections import Counter

from tests.features.contracts.acts import (
    advance,
    body,
    draft,
    formed,
    get,
    number,
    ok,
    out_for_signature,
    path,
    problem,
)


def codes(answers):
    return Counter(one.status_code for one in answers)


async def test_twenty_drafts_with_one_number_make_one(client):
    fresh = body()
    answers = await asyncio.gather(*(client.post("/v1/contracts", json=fresh) for _ in range(20)))
    assert codes(answers) == {201: 1, 409: 19}
    for one in answers:
        if one.status_code == 409:
            await problem(one, 409, "duplicate")
    assert len((await ok(await client.get("/v1/contracts")))["items"]) == 1


async def test_twenty_seals_of_one_party_count_once(client):
    made = await out_for_signature(client)
    seal = {"party": "A", "method": "seal"}
    answers = await asyncio.gather(*(client.post(path(made, "/actions/execute"), json=seal) for _ in range(20)))
    assert codes(answers) == {200: 1, 409: 19}
    past = (await get(client, made, "/timeline"))["past"]
    assert [one["type"] for one in past].count("contract.executed") == 1


async def test_both_parties_at_once_form_the_contract_once(clocked):
    for _ in range(5):
        made = await out_for_signature(clocked)
        await asyncio.gather(
            *(clocked.post(path(made, "/actions/execute"), json={"party": role, "method": "seal"}) for role in "AB")
        )
        past = (await get(clocked, made, "/timeline"))["past"]
        kinds = Counter(one["type"] for one in past)
        assert (kinds["contract.executed"], kinds["contract.formed"], kinds["contract.effective"]) == (2, 1, 1)


async def test_twenty_upserts_of_one_external_id_make_one_contract(client):
    where, fresh = f"/v1/contracts/external/sap/{number()}", body()
    answers = await asyncio.gather(*(client.put(where, json=fresh) for _ in range(20)))
    assert codes(answers) == {201: 1, 200: 19}
    assert len({one.json()["id"] for one in answers}) == 1
    assert len((await ok(await client.get("/v1/contracts")))["items"]) == 1


async def test_two_edits_of_one_version_do_not_overwrite_each_other(client):
    made = await draft(client)
    tag = {"if-match": f'"{made["version"]}"'}
    answers = await asyncio.gather(
        *(client.patch(path(made), json={"title": f"第{n}稿"}, headers=tag) for n in range(10))
    )
    assert codes(answers) == {200: 1, 412: 9}
    (won,) = [one.json() for one in answers if one.status_code == 200]
    assert await get(client, made) == won


async def test_twenty_reads_of_one_due_timer_fire_it_once(client):
    made = await out_for_signature(client, terms={"term": {"end": "2026-01-31"}})
    for role in "AB":
        sealed = {"party": role, "method": "seal", "at": "2026-01-08T10:00:00+08:00"}
        await client.post(path(made, "/actions/execute"), json=sealed)
    answers = await asyncio.gather(*(client.get(path(made)) for _ in range(20)))
    assert {one.json()["outcome"] for one in answers} == {"expired"}
    past = (await get(client, made, "/timeline"))["past"]
    assert [one["type"] for one in past].count("contract.terminated") == 1


async def test_a_contract_that_ends_and_one_that_is_suspended_at_once_agree_in_the_end(clocked):
    made = [await formed(clocked, terms={"term": {"end": "2026-01-31"}}) for _ in range(6)]
    suspend = {"reason": "agreed", "at": "2026-01-01T00:00:00+08:00"}
    await asyncio.gather(
        advance(clocked, "2026-02-02T00:00:00+08:00"),
        *(clocked.post(path(one, "/actions/suspend"), json=suspend) for one in made),
    )
    for one in made:
        assert (await get(clocked, one))["outcome"] == "expired"
        kinds = Counter(event["type"] for event in (await get(clocked, one, "/timeline"))["past"])
        assert kinds["contract.terminated"] == 1
        assert kinds["performance.suspended"] == 1
