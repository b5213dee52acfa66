"""What every store promises, shown on each of them."""

import asyncio
import hashlib
import tracemalloc
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from clm.kit.storage import Head, InvalidKey, ObjectMissing, Stored

MIB = 1024 * 1024


async def stream(*chunks):
    for chunk in chunks:
        yield chunk


async def breaking(size, error):
    for _ in range(size // MIB):
        yield bytes(MIB)
    raise error


async def read(store, key, **extent):
    return b"".join([chunk async for chunk in store.open(key, **extent)])


async def keys(store, prefix, **limits):
    return {each.key async for each in store.list(prefix, **limits)}


@contextmanager
def traced():
    """Measures the most memory that was held inside, over what was held before, in bytes."""
    tracemalloc.start()
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    peaks = []
    try:
        yield lambda: peaks[0]
        peaks.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()


@pytest.fixture
def tenant():
    return uuid4().hex


@pytest.mark.parametrize("chunks", [[b""], [], [b"x"], [b"abc", b"", b"def"], [bytes(70_000)] * 3])
async def test_what_was_put_is_read_back(store, tenant, chunks):
    whole = b"".join(chunks)
    stored = await store.put(f"{tenant}/a", stream(*chunks))
    assert stored == Stored(len(whole), hashlib.sha256(whole).hexdigest())
    assert await read(store, f"{tenant}/a") == whole
    assert await store.head(f"{tenant}/a") == Head(len(whole))


@pytest.mark.parametrize("size", [5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 10 * MIB, 20 * MIB + 17])
async def test_sizes_around_a_part(store, tenant, size):
    whole = hashlib.shake_128(b"seed").digest(size)
    pieces = [whole[at : at + 100_003] for at in range(0, size, 100_003)]
    stored = await store.put(f"{tenant}/a", stream(*pieces))
    assert stored == Stored(size, hashlib.sha256(whole).hexdigest())
    assert hashlib.sha256(await read(store, f"{tenant}/a")).hexdigest() == stored.sha256


async def test_a_stream_is_not_held_in_memory(store, tenant):
    async def fifty_mebibytes():
        for number in range(800):
            yield bytes([number % 256]) * 65_536

    with traced() as peak:
        stored = await store.put(f"{tenant}/a", fifty_mebibytes())
    assert peak() < 25 * MIB  # the S3 client holds a part and copies of it, the directory a mebibyte
    size = 0
    with traced() as peak:
        async for chunk in store.open(f"{tenant}/a"):
            size += len(chunk)
    assert peak() < 8 * MIB  # three pieces of two mebibytes are under way
    assert stored.size == size == 50 * MIB


async def test_putting_again_replaces(store, tenant):
    await store.put(f"{tenant}/a", stream(b"first, and longer"))
    await store.put(f"{tenant}/a", stream(b"second"))
    assert await read(store, f"{tenant}/a") == b"second"


@pytest.mark.parametrize("size", [0, 2 * MIB, 9 * MIB, 20 * MIB])
async def test_a_stream_that_breaks_off_leaves_nothing(store, tenant, size):
    with pytest.raises(ZeroDivisionError):
        await store.put(f"{tenant}/a", breaking(size, ZeroDivisionError()))
    assert await store.head(f"{tenant}/a") is None
    assert await keys(store, f"{tenant}/") == set()


async def test_a_stream_that_breaks_off_leaves_what_was_there(store, tenant):
    await store.put(f"{tenant}/a", stream(b"kept"))
    with pytest.raises(ConnectionResetError):
        await store.put(f"{tenant}/a", breaking(9 * MIB, ConnectionResetError()))
    assert await read(store, f"{tenant}/a") == b"kept"


@pytest.mark.parametrize("size", [1 * MIB, 12 * MIB])
async def test_a_cancelled_put_leaves_nothing(store, tenant, size):
    reached = asyncio.Event()

    async def stuck():
        for _ in range(size // MIB):
            yield bytes(MIB)
        reached.set()
        await asyncio.sleep(600)

    task = asyncio.create_task(store.put(f"{tenant}/a", stuck()))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await store.head(f"{tenant}/a") is None
    assert await keys(store, f"{tenant}/") == set()


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, None, b"0123456789"),
        (3, None, b"3456789"),
        (0, 4, b"0123"),
        (3, 4, b"3"),
        (9, 10, b"9"),
        (9, 99, b"9"),
        (4, 4, b""),
        (10, None, b""),
        (10, 20, b""),
        (99, None, b""),
    ],
)
async def test_ranges(store, tenant, start, end, expected):
    await store.put(f"{tenant}/a", stream(b"0123456789"))
    assert await read(store, f"{tenant}/a", start=start, end=end) == expected


@pytest.mark.parametrize(("start", "end"), [(-1, None), (5, 4), (0, -1)])
async def test_what_is_no_range_is_refused(store, tenant, start, end):
    await store.put(f"{tenant}/a", stream(b"0123456789"))
    with pytest.raises(ValueError, match="not a range"):
        await read(store, f"{tenant}/a", start=start, end=end)


async def test_a_range_across_chunks(store, tenant):
    whole = hashlib.shake_128(b"range").digest(2 * MIB)
    await store.put(f"{tenant}/a", stream(whole))
    assert await read(store, f"{tenant}/a", start=100_001, end=1_900_003) == whole[100_001:1_900_003]


async def test_reading_may_stop_early(store, tenant):
    await store.put(f"{tenant}/a", stream(bytes(4 * MIB)))
    async with aclosing(store.open(f"{tenant}/a")) as chunks:
        assert 0 < len(await anext(chunks)) <= 2 * MIB
    assert await read(store, f"{tenant}/a", end=1) == b"\0"


