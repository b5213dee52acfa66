"""Amendments: on the table, agreed, in force on their day; the terms as they stood on any day."""

import asyncio

import pytest

from tests.features.contracts.acts import act, advance, draft, formed, get, ok, path, problem

TERMS = {"term": {"end": "2026-12-31"}, "payment": {"late": {"rate_per_day": "0.0005", "base": "overdue"}}}
RATE = {"op": "replace", "path": "/terms/payment/late/rate_per_day", "value": "0.0003"}
SEAL = {"method": "seal"}


async def propose(client, contract, *changes, status=201, **more):
    answer = await client.post(path(contract, "/amendments"), json={"changes": list(changes) or [RATE], **more})
    return await ok(answer, status)


async def execute(client, amendment, role, status=200, **more):
    where = f"/v1/amendments/{amendment['id']}/actions/execute"
    return await ok(await client.post(where, json={"party": role, **SEAL, **more}), status)


async def agreed(client, contract, *changes, **more):
    amendment = await propose(client, contract, *changes, **more)
    await execute(client, amendment, "A")
    return await execute(client, amendment, "B")


async def test_a_proposal_leaves_the_terms_alone_until_its_day(clocked):
    made = await formed(clocked, terms=TERMS)
    proposed = await propose(clocked, made, rationale="下调", effective={"on": "2026-05-01"}, proposed_by="A")
    assert (proposed["status"], proposed["no"], proposed["base_version"]) == ("proposed", 1, 1)
    assert proposed["decision"]["events"][0]["transition"] == "T10"
    assert (await get(clocked, made))["status"] == "amendment"
    await execute(clocked, proposed, "A")
    pending = await execute(clocked, proposed, "B")
    assert (pending["status"], pending["applies_at"]) == ("agreed_pending", "2026-05-01T00:00:00+08:00")
    assert [one["kind"] for one in pending["decision"]["armed"]] == ["amendment"]
    assert (await get(clocked, made, "/terms"))["agreed"] == TERMS
    await advance(clocked, "2026-05-01T00:00:00+08:00")
    applied = await ok(await clocked.get(f"/v1/amendments/{proposed['id']}"))
    assert (applied["status"], applied["terms_version"]) == ("applied", 2)
    assert [one["party"] for one in applied["executions"]] == ["A", "B"]
    terms = await get(clocked, made, "/terms")
    assert terms["agreed"]["payment"]["late"]["rate_per_day"] == "0.0003"
    assert (terms["version"], terms["amendment_id"]) == (2, proposed["id"])
    assert terms["valid_from"] == "2026-05-01T00:00:00+08:00"
    assert (await get(clocked, made))["status"] == "effective"


async def test_the_terms_of_any_day_as_known_on_any_day(clocked):
    made = await formed(clocked, terms=TERMS)
    await advance(clocked, "2026-04-10T10:00:00+08:00")
    await agreed(clocked, made, effective={"on": "2026-05-01"})
    await advance(clocked, "2026-05-02T10:00:00+08:00")
    for asked, version in (
        ({"as_of": "2026-04-30"}, 1),
        ({"as_of": "2026-05-01"}, 2),
        ({"as_of": "2026-05-01", "known_at": "2026-04-30"}, 1),
        ({"as_of": "2026-05-01", "known_at": "2026-05-01"}, 2),
        ({}, 2),
    ):
        assert (await get(clocked, made, "/terms", **asked))["version"] == version, asked
        assert (await get(clocked, made, **asked))["terms_version"] == version, asked


async def test_one_is_open_at_a_time(clocked):
    made = await formed(clocked, terms=TERMS)
    first = await propose(clocked, made)
    answer = await clocked.post(path(made, "/amendments"), json={"changes": [RATE]})
    found = await problem(answer, 409, "not-allowed-now")
    assert "amendment proposed" in found["detail"]
    assert (found["reasons"][0]["rule"], found["reasons"][0]["missing"]) == (
        "T10",
        "amendment.declare-unclear or amendment.fail-condition or amendment.reject or amendment.withdraw",
    )
    dropped = await ok(await clocked.post(f"/v1/amendments/{first['id']}/actions/reject", json={"reason": "太低"}))
    assert dropped["status"] == "rejected"
    second = await propose(clocked, made)
    withdrawn = await ok(await clocked.post(f"/v1/amendments/{second['id']}/actions/withdraw", json={}))
    assert withdrawn["status"] == "withdrawn"
    assert (await get(clocked, made))["status"] == "effective"
    items = (await get(clocked, made, "/amendments"))["items"]
    assert [(one["no"], one["status"]) for one in items] == [(1, "rejected"), (2, "withdrawn")]


async def test_twenty_proposals_at_once_make_one(clocked):
    made = await formed(clocked, terms=TERMS)
    answers = await asyncio.gather(
        *(clocked.post(path(made, "/amendments"), json={"changes": [RATE]}) for _ in range(20))
    )
    assert sorted(one.status_code for one in answers) == [201] + [409] * 19
    assert len((await get(clocked, made, "/amendments"))["items"]) == 1


