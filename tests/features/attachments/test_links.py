"""Addresses that give a version's bytes without a key."""

import base64
from urllib.parse import urlsplit

import pytest

from clm.app import create_app
from tests.conftest import caller

BODY = "客户,电话\n".encode()


@pytest.fixture
async def anybody(app):
    async with caller(app) as client:
        yield client


@pytest.fixture
async def made(attach):
    return (await attach(BODY, name="名单.csv")).json()


async def link(client, made, status=200, **query):
    answer = await client.get(f"/v1/attachments/{made['id']}/versions/1/content-link", params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_an_address_gives_the_bytes_to_whoever_has_it(client, anybody, made):
    given = await link(client, made, seconds=60)
    assert given["url"].startswith("http://clm.test/transfers/")
    path = urlsplit(given["url"]).path
    whole = await anybody.get(path)
    assert (whole.status_code, whole.content) == (200, BODY)
    assert "filename*=UTF-8''%E5%90%8D%E5%8D%95.csv" in whole.headers["content-disposition"]
    assert whole.headers["content-disposition"].startswith("attachment")
    assert whole.headers["content-type"] == "text/csv"
    assert whole.headers["x-content-type-options"] == "nosniff"
    part = await anybody.get(path, headers={"range": "bytes=3-8"})
    assert (part.status_code, part.content) == (206, BODY[3:9])
    assert (await anybody.get(path, headers={"if-none-match": whole.headers["etag"]})).status_code == 304


async def test_the_address_of_the_service_may_be_set(database, vault, key, made):
    app = create_app(database, vault, public_url="https://clm.example.com/")
    async with caller(app, key) as client:
        assert (await link(client, made))["url"].startswith("https://clm.example.com/transfers/")


async def test_addresses_that_open_nothing(client, anybody, made, monkeypatch, store):
    path = urlsplit((await link(client, made))["url"]).path
    token = path.rpartition("/")[2]
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw[-5] ^= 1
    altered = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    for wrong in ("x", altered):
        answer = await anybody.get(f"/transfers/{wrong}")
        assert (answer.status_code, answer.json()["code"]) == (403, "address-refused")
    sent = await anybody.put(path, content=b"x")
    assert (sent.status_code, sent.json()["code"]) == (403, "address-refused")
    monkeypatch.setattr("clm.kit.storage.signing.time.time", lambda: 2**40)
    assert (await anybody.get(path)).status_code == 403


async def test_an_address_of_bytes_that_are_gone(client, anybody, made, store, tenant):
    path = urlsplit((await link(client, made))["url"]).path
    await store.delete(f"{tenant}/{made['versions'][0]['sha256']}")
    assert (await anybody.get(path)).status_code == 410
    assert (await link(client, made, 503))["code"] == "unavailable"


async def test_sealed_bytes_have_no_address(client, attach):
    listed = (await attach(BODY, kind="calling_list")).json()
    assert (await link(client, listed, 409))["code"] == "not-allowed-now"


@pytest.mark.parametrize("seconds", [0, -1, 3601, 2**70])
async def test_an_address_lasts_an_hour_at_most(client, made, seconds):
    assert (await link(client, made, 422, seconds=seconds))["errors"][0]["pointer"] == "/seconds"


async def test_what_was_deleted_has_no_address(client, made):
    gone = await client.post(f"/v1/attachments/{made['id']}/versions/1/actions/delete", json={"reason": "x"})
    assert gone.status_code == 200, gone.text
    await link(client, made, 410)


async def test_others_get_no_address(stranger, made):
    await link(stranger, made, 404)


async def test_the_log_does_not_tell_addresses(client, anybody, made, capsys, monkeypatch):
    lines = []
    monkeypatch.setattr("clm.kit.exchange.log.info", lambda event, **fields: lines.append(fields))
    path = urlsplit((await link(client, made))["url"]).path
    await anybody.get(path)
    assert [line["path"] for line in lines][1:] == ["/transfers/"]
