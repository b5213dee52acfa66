"""Items that were recorded before steps had numbers get them with the upgrade."""

from pathlib import Path

import asyncpg
import msgspec

from clm.kit import migrations
from clm.kit.sql import Statements
from tests.features.confidentiality.driving import act, disclose, in_force_of_one_key

BEFORE = Statements("before.sql", Path(__file__).with_name("before.sql").read_text(encoding="utf-8")).before
STEPS = "select no, kind, data, fact_id is not null as told from confidential_log where item_id = $1 order by no"
PROTECTED = "select id, protected from confidential_item where contract_id = $1"


async def test_disclosures_and_releases_of_before_are_steps(clocked, dsns):
    contract = await in_force_of_one_key(clocked)
    released, kept = (
        await disclose(contract, disclosed_at=None),
        await disclose(contract, disclosed_at=None, name="话术"),
    )
    await act(contract, released, "permit", authority="法院", legal_basis="民事诉讼法", scope="记录")
    await act(contract, released, "release", reason="consent", note="口头")
    owner = await asyncpg.connect(dsns.owner)
    undone = owner.transaction()
    await undone.start()
    try:
        await owner.execute(BEFORE)
        await owner.execute(migrations.files()["0014_confidentiality.sql"])
        for table in ("confidential_item", "confidential_log"):
            await owner.execute(f"alter table {table} no force row level security")
        steps = await owner.fetch(STEPS, released["id"])
        protected = await owner.fetch(PROTECTED, contract.id)
    finally:
        await undone.rollback()
        await owner.close()
    told = [(row["no"], row["kind"], row["told"], msgspec.json.decode(row["data"])) for row in steps]
    assert [one[:3] for one in told] == [(0, "disclose", True), (2, "permit", False), (3, "release", True)]
    assert told[0][3]["recipients"] == ["B"]
    assert (told[2][3]["reason"], told[2][3]["note"]) == ("consent", "口头")
    assert {str(row["id"]): row["protected"] for row in protected} == {released["id"]: False, kept["id"]: True}
