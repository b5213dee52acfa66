"""Uploads in parts below the directory store: a folder for each upload, a file for each part, joined at the end.

The folder is `.parts`, which no key can name. A part counts once it has its number as its name.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from clm.kit.storage.port import Part, PartsDiffer, UploadMissing

FOLDER = ".parts"
ABANDONED_SECONDS = 8 * 24 * 3600
_COPY = 1024 * 1024
_KEY_FILE = "key"


def begin(root: Path, key: str) -> str:
    """Open an upload for a key; answers with its id."""
    upload_id = uuid4().hex
    folder = root / FOLDER / upload_id
    folder.mkdir(mode=0o700, parents=True)
    (folder / _KEY_FILE).write_text(key, encoding="ascii")
    return upload_id


def folder_of(root: Path, key: str, upload_id: str) -> Path:
    """Where the parts of an upload lie; raises UploadMissing where it is not open, or for another key."""
    folder = root / FOLDER / upload_id
    try:
        known = upload_id.isalnum() and (folder / _KEY_FILE).read_text(encoding="ascii") == key
    except FileNotFoundError:
        known = False
    if not known:
        raise UploadMissing(upload_id)
    return folder


def listed(root: Path, key: str, upload_id: str) -> list[Part]:
    """The parts that have arrived, by their numbers."""
    folder = folder_of(root, key, upload_id)
    with _open_still(upload_id):
        return sorted((_part(each) for each in folder.iterdir() if each.name != _KEY_FILE), key=lambda part: part.no)


def place(root: Path, scratch: Path, key: str, upload_id: str, no: int, sha256: str) -> str:
    """Make a file that was written elsewhere the part of that number, in the place of an earlier one."""
    folder = folder_of(root, key, upload_id)
    before = list(folder.glob(f"{no:05}-*"))
    target = folder / f"{no:05}-{sha256}"
    with _open_still(upload_id):
        scratch.replace(target)
    for each in before:
        if each != target:
            each.unlink(missing_ok=True)
    return sha256


def join(root: Path, key: str, upload_id: str, parts: Sequence[Part], scratch: Path) -> None:
    """Write the parts one after the other into a file; raises PartsDiffer where they are not those that arrived."""
    folder = folder_of(root, key, upload_id)
    there = {part.no: part for part in listed(root, key, upload_id)}
    if not parts or any(there.get(part.no) != part for part in parts):
        raise PartsDiffer("the parts are not those that have arrived")
    with _open_still(upload_id), scratch.open("xb") as whole:
        for part in parts:
            _append(folder / f"{part.no:05}-{part.etag}", part, whole.fileno())
        os.fsync(whole.fileno())


def forget(root: Path, key: str, upload_id: str) -> None:
    """Remove an upload and its parts; none there is fine."""
    try:
        shutil.rmtree(folder_of(root, key, upload_id), ignore_errors=True)
    except UploadMissing:
        return


def sweep(root: Path) -> None:
    """Remove uploads that nobody has come back to."""
    folder = root / FOLDER
    for each in folder.iterdir() if folder.is_dir() else ():
        if each.stat().st_mtime < time.time() - ABANDONED_SECONDS:
            shutil.rmtree(each, ignore_errors=True)


@contextmanager
def _open_still(upload_id: str) -> Iterator[None]:
    """Turn a file that is gone into an upload that is over: somebody has completed it, or given it up."""
    try:
        yield
    except FileNotFoundError:
        raise UploadMissing(upload_id) from None


def _part(path: Path) -> Part:
    no, _, sha256 = path.name.partition("-")
    return Part(int(no), sha256, path.stat().st_size)


def _append(path: Path, part: Part, whole: int) -> None:
    hashed = hashlib.sha256()
    for chunk in _chunks(path):
        hashed.update(chunk)
        view = memoryview(chunk)
        while view:
            view = view[os.write(whole, view) :]
    if hashed.hexdigest() != part.etag:
        raise PartsDiffer(f"part {part.no} is not what was sent")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_COPY):
            yield chunk
