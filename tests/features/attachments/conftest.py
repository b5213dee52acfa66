import asyncio

import pytest

from clm.app import create_app
from clm.kit.storage import from_url
from clm.kit.vault import Vault
from tests.conftest import MASTER_KEY, caller
from tests.stores import BUCKET, NO_MINIO, free_port, minio, minio_program, rclone, url_of


@pytest.fixture
def attach(client, bare_contract):
    async def send(content=b"name,phone\n", *, kind="price_list", name="list.csv", headers=None, **params):
        return await client.post(
            f"/v1/contracts/{bare_contract}/attachments",
            params={"kind": kind, "name": name, **params},
            content=content,
            headers={"content-type": "text/csv"} | (headers or {}),
        )

    return send


@pytest.fixture
def keys(store, tenant):
    """The keys of the tenant's objects, without the tenant."""

    async def of_tenant():
        return sorted([each.key.partition("/")[2] async for each in store.list(f"{tenant}/")])

    return of_tenant


@pytest.fixture
def feed(client):
    """The types of the tenant's events, oldest first; waits for those that an open transaction holds back."""

    async def types(at_least=0):
        found = []
        for _ in range(50):
            found = [event["type"] for event in (await client.get("/v1/events")).json()["items"]]
            if len(found) >= at_least:
                break
            await asyncio.sleep(0.1)
        return found

    return types


@pytest.fixture(scope="module", params=["rclone", "minio"])
def address(request, tmp_path_factory):
    """The address of a bucket."""
    folder, port = tmp_path_factory.mktemp(request.param), free_port()
    if request.param == "minio" and minio_program() is None:
        pytest.skip(NO_MINIO)
    (folder / BUCKET).mkdir()
    with (rclone if request.param == "rclone" else minio)(folder, port):
        yield url_of(port)


@pytest.fixture
async def bucket(address):
    store = from_url(address)
    yield Vault(store, MASTER_KEY)
    await store.close()


@pytest.fixture
async def remote(database, bucket, key):
    """A client of a service whose store is the bucket."""
    async with caller(create_app(database, bucket), key) as client:
        yield client
