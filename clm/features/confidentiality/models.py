"""Confidential items on the wire."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from clm.features.contracts.service import DecisionOut
from clm.law.basis import Basis
from clm.law.confidentiality import ItemClass, Residual
from clm.law.confidentiality_exceptions import ProofGap, ReleaseReason, ReturnGap, ToldGap, TollCause
from clm.lifecycle.facts import Name as Reasoned
from clm.lifecycle.facts import Role, Text

Name = Annotated[str, Meta(min_length=1, max_length=300)]
Files = Annotated[list[UUID], Meta(max_length=50, description="Attachments of the contract")]
ItemStatus = Literal["active_open", "active_running", "expired", "released", "voided"]
StepKind = Literal["disclose", "attach", "request", "release", "reject", "permit", "return", "toll", "end-toll"]
How = Literal["returned", "destroyed", "deleted"]
Loosening = Literal["release", "confirm-release", "permit", "confirm-return", "end-toll", "correct"]
"""The actions that end or loosen what protects an item: they take a key with clearance, as its files do."""


class NewItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Information disclosed in confidence by its owner to other parties, by role; now, where no instant is given.

    `attachments` are the files that hold it: a key without clearance does not read them, and who does is on record.
    """

    name: Name
    owner: Role
    recipients: Annotated[list[Role], Meta(min_length=1, max_length=26)]
    item_class: ItemClass = msgspec.field(name="class", default="ordinary")
    disclosed_at: dt.datetime | None = None
    marked: bool = False
    carrier: Annotated[str, Meta(min_length=1, max_length=300)] | None = None
    attachments: Files = []


