"""The object-store port: what a store promises, whichever it is."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

KEY = re.compile(r"[0-9a-zA-Z_-]{1,128}(/[0-9a-zA-Z_-]{1,128})*")
KEY_LIMIT = 512
PREFIX = re.compile(r"([0-9a-zA-Z_-]{1,128}/)*[0-9a-zA-Z_-]{0,128}")
CHUNK = 256 * 1024


class StorageError(Exception):
    """The store did not do what it was asked."""


class ObjectMissing(StorageError):
    """No object has this key."""


class StorageUnavailable(StorageError):
    """The store cannot be reached, is full, or answers with an error of its own; worth trying again later."""


class UploadMissing(StorageError):
    """No upload in parts of this id is open: it was completed, given up, or never begun."""


class PartsDiffer(StorageError):
    """The parts that an upload is to be made of are not those that arrived."""


class LockUnproved(StorageError):
    """The store was asked to lock objects and does not; the message says what it did instead."""


class InvalidKey(ValueError):
    """A key that no store takes: a mistake of the caller."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What was stored: its size in bytes and its SHA-256 in lower-case hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of an object without reading it: its size in bytes."""

    size: int


@dataclass(frozen=True, slots=True)
class Listed:
    """An object in a listing; `modified` is when it got this key, with a time zone."""

    key: str
    size: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an upload that has arrived: its number from 1, the store's tag of its bytes, its size."""

    no: int
    etag: str
    size: int


class ObjectStore(Protocol):
    """Objects by key. Keys are segments of letters, digits, `_` and `-`, joined by `/`; others raise InvalidKey.

    Every method raises StorageUnavailable where the store fails. What a method has answered survives a crash of the
    service and, with the directory store, a power cut; but what was only `put` is safe from that once it is bound.
    """

    moves: ClassVar[bool]
    """Whether `bind` gives an object its final key."""

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> Stored:
        """Store a stream under a key, replacing what is there, in memory that does not grow with it.

        All or nothing: where `chunks` raises, or the caller is cancelled, the key stays as it was; only a caller
        cancelled after the last byte may find it replaced.
        """

    async def bind(self, staging_key: str, final_key: str) -> str:
        """Keep an object for good; answers with the key that it has from now on.

        A store that moves objects gives it the final key, and raises ObjectMissing where neither key has one. A store
        that could only copy leaves it where it is. Doing it again, or from two places at once, changes nothing.
        """

    def open(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `end`, in chunks; less where the object ends before.

        Raises ObjectMissing at the first chunk, ValueError where `start` is negative or after `end`.
        """

    async def head(self, key: str) -> Head | None:
        """The object's size, or None where there is none."""

    async def delete(self, key: str) -> None:
        """Remove an object; none there is fine."""

    def list(self, prefix: str, *, older_than: datetime | None = None) -> AsyncIterator[Listed]:
        """The objects whose key begins with `prefix`, in no particular order, a page in memory at a time.

        `older_than` leaves out what was modified at or after that instant.
        """

    async def begin_parts(self, key: str) -> str:
        """Open an upload of an object in parts, sent by whoever has their addresses; answers with its id."""

    async def part_url(
        self, key: str, upload_id: str, no: int, *, size: int, lifetime: timedelta, public_base: str
    ) -> str:
        """An address that takes the bytes of one part by PUT for a while, again in the place of what was sent before.

        `public_base` is where the service itself is reached, for a store that has no address of its own. The size is
        enforced where the store can; see `parts`.
        """

    async def parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """The parts that have arrived, by their numbers; raises UploadMissing."""

    async def complete_parts(self, key: str, upload_id: str, parts: Sequence[Part]) -> None:
        """Make the object of its parts, all at once or not at all; afterwards the parts' addresses take no more.

        Raises UploadMissing, PartsDiffer.
        """

    async def abort_parts(self, key: str, upload_id: str) -> None:
        """Forget an upload with all its parts; none there is fine."""

    async def download_url(
        self, key: str, *, disposition: str, media_type: str, sha256: str, lifetime: timedelta, public_base: str
    ) -> str:
        """An address that gives the object by GET for a while, with those headers.

        A store that gives the bytes itself says their hash too.
        """

    async def ping(self) -> None:
        """Return where the store can be used."""

    async def prove(self) -> str | None:
        """Show on a scratch object that locks hold, where they are configured; answers with what was shown.

        Raises LockUnproved.
        """

    async def close(self) -> None:
        """Let go of threads and connections; the store is not used afterwards."""


def check_key(key: str) -> str:
    """The key itself; raises InvalidKey where it could mean anything but a plain path below the store."""
    if len(key) > KEY_LIMIT or not KEY.fullmatch(key):
        raise InvalidKey(f"not a storage key: {key!r}")
    return key


def check_prefix(prefix: str) -> str:
    """The prefix itself; raises InvalidKey where no key can begin with it."""
    if len(prefix) > KEY_LIMIT or not PREFIX.fullmatch(prefix):
        raise InvalidKey(f"not a prefix of storage keys: {prefix!r}")
    return prefix


def check_range(start: int, end: int | None) -> None:
    """Raises ValueError where `start` is negative or after `end`."""
    if start < 0 or (end is not None and end < start):
        raise ValueError(f"not a range of bytes: {start} to {end}")
