import asyncio
from pathlib import Path

import pytest

from clm.kit.ids import uuid7
from clm.kit.sql import Statements

sql = Statements("events.sql", (Path(__file__).parent / "events.sql").read_text(encoding="utf-8"))


async def add(unit, contract_id, kind="contract.effective"):
    """Store an event in a unit that somebody else commits."""
    event_id = uuid7()
    await unit.run(sql.add, event_id, contract_id, kind)
    return str(event_id)


@pytest.fixture
def happen(database, tenant, bare_contract):
    """Stores an event, committed, and answers with its id."""

    async def store(contract_id=None, kind="contract.effective"):
        async with database.work(tenant) as unit:
            return await add(unit, contract_id or bare_contract, kind)

    return store


@pytest.fixture
def read(client):
    """Reads the feed to its end, or on until it has shown some number of events; answers with them and the cursor."""

    async def to_end(cursor=None, at_least=0, **params):
        items = []
        for _ in range(200):
            asked = params | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/v1/events", params=asked)).json()
            items, cursor = items + page["items"], page["next_cursor"]
            if not page["items"]:
                if len(items) >= at_least:
                    break
                await asyncio.sleep(0.05)
        return items, cursor

    return to_end
