import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clm.law.cycles import InvalidCycle, cycle_of, cycle_on, follows

KINDS = ["day", "week", "month", "quarter", "year"]
DAYS = st.dates(dt.date(1990, 1, 8), dt.date(2100, 12, 20))


@pytest.mark.parametrize(
    ("kind", "name", "first", "last"),
    [
        ("day", "2026-02-28", "2026-02-28", "2026-02-28"),
        ("week", "2026-W01", "2025-12-29", "2026-01-04"),
        ("week", "2026-W53", "2026-12-28", "2027-01-03"),
        ("month", "2024-02", "2024-02-01", "2024-02-29"),
        ("month", "2026-12", "2026-12-01", "2026-12-31"),
        ("quarter", "2026-Q1", "2026-01-01", "2026-03-31"),
        ("quarter", "2026-Q4", "2026-10-01", "2026-12-31"),
        ("year", "2026", "2026-01-01", "2026-12-31"),
    ],
)
def test_first_and_last_days(kind, name, first, last):
    cycle = cycle_of(kind, name)
    assert (cycle.name, str(cycle.first_day), str(cycle.last_day)) == (name, first, last)


def test_a_cycle_is_half_open_and_local():
    march = cycle_of("month", "2026-03")
    assert march.ends_at().isoformat() == "2026-04-01T00:00:00+08:00"
    assert march.holds(dt.datetime.fromisoformat("2026-02-28T16:00:00+00:00"))
    assert not march.holds(dt.datetime.fromisoformat("2026-03-31T16:00:00+00:00"))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("day", "2026-02-30"),
        ("week", "2025-W53"),
        ("week", "2026-W00"),
        ("month", "2026-00"),
        ("month", "2026-3"),
        ("month", "２０２６-03"),
        ("month", "2026-03\n"),
        ("quarter", "2026-Q5"),
        ("year", "1989"),
        ("year", "2101"),
        ("year", "0000"),
        ("month", ""),
    ],
)
def test_cycles_that_do_not_exist(kind, name):
    with pytest.raises(InvalidCycle) as caught:
        cycle_of(kind, name, field="/results/0/period")
    assert caught.value.field == "/results/0/period"


@given(st.sampled_from(KINDS), DAYS)
def test_every_day_lies_in_one_cycle_and_cycles_follow_each_other(kind, day):
    cycle = cycle_on(kind, day)
    assert cycle.first_day <= day <= cycle.last_day
    assert cycle_of(kind, cycle.name) == cycle
    after = cycle_on(kind, cycle.last_day + dt.timedelta(days=1))
    assert follows(cycle, after)
    assert not follows(after, cycle)
