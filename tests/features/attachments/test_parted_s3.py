"""Uploads in parts and links over HTTP with S3: parts and bytes go past the service, to servers on this machine."""

import asyncio
import hashlib

import httpx
import pytest

from clm.kit.storage import StorageUnavailable

MIB = 1024 * 1024
BODY = hashlib.shake_128(b"seed").digest(9 * MIB)
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
async def browser():
    """Somebody with nothing but addresses."""
    async with httpx.AsyncClient(timeout=60) as client:
        yield client


@pytest.fixture
def begin(remote, bare_contract):
    async def begun(**fields):
        asked = {"kind": "evidence", "name": "录像.bin", "size": len(BODY), **fields}
        answer = await remote.post(f"/v1/contracts/{bare_contract}/attachments/uploads", json=asked)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return begun


async def send(browser, upload, body=BODY):
    at = 0
    for part in upload["parts"]:
        sent = await browser.put(part["url"], content=body[at : at + part["size"]])
        assert sent.status_code == 200, sent.text
        at += part["size"]


async def keys(bucket, tenant):
    return [each.key.partition("/")[2] async for each in bucket.store.list(f"{tenant}/")]


async def test_parts_go_to_the_bucket_and_a_link_gives_them_back(remote, browser, bucket, tenant, begin):
    upload = await begin(sha256=SHA256)
    await send(browser, upload)
    shown = (await remote.get(f"/v1/uploads/{upload['id']}")).json()
    assert [part["arrived"] for part in shown["parts"]] == [True, True]
    path = f"/v1/uploads/{upload['id']}/actions/complete"
    answers = await asyncio.gather(*(remote.post(path) for _ in range(4)))
    assert {one.status_code for one in answers} <= {200, 503}, [one.text for one in answers]
    answers.append(await remote.post(path))  # rclone answers 500 where two complete at once: that is to be tried again
    [attachment] = {one.json()["attachment_id"] for one in answers if one.status_code == 200}
    assert await keys(bucket, tenant) == [f"staging/{upload['id']}"]
    link = (await remote.get(f"/v1/attachments/{attachment}/versions/1/content-link")).json()["url"]
    given = await browser.get(link)
    assert (given.status_code, hashlib.sha256(given.content).hexdigest()) == (200, SHA256)


async def test_a_link_says_that_it_is_a_download(remote, browser, begin, address):
    upload = await begin(size=3)
    await send(browser, upload, b"abc")
    done = (await remote.post(f"/v1/uploads/{upload['id']}/actions/complete")).json()
    link = (await remote.get(f"/v1/attachments/{done['attachment_id']}/versions/1/content-link")).json()["url"]
    given = await browser.get(link)
    assert given.content == b"abc"
    if "content-disposition" in given.headers:  # rclone leaves out what an address asks for
        assert given.headers["content-disposition"].startswith("attachment")
        assert "%E5%BD%95%E5%83%8F" in given.headers["content-disposition"]
        assert given.headers["content-type"] == "text/plain"


async def test_a_part_of_another_size_is_found_out(remote, browser, begin):
    upload = await begin(size=3)
    await send(browser, upload | {"parts": [upload["parts"][0] | {"size": 9}]}, b"too large")
    refused = await remote.post(f"/v1/uploads/{upload['id']}/actions/complete")
    assert (refused.status_code, refused.json()["reasons"][0]["rule"]) == (409, "part_missing")


async def test_what_is_given_up_leaves_nothing(remote, browser, bucket, tenant, begin):
    upload = await begin()
    await send(browser, upload)
    answer = await remote.post(f"/v1/uploads/{upload['id']}/actions/abort")
    assert (answer.status_code, answer.json()["status"]) == (200, "aborted")
    assert await keys(bucket, tenant) == []
    assert (await browser.put(upload["parts"][0]["url"], content=b"x")).status_code == 404


async def test_what_is_refused_leaves_nothing(remote, browser, bucket, tenant, begin):
    upload = await begin(size=8, media_type="application/pdf")
    await send(browser, upload, b"MZ\x90\0\x03\0\0\0")
    answer = await remote.post(f"/v1/uploads/{upload['id']}/actions/complete")
    assert (answer.status_code, answer.json()["code"]) == (422, "unsafe-content")
    assert await keys(bucket, tenant) == []


async def test_a_bucket_that_is_away_leaves_the_upload_open(remote, browser, bucket, begin, monkeypatch):
    upload = await begin(size=3)
    await send(browser, upload, b"abc")
    path = f"/v1/uploads/{upload['id']}/actions/complete"
    with monkeypatch.context() as away:
        away.setattr(bucket.store, "complete_parts", _unavailable)
        assert (await remote.post(path)).status_code == 503
    assert (await remote.post(path)).json()["status"] == "completed"


async def _unavailable(*_):
    raise StorageUnavailable("away")
