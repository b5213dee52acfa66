import asyncio

import pytest


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
