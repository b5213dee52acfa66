"""Processes and a database that tests may kill."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from clm.kit import embedded, migrations
from clm.kit.sql import Statements
from tests.conftest import ROOT, START, Served

COUNTS = Statements("counts.sql", (Path(__file__).parent / "counts.sql").read_text(encoding="utf-8"))
WAIT_SECONDS = 90
SOON = "2026-01-31"


class Worker:
    """`clm worker` as a process of its own."""

    def __init__(self, folder, dsn):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CLM_")}
        environment |= {"CLM_DATA_DIR": str(folder), "CLM_DATABASE_URL": dsn, "CLM_WORKER_INTERVAL": "0.1"}
        with (folder.parent / "worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "clm.cli", "worker"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        self.process.wait(30)


@pytest.fixture
def start_worker(tmp_path, server):
    """`start_worker()`: one more worker on the test's database, stopped after the test."""
    started = []

    def start():
        started.append(Worker(tmp_path / "worker", server.start().service))
        return started[-1]

    yield start
    for worker in started:
        worker.end()


@pytest.fixture
def server():
    """A migrated PostgreSQL of this test's own, to be shared by several processes or stopped."""
    with embedded.temporary() as server:
        asyncio.run(migrations.migrate(server.start().owner))
        yield server


@pytest.fixture
def serve_on(tmp_path, server):
    """`serve_on(CLM_WORKER="0")`: a started `clm serve` on the test's database."""
    made = []

    def serve(**environment):
        made.append(Served(tmp_path / f"serve-{len(made)}", CLM_DATABASE_URL=server.start().service, **environment))
        made[-1].data_dir.mkdir()
        return made[-1].start()

    yield serve
    for served in made:
        served.stop()


@pytest.fixture
def counted(server):
    """`await counted("fired", "term")`: the value of one statement of counts.sql, seen across tenants."""

    async def count(name, *arguments):
        connection = await asyncpg.connect(server.start().superuser)
        try:
            return await connection.fetchval(getattr(COUNTS, name), *arguments)
        finally:
            await connection.close()

    return count


@asynccontextmanager
async def overdue(serve_on, counted, drafts, in_force):
    """Contracts whose term ended while their tenant stood still; then it lives in real time, and nobody has looked."""
    served = serve_on(CLM_WORKER="0", CLM_BOOTSTRAP_TEST_CLOCK=START.isoformat())
    async with served.client() as client:
        await make_drafts(client, [SOON] * drafts)
        await make_in_force(client, [SOON] * in_force)
    served.stop()
    assert await counted("fired", "term") == 0
    await counted("live_in_real_time")
    yield


async def make_drafts(client, ends):
    """A draft for each end of a term."""
    return await _many(lambda number, end: _draft(client, number, end), ends)


async def make_in_force(client, ends):
    """A contract in force for each end of a term."""
    parties = []
    for role in "AB":
        answer = await client.post("/v1/parties", json={"legal_name": role, "kind": "legal_person"})
        parties.append({"role": role, "party_id": answer.json()["id"]})
    return await _many(lambda number, end: _in_force(client, parties, number, end), ends)


async def _many(make, ends):
    gate = asyncio.Semaphore(12)

    async def one(number, end):
        async with gate:
            return await make(number, end)

    # Not a task group: what it cancels is left with open sockets.
    made = await asyncio.gather(*(one(number, end) for number, end in enumerate(ends)), return_exceptions=True)
    failed = [one for one in made if isinstance(one, Exception)]
    if failed:
        raise ExceptionGroup("not all could be made", failed)
    return made


async def _draft(client, number, end, **more):
    fresh = {"type": "generic", "number": f"{number}-{bool(more)}", "title": "合同", "terms": {"term": {"end": end}}}
    answer = await client.post("/v1/contracts", json=fresh | more)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def _in_force(client, parties, number, end):
    contract_id = await _draft(client, number, end, parties=parties)
    facts = [("submit", {}), ("approve", {}), *(("execute", {"party": role, "method": "seal"}) for role in "AB")]
    for action, fact in facts:
        answer = await client.post(f"/v1/contracts/{contract_id}/actions/{action}", json=fact)
        assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "effective"
    return contract_id


async def reached(look, enough):
    """Wait until `await look()` is at least `enough`."""
    deadline = time.monotonic() + WAIT_SECONDS
    while (found := await look()) < enough:
        assert time.monotonic() < deadline, f"{found} of {enough} after {WAIT_SECONDS} s"
        await asyncio.sleep(0.02)
    return found


async def everything(client, where, **query):
    """All items of a list."""
    items, cursor = [], None
    while True:
        answer = await client.get(where, params=query | {"limit": 200} | ({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None or not page["items"]:
            return items
