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

WALKS = 300
STEPS = 30
NOW = dt.datetime.fromisoformat("2026-03-01T00:00:00+08:00")
EVENTS = sorted(str(event.id) for event in ContractChart().events)
ENDINGS = {event for _, event, target in TABLE.edges() if target.startswith(("terminated.w", "never_in_force."))}
IN_FORCE = ["performing", "amendment.none", "termination.none"]


def region(leaf):
    """The region of `in_force` that a state belongs to; None outside it."""
    parent = TABLE.parents[leaf]
    return parent if TABLE.parents.get(parent) == "in_force" else None


class Compiled:
    """A contract run on the table alone."""

    def __init__(self):
        self.active = ["draft.drafting"]

    def allowed(self):
        return [event for event in EVENTS if self.source(event)]

    def source(self, event):
        return next((leaf for leaf in self.active if TABLE.target(leaf, event)), None)

    def send(self, event):
        source = self.source(event)
        if source is None:
            return False
        target = TABLE.target(source, event)
        if target == "in_force":
            self.active = IN_FORCE
        elif target in TABLE.states and region(target):
            self.active = [target if leaf == source else leaf for leaf in self.active]
        elif target in TABLE.states:
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
    sources = {source for source, name, _ in TABLE.edges() if name == event}
    while leaf not in sources:
        leaf = TABLE.parents[leaf]
    return leaf, event


def events(random_of, compiled):
    """Any event, or one that the table allows, seldom one that ends the contract: else few walks would get far."""
    for _ in range(STEPS):
        allowed = compiled.allowed()
        if allowed and random_of.random() < 0.8:
            yield random_of.choices(allowed, [0.05 if event in ENDINGS else 1 for event in allowed])[0]
        else:
            yield random_of.choice(EVENTS)


def test_table_and_chart_agree_on_random_walks():
    taken, refused = set(), 0
    for walk in range(WALKS):
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
    assert refused > WALKS


def test_a_contract_moves_as_the_chart_does():
    by_ground = {event for source, event, _ in TABLE.edges() if source.startswith("termination.")}
    for walk in range(WALKS):
        state = State(roles=["A", "B"], time_zone="Asia/Shanghai", versions=[Version(no=1, title="", terms={})])
        world, chart, compiled = World(state, Env(china(), {}, {})), ContractChart(), Compiled()
        for event in events(random.Random(walk), compiled):
            if event in by_ground:
                continue
            compiled.send(event)
            assert moves(world, event) is accepts(chart, event), (walk, event)
            assert set(state.configuration) - {"in_force"} == leaves(chart), (walk, event)


def test_renew_stays_where_it_is():
    chart, compiled = ContractChart(), Compiled()
    for event in ("submit", "approve", "form", "take_effect", "suspend", "propose_amendment", "renew"):
        chart.send(event)
        assert compiled.send(event)
    assert leaves(chart) == set(compiled.active) == {"suspended", "amendment.proposed", "termination.none"}


@pytest.mark.parametrize("event", ["expire", "agree_end", "rescind", "rescind_automatically"])
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
