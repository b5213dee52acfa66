"""Uploads in parts over HTTP: announced, sent to signed addresses, completed once, whatever breaks off."""

import asyncio
import hashlib
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from clm.features.attachments import announcing, parted, service, storing
from clm.features.attachments.reading import sql
from clm.kit.inspection.watching import EICAR
from tests.conftest import caller

MIB = 1024 * 1024
BODY = hashlib.shake_128(b"seed").digest(9 * MIB)
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
async def anybody(app):
    """A client without a key."""
    async with caller(app) as client:
        yield client


@pytest.fixture
def begin(client, bare_contract):
    async def begun(body=BODY, status=201, **fields):
        asked = {"kind": "evidence", "name": "录像.bin", "size": len(body), **fields}
        answer = await client.post(f"/v1/contracts/{bare_contract}/attachments/uploads", json=asked)
        assert answer.status_code == status, answer.text
        return answer.json()

    return begun


@pytest.fixture
def send(anybody):
    async def sent(upload, body=BODY, only=None):
        at = 0
        for part in upload["parts"]:
            chunk, at = body[at : at + part["size"]], at + part["size"]
            if only is None or part["no"] in only:
                answer = await anybody.put(urlsplit(part["url"]).path, content=chunk)
                assert answer.status_code == 200, answer.text
                assert answer.headers["etag"]

    return sent


@pytest.fixture
def act(client):
    async def acted(upload, action, status=200, **options):
        answer = await client.post(f"/v1/uploads/{upload['id']}/actions/{action}", **options)
        assert answer.status_code == status, answer.text
        return answer.json()

    return acted


@pytest.fixture
def get(client):
    async def got(path, status=200):
        answer = await client.get(path)
        assert answer.status_code == status, answer.text
        return answer.json()

    return got


async def test_parts_become_an_attachment(client, begin, send, act, get, keys, feed):
    upload = await begin(media_type="application/octet-stream", sha256=SHA256)
    assert (upload["status"], [part["size"] for part in upload["parts"]]) == ("open", [8 * MIB, MIB])
    assert upload["parts"][0]["url"].startswith("http://clm.test/transfers/")
    await send(upload, only={2})
    again = await get(f"/v1/uploads/{upload['id']}")
    assert [part["arrived"] for part in again["parts"]] == [False, True]
    refused = await act(upload, "complete", 409)
    assert [one["rule"] for one in refused["reasons"]] == ["part_missing"]
    await send(again, only={1})
    done = await act(upload, "complete")
    assert (done["status"], done["version"], done["parts"], done["urls_expire_at"]) == ("completed", 1, [], None)
    assert await act(upload, "complete") == done
    assert await get(f"/v1/uploads/{upload['id']}") == done
    made = await get(f"/v1/attachments/{done['attachment_id']}")
    assert (made["name"], made["kind"]) == ("录像.bin", "evidence")
    assert [(one["no"], one["size"], one["sha256"]) for one in made["versions"]] == [(1, len(BODY), SHA256)]
    assert (await client.get(f"/v1/attachments/{made['id']}/versions/1/content")).content == BODY
    assert await keys() == [SHA256]
    assert await feed(1) == ["clm.attachment.added"]


async def test_the_next_version_in_parts(client, attach, send, act, get):
    made = (await attach(b"one")).json()
    answer = await client.post(f"/v1/attachments/{made['id']}/versions/uploads", json={"size": 3})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/uploads/{answer.json()['id']}"
    await send(answer.json(), b"two")
    done = await act(answer.json(), "complete")
    assert (done["attachment_id"], done["version"]) == (made["id"], 2)
    assert (await client.get(f"/v1/attachments/{made['id']}/versions/2/content")).content == b"two"


