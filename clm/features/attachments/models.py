"""What goes in and out on the wire for attachments."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from clm.law.retention import Retention
from clm.lifecycle.binding import Awaited, Binding, UpdateRule, Word
from clm.lifecycle.facts import Role
from clm.lifecycle.world import Reason

Words = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S", description="Not all spaces")]


class Tombstone(msgspec.Struct, frozen=True):
    """What is left of a version whose bytes are gone: whether they were deleted or erased, when, and why."""

    kind: Literal["deleted", "erased"]
    reason: str
    at: datetime


class AttachmentVersion(msgspec.Struct, frozen=True):
    """One immutable version of an attachment.

    `no` counts from 1, `size` is in bytes, `sha256` of the content in lower-case hex, `at` is when the version came
    to be, in the time zone of the contract. `sealed`: the bytes are stored encrypted under a key of their own, and
    `sealed_sha256` is the hash of what is stored. `tombstone`: the bytes are gone; the rest stays as proof.
    """

    no: int
    size: int
    sha256: str
    media_type: str
    at: datetime
    sealed: bool = False
    sealed_sha256: str | None = None
    tombstone: Tombstone | None = None


class WordOnVersion(msgspec.Struct, frozen=True):
    """What a party said of a version, and when."""

    version: int
    word: Word
    party: str
    at: datetime
    note: str | None = None


class Attachment(msgspec.Struct, frozen=True):
    """A named file of a contract with all its versions, oldest first.

    `update_rule` says by whose word a version comes to bind while the contract lasts; `binding` which one does, and
    why. It is null before the contract takes effect, and where no version ever came to bind. `words`: what the parties
    said, as it was entered; `awaited`: the words that are missing for a version to bind of which somebody spoke.
    """

    id: UUID
    kind: str
    name: str
    contract_id: UUID
    versions: list[AttachmentVersion]
    update_rule: UpdateRule
    binding: Binding | None
    words: list[WordOnVersion] = []
    awaited: list[Awaited] = []


class SaidOfVersion(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A party's word about a version: now, where no instant is given."""

    party: Role
    at: datetime | None = None
    note: Words | None = None
    evidence: Annotated[list[UUID], Meta(max_length=50, description="Attachments of the contract")] = []


class Upload(msgspec.Struct, frozen=True):
    """A body that is still arriving, and what its sender says about it."""

    chunks: AsyncIterator[bytes]
    media_type: str
    sha256: str | None
    """The digest that the sender claims, in lower-case hex."""
    at: datetime | None


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to send the bytes of one version: where they are, what they are called, how they open.

    `withheld`: somebody has to be asked before they go out.
    """

    attachment_id: UUID
    no: int
    key: str
    name: str
    size: int
    sha256: str
    media_type: str
    wrapped_key: bytes | None
    tenant_key: bytes | None
    withheld: bool


class Removal(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The bytes of a version are to go, and why."""

    reason: Words


class VersionRetention(msgspec.Struct, frozen=True, kw_only=True):
    """Until when a version is kept at least, and what holds it beside that.

    `may_be_deleted` and `may_be_erased` say whether these actions would be carried out now; `reasons` why not.
    """

    no: int
    retention: Retention
    holds: list[str]
    may_be_deleted: bool
    may_be_erased: bool
    reasons: list[Reason]


class NewHold(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A legal hold: while it stands no version of the attachment is deleted or erased."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S", description="Not all spaces")]
    reason: Words


class ReleaseHold(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A legal hold ends, and why."""

    reason: Words


class LegalHold(msgspec.Struct, frozen=True, kw_only=True):
    """A legal hold, standing or released; who placed and released it are the keys' ids."""

    id: UUID
    attachment_id: UUID
    name: str
    reason: str
    placed_at: datetime
    placed_by: UUID | None
    released_at: datetime | None
    released_by: UUID | None
    release_reason: str | None


class Swept(msgspec.Struct, frozen=True):
    """What a sweep removed: staging leftovers, and bound objects that no row points at."""

    staging: int
    objects: int
