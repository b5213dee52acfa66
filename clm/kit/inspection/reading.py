"""A stored object as a seekable file, for libraries that read files: in a thread, over an asynchronous store."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable

BLOCK = 256 * 1024

Open = Callable[[int, int], AsyncIterator[bytes]]
"""Bytes from a start up to, not including, an end."""


class Unfetched(Exception):
    """The store failed while a file was read, which says nothing about the file; `cause` is what it raised."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class RangeFile(io.RawIOBase):
    """Reads whole blocks through the event loop and keeps the last one; to be used in a thread beside it."""

    def __init__(self, open_range: Open, size: int, loop: asyncio.AbstractEventLoop) -> None:
        self._open, self._size, self._loop = open_range, size, loop
        self._at = 0
        self._block: tuple[int, bytes] = (-1, b"")

    def seekable(self) -> bool:
        """It is."""
        return True

    def readable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; before the start is refused as in any file."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError("cannot go before the start")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: object) -> int:
        """Fill a buffer with what one block still holds from here."""
        view = memoryview(buffer)  # type: ignore[arg-type]  # io hands over any writable buffer
        piece = self._piece(len(view))
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _piece(self, length: int) -> bytes:
        if self._at >= self._size or length == 0:
            return b""
        number = self._at // BLOCK
        if self._block[0] != number:
            start = number * BLOCK
            self._block = number, self._fetched(start, min(start + BLOCK, self._size))
        offset = self._at - number * BLOCK
        return self._block[1][offset : offset + length]

    def _fetched(self, start: int, end: int) -> bytes:
        try:
            return asyncio.run_coroutine_threadsafe(_gathered(self._open(start, end)), self._loop).result()
        except Exception as error:
            raise Unfetched(error) from error


async def _gathered(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])
