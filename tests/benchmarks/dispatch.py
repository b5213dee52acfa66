"""What one transition of the chart costs in this process: found, taken and told, as every decision does it."""

import datetime as dt
import statistics
import time
from collections.abc import Callable

import msgspec

from clm.law.calendars import china
from clm.lifecycle.chart import ContractChart
from clm.lifecycle.state import State, Version
from clm.lifecycle.world import Env, World

TARGET = 5.0
"""Microseconds a dispatch, at most."""
TIMES, CHART_TIMES = 10_000, 100
INTO_FORCE = ("submit", "send_back", "submit", "approve", "form", "take_effect")
CYCLE = (
    "suspend",
    "propose_amendment",
    "agree_amendment",
    "apply_amendment",
    "renew",
    "resume",
    "contest",
    "propose_amendment",
    "drop_amendment",
    "expire",
    "amend_surviving",
    "restore",
)
"""From a contract in force to the same: every region that a decision moves by name, with and without a target."""
_AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


class Dispatch(msgspec.Struct, frozen=True):
    """Microseconds a transition: of a decision on the compiled table, and of the chart that it is compiled from."""

    table: float
    chart: float

    @property
    def rate(self) -> float:
        """Transitions a second in one process."""
        return 1e6 / self.table


def contract() -> World:
    """A contract in force."""
    state = State(roles=["A", "B"], time_zone="Asia/Shanghai", versions=[Version(no=1, title="", terms={})])
    world = World(state, Env(china(), {}, {}))
    for event in INTO_FORCE:
        world.move(event, _AT, "benchmark.moved", "A step.")
    return world


def chart() -> ContractChart:
    """The same on the chart."""
    found = ContractChart()
    for event in INTO_FORCE:
        found.send(event)
    return found


def measure(rounds: int, times: int = TIMES, chart_times: int = CHART_TIMES) -> Dispatch:
    """The median of the rounds of each."""
    world, machine = contract(), chart()

    def on_table() -> None:
        for event in CYCLE:
            world.move(event, _AT, "benchmark.moved", "A step.")
        world.happenings.clear()

    def on_chart() -> None:
        for event in CYCLE:
            machine.send(event)

    return Dispatch(_median(on_table, rounds, times), _median(on_chart, rounds, chart_times))


def _median(cycle: Callable[[], None], rounds: int, times: int) -> float:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(times):
            cycle()
        taken.append((time.perf_counter() - began) / (times * len(CYCLE)) * 1e6)
    return statistics.median(taken)