async def test_completed_at_once_by_many_it_is_one_version(begin, send, client, get, keys, feed):
    upload = await begin()
    await send(upload)
    path = f"/v1/uploads/{upload['id']}/actions/complete"
    answers = await asyncio.gather(*(client.post(path) for _ in range(6)))
    assert {one.status_code for one in answers} == {200}, [one.text for one in answers]
    assert len({one.json()["attachment_id"] for one in answers}) == 1
    assert len((await get(f"/v1/contracts/{upload['contract_id']}/attachments"))["items"]) == 1
    assert await keys() == [SHA256]
    assert await feed(1) == ["clm.attachment.added"]


class Breaking:
    """The statements of a room, one of which fails."""

    def __init__(self, statements, name):
        self._statements = statements
        self._name = name

    def __getattr__(self, name):
        return "select 1 / 0" if name == self._name else getattr(self._statements, name)


@pytest.mark.parametrize(
    ("module", "step"), [(parted, "note_found"), (service, "insert_first"), (parted, "complete_upload")]
)
async def test_a_completion_that_breaks_off_is_finished_by_the_next(
    begin, send, act, get, client, keys, monkeypatch, module, step
):
    """The statement fails, as if the process had died there: what was done before in the store stays done."""
    upload = await begin()
    await send(upload)
    with monkeypatch.context() as broken:
        broken.setattr(module, "sql", Breaking(sql, step))
        answer = await client.post(f"/v1/uploads/{upload['id']}/actions/complete")
        assert answer.status_code == 503, answer.text
    assert (await get(f"/v1/contracts/{upload['contract_id']}/attachments"))["items"] == []
    assert (await get(f"/v1/uploads/{upload['id']}"))["status"] == "open"
    done = await act(upload, "complete")
    assert (done["status"], done["version"]) == ("completed", 1)
    assert await keys() == [SHA256]


async def test_what_is_not_kept_is_refused_and_forgotten(begin, send, act, get, keys, feed):
    upload = await begin(EICAR)
    await send(upload, EICAR)
    refused = await act(upload, "complete", 422)
    assert (refused["code"], refused["reasons"][0]["rule"]) == ("unsafe-content", "malware")
    shown = await get(f"/v1/uploads/{upload['id']}")
    assert (shown["status"], shown["findings"][0]["code"]) == ("refused", "malware")
    assert (await act(upload, "complete", 409))["reasons"][0]["rule"] == "malware"
    assert await keys() == []
    assert await feed() == []


async def test_other_bytes_than_announced_are_refused(begin, send, act, get, keys):
    upload = await begin(b"this", sha256=SHA256)
    await send(upload, b"that")
    assert "SHA-256" in (await act(upload, "complete", 422))["detail"]
    assert (await get(f"/v1/uploads/{upload['id']}"))["findings"][0]["code"] == "digest"
    assert await keys() == []


async def test_a_part_has_the_size_that_was_announced(begin, anybody, keys):
    [part] = (await begin(b"12345"))["parts"]
    for body in (b"1234", b"123456"):
        answer = await anybody.put(urlsplit(part["url"]).path, content=body)
        assert answer.status_code == 422, answer.text
    assert await keys() == []


async def test_what_is_given_up_takes_no_more(begin, send, act, anybody, keys):
    upload = await begin()
    await send(upload, only={1})
    given_up = await act(upload, "abort")
    assert (given_up["status"], given_up["parts"]) == ("aborted", [])
    assert await act(upload, "abort") == given_up
    await act(upload, "complete", 409)
    late = await anybody.put(urlsplit(upload["parts"][1]["url"]).path, content=BODY[8 * MIB :])
    assert (late.status_code, late.json()["code"]) == (410, "gone")
    assert await keys() == []


async def test_what_is_complete_is_not_given_up(begin, send, act):
    upload = await begin(b"x")
    await send(upload, b"x")
    await act(upload, "complete", headers={"if-match": '"1"'})
    await act(upload, "abort", 409)


async def test_a_stale_precondition(begin, act):
    await act(await begin(b"x"), "abort", 412, headers={"if-match": '"7"'})


