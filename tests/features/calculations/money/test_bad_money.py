"""Sums, rates and dates that cannot be: always a problem with a pointer, never an error of ours."""

import pytest


def cny(amount):
    return {"amount": amount, "currency": "CNY"}


USD = {"amount": "1.00", "currency": "USD"}
LATE = {"principal": cny("100.00"), "due": "2026-03-31", "paid": "2026-04-20", "rate": {"per_day": "0.0005"}}
SME = {"debtor": "large", "creditor": "small"}
DAYS = {"length": 10, "unit": "day"}
DEBT = {"key": "a", "principal": cny("1.00")}
DATED = DEBT | {"due": "2026-01-01"}


async def refused(client, calculation, asked, status, pointer):
    answer = await client.post(f"/v1/calculations/{calculation}", json=asked)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["pointer"] == pointer


AMOUNTS = ["-1.00", "1.005", "NaN", "Infinity", "1e400", "1e2", "", " 1", "1,0", "01", "９", "9" * 16, "9" * 5000]


@pytest.mark.parametrize("amount", AMOUNTS, ids=lambda text: text[:20])
async def test_an_amount_is_a_plain_decimal_string(client, amount):
    await refused(client, "late-interest", LATE | {"principal": cny(amount)}, 400, "/principal/amount")


@pytest.mark.parametrize("rate", ["-0.1", "NaN", "Infinity", "1e400", "1e-5", "0.00000000001", "1000", "5%", ""])
async def test_a_rate_is_a_plain_decimal_string(client, rate):
    await refused(client, "late-interest", LATE | {"rate": {"per_day": rate}}, 400, "/rate/per_day")


@pytest.mark.parametrize(
    ("wrong", "status", "pointer"),
    [
        ({"principal": None}, 400, "/principal"),
        ({"principal": {"amount": 100, "currency": "CNY"}}, 400, "/principal/amount"),
        ({"principal": {"amount": "1"}}, 400, "/principal/currency"),
        ({"principal": {"amount": "1", "currency": "yuan"}}, 400, "/principal/currency"),
        ({"principal": cny("1") | {"tax": "0"}}, 400, "/principal/tax"),
        ({"due": "2026-02-30"}, 400, "/due"),
        ({"due": "2026-03-31T00:00:00+08:00"}, 400, "/due"),
        ({"due": "1989-12-31"}, 422, "/due"),
        ({"paid": "2101-01-01"}, 422, "/paid"),
        ({"paid": "0001-01-01"}, 422, "/paid"),
        ({"paid": None}, 422, "/paid"),
        ({"rate": {}}, 422, "/rate"),
        ({"rate": {"per_day": "0.1", "per_year": "0.1"}}, 422, "/rate"),
        ({"rate": {"per_week": "0.1"}}, 400, "/rate/per_week"),
        ({"rate": {"lpr": {"method": "sometimes"}}}, 400, "/rate/lpr/method"),
        ({"rate": {"lpr": {"multiplier": "0"}}}, 422, "/rate/lpr/multiplier"),
        ({"rate": {"lpr": {"multiplier": "1.5", "spread": "1"}}}, 400, "/rate/lpr/spread"),
        ({"rate": "0.0005"}, 400, "/rate"),
        ({"rate": None, "due": "2019-08-01"}, 422, "/due"),
        ({"day_basis": 366}, 400, "/day_basis"),
        ({"cap": {}}, 422, "/cap"),
        ({"cap": {"share_of_overdue": "0.1", "share_of_contract": "0.1"}}, 422, "/cap"),
        ({"cap": {"share_of_contract": "0.1"}}, 422, "/contract_total"),
        ({"cap": {"share_of_overdue": "-0.1"}}, 400, "/cap/share_of_overdue"),
        ({"cap": {"amount": USD}}, 422, "/cap/amount/currency"),
        ({"base": "contract_total"}, 422, "/contract_total"),
        ({"costs": USD}, 422, "/costs/currency"),
        ({"payments": [{"on": "2026-04-01", "amount": USD}]}, 422, "/payments/0/amount/currency"),
        ({"payments": [{"on": "2026-04-21", "amount": cny("1")}]}, 422, "/payments/0/on"),
        ({"payments": [{"on": "2026-04-01", "amount": cny("-1")}]}, 400, "/payments/0/amount/amount"),
        ({"payments": [{"on": "2026-04-01", "amount": cny("1")}] * 201}, 400, "/payments"),
        ({"order": ["costs", "interest"]}, 400, "/order"),
        ({"order": ["costs", "costs", "interest"]}, 422, "/order"),
        ({"order": ["costs", "tax", "interest"]}, 400, "/order/1"),
        ({"debtor": "giant"}, 400, "/debtor"),
        (SME | {"rate": {"per_day": "0.0001"}}, 422, "/concluded_on"),
        (SME | {"concluded_on": "2026-04-02"}, 422, "/concluded_on"),
        ({"colour": "red"}, 400, "/colour"),
    ],
)
async def test_interest_without_a_basis_is_refused_at_its_place(client, wrong, status, pointer):
    await refused(client, "late-interest", LATE | wrong, status, pointer)


