"""Amendments that nobody answers, that wait for something, that are unclear: over HTTP, with what the answers say."""

import pytest

from tests.features.amendments.test_amendments import RATE, SEAL, TERMS, agreed, execute, propose
from tests.features.contracts.acts import act, advance, formed, get, ok, out_for_signature, path, problem

TEN_DAYS = {"length": 10, "unit": "day"}
BUDGET = {"condition": {"key": "budget", "description": "预算获批"}}
APPROVAL = {"effectiveness": {"approval": {"authority": "商务部"}}}


async def do(client, amendment, action, status=200, **body):
    return await ok(await client.post(f"/v1/amendments/{amendment['id']}/actions/{action}", json=body), status)


async def read(client, amendment):
    return await ok(await client.get(f"/v1/amendments/{amendment['id']}"))


async def test_d03_nobody_answers_and_nothing_changes(clocked):
    made = await formed(clocked, terms=TERMS)
    await advance(clocked, "2026-04-01T10:00:00+08:00")
    proposed = await propose(clocked, made, proposed_by="A", answer_within=TEN_DAYS)
    (armed,) = proposed["decision"]["armed"]
    assert (armed["kind"], armed["due_at"], armed["legal_date"]) == (
        "amendment_answer",
        "2026-04-14T00:00:00+08:00",
        "2026-04-13",
    )
    assert (armed["assumed"], armed["basis"]["status"]) == (True, "final")
    by = proposed["answer_by"]
    assert (by["last_day"], by["expires_at"], by["status"]) == ("2026-04-13", "2026-04-14T00:00:00+08:00", "final")
    assert (by["assumed"], [step["rule"] for step in by["basis"]["steps"]]) == (True, ["R-T1", "R-T3", "R-T5", "R-T6"])
    fired = (await advance(clocked, "2026-04-14T00:00:00+08:00"))["fired"]
    assert [one["kind"] for one in fired] == ["amendment_answer"]
    (listed,) = (await get(clocked, made, "/amendments"))["items"]
    assert (listed["status"], listed["answer_by"]) == ("lapsed", by)
    stands = await get(clocked, made)
    assert (stands["status"], stands["terms_version"]) == ("effective", 1)
    told = (await get(clocked, made, "/timeline"))["past"][-1]
    assert (told["type"], told["transition"]) == ("amendment.lapsed", "T13")
    assert "Silence is no consent (140(2))" in told["explanation"]


async def test_the_clause_on_amendments_sets_the_time_to_answer(clocked):
    clause = {"amendments": {"answer_within": {"length": 3, "unit": "working_day"}, "silence_is_consent": True}}
    made = await formed(clocked, terms=TERMS | clause)
    proposed = await propose(clocked, made, at="2026-01-01T00:00:00+08:00")
    assert (proposed["answer_by"]["last_day"], proposed["answer_by"]["assumed"]) == ("2026-01-06", False), (
        "4 January is a make-up workday"
    )
    await advance(clocked, "2026-02-01T00:00:00+08:00")
    assert (await read(clocked, proposed))["status"] == "lapsed"
    assert (await get(clocked, made))["terms_version"] == 1


async def test_without_a_period_it_waits_for_ever(clocked):
    made = await formed(clocked, terms=TERMS)
    proposed = await propose(clocked, made)
    assert (proposed["answer_by"], proposed["conditions"], proposed["surviving"]) == (None, [], False)
    await advance(clocked, "2026-12-01T00:00:00+08:00")
    assert (await read(clocked, proposed))["status"] == "proposed"


async def test_a_time_to_answer_beyond_the_published_calendars_is_provisional(clocked):
    made = await formed(clocked, terms=TERMS | {"term": {"end": "2030-12-31"}})
    await advance(clocked, "2026-12-20T10:00:00+08:00")
    proposed = await propose(clocked, made, answer_within=TEN_DAYS)
    assert (proposed["answer_by"]["status"], proposed["answer_by"]["last_day"]) == ("provisional", None)
    await advance(clocked, "2027-06-01T00:00:00+08:00")
    assert (await read(clocked, proposed))["status"] == "proposed", "it waits for the holiday notice"


