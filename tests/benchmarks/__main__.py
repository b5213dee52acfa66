"""`make bench`: the service against the floor, on one PostgreSQL, round by round."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import httpx
import msgspec
from msgspec.structs import replace
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from clm.kit import migrations
from clm.kit.embedded import Dsns, temporary
from tests.benchmarks import contracts, dispatch, law, report, search, streams
from tests.benchmarks.cases import CASES, Case, Job, sample_paths
from tests.benchmarks.contracts import Counts
from tests.benchmarks.report import Measured, Result
from tests.benchmarks.servers import KEY, Generator, Served, bare, floor, generator, service

MISSED = 1
Step = Callable[[str], None]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much is measured, and for how long."""

    rounds: int = 5
    seconds: float = 3.0
    warm_up: float = 0.7
    connections: int = 16
    contracts: int = 100_000
    restarts: int = 3
    texts: int = search.TEXTS
    huge: int = streams.HUGE

    @property
    def steps(self) -> int:
        """Steps of the progress display."""
        return 7 + self.rounds * len(CASES) * 2 + self.restarts * 2


QUICK = Plan(rounds=1, seconds=1.0, warm_up=0.3, contracts=2_000, restarts=1, texts=2_000, huge=streams.LONG)


def main() -> int:
    """Measure, print, and return the exit status: 0 where every target is met."""
    options = _options()
    plan = QUICK if options.quick else Plan(contracts=options.contracts, rounds=options.rounds)
    out, aside = (Console(stderr=stderr, soft_wrap=True, highlight=False, markup=False) for stderr in (False, True))
    with _progress(aside, plan.steps) as step:
        result = run(plan, step)
    out.print(report.figures(result))
    if options.write:
        report.write(result)
        aside.print(f"written to {report.PAGE}")
    missed = report.verdict(result)
    for line in missed:
        aside.print(f"missed: {line}")
    return MISSED if missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="The service against a bare ASGI application.")
    parser.add_argument("--quick", action="store_true", help="one short round on a small table: does it run at all")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {report.PAGE.name}")
    parser.add_argument("--contracts", type=int, default=Plan().contracts, help="contracts in the table")
    parser.add_argument("--rounds", type=int, default=Plan().rounds, help="rounds, each of floor and service")
    return parser.parse_args()


@contextmanager
def _progress(console: Console, steps: int) -> Iterator[Step]:
    columns = (TextColumn("{task.description:<48}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        task = progress.add_task("", total=steps)

        def step(what: str) -> None:
            progress.update(task, description=what, advance=1)
            if not console.is_terminal:
                console.print(what)

        yield step


def run(plan: Plan, step: Step) -> Result:
    """The whole benchmark on a fresh database that is gone afterwards."""
    step("computing deadlines in this process")
    deadlines = law.rate(plan.rounds)
    step("dispatching transitions in this process")
    dispatched = dispatch.measure(plan.rounds)
    step("starting PostgreSQL")
    with temporary() as server:
        dsns, data_dir = server.start(), str(server._data_dir)
        asyncio.run(migrations.migrate(dsns.owner))
        serving = service({"CLM_DATABASE_URL": dsns.service, "CLM_DATA_DIR": data_dir})
        with serving:
            idle = serving.resident()
            draft = contracts.make_models(serving)
            step(f"copying {plan.contracts:,} contracts")
            tenant, counts, settings = asyncio.run(_fill(dsns, plan.contracts))
            with floor(dsns.service, tenant, draft) as least, bare() as handler, generator() as load:
                step("checking that both answer alike")
                _same_answers(serving, least)
                measured = _rounds(plan, step, load, {"floor": least, "bare": handler, "service": serving}, draft)
            loaded = serving.resident()
        restart = _restarts(serving, plan, step, "PostgreSQL running")
        server.stop()
        restart_all = _restarts(service({"CLM_DATA_DIR": data_dir}), plan, step, "PostgreSQL too")
    step(f"searching in {plan.texts:,} texts")
    searched = search.measure(plan.texts)
    step("streaming")
    streamed = streams.measure(plan.rounds, huge=plan.huge)
    return Result(
        cases=measured,
        deadlines=deadlines,
        dispatch=dispatched,
        searching=searched,
        streaming=streamed,
        counts=counts,
        server=settings,
        connections=plan.connections,
        seconds=plan.seconds,
        restart=restart,
        restart_all=restart_all,
        idle=idle,
        loaded=loaded,
    )


async def _fill(dsns: Dsns, number: int) -> tuple[str, Counts, dict[str, str]]:
    connection = await asyncpg.connect(dsns.superuser)
    try:
        counts = await contracts.copy(connection, number)
        tenant = await connection.fetchval(contracts.sql.tenant)
        return str(tenant), counts, dict(await connection.fetchrow(contracts.sql.server))
    finally:
        await connection.close()


def _same_answers(serving: Served, least: Served) -> None:
    """Both sides must read the same contracts, or the comparison means nothing."""
    headers = {"authorization": f"Bearer {KEY}"}
    with httpx.Client(headers=headers, timeout=30) as client:
        for path in sample_paths():
            ours, theirs = (client.get(f"{one.url}{path}").json() for one in (serving, least))
            if _essence(ours) != _essence(theirs):
                raise RuntimeError(f"service and floor differ on {path}:\n{ours}\n{theirs}")


def _essence(answer: dict[str, Any]) -> list[Any]:
    items = answer.get("items", [answer])
    return [(one["id"], one["terms"], one["parties"], one["external_refs"]) for one in items]


def _rounds(plan: Plan, step: Step, load: Generator, sides: dict[str, Served], draft: bytes) -> list[Measured]:
    measured = [Measured(case, [], []) for case in CASES]
    for number in range(1, plan.rounds + 1):
        for one in measured:
            for part, side, into in ((0, one.case.floor, one.floor), (1, "service", one.service)):
                step(f"round {number}: {side}, {one.case.name}")
                job = _job(plan, one.case, sides[side], f"{side}-{number}", draft)
                into.append(load.run(replace(job, part=2 * (number - 1) + part)))
    return measured


def _job(plan: Plan, case: Case, served: Served, mark: str, draft: bytes) -> Job:
    return Job(
        part=0,
        parts=2 * plan.rounds,
        case=case.name,
        port=served.port,
        key=KEY,
        seed=int(mark.rpartition("-")[2]),
        seconds=plan.seconds,
        warm_up=plan.warm_up,
        connections=plan.connections,
        contracts=plan.contracts,
        draft=msgspec.Raw(draft),
        mark=mark,
    )


def _restarts(serving: Served, plan: Plan, step: Step, what: str) -> list[float]:
    taken = []
    for _ in range(plan.restarts):
        step(f"restarting: {what}")
        taken.append(serving.start())
        serving.stop()
    return taken


if __name__ == "__main__":
    sys.exit(main())
