"""What was recorded before dispatches in person and withdrawals were steps gets its row with the upgrade."""

from importlib import resources

import asyncpg

from clm.kit import migrations
from clm.kit.sql import Statements
from tests.features.notices.driving import in_force, instant, withdraw

SQL = Statements("before.sql", (resources.files("tests.features.notices") / "before.sql").read_text(encoding="utf-8"))
_STEPS = "select no, event, channel, at from notice_delivery where notice_id = $1 order by no"


async def test_older_dispatches_and_withdrawals_get_their_rows(clocked, dsns):
    contract = await in_force(clocked)
    await contract.until("2026-06-01")
    notice = await contract.notice(channel="personal")
    await contract.post(f"/v1/notices/{notice['id']}/actions/send", {"at": instant("2026-04-10T16:00")})
    await contract.event(notice, "posted", "2026-04-13T16:00", channel="courier")
    await withdraw(contract, notice, arrived_at=instant("2026-04-15T09:00"))
    owner = await asyncpg.connect(dsns.owner)
    undone = owner.transaction()
    await undone.start()
    try:
        before = await owner.fetch(_STEPS, notice["id"])
        for table in ("notice", "notice_delivery"):  # in the order in which readers take them
            await owner.execute(f"alter table {table} no force row level security")
        await owner.execute("delete from notice_delivery where event in ('dispatched', 'withdrawn')")
        await owner.execute(migrations.files()["0008_notice_steps.sql"])
        await owner.execute("alter table notice_delivery no force row level security")
        rows = await owner.fetch(_STEPS, notice["id"])
    finally:
        await undone.rollback()
        await owner.close()
    assert before == []  # the owner sees no tenant's rows, unless it lifts the guard for a migration
    assert [(row["no"], row["event"], row["channel"]) for row in rows] == [
        (2, "posted", "courier"),
        (3, "dispatched", "personal"),
        (4, "withdrawn", "personal"),
    ]
    assert [row["at"].isoformat() for row in rows[1:]] == ["2026-04-10T08:00:00+00:00", "2026-04-15T01:00:00+00:00"]


async def test_older_notices_get_their_evidence_and_their_tasks(clocked, dsns):
    contract = await in_force(clocked)
    await contract.until("2026-06-01")
    url = f"{contract.url}/attachments?kind=evidence&name=x.txt"
    file = (await clocked.post(url, content=b"one", headers={"content-type": "text/plain"})).json()
    notice = await contract.rescission(ground=None)
    await contract.event(notice, "posted", "2026-04-13T16:00", evidence=[file["id"]])
    await contract.event(notice, "signed", "2026-04-14T16:00", evidence=[file["id"]])
    sound = await contract.notice()
    owner = await asyncpg.connect(dsns.owner)
    undone = owner.transaction()
    await undone.start()
    try:
        await owner.execute(SQL.before)
        await owner.execute(migrations.files()["0016_outgoing.sql"])
        for table in ("notice_evidence", "notice_task"):
            await owner.execute(f"alter table {table} no force row level security")
        evidence = await owner.fetch(SQL.evidence, notice["id"])
        tasks = await owner.fetch(SQL.tasks, notice["id"])
        others = await owner.fetch(SQL.tasks, sound["id"])
    finally:
        await undone.rollback()
        await owner.close()
    (held,) = evidence
    assert (held["channel"], held["item"], held["version_no"], held["delivery_no"]) == ("courier", "other", 1, 1)
    assert (str(held["attachment_id"]), held["sha256"]) == (file["id"], file["versions"][0]["sha256"])
    assert [(row["kind"], row["cause"], row["rule"], row["closed_at"]) for row in tasks] == [
        ("review", "defects", "R-N11", None)
    ]
    assert others == []
