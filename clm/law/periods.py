"""Periods of time: when they end and at which instant (Civil Code 200-204; rules R-T1 to R-T12)."""

import datetime as dt
import enum
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from clm.law.basis import Basis, LawError, Status, Step
from clm.law.calendars import BOUNDS, FIRST_DAY, LAST_DAY, Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")

Roll = Literal["forward", "none"]
Direction = Literal["forward", "backward"]
ClockTime = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="A time of day, HH:MM")]

_ONE_DAY = dt.timedelta(days=1)
_OUT_OF_BOUNDS = f"the period ends outside {FIRST_DAY.year}-{LAST_DAY.year}"


class InvalidPeriod(LawError):
    """A period that cannot be counted; `field` is the argument at fault."""


class Unit(enum.StrEnum):
    HOUR = "hour"
    DAY = "day"
    WORKING_DAY = "working_day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


_DAYS = {Unit.DAY: 1, Unit.WEEK: 7}
_MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SOURCES = {
    Unit.HOUR: "Civil Code 200, 201(2)",
    Unit.DAY: "Civil Code 200, 201(1), 203",
    Unit.WORKING_DAY: "the agreed unit (Civil Code 204), counted as in 201(1)",
    Unit.WEEK: "Civil Code 201(1), 203, a week being seven days",
    Unit.MONTH: "Civil Code 200, 202, 203",
    Unit.YEAR: "Civil Code 200, 202, 203",
}


class Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A length of time in one unit, at least 1."""

    length: Annotated[int, msgspec.Meta(ge=1)]
    unit: Unit

    def __post_init__(self) -> None:
        if self.length < 1:
            raise InvalidPeriod("length", "a period is at least 1 long")

    def __str__(self) -> str:
        return f"{self.length} {self.unit.replace('_', ' ')}{'s' if self.length > 1 else ''}"


class Deadline(msgspec.Struct, frozen=True):
    """When a period ends.

    `last_day` is the last legal day on which to act and `expires_at` the instant after it: an act counts if it comes
    before `expires_at` (Civil Code 203). `nominal_last_day` is the last day before any move off a day of rest. An hour
    period has neither day.

    `status` `provisional`: a holiday notice that the result needs is not loaded. Then `last_day` is None,
    `nominal_last_day` the earliest day it can turn out to be (counting backward: the latest), `expires_at` its end.
    `assumed`: the result rests on a default or a policy that nobody agreed.
    """

    last_day: dt.date | None
    expires_at: dt.datetime | None
    status: Status
    nominal_last_day: dt.date | None
    assumed: bool
    basis: Basis


def deadline(  # noqa: PLR0913 - every argument is a choice that law or contract makes
    event: dt.date | dt.datetime,
    period: Period,
    *,
    calendar: Calendar,
    roll: Roll = "none",
    count_start_day: bool = False,
    direction: Direction = "forward",
    cutoff: dt.time | None = None,
    time_zone: ZoneInfo = SHANGHAI,
    roll_assumed: bool = False,
) -> Deadline:
    """The end of `period` counted from `event` (or back from it).

    `event` is a legal date, or an instant with offset, whose date in `time_zone` counts; hours need an instant.
    For what ended, or arrived, at 24:00 of a day pass that day (`end_day`), not the instant.
    `roll` says whether a last day that is a day of rest moves to the next working day; working days, hours and
    backward periods never roll. `cutoff` ends the last day early (close of business). `roll_assumed` marks a `roll`
    that nobody agreed.

    Raises `InvalidPeriod` for what cannot be counted, and for anything outside 1990-2100.
    """
    if period.unit is Unit.HOUR:
        return _hours(event, period, direction, time_zone, cutoff=cutoff, count_start_day=count_start_day)
    _check_cutoff(cutoff)
    day = _event_day(event, time_zone)
    count = _Count(day, period, direction, count_start_day)
    nominal = count.nominal(calendar)
    last, missing, settled = _settle(count, nominal, roll, calendar)
    expires_at = _end_of(nominal if missing else last, cutoff, time_zone)
    steps = (
        *((Step("R-T1", f"the legal date in {time_zone.key}", day),) if isinstance(event, dt.datetime) else ()),
        Step(count.rule, count.in_words(), nominal),
        *settled,
        Step("R-T6", "the cut-off on that day" if cutoff else "the end of that day", at=expires_at),
    )
    status: Status = "provisional" if missing else "final"
    basis = Basis(count.rule, count.source, {"event": event.isoformat()}, steps, status)
    ignores_roll = roll == "forward" and direction == "backward"
    assumed = (roll_assumed or ignores_roll) and period.unit is not Unit.WORKING_DAY
    return Deadline(None if missing else last, expires_at, status, nominal, assumed, basis)


def legal_date(instant: dt.datetime, time_zone: ZoneInfo = SHANGHAI) -> dt.date:
    """The local date of an instant: never read it off UTC (R-T1)."""
    return _aware(instant).astimezone(time_zone).date()


def in_time(end: Deadline, act_at: dt.datetime, direction: Direction = "forward") -> bool | None:
    """Whether an act comes before the period is over (203(2), R-T6): at the instant of expiry it is late.

    None while a missing holiday notice leaves that open; it can only put a last day off, or, where the period was
    counted backward, bring a latest day forward. Raises `InvalidPeriod` for an instant without offset or outside
    1990-2100.
    """
    if not FIRST_DAY <= legal_date(act_at) <= LAST_DAY:
        raise InvalidPeriod("event", BOUNDS)
    if end.expires_at is None:
        return None
    before = act_at < end.expires_at
    can_change = end.status == "provisional" and before == (direction == "backward")
    return None if can_change else before


def end_day(ends_at: dt.datetime, time_zone: ZoneInfo = SHANGHAI) -> dt.date:
    """The day to which the end of something belongs as an anchor (R-T12).

    What ends at 24:00 of day D is stored as 00:00 of the day after, and belongs to D.
    """
    local = _aware(ends_at).astimezone(time_zone)
    return local.date() - _ONE_DAY if local.time() == dt.time() else local.date()


def start_of(day: dt.date, time_zone: ZoneInfo = SHANGHAI) -> dt.datetime:
    """00:00 of a legal date."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=time_zone)


