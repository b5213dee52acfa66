"""Every result says how it came about: rule, source, anchor and steps, to the day and the instant."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from clm.law.calendars import china
from clm.law.periods import InvalidPeriod, Period, Unit, deadline, end_day, legal_date

LAW = "Civil Code 200, 201(1), 203"
BACKWARD = "Civil Code 201, 202, 204, applied backward"


def told(event, length, unit, **choices):
    """Rule, source and status of the basis, and of each step its rule, its date or instant and its words."""
    start = dt.datetime.fromisoformat(event) if "T" in event else dt.date.fromisoformat(event)
    found = deadline(start, Period(length, unit), calendar=china(), **choices)
    assert found.basis.anchor == {"event": start.isoformat()}
    assert found.basis.status == found.status
    steps = [(one.rule, str(one.date or (one.at and one.at.isoformat()[:16])), one.text) for one in found.basis.steps]
    return found.basis.rule, found.basis.source, found.assumed, steps


def end(at):
    return "R-T6", at, "the end of that day"


@pytest.mark.parametrize(
    ("given", "choices", "expected"),
    [
        pytest.param(
            ("2024-01-11", 30, Unit.DAY), {"roll": "forward"},
            ("R-T3", LAW, False, [
                ("R-T3", "2024-02-10", "30 days from 2024-01-11, that day itself not counted"),
                ("R-T5", "2024-02-18", "2024-02-10 is a day of rest, so the next working day"),
                end("2024-02-19T00:00")]),
            id="rolled"),
        pytest.param(
            ("2026-03-02", 1, Unit.DAY), {"roll": "forward", "roll_assumed": True},
            ("R-T3", LAW, True, [
                ("R-T3", "2026-03-03", "1 day from 2026-03-02, that day itself not counted"),
                ("R-T5", "2026-03-03", "2026-03-03 is a working day"),
                end("2026-03-04T00:00")]),
            id="no day of rest"),
        pytest.param(
            ("2026-03-31T16:30:00+00:00", 1, Unit.WEEK), {"count_start_day": True, "cutoff": dt.time(18)},
            ("R-T4", "Civil Code 204 (agreed)", False, [
                ("R-T1", "2026-04-01", "the legal date in Asia/Shanghai"),
                ("R-T4", "2026-04-07", "1 week from 2026-04-01, that day itself counted"),
                ("R-T6", "2026-04-07T18:00", "the cut-off on that day")]),
            id="instant, start day, cut-off"),
        pytest.param(
            ("2026-12-13", 8, Unit.DAY), {"direction": "backward", "roll": "forward"},
            ("R-T7", BACKWARD, True, [
                ("R-T7", "2026-12-05", "8 days before 2026-12-13, that day itself not counted"),
                ("R-T7", "2026-12-05", "a latest day counted backward does not roll (policy)"),
                end("2026-12-06T00:00")]),
            id="backward"),
        pytest.param(
            ("2026-12-18", 10, Unit.DAY), {"roll": "forward"},
            ("R-T3", LAW, False, [
                ("R-T3", "2026-12-28", "10 days from 2026-12-18, that day itself not counted"),
                ("R-T10", "None", "no holiday notice is loaded for 2027: the last day can still move"),
                end("2026-12-29T00:00")]),
            id="provisional"),
        pytest.param(
            ("2026-02-14T10:00:00+08:00", 48, Unit.HOUR), {},
            ("R-T3", "Civil Code 200, 201(2)", False, [
                ("R-T3", "2026-02-16T10:00", "48 hours from 2026-02-14T10:00:00+08:00, exactly")]),
            id="hours"),
        pytest.param(
            ("2026-02-16T10:00:00+08:00", 1, Unit.HOUR), {"direction": "backward"},
            ("R-T3", "Civil Code 200, 201(2)", False, [
                ("R-T3", "2026-02-16T09:00", "1 hour before 2026-02-16T10:00:00+08:00, exactly")]),
            id="hours backward"),
    ],
)  # fmt: skip
def test_the_basis_tells_every_step(given, choices, expected):
    rule, source, assumed, steps = told(*given, **choices)
    assert (rule, source, assumed) == expected[:3]
    assert len(steps) == len(expected[3])
    for (rule, date, text), (wanted_rule, wanted_date, words) in zip(steps, expected[3], strict=True):
        assert (rule, date) == (wanted_rule, wanted_date)
        assert text.startswith(words)


@pytest.mark.parametrize(
    ("event", "choices", "missing"),
    [
        pytest.param("2026-12-21", {}, None, id="up to 24 December of the last year known"),
        pytest.param("2026-12-22", {}, 2027, id="over 25 December"),
        pytest.param("2007-01-04", {"direction": "backward"}, 2006, id="back over the first known year"),
        pytest.param("2007-01-09", {"direction": "backward"}, None, id="back to its first working days"),
        pytest.param("2027-01-01", {"direction": "backward"}, 2027, id="back from a new year whose notice is missing"),
        pytest.param("2026-12-25", {"direction": "backward", "count_start_day": True}, 2027, id="that day counts"),
        pytest.param("2026-12-25", {"direction": "backward"}, None, id="that day does not count"),
        pytest.param("2006-12-31", {}, None, id="the start day before the first known year is not looked at"),
        pytest.param("2006-12-31", {"count_start_day": True}, 2006, id="the start day is looked at where it counts"),
    ],
)
def test_working_days_need_a_notice_for_every_day_they_look_at(event, choices, missing):
    found = deadline(dt.date.fromisoformat(event), Period(3, Unit.WORKING_DAY), calendar=china(), **choices)
    assert found.status == ("provisional" if missing else "final")
    last = [step.text for step in found.basis.steps if step.rule == "R-T10"]
    assert last == ([f"no holiday notice is loaded for {missing}: the last day can still move"] if missing else [])


@pytest.mark.parametrize(
    ("event", "length", "unit", "inside"),
    [
        ("1990-01-01", 1, Unit.DAY, True),
        ("1989-12-31", 1, Unit.DAY, False),
        ("2100-12-30", 1, Unit.DAY, True),
        ("2100-12-31", 1, Unit.DAY, False),
        ("2099-12-31", 1, Unit.YEAR, True),
        ("2100-06-30T10:00:00+08:00", 24, Unit.HOUR, True),
        ("2100-12-31T10:00:00+08:00", 1, Unit.HOUR, True),
        ("2100-12-31T10:00:00+08:00", 14, Unit.HOUR, False),
    ],
)
def test_dates_run_from_1990_to_2100(event, length, unit, inside):
    start = dt.datetime.fromisoformat(event) if "T" in event else dt.date.fromisoformat(event)
    if inside:
        assert deadline(start, Period(length, unit), calendar=china()).status == "final"
    else:
        with pytest.raises(InvalidPeriod) as caught:
            deadline(start, Period(length, unit), calendar=china())
        assert caught.value.field in ("event", "period")
        assert "1990" in caught.value.message


@pytest.mark.parametrize(
    ("event", "length", "unit", "last"),
    [("1990-01-08", 7, Unit.DAY, "1990-01-01"), ("1990-02-01", 1, Unit.MONTH, "1990-01-01")],
)
def test_counting_back_ends_on_the_first_of_1990(event, length, unit, last):
    found = deadline(dt.date.fromisoformat(event), Period(length, unit), calendar=china(), direction="backward")
    assert str(found.last_day) == last
    hours = dt.datetime.fromisoformat("1990-01-01T10:00:00+08:00")
    assert deadline(hours, Period(1, Unit.HOUR), calendar=china(), direction="backward").expires_at.hour == 9


def test_a_day_ends_in_the_zone_that_is_named():
    found = deadline(dt.date(2026, 3, 2), Period(1, Unit.DAY), calendar=china(), time_zone=ZoneInfo("America/New_York"))
    assert found.expires_at.isoformat() == "2026-03-04T00:00:00-05:00"
    at = dt.datetime.fromisoformat("2026-03-03T05:00:00+00:00")
    assert end_day(at, ZoneInfo("America/New_York")) == dt.date(2026, 3, 2)
    assert legal_date(at, ZoneInfo("America/New_York")) == dt.date(2026, 3, 3)


@pytest.mark.parametrize("year", [1988, 1991, 2102, 2104])
def test_an_instant_far_outside_is_refused(year):
    at = dt.datetime(year, 6, 1, tzinfo=dt.UTC)
    if year in (1991, 2102):
        assert legal_date(at).year == year
    else:
        with pytest.raises(InvalidPeriod, match="event"):
            legal_date(at)


def test_leap_years_of_the_centuries():
    assert str(
        deadline(dt.date(1999, 2, 28), Period(1, Unit.YEAR), calendar=china(), count_start_day=True).last_day
    ) == ("2000-02-27")
    leap = deadline(dt.date(1996, 2, 29), Period(4, Unit.YEAR), calendar=china())
    assert str(leap.last_day) == "2000-02-29"
    assert str(deadline(dt.date(2096, 2, 29), Period(4, Unit.YEAR), calendar=china()).last_day) == "2100-02-28"


def test_a_month_ends_the_day_before_the_corresponding_day_where_the_start_counts():
    found = deadline(dt.date(2026, 1, 31), Period(2, Unit.MONTH), calendar=china(), count_start_day=True)
    assert str(found.last_day) == "2026-03-30"


def test_hours_have_no_day_and_nothing_assumed():
    found = deadline(dt.datetime.fromisoformat("2026-02-14T10:00:00+08:00"), Period(1, Unit.HOUR), calendar=china())
    assert (found.last_day, found.nominal_last_day, found.assumed, found.status) == (None, None, False, "final")
    assert found.basis.status == "final"


def test_a_period_of_nothing_names_its_length():
    with pytest.raises(InvalidPeriod) as caught:
        Period(0, Unit.DAY)
    assert (caught.value.field, caught.value.message) == ("length", "a period is at least 1 long")
