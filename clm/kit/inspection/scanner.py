"""ClamAV through its daemon's INSTREAM command (clamd(8)).

The client libraries on PyPI want the whole file in memory or block the loop; the protocol is a length before each
chunk.
"""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

SECONDS = 60.0
_ANSWER_AT_MOST = 4096


class ScannerUnavailable(Exception):
    """The scanner is configured and does not answer as one; nothing is stored unseen."""


class Scanner:
    """A clamd at `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`; raises ValueError for another address."""

    def __init__(self, url: str, *, seconds: float = SECONDS) -> None:
        parts = urlsplit(url)
        self._path = parts.path if parts.scheme == "unix" and parts.path else None
        self._host, self._port = parts.hostname, parts.port or 3310
        self._seconds = seconds
        if self._path is None and (parts.scheme != "tcp" or not parts.hostname):
            raise ValueError("the address of clamd is tcp://host:port or unix:///path")

    async def ping(self) -> None:
        """Return where the scanner answers; raises ScannerUnavailable."""
        if await self._ask(b"zPING\0", None) != "PONG":
            raise ScannerUnavailable("the scanner answers PING with something else")

    async def scan(self, chunks: AsyncIterator[bytes]) -> str | None:
        """The name of what was found in a stream, or None; raises ScannerUnavailable where nobody can say."""
        answer = await self._ask(b"zINSTREAM\0", chunks)
        if answer == "stream: OK":
            return None
        if answer.startswith("stream: ") and answer.endswith(" FOUND"):
            return answer.removeprefix("stream: ").removesuffix(" FOUND")
        raise ScannerUnavailable(f"the scanner answers {answer[:200]!r}")

    async def _ask(self, command: bytes, chunks: AsyncIterator[bytes] | None) -> str:
        """The answer to a command; the time counts anew with every chunk, since a large file takes long."""
        try:
            async with asyncio.timeout(self._seconds) as limit:
                reader, writer = await self._connect()
                answering = asyncio.ensure_future(reader.readuntil(b"\0"))
                try:
                    writer.write(command)
                    is_whole = chunks is None or await self._sent(writer, chunks, limit, answering)
                    answer = (await answering).rstrip(b"\0").decode("utf-8", "replace").strip()
                finally:
                    answering.cancel()
                    writer.close()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise ScannerUnavailable(f"the scanner does not answer: {type(error).__name__}") from error
        if not is_whole and not answer.endswith(" FOUND"):
            raise ScannerUnavailable(f"the scanner has not seen all of it and answers {answer[:200]!r}")
        return answer

    async def _sent(
        self,
        writer: asyncio.StreamWriter,
        chunks: AsyncIterator[bytes],
        limit: asyncio.Timeout,
        answering: asyncio.Future[bytes],
    ) -> bool:
        """Whether all of it was handed over; a daemon that has had enough says why and hangs up."""
        try:
            async for chunk in chunks:
                limit.reschedule(asyncio.get_running_loop().time() + self._seconds)
                if answering.done():
                    return False
                if chunk:  # a length of nothing ends the stream
                    writer.write(len(chunk).to_bytes(4, "big") + chunk)
                    await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
        except ConnectionError:
            return False
        return True

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._path is not None:
            return await asyncio.open_unix_connection(self._path, limit=_ANSWER_AT_MOST)
        return await asyncio.open_connection(self._host, self._port, limit=_ANSWER_AT_MOST)
