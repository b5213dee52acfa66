"""The statutory review over HTTP: what it finds, how it stands in the way of submission, and who may let it stand."""

import asyncio
import datetime as dt

import pytest

from clm.features.contracts.reviewing import reviewed
from clm.law.calendars import china
from clm.law.rates import lpr
from clm.law.review import Side
from clm.lifecycle.state import State
from clm.lifecycle.world import Env
from tests.features.contracts.acts import act, body, draft, formed, get, number, ok, party, path, problem

DEPOSIT = {
    "fees": {"total": {"amount": "500000", "currency": "CNY"}, "deposit": {"amount": "120000", "currency": "CNY"}}
}
WAIVER = {"rule": "L05", "pointer": "/terms/fees/deposit", "reason": "双方确认超出部分按预付款处理"}


@pytest.fixture
async def faulty(client):
    """A draft whose deposit is above a fifth of the price."""
    return await draft(client, terms=DEPOSIT)


async def review(client, made):
    return await get(client, made, "/review")


def errors(found):
    return [(one["rule"], one["pointer"]) for one in found["items"] if one["severity"] == "error"]


async def test_findings_name_rule_article_place_and_cure(client, faulty):
    found = await review(client, faulty)
    assert errors(found) == [("L05", "/terms/fees/deposit")]
    assert (found["blocks_submit"], found["terms_version"]) == (True, 1)
    (one,) = [one for one in found["items"] if one["rule"] == "L05"]
    assert one["article"] == "Civil Code 586"
    assert "20000.00" in one["text"]
    assert "100000.00" in one["cure"]
    assert one["waived"] is None


async def test_an_error_stands_in_the_way_and_the_reason_is_told_before_it_is_tried(client, faulty):
    offered = {one["action"]: one for one in (await get(client, faulty, "/actions"))["items"]}
    assert offered["submit"]["allowed"] is False
    assert [reason["rule"] for reason in offered["submit"]["reasons"]] == ["L05"]
    refused = await problem(await client.post(path(faulty, "/actions/submit"), json={}), 409, "not-allowed-now")
    assert [(one["rule"], one["who"]) for one in refused["reasons"]] == [("L05", "drafter")]
    assert "submit" not in refused["allowed_actions"]
    assert (await ok(await client.get(path(faulty))))["configuration"] == ["draft.drafting"]


async def test_a_cured_draft_is_submitted(client, faulty):
    current = await client.get(path(faulty))
    less = {"terms": {"fees": {"deposit": {"amount": "100000"}}}}
    await ok(await client.patch(path(faulty), json=less, headers={"if-match": current.headers["etag"]}))
    assert errors(await review(client, faulty)) == []
    assert (await act(client, faulty, "submit"))["configuration"] == ["draft.under_review"]


async def test_a_waiver_lets_an_error_stand_and_is_kept_with_its_reason(client, faulty):
    await act(client, faulty, "submit", waive=[WAIVER])
    found = await review(client, faulty)
    (one,) = [one for one in found["items"] if one["rule"] == "L05"]
    assert found["blocks_submit"] is False
    (told,) = [e for e in (await get(client, faulty, "/timeline"))["past"] if e["type"] == "contract.submitted"]
    assert one["waived"] == {"reason": WAIVER["reason"], "by": told["actor"], "at": told["at"]}
    assert told["data"]["waived"] == [WAIVER]
    assert {"rule": "L05", "severity": "error", "pointer": "/terms/fees/deposit"} in told["data"]["findings"]
    assert told["actor"] is not None


async def test_a_waiver_counts_for_its_own_submission_alone(client, faulty):
    await act(client, faulty, "submit", waive=[WAIVER])
    await act(client, faulty, "return", reason="改价")
    assert (await review(client, faulty))["blocks_submit"] is True
    await problem(await client.post(path(faulty, "/actions/submit"), json={}), 409, "not-allowed-now")


