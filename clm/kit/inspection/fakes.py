"""A clamd for tests and demonstrations: it speaks PING and INSTREAM and knows one virus, the EICAR test file."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from clm.kit.inspection.watching import EICAR


@asynccontextmanager
async def fake_clamd(answer: bytes | None = None, *, at_most: int | None = None) -> AsyncIterator[str]:
    """A server on loopback until the end of the block; yields its address.

    `answer` is given whatever was asked. After `at_most` bytes of a stream it hangs up, as clamd does at its
    StreamMaxLength.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            command = await reader.readuntil(b"\0")
            said = b"PONG\0" if command == b"zPING\0" else await _scanned(reader, at_most)
            writer.write(said if answer is None else answer)
            await writer.drain()
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _scanned(reader: asyncio.StreamReader, at_most: int | None) -> bytes:
    content = bytearray()
    while length := int.from_bytes(await reader.readexactly(4), "big"):
        content += await reader.readexactly(length)
        if at_most is not None and len(content) > at_most:
            return b"INSTREAM size limit exceeded. ERROR\0"
    return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
