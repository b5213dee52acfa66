import datetime as dt
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from clm.law.allocation import OpenDebt, allocate
from clm.law.interest import Debt as Owing
from clm.law.interest import Payment, late_interest
from clm.law.money import Money, half_up, places
from clm.law.rates import lpr
from tests.law.sums import rate

FLOATING = rate(lpr={"multiplier": "1.37", "method": "floating"})
DAYS = st.dates(dt.date(2019, 8, 20), dt.date(2026, 6, 30))
CENTS = st.integers(1, 10**12)


def money(cents):
    return Money.of_cents(cents, "CNY")


def segments(cents, due, paid):
    found = late_interest(Owing(principal=money(cents), due=due, paid=paid), FLOATING, rates=lpr(), day_basis=365)
    exact = sum((Fraction(one.base.cents) * Fraction(one.rate) * one.days / 365 for one in found.segments), Fraction())
    assert found.interest.cents == half_up(exact), "rounded once, from the exact sum"
    return found, exact


@settings(max_examples=200, deadline=None)
@given(CENTS, st.tuples(DAYS, DAYS, DAYS).map(sorted))
def test_splitting_an_interval_changes_no_floating_interest(cents, days):
    start, middle, end = days
    (whole, exact), (first, early), (second, late) = (
        segments(cents, *span) for span in ((start, end), (start, middle), (middle, end))
    )
    assert exact == early + late
    assert whole.days == first.days + second.days == (end - start).days
    assert abs(whole.interest.cents - first.interest.cents - second.interest.cents) <= 1


@settings(max_examples=200, deadline=None)
@given(CENTS, st.tuples(DAYS, DAYS).map(sorted), st.integers(0, 10**12))
def test_a_part_payment_never_makes_interest_grow_and_adds_up(cents, days, paid):
    due, end = days
    middle = due + (end - due) / 2
    payment = Payment(middle, money(paid))
    debt = Owing(principal=money(cents), due=due, paid=end, payments=[payment], costs=money(500))
    found = late_interest(debt, FLOATING, rates=lpr(), day_basis=365)
    without = late_interest(Owing(principal=money(cents), due=due, paid=end), FLOATING, rates=lpr(), day_basis=365)
    ((settled),) = found.settled
    parts, left = settled.paid, found.outstanding
    assert parts.costs.cents + parts.interest.cents + parts.principal.cents + settled.surplus.cents == paid
    assert found.interest.cents <= without.interest.cents
    assert parts.interest.cents + left.interest.cents == found.interest.cents
    assert parts.principal.cents + left.principal.cents == cents


DEBTS = st.lists(
    st.tuples(CENTS, st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 3), st.sampled_from(["0", "0.1"])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(DEBTS, st.integers(0, 4 * 10**12), st.permutations(["costs", "interest", "principal"]))
def test_an_allocation_sums_to_the_payment_and_pays_no_debt_twice(given_debts, payment, order):
    debts = [
        OpenDebt(
            str(number),
            money(principal),
            costs=money(costs),
            interest=money(interest),
            due=dt.date(2026, 1, 1 + month),
            burden=burden,
        )
        for number, (principal, costs, interest, month, burden) in enumerate(given_debts)
    ]
    found = allocate(money(payment), debts, on=dt.date(2026, 1, 2), order=order)
    paid = [sum(getattr(one.paid, part).cents for part in order) for one in found.allocations]
    assert sum(paid) + found.surplus.cents == payment
    for debt, one in zip(debts, found.allocations, strict=True):
        for part in order:
            owed = getattr(debt, part).cents
            assert getattr(one.paid, part).cents + getattr(one.left, part).cents == owed
            assert getattr(one.paid, part).cents >= 0 <= getattr(one.left, part).cents
    assert found.surplus.cents == 0 or all(one.left.principal.cents == 0 for one in found.allocations)


@settings(deadline=None)
@given(st.fractions(0, 10**6))
def test_half_up_is_the_nearest_integer(value):
    rounded = half_up(value)
    assert value - Fraction(1, 2) < rounded <= value + Fraction(1, 2)
    assert Fraction(places(value, 6)) == Fraction(half_up(value * 10**6), 10**6)
