"""What a decision of an older version left behind is filled in with the upgrade."""

import asyncpg

from clm.kit import migrations
from tests.features.contracts.acts import formed


async def test_contracts_with_a_date_that_waited_are_marked(clocked, dsns):
    waits, rests = [await formed(clocked, terms={"term": {"end": "2026-12-31"}}) for _ in range(2)]
    owner = await asyncpg.connect(dsns.owner)
    undone = owner.transaction()
    await undone.start()
    try:
        for table in ("contract", "timer"):
            await owner.execute(f"alter table {table} no force row level security")
        await owner.execute("update timer set certain = false where contract_id = $1", waits["id"])
        await owner.execute("alter table contract drop column waited")
        for table in ("contract", "timer"):
            await owner.execute(f"alter table {table} force row level security")
        await owner.execute(migrations.files()["0009_waited.sql"])
        await owner.execute("alter table contract no force row level security")
        ids = [waits["id"], rests["id"]]
        marked = await owner.fetch("select id, waited from contract where id = any($1::uuid[])", ids)
    finally:
        await undone.rollback()
        await owner.close()
    assert {str(row["id"]): row["waited"] for row in marked} == {waits["id"]: True, rests["id"]: False}
