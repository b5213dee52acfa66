import pytest

from clm.features.search import indexing
from tests.features.contracts.acts import ok


@pytest.fixture
def index(database, vault, tenant):
    """`await index()`: what the worker's loop does, for this test's tenant."""

    async def run():
        while await indexing.follow(database, tenant):
            pass
        while await indexing.read_one(database, vault, tenant):
            pass

    return run


@pytest.fixture
def search(client):
    """`await search("保密")`: the hits, best first."""

    async def run(query, **more):
        return (await ok(await client.get("/v1/search", params={"q": query, **more})))["items"]

    return run
