"""A withdrawal counts if it arrives before the notice or together with it (Civil Code 141)."""

import pytest

from tests.features.notices.driving import in_force, withdraw


@pytest.fixture
async def contract(clocked):
    contract = await in_force(clocked)
    await contract.until("2026-04-20")
    return contract


async def rescission(contract):
    """On a ground that needs no demand: arrival ends the contract."""
    return await contract.rescission(**{"from": "B", "to": "A", "ground": "late_payment", "channel": "email"})


@pytest.mark.parametrize("arrived_at", ["2026-04-16T08:59:59+08:00", "2026-04-16T09:00:00+08:00"])
async def test_in_time(contract, arrived_at):
    notice = await rescission(contract)
    await contract.event(notice, "entered", "2026-04-16T09:00")
    assert (await contract.contract())["status"] == "terminated"
    withdrawn = await withdraw(contract, notice, arrived_at=arrived_at)
    assert (withdrawn["status"], withdrawn["withdrawn_at"]) == ("withdrawn", arrived_at)
    assert "contract.terminated" in [event["type"] for event in withdrawn["decision"]["superseded"]]
    restored = await contract.contract()
    assert (restored["status"], restored["outcome"], restored["ended_at"]) == ("effective", None, None)
    assert len(await contract.told("notice.withdrawn")) == 1


async def test_too_late(contract):
    notice = await rescission(contract)
    await contract.event(notice, "entered", "2026-04-16T09:00")
    refused = await withdraw(contract, notice, 409, arrived_at="2026-04-16T09:00:01+08:00")
    assert refused["code"] == "not-allowed-now"
    assert refused["reasons"][0]["rule"] == "R-N7"
    assert (await contract.read(notice))["status"] == "arrived"
    assert (await contract.contract())["status"] == "terminated"


async def test_before_a_deemed_arrival(contract):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-19T09:00")
    withdrawn = await withdraw(contract, notice)
    assert [timer["kind"] for timer in withdrawn["decision"]["cancelled"]] == ["arrival"]
    await contract.until("2026-05-30")
    assert await contract.timers("cure") == []
    read = await contract.read(notice)
    assert {**withdrawn, "decision": None} == {**read, "decision": None}
    assert read["status"] == "withdrawn"
    arrival = read["arrival"]
    assert (arrival["status"], arrival["at"], arrival["legal_date"], arrival["certainty"]) == (
        "failed",
        None,
        None,
        None,
    )
    assert (arrival["basis"]["rule"], arrival["basis"]["source"]) == ("R-N7", "Civil Code 141")
    assert [step["rule"] for step in arrival["basis"]["steps"]][-1] == "R-N7"


async def test_a_draft_is_given_up(contract):
    notice = await contract.notice()
    withdrawn = await withdraw(contract, notice)
    assert (withdrawn["status"], withdrawn["arrival"]["status"]) == ("withdrawn", "failed")
    assert "decision" not in withdrawn


async def test_what_happens_to_a_withdrawn_notice_is_refused(contract):
    notice = await contract.notice()
    await withdraw(contract, notice, at="2026-04-16T09:00:00+08:00")
    refused = await contract.event(notice, "signed", "2026-04-16T11:00", 409)
    assert "withdrawn since" in refused["detail"]
    await contract.post(f"/v1/notices/{notice['id']}/actions/send", {}, 409)
    assert [one["event"] for one in (await contract.read(notice))["deliveries"]] == ["withdrawn"]


async def test_proof_of_an_arrival_before_the_withdrawal_outdoes_it(contract):
    notice = await rescission(contract)
    await contract.post(f"/v1/notices/{notice['id']}/actions/send", {"at": "2026-04-16T08:58:00+08:00"})
    await withdraw(contract, notice, arrived_at="2026-04-16T09:00:01+08:00")
    proof = await contract.event(notice, "entered", "2026-04-16T09:00")
    assert (proof["status"], proof["withdrawn_at"]) == ("arrived", None)
    ended = await contract.contract()
    assert (ended["outcome"], ended["ended_at"]) == ("rescinded_by_notice", "2026-04-16T09:00:00+08:00")


async def test_twice_is_once_and_another_instant_is_refused(contract):
    notice = await contract.notice()
    first = await withdraw(contract, notice, at="2026-04-16T09:00:00+08:00")
    again = await withdraw(contract, notice, at="2026-04-16T09:00:00+08:00")
    assert again["version"] == first["version"]
    await withdraw(contract, notice, 409, at="2026-04-17T09:00:00+08:00")


@pytest.mark.parametrize(
    "arrived_at", ["2026-04-20T10:00:00+08:00", "2026-04-19T10:00:00", "0001-01-01T00:00:00+08:00"]
)
async def test_an_instant_that_cannot_be_is_refused(contract, arrived_at):
    notice = await contract.notice()
    refused = await withdraw(contract, notice, 422, arrived_at=arrived_at)
    assert refused["errors"][0]["pointer"] == "/arrived_at"
