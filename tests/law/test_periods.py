import datetime as dt
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from clm.law.calendars import china
from clm.law.periods import SHANGHAI, InvalidPeriod, Period, Unit, clock_time, deadline, end_day, legal_date

VECTORS = json.loads((Path(__file__).parents[1] / "data/vectors/deadline.json").read_text())
DAY, WORKING_DAY, WEEK, MONTH, YEAR, HOUR = (
    Unit.DAY,
    Unit.WORKING_DAY,
    Unit.WEEK,
    Unit.MONTH,
    Unit.YEAR,
    Unit.HOUR,
)


def moment(text):
    return dt.datetime.fromisoformat(text) if "T" in text else dt.date.fromisoformat(text)


def count(event, length, unit, **choices):
    return deadline(moment(event), Period(length, unit), calendar=china(), **choices)


def last_day(event, length, unit, **choices):
    result = count(event, length, unit, **choices)
    assert result.status == "final"
    return result.last_day.isoformat()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_vectors(vector):
    request = {key: value for key, value in vector["request"].items() if key != "jurisdiction"}
    event, period = moment(request.pop("event")), msgspec.convert(request.pop("period"), Period)
    answer = msgspec.to_builtins(deadline(event, period, calendar=china(), **request))
    assert {key: answer[key] for key in vector["expect"]} == vector["expect"]


@pytest.mark.parametrize(
    ("event", "length", "unit", "choices", "expected"),
    [
        pytest.param("2025-01-01", 1, YEAR, {}, "2026-01-01", id="A21a"),
        pytest.param("2025-01-01", 1, YEAR, {"roll": "forward"}, "2026-01-04", id="A21c worked Sunday"),
        pytest.param("2026-04-16", 15, DAY, {"roll": "forward"}, "2026-05-06", id="E04"),
        pytest.param("2025-03-10", 1, YEAR, {"roll": "forward"}, "2026-03-10", id="E06"),
        pytest.param("2026-03-02", 15, DAY, {"roll": "forward"}, "2026-03-17", id="E07"),
        pytest.param("2026-05-20", 15, DAY, {}, "2026-06-04", id="F07"),
        pytest.param("2026-09-21", 10, DAY, {"roll": "forward"}, "2026-10-08", id="G12"),
        pytest.param("2026-04-01", 10, DAY, {"roll": "forward"}, "2026-04-13", id="D03"),
        pytest.param("2025-01-31", 2, MONTH, {}, "2025-03-31", id="two months at once"),
        pytest.param("2026-03-02", 2, WEEK, {}, "2026-03-16", id="weeks"),
        pytest.param("2026-03-02", 2, WEEK, {"count_start_day": True}, "2026-03-15", id="weeks, start day counted"),
        pytest.param("2026-03-02", 3, WORKING_DAY, {"count_start_day": True}, "2026-03-04", id="working, counted"),
        pytest.param("2026-03-07", 1, WORKING_DAY, {"count_start_day": True}, "2026-03-09", id="start day is Saturday"),
        pytest.param("2024-02-29", 1, YEAR, {"count_start_day": True}, "2025-02-28", id="no corresponding day"),
        pytest.param("2026-01-31", 1, MONTH, {"count_start_day": True}, "2026-02-28", id="short month, counted"),
        pytest.param(
            "2026-03-15", 1, MONTH, {"count_start_day": True}, "2026-04-14", id="day before the corresponding"
        ),
        pytest.param("2026-03-31", 1, MONTH, {"direction": "backward"}, "2026-02-28", id="month back"),
        pytest.param(
            "2026-12-31", 30, DAY, {"direction": "backward", "count_start_day": True}, "2026-12-02", id="back"
        ),
        pytest.param("2026-10-09", 3, WORKING_DAY, {"direction": "backward"}, "2026-09-29", id="working days back"),
    ],
)
def test_last_days(event, length, unit, choices, expected):
    assert last_day(event, length, unit, **choices) == expected


