"""Reports of mail servers become events of the notice that they are about, once each."""

import asyncio

import pytest

from clm.features.mailing import service as mailing
from tests.features.mailing.conftest import B_MAIL
from tests.features.mailing.test_sending import SQL, run
from tests.features.notices.driving import withdraw
from tests.kit.test_mail import dsn as report

RAW = {"content-type": "message/rfc822"}


def dsn(action="failed", *, to=B_MAIL, **fields):
    return report(action, to=to, **fields)


@pytest.fixture
async def sent(desk):
    notice = await desk.queued()
    await desk.work()
    (row,) = await run(desk, SQL.token, notice["id"])
    return {**notice, "token": row["token"]}


async def bounce(desk, raw, status=200):
    answer = await desk.contract.client.post("/v1/inbound/bounces", content=raw, headers=RAW)
    assert answer.status_code == status, answer.text
    return answer.json()


def events(notice):
    return [one["event"] for one in notice["deliveries"]]


async def test_a_failure_is_a_bounce_and_calls_for_another_channel(desk, sent):
    told = await bounce(desk, dsn(envelope=sent["token"]))
    assert (told["status"], told["matched_by"], told["notice_id"]) == ("recorded", "envelope", sent["id"])
    assert (told["notice"]["status"], events(told["notice"])) == ("failed", ["sent", "bounced"])
    assert "550 5.1.1 no such user" in told["notice"]["deliveries"][1]["note"]
    (task,) = told["notice"]["tasks"]
    assert (task["kind"], task["closed_at"], task["channels"]) == ("fallback", None, ["courier"])
    (evidence,) = told["notice"]["deliveries"][1]["evidence"]
    assert (await desk.contract.client.get(f"/v1/attachments/{evidence}/versions/1/content")).content == dsn(
        envelope=sent["token"]
    )


async def test_it_is_known_by_the_address_it_came_to_and_by_the_messages_name(desk, sent):
    by_address = dsn().replace(b"0123456789abcdef0123456789abcdef", sent["token"].encode())
    assert (await bounce(desk, by_address))["matched_by"] == "envelope"
    other = await desk.queued()
    await desk.work()
    name = (await desk.contract.read(other))["outgoing"][0]["id"]
    told = await bounce(desk, dsn(message_id=f"{name}@clm.example.com"))
    assert (told["matched_by"], told["notice_id"]) == ("message_id", other["id"])


async def test_the_same_report_again_changes_nothing_even_at_once(desk, sent):
    raw = dsn(envelope=sent["token"])
    answers = await asyncio.gather(*(bounce(desk, raw) for _ in range(8)))
    assert sorted(one["status"] for one in answers) == ["noted"] * 7 + ["recorded"]
    assert events(await desk.contract.read(sent)) == ["sent", "bounced"]
    assert len((await desk.contract.get(f"{desk.contract.url}/attachments"))["items"]) == 3


async def test_a_delivery_is_entry_and_a_delay_is_nothing(desk, sent):
    assert (await bounce(desk, dsn("delayed", envelope=sent["token"])))["status"] == "noted"
    assert events(await desk.contract.read(sent)) == ["sent"]
    told = await bounce(desk, dsn("delivered", envelope=sent["token"]))
    assert (told["notice"]["status"], events(told["notice"])) == ("arrived", ["sent", "entered"])
    assert told["notice"]["arrival"]["basis"]["rule"] == "R-N2"


async def test_a_failure_after_a_withdrawal_is_noted(desk, sent):
    await withdraw(desk.contract, sent)
    assert (await bounce(desk, dsn(envelope=sent["token"])))["status"] == "noted"
    assert (await desk.contract.read(sent))["status"] == "withdrawn"


@pytest.mark.parametrize(
    ("raw", "status"),
    [(b"", 422), (b"Subject: spam\n\nbuy", 422), (dsn(envelope="f" * 32), 404), (dsn(envelope="\x00" * 8), 404)],
)
async def test_what_is_about_nothing_that_was_sent(desk, raw, status):
    assert (await bounce(desk, raw, status))["status"] == status