@pytest.mark.parametrize(
    ("waiver", "status", "pointer"),
    [
        (WAIVER | {"rule": "L04"}, 422, "/waive/1"),
        (WAIVER | {"pointer": "/terms/fees"}, 422, "/waive/1"),
        (WAIVER | {"reason": ""}, 400, "/waive/1/reason"),
        (WAIVER | {"rule": "5"}, 400, "/waive/1/rule"),
        (WAIVER | {"by": "x"}, 400, "/waive/1/by"),
    ],
)
async def test_what_cannot_be_waived_is_pointed_at(client, faulty, waiver, status, pointer):
    answer = await client.post(path(faulty, "/actions/submit"), json={"waive": [WAIVER, waiver]})
    assert answer.status_code == status, answer.text
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert (await ok(await client.get(path(faulty))))["configuration"] == ["draft.drafting"]


async def test_only_a_key_that_may_can_waive(client, faulty, app):
    weak = await ok(await client.post("/v1/api-keys", json={"name": "w", "scopes": ["contracts:write"]}), 201)
    strong = {"name": "s", "scopes": ["contracts:write", "review:write"]}
    strong = await ok(await client.post("/v1/api-keys", json=strong), 201)
    where, submission = path(faulty, "/actions/submit"), {"waive": [WAIVER]}
    answer = await client.post(where, json=submission, headers={"authorization": f"Bearer {weak['key']}"})
    assert "review:write" in (await problem(answer, 403, "forbidden"))["detail"]
    await ok(await client.post(where, json=submission, headers={"authorization": f"Bearer {strong['key']}"}))


async def test_many_submissions_at_once_are_one(client, faulty):
    where, submission = path(faulty, "/actions/submit"), {"waive": [WAIVER]}
    answers = await asyncio.gather(*(client.post(where, json=submission) for _ in range(20)))
    assert sorted(one.status_code for one in answers) == [200] + [409] * 19
    past = (await get(client, faulty, "/timeline"))["past"]
    assert [event["type"] for event in past].count("contract.submitted") == 1


async def test_the_parties_sizes_count(client):
    sizes = ("large", "small")
    made = [
        (
            await ok(
                await client.post("/v1/parties", json={"legal_name": s, "kind": "legal_person", "size_class": s}), 201
            )
        )
        for s in sizes
    ]
    parties = [{"role": role, "party_id": one["id"]} for role, one in zip("AB", made, strict=True)]
    terms = {"payment": {"pay_when_paid": True}}
    contract = await ok(await client.post("/v1/contracts", json=body(terms=terms, parties=parties)), 201)
    assert errors(await review(client, contract)) == [("L06", "/terms/payment/pay_when_paid")]
    assert errors(await review(client, await draft(client, terms=terms))) == []


async def test_terms_are_reviewed_without_a_contract(client):
    asked = {
        "type": "generic",
        "terms": {"payment": {"pay_when_paid": True}},
        "parties": [{"role": "A", "kind": "public_body"}, {"role": "B", "size_class": "micro"}],
        "texts": {"8": "双方签字盖章后生效"},
    }
    found = await ok(await client.post("/v1/calculations/review", json=asked))
    assert errors(found) == [("L06", "/terms/payment/pay_when_paid")]
    assert ("L13", "/sections/8/text") in [(one["rule"], one["pointer"]) for one in found["items"]]
    assert found["terms_version"] is None
    await problem(await client.post("/v1/calculations/review", json=asked | {"type": "none"}), 404, "not-found")
    nowhere = await client.post("/v1/calculations/review", json=asked | {"texts": {"99": "签字盖章"}})
    assert (await problem(nowhere, 422, "invalid"))["errors"][0]["pointer"] == "/texts/99"
    wrong = asked | {"terms": {"payment": {"pay_when_paid": "yes"}}}
    await problem(await client.post("/v1/calculations/review", json=wrong), 422, "invalid")


RATE = {"payment": {"late": {"rate_per_day": "0.0001", "base": "overdue"}}}
RATE_PLACE = [("L06", "/terms/payment/late/rate_per_day")]


@pytest.mark.parametrize(
    ("on", "expected"), [("2021-12-19", RATE_PLACE), ("2022-01-19", RATE_PLACE), ("2022-08-22", []), (None, [])]
)
async def test_the_loan_prime_rate_is_that_of_the_day_of_conclusion(client, on, expected):
    """3.65 % a year: below the 3.85 and 3.80 % of then, not below the 3.65 % from 22 August 2022 on."""
    sizes = [{"role": "A", "size_class": "large"}, {"role": "B", "size_class": "small"}]
    asked = {"type": "generic", "terms": RATE, "parties": sizes, "concluded_on": on}
    assert errors(await ok(await client.post("/v1/calculations/review", json=asked))) == expected


