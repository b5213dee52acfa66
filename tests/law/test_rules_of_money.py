"""The rules of money, each with the neighbour that it could be mistaken for."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from clm.law import allocation, deposits, offset, words
from clm.law.allocation import OpenDebt, allocate
from clm.law.calendars import china
from clm.law.enforcement import enforcement_interest
from clm.law.interest import Cap
from clm.law.payment_terms import due_date
from clm.law.periods import Period, Unit
from clm.law.rates import Rates, lpr
from tests.law.holding import holds, neighbour
from tests.law.sums import amount, day, interest, rate, relation, yuan

ONE_DAY = dt.timedelta(days=1)
SME = relation("large", "small", "2025-06-02")
RANKED = allocation._ranked


def put(value):
    """Another value in the place of the original."""
    return lambda _: value


def blind_to(**criterion):
    """A ranking that takes no notice of one criterion."""

    def ranked(debts, named, on):
        found = {}
        for one in debts:
            ((rank, _),) = RANKED([one], named, on)
            found.setdefault(rank._replace(**criterion), []).append(one)
        return sorted(found.items(), key=lambda pair: pair[0])

    return lambda _: ranked


def unnamed(ranked):
    """A ranking that takes no notice of what the debtor named."""
    return lambda debts, _named, on: ranked(debts, (), on)


def owed(key, principal, due, **more):
    return OpenDebt(key, yuan(principal), due=day(due), **more)


def pays(payment, *debts, on="2026-05-01", **more):
    """What a payment pays of each debt, by key."""
    found = allocate(yuan(payment), debts, on=day(on), **more)
    return {one.key: one.paid.principal.amount for one in found.allocations}


@holds("R-M1", neighbour=neighbour("clm.law.interest._ONE_DAY", put(dt.timedelta(days=2)), "from two days after"))
@holds("R-M1", neighbour=neighbour("clm.law.interest._ONE_DAY", put(dt.timedelta()), "the due day counted"))
def test_the_day_after_the_due_day_is_the_first_and_the_day_of_payment_the_last():
    found = interest("100000.00", "2026-03-31", "2026-04-20", rate(per_day="0.0005"))
    assert (found.days, found.interest) == (20, yuan("1000.00"))
    assert (found.segments[0].start, found.segments[0].end) == (day("2026-04-01"), day("2026-04-20"))


@holds("R-M1", neighbour=neighbour("clm.law.interest.half_up", put(int), "rounded down"))
@holds("R-M1", neighbour=neighbour("clm.law.interest.half_up", put(round), "a half to the even cent"))
def test_a_half_cent_is_rounded_up():
    assert amount("10.00", "2026-03-31", "2026-04-01", rate(per_day="0.0005")) == "0.01"
    assert amount("50.00", "2026-03-31", "2026-04-01", rate(per_day="0.0005")) == "0.03"


@holds(
    "R-M1",
    neighbour=neighbour(
        "clm.law.interest._Ledger.of",
        lambda of: lambda ledger, run: Fraction(round(of(ledger, run))),
        "each segment rounded",
    ),
)
def test_only_the_total_is_rounded():
    floating = rate(lpr={"multiplier": "1", "method": "floating"})
    found = interest("100.00", "2024-07-21", "2024-10-21", floating, day_basis=365)
    exact = Fraction(100) * (91 * Fraction("0.0335") + Fraction("0.031")) / 365
    assert found.interest.cents == int(exact * 100 + Fraction(1, 2)) == 84


@holds("R-M-BASIS", neighbour=neighbour("clm.law.interest.DEFAULT_DAY_BASIS", put(360), "360 days"))
def test_a_year_has_365_days_where_nobody_said():
    found = interest("36500.00", "2026-03-31", "2026-04-01", rate(per_year="0.01"))
    assert (found.interest, found.assumed) == (yuan("1.00"), True)


@holds("R-M2", neighbour=neighbour("clm.law.interest_rates.SME_RATE", put(Decimal("0.0003")), "another daily rate"))
@holds("R-M2", neighbour=neighbour("clm.law.interest_rates.SMES", put(frozenset()), "the general rule for all"))
def test_an_sme_is_owed_the_daily_rate_where_none_is_agreed():
    assert amount("100000.00", "2026-03-31", "2026-04-20", relation=SME) == "1000.00"


@holds(
    "R-M2",
    neighbour=neighbour(
        "clm.law.interest.choose",
        lambda choose: lambda agreed, *given, **more: choose(None, *given, **more),
        "the statutory rate before the agreed one",
    ),
)
def test_the_agreed_rate_comes_first():
    assert amount("100000.00", "2026-03-31", "2026-04-20", rate(per_day="0.001"), relation=SME) == "2000.00"


@holds("R-M-LPR", neighbour=neighbour("clm.law.interest_rates.DEFAULT_MULTIPLIER", put(Decimal(1)), "no surcharge"))
@holds(
    "R-M-LPR",
    neighbour=neighbour("clm.law.interest_rates.Chosen.method", put("floating"), "the LPR of each day"),
)
def test_without_a_rate_it_is_the_lpr_of_the_first_overdue_day_and_half_of_it():
    found = interest("200000.00", "2025-03-31", "2025-06-30", day_basis=365)
    assert (found.interest, found.assumed) == (yuan("2318.63"), True)


@holds(
    "R-M-FLOOR",
    neighbour=neighbour("clm.law.interest_rates._lifted", put(lambda _given, chosen, _on: chosen), "no floor"),
)
@holds(
    "R-M-FLOOR",
    neighbour=neighbour("clm.law.rates.Rates.on", lambda _: lambda rates, _day: rates.rows[0], "another day's LPR"),
)
def test_a_rate_agreed_with_an_sme_is_not_below_the_lpr_at_conclusion():
    found = interest("36500.00", "2025-06-30", "2025-07-10", rate(per_year="0.025"), relation=SME, day_basis=365)
    assert (found.interest, found.flags) == (yuan("30.00"), ("BELOW_LPR_FLOOR",))


@holds(
    "R-M3",
    neighbour=neighbour(
        "clm.law.rates.bisect_right",
        put(lambda days, one: 1 + days.index(min((other for other in days if other >= one), default=days[-1]))),
        "the next publication",
    ),
)
@holds(
    "R-M3",
    neighbour=neighbour(
        "clm.law.rates.Rates.on", lambda on: lambda rates, at: on(rates, at - ONE_DAY), "from the day after it"
    ),
)
def test_the_last_publication_holds_from_its_own_day():
    assert lpr().on(day("2024-10-21")).rate == Decimal("0.0310")
    assert lpr().on(day("2024-10-20")).rate == Decimal("0.0335")


@holds("R-M3", neighbour=neighbour("clm.law.rates.PUBLICATION_DAY", put(21), "the 21st"))
@holds("R-M3", neighbour=neighbour("clm.law.rates.Rates.is_provisional", put(lambda *_: False), "the last for ever"))
def test_a_rate_is_provisional_once_the_next_publication_is_due():
    rates = Rates.from_rows(lpr().rows)
    assert rates.is_provisional(day("2026-07-20"))
    assert rates.known_until == day("2026-07-20")


@holds(
    "R-M4",
    neighbour=neighbour(
        "clm.law.allocation.in_order",
        lambda in_order: lambda payment, some, _order: in_order(payment, some, ("principal", "interest", "costs")),
        "the principal first",
    ),
)
def test_a_payment_pays_costs_then_interest_then_principal():
    debt = OpenDebt("one", yuan("60000.00"), costs=yuan("2000.00"), interest=yuan("1500.00"))
    (found,) = allocate(yuan("50000.00"), [debt]).allocations
    assert [found.paid.costs, found.paid.interest, found.paid.principal] == [
        yuan("2000.00"),
        yuan("1500.00"),
        yuan("46500.00"),
    ]
    assert found.left.principal == yuan("13500.00")


@holds("R-M4", neighbour=neighbour("clm.law.allocation._ranked", unnamed, "whatever the debtor names"))
def test_the_debtor_names_what_he_pays():
    debts = (owed("a", "10", "2026-01-01"), owed("b", "10", "2026-06-01"))
    assert pays("10", *debts, designated=["b"]) == {"a": "0.00", "b": "10.00"}


@holds("R-M4", neighbour=neighbour("clm.law.allocation._ranked", blind_to(not_due=False), "due or not"))
def test_debts_that_are_due_come_first():
    debts = (owed("early", "10", "2026-06-01"), owed("due", "10", "2026-04-01", secured=yuan("10")))
    assert pays("10", *debts) == {"early": "0.00", "due": "10.00"}


@holds("R-M4", neighbour=neighbour("clm.law.allocation._ranked", blind_to(secured=0), "secured or not"))
def test_the_least_secured_comes_before_the_heaviest():
    debts = (owed("safe", "10", "2026-01-01", secured=yuan("5"), burden="0.2"), owed("bare", "10", "2026-04-01"))
    assert pays("10", *debts) == {"safe": "0.00", "bare": "10.00"}


@holds("R-M4", neighbour=neighbour("clm.law.allocation._ranked", blind_to(lightness=0), "heavy or not"))
def test_the_heaviest_comes_before_the_earliest():
    debts = (owed("old", "10", "2026-01-01"), owed("heavy", "10", "2026-04-01", burden="0.1"))
    assert pays("10", *debts) == {"old": "0.00", "heavy": "10.00"}


@holds("R-M4", neighbour=neighbour("clm.law.allocation._ranked", blind_to(due=dt.date.min), "by amount at once"))
def test_the_earliest_due_comes_before_sharing_by_amount():
    debts = (owed("new", "10", "2026-04-01"), owed("old", "10", "2026-01-01"))
    assert pays("10", *debts) == {"new": "0.00", "old": "10.00"}


@holds(
    "R-M4",
    neighbour=neighbour(
        "clm.law.allocation._pro_rata", put(lambda sum_, amounts: [sum_, *(0 for _ in amounts[1:])]), "the first alone"
    ),
)
def test_what_is_equal_shares_by_amount():
    debts = (owed("a", "10", "2026-01-01"), owed("b", "20", "2026-01-01"))
    assert pays("10", *debts) == {"a": "3.33", "b": "6.67"}


@holds("R-M5", neighbour=neighbour("clm.law.interest._Limit.of", put(lambda *_: Fraction(10**9)), "no cap"))
def test_interest_stops_at_the_cap():
    capped = Cap(share_of_overdue="0.10")
    assert amount("10000.00", "2025-01-01", "2026-01-01", rate(per_day="0.005"), cap=capped) == "1000.00"


@holds("R-M5", neighbour=neighbour("clm.law.deposits.EXCESSIVE_FROM", put(Fraction(13000001, 10**7)), "a little above"))
@holds("R-M5", neighbour=neighbour("clm.law.deposits.EXCESSIVE_FROM", put(Fraction(12999999, 10**7)), "a little below"))
def test_a_penalty_above_130_percent_of_the_loss_is_presumed_excessive():
    found = [deposits.penalty(yuan(one), yuan("100000.00")) for one in ("130000.00", "130000.01", "150000.00")]
    assert [one.excessive_presumed for one in found] == [False, True, True]
    assert [one.payable.amount for one in found] == ["130000.00", "130000.01", "150000.00"]


@holds("R-M6", neighbour=neighbour("clm.law.deposits.DEPOSIT_SHARE", put(Fraction(1)), "whatever was paid"))
@holds("R-M6", neighbour=neighbour("clm.law.deposits.DEPOSIT_SHARE", put(Fraction(30, 100)), "a share of 30 %"))
def test_a_deposit_has_effect_up_to_a_fifth_of_the_price():
    found = deposits.deposit(yuan("500000.00"), yuan("120000.00"))
    assert (found.effective, found.excess) == (yuan("100000.00"), yuan("20000.00"))


@holds("R-M7", neighbour=neighbour("clm.law.payment_terms.PUBLIC_BODY_DAYS", put(Period(60, Unit.DAY)), "60 days"))
def test_a_public_body_pays_an_sme_within_30_days():
    found = due_date(None, {"delivery": day("2026-03-01")}, calendar=china(), relation=relation("public_body", "small"))
    assert found.due == day("2026-03-31")


@holds("R-M7", neighbour=neighbour("clm.law.payment_terms.LONGEST_DAYS", put(Period(90, Unit.DAY)), "90 days"))
def test_a_large_enterprise_pays_an_sme_within_60_days():
    found = due_date(None, {"delivery": day("2026-03-01")}, calendar=china(), relation=SME)
    assert found.due == day("2026-04-30")


@holds(
    "R-M8",
    neighbour=neighbour(
        "clm.law.offset.offset",
        lambda exact: lambda *given, **_: exact(*given, conditional=False),
        "a condition does no harm",
    ),
)
def test_a_notice_of_offset_carries_no_condition():
    given = (yuan("8000.00"), day("2026-04-10"), yuan("60000.00"), day("2026-04-20"))
    assert offset.offset(*given).effective
    assert not offset.offset(*given, conditional=True).effective


@holds("R-M9", neighbour=neighbour("clm.law.enforcement.RATE", put(Fraction(5, 10000)), "0.05 % a day"))
def test_a_judgment_debt_bears_the_doubled_part():
    found = enforcement_interest(yuan("100000.00"), day("2026-03-31"), day("2026-04-30"))
    assert found.interest == yuan("525.00")


@holds(
    "R-T9",
    neighbour=neighbour("clm.law.words.WORDS", put(dict.fromkeys(words.WORDS, "at_least")), "everything included"),
)
def test_exceeding_30_days_begins_on_day_31():
    def judged(on, word):
        return words.elapsed(day("2026-03-31"), day(on), word, Period(30, Unit.DAY), calendar=china()).holds

    assert [judged("2026-04-30", "超过"), judged("2026-05-01", "超过")] == [False, True]
    assert [judged("2026-04-29", "届满"), judged("2026-04-30", "届满")] == [False, True]


@holds("R-T9", neighbour=neighbour("clm.law.words.AMBIGUOUS", put(frozenset()), "前 read as a plain word"))
def test_words_that_do_not_say_what_they_include_are_told_so():
    with pytest.raises(words.LawError) as refused:
        words.meaning("前")
    assert "does not say whether the limit is included" in refused.value.message
