"""What a contract type says of its kinds of attachment: how large a version may be, and of which media types."""

from urllib.parse import urlsplit

import pytest

from clm.kit.storage import DirectoryStore

TYPE = {
    "key": "recorded-calls",
    "title": "录音合同",
    "sections": [{"number": "1", "heading": "录音"}],
    "terms_schema": {"type": "object", "additionalProperties": False, "properties": {}},
    "defaults": {},
    "attachment_kinds": [
        {"key": "recording", "title": "录音", "media_types": ["audio/*"]},
        {"key": "table", "title": "表", "media_types": ["text/csv", "application/json"], "max_bytes": 10},
    ],
}
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00" + bytes(20)


@pytest.fixture
async def contract(client):
    made = await client.post("/v1/contract-types", json=TYPE)
    assert made.status_code == 201, made.text
    made = await client.post("/v1/contracts", json={"type": "recorded-calls", "number": "R-1", "title": "x"})
    assert made.status_code == 201, made.text
    return made.json()["id"]


@pytest.fixture
def send(client, contract):
    async def sent(kind, content, media_type):
        return await client.post(
            f"/v1/contracts/{contract}/attachments",
            params={"kind": kind, "name": "x"},
            content=content,
            headers={"content-type": media_type},
        )

    return sent


@pytest.mark.parametrize(
    ("kind", "content", "media_type", "status"),
    [
        ("recording", WAV, "audio/wav", 201),
        ("recording", b"a,b\n", "text/csv", 415),
        ("table", b"a,b\n", "text/csv", 201),
        ("table", b"a,b\n", "TEXT/CSV; charset=utf-8", 201),
        ("table", b"hello\n", "text/plain", 415),
        ("table", b"0123456789", "text/csv", 201),
        ("table", b"0123456789\n", "text/csv", 413),
        ("other", b"0123456789\n", "text/plain", 201),
    ],
)
async def test_a_kind_takes_what_its_type_says(send, keys, kind, content, media_type, status):
    answer = await send(kind, content, media_type)
    assert answer.status_code == status, answer.text
    assert len(await keys()) == (status == 201)


async def test_the_next_version_too(client, send, keys):
    made = (await send("table", b"a,b\n", "text/csv")).json()
    where = f"/v1/attachments/{made['id']}/versions"
    answer = await client.post(where, content=b"hello\n", headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.json()["reasons"][0]["rule"]) == (415, "type_not_of_kind")
    assert len(await keys()) == 1


async def test_and_what_is_sent_in_parts(client, contract, store, keys):
    where = f"/v1/contracts/{contract}/attachments/uploads"
    asked = {"kind": "table", "name": "x", "size": 11}
    assert (await client.post(where, json=asked)).status_code == 413
    upload = (await client.post(where, json=asked | {"size": 6, "media_type": "text/plain"})).json()
    assert isinstance(store, DirectoryStore)
    sent = await client.put(urlsplit(upload["parts"][0]["url"]).path, content=b"hello\n")
    assert sent.status_code == 200, sent.text
    answer = await client.post(f"/v1/uploads/{upload['id']}/actions/complete")
    assert (answer.status_code, answer.json()["reasons"][0]["rule"]) == (415, "type_not_of_kind")
    assert (await client.get(f"/v1/uploads/{upload['id']}")).json()["status"] == "refused"
    assert await keys() == []


@pytest.mark.parametrize("media_types", [["audio"], ["*/*"], ["audio/wav; x=1"], ["Audio/wav"], ["a/b"] * 51, [1]])
async def test_media_types_that_are_none(client, media_types):
    kinds = [{"key": "recording", "title": "录音", "media_types": media_types}]
    answer = await client.post("/v1/contract-types", json=TYPE | {"attachment_kinds": kinds})
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith("/attachment_kinds/0/media_types")
