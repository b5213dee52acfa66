"""What the terms of the shipped contract types accept, and what they refuse."""

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import clm.features
from clm.features.contract_types import service
from clm.features.contract_types import terms as checks

FOLDER = Path(clm.features.__file__).parent / "contract_types" / "data"
BOTH = pytest.mark.parametrize("key", ["outbound-call-outsourcing", "generic"])


def validator(key):
    document = json.loads((FOLDER / f"{key}.json").read_text(encoding="utf-8"))
    return Draft202012Validator(document["terms_schema"], format_checker=Draft202012Validator.FORMAT_CHECKER)


def example():
    """The example contract of the API's description."""
    return json.loads("""{
      "term": {"end": "2026-12-31", "renewal": {"automatic": false}},
      "effectiveness": {"execution": "signature_or_seal", "not_before": "2026-03-01",
        "conditions": [{"key": "licence", "description": "..."}]},
      "confidentiality": {"rules": [{"class": "ordinary", "start": "disclosure",
        "end": {"after": {"anchor": "termination", "period": {"length": 3, "unit": "year"}}}}]},
      "notices": {"rules": [{"channel": "courier", "trigger": "posted", "offset": {"length": 3, "unit": "day"}},
        {"channel": "email", "trigger": "entered"}]},
      "termination": {"grounds": [{"key": "material_breach", "holder": "either",
        "cure": {"period": {"length": 15, "unit": "day"}, "automatic": true}}]},
      "payment": {"due": {"after": {"anchor": "statement_confirmed", "period": {"length": 10, "unit": "working_day"}}},
        "late": {"rate_per_day": "0.0005", "base": "overdue", "cap": null}},
      "service_levels": [{"metric": "connect_rate", "threshold": "0.95", "cycle": "month"},
        {"metric": "satisfaction", "threshold": "0.85", "cycle": "month"}]}""")


def put(pointer, value, terms=None):
    """`terms` with a value set; the objects on the way are made."""
    terms = copy.deepcopy({} if terms is None else terms)
    *path, last = pointer.split("/")[1:]
    node = terms
    for part in path:
        node = node.setdefault(part, {})
    node[last] = value
    return terms


@BOTH
def test_example_terms_are_accepted(key):
    assert list(validator(key).iter_errors(example())) == []


TIER = {"from": "0", "unit_price": {"amount": "0.3", "currency": "CNY"}}
PERIOD = {"length": 5, "unit": "day"}
GOOD = [
    ("/payment/due", {"date": "2026-04-30"}),
    ("/payment/late", {"lpr": {"multiplier": "1.5", "method": "floating"}, "cap": {"share_of_overdue": "0.10"}}),
    ("/payment/late/rescind_after", None),
    ("/fees/items", [{"basis": "commission", "rate": "0.02"}, {"basis": "expense"}]),
    ("/fees/items", [{"basis": "minute", "tiers": [TIER]}]),
    ("/confidentiality/rules", [{"class": "all"}]),
    ("/confidentiality/rules", [{"class": "ordinary", "end": {"after": {"period": {"length": 3, "unit": "year"}}}}]),
    (
        "/confidentiality/rules",
        [
            {
                "class": "ordinary",
                "start": "signing",
                "end": {"later_of": [{"date": "2030-01-01"}, {"earlier_of": [{"perpetual": True}]}]},
            }
        ],
    ),
    ("/disputes/forum", {"court": {"place": "A_seat"}, "arbitration": {"institutions": ["甲", "乙"]}}),
    ("/term", {"end": "2026-12-31", "period": {"length": 1, "unit": "year"}}),
    ("/term", {"indefinite": True}),
    ("/termination/convenience", {"holder": "A", "notice": {"length": 30, "unit": "day"}}),
    ("/notices/channels_allowed", {"rescission": ["courier"]}),
]


@BOTH
@pytest.mark.parametrize(("pointer", "value"), GOOD)
def test_observed_variants_are_accepted(key, pointer, value):
    assert list(validator(key).iter_errors(put(pointer, value))) == []


