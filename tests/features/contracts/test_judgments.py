"""Judgments and corrections over HTTP: what they undo stays readable as it was known, and both ways are shown."""

from tests.features.contracts.acts import act, advance, formed, get, ok, path, problem

GROUNDS = {"grounds": [{"key": "late_payment", "holder": "A", "immediate": True}]}
TERMS = {
    "term": {"end": "2026-12-31"},
    "termination": GROUNDS,
    "confidentiality": {
        "rules": [
            {
                "class": "ordinary",
                "start": "disclosure",
                "end": {"after": {"anchor": "termination", "period": {"length": 3, "unit": "year"}}},
            }
        ]
    },
}
COURT = {"authority": "上海市浦东新区人民法院", "case_no": "（2026）沪0115民初1号"}
RESCISSION = {
    "type": "rescission",
    "from": "A",
    "to": "B",
    "channel": "courier",
    "subject": "解除通知",
    "body": "解除合同。",
    "ground": "late_payment",
}


async def rescinded(client):
    """Rescinded by a notice that arrived on 2026-05-20 at 10:05."""
    made = await formed(client, terms=TERMS)
    await advance(client, "2026-05-20T10:05:00+08:00")
    item = {"name": "名单", "class": "ordinary", "owner": "A", "recipients": ["B"]}
    await ok(await client.post(path(made, "/confidential-items"), json=item), 201)
    await notify(client, made, RESCISSION)
    return made


async def notify(client, made, draft):
    notice = await ok(await client.post(path(made, "/notices"), json=draft), 201)
    return await ok(await client.post(f"/v1/notices/{notice['id']}/delivery-events", json={"event": "signed"}))


async def test_a_judgment_restores_the_whole_interval_and_both_pictures_stay(clocked):
    made = await rescinded(clocked)
    over = await get(clocked, made)
    assert (over["status"], over["outcome"]) == ("terminated", "rescinded_by_notice")
    item = (await get(clocked, made, "/confidentiality"))["items"][0]
    assert (item["status"], item["ends_on"]) == ("active_running", "2029-05-20")
    await advance(clocked, "2026-09-01T09:00:00+08:00")
    restored = await act(clocked, made, "record-decision", ruling="termination_groundless", **COURT)
    assert (restored["status"], restored["outcome"], restored["ended_at"]) == ("effective", None, None)
    decision = restored["decision"]
    assert "contract.terminated" in {one["type"] for one in decision["superseded"]}
    assert [one["transition"] for one in decision["events"] if one["type"] == "contract.restored"] == ["T45"]
    assert {one["kind"] for one in decision["cancelled"]} >= {"confidentiality"}
    assert {one["kind"] for one in decision["voided"]} == {"settlement", "data_return"}
    item = (await get(clocked, made, "/confidentiality"))["items"][0]
    assert (item["status"], item["ends_on"]) == ("active_open", None)
    now = await get(clocked, made, as_of="2026-07-01")
    then = await get(clocked, made, as_of="2026-07-01", known_at="2026-08-01")
    assert (now["status"], now["terms_version"]) == ("effective", 1)
    assert (then["status"], then["outcome"], then["ended_at"]) == (
        "terminated",
        "rescinded_by_notice",
        "2026-05-20T10:05:00+08:00",
    )
    past = (await get(clocked, made, "/timeline"))["past"]
    ended = next(one for one in past if one["type"] == "contract.terminated")
    assert ended["superseded_at"] == "2026-09-01T09:00:00+08:00"
    assert any(one["type"] == "termination.annulled" and one["superseded_at"] is None for one in past)


async def test_both_outcomes_of_a_contest_are_shown_and_nothing_is_stored(clocked, all_rows):
    made = await rescinded(clocked)
    assert (await get(clocked, made, "/scenarios"))["contested"] is None
    objection = {key: value for key, value in RESCISSION.items() if key != "ground"}
    objection |= {"type": "objection", "from": "B", "to": "A"}
    await notify(clocked, made, objection)
    before = await all_rows()
    found = await get(clocked, made, "/scenarios")
    assert (found["contested"]["by"], found["contested"]["how"]) == ("B", "objection")
    upheld, groundless = found["items"]
    assert (upheld["outcome"], upheld["contract"]["status"]) == ("upheld", "terminated")
    assert (groundless["outcome"], groundless["contract"]["status"]) == ("groundless", "effective")
    assert [one["kind"] for one in groundless["timers"]] == ["term"]
    assert {one["type"] for one in groundless["superseded"]} >= {"contract.terminated"}
    assert await all_rows() == before


async def test_a_contract_that_is_not_contested_has_no_scenarios(clocked):
    made = await formed(clocked, terms=TERMS)
    assert await get(clocked, made, "/scenarios") == {"contested": None, "items": []}