@pytest.mark.parametrize(
    ("wrong", "status", "pointer"),
    [
        ({"answer_within": {"length": 0, "unit": "day"}}, 400, None),
        ({"answer_within": {"length": 1, "unit": "fortnight"}}, 400, None),
        ({"answer_within": {"length": 200, "unit": "year"}}, 422, "/answer_within"),
        ({"answer_within": {"length": 10**30, "unit": "hour"}}, 422, "/answer_within"),
        ({"answer_within": {"length": 10**18, "unit": "working_day"}}, 422, "/answer_within"),
        ({"effective": {"condition": {"key": "Budget"}}}, 400, None),
        ({"effective": {"condition": {"key": "x" * 65}}}, 400, None),
        ({"effective": {"condition": {"description": "预算"}}}, 400, None),
        ({"effective": {"condition": {"key": "budget", "description": "a\x00b"}}}, 422, None),
    ],
)
async def test_periods_and_conditions_that_make_no_sense_are_refused(clocked, wrong, status, pointer):
    made = await formed(clocked, terms=TERMS)
    answer = await clocked.post(path(made, "/amendments"), json={"changes": [RATE], **wrong})
    found = await problem(answer, status, "malformed" if status == 400 else "invalid")
    if pointer:
        assert [one["pointer"] for one in found["errors"]] == [pointer]
    assert (await get(clocked, made, "/amendments"))["items"] == []


async def test_it_waits_for_its_condition_and_its_day(clocked):
    made = await formed(clocked, terms=TERMS)
    pending = await agreed(clocked, made, effective={"on": "2026-03-01", **BUDGET})
    assert (pending["status"], pending["applies_at"]) == ("agreed_pending", None)
    assert pending["conditions"] == [{"key": "budget", "description": "预算获批", "met_at": None}]
    assert pending["decision"]["armed"] == []
    met = await do(clocked, pending, "satisfy-condition", condition="budget")
    assert met["applies_at"] == "2026-03-01T00:00:00+08:00"
    assert met["conditions"][0]["met_at"] == "2026-01-01T00:00:00+08:00"
    assert [one["kind"] for one in met["decision"]["armed"]] == ["amendment"]
    await advance(clocked, "2026-03-01T00:00:00+08:00")
    assert (await read(clocked, pending))["status"] == "applied"
    assert (await get(clocked, made, "/terms"))["valid_from"] == "2026-03-01T00:00:00+08:00"


async def approved(client):
    made = await out_for_signature(client, terms=TERMS | APPROVAL)
    for role in "AB":
        await act(client, made, "execute", party=role, **SEAL)
    return await act(client, made, "satisfy-condition", condition="approval")


async def test_what_needed_approval_needs_it_again(clocked):
    made = await approved(clocked)
    assert made["status"] == "effective"
    pending = await agreed(clocked, made)
    assert [one["key"] for one in pending["conditions"]] == ["approval"]
    await advance(clocked, "2026-02-01T00:00:00+08:00")
    applied = await do(clocked, pending, "satisfy-condition", condition="approval", at="2026-01-20T09:00:00+08:00")
    assert (applied["status"], applied["applies_at"]) == ("applied", "2026-01-20T09:00:00+08:00")
    assert (await get(clocked, made, as_of="2026-01-19"))["terms_version"] == 1
    assert (await get(clocked, made, as_of="2026-01-20"))["terms_version"] == 2


async def test_a_refused_approval_leaves_the_contract_as_it_is(clocked):
    made = await approved(clocked)
    pending = await agreed(clocked, made)
    failed = await do(clocked, pending, "fail-condition", condition="approval", reason="不批准")
    assert (failed["status"], failed["decision"]["events"][0]["transition"]) == ("void", "T13")
    assert "approval was refused (502(3)): 不批准" in failed["decision"]["events"][0]["explanation"]
    assert (await get(clocked, made))["status"] == "effective"
    found = await clocked.post(
        f"/v1/amendments/{pending['id']}/actions/satisfy-condition", json={"condition": "approval"}
    )
    assert "is void" in (await problem(found, 409, "not-allowed-now"))["detail"]


