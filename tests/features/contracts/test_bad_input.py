"""Bad input: a clear problem at the right place, and nothing stored."""

import json

import pytest

from tests.features.contracts.acts import act, body, draft, formed, number, ok, out_for_signature, path, problem

NOBODY = "01970000-0000-7000-8000-000000000001"
MONEY = {"currency": "CNY"}


async def nothing_stored(client):
    assert (await ok(await client.get("/v1/contracts")))["items"] == []
    assert (await ok(await client.get("/v1/timers")))["items"] == []


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"colour": "red"}, "/colour"),
        ({"status": "effective"}, "/status"),
        ({"title": 3}, "/title"),
        ({"title": None}, "/title"),
        ({"title": ""}, "/title"),
        ({"title": " \t"}, "/title"),
        ({"title": "x" * 301}, "/title"),
        ({"number": ""}, "/number"),
        ({"number": " x"}, "/number"),
        ({"number": "x\n"}, "/number"),
        ({"number": "x" * 101}, "/number"),
        ({"terms": []}, "/terms"),
        ({"terms": "x"}, "/terms"),
        ({"metadata": 1}, "/metadata"),
        ({"parties": {}}, "/parties"),
        ({"parties": [{"role": "A"}]}, "/parties/0/party_id"),
        ({"parties": [{"role": "A", "party_id": "x"}]}, "/parties/0/party_id"),
        ({"parties": [{"role": "A", "party_id": NOBODY, "x": 1}]}, "/parties/0/x"),
        ({"parties": [{"role": "A", "party_id": NOBODY}] * 27}, "/parties"),
        ({"external_refs": [{"system": "", "id": "1"}]}, "/external_refs/0/system"),
        ({"time_zone": 8}, "/time_zone"),
    ],
)
async def test_a_body_of_the_wrong_shape_is_malformed(client, wrong, pointer):
    answer = await client.post("/v1/contracts", json=body() | wrong)
    found = await problem(answer, 400, "malformed")
    assert [one["pointer"] for one in found["errors"]] == [pointer]
    await nothing_stored(client)


@pytest.mark.parametrize("missing", ["type", "number", "title"])
async def test_what_is_needed_and_missing_is_named(client, missing):
    fresh = body()
    del fresh[missing]
    found = await problem(await client.post("/v1/contracts", json=fresh), 400, "malformed")
    assert missing in found["detail"]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"type": "loan"}, "/type"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"time_zone": "../etc/passwd"}, "/time_zone"),
        ({"time_zone": ""}, "/time_zone"),
        ({"parties": [{"role": "C", "party_id": NOBODY}]}, "/parties/0/role"),
        ({"parties": [{"role": "A", "party_id": NOBODY}] * 2}, "/parties/1/role"),
        ({"parties": [{"role": "A", "party_id": NOBODY}]}, "/parties"),
        ({"terms": {"term": {"end": "2026-02-30"}}}, "/terms/term/end"),
        ({"terms": {"term": {"end": "2026-13-01"}}}, "/terms/term/end"),
        ({"terms": {"term": {"end": "31.12.2026"}}}, "/terms/term/end"),
        ({"terms": {"term": {"end": 20261231}}}, "/terms/term/end"),
        ({"terms": {"term": {"start": "2026-06-01", "end": "2026-05-31"}}}, "/terms/term/end"),
        ({"terms": {"term": {"length": 1}}}, "/terms/term/length"),
        ({"terms": {"colour": "red"}}, "/terms/colour"),
        ({"terms": {"fees": {"total": MONEY | {"amount": "-1.00"}}}}, "/terms/fees/total/amount"),
        ({"terms": {"fees": {"total": MONEY | {"amount": "1.005"}}}}, "/terms/fees/total/amount"),
        ({"terms": {"fees": {"total": MONEY | {"amount": 100}}}}, "/terms/fees/total/amount"),
        ({"terms": {"fees": {"total": MONEY | {"amount": "1e3"}}}}, "/terms/fees/total/amount"),
        ({"terms": {"fees": {"total": {"amount": "1", "currency": "yuan"}}}}, "/terms/fees/total/currency"),
        ({"terms": {"payment": {"late": {"rate_per_day": "-0.1"}}}}, "/terms/payment/late/rate_per_day"),
        (
            {"terms": {"effectiveness": {"acceptance_period": {"length": 0, "unit": "day"}}}},
            "/terms/effectiveness/acceptance_period/length",
        ),
        (
            {"terms": {"effectiveness": {"acceptance_period": {"length": 1, "unit": "moon"}}}},
            "/terms/effectiveness/acceptance_period/unit",
        ),
    ],
)
async def test_a_body_that_breaks_a_rule_is_invalid(client, wrong, pointer):
    found = await problem(await client.post("/v1/contracts", json=body() | wrong), 422, "invalid")
    assert pointer in [one["pointer"] for one in found["errors"]]
    await nothing_stored(client)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"{'a': 1}",
        b'{"title": NaN}',
        b"\xff\xfe{",
        b'{"a":1}{"b":2}',
        b"\x00",
        b"[" * 5000,
    ],
)
async def test_a_body_that_is_no_json_object_is_malformed(client, raw):
    answer = await client.post("/v1/contracts", content=raw, headers={"content-type": "application/json"})
    await problem(answer, 400, "malformed")
    await nothing_stored(client)


