"""Hostile files are found out by their content; honest ones pass, whatever they are called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clm.kit.inspection import Limits, Watcher, inspect
from clm.kit.inspection.watching import EICAR, TAIL
from tests.files import mixed
from tests.kit.inspection.hostile import DOCX, HOSTILE, document, packed


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
