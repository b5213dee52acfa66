"""Kinds that carry personal data are sealed: what lies in the store is no use without its keys, and goes with them."""

import asyncio
import base64
import hashlib
from datetime import timedelta

import pytest

from clm.app import create_app
from clm.features.attachments import sweeping
from clm.kit import sealing
from clm.kit.vault import Vault, own_key, read_key
from tests.conftest import caller

BODY = "客户,电话\n王,13800000000\n".encode() * 10_000
AT_ONCE = timedelta(seconds=-5)


@pytest.fixture
async def listed(attach):
    made = await attach(BODY, kind="calling_list")
    assert made.status_code == 201, made.text
    return made.json()


def content(made, no=1):
    return f"/v1/attachments/{made['id']}/versions/{no}/content"


def erase(made, no=1):
    return f"/v1/attachments/{made['id']}/versions/{no}/actions/erase"


async def test_the_store_holds_nothing_that_can_be_read(listed, store, tenant, keys):
    [version] = listed["versions"]
    assert version["sealed"]
    assert version["sha256"] == hashlib.sha256(BODY).hexdigest()
    assert await keys() == [version["sealed_sha256"]]
    stored = b"".join([chunk async for chunk in store.open(f"{tenant}/{version['sealed_sha256']}")])
    assert hashlib.sha256(stored).hexdigest() == version["sealed_sha256"]
    assert len(stored) == sealing.sealed_size(len(BODY))
    assert "客户".encode() not in stored


async def test_it_comes_back_whole_and_in_parts(client, listed):
    whole = await client.get(content(listed))
    assert whole.content == BODY
    assert whole.headers["content-digest"].startswith("sha-256=:")
    part = await client.get(content(listed), headers={"range": "bytes=65530-131080"})
    assert (part.status_code, part.content) == (206, BODY[65530:131081])


async def test_the_same_bytes_twice_are_two_objects(attach, keys, listed):
    again = (await attach(BODY, kind="calling_list")).json()
    assert again["versions"][0]["sha256"] == listed["versions"][0]["sha256"]
    assert len(await keys()) == 2


async def test_erasure_destroys_the_key_and_leaves_the_record(client, database, store, tenant, listed, keys):
    answer = await client.post(erase(listed), json={"reason": "王某请求删除"})
    assert answer.status_code == 200, answer.text
    [version] = answer.json()["versions"]
    assert version["tombstone"]["kind"] == "erased"
    assert version["tombstone"]["reason"] == "王某请求删除"
    assert version["sha256"] == listed["versions"][0]["sha256"]
    gone = await client.get(content(listed))
    assert (gone.status_code, gone.json()["code"]) == (410, "gone")
    await sweeping.sweep(database, store, tenant, AT_ONCE)
    assert await keys() == []
    again = await client.post(erase(listed), json={"reason": "again"})
    assert again.status_code == 409


async def test_erasing_twice_at_once_is_done_once(client, listed):
    answers = await asyncio.gather(*(client.post(erase(listed), json={"reason": "x"}) for _ in range(5)))
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409, 409]


async def test_only_sealed_versions_are_erased(client, attach):
    made = (await attach(BODY, kind="price_list")).json()
    answer = await client.post(erase(made), json={"reason": "x"})
    assert answer.status_code == 409
    assert "Delete it instead" in answer.json()["detail"]


async def test_bytes_changed_in_the_store_are_not_given_out(client, listed, store, tenant, keys):
    [stored] = await keys()
    key = f"{tenant}/{stored}"
    bytes_there = bytearray(b"".join([chunk async for chunk in store.open(key)]))
    bytes_there[5] ^= 1

    async def changed():
        yield bytes(bytes_there)

    await store.put(key, changed())
    answer = await client.get(content(listed))
    assert answer.status_code == 503


@pytest.mark.parametrize("master_key", [None, bytes(32)])
async def test_without_its_master_key_nothing_is_sealed_and_nothing_opens(
    database, store, key, listed, bare_contract, master_key
):
    async with caller(create_app(database, Vault(store, master_key)), key) as client:
        answer = await client.get(content(listed))
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert "CLM_MASTER_KEY" in answer.json()["detail"]
        query = {"kind": "calling_list", "name": "b.csv"}
        answer = await client.post(f"/v1/contracts/{bare_contract}/attachments", params=query, content=b"a")
        assert answer.status_code == 503


async def test_first_uploads_of_a_tenant_at_once_share_its_key(client, attach):
    made = await asyncio.gather(*(attach(BODY + bytes([65 + n]), kind="calling_list") for n in range(8)))
    assert [one.status_code for one in made] == [201] * 8
    for number, one in enumerate(made):
        assert (await client.get(content(one.json()))).content == BODY + bytes([65 + number])


def test_an_embedded_service_makes_its_key_once_and_keeps_it_to_itself(tmp_path):
    key = own_key(tmp_path / "data")
    assert own_key(tmp_path / "data") == key
    assert (tmp_path / "data" / "master.key").stat().st_mode & 0o777 == 0o600
    assert [one.name for one in (tmp_path / "data").iterdir()] == ["master.key"]


@pytest.mark.parametrize("text", ["", "short", base64.b64encode(bytes(31)).decode(), "!" * 44])
def test_a_master_key_that_is_none(text):
    with pytest.raises(ValueError, match="32 bytes"):
        read_key(text)
