"""What would follow: facts tried on a copy, by the real decisions, with nothing stored."""

import pytest

from tests.conftest import caller
from tests.features.contracts.acts import DESIGN_TERMS, act, advance, draft, formed, get, ok, path, problem

TERM = {"term": {"end": "2026-12-31", "renewal": {"automatic": False}}}
BREACH = {"termination": DESIGN_TERMS["termination"], **TERM}
CURE = {
    "action": "notice.arrive",
    "type": "cure_notice",
    "from": "A",
    "ground": "material_breach",
    "at": "2026-04-16T11:00:00+08:00",
}
RATE = {"op": "add", "path": "/terms/payment", "value": {"late": {"rate_per_day": "0.0003", "base": "overdue"}}}


async def simulate(client, contract, *facts, status=200, **more):
    return await ok(await client.post(path(contract, "/simulate"), json={"facts": list(facts), **more}), status)


def types(events):
    return [one["type"] for one in events]


async def test_time_alone_brings_what_is_armed(clocked):
    made = await formed(clocked, terms=TERM)
    found = await simulate(clocked, made, until="2026-12-31")
    assert (found["now"], found["until"]) == ("2026-01-01T00:00:00+08:00", "2026-12-31T23:59:59.999999+08:00")
    assert (found["events"], found["fired"], found["contract"]["status"]) == ([], [], "effective")
    assert [(one["kind"], one["due_at"]) for one in found["timers"]] == [("term", "2027-01-01T00:00:00+08:00")]
    assert found["timers"][0]["basis"]["rule"] == "TM-TERM"
    found = await simulate(clocked, made, until="2027-01-01")
    assert found["fired"] == [{"kind": "term", "key": "term", "due_at": "2027-01-01T00:00:00+08:00"}]
    assert (found["contract"]["status"], found["contract"]["outcome"]) == ("terminated", "expired")
    assert found["contract"]["ended_at"] == "2027-01-01T00:00:00+08:00"
    assert found["before"] == {
        "status": "effective",
        "configuration": ["in_force", "performing", "amendment.none", "termination.none"],
        "outcome": None,
    }
    assert (types(found["events"]), found["events"][0]["timer"]) == (["contract.terminated"], "term")
    assert {found["events"][0][name] for name in ("fact", "event_id", "fact_id")} == {None}


async def test_a_notice_that_would_arrive_and_a_performance_just_in_time(clocked):
    made = await formed(clocked, terms=BREACH)
    cured = {"action": "record-performance", "at": "2026-05-06T23:00:00+08:00"}
    lost = await simulate(clocked, made, CURE, until="2026-05-07T00:00:00+08:00")
    assert (lost["contract"]["outcome"], lost["fired"][0]["kind"]) == ("rescinded_automatically", "cure")
    saved = await simulate(clocked, made, CURE, cured, until="2026-05-07T00:00:00+08:00")
    assert [one["allowed"] for one in saved["steps"]] == [True, True]
    assert types(saved["steps"][0]["events"]) == ["notice.arrived", "ground.arisen", "ground.demanded"]
    assert [(one["type"], one["fact"]) for one in saved["steps"][1]["events"]] == [("ground.cured", 1)]
    assert (saved["contract"]["status"], saved["fired"], saved["superseded"]) == ("effective", [], [])


async def test_what_is_simulated_late_supersedes_what_is_simulated_before(clocked):
    made = await formed(clocked, terms=BREACH)
    wait = {"action": "record-performance", "duty": "report", "at": "2026-05-09T10:00:00+08:00"}
    cured = {"action": "record-performance", "at": "2026-05-06T23:00:00+08:00", "ground": "material_breach"}
    found = await simulate(clocked, made, CURE, wait, cured)
    assert found["until"] == "2026-05-09T10:00:00+08:00"
    assert types(found["steps"][1]["events"]) == ["winding_down.done"]
    assert "contract.terminated" in types(found["steps"][2]["superseded"])
    assert found["contract"]["status"] == "effective"
    assert found["superseded"] == [], "nothing of that is on record"
    assert "contract.terminated" not in types(found["events"])
    assert [one["at"] for one in found["events"]] == sorted(one["at"] for one in found["events"])


