"""Drafts: created, edited under a precondition, listed, kept in step with another system."""

import pytest

from tests.features.contracts.acts import act, body, draft, formed, number, ok, out_for_signature, party, path, problem


async def test_a_draft_is_read_back_as_it_was_given(client):
    fresh = body(
        terms={"term": {"end": "2026-12-31"}},
        external_refs=[{"system": "sap", "id": "46"}],
        metadata={"cost_centre": "7"},
        time_zone="Europe/Berlin",
    )
    made = await ok(await client.post("/v1/contracts", json=fresh), 201)
    again = await client.get(path(made))
    assert await ok(again) == made
    assert again.headers["etag"] == f'"{made["version"]}"'
    for name in ("type", "number", "title", "terms", "external_refs", "metadata", "time_zone"):
        assert made[name] == fresh[name]
    assert made["created_at"].endswith(("+01:00", "+02:00"))
    assert (made["outcome"], made["formed_at"], made["effective_at"], made["ended_at"]) == (None, None, None, None)
    by_id = await client.get("/v1/contracts/external/sap/46")
    assert await ok(by_id) == made


async def test_an_unknown_reference_and_an_unknown_contract_are_404(client):
    for below in ("/v1/contracts/external/sap/nothing", "/v1/contracts/01970000-0000-7000-8000-000000000001"):
        await problem(await client.get(below), 404, "not-found")


async def test_an_edit_merges_and_moves_the_version(client):
    made = await draft(
        client, terms={"term": {"end": "2026-12-31", "renewal": {"automatic": True}}}, metadata={"a": 1, "b": {"c": 2}}
    )
    patch = {
        "title": "新",
        "terms": {"term": {"end": "2027-06-30", "renewal": None}},
        "metadata": {"b": {"c": None}, "d": [1]},
    }
    answer = await client.patch(path(made), json=patch, headers={"if-match": f'"{made["version"]}"'})
    edited = await ok(answer)
    assert (edited["title"], edited["terms"]) == ("新", {"term": {"end": "2027-06-30"}})
    assert edited["metadata"] == {"a": 1, "b": {}, "d": [1]}
    assert (edited["number"], edited["parties"]) == (made["number"], made["parties"])
    assert answer.headers["etag"] != f'"{made["version"]}"'
    (timer,) = (await ok(await client.get(path(made, "/timers"), params={"status": "armed"})))["items"]
    assert timer["legal_date"] == "2027-06-30"


async def test_an_edit_replaces_parties_references_number_and_zone(client):
    made = await draft(client, external_refs=[{"system": "sap", "id": number()}])
    other, new_number = await party(client, "丙公司"), number()
    patch = {
        "parties": [{"role": "B", "party_id": other}],
        "external_refs": [{"system": "erp", "id": new_number}],
        "number": new_number,
        "time_zone": "UTC",
    }
    edited = await ok(await client.patch(path(made), json=patch, headers={"if-match": "*"}))
    for name, value in patch.items():
        assert edited[name] == value
    await problem(await client.post(path(made, "/actions/submit"), json={}), 409, "not-allowed-now")


@pytest.mark.parametrize(
    ("tag", "status", "code"), [(None, 428, "precondition-required"), ('"999"', 412, "stale"), ("1", 412, "stale")]
)
async def test_an_edit_without_the_right_etag_is_refused(client, tag, status, code):
    made = await draft(client)
    headers = {} if tag is None else {"if-match": tag}
    await problem(await client.patch(path(made), json={"title": "x"}, headers=headers), status, code)
    assert (await ok(await client.get(path(made))))["title"] == "合同"


async def test_an_action_honours_if_match(client):
    made = await draft(client)
    stale = await client.post(path(made, "/actions/submit"), json={}, headers={"if-match": '"99"'})
    await problem(stale, 412, "stale")
    right = await client.post(path(made, "/actions/submit"), json={}, headers={"if-match": f'"{made["version"]}"'})
    assert (await ok(right))["configuration"] == ["draft.under_review"]


async def test_what_is_out_for_signature_is_edited_no_more(client):
    made = await out_for_signature(client)
    answer = await client.patch(path(made), json={"title": "x"}, headers={"if-match": "*"})
    found = await problem(answer, 409, "not-allowed-now")
    assert "execute" in found["allowed_actions"]
    assert (await ok(await client.get(path(made))))["title"] == "合同"


