"""Calendars and rates on the wire."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Text = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=1000,
        pattern=r"^[^\x00-\x1f]*[^\s\x00-\x1f][^\x00-\x1f]*$(?!\n)",
        description="A line of text, not blank",
    ),
]
Kind = Literal["rest", "makeup"]


class NoticeDay(msgspec.Struct, forbid_unknown_fields=True):
    """A day that a notice moves: `kind` says how, or `isOffDay` as holiday-cn has it."""

    date: dt.date
    name: Text
    kind: Kind | None = None
    is_off_day: bool | None = msgspec.field(default=None, name="isOffDay")


class NoticeFile(msgspec.Struct, forbid_unknown_fields=True):
    """One year's notice: the days, and its `source` (or the `papers` of holiday-cn, whose files are taken as they are).

    `year` and `jurisdiction` may be left out where the address says them.
    """

    days: Annotated[list[NoticeDay], Meta(min_length=1, max_length=120)]
    source: Text | None = None
    papers: Annotated[list[Text], Meta(min_length=1, max_length=20)] | None = None
    year: int | None = None
    jurisdiction: str | None = None
    schema: str | None = msgspec.field(default=None, name="$schema")
    id: str | None = msgspec.field(default=None, name="$id")


class CalendarDayOut(msgspec.Struct, frozen=True):
    """A day of rest, or (`makeup`) a weekend day that is worked (调休补班)."""

    date: dt.date
    kind: Kind
    name: str


class CalendarYear(msgspec.Struct, frozen=True, kw_only=True):
    """What one year's notice moves. `edition` and `loaded_at` are null for what the package itself knows."""

    jurisdiction: str
    year: int
    source: str
    days: list[CalendarDayOut]
    edition: int | None
    loaded_at: dt.datetime | None


class LoadedYear(CalendarYear, frozen=True, kw_only=True):
    """A year as it now stands; `changed` is false where it stood so before."""

    changed: bool


class YearOut(msgspec.Struct, frozen=True):
    """A known year and where its days come from."""

    year: int
    source: str


class CalendarOut(msgspec.Struct, frozen=True, kw_only=True):
    """A jurisdiction and the years of which it is known which days are days of rest."""

    jurisdiction: str
    title: str
    time_zone: str
    loadable: bool
    years: list[YearOut]


class Calendars(msgspec.Struct, frozen=True):
    """Every calendar; `edition` counts the loads of this installation."""

    edition: int
    items: list[CalendarOut]


class Publication(msgspec.Struct, forbid_unknown_fields=True):
    """One publication: its date, the rate a year as a fraction (`"0.0300"` is 3.00 %), and who says so."""

    date: dt.date
    rate: Decimal
    source: Text | None = None


Publications = Annotated[list[Publication], Meta(min_length=1, max_length=1000)]


class RatesFile(msgspec.Struct, forbid_unknown_fields=True):
    """Publications of the one-year loan prime rate; `source` is that of those that name none."""

    publications: Publications
    source: Text | None = None
    series: Literal["LPR_1Y"] = "LPR_1Y"


class PublicationOut(msgspec.Struct, frozen=True):
    """A publication as it is loaded."""

    date: dt.date
    rate: Decimal
    source: str


class LendingRates(msgspec.Struct, frozen=True, kw_only=True):
    """The publications by date. From `known_until` on a rate is provisional: a later publication may hold by then."""

    series: str
    edition: int
    known_until: dt.date
    items: list[PublicationOut]


class LoadedRates(LendingRates, frozen=True, kw_only=True):
    """The rates as they now stand, and the dates that were added or corrected."""

    changed: list[dt.date]
