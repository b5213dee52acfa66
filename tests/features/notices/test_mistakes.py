"""Mistakes in what was recorded of a notice's way: its dispatch, its address, its withdrawal, an announced address."""

import pytest

from tests.features.notices.driving import correct, in_force, instant, withdraw

NEW_ADDRESS = {"channel": "courier", "address": "上海市示例路2号", "recipient": "李雷"}


@pytest.fixture
async def contract(clocked):
    contract = await in_force(clocked)
    await contract.until("2026-06-01")
    return contract


async def by_courier(contract):
    """On a ground that needs no demand: arrival, three days after posting at the latest, ends the contract."""
    return await contract.rescission(**{"from": "B", "to": "A", "ground": "late_payment"})


async def send(contract, notice, at, status=200, **more):
    return await contract.post(f"/v1/notices/{notice['id']}/actions/send", {"at": instant(at), **more}, status)


async def address_of(contract, role, address, day, channel="courier"):
    body = {"channel": channel, "address": address, "operates_from": day}
    await contract.post(f"/v1/parties/{contract.parties[role]}/addresses", body, 201)


async def announce(contract):
    """B announces a new address."""
    return await contract.notice(
        **{"type": "address_change", "from": "B", "to": "A", "ground": None, "cure": None, "details": NEW_ADDRESS}
    )


async def book(contract, role):
    rows = (await contract.get(f"/v1/parties/{contract.parties[role]}"))["addresses"]
    return [(row["address"], row["operates_from"]) for row in rows]


def counting(notice):
    return [(one["no"], one["event"]) for one in notice["deliveries"] if one["superseded_at"] is None]


async def test_a_withdrawal_outdone_by_mistake_comes_back(contract):
    notice = await by_courier(contract)
    await contract.event(notice, "posted", "2026-04-13T16:00")
    await withdraw(contract, notice, arrived_at=instant("2026-04-15T09:00"))
    outdone = await contract.event(notice, "signed", "2026-04-14T11:00")
    assert (outdone["status"], outdone["withdrawn_at"]) == ("arrived", None)
    assert (await contract.contract())["ended_at"] == "2026-04-14T11:00:00+08:00"
    right = await correct(contract, notice, no=3)
    assert (right["status"], right["withdrawn_at"]) == ("withdrawn", "2026-04-15T09:00:00+08:00")
    assert counting(right) == [(1, "posted"), (2, "withdrawn")]
    assert "contract.terminated" in {one["type"] for one in right["decision"]["superseded"]}
    restored = await contract.contract()
    assert (restored["status"], restored["ended_at"]) == ("effective", None)


async def test_a_bounce_that_undoes_the_arrival_lets_the_withdrawal_count(contract):
    notice = await contract.rescission(**{"from": "B", "to": "A", "ground": "late_payment", "channel": "email"})
    await send(contract, notice, "2026-04-13T16:00")
    await withdraw(contract, notice, arrived_at=instant("2026-04-15T09:00"))
    await contract.event(notice, "entered", "2026-04-13T16:01")
    assert (await contract.contract())["status"] == "terminated"
    bounced = await contract.event(notice, "bounced", "2026-04-13T16:02")
    assert (bounced["status"], bounced["withdrawn_at"]) == ("withdrawn", "2026-04-15T09:00:00+08:00")
    assert (await contract.contract())["status"] == "effective"


async def test_a_mistaken_withdrawal_brings_the_notice_back_to_life(contract):
    notice = await by_courier(contract)
    await contract.event(notice, "posted", "2026-04-13T16:00")
    gone = await withdraw(contract, notice, arrived_at=instant("2026-04-15T09:00"), note="电话")
    assert gone["deliveries"][1] | {"recorded_at": None} == {
        "no": 2,
        "event": "withdrawn",
        "channel": "courier",
        "at": "2026-04-15T09:00:00+08:00",
        "waybill_no": None,
        "carrier_id": None,
        "evidence": [],
        "note": "电话",
        "recorded_at": None,
        "superseded_at": None,
        "superseded_for": None,
    }
    await contract.until("2026-06-02")
    right = await correct(contract, notice, no=2, reason="撤回的是另一份通知")
    assert (right["status"], right["withdrawn_at"]) == ("arrived", None)
    assert right["arrival"]["at"] == "2026-04-17T00:00:00+08:00"
    ended = await contract.contract()
    assert (ended["outcome"], ended["ended_at"]) == ("rescinded_by_notice", "2026-04-17T00:00:00+08:00")
    assert await contract.told("notice.withdrawn") == []
    for known, status in (("2026-06-01T12:00", "effective"), ("2026-06-02", "terminated")):
        then = await contract.get(contract.url, as_of="2026-05-01", known_at=instant(known))
        assert then["status"] == status


