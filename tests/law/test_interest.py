import json
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from clm.law.basis import LawError
from clm.law.enforcement import enforcement_interest
from clm.law.interest import Cap, Payment
from clm.law.rates import RateRow, Rates, lpr
from tests.law.sums import amount, day, interest, rate, relation, yuan

VECTORS = json.loads((Path(__file__).parents[1] / "data/vectors/late-interest.json").read_text())
G01 = ("100000.00", "2026-03-31", "2026-04-20")
G04 = ("200000.00", "2025-03-31", "2025-06-30")
LARGE_TO_SME = relation("large", "small", "2025-06-02")


@pytest.mark.parametrize("one", VECTORS, ids=lambda one: one["id"])
def test_every_vector_holds(one):
    asked = one["request"]
    found = interest(
        asked["principal"]["amount"],
        asked["due"],
        asked["paid"],
        rate(**asked["rate"]),
        day_basis=asked.get("day_basis"),
    )
    shown = json.loads(msgspec.json.encode(found))
    assert {key: shown[key] for key in one["expect"]} == one["expect"]
    assert not found.assumed
    assert found.status == "final"


def test_g02_large_enterprise_owes_an_sme_without_a_rate():
    found = interest(*G01, relation=relation("large", "small"))
    assert (found.interest, found.assumed, found.flags) == (yuan("1000.00"), False, ())
    assert found.basis.source == "Regulation on Payments to SMEs 17"
    assert amount(*G01, relation=relation("public_body", "micro")) == "1000.00"


def test_others_without_a_rate_owe_the_lpr_and_half_of_it():
    for who in (relation(), relation("small", "small"), relation("large", "large"), relation("large", None)):
        found = interest(*G04, relation=who)
        assert (found.interest, found.assumed) == (yuan("2318.63"), True)
        assert found.basis.source == "Sales interpretation 18(4) through Civil Code 646"


def test_before_its_regulation_an_sme_was_owed_what_everybody_is():
    assert interest(*G04, relation=relation("large", "small", "2020-08-31")).interest == yuan("2318.63")
    assert interest(*G04, relation=relation("large", "small", "2020-09-01")).interest == yuan("9100.00")


def test_g03_a_rate_below_the_floor_is_lifted_to_it_and_flagged():
    low = interest("100000.00", "2025-12-31", "2026-12-31", rate(per_year="0.025"), relation=LARGE_TO_SME)
    assert (low.interest, low.flags, low.assumed) == (yuan("3000.00"), ("BELOW_LPR_FLOOR",), True)
    assert (low.segments[0].rate, low.segments[0].per) == ("0.03", "year")
    assert low.basis.rule == "R-M-FLOOR"


@pytest.mark.parametrize(
    ("agreed", "flags"),
    [
        (rate(per_year="0.03"), ()),
        (rate(per_year="0.0299999999"), ("BELOW_LPR_FLOOR",)),
        (rate(per_month="0.0025"), ()),
        (rate(per_month="0.0024"), ("BELOW_LPR_FLOOR",)),
        (rate(per_day="0.0000821"), ("BELOW_LPR_FLOOR",)),
        (rate(per_day="0.0000822"), ()),
        (rate(lpr={"multiplier": "1"}), ()),
        (rate(lpr={"multiplier": "0.9"}), ("BELOW_LPR_FLOOR",)),
    ],
)
def test_the_floor_is_the_lpr_at_conclusion_and_a_rate_at_it_is_good(agreed, flags):
    found = interest("100000.00", "2025-12-31", "2026-06-30", agreed, relation=LARGE_TO_SME)
    assert found.flags == flags


def test_a_floor_from_a_provisional_rate_makes_the_answer_provisional():
    late = relation("large", "small", "2026-08-01")
    assert interest("1.00", "2026-08-31", "2026-09-30", rate(per_day="0.01"), relation=late).status == "provisional"
    assert interest("1.00", "2026-08-31", "2026-09-30", rate(per_year="0.01"), relation=late).status == "provisional"


def test_g04_with_other_bases_and_multipliers():
    assert amount(*G04, rate(lpr={"multiplier": "1.5", "method": "fixed"}), day_basis=360) == "2350.83"
    assert amount(*G04, rate(lpr={"multiplier": "1.3", "method": "fixed"}), day_basis=365) == "2009.48"


