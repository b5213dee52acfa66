"""Steps of an item that were recorded by mistake: they count no longer, and what followed from them is superseded."""

import asyncio

import pytest

from tests.conftest import caller
from tests.features.confidentiality.driving import (
    act,
    action,
    disclose,
    duties,
    duty,
    end_by_agreement,
    file,
    in_force_of_one_key,
    of_one_key,
)
from tests.features.notices.driving import Driven, in_force, instant, terms

WHY = "录入错误"


@pytest.fixture
async def contract(clocked):
    contract = await in_force_of_one_key(clocked)
    await contract.until("2026-08-10")
    return contract


async def correct(contract, item, no, status=200, **more):
    return await act(contract, item, "correct", status, no=no, reason=WHY, **more)


async def test_a_release_by_mistake_is_taken_back(contract):
    item = await disclose(contract)
    await act(contract, item, "release", reason="consent", at="2026-08-01T09:00")
    corrected = await correct(contract, item, 2)
    assert (corrected["status"], corrected["release"], corrected["released_at"]) == ("active_open", None, None)
    assert [event["type"] for event in corrected["decision"]["superseded"]] == ["confidentiality.released"]
    release = corrected["steps"][1]
    assert (release["superseded_for"], release["superseded_at"] is not None) == (WHY, True)
    await act(contract, item, "release", reason="public")
    assert (await duty(contract))["release_reason"] == "public"


async def test_another_reason_and_day_stand_in_the_place_of_the_mistake(contract):
    item = await disclose(contract)
    await act(contract, item, "release", reason="consent", at="2026-08-01T09:00", note="口头")
    right = {"reason": "public", "at": instant("2026-08-03T09:00")}
    corrected = await correct(contract, item, 2, replacement=right)
    assert (corrected["release_reason"], corrected["released_at"]) == ("public", instant("2026-08-03T09:00"))
    assert (corrected["release"]["no"], corrected["release"]["note"]) == (3, "口头")
    assert len(await contract.told("confidentiality.released")) == 1


async def test_a_disclosure_that_was_none_voids_the_item(contract):
    item = await disclose(contract)
    await act(contract, item, "confirm-return", party="B", method="returned")
    voided = await correct(contract, item, 1)
    assert (voided["status"], voided["ends_on"], voided["basis"]["rule"]) == ("voided", None, "I7")
    assert await contract.timers("confidentiality") == []
    refused = await act(contract, item, "release", 409, reason="consent")
    assert refused["reasons"][0]["rule"] == "I7"
    assert [one["status"] for one in await duties(contract)] == ["voided"]


async def test_a_disclosure_is_put_right_and_its_term_with_it(clocked):
    rule = {"class": "ordinary", "end": {"after": {"anchor": "disclosure", "period": {"length": 1, "unit": "year"}}}}
    contract = await in_force(clocked, terms(confidentiality={"rules": [rule]}))
    await contract.until("2026-08-10")
    item = await disclose(contract)
    assert item["ends_on"] == "2027-03-05"
    right = {"disclosed_at": instant("2026-04-01T10:00"), "name": "客户名单（二）", "carrier": "U盘"}
    corrected = await correct(contract, item, 1, replacement=right)
    assert (corrected["ends_on"], corrected["name"], corrected["carrier"]) == ("2027-04-01", "客户名单（二）", "U盘")
    assert (corrected["owner"], corrected["recipients"]) == ("A", ["B"])
    [timer] = await contract.timers("confidentiality")
    assert (timer["legal_date"], timer["subject"]["name"]) == ("2027-04-01", "客户名单（二）")


async def test_a_return_by_mistake_is_missing_again(clocked):
    agreed = terms(confidentiality={"rules": [{"class": "ordinary", "end": {"date": "2026-05-20"}}]})
    contract = await in_force(clocked, agreed)
    await contract.until("2026-06-01")
    item = await disclose(contract)
    done = await act(contract, item, "confirm-return", party="B", method="returned")
    assert done["return_confirmation"]["status"] == "done"
    await contract.until("2026-06-10")
    corrected = await correct(contract, item, 2)
    assert corrected["return_confirmation"]["status"] == "overdue"
    assert corrected["returns"] == []


