"""Parties on the wire."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from clm.law.arrival import Channel

Kind = Literal["legal_person", "unincorporated", "natural_person", "public_body"]
SizeClass = Literal["micro", "small", "medium", "large", "public_body"]
Text = Annotated[str, Meta(min_length=1, max_length=500)]
Uscc = Annotated[str, Meta(max_length=40, description="Unified social credit code (GB 32100), 18 characters")]

Email = Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254, description="An e-mail address")]


class Contact(msgspec.Struct, forbid_unknown_fields=True):
    """A person to talk to."""

    name: Text
    phone: Annotated[str, Meta(min_length=1, max_length=50)] | None = None
    email: Email | None = None


class NewAddress(msgspec.Struct, forbid_unknown_fields=True):
    """An address for one channel, from a legal date on; without one, from today."""

    channel: Channel
    address: Text
    recipient: Text | None = None
    operates_from: dt.date | None = None


class Address(msgspec.Struct):
    """A row of the address book; rows are never changed, a later one takes over on its day."""

    no: int
    channel: Channel
    address: str
    recipient: str | None
    operates_from: dt.date
    recorded_at: dt.datetime
    told: UUID | None = None
    """The party toward which alone it operates, since a notice announced it to that party (R-N5); null: toward all."""


Contacts = Annotated[list[Contact], Meta(max_length=20)]


class NewParty(msgspec.Struct, forbid_unknown_fields=True):
    """A party to be recorded."""

    legal_name: Text
    kind: Kind
    uscc: Uscc | None = None
    size_class: SizeClass | None = None
    legal_representative: Text | None = None
    contacts: Contacts = []
    addresses: Annotated[list[NewAddress], Meta(max_length=50)] = []


class PartyPatch(msgspec.Struct, forbid_unknown_fields=True):
    """A merge patch (RFC 7396): what is left out stays, null clears."""

    legal_name: Text | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    uscc: Uscc | UnsetType | None = UNSET
    size_class: SizeClass | UnsetType | None = UNSET
    legal_representative: Text | UnsetType | None = UNSET
    contacts: Contacts | UnsetType | None = UNSET


class Party(msgspec.Struct):
    """A party with its whole address book, in the order in which it was recorded; instants in Asia/Shanghai."""

    id: UUID
    legal_name: str
    kind: Kind
    uscc: str | None
    size_class: SizeClass | None
    legal_representative: str | None
    contacts: list[Contact]
    addresses: list[Address]
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime
