import pytest

from clm.features.contract_types import service
from clm.kit.problems import Problem

OUTBOUND = service.built_in()["outbound-call-outsourcing", 1]
PERIOD = {"length": 3, "unit": "year"}
TERMS = {
    "term": {"end": "2026-12-31", "renewal": {"automatic": False}},
    "effectiveness": {
        "execution": "signature_or_seal",
        "conditions": [{"key": "licence", "description": "呼叫中心许可证副本已交付"}],
        "not_before": "2026-03-01",
    },
    "confidentiality": {
        "rules": [
            {"class": "ordinary", "start": "disclosure", "end": {"after": {"anchor": "termination", "period": PERIOD}}}
        ]
    },
    "notices": {
        "rules": [
            {"channel": "courier", "trigger": "posted", "offset": {"length": 3, "unit": "day"}},
            {"channel": "email", "trigger": "entered"},
        ]
    },
    "payment": {"late": {"rate_per_day": "0.0003", "base": "overdue", "cap": None}},
}
REFUSALS = [("entered", "refusal_date"), ("delivered", "return_date")]


def errors_of(terms):
    with pytest.raises(Problem) as caught:
        service.validate_terms(OUTBOUND, terms)
    assert caught.value.kind.status == 422
    return [(error.pointer, error.message) for error in caught.value.errors]


def test_good_terms_pass_and_so_do_none():
    assert service.validate_terms(OUTBOUND, TERMS) is None
    assert service.validate_terms(OUTBOUND, {}) is None


@pytest.mark.parametrize(
    ("terms", "pointer", "said"),
    [
        ({"price": 1}, "/terms/price", "no such field"),
        ({"term": []}, "/terms/term", "an object"),
        ({"term": {"end": "2026-02-30"}}, "/terms/term/end", "no date"),
        ({"term": {"end": "2026-13-01T00:00"}}, "/terms/term/end", ""),
        ({"fees": {"total": {"amount": "-1.00", "currency": "CNY"}}}, "/terms/fees/total/amount", "form"),
        ({"fees": {"total": {"amount": "1.001", "currency": "CNY"}}}, "/terms/fees/total/amount", "form"),
        ({"fees": {"total": {"amount": 1, "currency": "CNY"}}}, "/terms/fees/total/amount", "a string"),
        ({"fees": {"total": {"amount": "1.00"}}}, "/terms/fees/total/currency", "missing"),
        ({"fees": {"total": {"amount": "1.00", "currency": "USD"}}}, "/terms/fees/total/currency", "CNY, not USD"),
        ({"term": {"start": "2026-05-01", "end": "2026-04-30"}}, "/terms/term/end", "before it starts"),
        (
            {"term": {"end": "2026-04-30"}, "effectiveness": {"not_before": "2026-05-01"}},
            "/terms/effectiveness/not_before",
            "after its end",
        ),
        (
            {"notices": {"rules": [{"channel": "pigeon", "trigger": "posted"}]}},
            "/terms/notices/rules/0/channel",
            "one of",
        ),
        (
            {"notices": {"rules": [{"channel": "email", "trigger": t, "refusal_rule": r} for t, r in REFUSALS]}},
            "/terms/notices/rules/1",
            "something else on a refusal",
        ),
        ({"effectiveness": {"execution": "handshake"}}, "/terms/effectiveness/execution", "one of"),
    ],
)
def test_terms_that_do_not_hold_are_told_apart_by_pointer(terms, pointer, said):
    (where, message) = errors_of(terms)[0]
    assert where == pointer
    assert said in message


def test_every_error_is_told_at_once_and_no_more_than_twenty():
    found = errors_of({f"x{number}": 1 for number in range(30)})
    assert len(found) == 20
    assert len({pointer for pointer, _ in found}) == 20


def test_a_term_of_one_day_is_a_term():
    assert service.validate_terms(OUTBOUND, {"term": {"start": "2026-05-01", "end": "2026-05-01"}}) is None


def test_another_currency_holds_where_the_terms_say_so():
    terms = {"currency": "USD", "fees": {"total": {"amount": "1.00", "currency": "USD"}}}
    assert service.validate_terms(OUTBOUND, terms) is None


def test_defaults_fill_in_member_by_member_and_say_so():
    terms, assumed = service.merged(OUTBOUND, TERMS)
    assert terms["payment"]["late"]["rate_per_day"] == "0.0003"
    assert terms["payment"]["late"]["cap"] is None
    assert terms["payment"]["late"]["suspend_after"] == {"length": 15, "unit": "day"}
    assert terms["notices"]["rules"] == TERMS["notices"]["rules"]
    assert "/terms/payment/late/suspend_after" in assumed
    assert "/terms/payment/late/rate_per_day" not in assumed
    assert "/terms/notices/rules" not in assumed
    assert "/terms/disputes" in assumed
    assert service.validate_terms(OUTBOUND, terms) is None


def test_defaults_of_other_alternatives_stay_out():
    due = {"date": "2026-06-30"}
    terms, assumed = service.merged(OUTBOUND, {"payment": {"due": due, "late": {"lpr": {"multiplier": "1.5"}}}})
    assert terms["payment"]["due"] == due
    assert "rate_per_day" not in terms["payment"]["late"]
    assert not any(pointer.startswith("/terms/payment/due") for pointer in assumed)


def test_filling_in_changes_neither_the_terms_nor_the_defaults():
    given = {"payment": {"late": {}}}
    terms, _ = service.merged(OUTBOUND, given)
    terms["payment"]["late"]["suspend_after"]["length"] = 99
    terms["disputes"]["law"] = "XX"
    again, _ = service.merged(OUTBOUND, {})
    assert given == {"payment": {"late": {}}}
    assert again["payment"]["late"]["suspend_after"]["length"] == 15
    assert again["disputes"]["law"] == "CN"
