import datetime as dt
import json
from pathlib import Path

import pytest

from clm.features.parties import service

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "uscc" / "vectors.json").read_text())
NEW = {
    "legal_name": "上海示例科技有限公司",
    "kind": "legal_person",
    "uscc": "91310112087994932F",
    "size_class": "small",
}
CONTACT = {"name": "李雷", "phone": "021-55550100", "email": "lilei@example.com"}


async def made(client, **more):
    answer = await client.post("/v1/parties", json=NEW | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_party_is_recorded_and_read(client):
    answer = await client.post("/v1/parties", json=NEW | {"contacts": [CONTACT], "legal_representative": "王芳"})
    party = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/parties/{party['id']}"
    read = await client.get(answer.headers["location"])
    assert read.json() == party
    assert read.headers["etag"] == answer.headers["etag"] == '"1"'
    assert {name: party[name] for name in NEW} == NEW
    assert party["contacts"] == [CONTACT]
    assert party["addresses"] == []


@pytest.mark.parametrize("code", VECTORS["valid"])
def test_valid_codes_pass(code):
    assert service.checked_uscc(code) == code


@pytest.mark.parametrize("code", [one["number"] for one in VECTORS["invalid"]] + ["91310112087994932E", "ÿ" * 18, ""])
async def test_codes_that_cannot_be_one_are_refused(client, code):
    answer = await client.post("/v1/parties", json=NEW | {"uscc": code})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/uscc"
    assert (await client.get("/v1/parties")).json()["items"] == []


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"legal_name": ""}, "/legal_name"),
        ({"legal_name": 7}, "/legal_name"),
        ({"kind": "robot"}, "/kind"),
        ({"size_class": "huge"}, "/size_class"),
        ({"nickname": "x"}, "/nickname"),
        ({"contacts": [{"phone": "1"}]}, "/contacts/0/name"),
        ({"contacts": [{"name": "x", "email": "nobody"}]}, "/contacts/0/email"),
        ({"addresses": [{"channel": "pigeon", "address": "x"}]}, "/addresses/0/channel"),
        (
            {"addresses": [{"channel": "email", "address": "x", "operates_from": "2026-02-30"}]},
            "/addresses/0/operates_from",
        ),
    ],
)
async def test_bodies_of_the_wrong_shape_are_refused_with_a_pointer(client, wrong, pointer):
    answer = await client.post("/v1/parties", json=NEW | wrong)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert "Struct" not in answer.text
    assert "NoneType" not in answer.text


async def test_a_nul_character_is_refused(client):
    answer = await client.post("/v1/parties", json=NEW | {"legal_name": "a\0b"})
    assert answer.status_code == 422
    nested = await client.post("/v1/parties", json=NEW | {"legal_representative": "a\0b"})
    assert nested.status_code == 422


async def test_a_patch_changes_what_it_names_and_nothing_else(client):
    party = await made(client, contacts=[CONTACT], legal_representative="王芳")
    patch = {"size_class": None, "legal_representative": "韩梅梅"}
    answer = await client.patch(f"/v1/parties/{party['id']}", json=patch, headers={"if-match": '"1"'})
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'
    changed = answer.json()
    assert {name for name in party if party[name] != changed[name]} == {
        "size_class",
        "legal_representative",
        "version",
        "updated_at",
    }
    cleared = await client.patch(f"/v1/parties/{party['id']}", json={"contacts": None}, headers={"if-match": '"2"'})
    assert cleared.json()["contacts"] == []


