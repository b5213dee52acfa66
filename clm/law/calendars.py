"""Working days and rest days of a jurisdiction, known year by year from official notices.

A Chinese notice can still move days at the end of the year before it (that of 2008 made 29 December 2007 a working
day). So there a day from 25 December on is settled only once the next year's notice is loaded (R-T10).
"""

import datetime as dt
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

import msgspec

from clm.law.basis import LawError

FIRST_DAY = dt.date(1990, 1, 1)
LAST_DAY = dt.date(2100, 12, 31)
BOUNDS = f"dates run from {FIRST_DAY} to {LAST_DAY}"


def check_day(field: str, day: dt.date, error: type[LawError] = LawError) -> None:
    """Raise `error` at a field or pointer for a date that nothing is computed with."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise error(field, BOUNDS)


class UnknownYear(LookupError):
    """No notice is loaded for `year`, so nobody can say which of its days are days of rest."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no holiday notice is loaded for {year}")
        self.year = year


class CalendarDay(msgspec.Struct, frozen=True):
    """One day that the notice for `year` moves: a day of rest, or (`is_rest` false) a weekend day that is worked."""

    year: int
    date: dt.date
    is_rest: bool
    name: str
    source: str


@dataclass(frozen=True)
class Calendar:
    """The days of rest of one jurisdiction: weekends and what the rows move. The later year's row for a day holds.

    `years` are those whose days are all known. `reaches_back`: a year's notice may still move the last days of the year
    before. `source` is where days come from that no row names. Working days are known from 1990 to 2101; looking for
    one outside raises `OverflowError`.
    """

    jurisdiction: str
    days: tuple[CalendarDay, ...]
    years: frozenset[int]
    reaches_back: bool = True
    source: str = ""

    @classmethod
    def from_rows(
        cls,
        jurisdiction: str,
        rows: Iterable[CalendarDay],
        *,
        years: Iterable[int] | None = None,
        reaches_back: bool = True,
        source: str = "",
    ) -> "Calendar":
        """A calendar from its rows; without `years` those that some row names are known."""
        days = tuple(sorted(rows, key=lambda row: (row.year, row.date)))
        known = frozenset(row.year for row in days) if years is None else frozenset(years)
        return cls(jurisdiction, days, known, reaches_back, source)

    @cached_property
    def sources(self) -> dict[int, str]:
        """Where each known year's days come from: an address (or several, space between), or the law in words."""
        return {**dict.fromkeys(sorted(self.years), self.source), **{row.year: row.source for row in self.days}}

    def knows(self, year: int) -> bool:
        return year in self.years

    def is_rest_day(self, day: dt.date) -> bool:
        """Whether nobody works: a weekend day or an announced day of rest; a worked weekend day is not one (R-T5).

        Raises `UnknownYear` where the day's own year has no notice.
        """
        if day.year not in self.years:
            raise UnknownYear(day.year)
        ordinal = day.toordinal()
        moved = self._moved.get(ordinal)
        return _is_weekend(ordinal) if moved is None else moved

    def missing_notice(self, first: dt.date, last: dt.date) -> int | None:
        """The first year whose notice is needed to be sure of every day from `first` to `last`, and is not loaded."""
        until = last.year + (self.reaches_back and _needs_next_notice(last))
        return next((year for year in range(first.year, until + 1) if year not in self.years), None)

    def working_day_from(self, day: dt.date) -> dt.date:
        """The first working day on or after `day`. Days that are not settled count as working days."""
        return self._at(bisect_left(self._working, day.toordinal()))

    def working_day_after(self, day: dt.date, number: int) -> dt.date:
        """The `number`-th working day after `day`. Days that are not settled count as working days."""
        return self._at(bisect_right(self._working, day.toordinal()) + number - 1)

    def working_day_before(self, day: dt.date, number: int) -> dt.date:
        """The `number`-th working day before `day`. Days that are not settled count as working days."""
        return self._at(bisect_left(self._working, day.toordinal()) - number)

    def _at(self, index: int) -> dt.date:
        if not 0 <= index < len(self._working):
            raise OverflowError
        return dt.date.fromordinal(self._working[index])

    @cached_property
    def _moved(self) -> dict[int, bool]:
        return {row.date.toordinal(): row.is_rest for row in self.days}

    @cached_property
    def _working(self) -> "array[int]":
        moved, working = self._moved, array("l")
        for year in range(FIRST_DAY.year, LAST_DAY.year + 2):  # one more: the last day may roll
            first, late = dt.date(year, 1, 1).toordinal(), dt.date(year, 12, 25).toordinal()
            next_year = late + 7
            settled_until = first if year not in self.years else late if self._is_open_ended(year) else next_year
            working.extend(day for day in range(first, settled_until) if not moved.get(day, _is_weekend(day)))
            working.extend(range(settled_until, next_year))
        return working

    def _is_open_ended(self, year: int) -> bool:
        return self.reaches_back and year + 1 not in self.years


def _is_weekend(ordinal: int) -> bool:
    return (ordinal - 1) % 7 >= 5


def _needs_next_notice(day: dt.date) -> bool:
    return day.month == 12 and day.day >= 25


class _Day(msgspec.Struct):
    name: str
    date: dt.date
    is_off_day: bool = msgspec.field(name="isOffDay")


class _Notice(msgspec.Struct):
    year: int
    papers: list[str]
    days: list[_Day]


def notice_rows(content: bytes) -> tuple[CalendarDay, ...]:
    """One year's notice in the holiday-cn format (JSON: `year`, `papers`, `days`) as calendar rows."""
    notice = msgspec.json.decode(content, type=_Notice)
    source = " ".join(notice.papers)
    return tuple(CalendarDay(notice.year, day.date, day.is_off_day, day.name, source) for day in notice.days)


@cache
def china() -> Calendar:
    """The State Council's notices (国务院办公厅放假通知) that the package carries, 2007-2026."""
    folder = files("clm.law").joinpath("data", "holidays", "CN")
    notices = (entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(".json"))
    return Calendar.from_rows("CN", (row for notice in notices for row in notice_rows(notice)))
