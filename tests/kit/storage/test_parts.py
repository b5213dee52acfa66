"""Uploads in parts and addresses that open for a while, on each store."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import urllib3

from clm.kit.storage import PartsDiffer, UploadMissing
from clm.kit.storage.directory import DirectoryStore
from clm.kit.storage.signing import Signer, Ticket, TicketRefused

MIB = 1024 * 1024
FIRST, SECOND = bytes(5 * MIB), b"the end"
HOUR = timedelta(hours=1)


async def stream(*chunks):
    for chunk in chunks:
        yield chunk


async def read(store, key):
    return b"".join([chunk async for chunk in store.open(key)])


def http(method, url, **options):
    return urllib3.PoolManager().request(method, url, retries=False, **options)


async def send(store, url, body):
    """What a client does with the address of a part: the directory's are taken by the service, in `take`."""
    if isinstance(store, DirectoryStore):
        return await store.take(urlsplit(url).path.rpartition("/")[2], stream(body))
    answer = await asyncio.to_thread(http, "PUT", url, body=body)
    assert answer.status == 200, answer.data
    return answer.headers["etag"].strip('"')


@pytest.fixture
def key():
    return f"{uuid4().hex}/staging/{uuid4().hex}"


@pytest.fixture
async def upload(store, key):
    return await store.begin_parts(key)


async def sent(store, key, upload, bodies):
    for no, body in bodies.items():
        url = await store.part_url(key, upload, no, size=len(body), lifetime=HOUR, public_base="http://clm.test")
        await send(store, url, body)
    return await store.parts(key, upload)


async def test_parts_become_an_object(store, key, upload):
    assert await store.parts(key, upload) == []
    parts = await sent(store, key, upload, {2: SECOND, 1: FIRST})
    assert [(part.no, part.size) for part in parts] == [(1, len(FIRST)), (2, len(SECOND))]
    assert await store.head(key) is None
    await store.complete_parts(key, upload, parts)
    assert await read(store, key) == FIRST + SECOND
    with pytest.raises(UploadMissing):
        await store.complete_parts(key, upload, parts)
    assert await read(store, key) == FIRST + SECOND


async def test_a_part_sent_again_counts_once(store, key, upload):
    await sent(store, key, upload, {1: b"content"})
    parts = await sent(store, key, upload, {1: b"content"})
    assert [part.size for part in parts] == [7]
    await store.complete_parts(key, upload, parts)
    assert await read(store, key) == b"content"


async def test_what_is_given_up_leaves_nothing(store, key, upload):
    await sent(store, key, upload, {1: FIRST})
    await store.abort_parts(key, upload)
    await store.abort_parts(key, upload)
    with pytest.raises(UploadMissing):
        await store.parts(key, upload)
    assert await store.head(key) is None
    assert [each async for each in store.list(key.partition("/")[0] + "/")] == []


async def test_a_listing_shows_no_open_upload(store, key, upload):
    await sent(store, key, upload, {1: FIRST})
    assert [each.key async for each in store.list("") if each.key.startswith(key.partition("/")[0])] == []


@pytest.mark.parametrize("change", [{"no": 2}, {"etag": "0" * 32}])
async def test_other_parts_than_those_that_arrived_make_no_object(store, key, upload, change):
    [part] = await sent(store, key, upload, {1: b"first"})
    with pytest.raises(PartsDiffer):
        await store.complete_parts(key, upload, [replace(part, **change)])
    assert await store.head(key) is None


async def test_the_wrong_upload_is_missing(store, key, upload):
    for wrong in (uuid4().hex, "..", "x/y"):
        with pytest.raises(UploadMissing):
            await store.parts(key, wrong)


async def test_an_address_gives_the_object_for_a_while(store, key):
    await store.put(key, stream(b"content"))
    url = await store.download_url(
        key,
        disposition='attachment; filename="a.csv"',
        media_type="text/csv",
        sha256="ab" * 32,
        lifetime=HOUR,
        public_base="http://clm.test",
    )
    if isinstance(store, DirectoryStore):
        ticket = store.ticket(url.rpartition("/")[2])
        assert (ticket.key, ticket.disposition, ticket.media_type) == (key, 'attachment; filename="a.csv"', "text/csv")
        assert 3590 < ticket.expires - time.time() <= 3600
        return
    answer = await asyncio.to_thread(http, "GET", url)
    assert (answer.status, answer.data) == (200, b"content")
    assert (await asyncio.to_thread(http, "GET", url.replace("X-Amz-Expires=3600", "X-Amz-Expires=9600"))).status == 403


@pytest.fixture
async def directory(tmp_path):
    made = DirectoryStore(tmp_path / "own")
    yield made
    await made.close()


@pytest.mark.parametrize("body", [b"", b"abc", b"abcdef"])
async def test_a_part_has_the_size_that_its_address_says(directory, key, tmp_path, body):
    upload = await directory.begin_parts(key)
    url = await directory.part_url(key, upload, 1, size=5, lifetime=HOUR, public_base="")
    with pytest.raises(PartsDiffer):
        await send(directory, url, body)
    assert await directory.parts(key, upload) == []
    assert list((tmp_path / "own" / ".tmp").iterdir()) == []


async def test_addresses_that_do_not_open(directory, key):
    upload = await directory.begin_parts(key)
    late = await directory.part_url(key, upload, 1, size=1, lifetime=timedelta(seconds=-2), public_base="")
    with pytest.raises(TicketRefused, match="time"):
        await send(directory, late, b"x")
    good = await directory.part_url(key, upload, 1, size=1, lifetime=HOUR, public_base="")
    with pytest.raises(TicketRefused, match="something else"):
        directory.ticket(good.rpartition("/")[2])
    forged = Signer(b"another secret").sign(Ticket(does="send", key=key, expires=2**40, upload=upload, no=1, size=1))
    for token in (forged, "", "x", "é", "A" * 100, good.rpartition("/")[2][:-1] + "!"):
        with pytest.raises(TicketRefused, match="no address"):
            await send(directory, "/transfers/" + token, b"x")


async def test_its_addresses_hold_after_a_restart(directory, key, tmp_path):
    upload = await directory.begin_parts(key)
    url = await directory.part_url(key, upload, 1, size=1, lifetime=HOUR, public_base="")
    again = DirectoryStore(tmp_path / "own")
    await send(again, url, b"x")
    assert [part.no for part in await again.parts(key, upload)] == [1]
    assert (tmp_path / "own" / ".keys" / "secret").stat().st_mode & 0o777 == 0o600
    await again.close()


async def test_a_part_sent_anew_takes_the_place_of_the_first(directory, key):
    """As on S3 itself; rclone, which streams parts on, refuses other bytes for the same part."""
    upload = await directory.begin_parts(key)
    await sent(directory, key, upload, {1: b"first"})
    parts = await sent(directory, key, upload, {1: b"second"})
    await directory.complete_parts(key, upload, parts)
    assert await read(directory, key) == b"second"


async def test_a_part_that_changed_on_disk_makes_no_object(directory, key, tmp_path):
    upload = await directory.begin_parts(key)
    [part] = await sent(directory, key, upload, {1: b"content"})
    [file] = (tmp_path / "own" / ".parts" / upload).glob("00001-*")
    file.write_bytes(b"altered")
    with pytest.raises(PartsDiffer, match="not what was sent"):
        await directory.complete_parts(key, upload, [part])
    assert await directory.head(key) is None
