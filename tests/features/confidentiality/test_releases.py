"""Releases (R-C8): by evidence and a second pair of eyes, unless the terms say that none is needed."""

import asyncio

import pytest

from tests.conftest import caller
from tests.features.confidentiality.driving import act, action, disclose, duty, file, in_force_of_one_key
from tests.features.notices.driving import in_force

PUBLIC = {"reason": "public", "at": "2026-08-08T09:00"}


@pytest.fixture
async def contract(clocked):
    contract = await in_force(clocked)
    await contract.until("2026-08-10")
    return contract


@pytest.fixture
async def other(app, contract):
    """Another key of the same tenant."""
    made = await contract.post("/v1/api-keys", {"name": "法务", "scopes": ["*"]}, 201)
    async with caller(app, made["key"]) as client:
        yield client


async def asked(contract, **changes):
    """An item whose release waits; answers with the item as it was, and its evidence."""
    item, proof = await disclose(contract), await file(contract)
    await act(contract, item, "release", **{**PUBLIC, "evidence": [proof], **changes})
    return item, proof


async def test_where_the_terms_need_no_second_key_a_release_counts_at_once_and_says_what_it_lacks(clocked):
    contract = await in_force_of_one_key(clocked)
    await contract.until("2026-08-10")
    item = await disclose(contract)
    released = await act(contract, item, "release", **PUBLIC)
    assert (released["status"], released["pending_release"]) == ("released", None)
    assert (released["release"]["reason"], released["release"]["lacks"]) == ("public", ["NO_EVIDENCE", "NOT_REVIEWED"])


async def test_by_evidence_and_a_second_key_an_item_is_released(contract, other):
    item, proof = await asked(contract)
    waiting = await duty(contract)
    assert (waiting["status"], waiting["released_at"]) == ("active_open", None)
    pending = waiting["pending_release"]
    assert (pending["reason"], pending["at"], pending["evidence"]) == ("public", "2026-08-08T09:00:00+08:00", [proof])
    refused = await act(contract, item, "confirm-release", 409)
    assert refused["reasons"][0]["rule"] == "R-C8"
    assert "may not confirm" in refused["detail"]
    answer = await other.post(action(item, "confirm-release"), json={})
    released = answer.json()
    assert (answer.status_code, released["status"]) == (200, "released")
    assert released["released_at"] == "2026-08-08T09:00:00+08:00"
    assert released["release"]["lacks"] == []
    assert released["release"]["requested_by"] != released["release"]["recorded_by"]
    assert len(await contract.told("confidentiality.release_requested")) == 1
    assert len(await contract.told("confidentiality.released")) == 1


async def test_a_release_needs_evidence_unless_the_terms_say_otherwise(contract):
    item = await disclose(contract)
    refused = await act(contract, item, "release", 422, **PUBLIC)
    assert refused["errors"][0]["pointer"] == "/evidence"
    assert (await duty(contract))["pending_release"] is None


async def test_what_another_key_has_looked_at_is_not_replaced_by_nothing(contract, other):
    item, _ = await asked(contract)
    assert (await other.post(action(item, "confirm-release"), json={})).status_code == 200
    refused = await act(contract, item, "correct", 422, no=3, reason="录入错误", replacement={"evidence": []})
    assert refused["errors"][0]["pointer"] == "/replacement/evidence"
    assert (await duty(contract))["release"]["lacks"] == []


async def test_a_rejected_release_leaves_the_duty_and_may_be_asked_for_again(contract, other):
    item, proof = await asked(contract)
    answer = await other.post(action(item, "reject-release"), json={"reason": "公开的是另一份名单"})
    assert (answer.json()["status"], answer.json()["pending_release"]) == ("active_open", None)
    assert (await other.post(action(item, "confirm-release"), json={})).status_code == 409
    await act(contract, item, "release", **PUBLIC, evidence=[proof])
    assert (await duty(contract))["pending_release"]["no"] == 4
    assert [step["kind"] for step in (await duty(contract))["steps"]] == ["disclose", "request", "reject", "request"]


