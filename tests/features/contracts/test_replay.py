"""What is on record answers for every instant, as known at every other; and time alone changes no terms."""

import datetime as dt
import random

import pytest

from tests.features.contracts import invariants, replaying, walking
from tests.features.contracts.replaying import LIVE
from tests.features.contracts.walking import TERMS

OPENED = ("amendment.propose", "notice", "item", "record-ground", "suspend", "record-suit")
FACTS = 25
TITLE = {"op": "replace", "path": "/title", "value": "新合同"}


async def lived(app, database, seed, facts=FACTS):
    """A contract to which much was told, late and in order."""
    dice = random.Random(seed)
    [walk] = await walking.begin(
        app, database, dice.choice(sorted(TERMS)), dice.choice(["formed", "out_for_signature"])
    )
    for _ in range(facts):
        kind = dice.random()
        if kind < 0.3:
            await walk.let_pass(dice)
        elif kind < 0.5:
            await dice.choice([walk.serve, walk.serve, walk.agree, walk.agree, walk.wind_up])(dice)
        elif kind < 0.6:
            await walk.tell(dice.choice(OPENED), dice)
        else:
            await walk.tell(await walk.one_of(dice), dice)
    return walk


async def every_picture(walk, dice, at_most):
    """At whatever instants: facts and events known then give what is answered for then."""
    found = await replaying.record(walk)
    await invariants.hold(walk)
    await replaying.from_facts(walk)
    for instant in await replaying.instants_since_sent_out(walk):
        await replaying.from_facts_known(walk, instant)
    legal = sorted({one["at"] for one in found.events})
    for _ in range(at_most):
        await _picture(walk, found, dice.choice(legal), dice.choice(found.instants()))


async def _picture(walk, found, as_of, known):
    query = {"as_of": as_of.isoformat(), "known_at": known.isoformat()}
    answer, terms = await walk.get(walk.url, **query), await walk.get(f"{walk.url}/terms", **query)
    read, wanted = tuple(answer[name] for name in LIVE), found.standing(as_of, known)
    walk.check(read == wanted, f"{query}: {read}, the events say {wanted}")
    version = found.version(as_of, known)
    agreed = (version["no"], version["terms"]) if version else (None, None)
    walk.check((answer["terms_version"], answer["terms"]) == agreed, f"{query}: {answer['terms_version']}, {agreed}")
    walk.check((terms["version"], terms["agreed"]) == agreed, f"{query}: {terms['version']}, {agreed}")
    milestones = found.milestones(as_of, known)
    differ = {name: (answer[name], str(at)) for name, at in milestones.items() if _instant(answer[name]) != at}
    walk.check(not differ, f"{query}: {differ}")


def _instant(text):
    return dt.datetime.fromisoformat(text) if text else None


@pytest.mark.parametrize("seed", range(7))
async def test_facts_and_events_answer_for_every_instant(app, database, seed):
    walk = await lived(app, database, seed)
    await every_picture(walk, random.Random(seed), at_most=15)
    await walk.client.aclose()


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 1200))
async def test_facts_and_events_answer_for_every_instant_of_long_lives(app, database, seed):
    walk = await lived(app, database, seed, facts=70)
    await every_picture(walk, random.Random(seed), at_most=40)
    await walk.client.aclose()


async def agreed(walk):
    return (await walk.get(f"{walk.url}/terms"))["agreed"], (await walk.get(walk.url))["title"]


async def amendments(walk):
    return (await walk.get(f"{walk.url}/amendments", limit=200))["items"]


async def pending(walk):
    """The amendments that both have executed and whose day has not come."""
    return [one["id"] for one in await amendments(walk) if one["status"] == "agreed_pending"]


async def in_silence(walk, dice, times):
    """Let time pass and tell nothing: terms change only by an amendment that both had executed before."""
    executed, before = set(await pending(walk)), await agreed(walk)
    facts = (await invariants.stands(walk))["facts"]
    for _ in range(times):
        waiting = set(await pending(walk))
        await walk.advance(walk.known.now + dice.choice(walking.STEPS[2:]))
        after, left = await agreed(walk), set(await pending(walk))
        walk.check(left <= executed, f"agreed by silence: {left - executed}")
        walk.check(after == before or waiting - left, f"terms changed by silence: {before}, {after}")
        before = after
    walk.check((await invariants.stands(walk))["facts"] == facts, "silence was recorded as a fact")
    applied = [one for one in await amendments(walk) if one["status"] == "applied"]
    both = all({e["party"] for e in one["executions"]} == {"A", "B"} for one in applied)
    walk.check(both, f"applied without both parties: {applied}")


@pytest.mark.parametrize("seed", range(4))
async def test_silence_never_changes_terms(app, database, seed):
    walk, dice = await lived(app, database, seed, facts=10), random.Random(seed)
    await in_silence(walk, dice, times=8)
    await replaying.from_facts(walk)
    await walk.client.aclose()


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2000, 2200))
async def test_silence_never_changes_terms_of_long_lives(app, database, seed):
    walk, dice = await lived(app, database, seed, facts=40), random.Random(seed)
    await in_silence(walk, dice, times=12)
    await replaying.from_facts(walk)
    await walk.client.aclose()


@pytest.mark.parametrize("terms", TERMS)
async def test_a_proposal_that_nobody_answers_never_applies(app, database, terms):
    [walk] = await walking.begin(app, database, terms, "formed")
    dice = random.Random(terms)
    for condition in ("licence", "approval") if terms == "conditional" else ():
        await walk.post(f"{walk.url}/actions/satisfy-condition", {"condition": condition})
    await walk.advance(walking.START + dt.timedelta(days=20))
    answer = await walk.post(f"{walk.url}/amendments", {"changes": [TITLE], "effective": {"on": "2026-02-01"}})
    assert answer.status_code == 201
    seal = {"party": "A", "method": "seal"}
    await walk.post(f"/v1/amendments/{answer.json()['id']}/actions/execute", seal)
    before = await agreed(walk)
    await in_silence(walk, dice, times=10)
    assert await agreed(walk) == before
    assert [one["status"] for one in await amendments(walk)] != ["applied"]