@pytest.mark.parametrize(
    ("calculation", "asked", "status", "pointer"),
    [
        ("enforcement-interest", {"principal": cny("1"), "due": "2014-01-01", "paid": "2015-01-01"}, 422, "/due"),
        ("enforcement-interest", {"principal": cny("1"), "due": "2020-01-01"}, 400, "/paid"),
        ("payment-deadline", {}, 422, "/due"),
        ("payment-deadline", {"due": {}, "anchors": {}}, 422, "/due"),
        ("payment-deadline", {"due": {"after": {"anchor": "delivery", "period": DAYS}}}, 422, "/anchors/delivery"),
        ("payment-deadline", {"due": {"after": {"anchor": "dawn", "period": DAYS}}}, 400, "/due/after/anchor"),
        ("payment-deadline", {"due": {"date": "2101-01-01"}}, 422, "/due/date"),
        ("payment-deadline", {"anchors": {"dawn": "2026-01-01"}}, 400, "/anchors/dawn"),
        ("payment-deadline", {"anchors": {"delivery": "soon"}}, 400, "/anchors/delivery"),
        ("payment-deadline", SME, 422, "/anchors/delivery"),
        ("payment-deadline", {"due": {"date": "2026-01-01"}, "jurisdiction": "XX"}, 400, "/jurisdiction"),
        ("allocation", {"payment": cny("1"), "debts": []}, 400, "/debts"),
        ("allocation", {"payment": cny("1"), "debts": [DEBT, DEBT]}, 422, "/on"),
        ("allocation", {"payment": cny("1"), "debts": [DATED, DATED], "on": "2026-02-01"}, 422, "/debts/1/key"),
        ("allocation", {"payment": cny("1"), "debts": [DEBT | {"burden": "x"}]}, 400, "/debts/0/burden"),
        ("allocation", {"payment": USD, "debts": [DEBT]}, 422, "/debts/0/principal/currency"),
        ("allocation", {"payment": cny("1"), "debts": [DEBT], "designated": ["b"]}, 422, "/designated/0"),
        ("deposit", {"price": cny("1"), "paid": USD}, 422, "/paid/currency"),
        ("deposit", {"price": cny("1"), "paid": cny("1"), "loss": cny("1")}, 422, "/breach_by"),
        ("deposit", {"price": cny("-1"), "paid": cny("1")}, 400, "/price/amount"),
        ("penalty", {"agreed": cny("1"), "loss": USD}, 422, "/loss/currency"),
        ("penalty", {"agreed": cny("1")}, 400, "/loss"),
        (
            "penalty",
            {"agreed": cny("1"), "loss": cny("1"), "adjustment": {"by": "me", "amount": cny("1")}},
            400,
            "/adjustment/by",
        ),
        (
            "offset",
            {"claim": cny("1"), "claim_due": "2026-01-01", "debt": USD, "arrived_on": "2026-01-02"},
            422,
            "/debt/currency",
        ),
        ("elapsed", {"since": "2026-03-31", "on": "2026-04-30", "word": "左右", "period": DAYS}, 422, "/word"),
        ("elapsed", {"since": "2026-03-31", "on": "2026-03-30", "word": "超过", "period": DAYS}, 422, "/on"),
        (
            "elapsed",
            {"since": "2026-03-31", "on": "2026-04-30", "word": "超过", "period": {"length": 3, "unit": "hour"}},
            422,
            "/period/unit",
        ),
        (
            "elapsed",
            {"since": "2026-03-31", "on": "2026-04-30", "word": "超过", "period": {"length": 10**12, "unit": "year"}},
            422,
            "/period",
        ),
    ],
)
async def test_what_contradicts_itself_is_refused_at_its_place(client, calculation, asked, status, pointer):
    await refused(client, calculation, asked, status, pointer)


async def test_a_body_that_is_no_object_is_refused(client):
    for body in ("[]", "1e400", '{"principal": {"amount": 1e400, "currency": "CNY"}}', "NaN"):
        answer = await client.post(
            "/v1/calculations/late-interest", content=body, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 400
