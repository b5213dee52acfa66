"""The side that asks: it starts the reader, feeds it, and believes nothing but what comes out in time."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from clm.kit.extraction import formats

_GAVE_UP = 3
_SHORT = 256 * 1024


class ExtractionLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one file may take: `input_bytes` read, `output_bytes` of text kept, memory, processor and clock time."""

    input_bytes: int = 64 * 1024**2
    output_bytes: int = 4 * 1024**2
    memory_bytes: int = 1024**3
    cpu_seconds: int = 20
    seconds: float = 40.0


class Extracted(msgspec.Struct, frozen=True):
    """The text, or the problem why there is none. `truncated`: there was more of it than is kept."""

    text: str | None
    problem: str | None = None
    truncated: bool = False


_LIMITS = ExtractionLimits()


def is_readable(media_type: str) -> bool:
    """Whether text can be had of files of this type."""
    return formats.reader_of(media_type) is not None


async def text_of(chunks: AsyncIterator[bytes], media_type: str, *, limits: ExtractionLimits = _LIMITS) -> Extracted:
    """The text of a file that arrives in chunks; never raises for what is in it.

    A short plain text needs no parser, and so no process.
    """
    reader = formats.reader_of(media_type)
    if reader is None:
        return Extracted(None, f"no text is read from {media_type}")
    try:
        async with asyncio.timeout(limits.seconds):
            if reader is formats.of_text:
                begun = await _begun(chunks)
                text = formats.decoded(begun) if len(begun) < min(_SHORT, limits.input_bytes) else None
                if text is not None:
                    return _kept(formats.kept(text), limits)
                chunks = _again(begun, chunks)
            return await _foreign(chunks, media_type, limits)
    except TimeoutError:
        return Extracted(None, f"reading it took longer than {limits.seconds:g} seconds")


async def _begun(chunks: AsyncIterator[bytes]) -> bytes:
    """The beginning, or all of what is shorter than that."""
    found = b""
    while len(found) < _SHORT and (chunk := await anext(chunks, None)) is not None:
        found += chunk
    return found


async def _again(begun: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield begun
    async for chunk in rest:
        yield chunk


def _kept(out: bytes, limits: ExtractionLimits) -> Extracted:
    if len(out) > limits.output_bytes:
        return Extracted(out[: limits.output_bytes].decode("utf-8", "ignore"), truncated=True)
    return Extracted(out.decode("utf-8", "replace"))


async def _foreign(chunks: AsyncIterator[bytes], media_type: str, limits: ExtractionLimits) -> Extracted:
    process = await _start(media_type, limits)
    try:
        return await _answer(process, chunks, limits)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _start(media_type: str, limits: ExtractionLimits) -> asyncio.subprocess.Process:
    """A process that knows the way to its modules and none of the secrets in this one's environment."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "clm.kit.extraction.reader",
        media_type,
        str(limits.memory_bytes),
        str(limits.cpu_seconds),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(),
    )


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)}


async def _answer(
    process: asyncio.subprocess.Process, chunks: AsyncIterator[bytes], limits: ExtractionLimits
) -> Extracted:
    feeding = asyncio.ensure_future(_feed(process, chunks, limits.input_bytes))
    told = asyncio.ensure_future(_read(process.stderr, 1000))
    try:
        out = await _read(process.stdout, limits.output_bytes + 1)
        if not await feeding:
            return Extracted(None, f"it has more than {limits.input_bytes} bytes")
    finally:
        feeding.cancel()
        await asyncio.wait([feeding])
    if len(out) > limits.output_bytes:
        told.cancel()
        return _kept(out, limits)
    code = await process.wait()
    said = (await told).decode("utf-8", "replace").strip()
    if code == 0:
        return _kept(out, limits)
    return Extracted(None, said if code == _GAVE_UP else "the program that reads it broke off at this file")


async def _feed(process: asyncio.subprocess.Process, chunks: AsyncIterator[bytes], at_most: int) -> bool:
    """Whether all of it was handed over; a reader that has seen enough closes its end, which is fine."""
    pipe, size = process.stdin, 0
    if pipe is None:
        return False
    try:
        async for chunk in chunks:
            size += len(chunk)
            if size > at_most:
                process.kill()
                return False
            pipe.write(chunk)
            await pipe.drain()
    except (BrokenPipeError, ConnectionResetError):
        return True
    finally:
        pipe.close()  # also where the store fails: the reader would wait for the rest until its time is up
    return True


async def _read(pipe: asyncio.StreamReader | None, at_most: int) -> bytes:
    found = bytearray()
    while pipe is not None and len(found) < at_most and (piece := await pipe.read(65_536)):
        found += piece
    return bytes(found[:at_most])