async def test_ten_megabytes_of_json_are_too_large(client):
    huge = json.dumps(body(metadata={"x": "y" * 10_000_000})).encode()
    await problem(await client.post("/v1/contracts", content=huge), 413, "too-large")

    async def unannounced():
        for start in range(0, len(huge), 65536):
            yield huge[start : start + 65536]

    await problem(await client.post("/v1/contracts", content=unannounced()), 413, "too-large")
    await nothing_stored(client)


async def test_a_body_of_another_media_type_is_refused(client):
    answer = await client.post("/v1/contracts", content=b"<a/>", headers={"content-type": "application/xml"})
    await problem(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "a\x00b"},
        {"number": "a\x00b"},
        {"metadata": {"k": "a\x00b"}},
        {"metadata": {"a\x00b": 1}},
        {"external_refs": [{"system": "sap", "id": "a\x00b"}]},
        {"terms": {"definitions": [{"term": "a\x00b", "definition": "x"}]}},
        {"type": "a\x00b"},
    ],
)
async def test_nul_bytes_are_refused_and_never_an_error_of_ours(client, wrong):
    answer = await client.post("/v1/contracts", json=body() | wrong)
    assert answer.status_code in (400, 422), answer.text
    await problem(answer, answer.status_code, {400: "malformed", 422: "invalid"}[answer.status_code])
    await nothing_stored(client)


@pytest.mark.parametrize(
    "where", ["/v1/contracts/external/sap/a%00b", "/v1/contracts?number=a%00b", "/v1/timers?kind=a%00b"]
)
async def test_nul_bytes_in_an_address_are_refused(client, where):
    answer = await client.get(where)
    assert answer.status_code in (400, 404, 422), answer.text


async def test_an_external_id_of_an_address_keeps_to_the_same_bounds(client):
    for system, reference in (("sap", "x" * 101), ("s" * 101, "1")):
        answer = await client.put(f"/v1/contracts/external/{system}/{reference}", json=body())
        await problem(answer, 422, "invalid")
    await nothing_stored(client)


async def test_a_taken_number_is_a_duplicate(client):
    fresh = body()
    await ok(await client.post("/v1/contracts", json=fresh), 201)
    found = await problem(await client.post("/v1/contracts", json=fresh), 409, "duplicate")
    assert found["errors"][0]["pointer"] == "/number"
    other = await ok(await client.post("/v1/contracts", json=body()), 201)
    answer = await client.patch(path(other), json={"number": fresh["number"]}, headers={"if-match": "*"})
    await problem(answer, 409, "duplicate")
    assert await ok(await client.get(path(other))) == other


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"number": None}, 400),
        ({"type": "generic"}, 400),
        ({"status": "effective"}, 400),
        ({"terms": {"term": {"end": "2026-02-30"}}}, 422),
        ({"time_zone": "x"}, 422),
        ({"parties": [{"role": "A", "party_id": NOBODY}]}, 422),
        ({"external_refs": [{"system": "a", "id": "1"}, {"system": "a", "id": "1"}]}, 409),
    ],
)
async def test_a_bad_edit_changes_nothing(client, wrong, status):
    made = await draft(client)
    answer = await client.patch(path(made), json=wrong, headers={"if-match": "*"})
    assert answer.status_code == status, answer.text
    assert await ok(await client.get(path(made))) == made


