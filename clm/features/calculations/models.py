"""Calculations on the wire."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from clm.law.arrival import ArrivalRule, BusinessHours, Channel, Delivery
from clm.law.basis import Basis
from clm.law.jurisdictions import Key
from clm.law.periods import ClockTime, Direction, Period, Roll

Jurisdiction = Annotated[Key, Meta(description="Whose days of rest count; `none`: weekends alone")]
TimeZone = Annotated[
    str, Meta(min_length=1, max_length=64, description="Where legal dates are read; the jurisdiction's if left out")
]


class DeadlineRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A period and what it runs from: a legal date, or an instant with offset."""

    event: Annotated[str, Meta(min_length=10, max_length=40, description="A date, or an instant with offset")]
    period: Period
    roll: Roll | None = None
    count_start_day: bool = False
    direction: Direction = "forward"
    cutoff: ClockTime | None = None
    jurisdiction: Jurisdiction = "CN"
    time_zone: TimeZone | None = None


class DeadlineAnswer(msgspec.Struct, omit_defaults=True):
    """When the period ends; `last_day` is left out for hours, and while a holiday notice is missing."""

    expires_at: dt.datetime
    status: Literal["final", "provisional"]
    assumed: bool
    basis: Basis
    last_day: dt.date | None = None
    nominal_last_day: dt.date | None = None


class ArrivalRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What happened to a notice on its way, and the rules agreed; without `rules` the default ones, assumed."""

    deliveries: Annotated[list[Delivery], Meta(max_length=200)]
    rules: Annotated[list[ArrivalRule], Meta(max_length=100)] | None = None
    channels_allowed: Annotated[list[Channel], Meta(max_length=8)] | None = None
    business_hours: BusinessHours | None = None
    jurisdiction: Jurisdiction = "CN"
    time_zone: TimeZone | None = None
