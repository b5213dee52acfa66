"""Uploads over HTTP: what is stored, what is refused, and that a refusal leaves nothing behind."""

import asyncio
import base64
import hashlib
from datetime import timedelta

import pytest

from clm.features.attachments import sweeping
from clm.kit.ids import uuid7
from tests.features.contracts.acts import draft

BODY = "姓名,电话\n王芳,13800000000\n".encode()
SHA256 = hashlib.sha256(BODY).hexdigest()
DIGEST = f"sha-256=:{base64.b64encode(hashlib.sha256(BODY).digest()).decode()}:"


async def test_an_upload_is_stored_under_its_hash_and_told_in_the_feed(client, bare_contract, attach, keys, feed):
    answer = await attach(BODY, name="名单.csv", headers={"content-type": "text/csv; charset=utf-8"})
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/attachments/{made['id']}"
    assert answer.headers["etag"] == '"1"'
    assert (made["kind"], made["name"], made["contract_id"]) == ("price_list", "名单.csv", str(bare_contract))
    [version] = made["versions"]
    assert version["at"].endswith("+08:00")
    expected = {"no": 1, "size": len(BODY), "sha256": SHA256, "media_type": "text/csv; charset=utf-8"}
    assert version == expected | {"at": version["at"], "sealed": False, "sealed_sha256": None, "tombstone": None}
    assert await keys() == [SHA256]
    assert await feed(1) == ["clm.attachment.added"]
    assert (await client.get(answer.headers["location"])).json() == made


async def test_the_event_names_the_version_and_its_hash(client, attach):
    made = (await attach(BODY)).json()
    [event] = (await client.get("/v1/events")).json()["items"]
    details = {"attachment_id": made["id"], "kind": "price_list", "name": "list.csv", "no": 1, "size": len(BODY)}
    at = made["versions"][0]["at"]
    assert event["data"]["details"] == details | {
        "sha256": SHA256,
        "media_type": "text/csv",
        "sealed": False,
        "at": at,
    }
    assert event["data"]["contract_id"] == made["contract_id"]


async def test_a_fitting_digest_is_accepted_also_beside_others(attach):
    assert (await attach(BODY, headers={"content-digest": DIGEST})).status_code == 201
    assert (await attach(BODY, headers={"content-digest": f"md5=:AAAA:, {DIGEST}"})).status_code == 201


@pytest.mark.parametrize(
    ("digest", "status"),
    [
        (DIGEST.replace("sha-256=:", "sha-256=:A")[:-3] + "=:", 422),
        ("sha-512=:AAAA:", 422),
        ("sha-256=:AAAA:", 400),
        ("sha-256=AAAA", 400),
        ("sha-256=:????:", 400),
        ("", 400),
    ],
)
async def test_a_digest_that_does_not_hold_leaves_nothing(attach, keys, feed, digest, status):
    answer = await attach(BODY, headers={"content-digest": digest})
    assert answer.status_code == status
    assert answer.json()["errors"][0]["pointer"] == "/headers/Content-Digest"
    assert await keys() == []
    assert await feed() == []


@pytest.mark.parametrize(
    "name",
    ["", " ", "a/b", "a\\b", "..", "a\x00", "a\nb", "a\x7f", "a\u0085b", "a\u202ecsv.exe", "x" * 256],
)
async def test_a_misleading_name_is_refused(attach, keys, name):
    answer = await attach(BODY, name=name)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/name"
    assert await keys() == []


@pytest.mark.parametrize("name", ["x" * 255, "名" * 255, "客户 名单 (终稿).csv", ".csv", "👩‍💼.csv"])
async def test_any_other_name_is_taken_as_it_is(attach, name):
    answer = await attach(BODY, name=name)
    assert answer.status_code == 201
    assert answer.json()["name"] == name


@pytest.mark.parametrize("kind", ["", "Calling_list", "price_list ", "specification", "呼叫"])
async def test_a_kind_that_the_contract_type_does_not_have_is_refused(attach, keys, kind):
    answer = await attach(BODY, kind=kind)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["pointer"] == "/kind"
    assert "scripts" in error["message"]
    assert await keys() == []


async def test_kind_and_name_are_needed(client, bare_contract):
    answer = await client.post(f"/v1/contracts/{bare_contract}/attachments", content=BODY)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


async def test_at_may_precede_its_recording_but_not_lie_ahead(attach, keys):
    made = (await attach(BODY, at="2020-01-05T10:00:00+08:00")).json()
    assert made["versions"][0]["at"] == "2020-01-05T10:00:00+08:00"
    for at in ("2999-01-01T00:00:00Z", "2020-01-05T10:00:00"):
        answer = await attach(b"other", at=at)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/at"
    assert await keys() == [SHA256]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
        ({"content-encoding": "gzip"}, 415),
        ({"content-type": "text"}, 422),
        ({"content-type": "text/csv\x01"}, 422),
        ({"content-type": "text/" + "x" * 300}, 422),
    ],
)
async def test_a_body_of_an_unusable_kind_is_refused(attach, keys, headers, status):
    assert (await attach(BODY, headers=headers)).status_code == status
    assert await keys() == []


