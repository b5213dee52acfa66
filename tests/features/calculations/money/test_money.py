"""The calculators of money over HTTP: the vectors, the worked examples, and what the document shows."""

import json
from pathlib import Path

import msgspec
import pytest

from clm.features.calculations.money import examples
from clm.features.calculations.money.routes import routes

VECTORS = json.loads((Path(__file__).parents[3] / "data/vectors/late-interest.json").read_text())


def cny(amount):
    return {"amount": amount, "currency": "CNY"}


LATE = {"principal": cny("100000.00"), "due": "2026-03-31", "paid": "2026-04-20"}
AGREED = LATE | {"rate": {"per_day": "0.0005"}}
LARGE_TO_SME = {"debtor": "large", "creditor": "small"}
DELIVERED = {"anchors": {"delivery": "2026-03-01"}}


def after(anchor, days):
    return {"after": {"anchor": anchor, "period": {"length": days, "unit": "day"}}}


EXAMPLES = [
    ("G01", "late-interest", AGREED, {"days": 20, "interest": cny("1000.00"), "status": "final", "assumed": False}),
    ("G02", "late-interest", LATE | LARGE_TO_SME, {"interest": cny("1000.00"), "assumed": False}),
    (
        "G03",
        "late-interest",
        LATE | LARGE_TO_SME | {"concluded_on": "2025-06-02", "rate": {"per_year": "0.025"}, "day_basis": 365},
        {"flags": ["BELOW_LPR_FLOOR"], "assumed": True, "interest": cny("164.38")},
    ),
    (
        "G04 /360",
        "late-interest",
        {"principal": cny("200000"), "due": "2025-03-31", "paid": "2025-06-30", "day_basis": 360}
        | {"rate": {"lpr": {"multiplier": "1.5", "method": "fixed"}}},
        {"days": 91, "interest": cny("2350.83"), "assumed": False},
    ),
    (
        "G04 +30 %",
        "late-interest",
        {"principal": cny("200000"), "due": "2025-03-31", "paid": "2025-06-30", "day_basis": 365}
        | {"rate": {"lpr": {"multiplier": "1.3"}}},
        {"interest": cny("2009.48"), "assumed": True},
    ),
    (
        "G06 a",
        "penalty",
        {"agreed": cny("130000"), "loss": cny("100000")},
        {"excessive_presumed": False, "flags": []},
    ),
    (
        "G06 b",
        "penalty",
        {"agreed": cny("130000.01"), "loss": cny("100000")},
        {"excessive_presumed": True, "payable": cny("130000.01")},
    ),
    (
        "G06 malicious",
        "penalty",
        {"agreed": cny("150000"), "loss": cny("100000"), "malicious": True},
        {"excessive_presumed": False, "flags": ["MALICIOUS_BREACH"]},
    ),
    (
        "G07",
        "deposit",
        {"price": cny("500000"), "paid": cny("120000")},
        {"effective": cny("100000.00"), "excess": cny("20000.00")},
    ),
    ("G09 a", "payment-deadline", DELIVERED | LARGE_TO_SME, {"due": "2026-04-30", "flags": []}),
    (
        "G09 b",
        "payment-deadline",
        DELIVERED | {"debtor": "public_body", "creditor": "micro"},
        {"due": "2026-03-31", "flags": []},
    ),
    (
        "G09 c",
        "payment-deadline",
        DELIVERED | {"debtor": "public_body", "creditor": "medium", "due": after("delivery", 75)},
        {"due": "2026-04-30", "flags": ["CAPPED_AT_60_DAYS"]},
    ),
    (
        "G12",
        "payment-deadline",
        {"due": after("invoice_received", 10), "anchors": {"invoice_received": "2026-09-21"}},
        {"due": "2026-10-08", "overdue_from": "2026-10-09"},
    ),
    (
        "G14 due",
        "payment-deadline",
        DELIVERED | LARGE_TO_SME | {"pay_when_paid": True},
        {"due": "2026-04-30", "flags": ["BACK_TO_BACK_VOID"], "assumed": True},
    ),
    (
        "G14 interest",
        "late-interest",
        LATE | LARGE_TO_SME | {"pay_when_paid": True, "day_basis": 365},
        {"interest": cny("164.38"), "flags": ["BACK_TO_BACK_VOID"], "assumed": True},
    ),
    (
        "G15",
        "enforcement-interest",
        {"principal": cny("100000"), "due": "2026-03-31", "paid": "2026-04-30"},
        {"days": 30, "interest": cny("525.00")},
    ),
    (
        "G16",
        "deposit",
        {"price": cny("500000"), "paid": cny("100000"), "breach_by": "giver", "penalty": cny("150000")}
        | {"loss": cny("120000")},
        {
            "choice": {
                "by_deposit": cny("100000.00"),
                "excess_loss": cny("20000.00"),
                "by_penalty": cny("150000"),
                "higher": "penalty",
            }
        },
    ),
    (
        "G17",
        "penalty",
        {"agreed": cny("10"), "loss": cny("10"), "excludes_adjustment": True},
        {"flags": ["NO_ADJUSTMENT_CLAUSE_VOID"]},
    ),
    (
        "A16 day 30",
        "elapsed",
        {"since": "2026-03-31", "on": "2026-04-30", "word": "超过", "period": {"length": 30, "unit": "day"}},
        {"holds": False, "elapsed_days": 30},
    ),
    (
        "A16 day 31",
        "elapsed",
        {"since": "2026-03-31", "on": "2026-05-01", "word": "超过", "period": {"length": 30, "unit": "day"}},
        {"holds": True, "elapsed_days": 31},
    ),
]