async def test_a_withdrawal_with_the_wrong_instant_is_put_right_or_comes_too_late(contract):
    notice = await by_courier(contract)
    await contract.event(notice, "posted", "2026-04-13T16:00")
    await withdraw(contract, notice, arrived_at=instant("2026-04-15T09:00"))
    late = {"event": "withdrawn", "at": "2026-04-17T00:00:01+08:00"}
    refused = await correct(contract, notice, 409, no=2, replacement=late)
    assert refused["reasons"][0]["rule"] == "R-N7"
    assert counting(await contract.read(notice)) == [(1, "posted"), (2, "withdrawn")]
    just = {"event": "withdrawn", "at": "2026-04-17T00:00:00+08:00"}
    right = await correct(contract, notice, no=2, replacement=just)
    assert (right["status"], right["withdrawn_at"]) == ("withdrawn", "2026-04-17T00:00:00+08:00")
    [told] = await contract.told("notice.withdrawn")
    assert told["at"] == "2026-04-17T00:00:00+08:00"


async def test_what_happened_to_a_withdrawn_notice_can_be_put_right_too(contract):
    notice = await by_courier(contract)
    await contract.event(notice, "posted", "2026-04-13T16:00")
    await withdraw(contract, notice, arrived_at=instant("2026-04-15T09:00"))
    posted = {"event": "posted", "at": "2026-04-12T16:00:00+08:00"}
    still = await correct(contract, notice, no=1, replacement=posted)
    assert (still["status"], still["sent_at"], "decision" in still) == ("withdrawn", "2026-04-12T16:00:00+08:00", False)
    posted = {"event": "posted", "at": "2026-04-10T16:00:00+08:00"}
    right = await correct(contract, notice, no=3, replacement=posted)
    assert (right["status"], right["arrival"]["at"]) == ("arrived", "2026-04-14T00:00:00+08:00")
    assert (await contract.contract())["ended_at"] == "2026-04-14T00:00:00+08:00"


async def test_a_draft_given_up_by_mistake_is_a_draft_again(contract):
    notice = await contract.notice()
    await withdraw(contract, notice)
    right = await correct(contract, notice, no=1)
    assert (right["status"], right["arrival"]["status"], "decision" in right) == ("draft", "pending", False)
    sent = await send(contract, notice, "2026-05-31T16:00")
    assert sent["status"] == "sent"


async def test_a_dispatch_in_person_can_be_corrected(contract):
    await address_of(contract, "B", "上海市示例路1号", "2026-01-01", "personal")
    notice = await contract.notice(channel="personal")
    sent = await send(contract, notice, "2026-04-10T16:00")
    assert counting(sent) == [(1, "dispatched")]
    assert sent["address"]["address"] == "上海市示例路1号"
    replacement = {"event": "dispatched", "at": "2026-04-11T16:00:00+08:00"}
    right = await correct(contract, notice, no=1, replacement=replacement)
    assert (right["status"], right["sent_at"]) == ("sent", "2026-04-11T16:00:00+08:00")
    gone = await correct(contract, notice, no=2)
    assert (gone["status"], gone["sent_at"], gone["address"], counting(gone)) == ("draft", None, None, [])


async def test_a_dispatch_in_person_outlives_the_correction_of_another(contract):
    await address_of(contract, "B", "上海市示例路1号", "2026-01-01", "personal")
    notice = await contract.notice(channel="personal")
    await send(contract, notice, "2026-04-10T16:00")
    await contract.event(notice, "posted", "2026-04-13T16:00", channel="courier")
    await contract.event(notice, "signed", "2026-04-14T11:00", channel="courier")
    unrelated = await correct(contract, notice, no=3)
    assert unrelated["sent_at"] == "2026-04-10T16:00:00+08:00"
    right = await correct(contract, notice, no=2)
    assert (right["status"], right["sent_at"]) == ("sent", "2026-04-10T16:00:00+08:00")
    assert right["address"]["address"] == "上海市示例路1号"


async def test_only_what_is_handed_over_is_dispatched_in_person(contract):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-13T16:00")
    refused = await correct(contract, notice, 422, no=1, replacement={"event": "dispatched"})
    assert refused["errors"][0]["pointer"] == "/replacement/event"
    for event in ("dispatched", "withdrawn"):
        body = {"event": event}
        await contract.post(f"/v1/notices/{notice['id']}/delivery-events", body, 400)


async def test_the_address_is_that_of_the_right_dispatch(contract):
    await address_of(contract, "B", "旧地址", "2026-01-01")
    await address_of(contract, "B", "新地址", "2026-04-18")
    notice = await contract.notice()
    sent = await contract.event(notice, "posted", "2026-04-20T16:00")
    assert sent["address"]["address"] == "新地址"
    replacement = {"event": "posted", "at": "2026-04-17T16:00:00+08:00"}
    right = await correct(contract, notice, no=1, replacement=replacement)
    assert right["address"]["address"] == "旧地址"


