"""Objects as files below one folder, for a single machine.

A file counts once it and its folder are on disk. It is written under `.tmp`, which no key can name, and renamed.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import BinaryIO, ClassVar, ParamSpec, TypeVar
from uuid import uuid4

from clm.kit.storage import parts as in_parts
from clm.kit.storage.port import (
    CHUNK,
    Head,
    Listed,
    ObjectMissing,
    Part,
    PartsDiffer,
    StorageUnavailable,
    Stored,
    check_key,
    check_prefix,
    check_range,
)
from clm.kit.storage.signing import Signer, Ticket, secret_in
from clm.kit.storage.writing import Writing

THREADS = 16
PAGE = 500
TRANSFERS = "/transfers/"
"""Where the service takes and gives what this store's addresses name; see `take` and `ticket`."""
SETTLE_AT = 8 * 1024 * 1024
ABANDONED_SECONDS = 24 * 3600
ABSENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError)

P = ParamSpec("P")
T = TypeVar("T")


class DirectoryStore:
    """The directory store. One service at a time owns the folder; it is made, closed to others, where missing."""

    moves: ClassVar = True

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._scratch = self._root / ".tmp"
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="storage")
        with _failures():
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._scratch.mkdir(mode=0o700, exist_ok=True)
            _sweep(self._scratch)
            in_parts.sweep(self._root)
            self._signer = Signer(secret_in(self._root / ".keys"))

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> Stored:
        """See ObjectStore."""
        target = self._path(key)
        scratch = self._scratch / uuid4().hex
        upload = Writing(await self._run(scratch.open, "xb"))
        try:
            await self._receive(upload, chunks)
            await self._run(_finish, upload, scratch, target, self._root)
        except BaseException:
            await asyncio.shield(self._run(upload.discard, scratch))
            raise
        return Stored(upload.size, upload.sha256)

    async def bind(self, staging_key: str, final_key: str) -> str:
        """See ObjectStore: a file is renamed."""
        await self._run(_bind, self._path(staging_key), self._path(final_key), self._root)
        return final_key

    async def open(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See ObjectStore."""
        check_range(start, end)
        left = (end - start) if end is not None else sys.maxsize
        file, chunk = await self._run(_open, self._path(key), key, start, min(CHUNK, left))
        try:
            while chunk:
                left -= len(chunk)
                yield chunk
                chunk = await self._run(file.read, min(CHUNK, left)) if left else b""
        finally:
            file.close()

    async def head(self, key: str) -> Head | None:
        """See ObjectStore."""
        size = await self._run(_size, self._path(key))
        return None if size is None else Head(size)

    async def delete(self, key: str) -> None:
        """See ObjectStore."""
        await self._run(_delete, self._path(key))

    async def list(self, prefix: str, *, older_than: datetime | None = None) -> AsyncIterator[Listed]:
        """See ObjectStore."""
        found = _walk(self._root, check_prefix(prefix))
        while page := await self._run(_page, found):
            for each in page:
                if older_than is None or each.modified < older_than:
                    yield each

    async def begin_parts(self, key: str) -> str:
        """See ObjectStore."""
        return await self._run(in_parts.begin, self._root, check_key(key))

    async def part_url(
        self, key: str, upload_id: str, no: int, *, size: int, lifetime: timedelta, public_base: str
    ) -> str:
        """See ObjectStore: the service takes the part itself, in `take`."""
        expires = int(time.time() + lifetime.total_seconds())
        ticket = Ticket(does="send", key=check_key(key), expires=expires, upload=upload_id, no=no, size=size)
        return public_base + TRANSFERS + self._signer.sign(ticket)

    async def take(self, token: str, chunks: AsyncIterator[bytes]) -> str:
        """Store the part that an address stands for; answers with its tag.

        Raises TicketRefused, UploadMissing where the upload is over, PartsDiffer for another size than announced.
        """
        ticket = self._signer.read(token, "send")
        await self._run(in_parts.folder_of, self._root, ticket.key, ticket.upload)
        scratch = self._scratch / uuid4().hex
        part = Writing(await self._run(scratch.open, "xb"))
        try:
            await self._receive(part, _exactly(chunks, ticket.size))
            await self._run(part.finish)
            return await self._run(
                in_parts.place, self._root, scratch, ticket.key, ticket.upload, ticket.no, part.sha256
            )
        finally:
            await asyncio.shield(self._run(part.discard, scratch))

    async def parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """See ObjectStore."""
        return await self._run(in_parts.listed, self._root, check_key(key), upload_id)

    async def complete_parts(self, key: str, upload_id: str, parts: Sequence[Part]) -> None:
        """See ObjectStore."""
        await self._run(self._complete, self._path(key), key, upload_id, parts)

    async def abort_parts(self, key: str, upload_id: str) -> None:
        """See ObjectStore."""
        await self._run(in_parts.forget, self._root, check_key(key), upload_id)

    async def download_url(
        self, key: str, *, disposition: str, media_type: str, sha256: str, lifetime: timedelta, public_base: str
    ) -> str:
        """See ObjectStore: the service gives the bytes itself, to who shows a `ticket`."""
        expires = int(time.time() + lifetime.total_seconds())
        ticket = Ticket(
            does="read",
            key=check_key(key),
            expires=expires,
            disposition=disposition,
            media_type=media_type,
            sha256=sha256,
        )
        return public_base + TRANSFERS + self._signer.sign(ticket)

    def ticket(self, token: str) -> Ticket:
        """What may be read under an address; raises TicketRefused."""
        return self._signer.read(token, "read")

    async def ping(self) -> None:
        """See ObjectStore: the folder takes a file."""
        await self._run(_touch, self._scratch / f"ping-{uuid4().hex}")

    async def prove(self) -> str | None:
        """See ObjectStore: a directory has no locks."""
        return None

    async def close(self) -> None:
        """See ObjectStore."""
        self._threads.shutdown(wait=False)

    async def _receive(self, upload: Writing, chunks: AsyncIterator[bytes]) -> None:
        """Write and hash what has come together, both at once, while the next comes in and the last goes to disk."""
        writing: list[asyncio.Task[None]] = []
        settling: list[asyncio.Task[None]] = []
        try:
            async for chunk in chunks:
                if upload.take(chunk):
                    await asyncio.gather(*writing)
                    if upload.unsettled >= SETTLE_AT and all(task.done() for task in settling):
                        await asyncio.gather(*settling)  # a disk tells of a failure once
                        settling = [asyncio.create_task(self._run(upload.settle))]
                    batch = upload.taken()
                    writing = [asyncio.create_task(self._run(step, batch)) for step in (upload.write, upload.hash)]
            await asyncio.gather(*writing, *settling)
        finally:
            await asyncio.gather(*writing, *settling, return_exceptions=True)

    def _complete(self, target: Path, key: str, upload_id: str, parts: Sequence[Part]) -> None:
        scratch = self._scratch / uuid4().hex
        try:
            in_parts.join(self._root, key, upload_id, parts, scratch)
            _place(scratch, target, self._root)
        finally:
            scratch.unlink(missing_ok=True)
        in_parts.forget(self._root, key, upload_id)

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    async def _run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        def call() -> T:
            with _failures():
                return function(*args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._threads, call)


@contextmanager
def _failures() -> Iterator[None]:
    """Turn errors of the file system into the port's."""
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(f"{error.strerror}: {error.filename}") from error


async def _exactly(chunks: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """The chunks; raises PartsDiffer where they have not `size` bytes together."""
    seen = 0
    async for chunk in chunks:
        seen += len(chunk)
        if seen > size:
            raise PartsDiffer(f"the part has more than {size} bytes")
        yield chunk
    if seen != size:
        raise PartsDiffer(f"the part has {seen} bytes, not {size}")


def _finish(upload: Writing, scratch: Path, target: Path, root: Path) -> None:
    """Bring the content to disk and give it its key; the name is brought there with the folder it is bound in."""
    upload.finish()
    _make_folder(target.parent, root)
    scratch.replace(target)


def _place(source: Path, target: Path, root: Path) -> None:
    """Rename, and make the rename and the folders above it survive a power cut."""
    _make_folder(target.parent, root)
    source.replace(target)
    _sync(target.parent)


def _make_folder(folder: Path, root: Path) -> None:
    if folder == root or folder.is_dir():
        return
    _make_folder(folder.parent, root)
    folder.mkdir(mode=0o700, exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _bind(staging: Path, final: Path, root: Path) -> None:
    size, bound = _size(staging), _size(final)
    if size is None or size == bound:
        if bound is None:
            raise ObjectMissing(staging.relative_to(root).as_posix())
        _delete(staging)
        return
    try:
        os.utime(staging)  # a listing's `modified` is when an object got its key
        _place(staging, final, root)
    except FileNotFoundError as error:
        # Someone else bound the same object between our look and our rename, or deleted it.
        if _size(final) is None:
            raise ObjectMissing(staging.relative_to(root).as_posix()) from error


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except ABSENT:
        return None


def _open(path: Path, key: str, start: int, size: int) -> tuple[BinaryIO, bytes]:
    """A file with its first bytes from `start`: many files have no more."""
    try:
        file = path.open("rb")
    except ABSENT as error:
        raise ObjectMissing(key) from error
    try:
        file.seek(start)
        return file, file.read(size)
    except BaseException:
        file.close()
        raise


def _delete(path: Path) -> None:
    if path.is_file():
        path.unlink(missing_ok=True)


def _touch(path: Path) -> None:
    path.touch(exist_ok=False)
    path.unlink()


def _sweep(scratch: Path) -> None:
    """Remove what an earlier process was writing when it died."""
    for each in scratch.iterdir():
        if each.stat().st_mtime < time.time() - ABANDONED_SECONDS:
            each.unlink(missing_ok=True)


def _page(found: Iterator[Listed]) -> list[Listed]:
    return list(islice(found, PAGE))


def _walk(root: Path, prefix: str) -> Iterator[Listed]:
    base = root / prefix.rpartition("/")[0]
    for folder, below, names in os.walk(base, onerror=_unless_absent):
        if Path(folder) == root:
            below[:] = [each for each in below if not each.startswith(".")]
        for name in names:
            path = Path(folder, name)
            key = path.relative_to(root).as_posix()
            if key.startswith(prefix) and (listed := _listed(key, path)) is not None:
                yield listed


def _unless_absent(error: OSError) -> None:
    if not isinstance(error, ABSENT):
        raise error


def _listed(key: str, path: Path) -> Listed | None:
    try:
        info = path.stat()
    except FileNotFoundError:  # deleted since the folder was read
        return None
    return Listed(key, info.st_size, datetime.fromtimestamp(info.st_mtime, UTC))
