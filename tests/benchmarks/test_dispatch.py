"""The dispatch that is measured is real: the contract moves, and what is measured of the chart moves alike."""

import pytest

from clm.lifecycle.chart import TABLE, wire_name
from clm.lifecycle.world import Refused
from tests.benchmarks import dispatch


def test_a_cycle_brings_the_contract_back_and_moves_in_between():
    world = dispatch.contract()
    before = world.state.configuration
    world.happenings.clear()
    seen = []
    for event in dispatch.CYCLE:
        world.move(event, dispatch._AT, "test.moved", "A step.")
        seen.append(tuple(world.state.configuration))
    assert world.state.configuration == before
    assert len(world.happenings) == len(dispatch.CYCLE)
    assert {leaf for active in seen for leaf in active} >= {"suspended", "amendment.agreed_pending"}
    assert any(active == ("terminated.winding_down",) for active in seen)


def test_the_chart_walks_the_same_cycle():
    machine = dispatch.chart()
    for event in dispatch.CYCLE:
        machine.send(event)
    leaves = {wire_name(state) for state in machine.configuration if not state.states}
    assert leaves == set(dispatch.contract().state.configuration) - {"in_force"}


def test_the_world_of_the_benchmark_refuses_what_the_chart_does():
    assert all(TABLE.target(leaf, "submit") is None for leaf in dispatch.contract().state.configuration)
    with pytest.raises(Refused):
        dispatch.contract().move("submit", dispatch._AT, "test.moved", "A step.")


def test_the_figures_are_microseconds_of_one_transition():
    found = dispatch.measure(rounds=3, times=200, chart_times=5)
    assert 0 < found.table < found.chart
    assert found.rate == pytest.approx(1e6 / found.table)