async def test_another_tenants_report_is_about_nothing(desk, sent, stranger):
    answer = await stranger.post("/v1/inbound/bounces", content=dsn(envelope=sent["token"]), headers=RAW)
    assert answer.status_code == 404
    assert events(await desk.contract.read(sent)) == ["sent"]


async def test_it_is_sent_as_mail(desk):
    answer = await desk.contract.client.post("/v1/inbound/bounces", json={})
    assert answer.status_code == 415


async def test_a_bounce_that_was_none_is_corrected_and_its_task_goes(desk, sent):
    await bounce(desk, dsn(envelope=sent["token"]))
    body = {"no": 2, "reason": "退信系伪造"}
    righted = await desk.contract.post(f"/v1/notices/{sent['id']}/actions/correct-delivery", body)
    assert righted["status"] == "sent"
    assert [(one["kind"], one["closed_for"]) for one in righted["tasks"]] == [("fallback", "corrected")]


async def test_a_bounce_of_what_had_arrived_is_for_a_person_to_look_at(desk, sent):
    await bounce(desk, dsn("delivered", envelope=sent["token"]))
    told = await bounce(desk, dsn(envelope=sent["token"]))
    assert (told["status"], told["notice"]["status"], events(told["notice"])) == (
        "doubted",
        "arrived",
        ["sent", "entered"],
    )
    (task,) = told["notice"]["tasks"]
    assert (task["kind"], task["closed_at"]) == ("review", None)
    assert (await bounce(desk, dsn(envelope=sent["token"])))["status"] == "noted"
    body = {"event": "bounced", "channel": "email"}
    believed = await desk.contract.post(f"/v1/notices/{sent['id']}/delivery-events", body)
    assert (believed["status"], [one["closed_at"] is None for one in believed["tasks"]]) == ("failed", [False, True])


async def test_an_old_report_that_comes_again_is_no_news(desk, sent):
    failed, delivered = dsn(envelope=sent["token"]), dsn("delivered", envelope=sent["token"])
    assert [(await bounce(desk, raw))["status"] for raw in (failed, delivered, failed, delivered)] == [
        "recorded",
        "recorded",
        "noted",
        "noted",
    ]
    assert events(await desk.contract.read(sent)) == ["sent", "bounced", "entered"]


async def test_a_report_before_the_message_is_on_record_comes_again(desk):
    notice = await desk.queued()
    (row,) = await run(desk, SQL.token, notice["id"])
    assert (await bounce(desk, dsn(envelope=row["token"]), 503))["code"] == "busy"
    await mailing.send_one(desk.database, desk.mailer, desk.tenant)
    assert (await bounce(desk, dsn(envelope=row["token"]), 503))["code"] == "busy"
    await desk.work()
    assert (await bounce(desk, dsn(envelope=row["token"])))["status"] == "recorded"
    assert events(await desk.contract.read(notice)) == ["sent", "bounced"]


async def test_a_failure_behind_a_forward_is_for_a_person_to_look_at(desk, sent):
    """The mailbox written to took the message; what became of it there is the addressee's."""
    for raw in (dsn(envelope=sent["token"], final="other@elsewhere.example"), dsn(envelope=sent["token"], to="x@y.z")):
        told = await bounce(desk, raw)
        assert (told["status"], told["notice"]["status"]) == ("doubted", "sent")
        assert [task["kind"] for task in told["notice"]["tasks"]] == ["review"]


async def test_a_late_failure_of_the_first_message_says_nothing_of_the_second(desk, sent):
    await desk.contract.until("2026-04-15T09:00")
    await desk.contract.post(f"/v1/notices/{sent['id']}/actions/send", {})
    await desk.work()
    told = await bounce(desk, dsn(envelope=sent["token"]))
    assert (told["status"], told["notice"]["status"]) == ("noted", "sent")
    assert events(await desk.contract.read(sent)) == ["sent", "sent"]


async def test_entry_that_is_told_after_a_withdrawal_is_on_record(desk, sent):
    await desk.contract.until("2026-04-14T09:00")
    await withdraw(desk.contract, sent)
    told = await bounce(desk, dsn("delivered", envelope=sent["token"]))
    assert (told["status"], told["notice"]["status"]) == ("recorded", "arrived")
    assert "entered" in events(told["notice"])