async def test_a_fact_of_the_past_shows_what_of_the_record_would_fall(clocked):
    made = await formed(clocked, terms=BREACH)
    await advance(clocked, "2026-02-01T00:00:00+08:00")
    end = {"action": "terminate-by-agreement", "at": "2026-01-15T00:00:00+08:00"}
    await act(clocked, made, "suspend", reason="agreed")
    found = await simulate(clocked, made, end)
    assert types(found["superseded"]) == ["performance.suspended"]
    events = {one["id"]: one for one in (await get(clocked, made, "/timeline"))["past"]}
    fallen = found["superseded"][0]
    assert events[fallen["event_id"]]["fact_id"] == fallen["fact_id"]
    assert fallen["fact"] is None
    events = types(found["steps"][0]["events"])
    assert (events[:2], events[-1]) == (["termination.agreed", "contract.terminated"], "fact.moot")
    assert found["contract"]["ended_at"] == "2026-01-15T00:00:00+08:00"


async def test_a_judgment_and_a_correction_reach_back(clocked):
    made = await formed(clocked, terms=BREACH)
    await advance(clocked, "2026-02-01T00:00:00+08:00")
    suspended = await act(clocked, made, "suspend", reason="agreed")
    served = {"effective_at": "2026-01-15T00:00:00+08:00"}
    ruling = {"action": "record-decision", "ruling": "change_of_circumstances", "authority": "法院"} | served
    found = await simulate(clocked, made, ruling)
    assert (found["contract"]["outcome"], types(found["superseded"])[0]) == (
        "change_of_circumstances",
        "performance.suspended",
    )
    assert found["contract"]["ended_at"] == served["effective_at"]
    mistake = {"action": "correct", "fact_id": suspended["decision"]["fact_id"], "reason": "误录"}
    found = await simulate(clocked, made, mistake)
    assert types(found["superseded"]) == ["performance.suspended"]
    assert "performing" in found["contract"]["configuration"]
    unknown = mistake | {"fact_id": made["id"]}
    answer = await clocked.post(path(made, "/simulate"), json={"facts": [{"action": "resume"}, unknown]})
    assert (await problem(answer, 422, "invalid"))["errors"][0]["pointer"] == "/facts/1/fact_id"


async def test_a_refused_fact_says_why_and_the_others_go_on(clocked):
    made = await formed(clocked, terms=TERM)
    found = await simulate(clocked, made, {"action": "resume"}, {"action": "suspend", "reason": "agreed"})
    refused, done = found["steps"]
    assert (refused["allowed"], refused["events"], done["allowed"]) == (False, [], True)
    assert refused["reasons"][0]["rule"] == "T21"
    assert "suspend" in refused["allowed_actions"]
    assert done["allowed_actions"] is None
    assert found["contract"]["configuration"][1] == "suspended"


async def test_a_whole_life_from_a_draft(clocked):
    made = await draft(clocked, terms=BREACH)
    seal = {"action": "execute", "method": "seal", "at": "2026-01-05T10:00:00+08:00"}
    found = await simulate(
        clocked,
        made,
        {"action": "submit"},
        {"action": "approve"},
        seal | {"party": "A"},
        seal | {"party": "B", "at": "2026-01-08T09:30:00+08:00"},
        {"action": "amendment.propose", "changes": [RATE], "at": "2026-02-01T10:00:00+08:00", "proposed_by": "A"},
        {"action": "amendment.execute", "party": "A", "method": "seal", "at": "2026-02-02T10:00:00+08:00"},
        {"action": "amendment.execute", "party": "B", "method": "seal", "at": "2026-02-03T10:00:00+08:00"},
        {"action": "amendment.reject", "at": "2026-02-04T10:00:00+08:00"},
        until="2027-01-01",
    )
    assert [one["allowed"] for one in found["steps"]] == [True] * 7 + [False]
    assert found["contract"]["terms"]["payment"] == RATE["value"]
    assert found["contract"]["terms_version"] == 2
    assert found["contract"]["formed_at"] == "2026-01-08T09:30:00+08:00"
    assert found["contract"]["outcome"] == "expired"
    assert (await get(clocked, made))["configuration"] == ["draft.drafting"]


