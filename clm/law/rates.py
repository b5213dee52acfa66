"""Published lending rates, and which one holds on a day (R-M3).

The one-year loan prime rate (一年期贷款市场报价利率, LPR) is published about the 20th of each month and holds from its
publication until the next one.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from importlib.resources import files

import msgspec

from clm.law.basis import LawError
from clm.law.calendars import FIRST_DAY, LAST_DAY

PUBLICATION_DAY = 20
"""The day of a month about which the rate is published; on a day of rest it comes later."""

LATE_AT_MOST = dt.timedelta(days=10)
"""How much later than that a publication comes at the most."""
LISTED_IN_FULL = dt.date(2026, 6, 22)
"""Up to here the packaged list is complete, though it names changes alone; after it every publication counts."""


class RateRow(msgspec.Struct, frozen=True):
    """One publication: its date, the rate a year as a fraction (`0.0300` is 3.00 %), and who says so."""

    date: dt.date
    rate: Decimal
    source: str


@dataclass(frozen=True)
class Rates:
    """Publications of one rate, in order. Between two of them the earlier one holds."""

    rows: tuple[RateRow, ...]

    @classmethod
    def from_rows(cls, rows: Iterable[RateRow]) -> "Rates":
        """Rates from their publications, in any order; the same publication twice counts once.

        Raises `LawError` where there are none, where two of one day differ, for a date outside 1990-2100, and for a
        rate that is no fraction between 0 and 1.
        """
        by_date: dict[dt.date, RateRow] = {}
        for row in rows:
            _check(row)
            if by_date.setdefault(row.date, row).rate != row.rate:
                raise LawError("rates", f"two rates were published on {row.date.isoformat()}")
        if not by_date:
            raise LawError("rates", "no publication of the rate is loaded")
        return cls(tuple(by_date[day] for day in sorted(by_date)))

    @cached_property
    def known_until(self) -> dt.date:
        """The first day on which a rate is provisional: a publication that is not loaded may hold by then.

        That is the 20th of the month after the last publication. Until then the last one holds for certain.
        """
        return _next_due(self.rows[-1].date)

    def on(self, day: dt.date) -> RateRow:
        """The publication that holds on `day`: the last on or before it. Raises `LawError` before the first one."""
        index = bisect_right(self._ordinals, day.toordinal())
        if index == 0:
            raise LawError("rates", f"no rate is known on {day.isoformat()}: the first is of {self.rows[0].date}")
        return self.rows[index - 1]

    def between(self, first: dt.date, last: dt.date) -> Sequence[RateRow]:
        """The publications after `first` up to and including `last`, in order."""
        return self.rows[
            bisect_right(self._ordinals, first.toordinal()) : bisect_right(self._ordinals, last.toordinal())
        ]

    def up_to(self, day: dt.date) -> "Rates":
        """What was published by `day`; the first publication alone where nothing was."""
        return Rates(self.rows[: max(bisect_right(self._ordinals, day.toordinal()), 1)])

    def is_provisional(self, day: dt.date) -> bool:
        """Whether a publication that is not loaded may hold on `day`: the newest one is old, or some are missing."""
        listed = min(LISTED_IN_FULL, self.rows[-1].date)
        if day < listed:
            return False
        index = bisect_right(self._ordinals, day.toordinal())
        due = _next_due(max(self.rows[index - 1].date, listed)) if index else listed
        follows = index < len(self.rows) and self.rows[index].date <= due + LATE_AT_MOST
        return day >= due and not follows

    @cached_property
    def _ordinals(self) -> list[int]:
        return [row.date.toordinal() for row in self.rows]


def _next_due(publication: dt.date) -> dt.date:
    """When the publication after this one is due."""
    year, month = divmod(publication.year * 12 + publication.month, 12)
    return dt.date(year, month + 1, PUBLICATION_DAY)


def _check(row: RateRow) -> None:
    if not FIRST_DAY <= row.date <= LAST_DAY:
        raise LawError("rates", f"publications are of {FIRST_DAY.year}-{LAST_DAY.year}")
    if not row.rate.is_finite() or not 0 < row.rate < 1:
        raise LawError("rates", "a rate is a fraction between 0 and 1: 0.0300 for 3.00 %")


class _Publication(msgspec.Struct, forbid_unknown_fields=True):
    date: dt.date
    rate: Decimal
    source: str | None = None


class _Series(msgspec.Struct, forbid_unknown_fields=True):
    series: str
    source: str
    publications: list[_Publication]


def rate_rows(content: bytes) -> tuple[RateRow, ...]:
    """Publications from JSON: `{"series", "source", "publications": [{"date", "rate", "source"?}]}`."""
    series = msgspec.json.decode(content, type=_Series)
    return tuple(RateRow(one.date, one.rate, one.source or series.source) for one in series.publications)


@cache
def lpr() -> Rates:
    """The one-year LPR that the package carries: from its reform on 2019-08-20 to the publication of 2026-06-22."""
    return Rates.from_rows(rate_rows((files("clm.law") / "data" / "rates" / "lpr_1y.json").read_bytes()))
