"""Notices that the service sends: a row with the decision, one message for it, and its proof with the contract."""

import asyncio
import datetime as dt
import json
import re
from email import message_from_bytes
from email.policy import default
from importlib import resources
from uuid import UUID

import pytest

from clm.features.mailing import service as mailing
from clm.features.outbox import service as outbox
from clm.kit.mail import Mailer
from clm.kit.sql import Statements
from tests.features.mailing.conftest import B_MAIL
from tests.features.notices.driving import in_force, withdraw

SQL = Statements("mailing.sql", (resources.files("tests.features.mailing") / "mailing.sql").read_text(encoding="utf-8"))


async def run(desk, statement, *args):
    async with desk.database.work(desk.tenant) as unit:
        return await unit.all(statement, *args)


async def test_a_notice_goes_out_and_its_proof_is_kept(desk):
    queued = await desk.queued(subject="限期补正")
    assert (queued["status"], queued["outgoing"][0]["status"], queued["outgoing"][0]["to"]) == (
        "draft",
        "queued",
        B_MAIL,
    )
    assert desk.post.taken == []
    assert await desk.work() == 1
    ((sender, to, raw),) = desk.post.taken
    mail = message_from_bytes(raw, policy=default)
    assert to == [B_MAIL]
    assert re.fullmatch(r"bounces\+[0-9a-f]{32}@clm\.example\.com", sender)
    assert (mail["subject"], mail["reply-to"]) == ("限期补正", "legal@a.example.cn")
    assert mail.get_content().strip() == "请在十五日内补正。"
    notice = await desk.contract.read(queued)
    assert (notice["status"], [one["event"] for one in notice["deliveries"]]) == ("sent", ["sent"])
    assert (notice["outgoing"][0]["status"], notice["outgoing"][0]["attempts"]) == ("sent", 1)
    assert notice["address"]["address"] == B_MAIL
    proof = await desk.contract.get(f"/v1/notices/{notice['id']}/evidence")
    held = {one["key"]: one["held"] for one in proof["channels"][0]["items"]}
    assert [len(held[key]) for key in ("message", "server_acceptance", "timestamp")] == [1, 1, 0]
    assert (proof["complete"], held["message"][0]["source"]) == (False, "mail")
    url = f"/v1/attachments/{held['message'][0]['attachment_id']}/versions/1/content"
    assert (await desk.contract.client.get(url)).content == raw
    url = f"/v1/attachments/{held['server_acceptance'][0]['attachment_id']}/versions/1/content"
    transcript = json.loads((await desk.contract.client.get(url)).content)
    assert "queued as 4F1" in transcript["answer"]
    assert transcript["mail_options"][0] == "RET=HDRS"
    assert await desk.work() == 0


async def test_it_is_queued_once_and_may_be_sent_again_afterwards(desk):
    notice = await desk.queued()
    again = await desk.send(notice, 409)
    assert again["code"] == "duplicate"
    await desk.work()
    await desk.send(notice)
    await desk.work()
    assert len(desk.post.taken) == 2


