"""The rules of time, each with the neighbour that it could be mistaken for."""

import datetime as dt

from clm.law import periods
from clm.law.calendars import china
from clm.law.periods import Period, Unit, deadline
from tests.law.holding import holds, neighbour


def count(event, length, unit, **choices):
    start = dt.datetime.fromisoformat(event) if "T" in event else dt.date.fromisoformat(event)
    return deadline(start, Period(length, unit), calendar=china(), **choices)


def last(event, length, unit, **choices):
    return str(count(event, length, unit, **choices).last_day)


def shifted(days):
    """The original, its day moved."""

    def make(original):
        return lambda *given: original(*given) + dt.timedelta(days=days)

    return make


def iterated(_original):
    """Months added one by one, each from the last day reached."""

    def add(day, months):
        for _ in range(abs(months)):
            number = day.year * 12 + day.month - 1 + (1 if months > 0 else -1)
            length = (dt.date((number + 1) // 12, (number + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
            day = dt.date(number // 12, number % 12 + 1, min(day.day, length))
        return day, True

    return add


def overflowing(_original):
    """A month without the corresponding day runs over into the next one."""

    def add(day, months):
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        return dt.date(year, month + 1, 1) + dt.timedelta(days=day.day - 1), True

    return add


@holds(
    "R-T1",
    neighbour=neighbour(
        "clm.law.periods.legal_date", lambda _: lambda at, _zone=None: at.astimezone(dt.UTC).date(), "the date in UTC"
    ),
)
def test_a_legal_date_is_local():
    assert last("2026-03-31T16:30:00+00:00", 1, Unit.DAY) == "2026-04-02"


@holds("R-T3", neighbour=neighbour("clm.law.periods._Count._last_day", shifted(-1), "the day before"))
@holds("R-T3", neighbour=neighbour("clm.law.periods._Count._last_day", shifted(1), "the day after"))
def test_days_run_from_the_day_after():
    assert last("2024-01-10", 30, Unit.DAY) == "2024-02-09"


@holds("R-T3", neighbour=neighbour("clm.law.periods._add_months", iterated, "month after month"))
def test_months_are_counted_from_the_event_at_once():
    assert last("2026-01-31", 2, Unit.MONTH) == "2026-03-31"


@holds("R-T3", neighbour=neighbour("clm.law.periods._add_months", overflowing, "over into the next month"))
def test_a_month_without_the_day_ends_on_its_last():
    assert last("2025-01-31", 1, Unit.MONTH) == "2025-02-28"
    assert last("2024-02-29", 1, Unit.YEAR) == "2025-02-28"


@holds(
    "R-T3",
    neighbour=neighbour(
        "clm.law.calendars.Calendar.working_day_after",
        lambda _: lambda _self, day, n: day + dt.timedelta(days=n),
        "every day worked",
    ),
)
def test_working_days_skip_days_of_rest_and_count_worked_weekends():
    assert last("2025-01-20", 10, Unit.WORKING_DAY) == "2025-02-08"


@holds(
    "R-T4",
    neighbour=neighbour(
        "clm.law.periods._Count._last_day",
        lambda original: lambda count, calendar: original(count._replace(count_start_day=False), calendar),
        "the start day never counts",
    ),
)
def test_an_agreed_start_day_counts():
    assert last("2025-01-01", 1, Unit.YEAR, count_start_day=True) == "2025-12-31"
    assert last("2024-02-29", 1, Unit.YEAR, count_start_day=True) == "2025-02-28"


def no_roll(_original):
    return lambda nominal, _calendar: (nominal, None, ())


def weekends_only(_original):
    def roll(nominal, _calendar):
        while nominal.weekday() >= 5:
            nominal += dt.timedelta(days=1)
        return nominal, None, ()

    return roll


@holds("R-T5", neighbour=neighbour("clm.law.periods._roll", no_roll, "no roll"))
@holds("R-T5", neighbour=neighbour("clm.law.periods._roll", weekends_only, "weekends alone"))
def test_a_day_of_rest_moves_the_last_day():
    assert last("2025-09-21", 10, Unit.DAY, roll="forward") == "2025-10-09"
    assert last("2024-01-11", 30, Unit.DAY, roll="forward") == "2024-02-18"
    assert last("2026-09-18", 2, Unit.DAY, roll="forward") == "2026-09-20"


@holds(
    "R-T6",
    neighbour=neighbour(
        "clm.law.periods._end_of",
        lambda original: lambda day, *more: original(day - dt.timedelta(days=1), *more),
        "the beginning of the last day",
    ),
)
def test_the_last_day_lasts_until_its_end():
    assert count("2026-04-16", 15, Unit.DAY, roll="forward").expires_at.isoformat() == "2026-05-07T00:00:00+08:00"


@holds(
    "R-T6",
    neighbour=neighbour(
        "clm.law.periods._end_of", lambda original: lambda day, _cut, zone: original(day, None, zone), "always 24:00"
    ),
)
def test_an_agreed_close_of_business_cuts_the_last_day():
    found = count("2026-04-16", 15, Unit.DAY, roll="forward", cutoff=dt.time(18))
    assert found.expires_at.isoformat() == "2026-05-06T18:00:00+08:00"


@holds(
    "R-T7",
    neighbour=neighbour(
        "clm.law.periods._settle",
        lambda _: lambda _count, nominal, _roll, calendar: periods._roll(nominal, calendar),
        "rolled forward",
    ),
)
def test_a_day_counted_backward_stays():
    assert last("2026-12-13", 8, Unit.DAY, direction="backward", roll="forward") == "2026-12-05"


@holds("R-T7", neighbour=neighbour("clm.law.periods._Count._last_day", shifted(-1), "the day before"))
def test_thirty_full_days_lie_between():
    assert last("2026-12-31", 30, Unit.DAY, direction="backward") == "2026-12-01"


@holds(
    "R-T10",
    neighbour=neighbour(
        "clm.law.calendars.Calendar.missing_notice", lambda _: lambda _self, _first, _last: None, "a guess"
    ),
)
def test_a_day_without_a_notice_is_provisional():
    found = count("2027-01-24", 15, Unit.DAY, roll="forward")
    assert (found.status, found.last_day, str(found.nominal_last_day)) == ("provisional", None, "2027-02-08")


@holds(
    "R-T10",
    neighbour=neighbour("clm.law.calendars._needs_next_notice", lambda _: lambda _day: False, "the same year's alone"),
)
def test_late_december_needs_the_next_notice():
    assert count("2026-12-18", 10, Unit.DAY, roll="forward").status == "provisional"


@holds(
    "R-T12",
    neighbour=neighbour(
        "clm.law.periods.end_day",
        lambda _: lambda at, zone=periods.SHANGHAI: at.astimezone(zone).date(),
        "the next day",
    ),
)
def test_an_end_at_midnight_anchors_on_its_day():
    anchor = periods.end_day(dt.datetime.fromisoformat("2028-01-01T00:00:00+08:00"))
    assert last(anchor.isoformat(), 3, Unit.YEAR) == "2030-12-31"
