import datetime as dt
import random

import pytest
from statemachine.exceptions import TransitionNotAllowed

from clm.law.calendars import china
from clm.lifecycle.chart import TABLE, ContractChart, wire_name
from clm.lifecycle.journey import initial_states
from clm.lifecycle.state import State, Version
from clm.lifecycle.transitions import TRANSITIONS
from clm.lifecycle.world import Env, Refused, World

WALKS = [1_000, pytest.param(10_000, marks=pytest.mark.soak)]
STEPS = 30
NOW = dt.datetime.fromisoformat("2026-03-01T00:00:00+08:00")
EVENTS = sorted(str(event.id) for event in ContractChart().events)
ENDINGS = {event for _, event, target in TABLE.edges() if target.startswith(("terminated.w", "never_in_force."))}
SOURCES = {event: {source for source, name, _ in TABLE.edges() if name == event} for event in EVENTS}
ENDS = [event for source, event, target in TABLE.edges() if (source, target) == ("in_force", "terminated.winding_down")]
WELL_ON = ("submit", "approve", "form", "take_effect", "suspend", "propose_amendment")
IN_FORCE = ["performing", "amendment.none", "termination.none"]


def around(leaf):
    """A state and everything that it lies in, from the inside out."""
    while leaf:
        yield leaf
        leaf = TABLE.parents.get(leaf)


def region(leaf):
    """The region of `in_force` that a state belongs to; None outside it."""
    parent = TABLE.parents[leaf]
    return parent if TABLE.parents.get(parent) == "in_force" else None


class Compiled:
    """A contract run on the table alone; `regions` is how it stood, or would stand, in force."""

    def __init__(self):
        self.active = ["draft.drafting"]
        self.regions = IN_FORCE

    def allowed(self):
        return [event for event in EVENTS if self.source(event)]

    def source(self, event):
        return next((leaf for leaf in self.active if TABLE.target(leaf, event)), None)

    def send(self, event):
        source = self.source(event)
        if source is None:
            return False
        target = TABLE.target(source, event)
        if target in around(source):
            return True  # an event without a target: nothing is left and nothing entered
        if target == "in_force":
            self.active = self.regions
        elif region(target):
            self.active = self.regions = [target if leaf == source else leaf for leaf in self.active]
        else:
            self.active = [target]
        return True


def leaves(chart):
    return {wire_name(state) for state in chart.configuration if not state.states}


def accepts(chart, event):
    try:
        chart.send(event)
    except TransitionNotAllowed:
        return False
    return True


def moves(world, event):
    try:
        world.move(event, NOW, "test.moved", "A step of a walk.")
    except Refused:
        return False
    return True


def edge(leaf, event):
    """The source of the arrow that `event` takes from `leaf`: the state itself or what surrounds it."""
    return next(state for state in around(leaf) if state in SOURCES[event]), event


def events(random_of, compiled):
    """Any event, or one that the table allows, seldom one that ends the contract: else few walks would get far."""
    for _ in range(STEPS):
        allowed = compiled.allowed()
        if allowed and random_of.random() < 0.8:
            yield random_of.choices(allowed, [0.05 if event in ENDINGS else 1 for event in allowed])[0]
        else:
            yield random_of.choice(EVENTS)


@pytest.mark.parametrize("walks", WALKS)
def test_table_and_chart_agree_on_random_walks(walks):
    taken, refused = set(), 0
    for walk in range(walks):
        compiled, chart, random_of = Compiled(), ContractChart(), random.Random(walk)
        for event in events(random_of, compiled):
            before, source = compiled.active, compiled.source(event)
            allowed = compiled.send(event)
            assert accepts(chart, event) is allowed, (walk, before, event)
            assert set(compiled.active) == leaves(chart), (walk, before, event)
            refused += not allowed
            if source:
                taken.add(edge(source, event))
    assert taken == {(source, event) for source, event, _ in TABLE.edges()}
    assert refused > walks


@pytest.mark.parametrize("walks", WALKS)
def test_a_contract_moves_as_the_chart_does(walks):
    by_ground = {event for source, event, _ in TABLE.edges() if source.startswith("termination.")}
    for walk in range(walks):
        state = State(roles=["A", "B"], time_zone="Asia/Shanghai", versions=[Version(no=1, title="", terms={})])
        world, chart, compiled = World(state, Env(china(), {}, {})), ContractChart(), Compiled()
        for event in events(random.Random(walk), compiled):
            if event in by_ground:
                continue
            compiled.send(event)
            assert moves(world, event) is accepts(chart, event), (walk, event)
            assert set(state.configuration) - {"in_force"} == leaves(chart), (walk, event)


def after(*sent):
    """Chart and table after the same events; both take each of them."""
    chart, compiled = ContractChart(), Compiled()
    for event in sent:
        chart.send(event)
        assert compiled.send(event)
    assert leaves(chart) == set(compiled.active)
    return leaves(chart)


def test_an_event_without_a_target_stays_where_it_is():
    regions = {"suspended", "amendment.proposed", "termination.none"}
    assert after(*WELL_ON, "renew") == after(*WELL_ON, "contest") == regions
    for event in ("contest", "amend_surviving"):
        assert after(*WELL_ON, "expire", event) == {"terminated.winding_down"}
        assert after(*WELL_ON, "expire", "close", event) == {"terminated.closed"}


@pytest.mark.parametrize("ending", ENDS)
def test_a_restored_contract_stands_as_it_stood(ending):
    regions = after(*WELL_ON, "assert_ground")
    assert regions == {"suspended", "amendment.proposed", "termination.ground_arisen"}
    assert after(*WELL_ON, "assert_ground", ending, "restore") == regions
    assert after(*WELL_ON, "assert_ground", ending, "close", "restore") == regions
    assert after(*WELL_ON, "assert_ground", ending, "restore", "resume", ending, "restore") == {
        "performing",
        "amendment.proposed",
        "termination.ground_arisen",
    }


@pytest.mark.parametrize("event", ENDS)
def test_what_ends_the_contract_ends_it_in_every_state_of_every_region(event):
    inside = [leaf for leaf in TABLE.states if region(leaf)]
    assert {TABLE.target(leaf, event) for leaf in inside} == {"terminated.winding_down"}
    assert {TABLE.target(leaf, event) for leaf in TABLE.states if leaf not in inside} == {None}


def test_each_event_has_a_rule_and_each_rule_an_event():
    assert sorted(TRANSITIONS) == EVENTS
    assert {event for _, event, _ in TABLE.edges()} == set(EVENTS)
    assert len({rule.id for rule in TRANSITIONS.values()}) == len(TRANSITIONS)
    assert all(rule.source and rule.when and rule.who and rule.effect for rule in TRANSITIONS.values())


def test_every_state_can_be_reached():
    reached, todo = set(), ["draft.drafting"]
    while todo:
        leaf = todo.pop()
        reached.add(leaf)
        targets = {TABLE.target(leaf, event) for event in EVENTS} - {None}
        todo += [
            t
            for t in {*targets, *(IN_FORCE if "in_force" in targets else [])}
            if t in TABLE.states and t not in reached
        ]
    assert reached == set(TABLE.states)
    assert set(IN_FORCE) <= set(initial_states())