def clock_time(text: ClockTime) -> dt.time:
    """`HH:MM` as a time of day."""
    return dt.time(int(text[:2]), int(text[3:]))


class _Count(NamedTuple):
    """A counting of days, weeks, months, years or working days from (or back from) `day`."""

    day: dt.date
    period: Period
    direction: Direction
    count_start_day: bool

    @property
    def rule(self) -> str:
        return "R-T7" if self.direction == "backward" else "R-T4" if self.count_start_day else "R-T3"

    @property
    def source(self) -> str:
        if self.direction == "backward":
            return "Civil Code 201, 202, 204, applied backward"
        return "Civil Code 204 (agreed)" if self.count_start_day else _SOURCES[self.period.unit]

    def in_words(self) -> str:
        way = "before" if self.direction == "backward" else "from"
        counted = "counted" if self.count_start_day else "not counted"
        return f"{self.period} {way} {self.day.isoformat()}, that day itself {counted}"

    def nominal(self, calendar: Calendar) -> dt.date:
        """The last day before any roll."""
        try:
            last = self._last_day(calendar)
        except OverflowError as error:
            raise InvalidPeriod("period", _OUT_OF_BOUNDS) from error
        if not FIRST_DAY <= last <= LAST_DAY:
            raise InvalidPeriod("period", _OUT_OF_BOUNDS)
        return last

    def _last_day(self, calendar: Calendar) -> dt.date:
        (length, unit), sign = (self.period.length, self.period.unit), -1 if self.direction == "backward" else 1
        first = dt.timedelta(days=sign) if self.count_start_day else dt.timedelta()
        if unit is Unit.WORKING_DAY:
            find = calendar.working_day_before if sign < 0 else calendar.working_day_after
            return find(self.day - first, length)
        if unit in _DAYS:
            return self.day + dt.timedelta(days=sign * length * _DAYS[unit]) - first
        last, corresponds = _add_months(self.day, sign * length * _MONTHS[unit])
        # A month too short for the corresponding day already ends a forward period on its last day (202).
        return last - first if corresponds or sign < 0 else last

    def span(self, last: dt.date) -> tuple[dt.date, dt.date]:
        """The days that were looked at, in order."""
        if self.direction == "backward":
            return last, self.day if self.count_start_day else self.day - _ONE_DAY
        return self.day if self.count_start_day else self.day + _ONE_DAY, last


def _settle(
    count: _Count, nominal: dt.date, roll: Roll, calendar: Calendar
) -> tuple[dt.date, int | None, tuple[Step, ...]]:
    """The last day after any roll, the year whose notice is missing for it, and the steps."""
    if count.period.unit is Unit.WORKING_DAY:
        missing = calendar.missing_notice(*count.span(nominal))
        return nominal, missing, (_missing_step(missing),) if missing else ()
    if roll == "none":
        return nominal, None, ()
    if count.direction == "backward":
        return nominal, None, (Step("R-T7", "a latest day counted backward does not roll (policy)", nominal),)
    return _roll(nominal, calendar)


def _roll(nominal: dt.date, calendar: Calendar) -> tuple[dt.date, int | None, tuple[Step, ...]]:
    last = calendar.working_day_from(nominal)
    if missing := calendar.missing_notice(nominal, last):
        return nominal, missing, (_missing_step(missing),)
    if last == nominal:
        return last, None, (Step("R-T5", f"{nominal.isoformat()} is a working day", last),)
    notice = calendar.sources[nominal.year]
    return (
        last,
        None,
        (Step("R-T5", f"{nominal.isoformat()} is a day of rest, so the next working day ({notice})", last),),
    )


def _missing_step(year: int) -> Step:
    return Step("R-T10", f"no holiday notice is loaded for {year}: the last day can still move")


def _hours(
    event: dt.date | dt.datetime,
    period: Period,
    direction: Direction,
    time_zone: ZoneInfo,
    *,
    cutoff: dt.time | None,
    count_start_day: bool,
) -> Deadline:
    """Hours run exactly, through nights and holidays, and never roll (Civil Code 201(2))."""
    if cutoff is not None:
        raise InvalidPeriod("cutoff", "an hour period ends at its own instant, not at a time of day")
    if count_start_day:
        raise InvalidPeriod("count_start_day", "an hour period has no start day")
    if not isinstance(event, dt.datetime):
        raise InvalidPeriod("event", "an hour period runs from an instant, not from a date")
    _event_day(event, time_zone)
    try:
        length = dt.timedelta(hours=-period.length if direction == "backward" else period.length)
        expires_at = (event.astimezone(dt.UTC) + length).astimezone(time_zone)
    except OverflowError as error:
        raise InvalidPeriod("period", _OUT_OF_BOUNDS) from error
    if not FIRST_DAY <= expires_at.date() <= LAST_DAY:
        raise InvalidPeriod("period", _OUT_OF_BOUNDS)
    way = "before" if direction == "backward" else "from"
    steps = (Step("R-T3", f"{period} {way} {event.isoformat()}, exactly", at=expires_at),)
    basis = Basis("R-T3", _SOURCES[Unit.HOUR], {"event": event.isoformat()}, steps, "final")
    return Deadline(None, expires_at, "final", None, assumed=False, basis=basis)


def _event_day(event: dt.date | dt.datetime, time_zone: ZoneInfo) -> dt.date:
    day = legal_date(event, time_zone) if isinstance(event, dt.datetime) else event
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InvalidPeriod("event", BOUNDS)
    return day


def _aware(instant: dt.datetime) -> dt.datetime:
    if instant.utcoffset() is None:
        raise InvalidPeriod("event", "an instant needs an offset, such as +08:00")
    if not FIRST_DAY.year - 1 <= instant.year <= LAST_DAY.year + 2:  # the last expiry's instant is in 2101
        raise InvalidPeriod("event", BOUNDS)
    return instant


def _check_cutoff(cutoff: dt.time | None) -> None:
    if cutoff is not None and (cutoff.tzinfo is not None or cutoff == dt.time()):
        raise InvalidPeriod("cutoff", "a cut-off is a local time after 00:00; leave it out for 24:00")


def _end_of(day: dt.date, cutoff: dt.time | None, time_zone: ZoneInfo) -> dt.datetime:
    if cutoff is None:
        return start_of(day + _ONE_DAY, time_zone)
    return dt.datetime.combine(day, cutoff, time_zone)


def _add_months(day: dt.date, months: int) -> tuple[dt.date, bool]:
    """The corresponding day in the target month and True, or that month's last day and False where it has none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not FIRST_DAY.year <= year <= LAST_DAY.year:
        raise OverflowError
    length = 29 if month == 1 and _is_leap(year) else _MONTH_LENGTHS[month]
    return dt.date(year, month + 1, min(day.day, length)), day.day <= length


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