async def test_uploads_that_nobody_completes_are_forgotten(begin, send, act, get, database, vault, keys, monkeypatch):
    monkeypatch.setattr(parted, "OPEN_FOR", timedelta(minutes=-61))
    late = await begin()
    assert late["status"] == "expired"
    await act(late, "complete", 409)
    assert await parted.expire(database, vault) >= 1
    assert (await get(f"/v1/uploads/{late['id']}"))["status"] == "expired"
    assert await parted.expire(database, vault) == 0
    monkeypatch.setattr(parted, "OPEN_FOR", timedelta(minutes=-59))
    await begin()
    assert await parted.expire(database, vault) == 0
    assert await keys() == []


async def test_bytes_that_vanish_before_they_are_kept(begin, send, act, store, tenant, monkeypatch):
    upload = await begin(b"x")
    await send(upload, b"x")

    async def lose(vault, key, declared):
        await vault.store.delete(key)
        return await looked_at(vault, key, declared)

    looked_at = storing.looked_at
    monkeypatch.setattr(storing, "looked_at", lose)
    assert "no longer there" in (await act(upload, "complete", 422))["detail"]


@pytest.mark.parametrize(
    ("fields", "status", "pointer"),
    [
        ({"kind": "calling_list"}, 422, "/kind"),
        ({"kind": "nothing"}, 422, "/kind"),
        ({"name": "../x"}, 422, "/name"),
        ({"size": 0}, 400, "/size"),
        ({"size": -1}, 400, "/size"),
        ({"size": 1.5}, 400, "/size"),
        ({"size": 2**40}, 413, ""),
        ({"size": 2**60}, 400, "/size"),
        ({"media_type": "multipart/form-data"}, 422, "/media_type"),
        ({"media_type": "no type"}, 422, "/media_type"),
        ({"sha256": "x"}, 400, "/sha256"),
        ({"at": "2020-01-01T00:00:00"}, 422, "/at"),
        ({"at": "2099-01-01T00:00:00Z"}, 422, "/at"),
        ({"more": 1}, 400, "/more"),
    ],
)
async def test_what_cannot_be_announced(client, bare_contract, begin, fields, status, pointer):
    refused = await begin(b"x", status, **fields)
    assert refused["errors"][0]["pointer"] == pointer


async def test_a_sealed_kind_does_not_lie_in_the_store_unsealed(client, attach):
    made = (await attach(b"x", kind="calling_list")).json()
    answer = await client.post(f"/v1/attachments/{made['id']}/versions/uploads", json={"size": 1})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/kind")


async def test_others_know_nothing_of_an_upload(stranger, begin, bare_contract, attach):
    upload = await begin(b"x")
    made = (await attach(b"one")).json()
    asked = {"kind": "evidence", "name": "a", "size": 1}
    for answer in (
        await stranger.get(f"/v1/uploads/{upload['id']}"),
        await stranger.post(f"/v1/uploads/{upload['id']}/actions/complete"),
        await stranger.post(f"/v1/uploads/{upload['id']}/actions/abort"),
        await stranger.post(f"/v1/contracts/{bare_contract}/attachments/uploads", json=asked),
        await stranger.post(f"/v1/attachments/{made['id']}/versions/uploads", json={"size": 1}),
    ):
        assert answer.status_code == 404, answer.text


async def test_whoever_only_reads_gets_no_address_to_send_to(begin, client_with, client):
    upload = await begin(b"x")
    async with client_with("attachments:read") as reader:
        assert (await reader.get(f"/v1/uploads/{upload['id']}")).status_code == 403
        assert (await reader.post(f"/v1/uploads/{upload['id']}/actions/complete")).status_code == 403


@pytest.mark.parametrize("size", [1, 8 * MIB, 8 * MIB + 1, 1024 * MIB, 8001 * MIB, 50_000 * MIB + 3])
def test_parts_cover_every_byte_in_a_thousand_at_most(size):
    part_size = announcing.part_size_of(size)
    sizes = list(announcing.sizes(size, part_size))
    assert sum(sizes) == size
    assert len(sizes) <= announcing.PARTS_AT_MOST
    assert part_size % MIB == 0
    assert part_size >= announcing.PART_AT_LEAST
