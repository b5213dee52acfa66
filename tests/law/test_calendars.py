import datetime as dt
import json
from importlib.resources import files

import chinese_calendar
import pytest

from clm.law.calendars import Calendar, CalendarDay, UnknownYear, china


def test_every_day_of_twenty_years_agrees_with_an_independent_calendar():
    start, days = dt.date(2007, 1, 1), (dt.date(2027, 1, 1) - dt.date(2007, 1, 1)).days
    every_day = [start + dt.timedelta(days=number) for number in range(days)]
    differing = [day for day in every_day if china().is_rest_day(day) != chinese_calendar.is_holiday(day)]
    assert differing == []
    assert len(every_day) == 7305


def test_published_years_are_known_and_others_are_not():
    assert [year for year in range(1990, 2101) if china().knows(year)] == list(range(2007, 2027))
    with pytest.raises(UnknownYear) as caught:
        china().is_rest_day(dt.date(2027, 1, 1))
    assert caught.value.year == 2027


@pytest.mark.parametrize(
    ("day", "rest"),
    [
        ("2024-02-09", False),  # New Year's Eve was worked in 2024
        ("2024-02-18", False),  # a Sunday made a working day
        ("2024-02-10", True),
        ("2026-09-20", False),
        ("2007-12-29", False),  # moved by the notice for 2008
        ("2007-12-31", True),
    ],
)
def test_moved_days(day, rest):
    assert china().is_rest_day(dt.date.fromisoformat(day)) is rest


def test_the_years_end_waits_for_the_next_notice():
    december = dt.date(2026, 12, 24)
    assert china().missing_notice(december, december) is None
    assert china().missing_notice(december, dt.date(2026, 12, 25)) == 2027
    assert china().missing_notice(dt.date(2025, 12, 25), dt.date(2025, 12, 31)) is None
    assert china().missing_notice(dt.date(2006, 12, 31), dt.date(2007, 1, 5)) == 2006


def test_a_calendar_is_made_of_rows_and_the_later_notice_holds():
    day = dt.date(2030, 12, 31)
    rows = [
        CalendarDay(2031, day, is_rest=True, name="moved", source="notice-2031"),
        CalendarDay(2030, day, is_rest=False, name="worked", source="notice-2030"),
    ]
    calendar = Calendar.from_rows("XX", rows)
    assert calendar.is_rest_day(day)
    assert calendar.sources == {2030: "notice-2030", 2031: "notice-2031"}
    assert calendar == Calendar.from_rows("XX", reversed(rows))


def test_working_days_are_found_both_ways_and_never_outside_the_bounds():
    monday = dt.date(2026, 3, 9)
    assert china().working_day_from(dt.date(2026, 3, 7)) == monday
    assert china().working_day_after(monday, 5) == dt.date(2026, 3, 16)
    assert china().working_day_before(monday, 1) == dt.date(2026, 3, 6)
    with pytest.raises(OverflowError):
        china().working_day_before(dt.date(1990, 1, 2), 5)
    with pytest.raises(OverflowError):
        china().working_day_after(monday, 10**6)


def test_each_notice_names_its_source_and_the_licence_is_beside_it():
    assert all(source.startswith("http") for source in china().sources.values())
    folder = files("clm.law").joinpath("data", "holidays", "CN")
    assert "NateScarlet" in folder.joinpath("LICENSE").read_text()
    assert "d4e53bf2" in folder.joinpath("README.md").read_text()
    assert json.loads(folder.joinpath("2026.json").read_text())["year"] == 2026