def test_an_act_is_in_time_until_the_last_second_of_the_last_day():
    result = count("2026-04-16", 15, DAY, roll="forward")
    assert dt.datetime(2026, 5, 6, 23, 59, 59, tzinfo=SHANGHAI) < result.expires_at
    assert not dt.datetime(2026, 5, 7, tzinfo=SHANGHAI) < result.expires_at


def test_more_than_thirty_days_is_true_on_the_day_after_the_thirtieth():
    thirtieth = count("2026-03-31", 30, DAY).last_day
    assert not dt.date(2026, 4, 30) > thirtieth
    assert dt.date(2026, 5, 1) > thirtieth


def test_a_cutoff_ends_the_last_day_early():
    result = count("2026-03-02", 1, DAY, cutoff=clock_time("18:00"))
    assert result.last_day == dt.date(2026, 3, 3)
    assert result.expires_at == dt.datetime(2026, 3, 3, 18, tzinfo=SHANGHAI)


def test_an_instant_counts_by_its_local_date():
    assert last_day("2026-03-31T16:30:00+00:00", 1, DAY) == "2026-04-02"
    assert last_day("2026-03-31T16:30:00+00:00", 1, DAY, time_zone=ZoneInfo("UTC")) == "2026-04-01"
    assert legal_date(moment("2026-03-31T16:30:00+00:00")) == dt.date(2026, 4, 1)


def test_an_end_at_midnight_belongs_to_the_day_it_ends():
    assert end_day(moment("2028-01-01T00:00:00+08:00")) == dt.date(2027, 12, 31)
    assert end_day(moment("2027-12-31T16:00:00+00:00")) == dt.date(2027, 12, 31)
    assert end_day(moment("2026-05-20T14:00:00+08:00")) == dt.date(2026, 5, 20)
    anchor = end_day(moment("2028-01-01T00:00:00+08:00"))
    assert last_day(anchor.isoformat(), 3, YEAR) == "2030-12-31"


def test_hours_run_exactly_in_any_zone_even_through_a_change_of_clocks():
    berlin = ZoneInfo("Europe/Berlin")
    result = count("2026-03-28T12:00:00+01:00", 24, HOUR, time_zone=berlin)
    assert result.expires_at == moment("2026-03-29T13:00:00+02:00")
    assert result.last_day is None
    assert result.nominal_last_day is None
    back = count("2026-02-16T10:00:00+08:00", 48, HOUR, direction="backward")
    assert back.expires_at == moment("2026-02-14T10:00:00+08:00")


@pytest.mark.parametrize(
    ("event", "length", "unit", "choices", "nominal"),
    [
        pytest.param("2027-01-24", 15, DAY, {"roll": "forward"}, "2027-02-08", id="A27"),
        pytest.param("2026-12-18", 10, DAY, {"roll": "forward"}, "2026-12-28", id="late December"),
        pytest.param("2026-12-22", 3, WORKING_DAY, {}, "2026-12-25", id="working days to 25 December"),
        pytest.param("2026-12-23", 5, WORKING_DAY, {}, "2026-12-28", id="earliest: every open day worked"),
        pytest.param("2027-01-20", 5, WORKING_DAY, {"direction": "backward"}, "2027-01-15", id="backward"),
        pytest.param("2005-03-01", 5, DAY, {"roll": "forward"}, "2005-03-06", id="before the first notice"),
    ],
)
def test_a_missing_notice_gives_a_provisional_result_and_no_last_day(event, length, unit, choices, nominal):
    result = count(event, length, unit, **choices)
    assert (result.status, result.basis.status, result.last_day) == ("provisional", "provisional", None)
    assert result.nominal_last_day.isoformat() == nominal
    assert result.expires_at == dt.datetime.combine(
        result.nominal_last_day + dt.timedelta(days=1), dt.time(), tzinfo=SHANGHAI
    )
    assert "R-T10" in [step.rule for step in result.basis.steps]


