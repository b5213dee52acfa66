"""What goes in and out on the wire for uploads in parts, and for addresses that give bytes."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

MediaType = Annotated[str, Meta(min_length=3, max_length=255)]
Size = Annotated[int, Meta(ge=1, le=2**53)]
Hex = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", description="SHA-256 in lower-case hex")]


class NextUpload(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The next version of an attachment, to be sent in parts: its size in bytes, its media type, its SHA-256.

    Without `sha256` the bytes that arrive are taken as those that were meant.
    """

    size: Size
    media_type: MediaType = "application/octet-stream"
    sha256: Hex | None = None
    at: datetime | None = None


class NewUpload(NextUpload, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A new attachment, to be sent in parts."""

    kind: str
    name: str


class UploadPart(msgspec.Struct, frozen=True):
    """A part to send: its number from 1, its size in bytes, the address that takes it by PUT, and whether it is there.

    `url` is null once the upload takes no more.
    """

    no: int
    size: int
    url: str | None
    arrived: bool


class Refusal(msgspec.Struct, frozen=True):
    """A reason not to keep what was sent."""

    code: str
    message: str


class PartedUpload(msgspec.Struct, frozen=True, kw_only=True):
    """An upload in parts of `part_size` bytes each, the last one less.

    `status`: `open` until all parts are there and it is completed; then `attachment_id` and `version` say what it
    became. `refused`: what was sent is not kept, for the reasons in `findings`. `aborted`: given up. `expired`: not
    completed until `expires_at`. The parts' addresses open until `urls_expire_at`; reading the upload gives new ones.
    """

    id: UUID
    contract_id: UUID
    attachment_id: UUID | None
    version: int | None
    kind: str
    name: str
    size: int
    media_type: str
    sha256: str | None
    status: Literal["open", "completed", "refused", "aborted", "expired"]
    part_size: int
    parts: list[UploadPart]
    urls_expire_at: datetime | None
    findings: list[Refusal]
    created_at: datetime
    expires_at: datetime


class ContentLink(msgspec.Struct, frozen=True):
    """An address that gives a version's bytes to whoever has it, until it expires."""

    url: str
    expires_at: datetime