async def test_a_breach_by_mistake_adds_nothing(clocked):
    toll = {"toll": {"on": ["breach"], "add": "duration"}}
    contract = await in_force(clocked, terms(confidentiality={**terms()["confidentiality"], **toll}))
    await contract.until("2026-05-20T10:00")
    item = await disclose(contract)
    await end_by_agreement(contract, "2026-05-20")
    await contract.until("2027-06-01")
    await act(contract, item, "toll", cause="breach", at="2027-01-01T00:00", ended_at="2027-01-11T00:00")
    assert (await duty(contract))["ends_on"] == "2029-05-30"
    right = {"ended_at": instant("2027-01-06T00:00")}
    assert (await correct(contract, item, 2, replacement=right))["ends_on"] == "2029-05-25"
    assert (await correct(contract, item, 3))["ends_on"] == "2029-05-20"


async def test_a_file_named_by_mistake_is_open_again(contract):
    item = await disclose(contract)
    wrong, right = await file(contract, "a.txt"), await file(contract, "b.txt")
    await act(contract, item, "attach", attachments=[wrong])
    corrected = await correct(contract, item, 2, replacement={"attachments": [right]})
    assert corrected["attachments"] == [right]
    assert (await correct(contract, item, 3))["attachments"] == []


async def drafted(clocked):
    contract = await Driven(clocked).draft(of_one_key())
    await contract.until("2026-01-02")
    item = await disclose(contract, disclosed_at=None)
    await act(contract, item, "release", reason="consent")
    return contract, item


@pytest.mark.parametrize("signed", [False, True], ids=["in the draft", "after it was signed"])
async def test_what_was_told_of_the_draft_is_put_right(clocked, signed):
    contract, item = await drafted(clocked)
    if signed:
        await contract.to_effect()
    corrected = await correct(contract, item, 2)
    assert (corrected["status"], corrected["release"]) == ("active_open", None)
    voided = await correct(contract, item, 1)
    assert voided["status"] == "voided"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"no": 7}, "/no"),
        ({"no": 2, "replacement": {"reason": "gossip"}}, "/replacement"),
        ({"no": 2, "replacement": {"more": 1}}, "/replacement"),
        ({"no": 2, "replacement": {"at": "2027-01-01T00:00:00+08:00"}}, "/replacement/at"),
        ({"no": 2, "replacement": {"at": "2026-08-01T00:00:00"}}, "/replacement/at"),
        ({"no": 2, "replacement": {"published_by": "C"}}, "/replacement/published_by"),
        ({"no": 2, "replacement": {"evidence": ["01970000-0000-7000-8000-000000000001"]}}, "/replacement/evidence/0"),
        ({"no": 1, "replacement": {"recipients": ["A"]}}, "/replacement/recipients/0"),
        ({"no": 1, "replacement": {"owner": "C"}}, "/replacement/owner"),
        (
            {"no": 1, "replacement": {"attachments": ["01970000-0000-7000-8000-000000000001"]}},
            "/replacement/attachments/0",
        ),
    ],
)
async def test_a_correction_that_cannot_be_is_refused_and_changes_nothing(contract, body, pointer):
    item = await disclose(contract)
    await act(contract, item, "release", reason="consent")
    before = await duties(contract)
    refused = await act(contract, item, "correct", 422, **{"reason": WHY, **body})
    assert refused["errors"][0]["pointer"] == pointer
    assert await duties(contract) == before


async def test_a_replacement_from_before_the_disclosure_is_refused(contract):
    item = await disclose(contract)
    await act(contract, item, "release", reason="consent", at="2026-08-01T09:00")
    early = {"at": instant("2026-03-04T09:00")}
    refused = await correct(contract, item, 2, 422, replacement=early)
    assert refused["errors"][0]["pointer"] == "/replacement/at"
    assert (await duty(contract))["status"] == "released"


async def test_a_correction_counts_once(contract):
    item = await disclose(contract)
    await act(contract, item, "release", reason="consent")
    bodies = [{"no": 2, "reason": WHY}] * 6
    answers = await asyncio.gather(*(contract.client.post(action(item, "correct"), json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200] + [422] * 5


async def test_to_correct_takes_a_key_that_may(app, database, contract, stranger):
    item = await disclose(contract)
    assert (await stranger.post(action(item, "correct"), json={"no": 1, "reason": WHY})).status_code == 404
    made = await contract.post("/v1/api-keys", {"name": "x", "scopes": ["confidentiality:write"]}, 201)
    async with caller(app, made["key"]) as client:
        assert (await client.post(action(item, "correct"), json={"no": 1, "reason": WHY})).status_code == 403
    assert (await duty(contract))["status"] == "active_open"


async def test_the_public_correction_leaves_items_to_their_own(contract):
    item = await disclose(contract)
    refused = await contract.act("correct", 409, fact_id=item["decision"]["fact_id"], reason=WHY)
    assert "own actions" in refused["detail"]