@pytest.mark.parametrize("day", ["1989-12-31", "2101-01-01"])
async def test_a_day_of_conclusion_out_of_bounds_is_pointed_at(client, day):
    asked = {"type": "generic", "terms": {}, "concluded_on": day}
    refused = await problem(await client.post("/v1/calculations/review", json=asked), 422, "invalid")
    assert refused["errors"][0]["pointer"] == "/concluded_on"


@pytest.mark.parametrize(
    ("formed_at", "now", "expected"),
    [
        (None, "2022-08-21T15:59:59+00:00", RATE_PLACE),
        (None, "2022-08-21T16:00:00+00:00", []),
        ("2022-08-21T15:59:59+00:00", "2026-01-01T00:00:00+00:00", RATE_PLACE),
        ("2022-08-21T16:00:00+00:00", "2022-09-01T00:00:00+00:00", []),
        (None, "2019-01-01T00:00:00+00:00", RATE_PLACE),
    ],
)
def test_a_contract_is_held_against_the_rate_of_its_own_day(formed_at, now, expected):
    """The local day of its conclusion; today while it is a draft; the first rate known before there was any."""
    formed = formed_at and dt.datetime.fromisoformat(formed_at)
    state = State(roles=["A", "B"], time_zone="Asia/Shanghai", versions=[], formed_at=formed)
    sides = [Side("A", size_class="large"), Side("B", size_class="small")]
    env = reviewed(Env(china(), {}, {}), sides, lpr(), state, dt.datetime.fromisoformat(now))
    assert [(one.rule, one.pointer) for one in env.review(RATE, RATE, {}) if one.severity == "error"] == expected


async def test_the_documented_request_is_one_that_works(client):
    document = (await client.get("/openapi.json")).json()
    content = document["paths"]["/v1/calculations/review"]["post"]["requestBody"]["content"]["application/json"]
    found = await ok(await client.post("/v1/calculations/review", json=content["example"]))
    assert errors(found) == [("L01", "/terms/disputes/forum")]


async def test_what_another_system_sent_is_held_and_cured_by_sending_it_again(client):
    where, sent = f"/v1/contracts/external/sap/{number()}", body()
    parties = [{"role": role, "party_id": await party(client)} for role in "AB"]
    made = await ok(await client.put(where, json=sent | {"parties": parties, "terms": DEPOSIT}), 201)
    await problem(await client.post(path(made, "/actions/submit"), json={}), 409, "not-allowed-now")
    await ok(
        await client.put(
            where, json=sent | {"parties": parties, "terms": {"fees": {"total": DEPOSIT["fees"]["total"]}}}
        )
    )
    assert (await act(client, made, "submit"))["configuration"] == ["draft.under_review"]


@pytest.mark.parametrize("agreed", [False, True])
async def test_an_amendment_is_reviewed_before_and_after_it_applies(client, agreed):
    made = await formed(client)
    added = {"op": "add", "path": "/terms/disputes", "value": {"limitation": {"length": 1, "unit": "year"}}}
    amendment = await ok(await client.post(path(made, "/amendments"), json={"changes": [added]}), 201)
    for role in "AB" if agreed else "":
        seal = {"party": role, "method": "seal"}
        await ok(await client.post(f"/v1/amendments/{amendment['id']}/actions/execute", json=seal))
    found = await get(client, made, "/review", amendment_id=amendment["id"])
    assert errors(found) == [("L04", "/terms/disputes/limitation")]
    assert (found["blocks_submit"], found["terms_version"]) == (False, 2 if agreed else None)
    assert errors(await review(client, made)) == ([("L04", "/terms/disputes/limitation")] if agreed else [])


async def test_an_amendment_of_another_contract_is_not_found(client, faulty):
    await problem(await client.get(path(faulty, f"/review?amendment_id={faulty['id']}")), 404, "not-found")
    await problem(await client.get(path(faulty, "/review?amendment_id=x")), 400, "malformed")


async def test_another_tenants_contract_is_not_reviewed(stranger, faulty):
    await problem(await stranger.get(path(faulty, "/review")), 404, "not-found")
