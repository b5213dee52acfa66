import asyncio

import pytest

from clm.features.search import indexing
from clm.features.search.service import sql
from tests.features.contracts.acts import ok


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
