import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clm.law.basis import LawError
from clm.law.calendars import china
from clm.law.service_levels import Credit, Credits, Level, Measurement, amount_of, judge, outcome_of, shown

SATISFACTION = Level(metric="satisfaction", cycle="month", threshold=Fraction(85, 100))
MISS, HIT, NONE = (169, 200), (170, 200), (0, 0)


def measured(*cycles, **more):
    """(name, met, of) for each cycle."""
    return [Measurement(period=name, met=Fraction(met), of=Fraction(of), **more) for name, (met, of) in cycles]


def months(*results, first=3):
    return measured(*[(f"2026-{first + number:02}", result) for number, result in enumerate(results)])


def judged(cycles, level=SATISFACTION, **choices):
    return judge(level, cycles, calendar=china(), **choices)


@pytest.mark.parametrize(
    ("result", "outcome", "share"),
    [
        (HIT, "met", Fraction(17, 20)),  # I02
        (MISS, "missed", Fraction(169, 200)),
        (NONE, "not_evaluable", None),
        ((0, 1), "missed", Fraction(0)),
        ((84_999_999, 100_000_000), "missed", Fraction(84_999_999, 100_000_000)),
    ],
)
def test_a_share_is_compared_exactly(result, outcome, share):
    (one,) = judged(months(result)).cycles
    assert (one.outcome, one.share) == (outcome, share)


def test_a_ceiling_is_kept_at_its_value():
    complaints = Level(metric="complaints", cycle="month", ceiling=Fraction(2, 100))
    assert [one.outcome for one in judged(months((2, 100), (3, 100)), complaints).cycles] == ["met", "missed"]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Fraction(17, 20), "0.85"),
        (Fraction(949_999_999, 1_000_000_000), "0.949999"),
        (Fraction(2, 3), "0.666666"),
        (Fraction(1), "1"),
        (Fraction(0), "0"),
    ],
)
def test_a_printed_share_is_cut_off(share, text):
    assert shown(share) == text


def test_three_misses_in_a_row_give_a_right_when_the_third_is_published():
    cycles = months(MISS, MISS, MISS)
    reports = [dt.date(2026, 4, 8), dt.date(2026, 5, 8), dt.date(2026, 6, 5)]
    published = [
        Measurement(period=one.period, met=one.met, of=one.of, published_on=day)
        for one, day in zip(cycles, reports, strict=True)
    ]
    answer = judged(published)
    ground = answer.ground
    assert (ground.kind, ground.cycles) == ("consecutive_misses", ("2026-03", "2026-04", "2026-05"))
    assert (str(ground.arose_on), str(ground.exercise.nominal_last_day)) == ("2026-06-05", "2027-06-05")
    assert (ground.exercise.status, answer.basis.status) == ("provisional", "provisional")
    assert judged(cycles).ground.arose_on is None
    assert judged(published[:2]).ground is None


@pytest.mark.parametrize(
    ("results", "longest", "current", "has_ground"),
    [
        ([MISS, MISS, HIT, MISS, MISS], 2, 2, False),
        ([MISS, MISS, MISS, HIT], 3, 0, True),
        ([MISS, MISS, MISS, MISS], 4, 4, True),
        ([HIT], 0, 0, False),
    ],
)
def test_runs(results, longest, current, has_ground):
    answer = judged(months(*results))
    assert (answer.longest_run, answer.current_run, answer.ground is not None) == (longest, current, has_ground)
    assert answer.assumed is False


@pytest.mark.parametrize(("gap", "run", "assumed"), [(None, 1, True), ("breaks", 1, False), ("skips", 3, False)])
@pytest.mark.parametrize(
    "cycles", [months(MISS, MISS, NONE, MISS), [one for one in months(MISS, MISS, HIT, MISS) if one.period[-1] != "5"]]
)
def test_what_is_not_evaluable_breaks_the_run_unless_agreed(cycles, gap, run, assumed):
    answer = judged(cycles, gap=gap)
    assert (answer.current_run, answer.assumed, answer.ground is not None) == (run, assumed, run == 3)


def test_a_gap_that_changes_nothing_assumes_nothing():
    assert judged(months(HIT, NONE, MISS)).assumed is False


def test_the_number_of_misses_may_be_agreed_a_default_or_none():
    assert judged(months(MISS), consecutive=1).ground.cycles == ("2026-03",)
    assert judged(months(MISS, MISS, MISS), consecutive=None).ground is None
    assert judged(months(MISS, MISS, MISS), consecutive_assumed=True).assumed
    assert not judged(months(HIT, HIT), consecutive_assumed=True).assumed