async def test_the_review_stands_in_the_way_as_it_would(clocked):
    fees = {"total": {"amount": "100", "currency": "CNY"}, "deposit": {"amount": "50", "currency": "CNY"}}
    made = await draft(clocked, terms={"fees": fees})
    waived = {"waive": [{"rule": "L05", "pointer": "/terms/fees/deposit", "reason": "超出部分按预付款处理"}]}
    found = await simulate(clocked, made, {"action": "submit"}, {"action": "submit", **waived})
    assert [one["allowed"] for one in found["steps"]] == [False, True]
    assert found["steps"][0]["reasons"][0]["rule"] == "L05"


FACTS = (
    CURE | {"cure": {"automatic": False}},
    {"action": "suspend", "reason": "agreed", "at": "2026-05-01T00:00:00+08:00"},
    {"action": "record-ground", "ground": "fundamental_breach", "holder": "B", "at": "2026-06-01T00:00:00+08:00"},
    {"action": "record-performance", "ground": "material_breach", "at": "2026-04-20T00:00:00+08:00"},
    {"action": "terminate-by-agreement", "effective": {"on": "2026-07-31"}, "at": "2026-07-01T00:00:00+08:00"},
    {"action": "record-performance", "duty": "report", "at": "2026-08-02T00:00:00+08:00"},
)


async def test_what_is_simulated_is_what_then_happens(clocked):
    made = await formed(clocked, terms=BREACH)
    facts = FACTS[1:3] + FACTS[4:]
    found = await simulate(clocked, made, *facts, until="2026-09-30")
    for fact in facts:
        await advance(clocked, fact["at"])
        await act(clocked, made, fact["action"], **{k: v for k, v in fact.items() if k != "action"})
    await advance(clocked, "2026-09-30T23:59:59+08:00")
    contract, past = await get(clocked, made), (await get(clocked, made, "/timeline"))["past"]
    for name in ("status", "configuration", "outcome", "terms_version", "ended_at"):
        assert found["contract"][name] == contract[name], name
    same = ("type", "at", "transition", "rule", "explanation", "status", "configuration", "data", "timer")
    new = [{name: one[name] for name in same} for one in past[-len(found["events"]) :]]
    assert [{name: one[name] for name in same} for one in found["events"]] == new
    timers = (await get(clocked, made, "/timers", status="armed"))["items"]
    kept = ("key", "kind", "due_at", "legal_date", "rule", "assumed", "provisional", "basis", "subject")
    assert sorted(one["key"] for one in timers) == sorted(one["key"] for one in found["timers"])
    for timer in timers:
        assert {k: timer[k] for k in kept} in found["timers"]


async def test_nothing_is_stored(app, clocked_tenancy, all_rows):
    async with caller(app, clocked_tenancy.key) as client:
        made = await formed(client, terms=BREACH)
        await advance(client, "2026-02-01T00:00:00+08:00")
        before, version = await all_rows(), (await get(client, made))["version"]
        late = {"action": "suspend", "reason": "agreed", "at": "2026-01-15T00:00:00+08:00"}
        found = await simulate(client, made, late, *FACTS, until="2026-09-30")
        assert len(found["events"]) > 8
        assert await all_rows() == before
        assert (await get(client, made))["version"] == version


