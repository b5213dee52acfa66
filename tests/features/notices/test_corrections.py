"""A delivery event that was recorded by mistake counts no longer; what followed is undone and stays readable."""

import pytest

from tests.features.notices.driving import correct, in_force, instant


@pytest.fixture
async def contract(clocked):
    contract = await in_force(clocked)
    await contract.until("2026-06-01")
    return contract


async def test_a_signature_that_was_none_leaves_the_rule_on_posting(contract):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-13T16:00")
    signed = await contract.event(notice, "signed", "2026-04-14T11:00")
    assert signed["arrival"]["at"] == "2026-04-14T11:00:00+08:00"
    assert (await contract.contract())["ended_at"] == "2026-04-30T00:00:00+08:00"
    right = await correct(contract, notice, no=2)
    assert right["arrival"]["at"] == "2026-04-17T00:00:00+08:00"
    assert [one["superseded_for"] for one in right["deliveries"]] == [None, "另一件快递的签收"]
    assert (await contract.contract())["ended_at"] == "2026-05-07T00:00:00+08:00"
    assert len(await contract.told("notice.delivery_corrected")) == 1


async def test_without_any_event_left_the_notice_was_never_sent(contract):
    notice = await contract.rescission(**{"from": "B", "to": "A", "ground": "late_payment", "channel": "email"})
    await contract.event(notice, "entered", "2026-04-16T09:00")
    assert (await contract.contract())["status"] == "terminated"
    right = await correct(contract, notice, no=1)
    assert (right["status"], right["arrival"]["at"], right["sent_at"]) == ("draft", None, None)
    assert "contract.terminated" in {one["type"] for one in right["decision"]["superseded"]}
    assert (await contract.contract())["status"] == "effective"
    then = await contract.get(contract.url, as_of="2026-05-01", known_at=instant("2026-06-01"))
    assert then["status"] == "effective"


async def test_another_event_stands_in_its_place(contract):
    notice = await contract.notice()
    await contract.event(notice, "signed", "2026-04-14T11:00")
    replacement = {"event": "signed", "at": "2026-04-16T11:00:00+08:00"}
    right = await correct(contract, notice, no=1, replacement=replacement)
    assert right["arrival"]["at"] == "2026-04-16T11:00:00+08:00"
    assert [one["no"] for one in right["deliveries"] if one["superseded_at"] is None] == [2]
    assert (await contract.contract())["ended_at"] == "2026-05-07T00:00:00+08:00"


async def test_what_cannot_be_corrected_says_why(contract, client_with):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-13T16:00")
    refused = await correct(contract, notice, 422, no=2)
    assert refused["errors"][0]["pointer"] == "/no"
    await correct(contract, notice, no=1)
    await correct(contract, notice, 422, no=1)
    async with client_with("notices:write") as limited:
        answer = await limited.post(
            f"/v1/notices/{notice['id']}/actions/correct-delivery", json={"no": 1, "reason": "x"}
        )
        assert answer.status_code == 403


async def test_a_replacement_keeps_to_what_a_delivery_keeps_to(contract):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-13T16:00")
    await contract.event(notice, "signed", "2026-04-16T11:00")
    before = await contract.read(notice)
    early = {"event": "signed", "at": "2026-03-01T11:00:00+08:00"}
    refused = await correct(contract, notice, 422, no=2, replacement=early)
    assert refused["errors"][0]["pointer"] == "/replacement/at"
    assert await contract.read(notice) == before
    posted = {"event": "posted", "at": "2026-04-14T16:00:00+08:00"}
    right = await correct(contract, notice, no=1, replacement=posted)
    assert right["sent_at"] == "2026-04-14T16:00:00+08:00"
    assert right["arrival"]["at"] == "2026-04-16T11:00:00+08:00"