async def test_twenty_executions_of_one_party_at_once_count_once(clocked):
    made = await formed(clocked, terms=TERMS)
    amendment = await propose(clocked, made)
    where = f"/v1/amendments/{amendment['id']}/actions/execute"
    answers = await asyncio.gather(*(clocked.post(where, json={"party": "A", **SEAL}) for _ in range(20)))
    assert sorted(one.status_code for one in answers) == [200] + [409] * 19
    assert len((await ok(await clocked.get(f"/v1/amendments/{amendment['id']}")))["executions"]) == 1


async def test_what_is_agreed_is_undone_by_neither_alone(clocked):
    made = await formed(clocked, terms=TERMS)
    pending = await agreed(clocked, made, effective={"on": "2026-05-01"})
    for action in ("reject", "withdraw"):
        answer = await clocked.post(f"/v1/amendments/{pending['id']}/actions/{action}", json={})
        await problem(answer, 409, "not-allowed-now")
    assert (await ok(await clocked.get(f"/v1/amendments/{pending['id']}")))["status"] == "agreed_pending"


async def test_t14_it_falls_with_the_contract(clocked):
    made = await formed(clocked, terms=TERMS)
    pending = await agreed(clocked, made, effective={"on": "2026-05-01"})
    ended = await act(clocked, made, "terminate-by-agreement")
    assert [one["kind"] for one in ended["decision"]["cancelled"]].count("amendment") == 1
    assert (await ok(await clocked.get(f"/v1/amendments/{pending['id']}")))["status"] == "void"
    await advance(clocked, "2026-06-01T00:00:00+08:00")
    assert (await get(clocked, made))["terms_version"] == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ([{"op": "replace", "path": "/parties", "value": []}], "/changes/0/path"),
        ([{"op": "replace", "path": "/status", "value": "draft"}], "/changes/0/path"),
        ([RATE, {"op": "remove", "path": "/terms/nothing"}], "/changes/1"),
        ([{"op": "test", "path": "/title", "value": "another"}], "/changes/0"),
        ([{"op": "remove", "path": "/title"}], "/changes"),
        ([{"op": "replace", "path": "/title", "value": ""}], "/changes"),
        ([{"op": "remove", "path": "/sections/1/text"}], "/changes"),
        ([{"op": "replace", "path": "/sections/99/text", "value": "x"}], "/changes/0"),
        ([{"op": "explode", "path": "/title"}], "/changes/0/op"),
        ([{**RATE, "value": "-1"}], "/terms/payment/late/rate_per_day"),
        ([{**RATE, "value": 3}], "/terms/payment/late/rate_per_day"),
        ([{"op": "add", "path": "/terms/colour", "value": "red"}], "/terms/colour"),
        ([{"op": "replace", "path": "/terms/term/end", "value": "2026-02-30"}], "/terms/term/end"),
        ([{"op": "replace", "path": "/terms/term/end", "value": "9999-12-31"}], ""),
        ([{"op": "replace", "path": "/title", "value": "a\x00b"}], None),
        ([{"op": "replace", "path": "/title", "value": "x" * 5000}], None),
    ],
)
async def test_changes_that_do_not_fit_are_refused_where_they_stand(clocked, changes, pointer):
    made = await formed(clocked, terms=TERMS)
    answer = await clocked.post(path(made, "/amendments"), json={"changes": changes})
    found = await problem(answer, 422, "invalid")
    if pointer:
        assert pointer in [one["pointer"] for one in found["errors"]]
    assert (await get(clocked, made, "/amendments"))["items"] == []
    assert (await get(clocked, made))["status"] == "effective"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"changes": []}, 400),
        ({"changes": [RATE] * 201}, 400),
        ({"changes": "x"}, 400),
        ({"changes": [1]}, 400),
        ({}, 400),
        ({"changes": [RATE], "x": 1}, 400),
        ({"changes": [RATE], "effective": {"on": "2026-02-30"}}, 400),
        ({"changes": [RATE], "effective": {"from": "2026-02-28"}}, 400),
        ({"changes": [RATE], "proposed_by": "Z"}, 422),
        ({"changes": [RATE], "at": "2199-01-01T00:00:00+08:00"}, 422),
        ({"changes": [RATE], "rationale": "a\x00b"}, 422),
        ({"changes": [{**RATE, "value": "0.0005"}]}, 409),
    ],
)
async def test_a_bad_proposal_is_not_kept(clocked, wrong, status):
    made = await formed(clocked, terms=TERMS)
    answer = await clocked.post(path(made, "/amendments"), json=wrong)
    assert answer.status_code == status, answer.text
    assert (await get(clocked, made, "/amendments"))["items"] == []


async def test_a_draft_is_edited_and_not_amended(clocked):
    made = await draft(clocked, terms=TERMS)
    await problem(await clocked.post(path(made, "/amendments"), json={"changes": [RATE]}), 409, "not-allowed-now")
    assert (await ok(await clocked.get(path(made, "/amendments"))))["items"] == []