async def test_lists_page_without_loss_or_repetition(clocked):
    made = [await ok(await clocked.post("/v1/contracts", json=body()), 201) for _ in range(7)]
    seen, cursor = [], None
    for _ in range(4):
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await ok(await clocked.get("/v1/contracts", params=query))
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert cursor is None
    assert seen == [one["id"] for one in made]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"limit": 0}, 422),
        ({"limit": 201}, 422),
        ({"limit": "x"}, 400),
        ({"cursor": "x"}, 422),
        ({"cursor": "IjEi"}, 422),
        ({"status": "signed"}, 400),
        ({"party_id": "x"}, 400),
    ],
)
async def test_odd_list_parameters_are_refused(client, query, status):
    answer = await client.get("/v1/contracts", params=query)
    await problem(answer, status, {400: "malformed", 422: "invalid"}[status])


async def test_lists_filter_by_status_number_and_party(clocked):
    plain, signed = await draft(clocked), await formed(clocked)
    for query, expected in (
        ({"status": "draft"}, plain),
        ({"status": "effective"}, signed),
        ({"number": signed["number"]}, signed),
        ({"party_id": plain["parties"][0]["party_id"]}, plain),
    ):
        page = await ok(await clocked.get("/v1/contracts", params=query))
        assert [one["id"] for one in page["items"]] == [expected["id"]]
    assert (await ok(await clocked.get("/v1/contracts", params={"status": "terminated"})))["items"] == []


async def test_an_upsert_creates_then_leaves_alone_then_updates(client):
    where, fresh = f"/v1/contracts/external/sap/{number()}", body()
    first = await client.put(where, json=fresh)
    made = await ok(first, 201)
    assert first.headers["location"] == path(made)
    assert await ok(await client.put(where, json=fresh)) == made
    changed = await ok(await client.put(where, json=fresh | {"title": "新", "metadata": {"k": "v"}}))
    assert (changed["id"], changed["title"], changed["metadata"]) == (made["id"], "新", {"k": "v"})
    assert changed["version"] > made["version"]
    stale = await client.put(where, json=fresh, headers={"if-match": f'"{made["version"]}"'})
    await problem(stale, 412, "stale")
    await problem(await client.put(where, json=fresh | {"type": "outbound-call-outsourcing"}), 422, "invalid")


async def test_an_upsert_of_a_signed_contract_repeats_but_does_not_change(client):
    reference = number()
    made = await formed(client, external_refs=[{"system": "sap", "id": reference}])
    same = {name: made[name] for name in ("type", "number", "title", "terms", "parties", "metadata", "time_zone")}
    where = f"/v1/contracts/external/sap/{reference}"
    assert (await ok(await client.put(where, json=same)))["status"] == "effective"
    await problem(await client.put(where, json=same | {"title": "x"}), 409, "not-allowed-now")


async def test_an_external_id_is_a_path_segment_of_any_characters(client):
    made = await ok(await client.put("/v1/contracts/external/sap/A%2FB%20%E5%8F%B7", json=body()), 201)
    assert {"system": "sap", "id": "A/B 号"} in made["external_refs"]
    assert await ok(await client.get("/v1/contracts/external/sap/A%2FB%20%E5%8F%B7")) == made


async def test_a_taken_external_id_is_a_duplicate(client):
    refs = [{"system": "sap", "id": number()}]
    await ok(await client.post("/v1/contracts", json=body(external_refs=refs)), 201)
    await problem(await client.post("/v1/contracts", json=body(external_refs=refs)), 409, "duplicate")


async def test_a_repeated_create_gets_the_first_answer(client):
    fresh, headers = body(), {"idempotency-key": number()}
    first = await client.post("/v1/contracts", json=fresh, headers=headers)
    again = await client.post("/v1/contracts", json=fresh, headers=headers)
    assert (again.status_code, again.content) == (201, first.content)
    await problem(await client.post("/v1/contracts", json=body(), headers=headers), 422, "key-reused")


async def test_a_repeated_action_is_recorded_once(client):
    made = await out_for_signature(client)
    sealed, headers = {"party": "A", "method": "seal"}, {"idempotency-key": number()}
    answers = [await client.post(path(made, "/actions/execute"), json=sealed, headers=headers) for _ in range(3)]
    assert {one.status_code for one in answers} == {200}
    assert len({one.content for one in answers}) == 1
    assert (await ok(await client.get(path(made))))["version"] == answers[0].json()["version"]
    await problem(await client.post(path(made, "/actions/execute"), json=sealed), 409, "not-allowed-now")


async def test_a_draft_goes_back_to_drafting_and_is_edited_again(client):
    made = await out_for_signature(client)
    await act(client, made, "execute", party="A", method="seal")
    back = await act(client, made, "return", reason="付款条款待定")
    assert back["configuration"] == ["draft.drafting"]
    answer = await client.patch(path(made), json={"title": "二稿"}, headers={"if-match": f'"{back["version"]}"'})
    assert (await ok(answer))["title"] == "二稿"
