"""What is foretold is what follows: a simulation, the list of actions and a look ahead agree with the real thing."""

import random

import pytest

from tests.features.contracts import bodies, invariants, walking
from tests.features.contracts.replaying import LIVE
from tests.features.contracts.walking import TERMS

AMENDING = tuple(f"amendment.{verb}" for verb in ("execute", "reject", "withdraw"))


def stripped(events):
    """Events as both tell them: what was only tried has no ids of its own."""
    return [(one["type"], one["at"], one["transition"], one["configuration"]) for one in events]


async def try_and_tell(walk, dice):
    """Simulate one fact, which stores nothing, then tell it: the same answer."""
    kind = await walk.one_of(dice) if dice.random() < 0.7 else dice.choice(AMENDING)
    address = walk.address(kind, dice)
    if address is None:
        return
    body = bodies.body_of(kind, walk.known, dice)
    body |= {"at": bodies.instant(walk.known, dice)} if dice.random() < 0.4 else {}
    about = {"amendment_id": address.split("/")[3]} if kind in AMENDING else {}
    possible, before = await walk.allowed(), await invariants.stands(walk)
    tried = await walk.post(f"{walk.url}/simulate", {"facts": [{"action": kind, **body, **about}]})
    walk.check(await invariants.stands(walk) == before, "a simulation has left a trace")
    told = await walk.post(address, body)
    if told.status_code == 422:
        return
    walk.check(tried.status_code == 200, f"told {told.status_code}, but tried: {tried.text}")
    [step] = tried.json()["steps"]
    walk.check(step["allowed"] == (told.status_code == 200), f"{told.status_code}, but simulated {step}")
    if told.status_code == 200:
        walk.learn(body, told)
        late = body.get("at", walk.known.now.isoformat()) < walk.known.now.isoformat()
        walk.check(kind in possible or kind in AMENDING or late, f"{kind} was said not to be allowed")
        await _as_tried(walk, tried.json(), step, told.json()["decision"])


async def _as_tried(walk, tried, step, decision):
    now = await walk.get(walk.url)
    differ = {name: (tried["contract"][name], now[name]) for name in LIVE if tried["contract"][name] != now[name]}
    walk.check(not differ, f"tried and told: {differ}")
    for name in ("events", "superseded"):
        walk.check(stripped(step[name]) == stripped(decision[name]), f"{name}: {step[name]}, told {decision[name]}")
    armed = (await walk.get(f"{walk.url}/timers", status="armed", limit=200))["items"]
    wanted = [(one["key"], one["due_at"]) for one in tried["timers"]]
    walk.check(sorted(wanted) == sorted((one["key"], one["due_at"]) for one in armed), f"timers: {wanted}, {armed}")


async def look_ahead(walk, dice):
    """What time alone will bring, by a look ahead and by a simulation, is what it brings."""
    to = walk.known.now + dice.choice(walking.STEPS[2:])
    if to > walking.LAST:
        return
    ahead = await walk.get(walk.url, as_of=to.isoformat())
    tried = (await walk.post(f"{walk.url}/simulate", {"until": to.isoformat()})).json()
    await walk.advance(to)
    now = await walk.get(walk.url)
    for foretold in (ahead, tried["contract"]):
        differ = {name: (foretold[name], now[name]) for name in LIVE if foretold[name] != now[name]}
        walk.check(not differ, f"foretold for {to} and come: {differ}")


async def lived(app, database, seed, steps):
    dice = random.Random(seed)
    beginning = dice.choice(walking.BEGINNINGS)
    [walk] = await walking.begin(app, database, dice.choice(sorted(TERMS)), beginning)
    for _ in range(steps):
        kind = dice.random()
        if kind < 0.2:
            await look_ahead(walk, dice)
        elif kind < 0.35:
            await dice.choice([walk.serve, walk.agree])(dice)
        elif kind < 0.45:
            await walk.tell(dice.choice(["amendment.propose", "notice", "delivery", "item"]), dice)
        else:
            await try_and_tell(walk, dice)
    await walk.client.aclose()


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_simulated_is_what_follows(app, database, seed):
    await lived(app, database, seed, steps=30)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3000, 3200))
async def test_what_is_simulated_is_what_follows_in_long_lives(app, database, seed):
    await lived(app, database, seed, steps=80)