async def test_a_void_contract_was_never_in_force_as_known_since(clocked):
    made = await formed(clocked, terms=TERMS)
    await advance(clocked, "2026-09-01T09:00:00+08:00")
    await act(clocked, made, "suspend", reason="agreed")
    answer = await act(clocked, made, "record-decision", ruling="void", **COURT)
    assert (answer["status"], answer["outcome"], answer["configuration"]) == (
        "terminated",
        "void",
        ["never_in_force.void"],
    )
    assert (answer["effective_at"], answer["ended_at"]) == (None, None)
    then = await get(clocked, made, as_of="2026-05-01", known_at="2026-08-01")
    now = await get(clocked, made, as_of="2026-05-01")
    assert (then["status"], then["terms_version"]) == ("effective", 1)
    assert (now["status"], now["outcome"], now["terms_version"]) == ("terminated", "void", None)
    kinds = {one["kind"] for one in (await get(clocked, made, "/timers", status="armed"))["items"]}
    assert kinds == {"restitution", "data_return"}
    terms = await get(clocked, made, "/terms")
    assert {one["pointer"] for one in terms["binding"]} == {"/terms/disputes", "/terms/confidentiality"}


async def test_e09_a_suit_ends_the_contract_when_it_was_served(clocked):
    made = await formed(clocked, terms=TERMS)
    await advance(clocked, "2026-11-02T09:00:00+08:00")
    suit = {"suit": "first", "party": "A", "claim": "rescission", "at": "2026-06-10T09:00:00+08:00"}
    await act(clocked, made, "record-suit", **suit, served_at="2026-06-18T15:00:00+08:00")
    assert (await get(clocked, made))["status"] == "effective"
    ended = await act(clocked, made, "record-decision", ruling="rescinded", suit="first", **COURT)
    assert (ended["outcome"], ended["ended_at"]) == ("rescinded_by_suit", "2026-06-18T15:00:00+08:00")
    between = await get(clocked, made, as_of="2026-07-01", known_at="2026-10-01")
    assert between["status"] == "effective"
    assert (await get(clocked, made, as_of="2026-07-01"))["status"] == "terminated"


async def test_a_mistake_is_corrected_by_a_fact_and_stays_readable(clocked):
    made = await formed(clocked, terms=TERMS)
    await advance(clocked, "2026-03-01T09:00:00+08:00")
    ended = await act(clocked, made, "terminate-by-agreement")
    mistaken = ended["decision"]["fact_id"]
    await advance(clocked, "2026-04-01T09:00:00+08:00")
    assert (await get(clocked, made))["outcome"] == "mutual"
    right = await act(clocked, made, "correct", fact_id=mistaken, reason="属于另一份合同")
    assert (right["status"], right["outcome"]) == ("effective", None)
    assert {one["type"] for one in right["decision"]["superseded"]} >= {"termination.agreed", "contract.terminated"}
    assert {one["kind"] for one in right["decision"]["voided"]} == {"settlement", "data_return"}
    assert (await get(clocked, made, as_of="2026-03-15", known_at="2026-03-15"))["status"] == "terminated"
    assert (await get(clocked, made, as_of="2026-03-15"))["status"] == "effective"
    corrected = next(one for one in (await get(clocked, made, "/timeline"))["past"] if one["type"] == "fact.corrected")
    assert corrected["data"]["corrects"] == mistaken
    assert "属于另一份合同" in corrected["explanation"]
    again = await act(clocked, made, "correct", fact_id=right["decision"]["fact_id"], reason="确属本合同")
    assert again["outcome"] == "mutual"


async def test_a_replacement_names_what_is_wrong_with_it(clocked):
    made = await formed(clocked, terms=TERMS)
    suspended = (await act(clocked, made, "suspend", reason="agreed"))["decision"]["fact_id"]
    correct = path(made, "/actions/correct")
    for replacement, pointer in (
        ({"reason": "weather"}, "/replacement"),
        ({"reason": "agreed", "at": "2027-01-01T00:00:00+08:00"}, "/replacement/at"),
        ({"reason": "agreed", "evidence": ["x"]}, "/replacement/evidence"),
        ({"reason": "agreed", "evidence": 5}, "/replacement/evidence"),
    ):
        fact = {"fact_id": suspended, "reason": "x", "replacement": replacement}
        found = await problem(await clocked.post(correct, json=fact), 422, "invalid")
        assert [error["pointer"] for error in found["errors"]] == [pointer]
    unknown = {"fact_id": made["id"], "reason": "x"}
    found = await problem(await clocked.post(correct, json=unknown), 422, "invalid")
    assert found["errors"][0]["pointer"] == "/fact_id"


async def test_to_correct_takes_a_key_that_may(clocked, client, client_with):
    made = await formed(client, terms=TERMS)
    fact = (await act(client, made, "suspend", reason="agreed"))["decision"]["fact_id"]
    body = {"fact_id": fact, "reason": "误录"}
    async with client_with("contracts:write") as limited:
        found = await problem(await limited.post(path(made, "/actions/correct"), json=body), 403, "forbidden")
        assert "corrections:write" in found["detail"]
    async with client_with("contracts:write", "corrections:write") as allowed:
        assert (await ok(await allowed.post(path(made, "/actions/correct"), json=body)))["status"] == "effective"


