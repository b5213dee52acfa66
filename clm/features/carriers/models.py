"""Carriers and their reports on the wire."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from clm.features.notices.service import WaybillNo

EventStatus = Literal["recorded", "noted", "unmatched", "refused"]
"""A step of a notice; nothing that moves one; no notice left under that number yet; a step that cannot be."""


class NewCarrier(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A carrier that will report on items."""

    name: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"\S", description="Not all spaces")]


class Carrier(msgspec.Struct, kw_only=True):
    """A carrier (快递公司). It posts to `path` and signs with the secret, which is shown once."""

    id: UUID
    name: str
    path: str
    created_at: dt.datetime
    ended_at: dt.datetime | None


class CarrierWithSecret(Carrier, kw_only=True):
    """A carrier just made, or with a new secret: this is the one time that the secret is shown."""

    secret: str


class CarrierReport(msgspec.Struct, kw_only=True):
    """What a carrier says of an item.

    `collected`, `signed`, `refused` and `returned` are steps of the notice; anything else is noted. Members beyond
    these are kept with the evidence.
    """

    waybill_no: WaybillNo
    event: Annotated[str, Meta(min_length=1, max_length=60)]
    at: dt.datetime
    note: Annotated[str, Meta(max_length=1000)] | None = None


class CarrierEvent(msgspec.Struct, kw_only=True):
    """A report as it was kept, and what became of it; `problem` says why it was refused as a step."""

    id: UUID
    carrier_id: UUID
    message_id: str
    waybill_no: str
    event: str
    at: dt.datetime
    status: EventStatus
    notice_id: UUID | None
    delivery_no: int | None
    problem: str | None
    recorded_at: dt.datetime