@pytest.mark.parametrize(
    ("facts", "more", "status", "pointer"),
    [
        ([{"action": "sing"}], {}, 400, "/facts/0/action"),
        ([{"party": "A"}], {}, 400, "/facts/0/action"),
        ([{"action": "close"}, {"action": "execute", "party": "A"}], {}, 400, "/facts/1/method"),
        ([{"action": "close", "terms": {}}], {}, 400, "/facts/0/terms"),
        ([{"action": "notice.arrive", "type": "gossip", "from": "A"}], {}, 400, "/facts/0/type"),
        ([{"action": "draft.edit"}], {}, 400, "/facts/0/action"),
        ([CURE | {"from": "Z"}], {}, 422, "/facts/0/from"),
        ([{"action": "close", "at": "2026-01-05T10:00:00"}], {}, 422, "/facts/0/at"),
        ([{"action": "close", "at": "1989-12-31T10:00:00+08:00"}], {}, 422, "/facts/0/at"),
        ([{"action": "close", "at": "2101-01-01T10:00:00+08:00"}], {}, 422, "/facts/0/at"),
        ([{"action": "close", "at": "2026-02-01T10:00:00+08:00"}], {"until": "2026-01-31"}, 422, "/facts/0/at"),
        ([{"action": "close"}] * 101, {}, 400, "/facts"),
        ([], {"until": "2025-12-31"}, 422, "/until"),
        ([], {"until": "2101-01-01"}, 422, "/until"),
        ([], {"until": "9999-12-31"}, 422, "/until"),
        ([], {"until": "soon"}, 422, "/until"),
        ([], {"until": 7}, 400, "/until"),
        ([], {"when": "2026-12-31"}, 400, "/when"),
        ([{"action": "amendment.propose", "changes": []}], {}, 400, "/facts/0/changes"),
        (
            [{"action": "amendment.propose", "changes": [RATE], "proposed_by": "Z"}],
            {},
            422,
            "/facts/0/proposed_by",
        ),
        (
            [{"action": "amendment.propose", "changes": [{"op": "remove", "path": "/terms/none"}]}],
            {},
            422,
            "/facts/0/changes/0",
        ),
        (
            [{"action": "terminate-by-agreement", "effective": {"on": "2025-12-31"}}],
            {},
            422,
            "/facts/0/effective/on",
        ),
    ],
)
async def test_what_could_be_no_fact_is_pointed_at(clocked, facts, more, status, pointer):
    made = await formed(clocked, terms=TERM)
    answer = await clocked.post(path(made, "/simulate"), json={"facts": facts, **more})
    found = await problem(answer, status, "malformed" if status == 400 else "invalid")
    assert found["errors"][0]["pointer"] == pointer


async def test_a_term_that_renews_itself_is_followed_to_the_horizon_but_not_over_and_over(clocked):
    month, day = {"length": 1, "unit": "month"}, {"length": 1, "unit": "day"}
    renewal = {"automatic": True, "period": month, "objection": {"period": day}}
    made = await formed(clocked, terms={"term": {"end": "2026-12-31", "renewal": renewal}})
    found = await simulate(clocked, made, until="2100-12-31")
    assert len(found["fired"]) == len(found["events"]) == 74 * 12 + 1
    last = {"action": "resume", "at": "2100-12-01T00:00:00+08:00"}
    late = {"action": "record-performance", "at": "2026-02-01T00:00:00+08:00"}
    answer = await clocked.post(path(made, "/simulate"), json={"facts": [last, *[late] * 30]})
    (error,) = (await problem(answer, 422, "invalid"))["errors"]
    assert error["pointer"].startswith("/facts/1")
    assert "10000 timers" in error["message"]


async def test_another_tenant_and_a_key_without_the_scope_see_nothing(client, stranger, client_with):
    made = await formed(client, terms=TERM)
    await problem(await stranger.post(path(made, "/simulate"), json={}), 404, "not-found")
    async with client_with("contracts:write") as writer:
        await problem(await writer.post(path(made, "/simulate"), json={}), 403, "forbidden")
    async with client_with("contracts:read") as reader:
        assert (await simulate(reader, made))["steps"] == []
