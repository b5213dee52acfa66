"""What may happen next and why not, the text with its live state, the terms and who agreed on them."""

from tests.features.contracts.acts import (
    DESIGN_TERMS,
    act,
    advance,
    draft,
    formed,
    get,
    ok,
    out_for_signature,
    path,
    problem,
)

ACTIONS = {
    "submit", "approve", "return", "execute", "reject", "satisfy-condition", "fail-condition", "withdraw",
    "record-performance", "record-ground", "waive", "suspend", "resume", "terminate-by-agreement", "close",
    "record-suit", "record-decision", "correct",
}  # fmt: skip
OUTBOUND = "outbound-call-outsourcing"


async def test_every_action_is_listed_with_whether_and_why_not(clocked):
    made = await draft(clocked)
    found = await get(clocked, made, "/actions")
    items = {one["action"]: one for one in found["items"] if "." not in one["action"]}
    assert set(items) == ACTIONS
    assert {name for name, one in items.items() if one["allowed"]} == {"submit", "withdraw"}
    for name, one in items.items():
        assert one["href"] == path(made, f"/actions/{name}")
        assert one["who"]
        assert one["allowed"] == (one["reasons"] == [])
        assert all(reason["rule"] and reason["message"] for reason in one["reasons"])
    assert items["submit"]["transitions"] == ["T01"]


async def test_what_is_said_to_be_allowed_is_and_the_rest_is_not(clocked):
    facts = {
        "execute": {"party": "A", "method": "seal"},
        "satisfy-condition": {"condition": "licence"},
        "fail-condition": {"condition": "licence"},
        "record-ground": {"ground": "fundamental_breach", "holder": "A"},
        "waive": {"ground": "force_majeure"},
        "suspend": {"reason": "agreed"},
        "record-performance": {"duty": "settlement", "party": "A", "accepted": True},
        "record-suit": {"suit": "first", "party": "A", "claim": "other"},
    }
    conditions = {"effectiveness": {"conditions": [{"key": "licence", "description": "x"}]}}
    for make in (draft, out_for_signature, formed):
        for terms in ({}, conditions):
            template = await get(clocked, await make(clocked, terms=terms), "/actions")
            for one in [
                one for one in template["items"] if one["action"] in ACTIONS - {"waive", "record-decision", "correct"}
            ]:
                made = await make(clocked, terms=terms)
                answer = await clocked.post(path(made, f"/actions/{one['action']}"), json=facts.get(one["action"], {}))
                assert answer.status_code == (200 if one["allowed"] else 409), (make.__name__, one, answer.text)


async def test_facts_that_are_told_elsewhere_say_where(clocked):
    made = await formed(clocked)
    items = {one["action"]: one for one in (await get(clocked, made, "/actions"))["items"] if "." in one["action"]}
    assert items["amendment.propose"]["allowed"]
    assert items["amendment.propose"]["href"] == path(made, "/amendments")
    assert not items["draft.edit"]["allowed"]
    assert items["draft.edit"]["href"] == path(made)


async def test_a_draft_without_its_parties_says_who_is_missing(clocked):
    made = await ok(await clocked.post("/v1/contracts", json={"type": "generic", "number": "n", "title": "t"}), 201)
    submit = next(one for one in (await get(clocked, made, "/actions"))["items"] if one["action"] == "submit")
    assert [reason["missing"] for reason in submit["reasons"]] == ["a party with role A", "a party with role B"]


async def test_the_outbound_contract_shows_all_its_sections_with_text_and_terms(clocked):
    made = await draft(clocked, type=OUTBOUND, terms=DESIGN_TERMS)
    items = (await get(clocked, made, "/sections"))["items"]
    assert len(items) == 58
    assert [one["number"] for one in items[:5]] == ["1", "1.1", "1.2", "1.3", "2"]
    assert all(one["text"] for one in items if "." in one["number"])
    by_number = {one["number"]: one for one in items}
    assert "95%" in by_number["3.2"]["text"]
    assert "2026年12月31日" in by_number["10.1"]["text"] or "2026-12-31" in by_number["10.1"]["text"]
    assert "甲公司" in by_number["2.1"]["text"]
    assert by_number["10.1"]["terms"]["/terms/term"]["end"] == "2026-12-31"
    assert by_number["8.3"]["state"] is None
    assert not any("{{" in (one["text"] or "") or "[[" in (one["text"] or "") for one in items)
    one = await get(clocked, made, "/sections/8.3")
    assert one == by_number["8.3"]
    await problem(await clocked.get(path(made, "/sections/99.9")), 404, "not-found")