@pytest.mark.parametrize(
    ("agreed", "basis", "assumed"),
    [
        ({"lpr": {"multiplier": "1.5", "method": "fixed"}}, 365, False),
        ({"lpr": {"multiplier": "1.5", "method": "fixed"}}, None, True),
        ({"lpr": {"multiplier": "1.5"}}, 365, True),
        ({"lpr": {"method": "floating"}}, 365, True),
        ({"lpr": {}}, 365, True),
        ({"per_year": "0.05"}, None, True),
        ({"per_year": "0.05"}, 360, False),
        ({"per_month": "0.01"}, None, True),
        ({"per_day": "0.0005"}, None, False),
    ],
)
def test_what_nobody_said_is_assumed(agreed, basis, assumed):
    assert interest(*G04, rate(**agreed), day_basis=basis).assumed is assumed


def test_a_month_is_a_twelfth_of_a_year():
    assert amount(*G01, rate(per_month="0.03"), day_basis=360) == "2000.00"
    assert amount(*G01, rate(per_year="0.36"), day_basis=360) == "2000.00"


def test_a_fixed_lpr_is_that_of_the_first_overdue_day():
    fixed = interest("100000.00", "2024-10-20", "2024-10-31", rate(lpr={"multiplier": "1", "method": "fixed"}))
    assert [one.rate for one in fixed.segments] == ["0.031"]
    before = interest("100000.00", "2024-10-19", "2024-10-31", rate(lpr={"multiplier": "1", "method": "fixed"}))
    assert [one.rate for one in before.segments] == ["0.0335"]


def test_a_floating_lpr_changes_with_each_publication():
    found = interest("100000.00", "2024-09-30", "2025-06-30", rate(lpr={"multiplier": "1", "method": "floating"}))
    shown = [(str(one.start), str(one.end), one.days, one.rate) for one in found.segments]
    assert shown == [
        ("2024-10-01", "2024-10-20", 20, "0.0335"),
        ("2024-10-21", "2025-05-19", 211, "0.031"),
        ("2025-05-20", "2025-06-30", 42, "0.03"),
    ]
    assert found.days == sum(one.days for one in found.segments)
    published = [str(step.date) for step in found.basis.steps if step.rule == "R-M3"]
    assert published == ["2024-07-22", "2024-10-21", "2025-05-20"]


def test_a_publication_that_repeats_the_rate_starts_no_segment():
    found = interest("1000.00", "2026-05-31", "2026-07-10", rate(lpr={"multiplier": "1", "method": "floating"}))
    assert [(str(one.start), str(one.end)) for one in found.segments] == [("2026-06-01", "2026-07-10")]
    assert found.segments[0].interest == "3.287671"


@pytest.mark.parametrize(
    ("method", "due", "paid", "status"),
    [
        ("floating", "2026-06-30", "2026-07-19", "final"),
        ("floating", "2026-06-30", "2026-07-20", "provisional"),
        ("fixed", "2026-06-30", "2026-12-31", "final"),
        ("fixed", "2026-07-18", "2026-12-31", "final"),
        ("fixed", "2026-07-19", "2026-12-31", "provisional"),
    ],
)
def test_a_day_whose_rate_is_not_loaded_is_provisional(method, due, paid, status):
    found = interest("1000.00", due, paid, rate(lpr={"multiplier": "1", "method": method}))
    assert found.status == found.basis.status == status


def test_a_part_payment_does_not_hide_that_later_days_are_provisional():
    floating = rate(lpr={"multiplier": "1", "method": "floating"})
    debt = {"payments": [Payment(day("2026-07-10"), yuan("10.00"))]}
    found = interest("1000.00", "2026-06-30", "2026-08-31", floating, debt=debt)
    assert (found.status, len(found.segments)) == ("provisional", 2)
    assert [one.per for one in found.segments] == ["year", "year"]
    assert [str(step.date) for step in found.basis.steps if step.rule == "R-M3"] == ["2026-06-22"]