async def test_twenty_at_once_queue_one(desk):
    notice = await desk.contract.notice(channel="email")
    url = f"/v1/notices/{notice['id']}/actions/send"
    answers = await asyncio.gather(*(desk.contract.client.post(url, json={}) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    assert await desk.work() == 1


async def test_two_workers_at_once_send_each_once(desk):
    notices = [await desk.queued() for _ in range(6)]
    await asyncio.gather(desk.work(), desk.work(), desk.work())
    assert len(desk.post.taken) == len({raw for _, _, raw in desk.post.taken}) == 6
    for notice in notices:
        assert [one["event"] for one in (await desk.contract.read(notice))["deliveries"]] == ["sent"]


async def test_what_is_put_off_is_tried_again(desk):
    desk.post.answers = ["RCPT 451 4.7.1 greylisted", "hang up"]
    notice = await desk.queued()
    for waits_for in ("451 4.7.1 greylisted", "SMTPServerDisconnected"):
        assert await desk.work() == 1
        read = await desk.contract.read(notice)
        assert (read["status"], read["outgoing"][0]["status"]) == ("draft", "queued")
        assert waits_for in read["outgoing"][0]["last_error"]
        assert await desk.work() == 0, "not before its pause is over"
        await run(desk, SQL.due_now)
    assert await desk.work() == 1
    read = await desk.contract.read(notice)
    assert (read["status"], read["outgoing"][0]["attempts"], read["outgoing"][0]["unsure"]) == ("sent", 3, True)
    assert len(desk.post.taken) == 1


async def test_what_is_refused_has_bounced(desk):
    desk.post.answers = ["RCPT 550 5.1.1 no such user"]
    notice = await desk.queued()
    await desk.work()
    read = await desk.contract.read(notice)
    assert (read["status"], [one["event"] for one in read["deliveries"]]) == ("failed", ["bounced"])
    assert "550 5.1.1" in read["deliveries"][0]["note"]
    (task,) = await desk.tasks(status="open")
    assert (task["kind"], task["channels"], task["rule"]) == ("fallback", ["courier"], "R-N6")


async def test_what_no_server_takes_becomes_a_task(desk):
    desk.mailer = Mailer.of("smtp://127.0.0.1:1?tls=none&from=n@example.com")
    notice = await desk.queued()
    await desk.work()
    assert await desk.tasks() == []
    await run(desk, SQL.tried_often)
    await desk.work()
    read = await desk.contract.read(notice)
    assert (read["status"], read["outgoing"][0]["status"]) == ("draft", "failed")
    (task,) = await desk.tasks(status="open")
    assert task["kind"] == "fallback"
    assert len(await desk.events("notice.not_sent")) == 1
    desk.mailer = Mailer.of(desk.post.url)
    await desk.send(notice)
    assert await desk.tasks(status="open") == []
    assert (await desk.tasks())[0]["closed_for"] == "resent"


async def test_a_worker_that_died_after_the_server_took_it_is_told_as_a_possible_duplicate(desk, monkeypatch):
    notice = await desk.queued()

    async def dies(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(mailing, "_end", dies)
    with pytest.raises(KeyboardInterrupt):
        await desk.work()
    monkeypatch.undo()
    assert await desk.work() == 0, "the lease still runs"
    await run(desk, SQL.lease_lapses)
    await desk.work()
    read = await desk.contract.read(notice)
    assert (read["status"], read["outgoing"][0]["unsure"], read["outgoing"][0]["attempts"]) == ("sent", True, 2)
    assert len(desk.post.taken) == 2
    assert len({message_from_bytes(raw)["message-id"] for _, _, raw in desk.post.taken}) == 1
    assert [one["event"] for one in read["deliveries"]] == ["sent"]


async def test_one_who_was_too_slow_records_nothing_twice(desk):
    notice = await desk.queued()
    slow = await outbox.claim(desk.database, desk.tenant, "notice.mail")
    await run(desk, SQL.lease_lapses)
    await desk.work()
    async with desk.database.work(desk.tenant) as unit:
        assert not await outbox.finish(unit, slow, "sent", None, {})
    assert len((await desk.contract.read(notice))["deliveries"]) == 1


async def test_a_withdrawn_notice_is_not_sent(desk):
    notice = await desk.queued()
    await withdraw(desk.contract, notice)
    assert await desk.work() == 0
    assert (await desk.contract.read(notice))["outgoing"][0]["status"] == "cancelled"
    assert desk.post.taken == []


async def test_the_proof_waits_for_a_store_that_is_away(desk, monkeypatch):
    notice = await desk.queued()

    async def away(*_args, **_named):
        raise OSError("away")

    monkeypatch.setattr(desk.vault.store, "put", away)
    with pytest.raises(OSError, match="away"):
        await desk.work()
    assert (await desk.contract.read(notice))["status"] == "sent"
    monkeypatch.undo()
    await desk.work()
    proof = await desk.contract.get(f"/v1/notices/{notice['id']}/evidence")
    assert [len(one["held"]) for one in proof["channels"][0]["items"]] == [1, 1, 0]
    assert len(desk.post.taken) == 1
    (row,) = await run(desk, SQL.rows, notice["id"])
    assert "message" not in row["data"]


async def test_by_hand_is_recorded_and_sends_nothing(desk):
    notice = await desk.contract.notice(channel="email")
    read = await desk.send(notice, by="hand")
    assert [one["event"] for one in read["deliveries"]] == ["sent"]
    earlier = await desk.contract.notice(channel="email")
    assert (await desk.send(earlier, at="2026-02-28T10:00:00+08:00"))["outgoing"] == []
    assert await desk.work() == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"by": "service", "channel": "courier"}, "/by"),
        ({"by": "service", "at": "2026-02-28T10:00:00+08:00"}, "/by"),
        ({"waybill_no": "a b"}, "/waybill_no"),
    ],
)
async def test_what_the_service_does_not_send(desk, body, pointer):
    notice = await desk.contract.notice(channel="email")
    answer = await desk.contract.client.post(f"/v1/notices/{notice['id']}/actions/send", json=body)
    assert answer.status_code in (400, 422)
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_without_an_address_nothing_is_queued(desk):
    notice = await desk.contract.notice(**{"channel": "email", "from": "B", "to": "A"})
    await desk.send(notice)
    async with desk.database.work(desk.tenant) as unit:  # one from before addresses were looked at
        await unit.run(
            "insert into party_address (party_id, no, channel, address, operates_from) values ($1, 99, $2, $3, $4)",
            *(UUID(desk.contract.parties["B"]), "email", "somewhere, else", dt.date(2026, 2, 1)),
        )
    refused = await desk.send(await desk.contract.notice(channel="email"), 422)
    assert "no e-mail address" in refused["detail"]