async def test_sections_show_what_runs_under_them(clocked):
    made = await formed(clocked, type=OUTBOUND, terms={"term": {"end": "2026-12-31"}})
    await advance(clocked, "2026-02-01T00:00:00+08:00")
    await act(clocked, made, "record-ground", ground="late_payment")
    await act(clocked, made, "terminate-by-agreement", effective={"on": "2026-05-31"})
    state = {one["number"]: one["state"] for one in (await get(clocked, made, "/sections"))["items"]}
    assert state["10.1"]["effective_at"] == "2026-01-01T00:00:00+08:00"
    assert [one["due_at"] for one in state["10.1"]["timers"]] == ["2027-01-01T00:00:00+08:00"]
    assert state["10.2"]["grounds"][0]["state"] == "termination.right_exercisable"
    assert {one["party"] for one in state["14.4"]["executions"]} == {"A", "B"}
    assert state["10.3"] is None
    await advance(clocked, "2026-06-02T00:00:00+08:00")
    winding = (await get(clocked, made, "/sections/10.3"))["state"]
    assert (winding["outcome"], winding["left"][0]) == ("mutual", "settlement")
    assert [one["kind"] for one in winding["timers"]] == ["data_return", "settlement"]


async def test_an_amended_text_is_the_text(clocked):
    made = await formed(clocked, type=OUTBOUND)
    changes = [{"op": "replace", "path": "/sections/8.3/text", "value": "保密期限为五年。"}]
    amendment = await ok(await clocked.post(path(made, "/amendments"), json={"changes": changes}), 201)
    before = await get(clocked, made, "/sections/8.3")
    for role in "AB":
        await clocked.post(f"/v1/amendments/{amendment['id']}/actions/execute", json={"party": role, "method": "seal"})
    after = await get(clocked, made, "/sections/8.3")
    assert (before["text"] != after["text"], after["text"]) == (True, "保密期限为五年。")


async def test_terms_say_what_nobody_agreed_on(clocked):
    made = await draft(clocked, type=OUTBOUND, terms={"term": {"end": "2026-12-31"}})
    terms = await get(clocked, made, "/terms")
    assert terms["agreed"] == {"term": {"end": "2026-12-31"}}
    assert terms["terms"]["payment"]["late"]["rate_per_day"] == "0.0005"
    assert "/terms/payment" in terms["assumed"]
    assert "/terms/term" not in terms["assumed"]
    assert not any(one.startswith("/terms/term/end") for one in terms["assumed"])
    assert (terms["version"], terms["valid_from"]) == (1, None)
    sections = (await get(clocked, made, "/sections"))["items"]
    late = next(one for one in sections if one["number"] == "7.4")
    assert "/terms/payment/late" in late["assumed"]


async def test_the_timeline_shows_the_future_with_its_basis(clocked):
    made = await formed(clocked, terms={"term": {"end": "2026-12-31"}})
    found = await get(clocked, made, "/timeline")
    assert found["now"] == "2026-01-01T00:00:00+08:00"
    (end,) = found["future"]
    assert (end["kind"], end["due_at"], end["legal_date"]) == ("term", "2027-01-01T00:00:00+08:00", "2026-12-31")
    assert end["basis"]["steps"]
    assert (end["rule"], end["basis"]["status"]) == ("T39", "final")


async def test_the_diagram_is_a_picture_that_marks_where_the_contract_stands(clocked):
    made = await formed(clocked)
    answer = await clocked.get(path(made, "/diagram"))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.text.startswith("<svg")
    assert "<script" not in answer.text
    other = await clocked.get(path(await draft(clocked), "/diagram"))
    assert other.text != answer.text


async def test_a_type_may_ask_for_a_second_pair_of_eyes(client, client_with):
    schema = {"type": "object", "properties": {}}
    own = {"key": "reviewed", "title": "双人复核合同", "sections": [{"number": "1", "heading": "标的"}]}
    await ok(await client.post("/v1/contract-types", json=own | {"terms_schema": schema, "four_eyes": True}), 201)
    made = await draft(client, type="reviewed")
    await act(client, made, "submit")
    refused = await problem(await client.post(path(made, "/actions/approve"), json={}), 409, "not-allowed-now")
    assert refused["reasons"][0]["rule"] == "T02"
    async with client_with("contracts:write") as other:
        assert (await act(other, made, "approve"))["configuration"] == ["draft.out_for_signature"]
