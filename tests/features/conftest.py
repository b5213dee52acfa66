"""What the tests of several rooms need: a bare contract, and the application behind the real server."""

import asyncio
import contextlib
import socket
from pathlib import Path

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server

from clm.kit.ids import uuid7
from clm.kit.sql import Statements
from tests.conftest import START, new_tenancy

CONTRACT = (Path(__file__).parent / "contract.sql").read_text(encoding="utf-8")
WHOLE = Statements("whole.sql", (Path(__file__).parent / "whole.sql").read_text(encoding="utf-8"))


@pytest.fixture
async def clocked_tenancy(database):
    """A tenant of its own, whose test clock starts on the first of January 2026."""
    return await new_tenancy(database, START)


@pytest.fixture
def all_rows(database, clocked_tenancy):
    """What every table holds of that tenant: each table's rows as one text."""

    async def read():
        reads = database.reads(clocked_tenancy.tenant)
        tables = [row["name"] for row in await reads.all(WHOLE.tables)]
        assert {"contract", "event", "timer", "fact", "terms_version", "amendment"} <= {*tables}
        return {name: await reads.value(WHOLE.whole_table.replace("contract", name)) for name in tables}

    return read


@pytest.fixture
def make_contract(database, tenant):
    """Stores a draft without parties or terms, for rooms that only need something to hang on; answers with its id."""

    async def make():
        contract_id = uuid7()
        async with database.work(tenant) as unit:
            await unit.run(CONTRACT, contract_id, f"OC-{contract_id}")
        return contract_id

    return make


@pytest.fixture
async def bare_contract(make_contract):
    return await make_contract()


@pytest.fixture
async def port(app):
    """The application on a real port of this process, where a client can break off or read as things come."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)
    task = asyncio.create_task(server.serve())
    await _accepting(port)
    yield port
    server.stop()
    async with asyncio.timeout(10):
        await task


async def _accepting(port):
    for _ in range(100):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the server does not accept connections")
