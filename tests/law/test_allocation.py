import pytest

from clm.law.allocation import OpenDebt, allocate
from clm.law.basis import LawError
from clm.law.money import Money
from clm.law.offset import offset
from tests.law.sums import day, yuan

DUE = day("2026-04-01")
ON = day("2026-05-01")
A, B = OpenDebt("a", yuan("10"), due=DUE), OpenDebt("b", yuan("20"), due=DUE)
DOLLARS = Money("1.00", "USD")


def test_g08_one_debt():
    debt = OpenDebt("one", yuan("60000.00"), costs=yuan("2000.00"), interest=yuan("1500.00"))
    found = allocate(yuan("50000.00"), [debt])
    (one,) = found.allocations
    assert [one.paid.costs, one.paid.interest, one.paid.principal] == [
        yuan("2000.00"),
        yuan("1500.00"),
        yuan("46500.00"),
    ]
    assert (one.left.principal, found.surplus, found.assumed) == (yuan("13500.00"), yuan("0.00"), False)


def test_what_is_too_much_is_a_surplus():
    found = allocate(yuan("31.00"), [A, B], on=ON)
    assert found.surplus == yuan("1.00")
    assert [one.left.principal for one in found.allocations] == [yuan("0.00")] * 2


def test_debts_named_are_paid_in_the_order_named():
    found = allocate(yuan("25.00"), [A, B], on=ON, designated=["b", "a"])
    assert [one.paid.principal for one in found.allocations] == [yuan("5.00"), yuan("20.00")]


def test_no_security_and_security_for_nothing_are_the_same():
    bare, empty = OpenDebt("bare", yuan("10"), due=DUE), OpenDebt("empty", yuan("10"), due=DUE, secured=yuan("0"))
    found = allocate(yuan("10"), [bare, empty], on=ON)
    assert [one.paid.principal.amount for one in found.allocations] == ["5.00", "5.00"]


def test_a_cent_left_over_goes_to_the_largest_remainder_then_to_the_first():
    thirds = [OpenDebt(key, yuan("1"), due=DUE) for key in "abc"]
    found = allocate(yuan("0.50"), thirds, on=ON)
    assert [one.paid.principal.amount for one in found.allocations] == ["0.17", "0.17", "0.16"]
    assert [one.paid.principal.amount for one in allocate(yuan("0.02"), [A, B], on=ON).allocations] == ["0.01", "0.01"]


def test_an_order_among_debts_that_are_not_due_is_assumed():
    later = OpenDebt("later", yuan("10"), due=day("2026-07-01"))
    early = OpenDebt("early", yuan("10"), due=day("2026-06-01"))
    assert allocate(yuan("5"), [later, early], on=ON).assumed
    assert not allocate(yuan("10"), [A, later, early], on=ON).assumed
    assert not allocate(yuan("5"), [later], on=ON).assumed
    assert not allocate(yuan("5"), [later, early], on=ON, designated=["later"]).assumed
    assert not allocate(yuan("5"), [OpenDebt("now", yuan("10"), due=ON), later, early], on=ON).assumed


def test_nothing_owed_is_paid_by_nothing():
    found = allocate(yuan("5"), [OpenDebt("none", yuan("0"))])
    assert found.surplus == yuan("5.00")


@pytest.mark.parametrize(
    ("given", "choices", "field"),
    [
        ([], {}, "debts"),
        ([A, A], {"on": ON}, "/debts/1/key"),
        ([A, OpenDebt("b", yuan("1"))], {"on": ON}, "/debts/1/due"),
        ([A, B], {}, "on"),
        ([A], {"on": day("1989-12-31")}, "on"),
        ([OpenDebt("a", yuan("1"), due=day("2101-01-01"))], {}, "/debts/0/due"),
        ([OpenDebt("a", yuan("1"), burden="-1")], {}, "/debts/0/burden"),
        ([OpenDebt("a", DOLLARS)], {}, "/debts/0/principal/currency"),
        ([OpenDebt("a", yuan("1"), costs=DOLLARS)], {}, "/debts/0/costs/currency"),
        ([OpenDebt("a", yuan("1"), secured=DOLLARS)], {}, "/debts/0/secured/currency"),
        ([A], {"designated": ["x"]}, "/designated/0"),
        ([A], {"designated": ["a", "a"]}, "/designated/1"),
        ([A], {"order": ["costs", "costs", "principal"]}, "order"),
    ],
)
def test_debts_that_contradict_each_other_are_refused(given, choices, field):
    with pytest.raises(LawError) as refused:
        allocate(yuan("1.00"), given, **choices)
    assert refused.value.field == field


def test_two_claims_are_set_off_when_the_notice_arrives():
    found = offset(yuan("8000.00"), day("2026-04-10"), yuan("60000.00"), day("2026-04-20"))
    assert (found.effective, found.on, found.amount) == (True, day("2026-04-20"), yuan("8000.00"))
    assert (found.claim_left, found.debt_left) == (yuan("0.00"), yuan("52000.00"))


@pytest.mark.parametrize(
    ("due", "conditional", "flags"),
    [
        ("2026-04-19", False, ()),
        ("2026-04-20", False, ("CLAIM_NOT_DUE",)),
        ("2026-04-20", True, ("CONDITIONAL_NOTICE", "CLAIM_NOT_DUE")),
    ],
)
def test_a_claim_that_is_not_due_sets_nothing_off(due, conditional, flags):
    found = offset(yuan("1.00"), day(due), yuan("2.00"), day("2026-04-20"), conditional=conditional)
    assert (found.flags, found.effective) == (flags, not flags)
    assert (found.debt_left.amount, found.on is None) == (("1.00", False) if not flags else ("2.00", True))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ((yuan("1"), DUE, DOLLARS, ON), "debt/currency"),
        ((yuan("1"), day("1989-12-31"), yuan("1"), ON), "claim_due"),
        ((yuan("1"), DUE, yuan("1"), day("2101-01-01")), "arrived_on"),
    ],
)
def test_claims_that_cannot_be_set_off_are_refused(given, field):
    with pytest.raises(LawError) as refused:
        offset(*given)
    assert refused.value.field == field
