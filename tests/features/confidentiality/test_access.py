"""Who reads what is in confidential files: only keys with clearance, and always on record, whatever the way."""

import asyncio
from urllib.parse import urlsplit

import pytest

from clm.features.search import indexing
from clm.kit.db import Unit
from tests.conftest import START, caller, new_tenancy
from tests.features.confidentiality.driving import act, action, disclose, file, of_one_key
from tests.features.notices.driving import Driven

SECRET = "绝密客户名单与话术".encode()


@pytest.fixture
async def tenancy_of_clock(database):
    return await new_tenancy(database, START)


@pytest.fixture
async def contract(app, tenancy_of_clock):
    async with caller(app, tenancy_of_clock.key) as client:
        yield await Driven(client).draft(of_one_key())


@pytest.fixture
async def uncleared(app, contract):
    """A key of the same tenant with every scope and no clearance."""
    made = await contract.post("/v1/api-keys", {"name": "外包人员", "scopes": ["*"], "clearance": "none"}, 201)
    assert made["clearance"] == "none"
    async with caller(app, made["key"]) as client:
        yield client


@pytest.fixture
def index(database, vault, tenancy_of_clock):
    """What the worker's loop does for this tenant, until a file's text is read."""

    async def run(contract, attachment):
        for _ in range(200):
            await indexing.follow(database, tenancy_of_clock.tenant)
            await indexing.read_one(database, vault, tenancy_of_clock.tenant)
            if (await contract.get(f"/v1/attachments/{attachment}/versions/1/text"))["status"] == "indexed":
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the text is not read")

    return run


async def confidential(contract):
    """A file that a confidential item names, in two versions; answers with item and file."""
    secret = await file(contract, "名单.txt", content=SECRET)
    await contract.client.post(
        f"/v1/attachments/{secret}/versions", content=SECRET + b"2", headers={"content-type": "text/plain"}
    )
    item = await disclose(contract, disclosed_at=None, attachments=[secret])
    assert item["attachments"] == [secret]
    return item, secret


def ways(attachment):
    version = f"/v1/attachments/{attachment}/versions/1"
    return {
        "content": f"{version}/content",
        "link": f"{version}/content-link",
        "text": f"{version}/text",
        "comparison": f"{version}/compare/2",
    }


async def log(contract):
    return (await contract.get(f"{contract.url}/confidential-access"))["items"]


async def index_both(index, contract, secret):
    await index(contract, secret)
    for _ in range(100):
        text = await contract.get(f"/v1/attachments/{secret}/versions/2/text")
        if text["status"] == "indexed":
            return
        await index(contract, secret)


async def test_every_way_asks_for_clearance_and_is_on_record(contract, uncleared, index):
    secret = await file(contract, "名单.txt", content=SECRET)
    await contract.client.post(
        f"/v1/attachments/{secret}/versions", content=SECRET + b"2", headers={"content-type": "text/plain"}
    )
    await index_both(index, contract, secret)
    await disclose(contract, disclosed_at=None, attachments=[secret])
    assert await log(contract) == []
    for how, path in ways(secret).items():
        refused = await uncleared.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), how
        assert "clearance" in refused.json()["detail"]
        read = await contract.client.get(path)
        assert read.status_code == 200, (how, read.text)
    found = [(one["how"], one["version"], one["granted"], one["key_name"]) for one in await log(contract)]
    both = [("外包人员", False), ("test", True)]
    expected = [(how, 1, granted, name) for how in ("content", "link", "text") for name, granted in both]
    expected += [("comparison", no, granted, name) for name, granted in both for no in (1, 2)]
    assert [(how, no, granted, name) for how, no, granted, name in expected] == found
    assert [one["name"] for one in await log(contract)] == ["名单.txt"] * 10


async def test_a_search_shows_and_betrays_nothing_without_clearance(contract, uncleared, index):
    secret = await file(contract, "名单.txt", content=SECRET)
    await index(contract, secret)
    await disclose(contract, disclosed_at=None, attachments=[secret])
    for client, hits in ((uncleared, 0), (contract.client, 1)):
        found = (await client.get("/v1/search", params={"q": "绝密客户", "limit": 1})).json()
        assert (len(found["items"]), found["next_cursor"]) == (hits, None)
        listed = (await client.get("/v1/contracts", params={"q": "绝密客户"})).json()
        assert len(listed["items"]) == hits
    assert [(one["how"], one["granted"]) for one in await log(contract)] == [("search", True)]


