"""Legal holds and retention keep bytes; what goes leaves a tombstone, and nothing goes beside a hold."""

import asyncio
from datetime import timedelta

import pytest

from clm.features.attachments import sweeping
from clm.features.attachments.reading import sql
from tests.features.contracts.acts import advance, formed, path

AT_ONCE = timedelta(seconds=-5)
BODY = b"name,phone\n"


def version(made, action, no=1):
    return f"/v1/attachments/{made['id']}/versions/{no}/{action}"


def holds(made):
    return f"/v1/attachments/{made['id']}/holds"


async def placed(client, made, name="suit"):
    answer = await client.post(holds(made), json={"name": name, "reason": "evidence"})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def deleted(client, made, no=1):
    return await client.post(version(made, "actions/delete", no), json={"reason": "sent by mistake"})


async def test_what_no_contract_formed_on_is_deleted_and_leaves_a_tombstone(
    client, attach, database, store, tenant, keys, feed
):
    made = (await attach(BODY, kind="price_list")).json()
    kept = (await client.get(version(made, "retention"))).json()
    assert (kept["retention"]["standing"], kept["may_be_deleted"], kept["may_be_erased"]) == ("none", True, False)
    answer = await deleted(client, made)
    assert answer.status_code == 200, answer.text
    [left] = answer.json()["versions"]
    assert (left["tombstone"]["kind"], left["tombstone"]["reason"]) == ("deleted", "sent by mistake")
    assert left["sha256"] == made["versions"][0]["sha256"]
    gone = await client.get(version(made, "content"))
    assert (gone.status_code, gone.json()["code"]) == (410, "gone")
    assert "clm.attachment.deleted" in await feed(2)
    await sweeping.sweep(database, store, tenant, AT_ONCE)
    assert await keys() == []
    assert (await client.get(f"/v1/attachments/{made['id']}")).json()["versions"] == [left]


async def test_bytes_that_another_version_shares_stay(client, attach, database, store, tenant, keys):
    first, second = [(await attach(BODY, kind="price_list", name=f"{n}.csv")).json() for n in range(2)]
    assert (await deleted(client, first)).status_code == 200
    await sweeping.sweep(database, store, tenant, AT_ONCE)
    assert await keys() == [second["versions"][0]["sha256"]]
    assert (await client.get(version(second, "content"))).content == BODY


async def test_holds_are_named_many_and_released_one_by_one(client, attach, feed):
    made = (await attach(BODY, kind="price_list")).json()
    suit, audit = await placed(client, made), await placed(client, made, "audit")
    twice = await client.post(holds(made), json={"name": "suit", "reason": "again"})
    assert (twice.status_code, twice.json()["code"]) == (409, "duplicate")
    refused = await deleted(client, made)
    assert refused.status_code == 409
    assert [one["rule"] for one in refused.json()["reasons"]] == ["hold", "hold"]
    answer = await client.post(f"/v1/holds/{suit['id']}/actions/release", json={"reason": "settled"})
    assert (answer.status_code, answer.json()["release_reason"]) == (200, "settled")
    assert (await client.post(f"/v1/holds/{suit['id']}/actions/release", json={"reason": "x"})).status_code == 409
    kept = (await client.get(version(made, "retention"))).json()
    assert (kept["holds"], kept["may_be_deleted"]) == (["audit"], False)
    assert (await client.post(f"/v1/holds/{audit['id']}/actions/release", json={"reason": "over"})).status_code == 200
    listed = (await client.get(holds(made))).json()["items"]
    assert [(one["name"], one["released_at"] is not None) for one in listed] == [("suit", True), ("audit", True)]
    assert (await client.get(f"/v1/holds/{audit['id']}")).json() == listed[1]
    assert (await deleted(client, made)).status_code == 200
    assert (await feed(6))[1:5] == ["clm.attachment.hold_placed"] * 2 + ["clm.attachment.hold_released"] * 2
    assert (await placed(client, made))["name"] == "suit"


async def test_a_hold_and_a_deletion_at_once_never_both_win(client, attach):
    for number in range(12):
        made = (await attach(BODY, kind="price_list", name=f"{number}.csv")).json()
        gone, held = await asyncio.gather(deleted(client, made), placed(client, made))
        assert gone.status_code in {200, 409}
        left = (await client.get(f"/v1/attachments/{made['id']}")).json()["versions"][0]
        assert (left["tombstone"] is not None) == (gone.status_code == 200)
        assert (await client.get(f"/v1/holds/{held['id']}")).status_code == 200


