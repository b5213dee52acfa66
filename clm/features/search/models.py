"""Search on the wire."""

from typing import Literal
from uuid import UUID

import msgspec

from clm.kit.differences import Change
from clm.kit.folding import Snippet

PassageKind = Literal["contract", "section", "notice", "attachment"]


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A passage in which every term occurs, and where it stands.

    `section` is the number of an amended section text, `notice_id` and `attachment_id` with `version` name the others;
    a passage of the kind `contract` is what the contract says of itself: title, number, parties, agreed terms.
    """

    id: UUID
    kind: PassageKind
    contract_id: UUID
    number: str
    title: str
    section: str | None
    notice_id: UUID | None
    attachment_id: UUID | None
    version: int | None
    file: str | None
    snippet: Snippet


class Found(msgspec.Struct, frozen=True):
    """Hits, what was written last first. `complete` is false while texts wait to be indexed."""

    items: list[Hit]
    next_cursor: str | None
    complete: bool


class VersionText(msgspec.Struct, frozen=True):
    """The text of a version as it is searched, and how far that has come.

    `status`: pending, indexed, unsupported (no text is read from this type), failed (`problem` says why), sealed
    (personal data is not indexed) or gone with its bytes. `truncated`: the file has more text than is kept.
    """

    status: Literal["pending", "indexed", "unsupported", "failed", "sealed", "gone"]
    problem: str | None
    truncated: bool
    text: str | None


class TextComparison(msgspec.Struct, frozen=True):
    """The texts of two versions of an attachment compared, paragraph by paragraph."""

    before: int = msgspec.field(name="from")
    after: int = msgspec.field(name="to")
    changes: list[Change]
