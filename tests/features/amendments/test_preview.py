"""An amendment tried before it is proposed: the terms and timers as they would be, with nothing stored."""

import pytest

from tests.conftest import START, caller, new_tenancy
from tests.features.amendments.test_amendments import RATE, TERMS, agreed, execute, propose
from tests.features.contracts.acts import act, advance, draft, formed, get, ok, path, problem

LONGER = {"op": "replace", "path": "/terms/term/end", "value": "2027-06-30"}


async def preview(client, contract, *changes, status=200, headers=None, **more):
    where, body = path(contract, "/amendments"), {"changes": list(changes) or [RATE], **more}
    return await ok(await client.post(where, json=body, params={"dry_run": "true"}, headers=headers), status)


async def test_the_terms_and_timers_as_they_would_be(clocked):
    made = await formed(clocked, terms=TERMS)
    title = {"op": "replace", "path": "/title", "value": "新合同"}
    found = await preview(clocked, made, LONGER, RATE, title, effective={"on": "2026-05-01"})
    assert (found["dry_run"], found["base_version"], found["terms_version"]) == (True, 1, 2)
    assert (found["status"], found["applies_at"]) == ("applied", "2026-05-01T00:00:00+08:00")
    assert found["changed"] == [
        {"pointer": "/terms/payment/late/rate_per_day", "before": "0.0005", "after": "0.0003"},
        {"pointer": "/terms/term/end", "before": "2026-12-31", "after": "2027-06-30"},
        {"pointer": "/title", "before": "合同", "after": "新合同"},
    ]
    (moved,) = found["timers"]["moved"]
    assert (moved["key"], moved["kind"]) == ("term", "term")
    assert moved["before"] == {"due_at": "2027-01-01T00:00:00+08:00", "legal_date": "2026-12-31", "provisional": False}
    assert moved["after"] == {"due_at": "2027-07-01T00:00:00+08:00", "legal_date": "2027-06-30", "provisional": False}
    assert moved["basis"]["anchor"]["date"] == "2027-06-30"
    assert (found["timers"]["armed"], found["timers"]["cancelled"]) == ([], [])
    assert {one["waived"] for one in found["review"]} <= {None}


async def test_it_is_what_the_real_one_then_makes(clocked):
    made = await formed(clocked, terms=TERMS, type="outbound-call-outsourcing")
    seen = await preview(clocked, made, LONGER, effective={"on": "2026-05-01"})
    done = await agreed(clocked, made, LONGER, effective={"on": "2026-05-01"})
    assert done["applies_at"] == seen["applies_at"]
    review = await get(clocked, made, "/review", amendment_id=done["id"])
    assert review["items"] == seen["review"]
    assert "L12" in {one["rule"] for one in seen["review"]}
    before = {one["key"]: one for one in (await get(clocked, made, "/timers", status="armed"))["items"]}
    await advance(clocked, "2026-05-01T00:00:00+08:00")
    after = {one["key"]: one for one in (await get(clocked, made, "/timers", status="armed"))["items"]}
    terms = await get(clocked, made, "/terms")
    assert {name: terms[name] for name in ("terms", "assumed")} == {name: seen[name] for name in ("terms", "assumed")}
    assert terms["version"] == seen["terms_version"]
    (moved,) = seen["timers"]["moved"]
    for name, rows in (("before", before), ("after", after)):
        assert moved[name]["due_at"] == rows[moved["key"]]["due_at"]
    assert moved["basis"] == after[moved["key"]]["basis"]


async def test_timers_that_would_be_armed_or_cancelled(clocked):
    made = await formed(clocked, terms=TERMS)
    month = {"length": 1, "unit": "month"}
    renewal = {"automatic": True, "period": month, "objection": {"period": {"length": 5, "unit": "day"}}}
    found = await preview(clocked, made, {"op": "add", "path": "/terms/term/renewal", "value": renewal})
    assert [one["kind"] for one in found["timers"]["armed"]] == ["renewal"]
    assert [one["kind"] for one in found["timers"]["cancelled"]] == ["term"]
    assert found["timers"]["armed"][0]["basis"]["status"] == "final"
    assert found["applies_at"] == "2026-01-01T00:00:00+08:00"
    end = {"op": "remove", "path": "/terms/term/end"}
    found = await preview(clocked, made, end)
    assert found["changed"] == [{"pointer": "/terms/term/end", "before": "2026-12-31", "after": None}]
    assert [one["kind"] for one in found["timers"]["cancelled"]] == ["term"]


@pytest.mark.parametrize(
    "execution", ["signature_or_seal", "signature_and_seal", "legal_representative_and_seal", "reliable_e_signature"]
)
async def test_whatever_the_contract_asks_for_is_taken_as_done(clocked, execution):
    made = await draft(clocked, terms=TERMS | {"effectiveness": {"execution": execution}})
    await act(clocked, made, "submit")
    await act(clocked, made, "approve")
    for role in "AB":
        for method in ("seal", "signature", "reliable_e_signature"):
            if (await get(clocked, made))["status"] == "draft":
                say = {"party": role, "method": method, "capacity": "legal_representative"}
                await clocked.post(path(made, "/actions/execute"), json=say)
    assert (await get(clocked, made))["status"] == "effective"
    assert (await preview(clocked, made))["status"] == "applied"


@pytest.mark.parametrize("day", ["2027-05-01", "9999-12-31"])
async def test_one_whose_day_comes_after_the_end_would_fall_with_the_contract(clocked, day):
    made = await formed(clocked, terms=TERMS)
    found = await preview(clocked, made, effective={"on": day})
    assert (found["status"], found["terms_version"]) == ("void", 2)
    assert found["timers"]["moved"] == []


