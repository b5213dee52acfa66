import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from clm.features.search import indexing
from clm.features.search.service import sql
from clm.kit.sql import Statements
from tests.features.contracts.acts import ok

OWNER = Statements("withholding.sql", Path(__file__).with_name("withholding.sql").read_text(encoding="utf-8"))


@pytest.fixture
def withheld(dsns):
    """`async with withheld():`: every file is for those alone who are cleared for it."""

    @asynccontextmanager
    async def run():
        owner = await asyncpg.connect(dsns.owner)
        try:
            before = await owner.fetchval(OWNER.as_it_is)
            await owner.execute(OWNER.withhold_all)
            yield
        finally:
            await owner.execute(before)
            await owner.close()

    return run


@pytest.fixture
def index(database, vault, tenant):
    """`await index()`: what the worker's loop does for this test's tenant, until nothing is behind.

    An event is read once no older transaction is open on the server, so it may take a moment.
    """

    async def run():
        for _ in range(200):
            while await indexing.follow(database, tenant):
                pass
            while await indexing.read_one(database, vault, tenant):
                pass
            if not await database.reads(tenant).value(sql.is_behind):
                return
            await asyncio.sleep(0.05)
        raise AssertionError("it is behind after ten seconds")

    return run


@pytest.fixture
def search(client):
    """`await search("保密")`: the hits, best first."""

    async def run(query, **more):
        return (await ok(await client.get("/v1/search", params={"q": query, **more})))["items"]

    return run
