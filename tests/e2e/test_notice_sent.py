"""A notice by e-mail, bounced, and sent again by courier: over HTTP, past a real mail server, with a worker killed."""

import asyncio

import httpx

from clm.features.carriers.fakes import FakeCarrier
from tests.features.notices.driving import Driven, instant, terms
from tests.kit.test_mail import dsn
from tests.postoffice import office

CLOCK = "2026-01-01T00:00:00+08:00"
NOTICES = {"rules": [{"channel": "courier", "trigger": "signed"}, {"channel": "email", "trigger": "entered"}]}


async def until(contract, notice, event):
    for _ in range(200):
        read = await contract.read(notice)
        if event in [one["event"] for one in read["deliveries"]]:
            return read
        await asyncio.sleep(0.1)
    raise AssertionError(f"no {event}: {read}")


async def reach(contract, role, channel, address):
    body = {"channel": channel, "address": address, "operates_from": "2026-01-01"}
    await contract.post(f"/v1/parties/{contract.parties[role]}/addresses", body, 201)


async def test_a_notice_that_bounced_arrives_by_courier(make_served):
    with office() as (post, url):
        served = make_served(CLM_BOOTSTRAP_TEST_CLOCK=CLOCK, CLM_SMTP_URL=url)
        async with served.client() as client:
            contract = await Driven(client).draft(terms(notices=NOTICES))
            await reach(contract, "B", "email", "legal@b.example.cn")
            await reach(contract, "B", "courier", "上海市外滩1号")
            await contract.to_effect()
            await contract.until("2026-04-13T16:00")
            notice = await contract.notice(channel="email")
            await contract.post(f"/v1/notices/{notice['id']}/actions/send", {})
            sent = await until(contract, notice, "sent")
            token = post.taken[0][0].partition("+")[2].partition("@")[0]
            raw = dsn(envelope=token, to="legal@b.example.cn")
            headers = {"content-type": "message/rfc822"}
            bounced = (await client.post("/v1/inbound/bounces", content=raw, headers=headers)).json()
            assert (sent["status"], bounced["notice"]["status"]) == ("sent", "failed")
            assert bounced["notice"]["tasks"][0]["channels"] == ["courier"]
            again = {"channel": "courier", "waybill_no": "SF1234567890"}
            resent = await contract.post(f"/v1/notices/{notice['id']}/actions/send", again)
            assert (resent["status"], resent["tasks"][0]["closed_for"]) == ("sent", "resent")
            await contract.until("2026-04-16T18:00")
            carrier = await contract.post("/v1/carriers", {"name": "顺丰"}, 201)
            headers, body = FakeCarrier(carrier["secret"]).report("SF1234567890", "signed", instant("2026-04-16T11:00"))
            async with httpx.AsyncClient(base_url=served.url) as courier:
                assert (await courier.post(carrier["path"], content=body, headers=headers)).json()[
                    "status"
                ] == "recorded"
            arrived = await contract.read(notice)
            assert (arrived["status"], arrived["arrival"]["at"]) == ("arrived", "2026-04-16T11:00:00+08:00")
            (cure,) = await contract.timers("cure")
            assert cure["due_at"] == "2026-05-07T00:00:00+08:00"


async def test_what_is_queued_goes_out_after_a_kill(make_served):
    with office() as (post, url):
        served = make_served(CLM_BOOTSTRAP_TEST_CLOCK=CLOCK, CLM_SMTP_URL=url, CLM_WORKER="false")
        async with served.client() as client:
            contract = await Driven(client).draft(terms(notices=NOTICES))
            await reach(contract, "B", "email", "legal@b.example.cn")
            notices = [await contract.notice(channel="email") for _ in range(5)]
            for notice in notices:
                await contract.post(f"/v1/notices/{notice['id']}/actions/send", {})
        served.kill()
        served.start(CLM_WORKER="true")
        async with served.client() as client:
            contract.client = client
            for notice in notices:
                await until(contract, notice, "sent")
        assert len(post.taken) == 5
