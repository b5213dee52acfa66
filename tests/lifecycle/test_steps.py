"""The words for where a contract stands, and the way from there to where a fact would be allowed."""

import pytest

from clm.lifecycle import actions, steps
from clm.lifecycle.chart import TABLE
from clm.lifecycle.world import World
from tests.lifecycle.life import Life

IN_FORCE = steps.BINDS
DEAD = ["never_in_force.withdrawn", "never_in_force.lapsed", "never_in_force.void"]


def test_every_state_of_the_chart_has_words():
    shown = set(TABLE.states) | {"in_force", "terminated", "never_in_force"}
    assert shown == set(steps.WORDS)


def test_a_contract_in_several_states_is_told_by_those_that_say_something():
    assert steps.standing(IN_FORCE) == "in force"
    both = ("in_force", "suspended", "amendment.proposed", "termination.none")
    assert steps.standing(both) == "in force and suspended, with an amendment proposed"


def test_states_within_one_that_is_wanted_are_not_named():
    assert steps.wanted(("in_force", "performing", "terminated.closed", "terminated")) == "in force or ended"


@pytest.mark.parametrize(
    ("here", "action", "events"),
    [
        (("draft.drafting",), "suspend", ("submit",)),
        (("draft.out_for_signature",), "suspend", ("form", "form_by_performance")),
        (("draft.out_for_signature",), "submit", ("send_back",)),
        (("draft.formed_pending",), "terminate-by-agreement", ("take_effect",)),
        (IN_FORCE, "resume", ("suspend",)),
        (("terminated.closed",), "suspend", ("restore",)),
    ],
)
def test_the_way_begins_with_the_transition_that_is_next(here, action, events):
    assert steps.first_steps(here, actions.REGISTER[action].states) == events


@pytest.mark.parametrize("here", DEAD)
def test_nothing_leads_out_of_what_never_took_effect(here):
    states = [what.states for what in actions.in_order() if not steps.is_in((here,), what.states)]
    assert states
    assert {steps.first_steps((here,), wanted) for wanted in states} == {()}


def test_no_way_gives_the_contract_up():
    configurations = [(state,) for state in TABLE.states if steps.outward(state)[-1] != "in_force"] + [IN_FORCE]
    begun = {
        event
        for here in configurations
        for what in actions.in_order()
        if not steps.is_in(here, what.states)
        for event in steps.first_steps(here, what.states)
    }
    assert begun >= {"submit", "approve", "form", "take_effect", "restore"}
    assert begun.isdisjoint(steps.GIVES_UP)


def test_only_a_fact_that_is_possible_now_is_named_and_else_what_the_transition_waits_for():
    life = Life({"effectiveness": {"not_before": "2026-03-01"}})
    life.sign()
    [reason] = actions.obstacles(World(life.state, life.env), "suspend")
    assert (reason.missing, reason.who) == ("all conditions met and the date reached", "timer")
    life = Life({"effectiveness": {"conditions": [{"key": "licence", "description": "许可证"}]}})
    life.sign()
    [reason] = actions.obstacles(World(life.state, life.env), "suspend")
    assert (reason.missing, reason.who) == ("satisfy-condition", "condition owner, authority")


def test_all_states_within_one_are_named_by_it():
    needed = actions.REGISTER["correct"].states
    assert (
        steps.wanted(needed)
        == "out for signature or formed but not yet in force or in force or ended or never in force"
    )