async def test_each_right_to_end_the_contract_is_explained(clocked):
    cure = {"period": {"length": 15, "unit": "day"}}
    grounds = [*GROUNDS["grounds"], {"key": "material_breach", "holder": "B", "cure": cure}]
    terms = TERMS | {"termination": {"grounds": grounds}}
    made = await formed(clocked, terms=terms)
    rights = {one["ground"]: one for one in (await get(clocked, made, "/actions"))["rights"]}
    assert rights["late_payment"]["exercisable"]
    breach = rights["material_breach"]
    assert (breach["exercisable"], breach["holder"]) == (False, "B")
    assert (breach["reasons"][0]["rule"], breach["reasons"][0]["missing"]) == (
        "T31",
        "a cure_notice naming material_breach",
    )
    assert "convenience" not in rights
    await act(clocked, made, "record-ground", ground="late_payment")
    rights = {one["ground"]: one for one in (await get(clocked, made, "/actions"))["rights"]}
    assert rights["late_payment"]["lapses_at"].startswith("2027-01-0")
    await act(clocked, made, "waive", ground="late_payment")
    rights = {one["ground"]: one for one in (await get(clocked, made, "/actions"))["rights"]}
    assert rights["late_payment"]["reasons"][0]["rule"] == "T36"
    await act(clocked, made, "terminate-by-agreement")
    rights = (await get(clocked, made, "/actions"))["rights"]
    assert all(not one["exercisable"] and one["reasons"] for one in rights)
    assert {"/terms/disputes", "/terms/confidentiality"} <= {
        one["pointer"] for one in (await get(clocked, made, "/terms"))["binding"]
    }


async def test_both_outcomes_of_a_suit_are_shown_before_it_is_decided(clocked, all_rows):
    made = await formed(clocked, terms=TERMS)
    await advance(clocked, "2026-05-20T10:05:00+08:00")
    served = {"served_at": "2026-04-20T09:00:00+08:00", "at": "2026-04-15T09:00:00+08:00"}
    await act(clocked, made, "record-suit", suit="s1", party="A", claim="rescission", **served)
    await act(clocked, made, "record-suit", suit="s2", party="B", claim="void")
    await act(clocked, made, "record-suit", suit="s3", party="B", claim="other")
    before = await all_rows()
    found = (await get(clocked, made, "/scenarios"))["items"]
    assert [(one["suit"], one["outcome"], one["contract"]["outcome"]) for one in found] == [
        ("s1", "granted", "rescinded_by_suit"),
        ("s1", "dismissed", None),
        ("s2", "granted", "void"),
        ("s2", "dismissed", None),
    ]
    assert found[0]["contract"]["ended_at"] == "2026-04-20T09:00:00+08:00"
    assert await all_rows() == before
    ended = await act(clocked, made, "record-decision", ruling="rescinded", suit="s1", **COURT)
    assert (ended["outcome"], ended["ended_at"]) == ("rescinded_by_suit", found[0]["contract"]["ended_at"])


async def test_a_claim_that_would_change_nothing_says_why(clocked):
    made = await rescinded(clocked)
    suit = {"suit": "s1", "party": "B", "claim": "change_of_circumstances"}
    await act(clocked, made, "record-suit", **suit)
    found = {one["outcome"]: one for one in (await get(clocked, made, "/scenarios"))["items"]}
    assert found["granted"]["contract"]["outcome"] == "rescinded_by_notice"
    assert found["granted"]["reasons"][0]["rule"] == "T43"
    assert found["upheld"]["reasons"] == []


async def test_a_restored_interval_shows_no_right_and_who_disputed_it(clocked):
    made = await rescinded(clocked)
    objection = {key: value for key, value in RESCISSION.items() if key != "ground"}
    await notify(clocked, made, objection | {"type": "objection", "from": "B", "to": "A"})
    assert (await get(clocked, made, "/actions"))["contested"]["by"] == "B"
    await advance(clocked, "2026-09-01T09:00:00+08:00")
    await act(clocked, made, "record-decision", ruling="termination_groundless", **COURT)
    then = await get(clocked, made, as_of="2026-05-25")
    assert then["configuration"][-1] == "termination.none"
    assert (await get(clocked, made, as_of="2026-05-25", known_at="2026-05-25"))["status"] == "terminated"


async def test_what_bound_before_effect_and_after_the_end_is_asked_of_any_day(clocked):
    effect = {"not_before": "2026-03-01", "approval": {"authority": "商务主管部门"}}
    made = await formed(clocked, terms={"term": {"end": "2026-12-31"}, "effectiveness": effect})
    await act(clocked, made, "satisfy-condition", condition="approval")
    await advance(clocked, "2027-02-01T09:00:00+08:00")

    async def bound(day):
        found = await get(clocked, made, "/terms", as_of=day)
        pointers = None if found["binding"] is None else [one["pointer"] for one in found["binding"]]
        return found["version"], pointers

    formed_on = made["formed_at"][:10]
    assert await bound("2020-01-01") == (None, [])
    assert await bound(formed_on) == (
        None,
        ["/terms/disputes", "/terms/confidentiality", "/terms/notices", "/terms/effectiveness/approval"],
    )
    assert await bound("2026-06-01") == (1, None)
    _, pointers = await bound("2027-01-15")
    assert "/terms/fees" in pointers