async def test_the_database_itself_lets_nothing_go_beside_a_hold(client, attach, database, tenant):
    made = (await attach(BODY, kind="price_list")).json()
    await placed(client, made)
    with pytest.raises(Exception, match="legal hold keeps"):
        async with database.work(tenant) as unit:
            await unit.run(sql.add_tombstone, made["id"], 1, "deleted", "x", None)


async def test_others_know_neither_hold_nor_retention(client, stranger, attach):
    made = (await attach(BODY, kind="price_list")).json()
    hold = await placed(client, made)
    for where in (holds(made), f"/v1/holds/{hold['id']}", version(made, "retention")):
        assert (await stranger.get(where)).status_code == 404
    assert (await stranger.post(holds(made), json={"name": "a", "reason": "b"})).status_code == 404
    for where in (f"/v1/holds/{hold['id']}/actions/release", version(made, "actions/delete")):
        assert (await stranger.post(where, json={"reason": "b"})).status_code == 404


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x", "more": 1}])
async def test_a_removal_says_why(client, attach, body):
    made = (await attach(BODY, kind="price_list")).json()
    answer = await client.post(version(made, "actions/delete"), json=body)
    assert answer.status_code in {400, 422}
    assert (await client.get(version(made, "content"))).status_code == 200


async def attached(client, made, **query):
    answer = await client.post(path(made, "/attachments"), params=query | {"name": "a.csv"}, content=BODY)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_document_is_kept_while_the_contract_lasts_and_six_years_beyond(clocked):
    made = await formed(clocked, terms={"term": {"end": "2026-12-31"}})
    price_list = await attached(clocked, made, kind="price_list")
    refused = await deleted(clocked, price_list)
    assert refused.status_code == 409
    assert "has not ended" in refused.json()["detail"]
    kept = (await clocked.get(version(price_list, "retention"))).json()["retention"]
    assert (kept["standing"], kept["keep_until"], kept["assumed"]) == ("open", None, True)
    await advance(clocked, "2027-01-01T00:00:01+08:00")
    kept = (await clocked.get(version(price_list, "retention"))).json()["retention"]
    assert (kept["standing"], kept["keep_until"], kept["ends_at"]) == (
        "running",
        "2032-12-31",
        "2033-01-01T00:00:00+08:00",
    )
    assert (await deleted(clocked, price_list)).status_code == 409
    await advance(clocked, "2033-01-01T00:00:00+08:00")
    assert (await deleted(clocked, price_list)).status_code == 200


async def test_personal_information_goes_though_the_contract_lasts_and_a_recording_only_after_its_time(clocked):
    made = await formed(clocked, type="outbound-call-outsourcing")
    calling_list = await attached(clocked, made, kind="calling_list")
    recording = await attached(clocked, made, kind="call_recording")
    kept = (await clocked.get(version(recording, "retention"))).json()
    assert (kept["retention"]["keep_until"], kept["may_be_erased"]) == ("2026-06-30", False)  # 180 days by the type
    for one, expected in ((calling_list, 200), (recording, 409)):
        answer = await clocked.post(version(one, "actions/erase"), json={"reason": "asked for"})
        assert answer.status_code == expected, answer.text
    assert answer.json()["reasons"][0]["rule"] == "R-A1"
    await advance(clocked, "2026-07-01T00:00:00+08:00")
    answer = await clocked.post(version(recording, "actions/erase"), json={"reason": "its time is over"})
    assert answer.status_code == 200


async def test_an_agreed_period_below_the_floor_does_not_shorten_it(clocked):
    short = {"personal_information": {"retention": {"recordings": {"length": 5, "unit": "day"}}}}
    made = await formed(clocked, type="outbound-call-outsourcing", terms=short)
    recording = await attached(clocked, made, kind="call_recording")
    kept = (await clocked.get(version(recording, "retention"))).json()["retention"]
    assert (kept["keep_until"], kept["basis"]["rule"]) == ("2026-01-31", "R-A1")