async def test_the_address_of_a_mistaken_dispatch_goes_with_it(contract):
    await address_of(contract, "B", "旧地址", "2026-01-01")
    await address_of(contract, "B", "新地址", "2026-04-18")
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-17T16:00")
    again = await contract.event(notice, "posted", "2026-04-20T16:00")
    assert again["address"]["address"] == "新地址"
    right = await correct(contract, notice, no=2)
    assert right["address"]["address"] == "旧地址"
    note = {"event": "posted", "note": "面单编号更正"}
    kept = await correct(contract, notice, no=1, replacement=note)
    assert (kept["address"]["address"], kept["sent_at"]) == ("旧地址", "2026-04-17T16:00:00+08:00")


async def test_a_corrected_announcement_reaches_the_address_book(contract):
    notice = await announce(contract)
    await contract.event(notice, "posted", "2026-05-31T16:00")
    assert await book(contract, "B") == []
    signed = {"event": "signed", "at": "2026-05-20T10:00:00+08:00"}
    right = await correct(contract, notice, no=1, replacement=signed)
    assert right["status"] == "arrived"
    assert await book(contract, "B") == [("上海市示例路2号", "2026-05-25")]


async def test_an_announced_address_leaves_the_book_with_the_mistaken_announcement(contract):
    await address_of(contract, "B", "上海市示例路1号", "2026-01-01")
    notice = await announce(contract)
    await contract.event(notice, "signed", "2026-05-10T10:00")
    signed = {"event": "signed", "at": "2026-05-20T10:00:00+08:00"}
    await correct(contract, notice, no=1, replacement=signed)
    assert await book(contract, "B") == [
        ("上海市示例路1号", "2026-01-01"),
        ("上海市示例路2号", "2026-05-15"),
        ("上海市示例路2号", "2026-05-25"),
        ("上海市示例路1号", "2026-05-15"),
    ]
    assert (await contract.event(await contract.notice(), "posted", "2026-05-20T16:00"))["address"][
        "address"
    ] == "上海市示例路1号"


async def test_an_announced_address_that_operated_before_it_was_thought_to_stays(contract):
    await address_of(contract, "B", "上海市示例路1号", "2026-01-01")
    notice = await announce(contract)
    await contract.event(notice, "signed", "2026-05-20T10:00")
    await correct(contract, notice, no=1, replacement={"event": "signed", "at": "2026-05-10T10:00:00+08:00"})
    for day, address in (("2026-05-15", "2"), ("2026-05-28", "2"), ("2026-05-14", "1")):
        sent = await contract.event(await contract.notice(), "posted", f"{day}T16:00")
        assert sent["address"]["address"] == f"上海市示例路{address}号"
    gone = await correct(contract, notice, no=2)
    assert gone["status"] == "draft"
    for day in ("2026-05-28", "2026-05-20"):
        sent = await contract.event(await contract.notice(), "posted", f"{day}T16:00")
        assert sent["address"]["address"] == "上海市示例路1号"


async def test_the_only_address_cannot_be_taken_from_the_book(contract):
    notice = await announce(contract)
    await contract.event(notice, "signed", "2026-05-10T10:00")
    await contract.event(notice, "acknowledged", "2026-05-11T10:00")
    assert (await correct(contract, notice, no=2))["status"] == "arrived"
    refused = await correct(contract, notice, 409, no=1)
    assert "no other address" in refused["detail"]
    assert await book(contract, "B") == [("上海市示例路2号", "2026-05-15")]


async def test_no_dispatch_is_put_after_what_followed_it(contract):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-13T16:00")
    await contract.event(notice, "signed", "2026-04-14T11:00")
    before = await contract.read(notice)
    posted = {"event": "posted", "at": "2026-05-20T16:00:00+08:00"}
    refused = await correct(contract, notice, 422, no=1, replacement=posted)
    assert refused["errors"][0]["pointer"] == "/replacement/at"
    assert await contract.read(notice) == before
    await contract.event(notice, "posted", "2026-04-12T16:00")
    right = await correct(contract, notice, no=1, replacement=posted)
    assert right["sent_at"] == "2026-04-12T16:00:00+08:00"


async def test_a_replacement_that_counts_already_is_not_stored_twice(contract):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-13T16:00")
    await contract.event(notice, "signed", "2026-04-14T11:00")
    signed = {"event": "signed", "at": "2026-04-14T11:00:00+08:00"}
    right = await correct(contract, notice, no=1, replacement=signed)
    assert [one["no"] for one in right["deliveries"]] == [1, 2]
    assert (counting(right), right["arrival"]["at"]) == ([(2, "signed")], "2026-04-14T11:00:00+08:00")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"at": "2026-06-02T00:00:00+08:00"}, "/replacement/at"),
        ({"at": "2026-04-14T11:00:00"}, "/replacement/at"),
        ({"at": "1800-04-14T11:00:00+08:00"}, "/replacement/at"),
        ({"evidence": ["00000000-0000-4000-8000-000000000000"]}, "/replacement/evidence"),
    ],
)
async def test_what_is_wrong_with_a_replacement_is_pointed_at_within_it(contract, wrong, pointer):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-13T16:00")
    refused = await correct(contract, notice, 422, no=1, replacement={"event": "posted", **wrong})
    assert refused["errors"][0]["pointer"].startswith(pointer)
