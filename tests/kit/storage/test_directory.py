"""What only the directory store has: files, folders, a disk."""

import os
import time
from pathlib import Path

import pytest

from clm.kit.storage import ObjectMissing, StorageUnavailable, from_url
from clm.kit.storage.directory import ABANDONED_SECONDS, DirectoryStore


async def stream(*chunks):
    for chunk in chunks:
        yield chunk


@pytest.fixture
async def directory(tmp_path):
    made = DirectoryStore(tmp_path / "objects")
    yield made
    await made.close()


async def test_a_file_and_every_new_folder_reach_the_disk_before_bind_answers(directory, tmp_path, monkeypatch):
    synced = []
    fsync = os.fsync

    def seen(handle):
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", seen)
    await directory.put("tenant/staging/a", stream(b"x"))
    root = str(tmp_path / "objects")
    assert synced[0].startswith(f"{root}/.tmp/")
    assert synced[1:] == [root, f"{root}/tenant"]
    await directory.bind("tenant/staging/a", "tenant/kept/a")
    assert synced[3:] == [f"{root}/tenant", f"{root}/tenant/kept"]


async def read(store, key):
    return b"".join([chunk async for chunk in store.open(key)])


async def test_bind_moves(directory):
    await directory.put("staging/1", stream(b"bytes"))
    for _ in range(2):
        assert await directory.bind("staging/1", "final") == "final"
    await directory.put("staging/2", stream(b"bytes"))
    assert await directory.bind("staging/2", "final") == "final"
    assert await read(directory, "final") == b"bytes"
    assert [each.key async for each in directory.list("")] == ["final"]


async def test_bind_repairs_what_has_another_size(directory):
    await directory.put("final", stream(b"byt"))
    await directory.put("staging/1", stream(b"bytes"))
    await directory.bind("staging/1", "final")
    assert await read(directory, "final") == b"bytes"


async def test_bind_of_nothing_is_missing(directory):
    with pytest.raises(ObjectMissing):
        await directory.bind("staging/1", "final")


async def test_folders_and_files_are_closed_to_other_accounts(directory, tmp_path):
    await directory.put("tenant/a", stream(b"x"))
    root = tmp_path / "objects"
    assert root.stat().st_mode & 0o077 == 0
    assert (root / "tenant").stat().st_mode & 0o077 == 0


async def test_what_a_killed_process_was_writing_is_swept_at_the_next_start_once_it_is_old(directory, tmp_path):
    old, young = tmp_path / "objects/.tmp/old", tmp_path / "objects/.tmp/young"
    old.write_bytes(b"half")
    young.write_bytes(b"half")
    long_ago = time.time() - ABANDONED_SECONDS - 60
    os.utime(old, (long_ago, long_ago))
    await from_url(f"file://{tmp_path}/objects").close()
    assert not old.exists()
    assert young.exists()


async def test_a_disk_that_fails_is_unavailable(directory, tmp_path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device", "somewhere")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageUnavailable, match="No space left"):
        await directory.put("tenant/a", stream(b"x"))
    monkeypatch.undo()
    assert await directory.head("tenant/a") is None
    assert list((tmp_path / "objects/.tmp").iterdir()) == []


async def test_a_disk_that_fails_while_a_long_upload_arrives_is_unavailable(directory, tmp_path, monkeypatch):
    settled = []

    def full(handle):
        settled.append(handle)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdatasync", full)
    with pytest.raises(StorageUnavailable):
        await directory.put("a", stream(*[bytes(1024 * 1024)] * 20))
    assert settled
    assert await directory.head("a") is None
    assert list((tmp_path / "objects/.tmp").iterdir()) == []


async def test_a_disk_that_fails_once_while_a_long_upload_arrives_is_believed(directory, monkeypatch):
    fails = [OSError(5, "Input/output error")]

    def once(_):
        if fails:
            raise fails.pop()

    monkeypatch.setattr(os, "fdatasync", once)
    with pytest.raises(StorageUnavailable, match="Input/output error"):
        await directory.put("a", stream(*[bytes(1024 * 1024)] * 40))
    assert fails == []


async def test_a_folder_that_is_gone_is_unavailable(directory, tmp_path):
    (tmp_path / "objects/.tmp").rmdir()
    with pytest.raises(StorageUnavailable):
        await directory.ping()
    with pytest.raises(StorageUnavailable):
        await directory.put("tenant/a", stream(b"x"))
