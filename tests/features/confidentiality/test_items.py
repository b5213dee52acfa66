"""Confidential items over HTTP: disclosure, release, compelled disclosure, return."""

import asyncio
from uuid import uuid4

import pytest

from tests.features.confidentiality.driving import ITEM, action, disclose, duties, in_force_of_one_key, of_one_key
from tests.features.notices.driving import Driven


@pytest.fixture
async def contract(clocked):
    contract = await in_force_of_one_key(clocked)
    await contract.until("2026-08-10")
    return contract


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"owner": "C"}, "/owner"),
        ({"recipients": ["B", "C"]}, "/recipients/1"),
        ({"recipients": ["A"]}, "/recipients/0"),
        ({"recipients": ["B", "B"]}, "/recipients/1"),
        ({"disclosed_at": "2026-08-11T00:00:00+08:00"}, "/disclosed_at"),
        ({"disclosed_at": "2026-08-01T00:00:00"}, "/disclosed_at"),
        ({"disclosed_at": "0001-01-01T00:00:00+08:00"}, "/disclosed_at"),
    ],
)
async def test_an_item_that_breaks_a_rule_is_refused(contract, changes, pointer):
    refused = await disclose(contract, 422, **changes)
    assert refused["errors"][0]["pointer"] == pointer
    assert await duties(contract) == []


@pytest.mark.parametrize("changes", [{"class": "gossip"}, {"recipients": []}, {"name": ""}, {"secret": True}])
async def test_an_item_of_the_wrong_shape_is_refused(contract, changes):
    await disclose(contract, 400, **changes)
    assert await duties(contract) == []


async def test_an_item_is_created_listed_and_read(contract):
    answer = await contract.client.post(f"{contract.url}/confidential-items", json=ITEM)
    item = answer.json()
    assert answer.headers["location"] == f"/v1/confidential-items/{item['id']}"
    read = await contract.client.get(answer.headers["location"])
    assert read.headers["etag"] == answer.headers["etag"]
    assert (read.json()["owner"], read.json()["recipients"], read.json()["class"]) == ("A", ["B"], "ordinary")
    await disclose(contract, name="话术", **{"class": None})
    page = await contract.get(f"{contract.url}/confidential-items", limit=1)
    rest = await contract.get(f"{contract.url}/confidential-items", limit=1, cursor=page["next_cursor"])
    assert [one["name"] for one in page["items"] + rest["items"]] == ["客户名单", "话术"]
    assert rest["next_cursor"] is None


async def test_another_tenants_items_are_not_found(contract, stranger):
    item = await disclose(contract)
    assert (await stranger.get(f"/v1/confidential-items/{item['id']}")).status_code == 404
    assert (await stranger.get(f"{contract.url}/confidentiality")).status_code == 404
    assert (await stranger.get(f"{contract.url}/confidential-items")).status_code == 404
    assert (await stranger.post(action(item, "release"), json={"reason": "consent"})).status_code == 404


async def test_release_is_for_one_item_and_not_for_the_past(contract):
    public, other = await disclose(contract), await disclose(contract, name="话术")
    released = await contract.post(action(public, "release"), {"reason": "public", "at": "2026-08-08T09:00:00+08:00"})
    assert (released["status"], released["release_reason"]) == ("released", "public")
    assert (released["released_at"], released["ends_on"]) == ("2026-08-08T09:00:00+08:00", None)
    assert [duty["status"] for duty in await duties(contract)] == ["released", "active_open"]
    assert other["status"] == "active_open"
    again = await contract.post(action(public, "release"), {"reason": "consent"}, 409)
    assert again["reasons"][0]["rule"] == "R-C8"
    assert (await duties(contract))[0]["release_reason"] == "public"


async def test_what_an_item_does_not_allow_is_said_in_words_with_what_it_does(contract):
    item = await disclose(contract)
    await contract.post(action(item, "release"), {"reason": "public"})
    for name, body in (("release", {"reason": "consent"}), ("toll", {"cause": "breach"})):
        refused = await contract.post(action(item, name), body, 409)
        assert refused["allowed_actions"] == ["attach", "confirm-return", "correct"]
        assert ("released since" in refused["detail"], "item." in refused["detail"]) == (True, False)
    assert (await contract.contract())["status"] == "effective"


async def test_a_release_before_the_disclosure_is_refused(contract):
    item = await disclose(contract)
    body = {"reason": "public", "at": "2026-03-04T09:00:00+08:00"}
    refused = await contract.post(action(item, "release"), body, 422)
    assert refused["errors"][0]["pointer"] == "/at"
    assert (await duties(contract))[0]["status"] == "active_open"


