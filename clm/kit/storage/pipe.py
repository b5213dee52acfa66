"""Bytes from a coroutine to a thread that reads them like a file."""

import asyncio
import hashlib
import threading
from collections import deque

HELD = 1024 * 1024


class StreamBroken(Exception):
    """The source of the bytes failed, so the reader has to give up too."""


class Pipe:
    """`feed`, `finish` and `fail` on the event loop; `read` in one other thread.

    Holds about a mebibyte: `feed` waits while the reader is behind. Hashes what passes.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Event()
        self._filled = threading.Condition()
        self._chunks: deque[bytes] = deque()
        self._held = 0
        self._finished = False
        self._broken = False
        self._released = False
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """Of all that was fed, in lower-case hexadecimal."""
        return self._hash.hexdigest()

    async def feed(self, chunk: bytes) -> None:
        """Hand a chunk on; returns once there is room for more."""
        if not chunk or self._released:
            return
        with self._filled:
            self._chunks.append(chunk)
            self._held += len(chunk)
            if self._held >= HELD:
                self._room.clear()
            else:
                self._room.set()
            self._filled.notify()
        await self._room.wait()

    def finish(self) -> None:
        """No more is coming; the reader sees the end."""
        with self._filled:
            self._finished = True
            self._filled.notify()

    def fail(self) -> None:
        """The source broke off; the reader raises StreamBroken."""
        with self._filled:
            self._broken = True
            self._filled.notify()

    def release(self) -> None:
        """The reader is gone: let this `feed` and all that follow return at once."""
        self._released = True
        self._room.set()

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, fewer only at the end; raises StreamBroken where the source failed."""
        pieces = []
        while size > 0 and (piece := self._piece(size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def _piece(self, size: int) -> bytes:
        with self._filled:
            self._filled.wait_for(lambda: self._chunks or self._finished or self._broken)
            if self._broken:
                raise StreamBroken
            piece = self._take(size)
            if self._held < HELD:
                self._loop.call_soon_threadsafe(self._room.set)
        self._hash.update(piece)
        self.size += len(piece)
        return piece

    def _take(self, size: int) -> bytes:
        if not self._chunks:
            return b""
        chunk = self._chunks.popleft()
        if size < len(chunk):
            self._chunks.appendleft(chunk[size:])
            chunk = chunk[:size]
        self._held -= len(chunk)
        return chunk
