"""Facts about confidential items (保密信息): what the confidentiality room records of them."""

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec

from clm.law.confidentiality_exceptions import ReleaseReason, TollCause
from clm.lifecycle.facts import Body, Correct, Role


class DiscloseItem(Body, kw_only=True):
    """A confidential item was disclosed by its owner to recipients; `attachment_kinds` are those of its files."""

    item_id: UUID
    name: str
    item_class: str
    owner: Role | None = None
    recipients: list[Role] = msgspec.field(default_factory=list)
    attachment_kinds: list[str] = msgspec.field(default_factory=list)


class AttachToItem(Body, kw_only=True):
    """More files belong to an item."""

    item_id: UUID
    attachment_kinds: list[str]


class ReleaseItem(Body, kw_only=True):
    """A confidential item is released from the duty; `published_by` is who made it public, where that is known."""

    item_id: UUID
    reason: ReleaseReason
    published_by: Role | None = None


class ReturnItem(Body, kw_only=True):
    """A recipient has given an item back, or destroyed it."""

    item_id: UUID
    party: Role
    method: Literal["returned", "destroyed", "deleted"]


class TollItem(Body, kw_only=True):
    """A breach or a dispute concerning an item began; it lasts until `ended_at`, or until its end is told."""

    item_id: UUID
    toll_id: UUID
    cause: TollCause
    party: Role | None = None
    ended_at: dt.datetime | None = None


class EndToll(Body, kw_only=True):
    """A breach or a dispute concerning an item is over."""

    item_id: UUID
    toll_id: UUID


class CorrectItem(Correct, kw_only=True):
    """A fact about an item was recorded by mistake.

    `drafted`: before the text went out for signature, so that what is decided since does not begin with it; the item is
    then put right as it stands (the kinds of its files only widen). `party` is whose return it was, `still` another
    return of that party that counts, `toll_id` which breach or dispute.
    """

    item_id: UUID
    kind: Literal["disclose", "attach", "release", "return", "toll", "end-toll"]
    drafted: bool = False
    party: Role | None = None
    still: ReturnItem | None = None
    toll_id: UUID | None = None
