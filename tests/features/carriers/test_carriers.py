"""What a carrier reports, signed, becomes a step of the notice that it carries; nothing of it is lost."""

import asyncio
import time

import pytest

from clm.features.carriers import service as carriers
from clm.features.carriers.fakes import FakeCarrier
from clm.features.carriers.signing import sign
from tests.conftest import START, caller, new_tenancy
from tests.features.notices.driving import in_force, instant

WAYBILL = "SF1234567890"


class Desk:
    """A contract in force, a carrier, and what both say."""

    def __init__(self, contract, made, fake):
        self.contract, self.made, self.fake = contract, made, fake

    async def says(self, event, at, status=200, **more):
        headers, body = self.fake.report(more.pop("waybill_no", WAYBILL), event, instant(at), **more)
        return await self.post(headers, body, status)

    async def post(self, headers, body, status=200):
        answer = await self.contract.client.post(self.made["path"], content=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def posted(self, at="2026-04-13T16:00", waybill_no=WAYBILL, **changes):
        notice = await self.contract.notice(**changes)
        body = {"at": instant(at), "waybill_no": waybill_no}
        return await self.contract.post(f"/v1/notices/{notice['id']}/actions/send", body)

    async def heard(self, **filters):
        return (await self.contract.get(f"/v1/carriers/{self.made['id']}/events", **filters))["items"]


@pytest.fixture
async def tenancy(database):
    return await new_tenancy(database, START)


@pytest.fixture
async def desk(app, tenancy):
    async with caller(app, tenancy.key) as client:
        contract = await in_force(client)
        await contract.until("2026-04-20T10:00")
        made = await contract.post("/v1/carriers", {"name": "顺丰"}, 201)
        yield Desk(contract, made, FakeCarrier(made["secret"]))


async def test_a_signature_on_delivery_is_arrival_with_its_evidence(desk):
    notice = await desk.posted()
    assert (notice["status"], notice["deliveries"][0]["waybill_no"]) == ("arrived", WAYBILL)
    told = await desk.says("signed", "2026-04-15T11:00", note="前台签收")
    assert (told["status"], told["notice_id"], told["delivery_no"]) == ("recorded", notice["id"], 2)
    read = await desk.contract.read(notice)
    assert read["arrival"]["at"] == "2026-04-15T11:00:00+08:00"
    assert read["deliveries"][1]["note"] == "前台签收"
    proof = await desk.contract.get(f"/v1/notices/{notice['id']}/evidence")
    items = {one["key"]: one for one in proof["channels"][0]["items"]}
    assert items["waybill_no"]["stated"] == WAYBILL
    assert (items["outcome"]["held"][0]["source"], items["outcome"]["missing"]) == ("carrier", False)
    assert [key for key, one in items.items() if one["missing"]] == ["content_list", "content_scan", "tracking"]


async def test_the_same_message_again_and_at_once_is_one_step(desk):
    notice = await desk.posted()
    headers, body = desk.fake.report(WAYBILL, "signed", instant("2026-04-15T11:00"))
    told = await asyncio.gather(*(desk.post(headers, body) for _ in range(8)))
    assert {one["id"] for one in told} == {told[0]["id"]}
    assert len((await desk.contract.read(notice))["deliveries"]) == 2
    assert len(await desk.heard()) == 1


async def test_a_report_before_its_notice_waits_for_it(desk, database, vault):
    assert (await desk.says("signed", "2026-04-15T11:00"))["status"] == "unmatched"
    notice = await desk.posted()
    assert len((await desk.contract.read(notice))["deliveries"]) == 1
    assert await carriers.match(database, vault) >= 1
    assert len((await desk.contract.read(notice))["deliveries"]) == 2
    assert [one["status"] for one in await desk.heard()] == ["recorded"]


async def test_what_cannot_be_is_kept_with_its_reason(desk):
    notice = await desk.posted()
    before = await desk.says("signed", "2026-04-12T11:00")
    assert before["status"] == "refused"
    assert "cannot come before" in before["problem"]
    assert len((await desk.contract.read(notice))["deliveries"]) == 1
    assert len(await desk.heard(status="refused")) == 1


async def test_what_lies_ahead_waits_for_its_instant(desk, database, vault):
    notice = await desk.posted()
    assert (await desk.says("signed", "2026-04-21T11:00"))["status"] == "unmatched"
    await carriers.match(database, vault)
    assert len((await desk.contract.read(notice))["deliveries"]) == 1
    await desk.contract.until("2026-04-21T12:00")
    await carriers.match(database, vault)
    assert len((await desk.contract.read(notice))["deliveries"]) == 2


async def test_a_clock_a_little_ahead_is_ours(desk):
    notice = await desk.posted()
    assert (await desk.says("signed", "2026-04-20T10:04"))["status"] == "recorded"
    assert (await desk.contract.read(notice))["deliveries"][1]["at"] == instant("2026-04-20T10:00")


async def test_what_moves_nothing_is_noted(desk):
    await desk.posted()
    assert (await desk.says("out_for_delivery", "2026-04-14T09:00"))["status"] == "noted"


async def test_a_return_opens_a_task_that_another_dispatch_closes(desk):
    agreed = {"type": "demand", "ground": None, "cure": None, "channel": "registered_mail"}
    notice = await desk.contract.notice(**agreed)
    body = {"at": instant("2026-04-13T16:00"), "waybill_no": WAYBILL, "channel": "registered_mail"}
    await desk.contract.post(f"/v1/notices/{notice['id']}/actions/send", body)
    await desk.says("returned", "2026-04-16T09:00")
    (task,) = (await desk.contract.read(notice))["tasks"]
    assert (task["kind"], task["closed_at"]) == ("fallback", None)
    await desk.contract.post(f"/v1/notices/{notice['id']}/actions/send", {"channel": "personal"})
    assert (await desk.contract.read(notice))["tasks"][0]["closed_for"] == "resent"


@pytest.mark.parametrize("wrong", ["signature", "body", "old", "id", "none", "endless"])
async def test_an_unsigned_report_is_nobodys(desk, wrong):
    await desk.posted()
    headers, body = desk.fake.report(WAYBILL, "signed", instant("2026-04-15T11:00"))
    if wrong == "signature":
        headers["webhook-signature"] = "v1," + "A" * 43 + "="
    if wrong == "body":
        body = body.replace(b"signed", b"refused")
    if wrong == "old":
        old = int(time.time()) - 301
        signature = sign(desk.made["secret"], headers["webhook-id"], old, body)
        headers |= {"webhook-timestamp": str(old), "webhook-signature": signature}
    if wrong == "id":
        headers["webhook-id"] = "another"
    if wrong == "none":
        headers = {}
    if wrong == "endless":
        headers["webhook-timestamp"] = "9" * 400
    assert (await desk.post(headers, body, 401))["code"] == "signature-refused"
    assert await desk.heard() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"waybill_no": "SF 1", "event": "signed", "at": "2026-04-15T11:00:00+08:00"}', 400),
        (b'{"waybill_no": "SF12345", "event": "signed", "at": "2026-04-15T11:00:00"}', 422),
        (b'{"waybill_no": "SF12345", "event": "signed", "at": "1812-04-15T11:00:00Z"}', 422),
        (b"[" * 60000, 400),
        (b'{"waybill_no": "SF12345", "event": "signed", "note": "a\\u0000", "at": "2026-04-15T11:00:00+08:00"}', 422),
        (b'{"waybill_no": "SF12345", "event": "signed", "x": "\xff", "at": "2026-04-15T11:00:00+08:00"}', 400),
        (b" " * 70000, 413),
    ],
)
async def test_what_is_no_report(desk, body, status):
    now = int(time.time())
    signature = sign(desk.made["secret"], "m1", now, body)
    headers = {"webhook-id": "m1", "webhook-timestamp": str(now), "webhook-signature": signature}
    assert (await desk.post(headers, body, status))["status"] == status
    assert await desk.heard() == []