async def test_what_the_state_forbids_says_why_and_what_is_allowed(client):
    made = await draft(client)
    answer = await client.post(path(made, "/actions/execute"), json={"party": "A", "method": "seal"})
    found = await problem(answer, 409, "not-allowed-now")
    assert found["allowed_actions"] == ["submit", "withdraw"]
    (reason,) = found["reasons"]
    assert (reason["rule"], reason["missing"], reason["who"]) == ("T04", "submit", "drafter")
    assert "being drafted" in reason["message"]
    await problem(await client.post(path(made, "/actions/close"), json={}), 409, "not-allowed-now")
    await problem(await client.post(path(made, "/actions/no-such-thing"), json={}), 404, "not-found")


@pytest.mark.parametrize(
    ("action", "fact", "status"),
    [
        ("execute", {"party": "A", "method": "stamp"}, 400),
        ("execute", {"method": "seal"}, 400),
        ("execute", {"party": "A", "method": "seal", "at": "2026-01-05"}, 400),
        ("execute", {"party": "A", "method": "seal", "at": "2026-01-05T10:00:00"}, 422),
        ("execute", {"party": "A", "method": "seal", "at": "2026-02-30T10:00:00+08:00"}, 400),
        ("execute", {"party": "A", "method": "seal", "at": "2199-01-01T00:00:00+08:00"}, 422),
        ("execute", {"party": "A", "method": "seal", "evidence": ["x"]}, 400),
        ("execute", {"party": "A", "method": "seal", "x": 1}, 400),
        ("execute", {"party": "Z", "method": "seal"}, 409),
        ("execute", {"party": "A", "method": "seal", "signatory": "a\x00b"}, 422),
        ("reject", {"party": "A", "reason": "x" * 4001}, 400),
        ("satisfy-condition", {"condition": "x"}, 409),
    ],
)
async def test_a_bad_fact_is_not_recorded(client, action, fact, status):
    made = await out_for_signature(client)
    before = await ok(await client.get(path(made)))
    answer = await client.post(path(made, f"/actions/{action}"), json=fact)
    assert answer.status_code == status, answer.text
    assert await ok(await client.get(path(made))) == before


@pytest.mark.parametrize("on", ["2026-02-30", "tomorrow", 20260531])
async def test_a_day_that_does_not_exist_ends_nothing(client, on):
    made = await formed(client)
    answer = await client.post(path(made, "/actions/terminate-by-agreement"), json={"effective": {"on": on}})
    await problem(answer, 400, "malformed")
    assert (await ok(await client.get(path(made))))["status"] == "effective"


@pytest.mark.parametrize("year", ["0001", "1900", "9999"])
async def test_dates_at_the_edge_of_time_are_refused_or_kept_but_never_an_error_of_ours(client, year):
    answer = await client.post("/v1/contracts", json=body(terms={"term": {"end": f"{year}-12-31"}}))
    assert answer.status_code in (201, 422), answer.text
    made = await draft(client, terms={"term": {"end": "2026-12-31"}}, number=number())
    answer = await client.post(path(made, "/actions/submit"), json={"at": f"{year}-01-01T00:00:00+08:00"})
    assert answer.status_code in (200, 400, 422), answer.text
    signed = await formed(client)
    on = {"effective": {"on": f"{year}-12-31"}}
    answer = await client.post(path(signed, "/actions/terminate-by-agreement"), json=on)
    assert answer.status_code in (200, 422), answer.text


async def test_an_address_that_is_no_id_is_not_found(client):
    await problem(await client.get("/v1/contracts/not-a-uuid"), 404, "not-found")
    await problem(await client.delete("/v1/contracts"), 405, "method-not-allowed")


async def test_a_fact_proves_itself_with_attachments_of_its_contract(client):
    made = await out_for_signature(client)
    sealed = {"party": "A", "method": "seal", "note": "原件存档"}
    answer = await client.post(path(made, "/actions/execute"), json={**sealed, "evidence": [NOBODY]})
    found = await problem(answer, 422, "invalid")
    assert found["errors"][0]["pointer"] == "/evidence/0"
    uploaded = await client.post(
        path(made, "/attachments"),
        params={"kind": "evidence", "name": "印章.pdf"},
        content=b"%PDF-",
        headers={"content-type": "application/pdf"},
    )
    attachment = (await ok(uploaded, 201))["id"]
    done = await act(client, made, "execute", **sealed, evidence=[attachment])
    assert done["decision"]["events"][0]["fact_id"] == done["decision"]["fact_id"]