async def test_of_a_draft_too_nothing_happens_to_an_item_before_it_was_disclosed(clocked):
    contract = await Driven(clocked).draft(of_one_key())
    await contract.until("2026-08-10")
    item, early = await disclose(contract), "2020-01-01T00:00:00+08:00"
    order = {"authority": "法院", "legal_basis": "民事诉讼法", "scope": "记录"}
    bodies = {"release": {"reason": "consent"}, "permit": order, "confirm-return": {"party": "B", "method": "returned"}}
    for name, body in {**bodies, "toll": {"cause": "breach"}}.items():
        refused = await contract.post(action(item, name), {**body, "at": early}, 422)
        assert (refused["errors"][0]["pointer"], "disclosed at" in refused["detail"]) == ("/at", True), name


async def test_what_is_released_is_not_released_again_for_another_reason_or_an_earlier_day(clocked):
    contract = await Driven(clocked).draft(of_one_key())
    await contract.until("2026-08-10")
    item = await disclose(contract)
    released = await contract.post(action(item, "release"), {"reason": "public"})
    for again in ({"reason": "public"}, {"reason": "consent", "at": "2026-04-01T00:00:00+08:00"}):
        refused = await contract.post(action(item, "release"), again, 409)
        assert (refused["reasons"][0]["rule"], "is released since" in refused["detail"]) == ("R-C8", True)
    [found] = await duties(contract)
    assert found["release"] == released["release"]


async def test_a_compelled_disclosure_is_listed_and_the_item_stays_confidential(contract):
    item = await disclose(contract)
    permit = {
        "authority": "上海市闵行区人民法院",
        "legal_basis": "民事诉讼法",
        "scope": "本案有关记录",
        "at": "2026-08-01T09:00:00+08:00",
        "owner_notified_at": "2026-07-30T09:00:00+08:00",
    }
    permitted = await contract.post(action(item, "permit"), permit)
    assert permitted["status"] == "active_open"
    [listed] = permitted["permitted_disclosures"]
    assert listed == {
        **permit,
        "no": 2,
        "notice_id": None,
        "notice_forbidden": None,
        "lacks": None,
        "evidence": [],
        "note": None,
    }
    assert len(await contract.told("confidentiality.permitted")) == 1


async def test_a_return_is_on_record_and_the_duty_stays(contract):
    item = await disclose(contract)
    body = {"party": "B", "method": "destroyed", "at": "2026-08-01T09:00:00+08:00", "note": "已粉碎"}
    confirmed = await contract.post(action(item, "confirm-return"), body)
    assert confirmed["returns"] == [{**body, "no": 2, "evidence": [], "lacks": []}]
    assert confirmed["status"] == "active_open"
    refused = await contract.post(action(item, "confirm-return"), body | {"party": "A"}, 422)
    assert refused["errors"][0]["pointer"] == "/party"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("release", {"reason": "public"}),
        ("permit", {"authority": "法院", "legal_basis": "民事诉讼法", "scope": "全部"}),
        ("confirm-return", {"party": "B", "method": "returned"}),
    ],
)
async def test_instants_and_evidence_are_checked(contract, name, body):
    item = await disclose(contract)
    ahead = await contract.post(action(item, name), body | {"at": "2026-08-11T00:00:00+08:00"}, 422)
    assert ahead["errors"][0]["pointer"] == "/at"
    unknown = await contract.post(action(item, name), body | {"evidence": [str(uuid4())]}, 422)
    assert unknown["errors"][0]["pointer"] == "/evidence/0"
    assert (await duties(contract))[0]["status"] == "active_open"


async def test_a_stale_etag_is_refused(contract):
    item = await disclose(contract)
    path = f"/v1/confidential-items/{item['id']}"
    old = (await contract.client.get(path)).headers["etag"]
    body = {"party": "B", "method": "returned"}
    await contract.post(action(item, "confirm-return"), body, headers={"if-match": old})
    await contract.post(action(item, "release"), {"reason": "consent"}, 412, headers={"if-match": old})
    assert (await duties(contract))[0]["status"] == "active_open"
    new = (await contract.client.get(path)).headers["etag"]
    await contract.post(action(item, "release"), {"reason": "consent"}, headers={"if-match": new})
    assert (await duties(contract))[0]["status"] == "released"


async def test_releases_at_once_are_one(contract):
    item = await disclose(contract)
    bodies = [{"reason": "consent", "at": "2026-08-08T09:00:00+08:00"}] * 8
    answers = await asyncio.gather(*(contract.client.post(action(item, "release"), json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert len(await contract.told("confidentiality.released")) == 1


async def test_a_late_disclosure_keeps_what_was_decided_since(contract):
    before = (await contract.contract())["configuration"]
    late = await disclose(contract, disclosed_at="2026-02-01T10:00:00+08:00")
    assert late["decision"]["superseded"] == []
    assert (await contract.contract())["configuration"] == before


async def test_scopes_are_asked_for(client_with):
    async with client_with("contracts:write", "contracts:read") as client:
        assert (await client.get(f"/v1/contracts/{uuid4()}/confidentiality")).status_code == 403
        assert (await client.post(f"/v1/contracts/{uuid4()}/confidential-items", json=ITEM)).status_code == 403
