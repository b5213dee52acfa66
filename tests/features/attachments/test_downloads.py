"""Downloads over HTTP: whole, in ranges, not at all."""

import asyncio
import base64
import hashlib
from urllib.parse import unquote

import httpx
import pytest

from clm.features.attachments.downloads import disposition_of
from clm.kit import exchange
from clm.kit.ids import uuid7

BODY = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(BODY).hexdigest()
OCTETS = {"content-type": "application/octet-stream"}
DIGEST = f"sha-256=:{base64.b64encode(hashlib.sha256(BODY).digest()).decode()}:"


@pytest.fixture(params=["price_list", "calling_list"])
async def path(request, attach):
    """A version of a kind that is stored as it is, and one of a kind that is sealed."""
    made = (await attach(BODY, kind=request.param, name='客户"名单 1.csv', headers=OCTETS)).json()
    return f"/v1/attachments/{made['id']}/versions/1/content"


async def test_the_whole_version_with_its_headers(client, path):
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.content == BODY
    headers = answer.headers
    assert headers["content-length"] == str(len(BODY))
    assert headers["content-type"] == "application/octet-stream"
    assert headers["etag"] == f'"{SHA256}"'
    assert headers["content-digest"] == headers["repr-digest"] == DIGEST
    assert headers["accept-ranges"] == "bytes"
    assert headers["x-content-type-options"] == "nosniff"
    plain, _, full = headers["content-disposition"].partition("; filename*=UTF-8''")
    assert plain == 'attachment; filename="_____ 1.csv"'
    assert unquote(full) == '客户"名单 1.csv'
    assert full.isascii()
    assert '"' not in full


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [("bytes=0-0", 0, 1), ("bytes=-1", len(BODY) - 1, len(BODY)), ("bytes=262143-262145", 262143, 262146)],
)
async def test_a_part_of_it(client, path, header, start, end):
    answer = await client.get(path, headers={"range": header})
    assert answer.status_code == 206
    assert answer.content == BODY[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(BODY)}"
    assert answer.headers["content-length"] == str(end - start)
    assert answer.headers["repr-digest"] == DIGEST
    assert "content-digest" not in answer.headers


async def test_a_download_goes_on_where_it_stopped(client, path):
    first = await client.get(path, headers={"range": "bytes=0-99999"})
    rest = await client.get(path, headers={"range": "bytes=100000-", "if-range": first.headers["etag"]})
    assert first.content + rest.content == BODY
    changed = await client.get(path, headers={"range": "bytes=100000-", "if-range": '"other"'})
    assert (changed.status_code, len(changed.content)) == (200, len(BODY))


async def test_a_range_outside_is_416(client, path):
    answer = await client.get(path, headers={"range": f"bytes={len(BODY)}-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(BODY)}"
    assert answer.json()["code"] == "range-not-satisfiable"


async def test_what_the_sender_holds_is_not_sent_again(client, path):
    answer = await client.get(path, headers={"if-none-match": f'"{SHA256}"', "range": "bytes=0-1"})
    assert answer.status_code == 304
    assert answer.content == b""
    assert answer.headers["etag"] == f'"{SHA256}"'
    assert "content-type" not in answer.headers


@pytest.mark.parametrize("media_type", ["text/csv", "text/csv; charset=gb18030", 'application/x; a="b c"'])
async def test_the_media_type_comes_back_as_it_came(client, attach, media_type):
    made = (await attach("名单".encode("gb18030"), headers={"content-type": media_type})).json()
    answer = await client.get(f"/v1/attachments/{made['id']}/versions/1/content")
    assert answer.headers["content-type"] == media_type
    assert answer.content.decode("gb18030") == "名单"


async def test_an_empty_version(client, attach):
    made = (await attach(b"")).json()
    answer = await client.get(f"/v1/attachments/{made['id']}/versions/1/content")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")


@pytest.mark.parametrize("no", [0, 2, 2**31, 10**30])
async def test_a_version_that_is_not_there_is_404(client, path, no):
    assert (await client.get(path.replace("/1/content", f"/{no}/content"))).status_code == 404


async def test_an_attachment_that_is_not_there_is_404(client):
    assert (await client.get(f"/v1/attachments/{uuid7()}")).status_code == 404
    assert (await client.get(f"/v1/attachments/{uuid7()}/versions/1/content")).status_code == 404


async def test_missing_bytes_are_a_problem_and_no_broken_answer(client, path, store, tenant, keys):
    [stored] = await keys()
    await store.delete(f"{tenant}/{stored}")
    answer = await client.get(path)
    assert answer.status_code == 503
    assert "clm doctor" in answer.json()["detail"]


async def test_a_reader_that_breaks_off_leaves_nothing_open(port, attach, key, store, monkeypatch):
    closed = asyncio.Event()
    really = store.open

    async def watched(*args, **span):
        try:
            async for chunk in really(*args, **span):
                yield chunk
        finally:
            closed.set()

    more_than_sockets_hold = bytes(48 * 1024 * 1024)
    made = (await attach(more_than_sockets_hold, headers=OCTETS)).json()
    monkeypatch.setattr(store, "open", watched)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        start = f"GET /v1/attachments/{made['id']}/versions/1/content HTTP/1.1\r\nhost: x\r\n"
        writer.write(f"{start}authorization: Bearer {key}\r\n\r\n".encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(0.2)
        assert not closed.is_set()
    finally:
        writer.transport.abort()
    async with asyncio.timeout(5):
        await closed.wait()


def test_a_plain_name_stays_plain():
    assert disposition_of("a b.csv") == "attachment; filename=\"a b.csv\"; filename*=UTF-8''a%20b.csv"


async def test_a_download_manager_asks_for_the_headers_first(port, attach, key):
    """On a real server: a long file is not read for it, and the connection goes on."""
    made = await attach(bytes(3 * 1024 * 1024))
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        where = f"{made.headers['location']}/versions/1/content"
        link = (await client.get(f"{where}-link")).json()["url"].partition("/transfers/")[2]
        for path in (where, f"/transfers/{link}"):
            head = await client.head(path)
            assert (head.status_code, head.headers["content-length"], head.content) == (200, str(3 * 1024**2), b"")
            assert head.headers["accept-ranges"] == "bytes"
        part = await client.head(where, headers={"range": "bytes=0-9"})
        assert (part.status_code, part.headers["content-length"]) == (206, "10")
        assert len((await client.get(where)).content) == 3 * 1024**2
        stream = await client.head("/v1/events/stream")
        assert stream.headers["content-type"].startswith("text/event-stream")


async def test_who_is_refused_while_sending_gets_the_answer(port, key):
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        for _ in range(3):
            early = await client.put("/transfers/none", content=bytes(8 * 1024 * 1024))
            assert early.status_code == 403
            assert (await client.get("/v1/contracts")).status_code == 200


async def test_an_answer_before_the_end_of_a_long_body_says_that_the_connection_closes(port, monkeypatch):
    monkeypatch.setattr(exchange, "DROPPED_AT_MOST", 1000)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"PUT /transfers/none HTTP/1.1\r\nhost: x\r\ncontent-length: 90000\r\n\r\n" + bytes(80_000))
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).lower()
    assert head.startswith(b"http/1.1 403")
    assert b"connection: close" in head
    writer.close()