BAD = [
    ("/unknown", 1),
    ("/payment/late/rate", "0.0005"),
    ("/payment/late", {"rate_per_day": "0.0005"}),
    ("/payment/late", {"rate_per_day": 0.0005, "base": "overdue"}),
    ("/payment/late", {"rate_per_day": "-0.1", "base": "overdue"}),
    ("/payment/late", {"rate_per_day": "0.1", "base": "overdue", "lpr": {"multiplier": "1.5"}}),
    ("/payment/late/cap", {"share_of_overdue": "0.1", "share_of_contract": "0.1"}),
    ("/payment/due", {}),
    ("/payment/due", {"after": {"anchor": "signing", "period": PERIOD}, "date": "2026-01-01"}),
    ("/payment/due/after", {"anchor": "someday", "period": PERIOD}),
    ("/fees/total", {"amount": "-1.00", "currency": "CNY"}),
    ("/fees/total", {"amount": "1.005", "currency": "CNY"}),
    ("/fees/total", {"amount": "1.00\n", "currency": "CNY"}),
    ("/fees/total", {"amount": "１", "currency": "CNY"}),
    ("/fees/total", {"amount": 1, "currency": "CNY"}),
    ("/fees/total", {"amount": "1.00"}),
    ("/fees/total", {"amount": "1.00", "currency": "yuan"}),
    ("/fees/items", [{"basis": "minute"}]),
    ("/fees/items", [{"basis": "commission"}]),
    ("/fees/items", [{"basis": "minute", "unit_price": {"amount": "1", "currency": "CNY"}, "tax_rate": "6"}]),
    ("/term/end", "2026-02-30"),
    ("/term/end", "20260228"),
    ("/term/end", "2026-12-31T00:00:00"),
    ("/term", {"indefinite": True, "end": "2026-12-31"}),
    ("/term/period", {"length": 0, "unit": "year"}),
    ("/term/period", {"length": 1.5, "unit": "year"}),
    ("/term/period", {"length": True, "unit": "year"}),
    ("/term/period", {"length": 1, "unit": "fortnight"}),
    ("/service_levels", [{"metric": "connect_rate", "threshold": "1.01"}]),
    ("/service_levels", [{"metric": "connect_rate"}]),
    ("/termination/grounds", [{"key": "breach", "holder": "C"}]),
    ("/termination/grounds", [{"key": "breach", "holder": "A", "immediate": True, "cure": {"period": PERIOD}}]),
    ("/breach/penalties", [{"for": "x", "share": "0.1"}]),
    ("/confidentiality/rules", [{"class": "ordinary", "end": {"date": "2030-01-01", "perpetual": True}}]),
    ("/confidentiality/rules", [{"class": "ordinary", "end": {"perpetual": False}}]),
    ("/confidentiality/rules", [{"class": "ordinary", "end": {"after": {"period": {"length": 1, "unit": "hour"}}}}]),
    ("/notices/rules", [{"channel": "pigeon", "trigger": "posted"}]),
    ("/notices/business_hours", {"opens": "9:00", "closes": "18:00"}),
    ("/notices/channels_allowed", {"gossip": ["courier"]}),
    ("/attachments/update_rules", {"calling_list": "whoever"}),
    ("/effectiveness/execution", "sign_and_seal"),
    ("/effectiveness/conditions", [{"key": "licence", "description": "a\0b"}]),
]


@BOTH
@pytest.mark.parametrize(("pointer", "value"), BAD)
def test_bad_terms_are_rejected_where_they_are(key, pointer, value):
    errors = list(validator(key).iter_errors(put(pointer, value, example())))
    assert errors
    first = pointer.split("/")[1]
    assert all(first in error.absolute_path or first in error.message for error in errors)


@BOTH
@pytest.mark.parametrize(("pointer", "value"), [*GOOD, *BAD])
def test_the_fast_validator_finds_what_the_telling_one_finds(key, pointer, value):
    contract_type = service.built_in()[key, 1]
    terms = put(pointer, value)
    slow = list(checks.compiled(contract_type.terms_schema).iter_errors(terms))
    assert checks._fast_of(contract_type).is_valid(terms) is not bool(slow)
