"""Each rule of the statutory review: what it finds, at which place, and what it leaves alone."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from clm.demo import sample
from clm.law import findings, review_clauses, review_money
from clm.law.rates import RateRow, Rates, lpr
from clm.law.review import CHECKS, Side, review
from tests.features.contracts.acts import DESIGN_TERMS

A_LARGE, A_PUBLIC, B_SMALL = Side("A", "legal_person", "large"), Side("A", "public_body"), Side("B", size_class="small")
NOT_PROCESSED = {"personal_information": {"processed": False}}
APPENDIX = {
    "processed": True,
    "purpose": "回访",
    "duration": "合同期内",
    "method": "电话",
    "categories": ["姓名", "电话"],
    "measures": ["加密"],
    "duties": ["返还"],
    "impact_assessment": {"done_on": "2026-01-02"},
}


def cny(amount):
    return {"amount": amount, "currency": "CNY"}


def found(rule, terms, *, sides=(), texts=None, applying=None):
    """Severity and place of what one rule finds."""
    all_of_them = review(terms, applying or terms, sides=sides, texts=texts)
    return [(one.severity, one.pointer) for one in all_of_them if one.rule == rule]


def due(length, unit="day"):
    return {"payment": {"due": {"after": {"anchor": "invoice_received", "period": {"length": length, "unit": unit}}}}}


def late(**terms):
    return {"payment": {"late": terms}}


def forum(**chosen):
    return {"disputes": {"forum": chosen}}


def after(anchor, length):
    return {"after": {"period": {"length": length, "unit": "year"}} | ({"anchor": anchor} if anchor else {})}


def secrets(*ends):
    return {"confidentiality": {"rules": [{"class": "ordinary"} | ({"end": end} if end else {}) for end in ends]}}


def penalty(**terms):
    return {"breach": {"penalties": [{"for": "x"} | terms]}}


YEAR = {"start": "2026-01-01", "period": {"length": 1, "unit": "year"}}
OBJECTION = {"term": {"renewal": {"automatic": True, "objection": {"period": {"length": 30, "unit": "day"}}}}}
PENALTY = "/terms/breach/penalties/0"
RATES = lpr().up_to(dt.date(2026, 6, 22))
TOLD = Path(__file__).parents[1] / "data/findings.json"
FORUM = "/terms/disputes/forum"
RULE = "/terms/confidentiality/rules"
CASES = [
    ("L01", forum(court={"place": "A_seat"}, arbitration={"institutions": ["上仲"]}), {}, [("error", FORUM)]),
    ("L01", forum(court={"place": "A_seat"}), {}, []),
    ("L02", forum(court={"place": "A_seat"}), {}, []),
    ("L02", forum(arbitration={}), {}, [("error", f"{FORUM}/arbitration")]),
    ("L02", forum(arbitration={"institutions": ["上仲", "贸仲"]}), {}, [("error", f"{FORUM}/arbitration")]),
    ("L02", forum(arbitration={"institutions": ["上仲"]}), {}, []),
    ("L02", forum(arbitration={"institutions": ["上仲或者贸仲"]}), {}, [("error", f"{FORUM}/arbitration")]),
    ("L02", forum(arbitration={"institutions": ["甲方所在地的仲裁委员会"]}), {}, [("error", f"{FORUM}/arbitration")]),
    ("L02", forum(arbitration={"institutions": ["上海国际经济贸易仲裁委员会（上海国际仲裁中心）"]}), {}, []),
    ("L03", forum(court={"name": "甲区人民法院"}), {}, [("warn", f"{FORUM}/court")]),
    ("L03", forum(court={"name": "甲区人民法院", "place": "A_seat"}), {}, []),
    ("L04", {"disputes": {"limitation": {"length": 1, "unit": "year"}}}, {}, [("error", "/terms/disputes/limitation")]),
    ("L04", {"disputes": {"law": "CN"}}, {}, []),
    ("L05", {"fees": {"total": cny("500000"), "deposit": cny("100000.01")}}, {}, [("error", "/terms/fees/deposit")]),
    ("L05", {"fees": {"total": cny("500000"), "deposit": cny("100000")}}, {}, []),
    ("L05", {"fees": {"deposit": cny("100000")}}, {}, []),
    ("L05", {"fees": {"total": cny("0.03"), "deposit": cny("0.01")}}, {}, [("error", "/terms/fees/deposit")]),
    ("L05", {"fees": {"total": cny("1"), "deposit": {"amount": "5", "currency": "USD"}}}, {}, []),
    ("L06", late(rate_per_day="0.00008", base="overdue"), {"sides": [A_LARGE, B_SMALL]},
     [("error", "/terms/payment/late/rate_per_day")]),
    ("L06", late(rate_per_day="0.0001", base="overdue"), {"sides": [A_LARGE, B_SMALL]}, []),
    ("L06", late(rate_per_day="0.00008", base="overdue"), {"sides": [A_LARGE, A_LARGE]}, []),
    ("L06", late(rate_per_day="0.00008", base="overdue"), {"sides": [B_SMALL, B_SMALL]}, []),
    ("L06", late(lpr={"multiplier": "0.9"}), {"sides": [A_LARGE, B_SMALL]},
     [("error", "/terms/payment/late/lpr/multiplier")]),
    ("L06", late(lpr={"multiplier": "1"}), {"sides": [A_LARGE, B_SMALL]}, []),
    ("L06", due(61), {"sides": [A_PUBLIC, B_SMALL]}, [("error", "/terms/payment/due/after/period")]),
    ("L06", due(60), {"sides": [A_PUBLIC, B_SMALL]}, []),
    ("L06", due(43, "working_day"), {"sides": [A_PUBLIC, B_SMALL]}, [("error", "/terms/payment/due/after/period")]),
    ("L06", due(61), {"sides": [A_LARGE, B_SMALL]}, [("warn", "/terms/payment/due/after/period")]),
    ("L06", due(60), {"sides": [A_LARGE, B_SMALL]}, []),
    ("L06", due(61), {"sides": [Side("A", size_class="small"), Side("B", "public_body")]}, []),
    ("L06", due(61), {"sides": [Side("S", size_class="small"), Side("K", "public_body")]},
     [("error", "/terms/payment/due/after/period")]),
    ("L06", due(61), {"sides": [A_PUBLIC, Side("B", "public_body", "small")]}, []),
    ("L06", due(61, "fortnight"), {"sides": [A_PUBLIC, B_SMALL]}, []),
    ("L06", late(rate_per_day="0.0000825", base="overdue"), {"sides": [A_LARGE, B_SMALL]}, []),
    ("L06", late(rate_per_day="0.0000825", base="overdue", day_basis=360), {"sides": [A_LARGE, B_SMALL]},
     [("error", "/terms/payment/late/rate_per_day")]),
    ("L06", {"payment": {"pay_when_paid": True}}, {"sides": [A_LARGE, B_SMALL]},
     [("error", "/terms/payment/pay_when_paid")]),
    ("L06", {"payment": {"pay_when_paid": True}} | {"parties": {"size_class": {"A": "large", "B": "micro"}}},
     {"sides": [Side("A"), Side("B")]}, [("error", "/terms/payment/pay_when_paid")]),
    ("L06", {"payment": {"pay_when_paid": True}} | {"parties": {"size_class": {"A": "large", "B": "micro"}}}, {},
     [("error", "/terms/payment/pay_when_paid")]),
    ("L06", {"payment": {"pay_when_paid": True}} | {"parties": {"size_class": {"A": "micro", "B": "large"}}}, {}, []),
    ("L06", {}, {"sides": [A_LARGE, B_SMALL], "applying": {"payment": {"pay_when_paid": True}}},
     [("error", "/terms/payment/pay_when_paid")]),
    ("L07", {"breach": {"exemptions": ["negligence", "gross_negligence", "wilful"]}}, {},
     [("error", "/terms/breach/exemptions/1"), ("error", "/terms/breach/exemptions/2")]),
    ("L08", {"breach": {"penalty_adjustable": False}}, {}, [("warn", "/terms/breach/penalty_adjustable")]),
    ("L08", {"breach": {"penalty_adjustable": True}}, {}, []),
    ("L08", {}, {"texts": {"11.2": "双方同意，违约金不得请求调整。"}}, [("warn", "/sections/11.2/text")]),
    ("L08", {}, {"texts": {"11.2": "违约金过高的，可以请求调整。"}}, []),
    ("L08", {"amendments": {"change_of_circumstances": "excluded"}}, {},
     [("warn", "/terms/amendments/change_of_circumstances")]),
    ("L08", {}, {"texts": {"12.1": "双方放弃主张情势变更的权利。"}}, [("warn", "/sections/12.1/text")]),
    ("L09", {"personal_information": APPENDIX}, {}, []),
    ("L09", {"personal_information": APPENDIX | {"purpose": ""}}, {}, [("error", "/terms/personal_information")]),
    ("L09", {"personal_information": {**APPENDIX, "impact_assessment": None}}, {},
     [("error", "/terms/personal_information/impact_assessment")]),
    ("L09", {}, {"applying": {"customers": {}}},
     [("warn", "/terms/personal_information"), ("warn", "/terms/personal_information/impact_assessment")]),
    ("L09", {}, {}, []),
    ("L09", {}, {"applying": {"process": {}}},
     [("warn", "/terms/personal_information"), ("warn", "/terms/personal_information/impact_assessment")]),
    ("L09", {"confidentiality": {"rules": [5, {"class": "ordinary"}]}}, {}, []),
    ("L09", {"confidentiality": {"rules": [{"class": "personal_info"}]}}, {},
     [("warn", "/terms/personal_information"), ("warn", "/terms/personal_information/impact_assessment")]),
    ("L09", {"personal_information": {"processed": True}}, {"applying": {"personal_information": APPENDIX}}, []),
    ("L09", NOT_PROCESSED, {"applying": {"customers": {}}}, []),
    ("L10", {"amendments": {"silence_is_consent": True}}, {}, [("warn", "/terms/amendments/silence_is_consent")]),
    ("L10", {"amendments": {"silence_is_consent": False}}, {}, []),
    ("L10", {}, {"texts": {"14.3": "收到变更建议后五日内未提出异议的，视为同意变更。"}},
     [("warn", "/sections/14.3/text")]),
    ("L11", {"term": {"renewal": {"automatic": True}}}, {}, [("warn", "/terms/term/renewal")]),
    ("L11", {"term": {"renewal": {"automatic": True, "objection": {"period": {"length": 1, "unit": "month"}}}}}, {},
     []),
    ("L11", {"term": {"renewal": {"automatic": False}}}, {}, []),
    ("L11", {"term": {"renewal": {"automatic": True}}}, {"applying": OBJECTION}, [("warn", "/terms/term/renewal")]),
    ("L11", {}, {"applying": OBJECTION}, []),
    ("L11", {}, {"applying": {"term": {"renewal": {"automatic": True}}}}, [("warn", "/terms/term/renewal")]),
    ("L12", {}, {}, [("warn", "/terms/confidentiality")]),
    ("L12", secrets(None), {}, [("warn", f"{RULE}/0")]),
    ("L12", secrets({"later_of": [after("signing", 2), after(None, 3)]}), {}, [("warn", f"{RULE}/0/end")]),
    ("L12", secrets(after("termination", 3), after("termination", 5)), {}, [("warn", f"{RULE}/1/end")]),
    ("L12", secrets(after("termination", 3), after("termination", 3)), {}, []),
    ("L12", secrets({"later_of": [after(None, 3), after("signing", 2)]}), {}, [("warn", f"{RULE}/0/end")]),
    ("L12", {"confidentiality": {"rules": [None, {"class": "ordinary"}]}}, {}, [("warn", f"{RULE}/1")]),
    ("L12", {"confidentiality": {"rules": [{"class": "ordinary", "item": "x", "end": after("signing", 1)},
                                           {"class": "ordinary", "item": "y", "end": after("signing", 2)},
                                           {"class": "trade_secret", "item": "x", "end": after("signing", 3)}]}},
     {}, []),
    ("L13", {"effectiveness": {"execution_wording": "自双方签字盖章之日起生效"}}, {},
     [("warn", "/terms/effectiveness/execution_wording")]),
    ("L13", {"effectiveness": {"execution_wording": "自双方签字、盖章之日起生效"}}, {}, []),
    ("L13", {"effectiveness": {"execution": "signature_or_seal"}}, {"texts": {"14.4": "双方签字盖章后生效"}}, []),
    ("L13", {}, {"texts": {"14.4": "双方签名盖章后生效"}}, [("warn", "/sections/14.4/text")]),
    ("L14", {"scope": {"services": ["每月10日前交付报告"]}}, {}, [("warn", "/terms/scope/services/0")]),
    ("L14", {"scope": {"services": ["收到名单后10日以内拨打"]}}, {}, []),
    ("L14", {}, {"texts": {"6.1": "约三个月左右完成"}}, [("warn", "/sections/6.1/text")]),
    ("L15", {"term": {"start": "2026-01-01", "end": "2026-12-31", "period": {"length": 1, "unit": "year"}}}, {}, []),
    ("L15", {"term": {"start": "2026-01-01", "end": "2027-01-01", "period": {"length": 1, "unit": "year"}}}, {}, []),
    ("L15", {"term": {"start": "2026-01-01", "end": "2027-01-02", "period": {"length": 1, "unit": "year"}}}, {},
     [("error", "/terms/term")]),
    ("L15", {"term": YEAR | {"end": "2026-12-31", "count_start_day": True}}, {}, []),
    ("L15", {"term": YEAR | {"end": "2026-12-31", "count_start_day": False}}, {}, [("error", "/terms/term")]),
    ("L15", {"term": YEAR | {"end": "2027-01-01", "count_start_day": True}}, {}, [("error", "/terms/term")]),
    ("L15", {"term": YEAR | {"start": "2024-10-09", "end": "2025-10-09", "roll": "forward"}}, {}, []),
    ("L15", {"term": YEAR | {"start": "2024-10-08", "end": "2025-10-09", "roll": "forward"}}, {}, []),
    ("L15", {"term": YEAR | {"start": "2024-10-08", "end": "2025-10-10", "roll": "forward"}}, {},
     [("error", "/terms/term")]),
    ("L15", {"term": YEAR | {"start": "2025-12-25", "end": "2026-12-28", "roll": "forward"}}, {}, []),
    ("L15", {"term": YEAR | {"start": "2050-01-01", "end": "2051-02-02", "roll": "forward"}}, {}, []),
    ("L15", {"term": YEAR | {"end": "2026-12-31", "period": {"length": 9, "unit": "hour"}}}, {}, []),
    ("L15", {"term": {"end": "2027-01-02", "period": {"length": 1, "unit": "year"}}}, {}, []),
    ("L16", {"breach": {"penalties": [{"for": "x", "share": "0.30", "base": "contract_total"},
                                      {"for": "y", "share": "0.31", "base": "contract_total"}]}}, {},
     [("warn", "/terms/breach/penalties/1/share")]),
    ("L16", {"breach": {"penalties": [{"for": "x", "share": "1", "base": "monthly_fee"}]}}, {}, []),
    ("L16", {"fees": {"total": cny("100")}, "breach": {"penalties": [{"for": "x", "amount": cny("30.01")}]}}, {},
     [("warn", "/terms/breach/penalties/0/amount")]),
    ("L16", {"fees": {"total": cny("100")}, "breach": {"penalties": [{"for": "x", "amount": cny("30")}]}}, {}, []),
    ("L16", late(rate_per_day="0.05", base="overdue"), {}, [("warn", "/terms/payment/late/rate_per_day")]),
    ("L16", late(rate_per_day="0.01", base="overdue"), {}, []),
    ("L16", late(rate_per_day="0.05", base="overdue", cap={"share_of_overdue": "0.1"}), {}, []),
    ("L16", late(rate_per_day="0.05", base="overdue", cap={"share_of_overdue": "0.31"}), {},
     [("warn", "/terms/payment/late/rate_per_day")]),
    ("L16", late(rate_per_day="0.05", base="overdue", cap={}), {}, [("warn", "/terms/payment/late/rate_per_day")]),
    ("L16", penalty(rate_per_day="0.02", base="overdue", cap="0.3"), {}, []),
    ("L16", penalty(rate_per_day="0.02", base="overdue", cap="0.4"), {}, [("warn", f"{PENALTY}/rate_per_day")]),
    ("L16", penalty(share="0.31", base="overdue"), {}, [("warn", f"{PENALTY}/share")]),
    ("L16", penalty(amount=cny("130"), loss=cny("100")), {}, []),
    ("L16", penalty(amount=cny("130.01"), loss=cny("100")), {}, [("warn", f"{PENALTY}/amount")]),
    ("L16", penalty(amount=cny("90"), loss=cny("80")) | {"fees": {"total": cny("100")}}, {}, []),
    ("L16", penalty(share="0.14", base="contract_total", loss=cny("10")) | {"fees": {"total": cny("100")}}, {},
     [("warn", f"{PENALTY}/share")]),
    ("L16", penalty(share="0.13", base="contract_total", loss=cny("10")) | {"fees": {"total": cny("100")}}, {}, []),
    ("L16", penalty(amount=cny("31"), loss={"amount": "1", "currency": "USD"}) | {"fees": {"total": cny("100")}}, {},
     [("warn", f"{PENALTY}/amount")]),
    ("L17", {}, {}, [("warn", "/terms/termination")]),
    ("L17", {"termination": {"grounds": [{"key": "x", "holder": "A"}]}}, {}, [("warn", "/terms/termination")]),
    ("L17", {"termination": {"grounds": [{"key": "x", "cure": {"period": {"length": 9, "unit": "day"}}}]}}, {}, []),
    ("L17", {"termination": {"grounds": [{"key": "x"}], "cure": {"period": {"length": 9, "unit": "day"}}}}, {}, []),
    ("L18", {}, {}, [("warn", "/terms/notices")]),
    ("L18", {"notices": {"rules": [{"channel": "email", "trigger": "entered"}]}}, {}, []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "terms", "given", "expected"), CASES, ids=lambda one: one if isinstance(one, str) else ""
)
def test_what_a_rule_finds(rule, terms, given, expected):
    assert found(rule, terms, **given) == expected


def test_every_rule_is_tried_both_ways():
    assert {rule for rule, *_, expected in CASES if expected} == set(CHECKS)
    assert {rule for rule, *_, expected in CASES if not expected} >= set(CHECKS) - {"L07"}


@pytest.mark.parametrize("terms", [sample.TERMS, DESIGN_TERMS], ids=["demo", "design"])
def test_a_sound_contract_has_warnings_at_most(terms):
    findings = review(terms, terms | {"customers": {}}, sides=[A_LARGE, B_SMALL])
    assert {one.severity for one in findings} == {"warn"}
    assert all(one.article and one.text.endswith(".") and one.cure.endswith(".") for one in findings)


@pytest.mark.parametrize("odd", [None, 7, "x", [], [None], {}, {"rules": 3}, [{"end": 5}], {"a": {"b": []}}])
def test_odd_terms_are_no_reason_to_fail(odd):
    terms = dict.fromkeys(
        ("fees", "payment", "breach", "term", "termination", "notices", "disputes", "confidentiality", "effectiveness"),
        odd,
    )
    assert review(terms, terms, sides=[A_PUBLIC, B_SMALL])


def test_the_money_is_told_to_the_cent():
    (one,) = [f for f in review({"fees": {"total": cny("500000"), "deposit": cny("120000")}}, {}) if f.rule == "L05"]
    assert "20000.00" in one.text
    assert "100000.00" in one.cure


@pytest.mark.parametrize("rule", CHECKS)
def test_the_words_of_a_finding_are_those_that_were_found_right(rule):
    """Whole findings, each once. `python -m tests.law.test_review` writes them anew: read the difference."""
    assert told(rule) == json.loads(TOLD.read_text(encoding="utf-8"))[rule]


def told(rule):
    found = {
        one: None
        for case, terms, given, _ in CASES
        if case == rule
        for one in review(terms, **({"applying": terms, "rates": RATES} | given))
        if one.rule == rule
    }
    return [msgspec.to_builtins(one) for one in found]


def test_the_rate_that_is_the_lpr_is_no_finding():
    rates = Rates.from_rows([RateRow(dt.date(2026, 1, 20), Decimal("0.0365"), "test")])
    sides, at, below = [A_LARGE, B_SMALL], late(rate_per_day="0.0001"), late(rate_per_day="0.00009999")
    assert not [one for one in review(at, at, sides=sides, rates=rates) if one.rule == "L06"]
    (one,) = [one for one in review(below, below, sides=sides, rates=rates) if one.rule == "L06"]
    assert "3.65% of 2026-01-20" in one.text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.3", Decimal("0.3")),
        ("1" * 25, Decimal("1" * 25)),
        ("1" * 26, None),
        ("1E+25", Decimal("1E+25")),
        ("1E+26", None),
        ("1E-26", None),
        ("NaN", None),
        ("-Infinity", None),
        ("x", None),
        (1, None),
    ],
)
def test_a_number_is_one_that_is_computed_exactly(text, number):
    assert findings.decimal(text) == number


def test_constants_are_what_the_law_says():
    assert (Decimal("0.2"), Decimal("0.3")) == (review_money.DEPOSIT_SHARE, review_money.PENALTY_SHARE)
    assert review_money.SME_DAYS == 60
    assert set(review_clauses.NEVER_EXEMPT) == {"personal_injury", "wilful", "gross_negligence"}
    assert {"micro", "small", "medium"} == findings.SMALL


if __name__ == "__main__":
    kept = {rule: told(rule) for rule in CHECKS}
    TOLD.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
