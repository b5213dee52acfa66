"""Encryption of stored bytes: a key for each object, wrapped under another; read in ranges, verified in pieces.

An object is cut into pieces of 64 KiB, each sealed with AES-256-GCM under the object's key. A piece's nonce is its
number and whether it is the last, so that none can be changed, moved, repeated or cut off unnoticed (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015). A key seals one object only.
"""

import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from struct import pack

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
PIECE = 64 * 1024
TAG = 16
_NONCE = 12
_WRAPPING = b"\x01"

Open = Callable[[int, int], AsyncIterator[bytes]]
"""Bytes of the sealed object from a start up to, not including, an end."""


class SealBroken(Exception):
    """The bytes or the key are not those that were sealed."""


def new_key() -> bytes:
    """A random key for one object, or for wrapping others."""
    return os.urandom(KEY_BYTES)


def wrap(key: bytes, under: bytes, context: bytes) -> bytes:
    """A key sealed under another; it opens with the same `context` only, which says what the key is for."""
    nonce = os.urandom(_NONCE)
    return _WRAPPING + nonce + AESGCM(under).encrypt(nonce, key, context)


def unwrap(wrapped: bytes, under: bytes, context: bytes) -> bytes:
    """The key again; raises SealBroken where it was wrapped under another key or for something else."""
    if not wrapped.startswith(_WRAPPING):
        raise SealBroken("this key was not wrapped by this version")
    nonce = wrapped[1 : 1 + _NONCE]
    try:
        return AESGCM(under).decrypt(nonce, wrapped[1 + _NONCE :], context)
    except (InvalidTag, ValueError):
        raise SealBroken("the key does not open: another master key, or a changed row") from None


def sealed_size(size: int) -> int:
    """How many bytes an object of `size` bytes has once it is sealed."""
    return size + TAG * _pieces(size)


async def seal(chunks: AsyncIterator[bytes], key: bytes) -> AsyncIterator[bytes]:
    """The sealed form of a stream, in memory of a piece or two."""
    cipher, number, waiting = AESGCM(key), 0, bytearray()
    async for chunk in chunks:
        waiting += chunk
        while len(waiting) > PIECE:  # one piece is kept back, since the last is sealed as the last
            yield cipher.encrypt(_nonce(number, last=False), bytes(waiting[:PIECE]), None)
            del waiting[:PIECE]
            number += 1
    yield cipher.encrypt(_nonce(number, last=True), bytes(waiting), None)


async def unseal(
    open_range: Open, key: bytes, size: int, *, start: int = 0, end: int | None = None
) -> AsyncIterator[bytes]:
    """The bytes from `start` up to, not including, `end`, of a sealed object whose plain form has `size` bytes.

    Reads the pieces that hold them and no more. Raises SealBroken before it gives out a byte of a piece that is not
    the one that was sealed.
    """
    end = size if end is None else min(end, size)
    if start >= end and size > 0:
        return
    first, last = start // PIECE, _pieces(size) - 1
    until = max(0, end - 1) // PIECE
    cipher, number, waiting = AESGCM(key), first, bytearray()
    sealed = open_range(first * (PIECE + TAG), min((until + 1) * (PIECE + TAG), sealed_size(size)))
    try:
        async for chunk in sealed:
            waiting += chunk
            while number <= until and len(waiting) >= (length := _sealed_length(number, size)):
                plain = _opened(cipher, number, bytes(waiting[:length]), last=number == last)
                del waiting[:length]
                offset = number * PIECE
                if wanted := plain[max(0, start - offset) : end - offset]:
                    yield wanted
                number += 1
    finally:
        if isinstance(sealed, AsyncGenerator):
            await sealed.aclose()
    if number <= until:
        raise SealBroken("the sealed object ends too early")


def _opened(cipher: AESGCM, number: int, sealed: bytes, *, last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, last=last), sealed, None)
    except InvalidTag:
        raise SealBroken(f"piece {number} is not the one that was sealed") from None


def _pieces(size: int) -> int:
    return max(1, -(-size // PIECE))


def _sealed_length(number: int, size: int) -> int:
    return min(PIECE, size - number * PIECE) + TAG


def _nonce(number: int, *, last: bool) -> bytes:
    return pack(">3xQ?", number, last)
