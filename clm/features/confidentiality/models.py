"""Confidential items on the wire."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from clm.features.contracts.service import DecisionOut
from clm.law.basis import Basis
from clm.law.confidentiality import ItemClass, Residual
from clm.lifecycle.facts import Role, Text

Name = Annotated[str, Meta(min_length=1, max_length=300)]
Evidence = Annotated[list[UUID], Meta(max_length=50, description="Attachments of the contract")]
ItemStatus = Literal["active_open", "active_running", "expired", "released", "voided"]
Reason = Literal["public", "consent", "independent", "third_party", "already_known"]


class NewItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Information disclosed in confidence by its owner to other parties, by role; now, where no instant is given."""

    name: Name
    owner: Role
    recipients: Annotated[list[Role], Meta(min_length=1, max_length=26)]
    item_class: ItemClass = msgspec.field(name="class", default="ordinary")
    disclosed_at: dt.datetime | None = None
    marked: bool = False
    carrier: Annotated[str, Meta(min_length=1, max_length=300)] | None = None


class Release(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The duty for this item ends early: it became public lawfully, its owner consents, or it was free all along."""

    reason: Reason
    at: dt.datetime | None = None
    evidence: Evidence = []
    note: Text | None = None


class Permit(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The law compels a disclosure: to that authority and to that extent only."""

    authority: Name
    legal_basis: Name
    scope: Text
    at: dt.datetime | None = None
    owner_notified_at: dt.datetime | None = None
    evidence: Evidence = []
    note: Text | None = None


class ConfirmReturn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A recipient has given the item back or destroyed it."""

    party: Role
    method: Literal["returned", "destroyed", "deleted"]
    at: dt.datetime | None = None
    evidence: Evidence = []
    note: Text | None = None


class PermittedDisclosure(msgspec.Struct, kw_only=True):
    """A disclosure that the law compelled; towards everybody else the item stays confidential."""

    authority: str
    legal_basis: str
    scope: str
    at: dt.datetime
    owner_notified_at: dt.datetime | None = None
    evidence: list[UUID] = []
    note: str | None = None


class ConfirmedReturn(msgspec.Struct, kw_only=True):
    """A return or destruction on record."""

    party: str
    method: str
    at: dt.datetime
    evidence: list[UUID] = []
    note: str | None = None


class Item(msgspec.Struct, kw_only=True):
    """A confidential item and the agreed duty for it, as they stand.

    `ends_on` is the duty's last day and `ends_at` the instant after it; both are null while its end is open, and for
    an item that was released. `residual` is the duty that stays after the agreed one has expired. `flags`: AMBIGUOUS
    (the clause does not say clearly when the duty ends; SILENT beside it where it says nothing), DEFAULTED (there is
    none), UNMARKED (the terms ask for a mark and it bears none), TOLLING (the terms add the length of a breach or
    dispute, which the end does not count), DISCLOSED_AFTER_TERM (the agreed duty was over when it was disclosed).
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
    status: ItemStatus
    ends_on: dt.date | None
    ends_at: dt.datetime | None
    residual: Residual | None
    released_at: dt.datetime | None
    release_reason: Reason | None
    permitted_disclosures: list[PermittedDisclosure]
    returns: list[ConfirmedReturn]
    assumed: bool
    flags: list[str]
    basis: Basis
    recorded_at: dt.datetime
    version: int
    decision: DecisionOut | UnsetType = UNSET


class Confidentiality(msgspec.Struct):
    """Every confidential item of a contract, unpaged."""

    items: list[Item]