async def test_the_log_of_a_file_and_of_its_contract_are_paged_and_the_tenants_own(contract, stranger):
    item, secret = await confidential(contract)
    open_file = await file(contract, "公开.txt")
    for attachment in (secret, open_file, secret):
        assert (await contract.client.get(ways(attachment)["content"])).status_code == 200
    first = await contract.get(f"/v1/attachments/{secret}/accesses", limit=1)
    rest = await contract.get(f"/v1/attachments/{secret}/accesses", limit=1, cursor=first["next_cursor"])
    assert [one["attachment_id"] for one in first["items"] + rest["items"]] == [secret, secret]
    assert (await contract.get(f"/v1/attachments/{open_file}/accesses"))["items"] == []
    assert (await stranger.get(f"/v1/attachments/{secret}/accesses")).status_code == 404
    assert (await stranger.get(f"{contract.url}/confidential-access")).status_code == 404
    assert (await stranger.get(ways(secret)["content"])).status_code == 404
    assert len(await log(contract)) == 2
    assert item["status"] == "active_open"


async def test_a_range_and_an_unchanged_file_are_readings_too(contract, uncleared):
    _, secret = await confidential(contract)
    part = await contract.client.get(ways(secret)["content"], headers={"range": "bytes=0-2"})
    same = await contract.client.get(ways(secret)["content"], headers={"if-none-match": part.headers["etag"]})
    assert (part.status_code, same.status_code) == (206, 304)
    refused = await uncleared.get(ways(secret)["content"], headers={"if-none-match": part.headers["etag"]})
    assert refused.status_code == 403
    assert [one["granted"] for one in await log(contract)] == [True, True, False]


async def test_what_cannot_be_written_down_is_not_read(contract, monkeypatch):
    _, secret = await confidential(contract)
    run = Unit.run

    async def broken(unit, statement, *args):
        if "attachment_access" in statement:
            raise OSError("the disk is full")
        return await run(unit, statement, *args)

    monkeypatch.setattr(Unit, "run", broken)
    answer = await contract.client.get(ways(secret)["content"])
    assert (answer.status_code, SECRET in answer.content) == (503, False)
    monkeypatch.undo()
    assert (await contract.client.get(ways(secret)["content"])).content == SECRET
    assert len(await log(contract)) == 1


async def test_nothing_that_is_written_down_can_be_changed(contract, database, tenancy_of_clock):
    _, secret = await confidential(contract)
    await contract.client.get(ways(secret)["content"])
    rights = await database.reads(tenancy_of_clock.tenant).value(
        "select has_table_privilege('attachment_access', 'update, delete')"
    )
    assert rights is False


async def test_what_is_released_is_open_and_what_was_released_by_mistake_is_not(contract, uncleared):
    item, secret = await confidential(contract)
    await act(contract, item, "release", reason="consent")
    assert (await uncleared.get(ways(secret)["content"])).status_code == 200
    await act(contract, item, "correct", no=2, reason="录入错误")
    assert (await uncleared.get(ways(secret)["content"])).status_code == 403


async def test_personal_information_that_is_released_is_not_open(contract, uncleared):
    secret = await file(contract)
    item = await disclose(contract, disclosed_at=None, attachments=[secret], **{"class": "personal_info"})
    await act(contract, item, "release", reason="consent")
    assert (await uncleared.get(ways(secret)["content"])).status_code == 403


async def test_a_file_is_confidential_while_any_item_names_it(contract, uncleared):
    first, secret = await confidential(contract)
    second = await disclose(contract, disclosed_at=None, name="话术")
    await contract.post(action(second, "attach"), {"attachments": [secret]})
    await act(contract, first, "release", reason="consent")
    assert (await uncleared.get(ways(secret)["content"])).status_code == 403
    await act(contract, second, "correct", no=1, reason="录入错误")
    assert (await uncleared.get(ways(secret)["content"])).status_code == 200


