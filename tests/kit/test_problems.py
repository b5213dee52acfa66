"""Every way to fail answers with a problem, and says nothing internal."""

import json

import httpx
import pytest

from clm.app import create_app
from clm.kit import problems
from clm.kit.db import Database
from tests.conftest import caller

PARTY = {"legal_name": "x", "kind": "legal_person"}
MIB = 1024 * 1024


def problem(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] == code
    assert body["type"] == f"urn:clm:problem:{code}"
    assert body["status"] == status
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["detail"]
    for internal in ("Traceback", "asyncpg", "msgspec", "litestar", "select ", "/clm/"):
        assert internal not in answer.text
    return body


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/parties/not-a-uuid", "/v1/", "/nothing"])
async def test_a_path_that_is_not_there_is_404(client, path):
    problem(await client.get(path), 404, "not-found")


async def test_an_object_that_is_not_there_is_404(client):
    problem(await client.get("/v1/parties/01970000-0000-7000-8000-000000000001"), 404, "not-found")


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/v1/parties"), ("PUT", "/v1/api-keys"), ("POST", "/healthz")])
async def test_a_method_that_is_not_served_is_405_and_says_which_are(client, method, path):
    answer = await client.request(method, path)
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x"])
async def test_another_media_type_is_415(client, media_type):
    answer = await client.post("/v1/parties", content=json.dumps(PARTY), headers={"content-type": media_type})
    problem(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "body",
    [b"{", b"[1,]", b"\xff\xfe{}", b'{"legal_name": "a\xff"}', b"nil", b'{"legal_name": "x"} trailing', b"[" * 100_000],
)
async def test_what_is_not_json_is_400(client, body):
    answer = await client.post("/v1/parties", content=body, headers={"content-type": "application/json"})
    problem(answer, 400, "malformed")


@pytest.mark.parametrize("body", ["[]", '"x"', "7", "null", "{}", '{"legal_name": null, "kind": "legal_person"}'])
async def test_json_of_the_wrong_shape_is_400(client, body):
    problem(await client.post("/v1/parties", content=body), 400, "malformed")


async def test_an_unknown_field_is_named(client):
    body = problem(await client.post("/v1/parties", json=PARTY | {"nickname": "y"}), 400, "malformed")
    assert "nickname" in body["errors"][0]["message"]


async def test_ten_megabytes_of_json_are_413(client):
    huge = json.dumps(PARTY | {"legal_name": "x" * 10 * MIB})
    problem(await client.post("/v1/parties", content=huge), 413, "too-large")


async def test_a_body_without_a_length_is_cut_off_too(client):
    async def endless():
        for _ in range(20):
            yield b" " * (MIB // 8)

    problem(await client.post("/v1/parties", content=endless()), 413, "too-large")


async def test_a_broken_rule_is_422_with_its_place(client):
    body = problem(await client.post("/v1/parties", json=PARTY | {"uscc": "1"}), 422, "invalid")
    assert body["errors"] == [{"pointer": "/uscc", "message": "A unified social credit code has 18 characters."}]


async def test_what_nobody_foresaw_is_a_bare_500(client, monkeypatch):
    async def broken(*_):
        raise RuntimeError("secret internals")

    monkeypatch.setattr("clm.features.parties.service.create", broken)
    answer = await client.post("/v1/parties", json=PARTY)
    body = problem(answer, 500, "internal")
    assert "secret" not in answer.text
    assert "errors" not in body


async def test_a_500_on_a_read_is_a_problem_too(client, monkeypatch):
    async def broken(*_, **__):
        raise KeyError("secret internals")

    monkeypatch.setattr("clm.features.parties.service.find", broken)
    answer = await client.get("/v1/parties")
    problem(answer, 500, "internal")
    assert "secret" not in answer.text


async def test_a_database_that_is_gone_is_503(vault):
    lost = Database("postgresql://clm_service:x@127.0.0.1:1/clm")
    async with caller(create_app(lost, vault), "some-key-of-thirty-two-characters") as client:
        for answer in (await client.get("/v1/parties"), await client.post("/v1/parties", json=PARTY)):
            problem(answer, 503, "unavailable")
            assert answer.headers["retry-after"]


async def test_a_request_id_of_the_callers_comes_back_unless_it_is_odd(api):
    given = await api.get("/healthz", headers={"x-request-id": "trace-7.a_b"})
    assert given.headers["x-request-id"] == "trace-7.a_b"
    for odd in ("a b", "x" * 129, "", "<script>"):
        answer = await api.get("/healthz", headers={"x-request-id": odd})
        assert len(answer.headers["x-request-id"]) == 36


def test_a_code_is_registered_once():
    with pytest.raises(ValueError, match="taken"):
        problems.register("not-found", 404, "Again")


def test_a_kind_has_one_status_that_http_knows():
    assert all(httpx.codes(kind.status) for kind in problems.KINDS.values())


async def test_a_body_nested_beyond_reason_is_400(client):
    deep = b'{"legal_name": "x", "kind": "legal_person", "details": ' + b"[" * 5000 + b"]" * 5000 + b"}"
    answer = await client.post("/v1/parties", content=deep, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    terms = b'{"type": "generic", "number": "D-1", "title": "x", "metadata": {"a": ' + b"[" * 5000 + b"]" * 5000 + b"}}"
    answer = await client.post("/v1/contracts", content=terms, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


async def test_two_slashes_lead_round_no_edge(api):
    answer = await api.get("//v1/contracts")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