async def test_one_release_waits_at_a_time(contract):
    item, proof = await asked(contract)
    again = await act(contract, item, "release", 409, **PUBLIC, evidence=[proof])
    assert "confirm-release" in again["reasons"][0]["missing"]
    assert {"confirm-release", "reject-release"} <= {*again["allowed_actions"]}
    assert "release" not in again["allowed_actions"]


async def test_whoever_asks_for_a_second_person_gets_one(clocked):
    contract = await in_force_of_one_key(clocked)
    await contract.until("2026-08-10")
    await asked(contract, review=True)
    assert (await duty(contract))["status"] == "active_open"


async def test_confirmed_twice_at_once_is_released_once(contract, other):
    item, _ = await asked(contract)
    answers = await asyncio.gather(*(other.post(action(item, "confirm-release"), json={}) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    assert len(await contract.told("confidentiality.released")) == 1


async def test_confirmed_and_rejected_at_once_is_one_of_them(contract, other):
    item, _ = await asked(contract)
    confirmed, rejected = await asyncio.gather(
        other.post(action(item, "confirm-release"), json={}),
        contract.client.post(action(item, "reject-release"), json={"reason": "录入错误"}),
    )
    assert sorted([confirmed.status_code, rejected.status_code]) == [200, 409]
    assert (await duty(contract))["status"] == ("released" if confirmed.status_code == 200 else "active_open")


@pytest.mark.parametrize("review", [False, True])
async def test_what_a_recipient_published_in_breach_is_not_released(clocked, review):
    contract = await in_force_of_one_key(clocked)
    await contract.until("2026-08-10")
    item, proof = await disclose(contract), await file(contract)
    said = {**PUBLIC, "evidence": [proof], "review": review}
    refused = await act(contract, item, "release", 409, **said, published_by="B")
    assert refused["reasons"][0]["rule"] == "R-C8"
    assert (await duty(contract))["status"] == "active_open"
    lawful = await act(contract, item, "release", **{**said, "review": False}, published_by="A")
    assert (lawful["status"], lawful["release"]["published_by"]) == ("released", "A")


async def test_who_published_is_a_party(contract):
    item = await disclose(contract)
    refused = await act(contract, item, "release", 422, **PUBLIC, published_by="C")
    assert refused["errors"][0]["pointer"] == "/published_by"


async def test_an_item_that_is_released_is_not_asked_for_again(contract, other):
    item, proof = await asked(contract)
    assert (await other.post(action(item, "confirm-release"), json={})).status_code == 200
    refused = await act(contract, item, "release", 409, **PUBLIC, evidence=[proof])
    assert refused["reasons"][0]["rule"] == "R-C8"
    nothing = await act(contract, item, "reject-release", 409, reason="误")
    assert nothing["reasons"][0]["rule"] == "R-C8"


async def test_another_tenant_confirms_nothing(contract, stranger):
    item, _ = await asked(contract)
    assert (await stranger.post(action(item, "confirm-release"), json={})).status_code == 404
    assert (await stranger.post(action(item, "reject-release"), json={"reason": "x"})).status_code == 404
    assert (await duty(contract))["pending_release"] is not None


@pytest.mark.parametrize("body", [{}, {"reason": " "}, {"reason": "x", "more": 1}])
async def test_a_rejection_of_the_wrong_shape_is_refused(contract, body):
    item, _ = await asked(contract)
    await contract.post(action(item, "reject-release"), body, 400)
    assert (await duty(contract))["pending_release"] is not None


async def test_a_stale_etag_confirms_nothing(contract, other):
    item, _ = await asked(contract)
    stale = await other.post(action(item, "confirm-release"), json={}, headers={"if-match": f'"{item["version"]}"'})
    assert stale.status_code == 412