@pytest.mark.parametrize("one", VECTORS, ids=lambda one: one["id"])
async def test_every_vector_holds_over_http(client, one):
    answer = await client.post(f"/v1/calculations/{one['calculation']}", json=one["request"])
    assert answer.status_code == 200
    found = answer.json()
    assert {key: found[key] for key in one["expect"]} == one["expect"]
    assert {"status", "assumed", "flags", "segments", "basis"} <= found.keys()
    assert found["basis"]["steps"]


@pytest.mark.parametrize(("calculation", "asked", "expected"), [pytest.param(*one[1:], id=one[0]) for one in EXAMPLES])
async def test_every_worked_example_holds_over_http(client, calculation, asked, expected):
    answer = await client.post(f"/v1/calculations/{calculation}", json=asked)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert {key: found.get(key) for key in expected} == expected
    assert found["basis"]["steps"]


@pytest.mark.parametrize("handler", routes, ids=lambda handler: handler.operation_id)
async def test_what_the_document_shows_is_what_is_answered(client, handler):
    (path,) = handler.paths
    example = handler.opt["example"]
    answer = await client.post(f"/v1{path}", json=example.request)
    assert answer.json() == example.response


def test_every_example_is_shown_somewhere():
    named = {id(value) for value in vars(examples).values() if isinstance(value, examples.Example)}
    assert named == {id(handler.opt["example"]) for handler in routes}


async def test_part_payments_are_settled_one_after_the_other(client):
    asked = AGREED | {
        "paid": "2026-04-30",
        "costs": cny("200.00"),
        "payments": [{"on": "2026-04-10", "amount": cny("50500.00")}],
    }
    found = (await client.post("/v1/calculations/late-interest", json=asked)).json()
    assert found["settled"] == [
        {
            "on": "2026-04-10",
            "paid": {"costs": cny("200.00"), "interest": cny("500.00"), "principal": cny("49800.00")},
            "surplus": cny("0.00"),
        }
    ]
    assert found["interest"] == cny("1002.00")
    assert found["outstanding"] == {"costs": cny("0.00"), "interest": cny("502.00"), "principal": cny("50200.00")}
    assert [(one["from"], one["to"], one["base"]) for one in found["segments"]] == [
        ("2026-04-01", "2026-04-10", cny("100000.00")),
        ("2026-04-11", "2026-04-30", cny("50200.00")),
    ]


async def test_a_floating_lpr_past_the_last_publication_is_provisional(client):
    asked = LATE | {"paid": "2026-07-20", "rate": {"lpr": {"multiplier": "1", "method": "floating"}}}
    last = (await client.post("/v1/calculations/late-interest", json=asked)).json()
    sure = (await client.post("/v1/calculations/late-interest", json=asked | {"paid": "2026-07-19"})).json()
    assert (last["status"], last["basis"]["status"], sure["status"]) == ("provisional", "provisional", "final")


async def test_an_order_may_be_agreed(client):
    debts = [{"key": "one", "principal": cny("60"), "interest": cny("20"), "costs": cny("10")}]
    asked = {"payment": cny("70"), "debts": debts, "order": ["principal", "interest", "costs"]}
    found = (await client.post("/v1/calculations/allocation", json=asked)).json()
    assert found["allocations"][0]["left"] == {
        "costs": cny("10.00"),
        "interest": cny("10.00"),
        "principal": cny("0.00"),
    }


async def test_null_is_as_good_as_left_out(client):
    nothing = dict.fromkeys(("day_basis", "cap", "contract_total", "costs", "order", "debtor", "creditor"))
    answer = await client.post("/v1/calculations/late-interest", json=AGREED | nothing)
    assert answer.json()["interest"] == cny("1000.00")


async def test_each_calculator_needs_the_scope(client_with):
    async with client_with("parties:read") as other:
        for handler in routes:
            (path,) = handler.paths
            asked = msgspec.to_builtins(handler.opt["example"].request)
            assert (await other.post(f"/v1{path}", json=asked)).status_code == 403


async def test_a_rate_tied_to_a_fallen_lpr_is_lifted_to_the_lpr_at_conclusion(client):
    asked = {
        "principal": {"amount": "365000", "currency": "CNY"},
        "due": "2025-06-30",
        "paid": "2025-07-10",
        "debtor": "large",
        "creditor": "small",
        "concluded_on": "2021-06-01",
        "rate": {"lpr": {"multiplier": "1", "method": "fixed"}},
        "day_basis": 365,
    }
    found = (await client.post("/v1/calculations/late-interest", json=asked)).json()
    assert (found["interest"]["amount"], found["flags"], found["assumed"]) == ("385.00", ["BELOW_LPR_FLOOR"], True)