def test_a_rate_that_is_loaded_later_counts():
    loaded = Rates.from_rows([*lpr().rows, RateRow(day("2026-07-20"), Decimal("0.029"), "made up")])
    agreed = rate(lpr={"multiplier": "1", "method": "floating"})
    found = interest("36500.00", "2026-07-18", "2026-07-21", agreed, rates=loaded, day_basis=365)
    assert (found.status, found.interest) == ("final", yuan("8.80"))


def test_there_is_no_lpr_before_it_was_made():
    with pytest.raises(LawError, match="2019-08-20"):
        interest("1.00", "2019-08-18", "2020-01-01")
    assert interest("1.00", "2019-08-19", "2020-01-01").segments[0].rate == "0.06375"
    assert interest("1.00", "2015-01-01", "2015-01-01").days == 0
    assert interest("1.00", "2015-01-01", "2016-01-01", rate(per_year="0.06")).days == 365


@pytest.mark.parametrize("paid", ["2026-03-31", "2026-03-30", "2020-01-01"])
def test_paid_in_time_costs_nothing(paid):
    found = interest("100000.00", "2026-03-31", paid)
    assert (found.days, found.interest, found.segments, found.flags) == (0, yuan("0.00"), (), ())
    assert (found.assumed, found.status, found.basis.rule) == (False, "final", "R-M1")


def test_g14_a_void_pay_when_paid_clause_leaves_the_agreed_rate_or_the_plain_lpr():
    void = relation("large", "small", "2025-06-02", pay_when_paid=True)
    by_law = interest("36500.00", "2025-06-30", "2025-07-10", relation=void, day_basis=365)
    assert (by_law.interest, by_law.flags, by_law.assumed) == (yuan("30.00"), ("BACK_TO_BACK_VOID",), True)
    agreed = interest("36500.00", "2025-06-30", "2025-07-10", rate(per_day="0.0005"), relation=void)
    assert (agreed.interest, agreed.flags) == (yuan("182.50"), ("BACK_TO_BACK_VOID",))
    low = interest("36500.00", "2025-06-30", "2025-07-10", rate(per_year="0.01"), relation=void, day_basis=365)
    assert (low.interest, low.flags) == (yuan("30.00"), ("BACK_TO_BACK_VOID", "BELOW_LPR_FLOOR"))


@pytest.mark.parametrize(
    ("cap", "expected", "flags"),
    [
        (Cap(share_of_overdue="0.10"), "1000.00", ("CAPPED",)),
        (Cap(share_of_overdue="0.50"), "5000.00", ()),
        (Cap(share_of_overdue="0.500001"), "5000.00", ()),
        (Cap(share_of_contract="0.10"), "3000.00", ("CAPPED",)),
        (Cap(amount=yuan("123.45")), "123.45", ("CAPPED",)),
        (Cap(amount=yuan("0")), "0.00", ("CAPPED",)),
    ],
)
def test_a_cap_holds(cap, expected, flags):
    debt = {"contract_total": yuan("30000.00")}
    found = interest("10000.00", "2025-01-01", "2025-04-11", rate(per_day="0.005"), cap=cap, debt=debt)
    assert (found.interest.amount, found.flags) == (expected, flags)
    assert (found.basis.steps[-1].rule == "R-M5") is bool(flags)


def test_a_capped_share_is_rounded_half_up_once():
    assert amount("0.05", "2025-01-01", "2026-01-01", rate(per_day="0.05"), cap=Cap(share_of_overdue="0.5")) == "0.03"


def test_interest_on_the_contract_total():
    debt = {"base": "contract_total", "contract_total": yuan("500000.00")}
    assert amount(*G01, rate(per_day="0.0005"), debt=debt) == "5000.00"