async def test_a_merge_patch_media_type_is_taken(client):
    party = await made(client)
    headers = {"if-match": "*", "content-type": "application/merge-patch+json"}
    answer = await client.patch(f"/v1/parties/{party['id']}", content=b'{"legal_name": "B"}', headers=headers)
    assert answer.json()["legal_name"] == "B"


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 428), ({"if-match": '"7"'}, 412), ({"if-match": 'W/"1"'}, 412), ({"if-match": '"1"'}, 200)],
)
async def test_a_patch_needs_the_version_it_means(client, headers, status):
    party = await made(client)
    answer = await client.patch(f"/v1/parties/{party['id']}", json={"legal_name": "B"}, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(("patch", "status"), [({"legal_name": None}, 400), ({"id": "x"}, 400), ({"uscc": "1"}, 422)])
async def test_a_patch_that_does_not_hold_changes_nothing(client, patch, status):
    party = await made(client)
    answer = await client.patch(f"/v1/parties/{party['id']}", json=patch, headers={"if-match": '"1"'})
    assert answer.status_code == status
    assert (await client.get(f"/v1/parties/{party['id']}")).json() == party


async def test_addresses_follow_one_another_by_channel_and_day(client, database, tenant):
    party = await made(client, addresses=[{"channel": "courier", "address": "one", "operates_from": "2026-01-01"}])
    for address, day in (("two", "2026-03-08"), ("two again", "2026-03-08")):
        new = {"channel": "courier", "address": address, "operates_from": day, "recipient": "李雷"}
        answer = await client.post(f"/v1/parties/{party['id']}/addresses", json=new)
        assert answer.status_code == 201
    assert [one["no"] for one in answer.json()["addresses"]] == [1, 2, 3]
    assert answer.headers["etag"] == '"3"'
    reads = database.reads(tenant)
    identifier = service.UUID(party["id"])

    async def on(day, channel="courier"):
        found = await service.address_on(reads, identifier, channel, dt.date.fromisoformat(day))
        return found and found.address

    assert await on("2025-12-31") is None
    assert await on("2026-03-07") == "one"
    assert await on("2026-03-08") == "two again"
    assert await on("2026-03-08", "email") is None


async def test_an_address_without_a_day_operates_from_the_tenants_today(clocked):
    answer = await clocked.post(
        "/v1/parties", json=NEW | {"addresses": [{"channel": "email", "address": "a@b.example"}]}
    )
    party = answer.json()
    assert party["addresses"][0]["operates_from"] == "2026-01-01"
    for instant in (party["created_at"], party["updated_at"], party["addresses"][0]["recorded_at"]):
        assert instant == "2026-01-01T00:00:00+08:00"


async def test_an_address_out_of_bounds_is_refused_at_its_place(client):
    far = [{"channel": "sms", "address": "x"}, {"channel": "sms", "address": "y", "operates_from": "2999-01-01"}]
    answer = await client.post("/v1/parties", json=NEW | {"addresses": far})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/addresses/1/operates_from"
    assert (await client.get("/v1/parties")).json()["items"] == []


@pytest.mark.parametrize("address", ["not-an-email", "x@y.z\r\nBcc: q@q", "a@b.cn, c@d.cn", "张三@b.cn"])
async def test_what_is_no_email_address_is_refused(client, address):
    new = {"channel": "email", "address": address}
    answer = await client.post("/v1/parties", json=NEW | {"addresses": [new]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/addresses/0/address")
    party = (await client.post("/v1/parties", json=NEW)).json()
    answer = await client.post(f"/v1/parties/{party['id']}/addresses", json=new)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/address")


async def test_a_list_is_paged_and_filtered(client):
    names = ["甲一", "甲二", "乙一", "100%"]
    for name, code in zip(names, VECTORS["valid"], strict=False):
        await made(client, legal_name=name, uscc=code)

    async def listed(**params):
        page = (await client.get("/v1/parties", params=params)).json()
        return [one["legal_name"] for one in page["items"]], page["next_cursor"]

    first, cursor = await listed(limit=3)
    rest, end = await listed(limit=3, cursor=cursor)
    assert first + rest == names
    assert end is None
    assert await listed(q="甲") == (["甲一", "甲二"], None)
    assert await listed(q="%") == ([], None)
    assert await listed(uscc=VECTORS["valid"][2]) == (["乙一"], None)


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"limit": 0}, 422),
        ({"limit": 201}, 422),
        ({"limit": "many"}, 400),
        ({"cursor": "x"}, 422),
        ({"cursor": "e30"}, 422),
    ],
)
async def test_odd_paging_is_refused(client, params, status):
    assert (await client.get("/v1/parties", params=params)).status_code == status


async def test_another_tenants_party_is_not_there(client, stranger):
    party = await made(client)
    path = f"/v1/parties/{party['id']}"
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.patch(path, json={}, headers={"if-match": "*"})).status_code == 404
    assert (await stranger.post(f"{path}/addresses", json={"channel": "email", "address": "x"})).status_code == 404
    assert (await stranger.get("/v1/parties")).json()["items"] == []


async def test_scopes_are_asked_for(client_with):
    async with client_with("parties:read") as reader:
        assert (await reader.get("/v1/parties")).status_code == 200
        refused = await reader.post("/v1/parties", json=NEW)
    assert refused.status_code == 403
    assert "parties:write" in refused.json()["detail"]


async def test_a_contracts_text_shows_name_code_and_contact(client, database, tenant):
    party = await made(client, contacts=[CONTACT, {"name": "韩梅梅"}])
    identifier = service.UUID(party["id"])
    known = await service.known(database.reads(tenant), [identifier, service.uuid7()])
    assert list(known) == [identifier]
    assert service.placeholder_fields(known[identifier]) == {
        "legal_name": NEW["legal_name"],
        "uscc": NEW["uscc"],
        "contact": "李雷 021-55550100 lilei@example.com；韩梅梅",
    }