async def test_the_actions_say_what_may_happen_to_an_amendment(clocked):
    made = await formed(clocked, terms=TERMS)
    pending = await agreed(clocked, made, effective=BUDGET)
    items = {one["action"]: one for one in (await get(clocked, made, "/actions"))["items"]}
    allowed = {name for name, one in items.items() if name.startswith("amendment.") and one["allowed"]}
    assert allowed == {"amendment.satisfy-condition", "amendment.fail-condition", "amendment.declare-unclear"}
    assert items["amendment.withdraw"]["reasons"][0]["rule"] == "T13"
    assert items["amendment.declare-unclear"]["href"] == f"/v1/amendments/{pending['id']}/actions/declare-unclear"
    await do(clocked, pending, "declare-unclear", reason="不明确")
    items = {one["action"]: one for one in (await get(clocked, made, "/actions"))["items"]}
    assert items["amendment.execute"]["reasons"][0]["missing"] == "an open amendment"


async def test_d02_an_amendment_without_clear_content_changes_nothing(clocked):
    made = await formed(clocked, terms=TERMS)
    text = {"op": "replace", "path": "/sections/4/text", "value": "价格酌情调整。"}
    pending = await agreed(clocked, made, text, effective={"on": "2026-05-01"})
    unclear = await do(clocked, pending, "declare-unclear", reason="“酌情调整”未载明价格")
    assert (unclear["status"], unclear["terms_version"]) == ("unclear", None)
    (told,) = unclear["decision"]["events"]
    assert (told["type"], told["transition"], told["data"]["presumption"]) == (
        "amendment.unclear",
        "T13",
        "Civil Code 544",
    )
    assert "未载明价格; presumed not changed (544); version 1 stays." in told["explanation"]
    await advance(clocked, "2026-05-02T00:00:00+08:00")
    assert (await get(clocked, made))["terms_version"] == 1


async def test_an_unclear_amendment_is_declared_so_with_a_reason_and_before_it_applies(clocked):
    made = await formed(clocked, terms=TERMS)
    applied = await agreed(clocked, made)
    where = f"/v1/amendments/{applied['id']}/actions/declare-unclear"
    await problem(await clocked.post(where, json={}), 400, "malformed")
    found = await problem(await clocked.post(where, json={"reason": "不明确"}), 409, "not-allowed-now")
    assert "is applied, and stays as it is" in found["detail"]
    assert "record-decision" in found["reasons"][0]["missing"]


async def test_an_answer_that_came_in_time_and_was_told_late_counts(clocked):
    made = await formed(clocked, terms=TERMS)
    await advance(clocked, "2026-04-01T10:00:00+08:00")
    proposed = await propose(clocked, made, answer_within=TEN_DAYS)
    await execute(clocked, proposed, "A")
    await advance(clocked, "2026-04-20T00:00:00+08:00")
    assert (await read(clocked, proposed))["status"] == "lapsed"
    told = await execute(clocked, proposed, "B", at="2026-04-13T23:30:00+08:00")
    assert (told["status"], told["applies_at"]) == ("applied", "2026-04-13T23:30:00+08:00")
    assert [one["type"] for one in told["decision"]["superseded"]] == ["amendment.lapsed"]
    assert [one["kind"] for one in told["decision"]["voided"]] == ["amendment_answer"]
    assert (await get(clocked, made, as_of="2026-04-15"))["terms_version"] == 2
    assert (await get(clocked, made, as_of="2026-04-15", known_at="2026-04-19"))["terms_version"] == 1


