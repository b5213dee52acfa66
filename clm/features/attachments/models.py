"""What goes in and out on the wire for attachments."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import msgspec


class AttachmentVersion(msgspec.Struct, frozen=True):
    """One immutable version of an attachment.

    `no` counts from 1, `size` is in bytes, `sha256` is in lower-case hex, `at` is when the version came to be, in
    the time zone of the contract.
    """

    no: int
    size: int
    sha256: str
    media_type: str
    at: datetime


class Attachment(msgspec.Struct, frozen=True):
    """A named file of a contract with all its versions, oldest first."""

    id: UUID
    kind: str
    name: str
    contract_id: UUID
    versions: list[AttachmentVersion]


class Upload(msgspec.Struct, frozen=True):
    """A body that is still arriving, and what its sender says about it."""

    chunks: AsyncIterator[bytes]
    media_type: str
    sha256: str | None
    """The digest that the sender claims, in lower-case hex."""
    at: datetime | None


class Content(msgspec.Struct, frozen=True):
    """What is needed to send the bytes of one version: where they are and what they are called."""

    key: str
    name: str
    size: int
    sha256: str
    media_type: str


class Swept(msgspec.Struct, frozen=True):
    """What a sweep removed: staging leftovers, and bound objects that no row points at."""

    staging: int
    objects: int