async def test_what_expired_stays_closed_for_what_outlives_the_term(contract, uncleared):
    rules = [{"class": "trade_secret", "end": {"date": "2026-01-02"}}]
    tag = (await contract.client.get(contract.url)).headers["etag"]
    patched = await contract.client.patch(
        contract.url, json={"terms": {"confidentiality": {"rules": rules}}}, headers={"if-match": tag}
    )
    assert patched.status_code == 200
    secret = await file(contract)
    await disclose(contract, disclosed_at=None, attachments=[secret], **{"class": "trade_secret"})
    await contract.until("2026-01-03")
    [found] = (await contract.get(f"{contract.url}/confidentiality"))["items"]
    assert (found["status"], found["residual"]) == ("expired", "trade_secret")
    assert (await uncleared.get(ways(secret)["content"])).status_code == 403


async def test_a_link_leads_to_the_bytes_and_its_making_is_on_record(app, contract):
    _, secret = await confidential(contract)
    url = (await contract.get(ways(secret)["link"]))["url"]
    async with caller(app) as anybody:
        assert (await anybody.get(urlsplit(url).path)).content == SECRET
    assert [one["how"] for one in await log(contract)] == ["link"]


async def test_files_of_another_contract_or_of_none_are_refused(contract):
    other = await Driven(contract.client).draft()
    foreign = await file(other)
    for attachment in (foreign, "01970000-0000-7000-8000-000000000001"):
        refused = await disclose(contract, 422, disclosed_at=None, attachments=[attachment])
        assert refused["errors"][0]["pointer"] == "/attachments/0"
    item = await disclose(contract, disclosed_at=None)
    refused = await contract.post(action(item, "attach"), {"attachments": [foreign]}, 422)
    assert refused["errors"][0]["pointer"] == "/attachments/0"
    await contract.post(action(item, "attach"), {"attachments": []}, 400)


async def test_a_key_without_clearance_still_reads_terms_and_names(contract, uncleared):
    item, secret = await confidential(contract)
    assert (await uncleared.get(f"/v1/attachments/{secret}")).json()["name"] == "名单.txt"
    assert (await uncleared.get(f"/v1/confidential-items/{item['id']}")).json()["attachments"] == [secret]
    assert await log(contract) == []


LOOSENING = {
    "release": {"reason": "consent"},
    "confirm-release": {},
    "permit": {"authority": "法院", "legal_basis": "民事诉讼法", "scope": "记录"},
    "confirm-return": {"party": "B", "method": "destroyed"},
    "end-toll": {"no": 1},
    "correct": {"no": 1, "reason": "录入错误"},
}


@pytest.mark.parametrize("name", LOOSENING)
async def test_what_loosens_the_protection_asks_for_clearance_and_a_refused_try_is_on_record(contract, uncleared, name):
    item, secret = await confidential(contract)
    refused = await uncleared.post(action(item, name), json=LOOSENING[name])
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "clearance" in refused.json()["detail"]
    [tried] = await log(contract)
    assert (tried["how"], tried["granted"], tried["key_name"]) == (name, False, "外包人员")
    assert (tried["item_id"], tried["attachment_id"], tried["version"]) == (item["id"], secret, 2)
    assert (await contract.get(f"/v1/attachments/{secret}/accesses"))["items"] == [tried]
    assert (await uncleared.get(ways(secret)["content"])).status_code == 403
    found = await contract.get(f"/v1/confidential-items/{item['id']}")
    assert [step["kind"] for step in found["steps"]] == ["disclose"]


async def test_an_item_without_files_is_not_released_without_clearance_either(contract, uncleared, stranger):
    item = await disclose(contract, disclosed_at=None)
    assert (await uncleared.post(action(item, "release"), json=LOOSENING["release"])).status_code == 403
    [tried] = await log(contract)
    assert (tried["name"], tried["attachment_id"], tried["version"]) == (item["name"], None, None)
    nowhere = {"id": "01970000-0000-7000-8000-000000000001"}
    assert (await uncleared.post(action(nowhere, "release"), json=LOOSENING["release"])).status_code == 404


async def test_what_tightens_it_takes_no_clearance(contract, uncleared):
    item, _ = await confidential(contract)
    more = await file(contract, "更多.txt")
    attached = await uncleared.post(action(item, "attach"), json={"attachments": [more]})
    assert (attached.status_code, more in attached.json()["attachments"]) == (200, True)
    assert (await uncleared.post(action(item, "toll"), json={"cause": "breach"})).status_code == 200
    assert await log(contract) == []