@pytest.mark.parametrize("extent", [{}, {"start": 5}, {"start": 0, "end": 0}])
async def test_what_is_not_there_is_missing(store, tenant, extent):
    assert await store.head(f"{tenant}/nothing") is None
    with pytest.raises(ObjectMissing):
        await read(store, f"{tenant}/nothing", **extent)
    await store.put(f"{tenant}/a/b", stream(b"x"))
    with pytest.raises(ObjectMissing):
        await read(store, f"{tenant}/a", **extent)
    assert await store.head(f"{tenant}/a") is None


@pytest.mark.parametrize(
    "key",
    ["", "/", "/a", "a/", "a//b", "..", "../a", "a/../b", "a/./b", ".tmp/a", "a.b", "a b", "a\n", "a\0b", "a%2fb", "é"],
)
async def test_a_key_that_is_no_plain_path_is_refused_everywhere(store, key):
    calls = [
        lambda: store.put(key, stream(b"x")),
        lambda: store.bind(key, "a"),
        lambda: store.bind("a", key),
        lambda: store.head(key),
        lambda: store.delete(key),
        lambda: read(store, key),
    ]
    for call in calls:
        with pytest.raises(InvalidKey):
            await call()


@pytest.mark.parametrize("key", ["x" * 129, "/".join(["x" * 100] * 6)])
async def test_a_key_that_is_too_long_is_refused(store, key):
    with pytest.raises(InvalidKey):
        await store.put(key, stream(b"x"))


@pytest.mark.parametrize("prefix", ["/", "../", ".tmp", "a//", "a b"])
async def test_a_prefix_of_no_key_is_refused(store, prefix):
    with pytest.raises(InvalidKey):
        await keys(store, prefix)


async def test_bind_keeps_one_object_and_says_where(store, tenant):
    await store.put(f"{tenant}/staging/1", stream(b"bytes"))
    kept = await store.bind(f"{tenant}/staging/1", f"{tenant}/final")
    assert await read(store, kept) == b"bytes"
    assert await keys(store, f"{tenant}/") == {kept}


async def test_bind_again_changes_nothing(store, tenant):
    await store.put(f"{tenant}/staging/1", stream(b"bytes"))
    kept = {await store.bind(f"{tenant}/staging/1", f"{tenant}/final") for _ in range(3)}
    assert await keys(store, f"{tenant}/") == kept
    assert await read(store, kept.pop()) == b"bytes"


async def test_bind_from_many_places_at_once(store, tenant):
    whole = hashlib.shake_128(b"bind").digest(300_000)
    for number in range(4):
        await store.put(f"{tenant}/staging/{number}", stream(whole))
    kept = await asyncio.gather(*(store.bind(f"{tenant}/staging/{n % 4}", f"{tenant}/final") for n in range(16)))
    assert await keys(store, f"{tenant}/") == set(kept)
    for key in set(kept):
        assert await read(store, key) == whole


async def test_delete_and_delete_again(store, tenant):
    await store.put(f"{tenant}/a", stream(b"x"))
    await store.delete(f"{tenant}/a")
    await store.delete(f"{tenant}/a")
    assert await store.head(f"{tenant}/a") is None


async def test_a_listing_has_what_begins_with_the_prefix(store, tenant):
    for name in ("a", "ab", "b/1", "b/2", "b-3"):
        await store.put(f"{tenant}/{name}", stream(name.encode()))
    assert await keys(store, f"{tenant}/") == {f"{tenant}/{name}" for name in ("a", "ab", "b/1", "b/2", "b-3")}
    assert await keys(store, f"{tenant}/b/") == {f"{tenant}/b/1", f"{tenant}/b/2"}
    assert await keys(store, f"{tenant}/a") == {f"{tenant}/a", f"{tenant}/ab"}
    assert await keys(store, f"{tenant}/none/") == set()
    assert f"{tenant}/a" in await keys(store, "")
    found = {each.key: each.size async for each in store.list(f"{tenant}/b/")}
    assert found == {f"{tenant}/b/1": 3, f"{tenant}/b/2": 3}


async def test_a_listing_longer_than_a_page(store, tenant):
    names = {f"{tenant}/{number}" for number in range(1_203)}
    await asyncio.gather(*(store.put(name, stream(b"x")) for name in names))
    assert await keys(store, f"{tenant}/") == names


async def test_a_listing_by_age_goes_by_when_the_key_came_to_be(store, tenant):
    before = datetime.now(UTC) - timedelta(seconds=2)
    await store.put(f"{tenant}/staging/1", stream(b"x"))
    kept = await store.bind(f"{tenant}/staging/1", f"{tenant}/a")
    assert await keys(store, f"{tenant}/", older_than=before) == set()
    assert await keys(store, f"{tenant}/", older_than=datetime.now(UTC) + timedelta(seconds=2)) == {kept}
    modified = [each.modified async for each in store.list(f"{tenant}/")]
    assert before < modified[0] < datetime.now(UTC) + timedelta(seconds=2)


async def test_ping_finds_a_store_that_works(store):
    assert await store.ping() is None


async def test_many_at_once(store, tenant):
    async def one(number):
        key = f"{tenant}/{number}"
        stored = await store.put(key, stream(bytes([number]) * 40_000, bytes([number]) * 40_000))
        assert await read(store, key) == bytes([number]) * stored.size

    await asyncio.gather(*(one(number) for number in range(64)))
