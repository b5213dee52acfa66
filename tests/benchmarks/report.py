"""Figures for the terminal and for the page."""

import datetime as dt
import platform
import statistics
from importlib import metadata
from pathlib import Path

import msgspec
import psutil

from tests.benchmarks import dispatch, law, search, streams
from tests.benchmarks.cases import Case
from tests.benchmarks.contracts import Counts
from tests.benchmarks.dispatch import Dispatch
from tests.benchmarks.load import Load
from tests.benchmarks.search import Searching
from tests.benchmarks.streams import Streaming

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "performance.md"
BEGINNING, END = "<!-- figures: make bench ARGS=--write -->", "<!-- end of figures -->"
PACKAGES = ("litestar", "granian", "uvloop", "asyncpg", "msgspec")


class Measured(msgspec.Struct, frozen=True):
    """One case: the runs of the floor and of the service, round by round."""

    case: Case
    floor: list[Load]
    service: list[Load]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios: what disturbs one round disturbs both of its runs."""
        return statistics.median(s.rate / f.rate for f, s in zip(self.floor, self.service, strict=True))

    @property
    def reached(self) -> bool:
        """Whether the target is met."""
        return self.ratio >= self.case.target


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one run of the benchmark found."""

    cases: list[Measured]
    deadlines: float
    """Deadlines computed in a second on one core, without a server."""
    dispatch: Dispatch
    searching: Searching
    streaming: Streaming
    counts: Counts
    server: dict[str, str]
    connections: int
    seconds: float
    restart: list[float]
    restart_all: list[float]
    idle: int
    loaded: int


def figures(result: Result) -> str:
    """The tables, as Markdown."""
    return "\n".join([*_speeds(result), "", *_process(result), "", *_machine(result)])


def verdict(result: Result) -> list[str]:
    """A line for each target that was missed."""
    missed = [
        f"{one.case.title}: {one.ratio:.3f} of the floor, {one.case.target:.2f} was asked for"
        for one in result.cases
        if not one.reached
    ]
    if result.deadlines < law.TARGET:
        missed.append(f"deadlines: {result.deadlines:,.0f} a second in process, {law.TARGET:,.0f} were asked for")
    if result.dispatch.table > dispatch.TARGET:
        missed.append(f"transitions: {result.dispatch.table:.1f} µs a dispatch, {dispatch.TARGET:g} µs at most")
    if not result.searching.reached:
        missed.append(search.told(result.searching))
    return missed + streams.missed(result.streaming)


def write(result: Result) -> None:
    """Put the figures in their place on the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGINNING)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGINNING}\n\n{figures(result)}\n\n{END}{after}", encoding="utf-8")


def _speeds(result: Result) -> list[str]:
    lines = [
        "| case | floor/s | service/s | ratio | of rounds | target | floor p50 / p99 ms | service p50 / p99 ms |",
        "| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |",
    ]
    for one in result.cases:
        ratios = [s.rate / f.rate for f, s in zip(one.floor, one.service, strict=True)]
        lines.append(
            f"| {one.case.title} | {_median(one.floor, 'rate'):.0f} | {_median(one.service, 'rate'):.0f} "
            f"| {one.ratio:.2f} | {min(ratios):.2f}-{max(ratios):.2f} | {one.case.target:.2f} "
            f"| {_latency(one.floor)} | {_latency(one.service)} |"
        )
    busiest = max(load.own_cpu for one in result.cases for load in one.floor)
    in_process = f"{result.deadlines:,.0f} a second on one core ({law.TARGET:,.0f} asked for)"
    lines += ["", f"Deadlines computed in process, without a server: {in_process}.", ""]
    lines += [_dispatch(result.dispatch), "", search.told(result.searching), ""]
    lines += [*streams.told(result.streaming), ""]
    lines += [f"The load generator took {busiest:.0%} of a core at most, so it held neither side back."]
    return lines


def _dispatch(found: Dispatch) -> str:
    rate = f"Transitions dispatched: {found.rate:,.0f} a second in process"
    target = f"{found.table:.1f} µs a dispatch, target at most {dispatch.TARGET:g} µs"
    return f"{rate}, {target}; the chart that the table is compiled from takes {found.chart:.0f} µs."


def _latency(loads: list[Load]) -> str:
    return f"{_median(loads, 'p50'):.1f} / {_median(loads, 'p99'):.1f}"


def _median(loads: list[Load], field: str) -> float:
    return float(statistics.median(getattr(load, field) for load in loads))


def _process(result: Result) -> list[str]:
    return [
        "| the process | |",
        "| --- | ---: |",
        f"| restart to ready, PostgreSQL running | {statistics.median(result.restart):.2f} s |",
        f"| restart to ready with the embedded PostgreSQL | {statistics.median(result.restart_all):.2f} s |",
        f"| resident memory when ready | {result.idle / 2**20:.0f} MiB |",
        f"| resident memory after the load | {result.loaded / 2**20:.0f} MiB |",
    ]


def _machine(result: Result) -> list[str]:
    cores, memory = psutil.cpu_count(), psutil.virtual_memory().total / 2**30
    counts, server = result.counts, result.server
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    settings = ", ".join(f"{name} {value}" for name, value in server.items() if name != "version")
    rounds = len(result.cases[0].floor)
    today, system = dt.datetime.now(dt.UTC).date(), f"{platform.system()} {platform.release()}"
    table = f"{counts.contracts:,} contracts, {counts.events:,} events, {counts.timers:,} timers"
    return [
        f"- {today}, {_cpu()}, {cores} cores for everything, {memory:.0f} GiB; {system}",
        f"- Python {platform.python_version()}, PostgreSQL {server['version']} ({settings}), {versions}",
        f"- {table}, {counts.bytes / 2**20:.0f} MiB before the first round",
        f"- {rounds} rounds, {result.seconds:g} s a run, {result.connections} connections",
    ]


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
