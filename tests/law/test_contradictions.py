"""Notice rules that contradict each other, and acts held against the end of a period."""

import datetime as dt

import msgspec
import pytest

from clm.law.calendars import china
from clm.law.notice_rules import ArrivalRule, InvalidArrival, check_rules
from clm.law.periods import InvalidPeriod, Period, Unit, deadline, in_time

POSTED = {"channel": "courier", "trigger": "posted"}
SIGNED = {"channel": "courier", "trigger": "signed"}
DAYS = {"offset": {"length": 3, "unit": "day"}}
MORE = {"offset": {"length": 5, "unit": "day"}}
UNKNOWN = {"fallback_if_unknown": {"trigger": "posted", "offset": {"length": 5, "unit": "day"}}}


def check(*rules):
    check_rules(msgspec.convert(rules, tuple[ArrivalRule, ...]))


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param([POSTED | DAYS, POSTED | DAYS], id="the same twice"),
        pytest.param([POSTED | DAYS, {"channel": "email", "trigger": "posted"} | MORE], id="another channel"),
        pytest.param([POSTED | DAYS, SIGNED], id="another trigger"),
        pytest.param([SIGNED, {"channel": "courier", "trigger": "acknowledged"}], id="an acknowledgement beside"),
        pytest.param([SIGNED | {"refusal_rule": "refusal_date"}, POSTED | DAYS], id="one speaks of refusal"),
        pytest.param(
            [SIGNED | {"refusal_rule": "refusal_date"}, {"channel": "courier", "trigger": "refused"}],
            id="both the same",
        ),
        pytest.param([SIGNED | UNKNOWN, POSTED | DAYS], id="one has a fallback"),
    ],
)
def test_rules_that_go_together(rules):
    check(*rules)


@pytest.mark.parametrize(
    ("rules", "number", "words"),
    [
        pytest.param([POSTED | DAYS, POSTED | MORE], 1, "from another day", id="offsets"),
        pytest.param([POSTED | DAYS, SIGNED, POSTED], 2, "from another day", id="an offset and none"),
        pytest.param(
            [SIGNED | {"after_hours": "same_instant"}, SIGNED | {"after_hours": "next_workday_start"}],
            1,
            "after hours leads to",
            id="hours",
        ),
        pytest.param(
            [SIGNED | {"refusal_rule": "refusal_date"}, POSTED | {"refusal_rule": "return_date"}],
            1,
            "on a refusal by courier",
            id="refusals",
        ),
        pytest.param(
            [SIGNED | {"refusal_rule": "refusal_date"}, {"channel": "courier", "trigger": "refused"} | DAYS],
            1,
            "on a refusal by courier",
            id="a refusal with an offset",
        ),
        pytest.param(
            [SIGNED | UNKNOWN, POSTED | {"fallback_if_unknown": {"trigger": "posted"}}],
            1,
            "on an unknown arrival by courier",
            id="fallbacks",
        ),
    ],
)
def test_rules_that_contradict_each_other(rules, number, words):
    with pytest.raises(InvalidArrival, match=words) as caught:
        check(*rules)
    assert caught.value.field == f"/rules/{number}"


def at(text):
    return dt.datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(
    ("event", "length", "choices", "act", "expected"),
    [
        pytest.param("2026-04-18", 15, {"roll": "forward"}, "2026-05-06T23:59:59", True, id="A14 the last second"),
        pytest.param("2026-04-18", 15, {"roll": "forward"}, "2026-05-07T00:00:00", False, id="A14 24:00"),
        pytest.param("2026-12-18", 10, {"roll": "forward"}, "2026-12-28T12:00:00", True, id="before what may move"),
        pytest.param("2026-12-18", 10, {"roll": "forward"}, "2026-12-30T12:00:00", None, id="it may still move"),
    ],
)
def test_an_act_is_held_against_the_end(event, length, choices, act, expected):
    end = deadline(dt.date.fromisoformat(event), Period(length, Unit.DAY), calendar=china(), **choices)
    assert in_time(end, at(act)) is expected


@pytest.mark.parametrize(("act", "expected"), [("2027-01-14T12:00:00", None), ("2027-01-16T00:00:00", False)])
def test_a_latest_day_counted_back_can_only_come_forward(act, expected):
    start = dt.date(2027, 1, 20)
    end = deadline(start, Period(5, Unit.WORKING_DAY), calendar=china(), direction="backward")
    assert str(end.nominal_last_day) == "2027-01-15"
    assert in_time(end, at(act), "backward") is expected


@pytest.mark.parametrize(("day", "inside"), [("1990-01-01", True), ("1989-12-31", False), ("2100-12-31", True)])
def test_an_act_lies_between_1990_and_2100(day, inside):
    end = deadline(dt.date(2026, 3, 2), Period(1, Unit.DAY), calendar=china())
    if inside:
        assert in_time(end, at(f"{day}T10:00:00")) is (day < "2026")
    else:
        with pytest.raises(InvalidPeriod, match="1990"):
            in_time(end, at(f"{day}T10:00:00"))
