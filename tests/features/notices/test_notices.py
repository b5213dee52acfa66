"""Notices over HTTP: drafts, dispatch, lists, preconditions, repetition."""

import asyncio
from uuid import uuid4

import pytest

from tests.features.notices.driving import CURE_NOTICE, in_force


@pytest.fixture
async def contract(clocked):
    contract = await in_force(clocked)
    await contract.until("2026-04-20")
    return contract


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"from": "C"}, "/from"),
        ({"to": "C"}, "/to"),
        ({"to": "A"}, "/to"),
        ({"ground": "bad_weather"}, "/ground"),
        ({"type": "complaint"}, "/cure"),
        ({"type": "demand", "ground": None}, "/cure"),
        ({"type": "demand", "ground": "bad_weather"}, "/ground"),
        ({"type": "address_change", "cure": None, "details": {"channel": "courier"}}, "/details"),
    ],
)
async def test_a_draft_that_breaks_a_rule_is_refused(contract, changes, pointer):
    refused = await contract.notice(422, **changes)
    assert refused["errors"][0]["pointer"] == pointer
    assert (await contract.get(f"{contract.url}/notices"))["items"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "postcard"},
        {"channel": "pigeon"},
        {"subject": ""},
        {"cure": {"period": {"length": 0, "unit": "day"}}},
        {"urgent": True},
    ],
)
async def test_a_draft_of_the_wrong_shape_is_refused(contract, changes):
    await contract.notice(400, **changes)


async def test_a_statutory_ground_may_be_named_and_is_cited(contract):
    notice = await contract.rescission(ground="fundamental_breach")
    assert notice["clause"] == "Civil Code 563(1)(4)"


async def test_an_unknown_contract_or_notice_is_not_found(contract, stranger):
    await contract.post(f"/v1/contracts/{uuid4()}/notices", CURE_NOTICE, 404)
    notice = await contract.notice()
    for path in (f"/v1/notices/{uuid4()}", f"/v1/contracts/{uuid4()}/notices"):
        assert (await contract.client.get(path)).status_code == 404
    assert (await stranger.get(f"/v1/notices/{notice['id']}")).status_code == 404
    body = {"event": "signed", "at": "2026-04-16T11:00:00+08:00"}
    assert (await stranger.post(f"/v1/notices/{notice['id']}/delivery-events", json=body)).status_code == 404


async def test_dispatch_freezes_the_address_of_its_day(contract):
    party = f"/v1/parties/{contract.parties['B']}/addresses"
    for address, day in (("旧地址", "2026-01-01"), ("新地址", "2026-04-18")):
        body = {"channel": "courier", "address": address, "recipient": "李雷", "operates_from": day}
        await contract.post(party, body, 201)
    notice = await contract.notice()
    sent = await contract.post(f"/v1/notices/{notice['id']}/actions/send", {"at": "2026-04-17T16:00:00+08:00"})
    assert sent["status"] == "sent"
    assert sent["sent_at"] == "2026-04-17T16:00:00+08:00"
    assert sent["address"]["address"] == "旧地址"
    assert [(d["event"], d["at"]) for d in sent["deliveries"]] == [("posted", "2026-04-17T16:00:00+08:00")]


@pytest.mark.parametrize(
    ("channel", "event"), [("email", "sent"), ("sms", "sent"), ("platform", "published"), ("registered_mail", "posted")]
)
async def test_sending_is_the_first_event_of_its_channel(contract, channel, event):
    notice = await contract.notice(channel=channel)
    sent = await contract.post(f"/v1/notices/{notice['id']}/actions/send")
    assert [d["event"] for d in sent["deliveries"]] == [event]
    assert sent["address"] is None


async def test_what_goes_in_person_has_no_event_before_its_arrival(contract):
    notice = await contract.notice(channel="personal")
    sent = await contract.post(f"/v1/notices/{notice['id']}/actions/send", {"at": "2026-04-17T16:00:00+08:00"})
    assert (sent["status"], sent["arrival"]["status"]) == ("sent", "pending")
    assert [(d["event"], d["at"]) for d in sent["deliveries"]] == [("dispatched", "2026-04-17T16:00:00+08:00")]
    again = await contract.post(f"/v1/notices/{notice['id']}/actions/send", {"at": "2026-04-17T16:00:00+08:00"})
    assert again["version"] == sent["version"]


@pytest.mark.parametrize("at", ["2026-04-20T10:00:00+08:00", "2026-04-16T10:00:00"])
async def test_an_instant_ahead_or_without_offset_is_refused(contract, at):
    notice = await contract.notice()
    refused = await contract.post(f"/v1/notices/{notice['id']}/delivery-events", {"event": "signed", "at": at}, 422)
    assert refused["errors"][0]["pointer"] == "/at"
    assert (await contract.read(notice))["status"] == "draft"


@pytest.mark.parametrize("at", ["1800-01-01T00:00:00+08:00", "0001-01-01T00:00:00+08:00"])
async def test_an_instant_beyond_the_calendar_is_refused(contract, at):
    notice = await contract.notice()
    body = {"event": "signed", "at": at}
    refused = await contract.post(f"/v1/notices/{notice['id']}/delivery-events", body, 422)
    assert refused["errors"][0]["pointer"] == "/at"


async def test_nothing_happens_to_a_notice_before_it_is_dispatched(contract):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-17T09:00")
    refused = await contract.event(notice, "signed", "2026-04-17T08:59:59", 422)
    [error] = refused["errors"]
    assert error["pointer"] == "/at"
    assert "dispatched at 2026-04-17T09:00:00+08:00" in error["message"]
    assert len((await contract.read(notice))["deliveries"]) == 1
    signed = await contract.event(notice, "signed", "2026-04-17T09:00")
    assert signed["arrival"]["at"] == "2026-04-17T09:00:00+08:00"