async def test_an_execution_from_before_the_proposal_is_refused(clocked):
    made = await formed(clocked, terms=TERMS)
    await advance(clocked, "2026-04-01T10:00:00+08:00")
    proposed = await propose(clocked, made)
    where = f"/v1/amendments/{proposed['id']}/actions/execute"
    for when, status in (("2026-03-31T10:00:00+08:00", 409), ("2026-04-02T10:00:00+08:00", 422)):
        assert (await clocked.post(where, json={"party": "A", **SEAL, "at": when})).status_code == status
    assert (await read(clocked, proposed))["executions"] == []


async def test_an_execution_recorded_by_mistake_is_corrected(clocked):
    made = await formed(clocked, terms=TERMS)
    proposed = await propose(clocked, made)
    await execute(clocked, proposed, "A")
    applied = await execute(clocked, proposed, "B")
    fact = applied["decision"]["fact_id"]
    right = {"party": "B", "method": "seal", "at": "2026-02-10T10:00:00+08:00"}
    await advance(clocked, "2026-03-01T00:00:00+08:00")
    await act(clocked, made, "correct", fact_id=fact, reason="盖章日期有误", replacement=right)
    stands = await read(clocked, proposed)
    assert (stands["status"], stands["applies_at"]) == ("applied", "2026-02-10T10:00:00+08:00")
    assert (await get(clocked, made, as_of="2026-02-09"))["terms_version"] == 1
    await act(clocked, made, "correct", fact_id=fact, reason="乙方未盖章")
    stands = await read(clocked, proposed)
    assert (stands["status"], stands["applies_at"], stands["terms_version"]) == ("proposed", None, None)
    assert [one["party"] for one in stands["executions"]] == ["A"]
    assert (await get(clocked, made))["status"] == "amendment"


async def test_an_amendment_asks_for_no_less_than_the_contract(clocked):
    strict = {"effectiveness": {"execution": "signature_and_seal"}, "amendments": {"execution": "signature_or_seal"}}
    made = await out_for_signature(clocked, terms=TERMS | strict)
    for role in "AB":
        for method in ("seal", "signature"):
            await act(clocked, made, "execute", party=role, method=method)
    proposed = await propose(clocked, made)
    await execute(clocked, proposed, "A")
    half = await execute(clocked, proposed, "B")
    assert (half["status"], half["decision"]["events"][0]["data"]["missing"]) == ("proposed", ["A", "B"])
    for role in "AB":
        done = await execute(clocked, proposed, role, method="signature")
    assert done["status"] == "applied"


async def test_what_no_amendment_changes(clocked):
    made = await formed(clocked, terms=TERMS | {"parties": {"size_class": {"A": "large"}}})
    for pointer, words in (
        ("/parties", "assignment"),
        ("/terms/currency", "owed in it"),
        ("/terms/parties/size_class/A", "day of conclusion"),
    ):
        body = {"changes": [RATE, {"op": "replace", "path": pointer, "value": "x"}]}
        found = await problem(await clocked.post(path(made, "/amendments"), json=body), 422, "invalid")
        (error,) = found["errors"]
        assert (error["pointer"], words in error["message"]) == ("/changes/1/path", True)


async def test_what_applies_by_the_clock_tells_the_timers_that_it_moved(clocked):
    made = await formed(clocked, terms=TERMS)
    longer = {"op": "replace", "path": "/terms/term/end", "value": "2027-06-30"}
    await agreed(clocked, made, longer, effective={"on": "2026-05-01"})
    await advance(clocked, "2026-05-01T00:00:00+08:00")
    told = (await get(clocked, made, "/timeline"))["past"][-1]
    assert (told["type"], told["transition"]) == ("amendment.applied", "T12")
    dates = {"before": {"due_at": "2027-01-01T00:00:00+08:00"}, "after": {"due_at": "2027-07-01T00:00:00+08:00"}}
    assert told["data"]["timers"] == [{"key": "term", "kind": "term", **dates}]
    assert (told["data"]["armed"], told["data"]["cancelled"]) == ([], [])
