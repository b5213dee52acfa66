"""Cycles of measuring and accounting: days, ISO weeks, months, quarters, years (R-S3)."""

import datetime as dt
import re
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from clm.law.basis import LawError
from clm.law.calendars import FIRST_DAY, LAST_DAY
from clm.law.periods import SHANGHAI, start_of

CycleKind = Literal["day", "week", "month", "quarter", "year"]

_ONE_DAY = dt.timedelta(days=1)
_FORMS: dict[CycleKind, tuple[str, str]] = {
    "day": (r"(\d{4})-(\d{2})-(\d{2})", "2026-03-05"),
    "week": (r"(\d{4})-W(\d{2})", "2026-W10"),
    "month": (r"(\d{4})-(\d{2})", "2026-03"),
    "quarter": (r"(\d{4})-Q([1-4])", "2026-Q1"),
    "year": (r"(\d{4})", "2026"),
}


class InvalidCycle(LawError):
    """A cycle that does not exist; `field` is the place it was named at."""


class Cycle(NamedTuple):
    """One cycle, by its name, from its first legal day to its last."""

    kind: CycleKind
    name: str
    first_day: dt.date
    last_day: dt.date

    def starts_at(self, time_zone: ZoneInfo = SHANGHAI) -> dt.datetime:
        """00:00 of its first day: the first instant that belongs to it."""
        return start_of(self.first_day, time_zone)

    def ends_at(self, time_zone: ZoneInfo = SHANGHAI) -> dt.datetime:
        """24:00 of its last day: the first instant that does not belong to it any more."""
        return start_of(self.last_day + _ONE_DAY, time_zone)

    def holds(self, instant: dt.datetime, time_zone: ZoneInfo = SHANGHAI) -> bool:
        """Whether an instant falls into it."""
        return self.starts_at(time_zone) <= instant < self.ends_at(time_zone)


def cycle_of(kind: CycleKind, name: str, *, field: str = "/period") -> Cycle:
    """The cycle of a name: `2026-03-05`, `2026-W10` (ISO 8601), `2026-03`, `2026-Q1` or `2026`.

    Raises `InvalidCycle` where the name has another form, where there is no such cycle, and outside 1990-2100.
    """
    pattern, example = _FORMS[kind]
    match = re.fullmatch(pattern, name, re.ASCII)
    if match is None:
        raise InvalidCycle(field, f"a {kind} is named like {example}")
    try:
        first = _first_day(kind, [int(group) for group in match.groups()])
    except ValueError:
        raise InvalidCycle(field, f"there is no {kind} {name}") from None
    if not FIRST_DAY <= first <= LAST_DAY:
        raise InvalidCycle(field, f"cycles begin from {FIRST_DAY} to {LAST_DAY}")
    return cycle_on(kind, first)


def cycle_on(kind: CycleKind, day: dt.date) -> Cycle:
    """The cycle in which a legal date lies."""
    match kind:
        case "day":
            return Cycle(kind, day.isoformat(), day, day)
        case "week":
            year, week, weekday = day.isocalendar()
            monday = day - dt.timedelta(days=weekday - 1)
            return Cycle(kind, f"{year}-W{week:02}", monday, monday + dt.timedelta(days=6))
        case "month":
            first = day.replace(day=1)
            return Cycle(kind, f"{day:%Y-%m}", first, _months_on(first, 1) - _ONE_DAY)
        case "quarter":
            first = dt.date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
            return Cycle(kind, f"{day.year}-Q{(day.month + 2) // 3}", first, _months_on(first, 3) - _ONE_DAY)
        case "year":
            return Cycle(kind, f"{day.year}", dt.date(day.year, 1, 1), dt.date(day.year, 12, 31))


def follows(cycle: Cycle, later: Cycle) -> bool:
    """Whether the second cycle begins when the first one ends."""
    return later.first_day == cycle.last_day + _ONE_DAY


def _first_day(kind: CycleKind, numbers: list[int]) -> dt.date:
    year, rest = numbers[0], numbers[1:]
    match kind:
        case "day":
            return dt.date(year, *rest)
        case "week":
            return dt.date.fromisocalendar(year, rest[0], 1)
        case "quarter":
            return dt.date(year, rest[0] * 3 - 2, 1)
        case "month":
            return dt.date(year, rest[0], 1)
        case "year":
            return dt.date(year, 1, 1)


def _months_on(first: dt.date, months: int) -> dt.date:
    years, month = divmod(first.month - 1 + months, 12)
    return dt.date(first.year + years, month + 1, 1)
