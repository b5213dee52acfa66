"""Another tenant's things are not there: every address that reads one, and every action on one."""

import re

import pytest

from tests.features.contracts.acts import act, body, draft, formed, get, ok, path, problem

READS = [
    "/v1/contracts/{contract_id}",
    "/v1/contracts/{contract_id}?as_of=2026-01-31",
    "/v1/contracts/{contract_id}/terms",
    "/v1/contracts/{contract_id}/actions",
    "/v1/contracts/{contract_id}/timeline",
    "/v1/contracts/{contract_id}/sections",
    "/v1/contracts/{contract_id}/sections/1",
    "/v1/contracts/{contract_id}/diagram",
    "/v1/contracts/{contract_id}/compare",
    "/v1/contracts/{contract_id}/document?format=docx",
    "/v1/contracts/{contract_id}/precedence",
    "/v1/contracts/{contract_id}/confidential-access",
    "/v1/contracts/{contract_id}/scenarios",
    "/v1/contracts/{contract_id}/review",
    "/v1/contracts/{contract_id}/timers",
    "/v1/contracts/{contract_id}/amendments",
    "/v1/contracts/external/sap/{reference}",
    "/v1/amendments/{amendment_id}",
    "/v1/parties/{party_id}",
]
PROPOSAL = {"changes": [{"op": "replace", "path": "/title", "value": "新"}]}


@pytest.fixture
async def ids(clocked):
    """A contract with everything that hangs on one."""
    made = await formed(clocked, external_refs=[{"system": "sap", "id": "46"}])
    amendment = await ok(await clocked.post(path(made, "/amendments"), json=PROPOSAL), 201)
    return {
        "contract_id": made["id"],
        "amendment_id": amendment["id"],
        "party_id": made["parties"][0]["party_id"],
        "reference": "46",
    }


@pytest.mark.parametrize("address", READS)
async def test_what_one_tenant_reads_another_does_not_find(clocked, stranger, ids, address):
    where = address.format(**ids)
    assert (await clocked.get(where)).status_code == 200
    await problem(await stranger.get(where), 404, "not-found")


async def test_no_address_of_these_rooms_is_left_out(client):
    document = (await client.get("/openapi.json")).json()
    shape = re.compile(r"\{[^}]+\}")
    known = {shape.sub("{}", address.partition("?")[0]).replace("/sections/1", "/sections/{}") for address in READS}
    known = {one.replace("/external/sap/", "/external/{}/") for one in known}
    served = {
        shape.sub("{}", address)
        for address, operations in document["paths"].items()
        if "get" in operations and re.match(r"/v1/(contracts|amendments|parties)/\{|/v1/contracts/external", address)
    }
    others = re.compile(r"/(attachments|notices|confidential-items|confidentiality|imported-document)(/|$)")
    assert {one for one in served if not others.search(one)} == known


@pytest.mark.parametrize(
    ("address", "fact"),
    [
        ("/v1/contracts/{contract_id}/actions/suspend", {"reason": "agreed"}),
        ("/v1/contracts/{contract_id}/actions/terminate-by-agreement", {}),
        ("/v1/contracts/{contract_id}/amendments", PROPOSAL),
        ("/v1/amendments/{amendment_id}/actions/execute", {"party": "A", "method": "seal"}),
        ("/v1/amendments/{amendment_id}/actions/withdraw", {}),
        ("/v1/amendments/{amendment_id}/actions/reject", {}),
    ],
)
async def test_what_one_tenant_does_another_cannot(clocked, stranger, ids, address, fact):
    before = await get(clocked, {"id": ids["contract_id"]})
    await problem(await stranger.post(address.format(**ids), json=fact), 404, "not-found")
    assert await get(clocked, {"id": ids["contract_id"]}) == before


async def test_an_edit_of_another_tenant_s_draft_is_not_found(clocked, stranger):
    made = await draft(clocked)
    await problem(await stranger.patch(path(made), json={"title": "x"}, headers={"if-match": "*"}), 404, "not-found")


async def test_numbers_and_references_of_two_tenants_do_not_meet(clocked, stranger):
    fresh = body(external_refs=[{"system": "sap", "id": "46"}])
    mine = await ok(await clocked.post("/v1/contracts", json=fresh), 201)
    theirs = await ok(await stranger.post("/v1/contracts", json=fresh), 201)
    assert mine["id"] != theirs["id"]
    assert (await ok(await stranger.get("/v1/contracts/external/sap/46")))["id"] == theirs["id"]


async def test_another_tenant_s_party_cannot_be_made_a_party(clocked, stranger):
    made = await draft(clocked)
    answer = await stranger.post("/v1/contracts", json=body(parties=made["parties"]))
    await problem(answer, 422, "invalid")


async def test_lists_hold_one_tenant_s_things(clocked, stranger, ids):
    for address in ("/v1/contracts", "/v1/timers", "/v1/parties"):
        assert (await ok(await stranger.get(address)))["items"] == []


@pytest.mark.parametrize(
    ("scopes", "method", "status"),
    [(("contracts:read",), "get", 200), (("contracts:read",), "post", 403), (("parties:read",), "get", 403)],
)
async def test_a_key_without_the_scope_is_forbidden(client_with, scopes, method, status):
    async with client_with(*scopes) as caller:
        answer = await (caller.get("/v1/contracts") if method == "get" else caller.post("/v1/contracts", json=body()))
        assert answer.status_code == status, answer.text


async def test_without_a_key_nothing_is_told(api, clocked, ids):
    for address in READS:
        await problem(await api.get(address.format(**ids)), 401, "unauthenticated")
    await act(clocked, {"id": ids["contract_id"]}, "suspend", reason="agreed")
