import datetime as dt

import pytest
from holidays.countries.singapore import Singapore

from clm.law.calendars import UnknownYear
from clm.law.jurisdictions import JURISDICTIONS, SINGAPORE_YEARS
from clm.law.periods import Period, Unit, deadline

DAY = dt.timedelta(days=1)


def calendar(key):
    return JURISDICTIONS[key].packaged()


def ends(key, event, length=1, unit=Unit.DAY):
    return deadline(dt.date.fromisoformat(event), Period(length, unit), calendar=calendar(key), roll="forward")


def test_each_calendar_is_of_its_own_jurisdiction():
    assert {key: calendar(key).jurisdiction for key in JURISDICTIONS} == {key: key for key in ("CN", "SG", "none")}
    assert [key for key, one in JURISDICTIONS.items() if one.loadable] == ["CN"]


def test_without_holidays_only_weekends_rest_and_every_year_is_known():
    none = calendar("none")
    start = dt.date(1990, 1, 1)
    every_day = [start + DAY * number for number in range((dt.date(2101, 1, 1) - start).days)]
    assert [day for day in every_day if none.is_rest_day(day)] == [day for day in every_day if day.weekday() >= 5]
    assert none.missing_notice(start, every_day[-1]) is None
    national_day = ends("none", "2026-09-30")
    assert (national_day.status, national_day.last_day) == ("final", dt.date(2026, 10, 1))
    saturday = ends("none", "2100-12-24")
    assert (saturday.status, saturday.last_day) == ("final", dt.date(2100, 12, 27))
    assert "Saturdays and Sundays" in saturday.basis.steps[1].text


def test_singapore_is_known_for_the_years_that_are_announced():
    assert [year for year in range(1990, 2101) if calendar("SG").knows(year)] == list(SINGAPORE_YEARS)
    with pytest.raises(UnknownYear):
        calendar("SG").is_rest_day(dt.date(2028, 1, 1))


def test_no_year_of_singapore_holds_an_estimate_and_the_neighbours_do():
    def estimated(year):
        return [name for name in Singapore(years=year).values() if "estimated" in name]

    assert [year for year in SINGAPORE_YEARS if estimated(year)] == []
    assert estimated(SINGAPORE_YEARS.start - 1)
    assert estimated(SINGAPORE_YEARS.stop)


@pytest.mark.parametrize(
    "day",
    # as announced for 2027 by the Ministry of Manpower
    ["01-01", "02-06", "02-07", "02-08", "03-10", "03-26", "05-01", "05-17", "05-20", "08-09", "10-28", "12-25"],
)
def test_singapore_rests_on_the_announced_days(day):
    assert calendar("SG").is_rest_day(dt.date.fromisoformat(f"2027-{day}"))


def test_singapore_works_on_all_other_weekdays_of_2027():
    every_day = [dt.date(2027, 1, 1) + DAY * number for number in range(365)]
    rests = [day for day in every_day if day.weekday() < 5 and calendar("SG").is_rest_day(day)]
    assert [f"{day:%m-%d}" for day in rests] == [
        "01-01", "02-08", "03-10", "03-26", "05-17", "05-20", "08-09", "10-28",
    ]  # fmt: skip


def test_a_holiday_on_a_sunday_gives_the_monday():
    assert ends("SG", "2026-08-08").last_day == dt.date(2026, 8, 11)
    assert ends("CN", "2026-08-08").last_day == dt.date(2026, 8, 10)


def test_the_end_of_a_year_waits_for_the_next_one_only_where_notices_reach_back():
    assert ends("SG", "2027-12-29").status == "final"
    assert ends("CN", "2026-12-29").status == "provisional"
    rolled = ends("SG", "2027-12-30", 2)
    assert (rolled.status, rolled.last_day, rolled.nominal_last_day) == ("provisional", None, dt.date(2028, 1, 1))
    assert "2028" in rolled.basis.steps[1].text


def test_working_days_follow_the_jurisdiction():
    found = {key: ends(key, "2026-09-30", 3, Unit.WORKING_DAY).last_day for key in JURISDICTIONS}
    assert found == {"CN": dt.date(2026, 10, 10), "SG": dt.date(2026, 10, 5), "none": dt.date(2026, 10, 5)}
