"""Sealed objects open in any range and in no other form than the one that was sealed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clm.kit import sealing
from clm.kit.sealing import PIECE, TAG, SealBroken

SIZES = st.one_of(st.integers(0, 40), *(st.integers(n * PIECE - 2, n * PIECE + 2) for n in (1, 2, 3)))


async def stream(content, cut):
    for start in range(0, len(content), cut):
        yield content[start : start + cut]


async def gathered(chunks):
    return b"".join([chunk async for chunk in chunks])


def opener(sealed, cut=50_000):
    return lambda start, end: stream(sealed[start:end], cut)


def content_of(size):
    return (bytes(range(251)) * (size // 251 + 1))[:size]


@given(size=SIZES, cut=st.integers(1_000, 200_000), data=st.data())
async def test_any_range_is_that_part_of_the_content(size, cut, data):
    content, key = content_of(size), sealing.new_key()
    sealed = await gathered(sealing.seal(stream(content, cut), key))
    assert len(sealed) == sealing.sealed_size(size)
    start = data.draw(st.integers(0, size))
    end = data.draw(st.one_of(st.none(), st.integers(start, size + 5)))
    assert await gathered(sealing.unseal(opener(sealed), key, size, start=start, end=end)) == content[start:end]


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, 3 * PIECE])
async def test_sealed_bytes_say_nothing_of_the_content(size):
    sealed = await gathered(sealing.seal(stream(content_of(size), 1000), sealing.new_key()))
    again = await gathered(sealing.seal(stream(content_of(size), 1000), sealing.new_key()))
    assert sealed != again


@pytest.mark.parametrize(
    "change",
    [
        lambda sealed: bytes([sealed[0] ^ 1]) + sealed[1:],
        lambda sealed: sealed[:-1],
        lambda sealed: sealed[: PIECE + TAG],
        lambda sealed: sealed[PIECE + TAG : 2 * (PIECE + TAG)] + sealed[: PIECE + TAG] + sealed[2 * (PIECE + TAG) :],
        lambda sealed: sealed[: PIECE + TAG] * 3,
    ],
    ids=["a bit flipped", "the last byte cut", "the last pieces cut", "two pieces swapped", "a piece repeated"],
)
async def test_what_was_changed_does_not_open(change):
    size, key = 2 * PIECE + 10, sealing.new_key()
    sealed = await gathered(sealing.seal(stream(content_of(size), 1000), key))
    with pytest.raises(SealBroken):
        await gathered(sealing.unseal(opener(change(sealed)), key, size))


async def test_a_shorter_size_does_not_pass_for_the_whole():
    key = sealing.new_key()
    sealed = await gathered(sealing.seal(stream(content_of(2 * PIECE), 1000), key))
    with pytest.raises(SealBroken):
        await gathered(sealing.unseal(opener(sealed), key, PIECE))


async def test_only_the_pieces_of_a_range_are_read():
    size, key, asked = 10 * PIECE, sealing.new_key(), []
    sealed = await gathered(sealing.seal(stream(content_of(size), 100_000), key))

    def open_range(start, end):
        asked.append((start, end))
        return stream(sealed[start:end], 10_000)

    start = 5 * PIECE + 7
    part = await gathered(sealing.unseal(open_range, key, size, start=start, end=start + 3))
    assert part == content_of(size)[start : start + 3]
    assert asked == [(5 * (PIECE + TAG), 6 * (PIECE + TAG))]


def test_a_wrapped_key_opens_under_its_own_key_and_for_its_own_purpose():
    key, under = sealing.new_key(), sealing.new_key()
    wrapped = sealing.wrap(key, under, b"version 1")
    assert key not in wrapped
    assert sealing.unwrap(wrapped, under, b"version 1") == key
    for other, context in ((sealing.new_key(), b"version 1"), (under, b"version 2")):
        with pytest.raises(SealBroken):
            sealing.unwrap(wrapped, other, context)
    for broken in (b"", wrapped[:10], b"\x02" + wrapped[1:]):
        with pytest.raises(SealBroken):
            sealing.unwrap(broken, under, b"version 1")