class Attach(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """More files that hold the item."""

    attachments: Annotated[list[UUID], Meta(min_length=1, max_length=50, description="Attachments of the contract")]
    at: dt.datetime | None = None
    note: Text | None = None


class Release(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The duty for this item ends early: it became public lawfully, its owner consents, or it was free all along.

    `published_by` is who made it public. Another key looks at the evidence and confirms, unless the terms say that none
    has to (`release_review` false); with `review` it has to all the same.
    """

    reason: ReleaseReason
    at: dt.datetime | None = None
    evidence: Files = []
    note: Text | None = None
    published_by: Role | None = None
    review: bool = False


class ConfirmRelease(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A second person has looked at the evidence, and the release counts."""

    note: Text | None = None


class RejectRelease(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The release is not proved; the duty goes on."""

    reason: Reasoned


class Permit(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The law compels a disclosure: to that authority and to that extent only.

    The owner is told before it: by the notice `notice_id` of the type compelled_disclosure, from its arrival, or on
    `owner_notified_at`. `notice_forbidden` names the law that forbids telling it.
    """

    authority: Name
    legal_basis: Name
    scope: Text
    at: dt.datetime | None = None
    owner_notified_at: dt.datetime | None = None
    notice_id: UUID | None = None
    notice_forbidden: Name | None = None
    evidence: Files = []
    note: Text | None = None


class ConfirmReturn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A recipient has given the item back or destroyed it; the certificate of it is evidence."""

    party: Role
    method: How
    at: dt.datetime | None = None
    evidence: Files = []
    note: Text | None = None


class Toll(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A breach or a dispute concerning the item began `at`, and lasted until `ended_at` where that is known."""

    cause: TollCause
    at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    party: Role | None = None
    evidence: Files = []
    note: Text | None = None


class EndToll(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The breach or dispute recorded as step `no` is over."""

    no: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    at: dt.datetime | None = None
    evidence: Files = []
    note: Text | None = None


class CorrectStep(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Step `no` was recorded by mistake: it counts no longer, or `replacement`, the body as it should be, in its place.

    A disclosure without replacement leaves the item `voided`.
    """

    no: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    reason: Reasoned
    replacement: dict[str, Any] | None = None


class Step(msgspec.Struct, kw_only=True):
    """What was recorded of an item, by which key; superseded where it turned out to be a mistake."""

    no: int
    kind: StepKind
    at: dt.datetime
    by: UUID | None
    recorded_at: dt.datetime
    superseded_at: dt.datetime | None = None
    superseded_for: str | None = None


class PendingRelease(msgspec.Struct, kw_only=True):
    """A release that waits for another key; until then the duty goes on."""

    no: int
    reason: ReleaseReason
    at: dt.datetime
    evidence: list[UUID]
    note: str | None
    published_by: str | None
    requested_by: UUID | None
    requested_at: dt.datetime


class Released(msgspec.Struct, kw_only=True):
    """Why and by whom an item was released. `lacks`: NO_EVIDENCE, NOT_REVIEWED by a second person (R-C8)."""

    no: int
    reason: ReleaseReason
    at: dt.datetime
    evidence: list[UUID]
    note: str | None
    published_by: str | None
    recorded_by: UUID | None
    requested_by: UUID | None
    lacks: list[ProofGap]


class PermittedDisclosure(msgspec.Struct, kw_only=True):
    """A disclosure that the law compelled; towards everybody else the item stays confidential.

    `lacks`: OWNER_NOT_TOLD where the law allowed it, OWNER_TOLD_LATE after the disclosure (R-C9).
    """

    no: int
    authority: str
    legal_basis: str
    scope: str
    at: dt.datetime
    owner_notified_at: dt.datetime | None = None
    notice_id: UUID | None = None
    notice_forbidden: str | None = None
    lacks: ToldGap | None = None
    evidence: list[UUID] = []
    note: str | None = None


class ConfirmedReturn(msgspec.Struct, kw_only=True):
    """A return or destruction on record. `lacks`: NO_CERTIFICATE, for personal information without evidence (R-C7)."""

    no: int
    party: str
    method: str
    at: dt.datetime
    evidence: list[UUID] = []
    note: str | None = None
    lacks: list[ReturnGap] = []


class Tolling(msgspec.Struct, kw_only=True):
    """A breach or dispute on record; `adds`: the terms add its length to the term (R-C4)."""

    no: int
    cause: TollCause
    began_at: dt.datetime
    ended_at: dt.datetime | None
    party: str | None
    adds: bool


class ReturnConfirmation(msgspec.Struct, kw_only=True):
    """Return or destruction to be confirmed by every recipient: since which day, why, and by when.

    `cause`: the agreed duty has `expired`, or, for personal information, the contract has `ended`, or the talks led to
    none (`not_formed`). `due_on` is null
    while a notice of days of rest is missing, and where the terms set no period. `missing` are the recipients left,
    `uncertified` those whose return of personal information lacks its certificate: they confirm again with evidence.
    `records_until`: so long the record of how personal information was handled is kept, without the information.
    """

    cause: Literal["expired", "ended", "not_formed"]
    since: dt.date
    due_on: dt.date | None
    due_at: dt.datetime | None
    status: Literal["due", "overdue", "done"]
    missing: list[str]
    uncertified: list[str]
    records_until: dt.date | None
    assumed: bool
    basis: Basis


class Gap(msgspec.Struct, kw_only=True):
    """Nothing agreed bound in between: the extension came after the end (R-C5)."""

    since: dt.datetime
    until: dt.datetime


class Item(msgspec.Struct, kw_only=True):
    """A confidential item and the agreed duty for it, as they stand.

    `ends_on` is the duty's last day and `ends_at` the instant after it; both are null while its end is open, and for
    an item that was released. `residual` is the duty that stays after the agreed one has expired, or, for personal
    information, was released; `residual_source` is its law. `voided`: its disclosure was recorded by mistake. `flags`:
    AMBIGUOUS (the clause does not say clearly when the duty ends; SILENT beside it where it says nothing), DEFAULTED
    (there is none), UNMARKED (the terms ask for a mark and it bears none), TOLLING (the terms add the length of a
    breach or dispute), DISCLOSED_AFTER_TERM (the agreed duty was over when it was disclosed), GAP (it was over before
    it was extended), BEYOND_CALENDAR (it ends after 2100).
    """

    id: UUID
    contract_id: UUID
    name: str
    item_class: ItemClass = msgspec.field(name="class")
    owner: str
    recipients: list[str]
    disclosed_at: dt.datetime
    marked: bool
    carrier: str | None
    attachments: list[UUID]
    status: ItemStatus
    ends_on: dt.date | None
    ends_at: dt.datetime | None
    residual: Residual | None
    residual_source: str | None
    released_at: dt.datetime | None
    release_reason: ReleaseReason | None
    release: Released | None
    pending_release: PendingRelease | None
    permitted_disclosures: list[PermittedDisclosure]
    returns: list[ConfirmedReturn]
    return_confirmation: ReturnConfirmation | None
    tollings: list[Tolling]
    gap: Gap | None
    steps: list[Step]
    assumed: bool
    flags: list[str]
    basis: Basis
    recorded_at: dt.datetime
    version: int
    decision: DecisionOut | UnsetType = UNSET


class Confidentiality(msgspec.Struct):
    """Every confidential item of a contract, unpaged."""

    items: list[Item]


class Access(msgspec.Struct, kw_only=True):
    """A key was about to read what is in a confidential file, and was let (`granted`) or not.

    With `item_id`, a key without clearance was about to end or loosen what protects that item: one row for each of its
    files, or one without a file.
    """

    id: UUID
    attachment_id: UUID | None
    item_id: UUID | None
    name: str
    version: int | None
    how: Literal["content", "link", "text", "comparison", "search"] | Loosening
    by: UUID
    key_name: str | None
    granted: bool
    at: dt.datetime