async def test_without_a_mail_server_it_is_recorded_as_before(clocked):
    contract = await in_force(clocked)
    notice = await contract.notice(channel="email")
    refused = await contract.post(f"/v1/notices/{notice['id']}/actions/send", {"by": "service"}, 409)
    assert "CLM_SMTP_URL" in refused["detail"]
    assert (await contract.post(f"/v1/notices/{notice['id']}/actions/send", {}))["status"] == "sent"


async def test_two_workers_at_once_file_the_proof_once(desk):
    notice = await desk.queued()
    await mailing.send_one(desk.database, desk.mailer, desk.tenant)
    await mailing.record_one(desk.database, desk.tenant)
    await asyncio.gather(*(mailing.file_one(desk.database, desk.vault, desk.tenant) for _ in range(4)))
    proof = await desk.contract.get(f"/v1/notices/{notice['id']}/evidence")
    assert [len(one["held"]) for one in proof["channels"][0]["items"]] == [1, 1, 0]
    assert len((await desk.contract.get(f"{desk.contract.url}/attachments"))["items"]) == 2


async def test_a_connection_that_broke_after_the_message_is_told_as_a_possible_duplicate(desk):
    desk.post.answers = ["250 and hang up"]
    notice = await desk.queued()
    await desk.work()
    (waiting,) = (await desk.contract.read(notice))["outgoing"]
    assert (waiting["status"], waiting["unsure"]) == ("queued", True)
    await run(desk, SQL.due_now)
    await desk.work()
    (sent,) = (await desk.contract.read(notice))["outgoing"]
    assert (sent["status"], sent["unsure"], len(desk.post.taken)) == ("sent", True, 2)


async def test_nothing_is_sent_again_because_it_cannot_be_recorded(desk, monkeypatch):
    notice, other = await desk.queued(), await desk.queued()

    async def fails(unit, row):
        if str(row.subject_id) == notice["id"]:
            raise ValueError("as defects do")
        await record(unit, row)

    record = mailing._record
    monkeypatch.setattr(mailing, "_record", fails)
    for _ in range(4):
        await desk.work()
        await run(desk, SQL.lease_lapses)
    assert len(desk.post.taken) == 2
    assert [(await desk.contract.read(one))["status"] for one in (notice, other)] == ["draft", "sent"]
    monkeypatch.undo()
    await run(desk, SQL.all_due_now)
    await desk.work()
    assert (await desk.contract.read(notice))["status"] == "sent"


async def test_whoever_dies_with_it_each_time_ends_as_a_task(desk, monkeypatch):
    notice = await desk.queued()
    for _ in range(outbox.TRIES):
        assert await outbox.claim(desk.database, desk.tenant, "notice.mail") is not None
        await run(desk, SQL.lease_lapses)
    assert await desk.work() == 0
    (failed,) = (await desk.contract.read(notice))["outgoing"]
    assert (failed["status"], failed["unsure"]) == ("failed", True)
    assert [one["kind"] for one in await desk.tasks(status="open")] == ["fallback"]


async def test_what_is_being_handed_over_cannot_be_withdrawn_just_now(desk):
    notice = await desk.queued()
    await outbox.claim(desk.database, desk.tenant, "notice.mail")
    refused = await withdraw(desk.contract, notice, 503)
    assert refused["code"] == "busy"
    await run(desk, SQL.lease_lapses)
    await mailing.send_one(desk.database, desk.mailer, desk.tenant)
    await withdraw(desk.contract, notice, 503)
    await desk.work()
    assert (await withdraw(desk.contract, notice))["status"] == "withdrawn"


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        ("RCPT 550 no such user", "bounced"),
        ("RCPT 554 5.1.1 unknown", "bounced"),
        ("RCPT 550 5.7.1 relaying denied", None),
        ("552 5.3.4 too big for us", None),
        ("554 5.2.2 mailbox full", "bounced"),
    ],
)
async def test_a_lasting_no_is_a_bounce_only_where_it_is_about_the_mailbox(desk, answer, event):
    desk.post.answers = [answer]
    notice = await desk.queued()
    await desk.work()
    read = await desk.contract.read(notice)
    assert [one["event"] for one in read["deliveries"]] == ([event] if event else [])
    assert (read["outgoing"][0]["status"], len(await desk.tasks(status="open"))) == ("failed", 1)
