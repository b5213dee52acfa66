"""Twenty connections at once, on the same few contracts, while the clock moves: as if all had come one by one."""

import asyncio
import datetime as dt
import random
from collections import Counter

import pytest

from tests.features.contracts import bodies, invariants, replaying, walking
from tests.features.contracts.acts import advance, formed, get, ok, path, problem
from tests.features.contracts.walking import TERMS

AT_ONCE = 20
ELSEWHERE = ("notice", "delivery", "item", "release", "amendment.propose", "amendment.execute", "amendment.execute")
CURED = {"termination": walking.GROUNDS, "term": {"end": "2026-12-31"}}
SEAL = {"party": "A", "method": "seal"}
ONCE = {
    "record-ground": {"ground": "material_breach", "holder": "A"},
    "suspend": {"reason": "agreed"},
    "terminate-by-agreement": {"effective": {"on": "2026-06-30"}},
    "record-suit": {"suit": "s1", "party": "A", "claim": "other"},
    "record-performance": {"complete": True},
    "record-decision": {"ruling": "void", "authority": "人民法院"},
}
"""Facts that a contract takes one time."""


async def tell_many(walks, dice, facts):
    """One connection: random facts about random contracts, in whatever state the others have brought them."""
    for _ in range(facts):
        walk, kind = dice.choice(walks), dice.random()
        if kind < 0.35:
            await walk.tell(dice.choice(ELSEWHERE), dice)
        elif kind < 0.45:
            await dice.choice([walk.serve, walk.agree])(dice)
        else:
            await walk.tell(await walk.one_of(dice), dice)


async def move_clock(walks, dice, steps):
    """The connection that lets time pass meanwhile."""
    clock = walks[0].known.start
    for _ in range(steps):
        await asyncio.sleep(0.02)
        clock += dice.choice(walking.STEPS[2:6])
        await walks[0].advance(clock)
        for walk in walks:
            walk.known.now = clock


async def together(app, database, seed, facts):
    """Tell many things at once, then see that every contract is as its record says."""
    dice = random.Random(seed)
    walks = await walking.begin(app, database, dice.choice(sorted(TERMS)), "formed", number=3)
    tellers = [tell_many(walks, random.Random(f"{seed}/{one}"), facts) for one in range(AT_ONCE - 1)]
    await asyncio.gather(move_clock(walks, dice, facts), *tellers)
    for walk in walks:
        snapshots = {}
        row = await invariants.hold(walk)
        await replaying.snapshot(walk, snapshots)
        await replaying.from_facts(walk)
        await replaying.from_events(walk, row)
        await replaying.as_it_was_read(walk, snapshots, dice)
    codes = Counter(code for walk in walks for *_, code in walk.past)
    assert codes[200] + codes[201] > facts
    assert codes[409] > facts
    await walks[0].client.aclose()


@pytest.mark.parametrize("seed", range(4))
async def test_twenty_connections_leave_what_one_would_have_left(app, database, seed):
    await together(app, database, seed, facts=8)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 150))
async def test_twenty_connections_for_long(app, database, seed):
    await together(app, database, seed, facts=25)


def codes(answers):
    return Counter(one.status_code for one in answers)


async def at_once(client, where, body, **more):
    return await asyncio.gather(*(client.post(where, json=body, **more) for _ in range(AT_ONCE)))


@pytest.mark.parametrize("action", ONCE)
async def test_one_fact_twenty_times_at_once_counts_once(clocked, action):
    made = await formed(clocked, terms=CURED)
    answers = await at_once(clocked, path(made, f"/actions/{action}"), ONCE[action])
    assert codes(answers) == {200: 1, 409: AT_ONCE - 1}
    for one in answers:
        if one.status_code == 409:
            assert (await problem(one, 409, "not-allowed-now"))["reasons"]
    [told] = [one.json()["decision"]["fact_id"] for one in answers if one.status_code == 200]
    assert told in {one["fact_id"] for one in (await get(clocked, made, "/timeline"))["past"]}
    assert (await get(clocked, made))["version"] == made["version"] + 1


async def test_twenty_proposals_and_twenty_seals_make_one_amendment(clocked):
    made = await formed(clocked, terms=CURED)
    proposal = {"changes": [{"op": "replace", "path": "/title", "value": "新合同"}]}
    answers = await at_once(clocked, path(made, "/amendments"), proposal)
    assert codes(answers) == {201: 1, 409: AT_ONCE - 1}
    [amendment] = [one.json()["id"] for one in answers if one.status_code == 201]
    for party in "AB":
        where = f"/v1/amendments/{amendment}/actions/execute"
        assert codes(await at_once(clocked, where, {**SEAL, "party": party})) == {200: 1, 409: AT_ONCE - 1}
    assert ((found := await get(clocked, made))["title"], found["terms_version"]) == ("新合同", 2)


async def test_one_delivery_told_twenty_times_arrives_once(clocked):
    made = await formed(clocked, terms=CURED)
    await advance(clocked, "2026-04-20T00:00:00+08:00")
    demand = {
        "type": "cure_notice",
        "from": "A",
        "to": "B",
        "channel": "courier",
        "subject": "催告函",
        "body": "请补正。",
        "ground": "material_breach",
    }
    notice = await ok(await clocked.post(path(made, "/notices"), json=demand), 201)
    signed = {"event": "signed", "at": "2026-04-16T11:00:00+08:00"}
    answers = await at_once(clocked, f"/v1/notices/{notice['id']}/delivery-events", signed)
    assert codes(answers) == {200: AT_ONCE}
    assert len((await ok(await clocked.get(f"/v1/notices/{notice['id']}")))["deliveries"]) == 1
    told = Counter(one["type"] for one in (await get(clocked, made, "/timeline"))["past"])
    assert (told["notice.arrived"], told["ground.demanded"]) == (1, 1)


async def test_one_key_sent_twenty_times_is_carried_out_once(clocked):
    made = await formed(clocked, terms=CURED)
    answers = await at_once(clocked, path(made, "/actions/suspend"), ONCE["suspend"], headers=walking.fresh_key())
    assert set(codes(answers)) <= {200, 409}
    assert len({one.content for one in answers if one.status_code == 200}) == 1
    for one in answers:
        if one.status_code == 409:
            assert one.json()["code"] != "not-allowed-now"
    assert (await get(clocked, made))["version"] == made["version"] + 1


async def test_twenty_moves_of_the_clock_fire_everything_once(app, database):
    walks = await walking.begin(app, database, "renewing", "formed", number=4)
    client, to = walks[0].client, dt.datetime.fromisoformat("2027-06-01T00:00:00+08:00")
    answers = await at_once(client, "/v1/test-clock/actions/advance", {"to": to.isoformat()})
    assert codes(answers)[200] >= 1
    assert max(codes(answers)) < 500
    fired = Counter(
        one["timer_id"] for answer in answers if answer.status_code == 200 for one in answer.json()["fired"]
    )
    assert set(fired.values()) == {1}
    for walk in walks:
        walk.known.now = to
        await replaying.from_events(walk, await invariants.hold(walk))
        kinds = Counter(one["type"] for one in (await walk.get(f"{walk.url}/timeline"))["past"])
        assert (kinds["contract.renewed"], kinds["contract.terminated"]) == (2, 1)
    await client.aclose()


def test_what_is_told_once_is_an_action():
    assert set(ONCE) <= set(bodies.ACTIONS)