async def test_a_proposal_of_the_past_is_tried_in_its_place(clocked):
    made = await formed(clocked, terms=TERMS)
    await advance(clocked, "2026-03-01T00:00:00+08:00")
    await act(clocked, made, "suspend", reason="agreed")
    found = await preview(clocked, made, LONGER, at="2026-02-01T00:00:00+08:00")
    assert (found["status"], found["applies_at"]) == ("applied", "2026-02-01T00:00:00+08:00")
    assert [one["key"] for one in found["timers"]["moved"]] == ["term"]


async def test_nothing_is_stored_and_no_key_is_used_up(app, clocked_tenancy, all_rows):
    async with caller(app, clocked_tenancy.key) as client:
        made = await formed(client, terms=TERMS)
        before = await all_rows()
        key = {"idempotency-key": "raise-1"}
        await preview(client, made, headers=key)
        await preview(client, made, LONGER, headers=key)
        await client.post(path(made, "/simulate"), json={"until": "2026-12-31"}, headers=key)
        assert await all_rows() == before
        answer = await client.post(path(made, "/amendments"), json={"changes": [RATE]}, headers=key)
        first = await ok(answer, 201)
        again = await client.post(path(made, "/amendments"), json={"changes": [RATE]}, headers=key)
        assert (await ok(again, 201))["id"] == first["id"]
        tried = await client.post(path(made, "/amendments"), json={"changes": [RATE]}, params={"dry_run": "true"})
        await problem(tried, 409, "not-allowed-now")


@pytest.mark.parametrize(
    "body",
    [
        {"changes": [{"op": "replace", "path": "/terms/payment/late/rate_per_day", "value": "0.0005"}]},
        {"changes": [{"op": "remove", "path": "/terms/nothing"}]},
        {"changes": [{"op": "replace", "path": "/parties", "value": []}]},
        {"changes": [{"op": "replace", "path": "/terms/term/end", "value": "soon"}]},
        {"changes": [{"op": "replace", "path": "/terms/term/end", "value": "2025-12-31"}]},
        {"changes": [RATE], "effective": {"on": "2025-12-31"}},
        {"changes": [RATE], "proposed_by": "Z"},
        {"changes": [RATE], "at": "2026-01-02T00:00:00+08:00"},
        {"changes": [RATE], "at": "2026-01-01T00:00:00"},
        {"changes": [RATE], "at": "2020-01-01T00:00:00+08:00"},
        {"changes": []},
        {"changes": [RATE], "why": "x"},
    ],
)
async def test_it_is_refused_as_the_real_one_is(clocked, body):
    made = await formed(clocked, terms=TERMS)
    tried = await clocked.post(path(made, "/amendments"), json=body, params={"dry_run": "true"})
    real = await clocked.post(path(made, "/amendments"), json=body)
    assert tried.status_code == real.status_code >= 400
    assert tried.json() | {"request_id": ""} == real.json() | {"request_id": ""}


async def test_while_one_is_open_or_before_there_is_a_contract_it_is_refused(clocked):
    made = await formed(clocked, terms=TERMS)
    await execute(clocked, await propose(clocked, made), "A")
    for contract in (made, await draft(clocked, terms=TERMS)):
        tried = await clocked.post(path(contract, "/amendments"), json={"changes": [RATE]}, params={"dry_run": "true"})
        real = await clocked.post(path(contract, "/amendments"), json={"changes": [RATE]})
        found = await problem(tried, 409, "not-allowed-now")
        assert found | {"request_id": ""} == real.json() | {"request_id": ""}


async def test_a_stale_etag_and_another_tenant_are_told_so(clocked, stranger, database, app):
    made = await formed(clocked, terms=TERMS)
    tried = await clocked.post(
        path(made, "/amendments"), json={"changes": [RATE]}, params={"dry_run": "true"}, headers={"if-match": '"1"'}
    )
    await problem(tried, 412, "stale")
    tried = await stranger.post(path(made, "/amendments"), json={"changes": [RATE]}, params={"dry_run": "true"})
    await problem(tried, 404, "not-found")
    tried = await clocked.post(path(made, "/amendments"), json={"changes": [RATE]}, params={"dry_run": "perhaps"})
    assert tried.status_code == 400
    other = (await new_tenancy(database, START, ["contracts:read"])).key
    async with caller(app, other) as reader:
        tried = await reader.post(path(made, "/amendments"), json={"changes": [RATE]}, params={"dry_run": "true"})
        await problem(tried, 403, "forbidden")


async def test_a_right_that_the_change_would_cost_is_told_beforehand(clocked):
    within = {"length": 60, "unit": "day"}
    ground = {"key": "late_payment", "holder": "A", "immediate": True, "exercise_within": within}
    made = await formed(clocked, terms={"term": {"end": "2026-12-31"}, "termination": {"grounds": [ground]}})
    await act(clocked, made, "record-ground", ground="late_payment", holder="A")
    await advance(clocked, "2026-01-25T09:00:00+08:00")
    path_of = "/terms/termination/grounds/0/exercise_within"
    shorter = {"op": "replace", "path": path_of, "value": {"length": 10, "unit": "day"}}
    seen = await preview(clocked, made, shorter)
    assert [(one["type"], one["transition"]) for one in seen["follows"]] == [("ground.lost", "T36")]
    assert (await preview(clocked, made, LONGER))["follows"] == []
    await agreed(clocked, made, shorter)
    await advance(clocked, "2026-01-25T10:00:00+08:00")
    assert (await get(clocked, made))["configuration"][-1] == "termination.none"
