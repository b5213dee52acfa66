"""A database of each test's own, since what is loaded concerns every tenant in it."""

import asyncio
import datetime as dt
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from clm.app import create_app
from clm.features.legal_data import service as legal_data
from clm.kit import embedded, migrations
from clm.kit.db import Database
from clm.kit.sql import Statements
from tests.conftest import caller, new_tenancy

SQL = Statements("legal_data.sql", (Path(__file__).parent / "legal_data.sql").read_text(encoding="utf-8"))
NOW = dt.datetime.fromisoformat("2026-12-01T10:00:00+08:00")
OPERATOR = ("*", "installation:write")
SOURCE = "https://example.org/notice-2027"
REST = ["2027-01-01", "2027-01-02", "2027-01-03", "2027-05-01", "2027-05-02", "2027-05-03"]
NOTICE = {
    "source": SOURCE,
    "days": [
        *({"date": day, "kind": "rest", "name": "假日"} for day in REST),
        {"date": "2026-12-27", "kind": "makeup", "name": "元旦"},
        {"date": "2027-05-08", "kind": "makeup", "name": "劳动节"},
    ],
}
"""A made-up notice for 2027: a worked Sunday in 2026, three days off from New Year's Day on, and three in May."""

_numbers = count(1)


@pytest.fixture(scope="session")
def law_server():
    with embedded.temporary() as server:
        asyncio.run(migrations.migrate(server.start().owner))
        yield server.start()


@pytest.fixture
async def law_dsn(law_server):
    """The service role's address of a fresh database."""
    name = f"law_{next(_numbers)}"
    connection = await asyncpg.connect(urlsplit(law_server.superuser)._replace(path="/postgres").geturl())
    try:
        await connection.execute(f"create database {name} template clm owner clm_owner")
        await connection.execute(f"grant connect on database {name} to clm_service")
    finally:
        await connection.close()
    return urlsplit(law_server.service)._replace(path=f"/{name}").geturl()


@pytest.fixture
async def law(law_dsn):
    database = Database(law_dsn, max_size=24)
    await database.open()
    await legal_data.begin(database)
    yield database
    await database.close()


@pytest.fixture
async def elsewhere(law_dsn):
    """The same database as another process sees it."""
    database = Database(law_dsn, max_size=4)
    await database.open()
    await legal_data.begin(database)
    yield database
    await database.close()


@pytest.fixture
async def operator(law, vault):
    """A client that may load, in a tenant whose test clock starts at 2026-12-01T10:00+08:00."""
    tenancy = await new_tenancy(law, NOW, OPERATOR)
    async with caller(create_app(law, vault), tenancy.key) as client:
        client.tenant, client.law = tenancy.tenant, law
        yield client
