"""Hostile files are found out by their content; honest ones pass, whatever they are called."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clm.kit.inspection import Limits, Watcher, inspect
from clm.kit.inspection.watching import EICAR, TAIL
from clm.kit.storage import StorageUnavailable
from tests.files import mixed
from tests.kit.inspection.hostile import DOCX, HOSTILE, ODT, document, opened, packed

DOTX = "application/vnd.openxmlformats-officedocument.wordprocessingml.template"


async def judged(content, declared, *, cut=65_536, **options):
    watcher, asked = Watcher(), []
    for start in range(0, len(content), cut):
        watcher.feed(content[start : start + cut])

    async def open_range(start, end):
        asked.append(end - start)
        yield content[start:end]

    verdict = await inspect(watcher, open_range, declared=declared, **options)
    return verdict, asked


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_file_is_found_out(name):
    declared, content, code = HOSTILE[name]
    verdict, _ = await judged(content, declared)
    assert code in [one.code for one in verdict.findings], verdict
    assert all(len(one.message) > 20 for one in verdict.findings)


async def test_honest_files_pass_with_the_type_that_their_sender_gives_them():
    for name, declared, content in mixed(80):
        verdict, _ = await judged(content, declared)
        assert (verdict.media_type, verdict.findings) == (declared, []), name


@pytest.mark.parametrize(
    ("declared", "content", "kept"),
    [
        ("application/octet-stream", document(), DOCX),
        ("application/octet-stream", b"%PDF-1.7\n", "application/pdf"),
        ("application/octet-stream", "文字".encode("gb18030"), "text/plain"),
        ("application/octet-stream", b"\x00\x01\x02\x03", "application/octet-stream"),
        ("text/csv; charset=gb18030", "客户".encode("gb18030"), "text/csv; charset=gb18030"),
        ("application/json", b'{"a": 1}', "application/json"),
        ("text/html", b"<!DOCTYPE html><html></html>", "text/html"),
        ("application/vnd.custom", b"\x00\x01\x02\x03", "application/vnd.custom"),
        ("text/csv", b"", "text/csv"),
        ("text/csv", b"\x00\x01\x02\x03", "application/octet-stream"),
        ("application/x-www-form-urlencoded", b"%PDF-1.7\n", "application/pdf"),
        ("application/zip", document(), DOCX),
        ("application/octet-stream", opened(), ODT),
        ("application/octet-stream", packed({"mimetype": b"text/html"}), "application/zip"),
        ("application/octet-stream", packed({"mimetype": b"a/b\r\nset-cookie: c"}), "application/zip"),
        (DOTX, document(), DOTX),
        ("application/vnd.google-earth.kmz", packed({"doc.kml": b"<kml/>"}), "application/vnd.google-earth.kmz"),
        ("text/csv", b"MZ,name\n1,2\n", "text/csv"),
        ("text/markdown", b"#! not a script\n", "text/markdown"),
        ("text/plain", b"A file that begins with %PDF- is a PDF.", "text/plain"),
        ("text/markdown", b"<!DOCTYPE note> is how XML begins", "text/markdown"),
        ("text/plain; charset=iso-8859-1", "café, à la carte".encode("latin-1"), "text/plain; charset=iso-8859-1"),
        ("application/xml", b"<a/>", "application/xml"),
    ],
)
async def test_the_type_kept_is_the_finer_of_what_is_said_and_what_is_seen(declared, content, kept):
    verdict, _ = await judged(content, declared)
    assert (verdict.media_type, verdict.findings) == (kept, [])


async def test_a_large_archive_is_read_in_blocks():
    members = {f"{n}.bin": bytes([n]) + (f"{n}".encode() * 200_000) for n in range(20)}
    content = packed(members, compression=0)
    assert len(content) > TAIL
    verdict, asked = await judged(content, "application/zip")
    assert verdict.findings == []
    assert max(asked) <= 256 * 1024


async def test_what_lies_behind_the_budget_is_not_unpacked():
    content = packed({"a": bytes(range(256)) * 4, "b": EICAR})
    verdict, _ = await judged(content, "application/zip", limits=Limits(read_bytes=1000))
    assert verdict.findings == []
    verdict, _ = await judged(content, "application/zip")
    assert [one.code for one in verdict.findings] == ["malware"]


@pytest.mark.parametrize("name", ["method without a bound", "type that swells", "too well packed", "too deep"])
async def test_what_swells_does_not_swell_here(name):
    declared, content, _ = HOSTILE[name]
    await judged(content, declared)
    tracemalloc.start()
    try:
        await judged(content, declared)
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    finally:
        tracemalloc.stop()


async def test_a_store_that_fails_says_nothing_about_the_file():
    content = packed({"a": bytes(range(256)) * 2000}, compression=0)
    watcher = Watcher()
    watcher.feed(content)

    async def failing(start, end):
        raise StorageUnavailable("the object store fails")
        yield b""

    with pytest.raises(StorageUnavailable):
        await inspect(watcher, failing, declared="application/zip")


async def test_a_watcher_keeps_little_of_a_large_file():
    watcher = Watcher()
    for _ in range(300):
        watcher.feed(b"a" * 10_000)
    watcher.feed(b"end")
    assert (watcher.size, len(watcher.tail), watcher.tail[-5:]) == (3_000_003, TAIL, b"aaend")
    assert sum(map(len, watcher._last)) < TAIL + 10_000


@given(before=st.integers(0, 500), cut=st.integers(1, 200))
async def test_a_word_is_seen_wherever_the_chunks_are_cut(before, cut):
    verdict, _ = await judged(b"x" * before + EICAR + b"y" * 100, "text/plain", cut=cut)
    assert [one.code for one in verdict.findings] == ["malware"]


@given(st.binary(max_size=3000), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"%PDF-", b"<?xml", b"\xff\xfe"]))
async def test_garbage_is_judged_and_breaks_nothing(garbage, start):
    verdict, _ = await judged(start + garbage, "application/octet-stream")
    assert verdict.media_type


@given(st.data())
async def test_a_damaged_document_is_judged_and_breaks_nothing(data):
    content = bytearray(document())
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    verdict, _ = await judged(bytes(content), DOCX)
    assert verdict.media_type
