import pytest

from clm.law.basis import LawError
from clm.law.enforcement import enforcement_interest
from clm.law.interest import Cap, Payment
from clm.law.interest_rates import AgreedRate
from clm.law.money import Money
from tests.law.sums import day, interest, rate, relation, yuan

DOLLARS = Money("1.00", "USD")
AGREED = rate(per_day="0.0005")
GIVEN = ("100.00", "2026-03-31", "2026-04-20")


def late(principal="100.00", due="2026-03-31", paid="2026-04-20", agreed=AGREED, **choices):
    return interest(principal, due, paid, agreed, **choices)


def part(on="2026-04-01", amount="10.00", currency="CNY"):
    return {"payments": [Payment(day(on), Money(amount, currency))]}


SME = ("large", "small")
CASES = [
    ({"agreed": rate()}, "rate"),
    ({"agreed": rate(per_day="0.1", per_year="0.1")}, "rate"),
    ({"agreed": rate(per_day="0.1", lpr={})}, "rate"),
    ({"agreed": rate(), "paid": "2026-03-31"}, "rate"),
    ({"agreed": rate(lpr={"multiplier": "0"})}, "/rate/lpr/multiplier"),
    ({"agreed": rate(lpr={"multiplier": "100.1"})}, "/rate/lpr/multiplier"),
    ({"agreed": AgreedRate(per_day="NaN")}, "/rate/per_day"),
    ({"agreed": AgreedRate(per_year="1e5")}, "/rate/per_year"),
    ({"agreed": AgreedRate(per_month="-0.1")}, "/rate/per_month"),
    ({"due": "1989-12-31"}, "due"),
    ({"due": "2101-01-01"}, "due"),
    ({"paid": "1989-12-31"}, "paid"),
    ({"paid": "2101-01-01"}, "paid"),
    ({"paid": None}, "paid"),
    ({"relation": relation(*SME), "agreed": rate(per_year="0.0424")}, "concluded_on"),
    ({"relation": relation(*SME), "agreed": rate(lpr={"multiplier": "2"})}, "concluded_on"),
    ({"relation": relation(*SME, "2026-04-02")}, "concluded_on"),
    ({"relation": relation(None, None, "1989-12-31")}, "concluded_on"),
    ({"relation": relation(None, None, "2101-01-01")}, "concluded_on"),
    ({"cap": Cap()}, "cap"),
    ({"cap": Cap(share_of_overdue="0.1", amount=yuan("1.00"))}, "cap"),
    ({"cap": Cap(share_of_contract="0.1")}, "contract_total"),
    ({"cap": Cap(share_of_overdue="x")}, "/cap/share_of_overdue"),
    ({"cap": Cap(amount=DOLLARS)}, "/cap/amount/currency"),
    ({"debt": {"base": "contract_total"}}, "contract_total"),
    ({"debt": {"contract_total": DOLLARS}}, "contract_total/currency"),
    ({"debt": {"costs": DOLLARS}}, "costs/currency"),
    ({"debt": part(currency="USD")}, "/payments/0/amount/currency"),
    ({"debt": part(on="1989-01-01")}, "/payments/0/on"),
    ({"debt": part(on="2026-04-21")}, "/payments/0/on"),
    ({"debt": {"order": ("principal", "interest")}}, "order"),
    ({"debt": {"order": ("principal", "interest", "interest")}}, "order"),
]


@pytest.mark.parametrize(("wrong", "field"), CASES)
def test_what_has_no_basis_is_refused_at_its_place(wrong, field):
    with pytest.raises(LawError) as refused:
        late(**wrong)
    assert refused.value.field == field
    assert refused.value.message


def test_a_rate_above_every_lpr_on_record_needs_no_day_of_conclusion():
    found = late(relation=relation(*SME), agreed=rate(per_year="0.0425"))
    assert (found.assumed, found.flags) == (True, ())  # the day basis is the default
    assert "0.0425 a year is the highest" in found.basis.steps[1].text
    assert late(relation=relation(*SME), agreed=rate(per_day="0.0005")).assumed is False


def test_days_at_the_bounds_are_good():
    assert late(due="1990-01-01", paid="2100-12-31").days == 40541
    assert late(relation=relation(*SME, "2026-04-01")).days == 20
    assert late(relation=relation(None, None, "1990-01-01")).days == 20
    assert late(due="2100-12-30", paid="2100-12-31", relation=relation(None, None, "2100-12-31")).days == 1
    assert late(agreed=rate(lpr={"multiplier": "100"})).days == 20
    assert late(debt=part(on="2026-04-20")).days == 20


@pytest.mark.parametrize(
    ("due", "paid", "field"),
    [("1989-12-31", "2026-01-01", "due"), ("2026-01-01", "2101-01-01", "paid")],
)
def test_a_judgment_debt_has_its_dates_in_bounds(due, paid, field):
    with pytest.raises(LawError) as refused:
        enforcement_interest(yuan("1.00"), day(due), day(paid))
    assert refused.value.field == field


@pytest.mark.parametrize(
    "text", ["-1", "+1", "1.005", "1.", ".5", "01", "1e3", "NaN", "Infinity", "", " 1", "1\n", "１", "1,000.00"]
)
def test_an_amount_is_a_plain_decimal_string(text):
    with pytest.raises(LawError) as refused:
        Money(text, "CNY")
    assert refused.value.field == "amount"


@pytest.mark.parametrize(("text", "cents"), [("0", 0), ("0.5", 50), ("0.05", 5), ("12", 1200), ("12.34", 1234)])
def test_an_amount_is_so_many_cents(text, cents):
    assert yuan(text).cents == cents
    assert Money.of_cents(cents, "CNY").cents == cents
    assert str(yuan(text)) == f"CNY {text}"
