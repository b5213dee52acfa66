"""Random lives over HTTP on the real database: whatever is told breaks no invariant and is no error of ours."""

import asyncio
import random

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from clm.lifecycle.actions import REGISTER
from tests.features.contracts import bodies, invariants, replaying, walking
from tests.features.contracts.walking import BEGINNINGS, TERMS

SEEDS = st.integers(0, 0xFFFF)
"""A step's choices are spread evenly by a seed and by what was told before, so that no two steps are alike."""
ORDINARY = settings(
    max_examples=8,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
SOAK = settings(
    max_examples=150, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)


@pytest.fixture(scope="session")
async def loop():
    """The loop of the session: the database's connections belong to it."""
    return asyncio.get_running_loop()


async def repeat(walk, dice):
    """Tell one fact again under its key, which answers as before, and again without, which is a fact of its own."""
    name = await walk.one_of(dice)
    body, key = bodies.body_of(name, walk.known, dice), walking.fresh_key()
    first = await walk.post(walk.address(name, dice), body, headers=key)
    if first.status_code < 300:
        walk.learn(body, first)
        before = await invariants.stands(walk)
        again = await walk.post(walk.address(name, dice), body, headers=key)
        walk.check(again.content == first.content, f"another answer under one key: {again.text}")
        walk.check(await invariants.stands(walk) == before, "a repeated key was carried out twice")
    once_more = await walk.post(walk.address(name, dice), body)
    if once_more.status_code < 300:
        walk.learn(body, once_more)


async def replayed(walk, snapshots):
    """Everything that is on record gives the rows again."""
    await replaying.from_facts(walk)
    await replaying.from_events(walk, await invariants.stands(walk))
    await replaying.as_it_was_read(walk, snapshots, random.Random(len(walk.past)))


class Lives(RuleBasedStateMachine):
    """Each rule tells one random thing; after each the rows are checked, and at the end made anew."""

    app = database = loop = walk = None

    def run(self, doing):
        return self.loop.run_until_complete(doing)

    def dice(self, seed):
        return random.Random(f"{seed}/{len(self.walk.past) if self.walk else 0}")

    @initialize(seed=SEEDS)
    def begin(self, seed):
        dice = self.dice(seed)
        terms, beginning = dice.choice(sorted(TERMS)), dice.choice(BEGINNINGS)
        [self.walk] = self.run(walking.begin(self.app, self.database, terms, beginning))
        self.walk.past.append(("BEGIN", terms, beginning, ""))
        self.snapshots = {}
        self.whole = True
        self.run(self.checked())

    @rule(seed=SEEDS, times=st.integers(1, 3))
    def act(self, seed, times):
        for time in range(times):
            self.run(self.told(self.dice(f"{seed}/{time}"), None))

    @rule(
        seed=SEEDS,
        name=st.sampled_from(("notice", "delivery", "delivery", "send", "notice.withdraw", "notice.correct")),
    )
    def by_notice(self, seed, name):
        self.run(self.told(self.dice(seed), name))

    @rule(seed=SEEDS, name=st.sampled_from(("item", "release")))
    def in_confidence(self, seed, name):
        self.run(self.told(self.dice(seed), name))

    @rule(seed=SEEDS)
    def amend(self, seed):
        self.run(self.amended(self.dice(seed)))

    @rule(seed=SEEDS)
    def serve(self, seed):
        self.run(self.done(self.walk.serve(self.dice(seed))))

    @rule(seed=SEEDS)
    def agree(self, seed):
        self.run(self.done(self.walk.agree(self.dice(seed))))

    @rule(seed=SEEDS)
    def wind_up(self, seed):
        self.run(self.done(self.walk.wind_up(self.dice(seed))))

    @rule(seed=SEEDS)
    def twice(self, seed):
        self.run(self.done(repeat(self.walk, self.dice(seed))))

    @rule(seed=SEEDS)
    def time_passes(self, seed):
        self.run(self.done(self.walk.let_pass(self.dice(seed))))

    async def told(self, dice, name):
        before = await invariants.stands(self.walk)
        answer = await self.walk.tell(name or await self.walk.one_of(dice), dice)
        await self.checked(before if answer is not None and answer.status_code >= 400 else None)

    async def amended(self, dice):
        names = [name for name in bodies.AMENDMENT_ACTIONS if name.partition(".")[2] in self.walk.served]
        await self.told(dice, dice.choice(["amendment.propose", *names, *["amendment.execute"] * 4]))

    async def done(self, doing):
        await doing
        await self.checked()

    async def checked(self, before=None):
        self.whole = False
        row = await invariants.hold(self.walk)
        self.walk.check(before is None or before == row, f"what was refused has left a trace: {before}\n{row}")
        await replaying.snapshot(self.walk, self.snapshots)
        self.whole = True

    def teardown(self):
        if self.walk is not None:
            if self.whole:
                self.run(replayed(self.walk, self.snapshots))
            self.run(self.walk.client.aclose())


def lives(app, database, loop, chosen):
    """Run the machine on the application of this run."""
    run_state_machine_as_test(
        type("Lives", (Lives,), {"app": app, "database": database, "loop": loop}), settings=chosen
    )


def test_every_field_of_every_fact_can_be_made():
    known = bodies.Known(walking.START, walking.START)
    for name in (*bodies.ACTIONS, *bodies.AMENDMENT_ACTIONS, *bodies.OTHER):
        struct = bodies.OTHER.get(name) or REGISTER[name].body
        for field, kind in bodies.every_field(struct):
            made = bodies.value(field, kind, known, random.Random(1))
            assert made is not None, f"{name}: {field}"
        for seed in range(20):
            msgspec.convert(bodies.body_of(name, known, random.Random(seed)) | bodies.later(name), struct)


async def test_every_action_that_is_served_is_tried(client):
    served = {
        path.rpartition("/")[2]
        for path in (await client.get("/openapi.json")).json()["paths"]
        if "/contracts/{contract_id}/actions/" in path
    }
    assert served == set(bodies.ACTIONS)


def test_no_sequence_of_facts_breaks_an_invariant(app, database, loop):
    lives(app, database, loop, ORDINARY)


@pytest.mark.soak
def test_no_long_sequence_of_facts_breaks_an_invariant(app, database, loop):
    lives(app, database, loop, SOAK)