async def test_an_earlier_dispatch_that_becomes_known_lets_earlier_events_in(contract):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-17T09:00")
    earlier = await contract.event(notice, "posted", "2026-04-16T09:00")
    assert earlier["sent_at"] == "2026-04-16T09:00:00+08:00"
    signed = await contract.event(notice, "signed", "2026-04-17T08:00")
    assert signed["status"] == "arrived"


async def test_an_event_on_record_stays_a_repetition_whatever_the_dispatch(contract):
    notice = await contract.notice()
    await contract.event(notice, "signed", "2026-04-16T11:00")
    sent = await contract.event(notice, "posted", "2026-04-17T09:00")
    again = await contract.event(notice, "signed", "2026-04-16T11:00")
    assert again["version"] == sent["version"]


async def test_evidence_must_be_attached_to_the_contract(contract):
    notice = await contract.notice()
    body = {"event": "signed", "at": "2026-04-16T11:00:00+08:00", "evidence": [str(uuid4())]}
    refused = await contract.post(f"/v1/notices/{notice['id']}/delivery-events", body, 422)
    assert refused["errors"][0]["pointer"] == "/evidence/0"
    answer = await contract.client.post(
        f"{contract.url}/attachments",
        params={"kind": "evidence", "name": "签收单.txt"},
        content=b"signed",
        headers={"content-type": "text/plain"},
    )
    body["evidence"] = [answer.json()["id"]]
    arrived = await contract.post(f"/v1/notices/{notice['id']}/delivery-events", body | {"note": "前台签收"})
    [delivery] = arrived["deliveries"]
    assert (delivery["evidence"], delivery["note"]) == (body["evidence"], "前台签收")


async def test_the_same_event_again_changes_nothing(contract):
    notice = await contract.notice()
    first = await contract.event(notice, "signed", "2026-04-16T11:00")
    body = {"event": "signed", "channel": "courier", "at": "2026-04-16T03:00:00Z"}
    again = await contract.post(f"/v1/notices/{notice['id']}/delivery-events", body)
    assert "decision" not in again
    assert {**again, "decision": first["decision"]} == first


async def test_the_same_event_twenty_times_at_once_is_one(contract):
    notice = await contract.notice()
    answers = await asyncio.gather(*(contract.event(notice, "signed", "2026-04-16T11:00") for _ in range(20)))
    assert [a["arrival"]["at"] for a in answers] == ["2026-04-16T11:00:00+08:00"] * 20
    assert sum("decision" in answer for answer in answers) == 1
    assert len((await contract.read(notice))["deliveries"]) == 1
    assert len(await contract.timers("cure")) == 1


async def test_an_idempotency_key_gets_the_first_answer_again(contract):
    notice = await contract.notice()
    body = {"event": "signed", "at": "2026-04-16T11:00:00+08:00"}
    path, headers = f"/v1/notices/{notice['id']}/delivery-events", {"idempotency-key": "scan-1"}
    first = await contract.post(path, body, headers=headers)
    assert await contract.post(path, body, headers=headers) == first
    assert "decision" in first


async def test_notices_are_listed_by_type_and_status(contract):
    cure, draft = await contract.notice(), await contract.rescission()
    ahead = await contract.notice(subject="再次催告")
    await contract.event(cure, "signed", "2026-04-16T11:00")
    await contract.event(ahead, "posted", "2026-04-19T11:00")

    async def listed(**asked):
        return [one["no"] for one in (await contract.get(f"{contract.url}/notices", **asked))["items"]]

    assert await listed() == [1, 2, 3]
    assert await listed(type="cure_notice") == [1, 3]
    assert await listed(status="arrived") == [1]
    assert await listed(status="sent") == [3]
    assert await listed(status="draft") == [draft["no"]]
    await contract.until("2026-04-24")
    assert await listed(status="arrived") == [1, 3]
    page = await contract.get(f"{contract.url}/notices", limit=2)
    rest = await contract.get(f"{contract.url}/notices", limit=2, cursor=page["next_cursor"])
    assert [one["no"] for one in page["items"] + rest["items"]] == [1, 2, 3]
    assert rest["next_cursor"] is None


async def test_a_stale_etag_is_refused(contract):
    notice = await contract.notice()
    path = f"/v1/notices/{notice['id']}"
    old = (await contract.client.get(path)).headers["etag"]
    await contract.event(notice, "posted", "2026-04-17T09:00")
    body = {"event": "signed", "at": "2026-04-18T09:00:00+08:00"}
    await contract.post(f"{path}/delivery-events", body, 412, headers={"if-match": old})
    new = (await contract.client.get(path)).headers["etag"]
    await contract.post(f"{path}/delivery-events", body, headers={"if-match": new})


async def test_scopes_are_asked_for(client_with):
    async with client_with("contracts:read", "contracts:write") as client:
        assert (await client.get(f"/v1/notices/{uuid4()}")).status_code == 403
        assert (await client.post(f"/v1/contracts/{uuid4()}/notices", json=CURE_NOTICE)).status_code == 403


async def test_the_timeline_tells_of_every_step(contract):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-15T09:00")
    await contract.event(notice, "signed", "2026-04-16T11:00")
    past = (await contract.get(f"{contract.url}/timeline"))["past"]
    about = [e["type"] for e in past if e["data"].get("notice_id") == notice["id"] and e["superseded_at"] is None]
    assert sorted(about) == ["notice.arrived", "notice.delivery_recorded", "notice.drafted", "notice.sent"]
    [arrived] = await contract.told("notice.arrived")
    assert arrived["data"]["certainty"] == "proven"
