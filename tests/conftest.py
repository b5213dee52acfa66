"""One embedded PostgreSQL for the whole run; each test has a tenant of its own in it, so nothing is ever reset.

`api` calls the application in process, `served` is `clm serve` as a process of its own.
"""

import asyncio
import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from clm.app import create_app
from clm.features.accounts import service as accounts
from clm.features.legal_data import service as legal_data
from clm.kit import embedded, migrations
from clm.kit.db import Database
from clm.kit.storage import from_url
from clm.kit.vault import Vault

ROOT = Path(__file__).parents[1]
START = dt.datetime.fromisoformat("2026-01-01T00:00:00+08:00")
MASTER_KEY = bytes(range(32))
READY_SECONDS = 60
STOP_SECONDS = 30


@pytest.fixture(scope="session")
def dsns():
    """A fresh server, migrated once."""
    with embedded.temporary() as server:
        dsns = server.start()
        asyncio.run(migrations.migrate(dsns.owner))
        yield dsns


@pytest.fixture(scope="session")
async def database(dsns):
    database = Database(dsns.service, max_size=16)
    await database.open()
    await legal_data.begin(database)
    yield database
    await database.close()


@pytest.fixture(scope="session")
async def store(tmp_path_factory):
    store = from_url(f"file://{tmp_path_factory.mktemp('objects')}")
    yield store
    await store.close()


@pytest.fixture(scope="session")
def vault(store):
    """The store with a master key, and no scanner."""
    return Vault(store, MASTER_KEY)


@pytest.fixture(scope="session")
def app(database, vault):
    return create_app(database, vault)


def caller(app, key=None):
    """An httpx client of an application in this process; what the application raises becomes an answer."""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://clm.test", headers=headers, timeout=60)


@pytest.fixture
async def api(app):
    """A client without a key."""
    async with caller(app) as client:
        yield client


@dataclass(frozen=True)
class Tenancy:
    """A tenant and its key with every scope."""

    tenant: UUID
    key: str


async def new_tenancy(database, test_clock=None, scopes=("*",)):
    """A tenant of its own, with one key."""
    tenant = await accounts.create_tenant(database, "test", test_clock)
    return Tenancy(tenant, await new_key(database, tenant, scopes))


async def new_key(database, tenant, scopes=("*",)):
    """One more key of a tenant."""
    async with database.work(tenant) as unit:
        made = await accounts.create_key(unit, "test", scopes)
    return made.key


@pytest.fixture
async def tenancy(database):
    return await new_tenancy(database)


@pytest.fixture
def tenant(tenancy):
    return tenancy.tenant


@pytest.fixture
def key(tenancy):
    return tenancy.key


@pytest.fixture
async def client(app, key):
    """A client with every scope in a tenant of this test's own."""
    async with caller(app, key) as client:
        yield client


@pytest.fixture
async def stranger(app, database):
    """A client of another tenant."""
    async with caller(app, (await new_tenancy(database)).key) as client:
        yield client


@pytest.fixture
async def clocked(app, database):
    """A client of a tenant whose test clock starts at 2026-01-01T00:00:00+08:00."""
    async with caller(app, (await new_tenancy(database, START)).key) as client:
        yield client


@pytest.fixture
def client_with(app, database, tenant):
    """`async with client_with("parties:read") as client`: a key of this test's tenant with those scopes only."""

    @asynccontextmanager
    async def make(*scopes):
        async with caller(app, await new_key(database, tenant, scopes)) as client:
            yield client

    return make


class Served:
    """`clm serve` as a process on a port and a data folder of its own; start it again after a kill."""

    key = "e2e-" + "0123456789abcdef" * 3

    def __init__(self, data_dir, **environment):
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("CLM_")}
        self._environment |= {"CLM_DATA_DIR": str(data_dir), "CLM_BOOTSTRAP_API_KEY": self.key, **environment}
        self._process = None

    def start(self, **environment):
        """Start, with these settings too from now on, and wait until it is ready."""
        self._environment |= environment
        with (self.data_dir.parent / f"{self.data_dir.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "clm.cli", "serve", "--port", str(self.port)],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_SECONDS
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"clm serve does not become ready:\n{Path(log.name).read_text()[-3000:]}")
            time.sleep(0.1)
        return self

    def client(self):
        """An httpx client with the first key."""
        headers = {"authorization": f"Bearer {self.key}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=60)

    def kill(self):
        """SIGKILL to the process and whatever it started in its session."""
        self._end(signal.SIGKILL)

    def stop(self):
        """SIGTERM, as a service manager would."""
        self._end(signal.SIGTERM)

    def _end(self, number):
        if self._process is None or self._process.poll() is not None:
            return
        if number == signal.SIGKILL:
            os.killpg(self._process.pid, number)
        else:
            self._process.send_signal(number)
        self._process.wait(STOP_SECONDS)

    def _ready(self):
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def make_served(tmp_path):
    """`make_served(CLM_BOOTSTRAP_TEST_CLOCK="1")`: a started `Served`, stopped after the test."""
    made = []

    def make(**environment):
        made.append(Served(tmp_path / f"served-{len(made)}", **environment))
        return made[-1].start()

    yield make
    for served in made:
        served.stop()


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """One `clm serve` for every test that is content with sharing it; its tenant has a test clock from 2026 on."""
    served = Served(tmp_path_factory.mktemp("served") / "data", CLM_BOOTSTRAP_TEST_CLOCK=START.isoformat())
    yield served.start()
    served.stop()