async def test_an_execution_that_is_stale_or_not_a_party_s_is_refused(clocked):
    made = await formed(clocked, terms=TERMS)
    amendment = await propose(clocked, made)
    where = f"/v1/amendments/{amendment['id']}/actions/execute"
    answer = await clocked.post(where, json={"party": "A", **SEAL}, headers={"if-match": '"99"'})
    await problem(answer, 412, "stale")
    await problem(await clocked.post(where, json={"party": "Z", **SEAL}), 409, "not-allowed-now")
    current = {"if-match": f'"{amendment["version"]}"'}
    assert (await ok(await clocked.post(where, json={"party": "A", **SEAL}, headers=current)))["version"] == 2


async def test_a_late_execution_brings_the_amendment_forward(clocked):
    made = await formed(clocked, terms=TERMS)
    await advance(clocked, "2026-03-01T10:00:00+08:00")
    amendment = await propose(clocked, made, at="2026-02-01T10:00:00+08:00")
    await execute(clocked, amendment, "A", at="2026-02-03T10:00:00+08:00")
    applied = await execute(clocked, amendment, "B", at="2026-02-02T10:00:00+08:00")
    assert (applied["status"], applied["applies_at"]) == ("applied", "2026-02-03T10:00:00+08:00")
    assert (await get(clocked, made, as_of="2026-02-02"))["terms_version"] == 1
    assert (await get(clocked, made, as_of="2026-02-03"))["terms_version"] == 2


async def test_an_end_that_becomes_known_late_voids_the_amendment_that_came_after(clocked):
    made = await formed(clocked, terms=TERMS)
    await advance(clocked, "2026-03-01T10:00:00+08:00")
    applied = await agreed(clocked, made, {"op": "replace", "path": "/title", "value": "新合同"})
    assert applied["status"] == "applied"
    await advance(clocked, "2026-04-01T10:00:00+08:00")
    ended = await act(clocked, made, "terminate-by-agreement", at="2026-02-01T10:00:00+08:00")
    assert (ended["ended_at"], ended["terms_version"]) == ("2026-02-01T10:00:00+08:00", 1)
    moot = [one for one in ended["decision"]["events"] if one["type"] == "fact.moot"]
    assert len(moot) == 3
    assert (await get(clocked, made, as_of="2026-03-15", known_at="2026-03-15"))["terms_version"] == 2
    assert (await get(clocked, made, as_of="2026-03-15"))["status"] == "terminated"
    stands = await ok(await clocked.get(f"/v1/amendments/{applied['id']}"))
    assert (stands["status"], stands["terms_version"]) == ("void", None)


async def test_lists_page(clocked):
    made = await formed(clocked, terms=TERMS)
    for number in range(5):
        amendment = await propose(clocked, made, {"op": "replace", "path": "/title", "value": f"第{number}次"})
        await clocked.post(f"/v1/amendments/{amendment['id']}/actions/withdraw", json={})
    seen, cursor = [], None
    while True:
        page = await get(clocked, made, "/amendments", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [one["no"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [1, 2, 3, 4, 5]


async def test_a_list_shows_what_was_due_as_done(client):
    made = await formed(client, at="2026-01-08T10:00:00+08:00", terms=TERMS | {"term": {"end": "2030-12-31"}})
    amendment = await propose(client, made, at="2026-01-09T10:00:00+08:00", effective={"on": "2026-02-01"})
    for role in "AB":
        await execute(client, amendment, role, at="2026-01-10T10:00:00+08:00")
    (listed,) = (await get(client, made, "/amendments"))["items"]
    assert (listed["status"], listed["applies_at"]) == ("applied", "2026-02-01T00:00:00+08:00")


@pytest.mark.parametrize(
    ("change", "status"),
    [(RATE, "void"), ({"op": "add", "path": "/terms/disputes/law", "value": "CN"}, "proposed")],
)
async def test_a_proposal_told_after_the_end_is_stored_as_it_was_decided(clocked, change, status):
    made = await formed(clocked, terms={**TERMS, "term": {"end": "2026-06-30"}})
    await advance(clocked, "2026-08-01T00:00:00+08:00")
    told = await propose(clocked, made, change, at="2026-05-01T10:00:00+08:00")
    assert told["status"] == status
    assert (await ok(await clocked.get(f"/v1/amendments/{told['id']}")))["status"] == status


async def test_a_refusal_recorded_by_mistake_leaves_the_first_proposal_open_and_the_second_void(clocked):
    made = await formed(clocked, terms=TERMS)
    first = await propose(clocked, made)
    refused = await ok(await clocked.post(f"/v1/amendments/{first['id']}/actions/reject", json={}))
    await advance(clocked, "2026-02-01T00:00:00+08:00")
    second = await propose(clocked, made, {"op": "replace", "path": "/title", "value": "新名"})
    await act(clocked, made, "correct", fact_id=refused["decision"]["fact_id"], reason="录入错误")
    statuses = [(await ok(await clocked.get(f"/v1/amendments/{one['id']}")))["status"] for one in (first, second)]
    assert statuses == ["proposed", "void"]
    assert (await get(clocked, made))["status"] == "amendment"
