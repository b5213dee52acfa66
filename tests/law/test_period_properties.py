import calendar as months
import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from clm.law.calendars import china
from clm.law.periods import Period, Unit, deadline

DAYS = st.dates(dt.date(2007, 1, 1), dt.date(2026, 12, 31))
DAYISH = st.builds(Period, st.integers(1, 400), st.sampled_from([unit for unit in Unit if unit is not Unit.HOUR]))
ROLLS = st.sampled_from(["none", "forward"])


def expiry(event, period, **choices):
    return deadline(event, period, calendar=china(), **choices)


def fits(event, period):
    per_unit = {Unit.MONTH: 31, Unit.YEAR: 366, Unit.WEEK: 7, Unit.WORKING_DAY: 3}.get(period.unit, 1)
    return event + dt.timedelta(days=period.length * per_unit + 30) < dt.date(2100, 1, 1)


@settings(max_examples=300, deadline=None)
@given(DAYS, st.integers(0, 60), DAYISH, ROLLS, st.booleans())
def test_a_later_event_never_ends_earlier(event, later_by, period, roll, counted):
    later = event + dt.timedelta(days=later_by)
    if fits(later, period):
        first = expiry(event, period, roll=roll, count_start_day=counted)
        second = expiry(later, period, roll=roll, count_start_day=counted)
        assert first.nominal_last_day <= second.nominal_last_day
        if first.status == second.status == "final":
            assert first.expires_at <= second.expires_at


@settings(max_examples=300, deadline=None)
@given(DAYS, st.builds(Period, st.integers(1, 60), st.sampled_from([Unit.DAY, Unit.WEEK, Unit.MONTH])))
def test_a_rolled_day_is_the_first_working_day_from_the_nominal_one(event, period):
    result = expiry(event, period, roll="forward")
    if result.status == "final":
        assert result.last_day >= result.nominal_last_day
        assert not china().is_rest_day(result.last_day)
        skipped = (result.last_day - result.nominal_last_day).days
        assert all(
            china().is_rest_day(result.nominal_last_day + dt.timedelta(days=number)) for number in range(skipped)
        )
    else:
        assert result.last_day is None


@settings(max_examples=300, deadline=None)
@given(DAYS, st.integers(1, 800))
def test_months_are_counted_from_the_event_at_once(event, length):
    last = expiry(event, Period(length, Unit.MONTH)).last_day
    assert (last.year * 12 + last.month) - (event.year * 12 + event.month) == length
    assert last.day == min(event.day, months.monthrange(last.year, last.month)[1])


@settings(max_examples=200, deadline=None)
@given(st.dates(dt.date(2007, 1, 1), dt.date(2025, 12, 31)), st.integers(1, 200))
def test_working_days_are_exactly_as_many_as_asked_for(event, length):
    result = expiry(event, Period(length, Unit.WORKING_DAY))
    if result.status == "final":
        span = (event + dt.timedelta(days=number) for number in range(1, (result.last_day - event).days + 1))
        assert sum(not china().is_rest_day(day) for day in span) == length


@settings(max_examples=200, deadline=None)
@given(DAYS, st.builds(Period, st.integers(1, 300), st.sampled_from([Unit.DAY, Unit.WEEK])))
def test_counting_back_undoes_counting_forward(event, period):
    there = expiry(event, period).last_day
    assert expiry(there, period, direction="backward").last_day == event