def test_what_consults_no_calendar_is_final_in_any_year():
    assert last_day("2026-12-18", 10, DAY) == "2026-12-28"
    assert last_day("2026-12-21", 3, WORKING_DAY) == "2026-12-24"
    assert last_day("2096-02-29", 4, YEAR) == "2100-02-28"


def test_assumed_says_that_a_default_decided():
    assert not count("2026-03-02", 3, DAY, roll="forward").assumed
    assert count("2026-03-02", 3, DAY, roll="forward", roll_assumed=True).assumed
    assert not count("2026-03-02", 3, WORKING_DAY, roll_assumed=True).assumed
    back = count("2026-12-13", 8, DAY, roll="forward", direction="backward")
    assert (back.last_day, back.assumed) == (dt.date(2026, 12, 5), True)


def test_the_basis_tells_each_step_and_names_the_notice():
    basis = count("2024-01-11", 30, DAY, roll="forward").basis
    assert (basis.rule, basis.anchor) == ("R-T3", {"event": "2024-01-11"})
    assert [(step.rule, step.date) for step in basis.steps] == [
        ("R-T3", dt.date(2024, 2, 10)),
        ("R-T5", dt.date(2024, 2, 18)),
        ("R-T6", None),
    ]
    assert "www.gov.cn" in basis.steps[1].text
    assert count("2024-01-11", 1, YEAR, count_start_day=True).basis.rule == "R-T4"
    assert count("2024-01-11", 1, YEAR, direction="backward").basis.rule == "R-T7"


@pytest.mark.parametrize(
    ("event", "length", "unit", "choices", "field"),
    [
        ("2026-01-01", 3, HOUR, {}, "event"),
        ("2026-01-01T10:00:00", 3, HOUR, {}, "event"),
        ("2026-01-01T10:00:00", 3, DAY, {}, "event"),
        ("0001-01-01T00:00:00+08:00", 3, DAY, {}, "event"),
        ("9999-12-31T23:00:00-08:00", 3, HOUR, {}, "event"),
        ("1989-12-31", 3, DAY, {}, "event"),
        ("2101-01-01", 3, DAY, {}, "event"),
        ("2100-12-31", 1, DAY, {}, "period"),
        ("1990-01-02", 5, WORKING_DAY, {"direction": "backward"}, "period"),
        ("2026-01-01", 10**20, DAY, {}, "period"),
        ("2026-01-01", 10**20, MONTH, {}, "period"),
        ("2026-01-01", 10**20, WORKING_DAY, {}, "period"),
        ("2026-01-01T10:00:00+08:00", 10**20, HOUR, {}, "period"),
        ("2026-01-01T10:00:00+08:00", 24 * 366 * 80, HOUR, {}, "period"),
        ("2026-01-01T10:00:00+08:00", 3, HOUR, {"cutoff": dt.time(18)}, "cutoff"),
        ("2026-01-01T10:00:00+08:00", 3, HOUR, {"count_start_day": True}, "count_start_day"),
        ("2026-01-01", 3, DAY, {"cutoff": dt.time(0)}, "cutoff"),
        ("2026-01-01", 3, DAY, {"cutoff": dt.time(18, tzinfo=dt.UTC)}, "cutoff"),
    ],
)
def test_what_cannot_be_counted_names_the_argument(event, length, unit, choices, field):
    with pytest.raises(InvalidPeriod) as caught:
        count(event, length, unit, **choices)
    assert caught.value.field == field
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("body", [{"length": 0, "unit": "day"}, {"length": 1, "unit": "fortnight"}, {"length": True}])
def test_a_period_is_at_least_one_of_a_known_unit(body):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body, Period)
    with pytest.raises(InvalidPeriod):
        Period(0, DAY)


def test_the_last_day_of_the_bounds_may_roll_within_known_notices_only():
    result = count("2100-12-30", 1, DAY, roll="forward")
    assert (result.status, result.nominal_last_day) == ("provisional", dt.date(2100, 12, 31))