def test_part_payments_pay_costs_then_interest_then_principal():
    payments = [Payment(day("2026-04-10"), yuan("50500.00")), Payment(day("2026-04-30"), yuan("50001.00"))]
    debt = {"payments": payments, "costs": yuan("200.00")}
    found = interest("100000.00", "2026-03-31", None, rate(per_day="0.0005"), debt=debt)
    first, second = found.settled
    assert [one.amount for one in (first.paid.costs, first.paid.interest, first.paid.principal)] == [
        "200.00",
        "500.00",
        "49800.00",
    ]
    assert second.paid.interest == yuan("502.00")  # 50,200.00 for 20 days
    assert second.paid.principal == yuan("49499.00")
    assert (found.interest, found.days) == (yuan("1002.00"), 30)
    assert (found.outstanding.principal, found.outstanding.interest) == (yuan("701.00"), yuan("0.00"))
    assert [(str(one.start), str(one.end), one.base.amount) for one in found.segments] == [
        ("2026-04-01", "2026-04-10", "100000.00"),
        ("2026-04-11", "2026-04-30", "50200.00"),
    ]


def test_an_agreed_order_pays_the_principal_first():
    payments = [Payment(day("2026-04-10"), yuan("60000.00"))]
    debt = {"payments": payments, "order": ("principal", "interest", "costs")}
    found = interest("100000.00", "2026-03-31", "2026-04-20", rate(per_day="0.0005"), debt=debt)
    assert found.settled[0].paid.interest == yuan("0.00")
    assert (found.interest, found.outstanding.principal) == (yuan("700.00"), yuan("40000.00"))
    assert found.outstanding.interest == yuan("700.00")


def test_what_is_paid_early_and_too_much():
    payments = [Payment(day("2026-05-01"), yuan("90000.00")), Payment(day("2026-03-01"), yuan("20000.00"))]
    found = interest("100000.00", "2026-03-31", "2026-12-31", rate(per_day="0.0005"), debt={"payments": payments})
    early, late = found.settled
    assert (early.paid.principal, early.surplus) == (yuan("20000.00"), yuan("0.00"))
    assert late.surplus == yuan("8760.00")  # 80,000.00 and 31 days of interest on it are paid
    assert (found.days, found.outstanding.principal) == (31, yuan("0.00"))
    all_early = interest("1.00", "2026-03-31", "2026-12-31", debt={"payments": [Payment(day("2026-03-31"), yuan("1"))]})
    assert (all_early.days, all_early.outstanding.principal) == (0, yuan("0.00"))


def test_a_cap_on_the_overdue_share_counts_what_was_overdue():
    payments = [Payment(day("2026-03-01"), yuan("50000.00"))]
    found = interest(
        "100000.00", "2026-03-31", "2026-12-31", rate(per_day="0.01"), debt={"payments": payments},
        cap=Cap(share_of_overdue="0.10"),
    )  # fmt: skip
    assert found.interest == yuan("5000.00")


def test_g15_enforcement_interest():
    found = enforcement_interest(yuan("100000.00"), day("2026-03-31"), day("2026-04-30"))
    assert (found.days, found.interest) == (30, yuan("525.00"))
    assert enforcement_interest(yuan("1.00"), day("2026-03-31"), day("2026-03-01")).days == 0
    assert enforcement_interest(yuan("1.00"), day("2014-07-31"), day("2014-08-01")).days == 1
    with pytest.raises(LawError, match="2014-08-01"):
        enforcement_interest(yuan("1.00"), day("2014-07-30"), day("2014-08-02"))


def test_huge_sums_stay_exact():
    found = interest("999999999999999.99", "1990-01-01", "2100-12-31", rate(per_day="1"))
    assert found.days == 40541
    assert found.interest.cents == 99999999999999999 * 40541


def test_a_day_basis_that_nobody_agreed_and_that_decides_on_the_floor_is_assumed():
    sme = relation("large", "small", "2021-06-01")  # LPR 3.85 %: 0.000106 a day is 3.869 % of 365 days, 3.816 % of 360
    terms = {"agreed": rate(per_day="0.000106"), "relation": sme}
    by_default = interest("365000.00", "2026-03-31", "2026-04-20", **terms)
    assert (by_default.assumed, by_default.flags) == (True, ())
    assert "R-M-BASIS" in [step.rule for step in by_default.basis.steps]
    agreed = interest("365000.00", "2026-03-31", "2026-04-20", **terms, day_basis=365)
    assert (agreed.assumed, agreed.interest) == (False, by_default.interest)
    assert interest("365000.00", "2026-03-31", "2026-04-20", **terms, day_basis=360).flags == ("BELOW_LPR_FLOOR",)