def test_one_cycle_below_the_floor_is_a_ground():
    level = Level(metric="m", cycle="month", threshold=Fraction(85, 100), floor=Fraction(80, 100))
    assert judged(months((80, 100)), level).ground is None
    answer = judged(months(MISS, (79, 100)), level, consecutive_assumed=True)
    assert (answer.ground.kind, answer.ground.cycles, answer.assumed) == ("below_floor", ("2026-04",), False)


def test_cycles_are_put_in_order():
    cycles = months(MISS, HIT, MISS)[::-1]
    assert [one.cycle.name for one in judged(cycles).cycles] == ["2026-03", "2026-04", "2026-05"]


CREDITS = Credits(
    tiers=(
        Credit(below=Fraction(85, 100), share_of_fee=Fraction(1, 10)),
        Credit(below=Fraction(80, 100), share_of_fee=Fraction(1, 4)),
    )
)


@pytest.mark.parametrize(
    ("result", "credit"),
    [
        ((85, 100), "0.00"),
        ((80, 100), "1000.05"),
        ((79, 100), "2500.13"),  # 2500.125 rounded half up
        (NONE, "0.00"),
    ],
)
def test_credits_by_tier(result, credit):
    cycles = measured(("2026-03", result), fee=Decimal("10000.50"))
    (one,) = judged(cycles, credit_terms=CREDITS).cycles
    assert one.credit == Decimal(credit)


def test_credits_by_point_and_at_most_the_fee():
    by_point = Credits(per_point=Fraction(2, 100))
    (one,) = judged(measured(("2026-03", (80, 100)), fee=Decimal(1000)), credit_terms=by_point).cycles
    assert one.credit == Decimal("100.00")
    (all_of_it,) = judged(measured(("2026-03", (0, 100)), fee=Decimal(1000)), credit_terms=by_point).cycles
    assert all_of_it.credit == Decimal("1000.00")
    assert judged(months(MISS), credit_terms=by_point).cycles[0].credit is None


@pytest.mark.parametrize(
    ("cycles", "choices", "pointer"),
    [
        ([], {}, "/results"),
        (measured(("2026-03", HIT), ("2026-03", HIT)), {}, "/results/1/period"),
        (measured(("2026-13", HIT)), {}, "/results/0/period"),
        (measured(("2026-Q1", HIT)), {}, "/results/0/period"),
        (measured(("2026-03", (2, 1))), {}, "/results/0/met"),
        (measured(("2026-03", (-1, 1))), {}, "/results/0/met"),
        (measured(("2026-03", (0, -1))), {}, "/results/0/of"),
        (measured(("2026-03", HIT), published_on=dt.date(2026, 3, 31)), {}, "/results/0/published_on"),
        (measured(("2026-03", HIT), published_on=dt.date(2101, 3, 31)), {}, "/results/0/published_on"),
        (measured(("2099-12", MISS), published_on=dt.date(2100, 3, 31)), {"consecutive": 1}, "/results"),
        (measured(("2026-03", HIT), fee=Decimal(-1)), {}, "/results/0/fee"),
        (months(HIT), {"consecutive": 0}, "/consecutive"),
        (months(HIT), {"level": Level(metric="m", cycle="month")}, "/threshold"),
        (months(HIT), {"level": Level(metric="m", cycle="month", threshold=Fraction(3, 2))}, "/threshold"),
        (
            months(HIT),
            {"level": Level(metric="m", cycle="month", threshold=Fraction(1, 2), floor=Fraction(3, 4))},
            "/floor",
        ),
        (
            months(HIT),
            {"level": Level(metric="m", cycle="month", ceiling=Fraction(1, 2)), "credit_terms": CREDITS},
            "/credits",
        ),
        (
            months(HIT),
            {"credit_terms": Credits(tiers=(*CREDITS.tiers, Credit(below=Fraction(4, 5), share_of_fee=Fraction(0))))},
            "/credits/2",
        ),
    ],
)
def test_what_cannot_be_judged_is_refused_at_its_place(cycles, choices, pointer):
    with pytest.raises(LawError) as caught:
        judged(cycles, **choices)
    assert (caught.value.field, bool(caught.value.message)) == (pointer, True)


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 100))
def test_the_share_decides_and_nothing_printed(of, met, percent):
    met = min(met, of)
    level = Level(metric="m", cycle="month", threshold=Fraction(percent, 100))
    outcome, share = outcome_of(level, Fraction(met), Fraction(of))
    assert (outcome == "met") == (met * 100 >= percent * of)
    assert Fraction(shown(share)) <= share < Fraction(shown(share)) + Fraction(1, 10**6)


@given(st.integers(0, 10**9), st.integers(0, 10**4))
def test_a_credit_is_off_by_half_a_cent_at_most(cents, share):
    exact = Fraction(cents, 100) * Fraction(share, 10**4)
    assert abs(Fraction(amount_of(Decimal(cents) / 100, Fraction(share, 10**4))) - exact) <= Fraction(1, 200)
