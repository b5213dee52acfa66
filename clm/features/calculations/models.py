"""Calculations on the wire."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from clm.law.addresses import AddressBook
from clm.law.arrival import Arrival, ArrivalRule, BusinessHours, Certainty, Channel, Delivery
from clm.law.basis import Basis
from clm.law.jurisdictions import Key
from clm.law.periods import ClockTime, Direction, Period, Roll
from clm.law.rolling import PeriodClass

Jurisdiction = Annotated[Key, Meta(description="Whose days of rest count; `none`: weekends alone")]
TimeZone = Annotated[
    str, Meta(min_length=1, max_length=64, description="Where legal dates are read; the jurisdiction's if left out")
]


class DeadlineRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A period and what it runs from: a legal date, or an instant with offset.

    `class` says what kind of period it is; where `roll` is left out it decides whether the last day rolls (R-T8).
    `act_at` asks whether an act at that instant is in time.
    """

    event: Annotated[str, Meta(min_length=10, max_length=40, description="A date, or an instant with offset")]
    period: Period
    roll: Roll | None = None
    count_start_day: bool = False
    direction: Direction = "forward"
    cutoff: ClockTime | None = None
    jurisdiction: Jurisdiction = "CN"
    time_zone: TimeZone | None = None
    period_class: PeriodClass | None = msgspec.field(name="class", default=None)
    act_at: dt.datetime | None = None


class DeadlineAnswer(msgspec.Struct, omit_defaults=True):
    """When the period ends; `last_day` is left out for hours, and while a holiday notice is missing.

    `roll` is what was applied, to be stored with the contract. `in_time` is there where `act_at` was asked about; null
    while a missing holiday notice leaves it open.
    """

    expires_at: dt.datetime
    status: Literal["final", "provisional"]
    roll: Roll
    assumed: bool
    basis: Basis
    last_day: dt.date | None = None
    nominal_last_day: dt.date | None = None
    in_time: bool | UnsetType | None = UNSET


Deliveries = Annotated[list[Delivery], Meta(max_length=200)]


class Withdrawal(msgspec.Struct, forbid_unknown_fields=True):
    """What happened on its way to the notice that withdraws the first one; it may take any channel."""

    deliveries: Deliveries


class ArrivalRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What happened to a notice on its way, and the rules agreed; without `rules` the default ones, assumed.

    With `addresses`, each delivery may name the address it went to, and counts where that one operated at dispatch.
    """

    deliveries: Deliveries
    rules: Annotated[list[ArrivalRule], Meta(max_length=100)] | None = None
    channels_allowed: Annotated[list[Channel], Meta(max_length=8)] | None = None
    business_hours: BusinessHours | None = None
    addresses: AddressBook | None = None
    withdrawal: Withdrawal | None = None
    jurisdiction: Jurisdiction = "CN"
    time_zone: TimeZone | None = None


class ArrivalAnswer(msgspec.Struct):
    """Whether and when a notice arrived: what `Arrival` says.

    Where a withdrawal was asked about, `withdrawal` is its own arrival. `withdrawn`: it came before the notice or with
    it, so that the notice has no effect (141); null while a missing holiday notice leaves that open.
    """

    status: Literal["arrived", "pending", "failed"]
    at: dt.datetime | None
    legal_date: dt.date | None
    certainty: Certainty | None
    assumed: bool
    basis: Basis
    withdrawn: bool | UnsetType | None = UNSET
    withdrawal: Arrival | UnsetType = UNSET