async def test_without_a_media_type_it_is_octets(client, bare_contract):
    path = f"/v1/contracts/{bare_contract}/attachments"
    answer = await client.post(path, params={"kind": "other", "name": "x"}, content=b"")
    assert answer.json()["versions"][0]["media_type"] == "application/octet-stream"
    assert answer.json()["versions"][0]["size"] == 0


async def test_an_unknown_contract_or_attachment_is_404_before_the_body_is_read(client):
    async def never():
        raise AssertionError("the body was read")
        yield b""

    paths = [f"/v1/contracts/{uuid7()}/attachments?kind=other&name=x", f"/v1/attachments/{uuid7()}/versions"]
    for path in paths:
        answer = await client.post(path, content=never())
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_the_same_bytes_twice_are_one_object(attach, keys):
    first, second = (await attach(BODY)).json(), (await attach(BODY, name="b.csv")).json()
    assert first["id"] != second["id"]
    assert await keys() == [SHA256]


async def test_a_repeated_upload_with_its_idempotency_key_has_one_effect(attach, keys, feed, database, store, tenant):
    headers = {"idempotency-key": "one"}
    first, again = await attach(BODY, headers=headers), await attach(BODY, headers=headers)
    assert again.status_code == 201
    assert again.json() == first.json()
    assert (await attach(b"other", headers=headers)).status_code == 422
    await sweeping.sweep(database, store, tenant, timedelta(seconds=-5))  # no row points at the refused bytes
    assert await keys() == [SHA256]
    assert await feed(1) == ["clm.attachment.added"]


async def test_twenty_versions_at_once_get_consecutive_numbers(client, attach, keys, feed):
    made = (await attach(b"0")).json()
    path = f"/v1/attachments/{made['id']}/versions"
    answers = await asyncio.gather(*[client.post(path, content=b"%d" % (n % 10)) for n in range(20)])
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answer.json()["versions"][-1]["no"] for answer in answers) == list(range(2, 22))
    for answer in answers:
        no = answer.json()["versions"][-1]["no"]
        assert answer.headers["etag"] == f'"{no}"'
        assert answer.headers["location"] == f"{path}/{no}/content"
    versions = (await client.get(f"/v1/attachments/{made['id']}")).json()["versions"]
    assert [version["no"] for version in versions] == list(range(1, 22))
    assert len(await keys()) == 10
    assert await feed(21) == ["clm.attachment.added"] + ["clm.attachment.version_added"] * 20


async def test_a_version_for_a_stale_attachment_is_refused(client, attach, keys):
    made = (await attach(b"1")).json()
    path = f"/v1/attachments/{made['id']}/versions"
    assert (await client.post(path, content=b"2", headers={"if-match": '"1"'})).status_code == 201
    assert (await client.post(path, content=b"3", headers={"if-match": '"1"'})).status_code == 412
    assert len((await client.get(f"/v1/attachments/{made['id']}")).json()["versions"]) == 2


async def test_lists_are_paged(client, bare_contract, attach):
    made = [(await attach(b"x", name=f"{n}.csv")).json() for n in range(3)]
    path = f"/v1/contracts/{bare_contract}/attachments"
    first = (await client.get(path, params={"limit": 2})).json()
    rest = (await client.get(path, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert first["items"] + rest["items"] == made
    assert rest["next_cursor"] is None
    assert (await client.get(path, params={"kind": "other"})).json()["items"] == []
    assert (await client.get(path.replace(str(bare_contract), str(uuid7())))).status_code == 404


async def test_versions_are_paged(client, attach):
    path = f"/v1/attachments/{(await attach(b'1')).json()['id']}/versions"
    await client.post(path, content=b"2")
    first = (await client.get(path, params={"limit": 1})).json()
    rest = (await client.get(path, params={"cursor": first["next_cursor"]})).json()
    assert [each["no"] for each in first["items"] + rest["items"]] == [1, 2]
    for foreign in ("OTk5OTk5OTk5OTk5", "nonsense"):
        assert (await client.get(path, params={"cursor": foreign})).status_code == 422
    assert (await client.get(f"/v1/attachments/{uuid7()}/versions")).status_code == 404


async def test_a_version_says_its_instant_in_the_time_zone_of_its_contract(client):
    contract = await draft(client, time_zone="Asia/Tokyo")
    path, given = f"/v1/contracts/{contract['id']}/attachments", {"kind": "other", "name": "x"}
    made = (await client.post(path, params=given | {"at": "2020-01-05T02:00:00Z"}, content=b"1")).json()
    versions = f"/v1/attachments/{made['id']}/versions"
    more = (await client.post(versions, params={"at": "2020-01-06T02:00:00Z"}, content=b"2")).json()
    local = ["2020-01-05T11:00:00+09:00", "2020-01-06T11:00:00+09:00"]
    assert [version["at"] for version in made["versions"]] == local[:1]
    assert [version["at"] for version in more["versions"]] == local
    assert (await client.get(path)).json()["items"] == [more]
    assert [version["at"] for version in (await client.get(versions)).json()["items"]] == local
