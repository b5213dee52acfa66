"""The parts of one stream on their way to S3."""

import asyncio
import hashlib
from collections.abc import AsyncIterator

from clm.kit.storage.port import Part


class Sending:
    """What of a stream is under way, how much that is by now, and its hash."""

    def __init__(self) -> None:
        self.parts: list[asyncio.Task[Part]] = []
        self.hash = hashlib.sha256()
        self.size = 0

    def add(self, part: asyncio.Task[Part], size: int) -> None:
        """One more part is under way."""
        self.parts.append(part)
        self.size += size

    def take(self, piece: list[bytes]) -> None:
        """Hash a part."""
        for chunk in piece:
            self.hash.update(chunk)

    async def room(self, at_once: int) -> None:
        """Wait until fewer than so many are under way; raises what one of them failed of."""
        latest = self.parts[-2 * at_once :]
        while len(waiting := {part for part in latest if not part.done()}) >= at_once:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for part in latest:
            if part.done():
                part.result()

    async def all_sent(self) -> list[Part]:
        """Every part, in order; raises what one of them failed of."""
        return await asyncio.gather(*self.parts)

    async def ended(self) -> None:
        """Wait until none is under way any more, whatever became of it."""
        await asyncio.gather(*self.parts, return_exceptions=True)


async def put_together(chunks: AsyncIterator[bytes], size: int) -> AsyncIterator[list[bytes]]:
    """The chunks in groups of so many bytes or some more; only the last has less. Nothing is copied."""
    held: list[bytes] = []
    waiting = 0
    async for chunk in chunks:
        held.append(chunk)
        waiting += len(chunk)
        if waiting >= size:
            yield held
            held, waiting = [], 0
    if held:
        yield held
