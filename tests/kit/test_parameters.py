"""Query parameters that nobody knows, that are missing or that do not fit are named."""

import pytest

from clm.app import PREFIX, litestar
from clm.kit.auth import Authenticator
from tests.features.contracts.acts import draft

NOBODY = "01970000-0000-7000-8000-000000000001"


async def malformed(answer):
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "malformed"
    return {error["pointer"]: error["message"] for error in answer.json()["errors"]}


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("/v1/parties", "known: cursor, limit, q, uscc"),
        ("/v1/events", "known: contract_id, cursor, limit, type"),
        ("/v1/contracts", "known: cursor, limit, number, party_id, q, status"),
        (f"/v1/contracts/{NOBODY}/confidentiality", "none is known here"),
        (f"/v1/parties/{NOBODY}", "none is known here"),
    ],
)
async def test_an_unknown_parameter_is_named_with_those_that_are_known(client, path, known):
    found = await malformed(await client.get(path, params={"foo": "1", "as_if": "2026-01-01"}))
    assert list(found) == ["/as_if", "/foo"]
    assert found["/foo"] == f"There is no such parameter; {known}."


async def test_writes_know_their_parameters_too_and_store_nothing(client):
    answer = await client.post("/v1/parties?dry_run=1", json={"legal_name": "x", "kind": "legal_person"})
    assert list(await malformed(answer)) == ["/dry_run"]
    assert (await client.get("/v1/parties")).json()["items"] == []


@pytest.mark.parametrize("query", ["?foo", "?foo=", "?&foo=1", "?limit=1&foo=1", "?%66oo=1"])
async def test_an_unknown_parameter_is_seen_however_it_is_written(client, query):
    assert list(await malformed(await client.get(f"/v1/parties{query}"))) == ["/foo"]


@pytest.mark.parametrize("query", ["?", "?&", "?limit=1", "?limit=1&limit=2"])
async def test_known_parameters_and_none_at_all_pass(client, query):
    assert (await client.get(f"/v1/parties{query}")).status_code == 200


async def test_upload_parameters_of_handler_and_dependency_are_known_and_needed(client):
    contract = await draft(client)
    path = f"/v1/contracts/{contract['id']}/attachments"
    missing = await malformed(await client.post(path, content=b"x"))
    assert missing == {"/kind": "This parameter is required.", "/name": "This parameter is required."}
    assert list(await malformed(await client.post(f"{path}?kind=other", content=b"x"))) == ["/name"]
    unknown = await malformed(await client.post(f"{path}?kind=other&name=x&size=1", content=b"x"))
    assert unknown == {"/size": "There is no such parameter; known: at, kind, name."}
    given = {"kind": "other", "name": "x", "at": "2026-01-05T10:00:00+08:00"}
    assert (await client.post(path, params=given, content=b"x")).status_code == 201


async def test_a_choice_and_a_number_say_what_fits(client):
    found = await malformed(await client.get("/v1/contracts", params={"status": "late", "limit": "many"}))
    assert found["/status"].endswith("allowed: amendment, draft, effective, terminated")
    assert "an integer" in found["/limit"]


async def test_a_key_without_the_scope_hears_of_that_first(client_with):
    async with client_with("events:read") as limited:
        assert (await limited.get("/v1/parties?foo=1")).status_code == 403


def test_every_handler_of_the_api_is_held_to_its_parameters(database, vault):
    app = litestar(database, vault, Authenticator(lambda _: None), metrics=True)
    handlers = {
        (method, route.path): handler
        for route in app.routes
        for method, (handler, _) in route.route_handler_map.items()
        if method != "OPTIONS"
    }
    held = {place for place, handler in handlers.items() if "query" in handler.opt}
    assert held == {place for place in handlers if place[1].startswith(PREFIX)}
    assert len(held) > 50
