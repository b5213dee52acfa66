"""What was recorded before dispatches in person and withdrawals were steps gets its row with the upgrade."""

import asyncpg

from clm.kit import migrations
from tests.features.notices.driving import in_force, instant, withdraw

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