async def test_a_secret_is_shown_once_and_can_be_changed_and_ended(desk, stranger):
    assert "secret" not in await desk.contract.get(f"/v1/carriers/{desk.made['id']}")
    assert "secret" not in (await desk.contract.get("/v1/carriers"))["items"][0]
    changed = await desk.contract.post(f"/v1/carriers/{desk.made['id']}/actions/rotate-secret")
    await desk.says("signed", "2026-04-15T11:00", 401)
    desk.fake = FakeCarrier(changed["secret"])
    await desk.says("signed", "2026-04-15T11:00")
    ended = await desk.contract.post(f"/v1/carriers/{desk.made['id']}/actions/end")
    assert ended["ended_at"] is not None
    await desk.says("signed", "2026-04-15T12:00", 404)
    await desk.contract.post(f"/v1/carriers/{desk.made['id']}/actions/rotate-secret", status=409)
    await desk.contract.post("/v1/carriers", {"name": "顺丰"}, 409)
    assert (await stranger.get(f"/v1/carriers/{desk.made['id']}")).status_code == 404
    assert (await stranger.get(f"/v1/carriers/{desk.made['id']}/events")).status_code == 404


async def test_an_unknown_carrier_is_not_there(desk):
    headers, body = desk.fake.report(WAYBILL, "signed", instant("2026-04-15T11:00"))
    desk.made["path"] = "/inbound/carriers/01970000-0000-7000-8000-000000000001"
    await desk.post(headers, body, 404)


async def test_another_tenants_waybill_matches_nothing(desk, app, database):
    await desk.posted()
    async with caller(app, (await new_tenancy(database, START)).key) as client:
        answer = await client.post("/v1/carriers", json={"name": "顺丰"})
        other = Desk(desk.contract, answer.json(), FakeCarrier(answer.json()["secret"]))
        assert (await other.says("signed", "2026-04-15T11:00"))["status"] == "unmatched"


async def test_another_carrier_says_nothing_of_an_item_whose_carrier_is_named(desk):
    notice = await desk.contract.notice()
    body = {"at": instant("2026-04-13T16:00"), "waybill_no": WAYBILL, "carrier_id": desk.made["id"]}
    await desk.contract.post(f"/v1/notices/{notice['id']}/actions/send", body)
    other = await desk.contract.post("/v1/carriers", {"name": "中通"}, 201)
    theirs = Desk(desk.contract, other, FakeCarrier(other["secret"]))
    assert (await theirs.says("signed", "2026-04-15T11:00"))["status"] == "unmatched"
    assert (await desk.says("signed", "2026-04-15T11:00"))["status"] == "recorded"
    body["carrier_id"] = notice["id"]
    refused = await desk.contract.post(f"/v1/notices/{notice['id']}/actions/send", body | {"waybill_no": "SF2"}, 400)
    assert refused["errors"][0]["pointer"] == "/waybill_no"
    refused = await desk.contract.post(f"/v1/notices/{notice['id']}/actions/send", body | {"waybill_no": "SF22"}, 422)
    assert refused["errors"][0]["pointer"] == "/carrier_id"
