import asyncio
import copy

import pytest

from clm.features.contract_types import service
from clm.features.contract_types.models import ContractType

OUTBOUND = "outbound-call-outsourcing"
TERM = {"type": "object", "additionalProperties": False, "properties": {"end": {"type": "string", "format": "date"}}}
NEW = {
    "key": "site-cleaning",
    "title": "保洁服务合同",
    "sections": [
        {"number": "1", "heading": "期限"},
        {
            "number": "1.1",
            "heading": "届满",
            "text": "{{party.A.legal_name}}：至{{/terms/term/end|date}}。",
            "parent": "1",
            "terms": ["/terms/term"],
        },
    ],
    "terms_schema": {"type": "object", "additionalProperties": False, "properties": {"term": TERM}},
    "defaults": {"term": {"end": "2026-12-31"}},
}


def schema_with(**properties):
    return copy.deepcopy(NEW["terms_schema"]) | {"properties": {"term": TERM} | properties}


async def test_built_in_types_are_listed_and_read(client):
    listed = (await client.get("/v1/contract-types")).json()
    assert [(one["key"], one["built_in"]) for one in listed["items"]] == [("generic", True), (OUTBOUND, True)]
    read = await client.get(f"/v1/contract-types/{OUTBOUND}")
    assert read.headers["etag"] == '"1"'
    assert len(read.json()["sections"]) == 58
    assert read.json()["terms_schema"]["$schema"].endswith("2020-12/schema")


async def test_a_type_of_ones_own_gets_versions_that_stay(client):
    first = await client.post("/v1/contract-types", json=NEW)
    second = await client.post("/v1/contract-types", json=NEW | {"title": "保洁合同"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["location"] == "/v1/contract-types/site-cleaning?version=2"
    assert (await client.get(first.headers["location"])).json() == first.json()
    assert (await client.get("/v1/contract-types/site-cleaning")).json()["title"] == "保洁合同"
    assert (await client.get("/v1/contract-types/site-cleaning?version=3")).status_code == 404
    assert first.json()["built_in"] is False


async def test_own_and_built_in_types_are_paged_together(client):
    await client.post("/v1/contract-types", json=NEW | {"key": "a-first"})
    await client.post("/v1/contract-types", json=NEW | {"key": "zz-last"})
    seen, cursor = [], None
    for _ in range(4):
        page = (
            await client.get("/v1/contract-types", params={"limit": 1} | ({"cursor": cursor} if cursor else {}))
        ).json()
        seen += [one["key"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ["a-first", "generic", OUTBOUND, "zz-last"]
    assert cursor is None


async def test_another_tenants_type_is_not_there(client, stranger):
    await client.post("/v1/contract-types", json=NEW)
    assert (await stranger.get("/v1/contract-types/site-cleaning")).status_code == 404
    assert len((await stranger.get("/v1/contract-types")).json()["items"]) == 2
    assert (await stranger.post("/v1/contract-types", json=NEW)).json()["version"] == 1


async def test_a_built_in_key_is_taken(client):
    answer = await client.post("/v1/contract-types", json=NEW | {"key": "generic"})
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["pointer"] == "/key"


LOOP = schema_with(x={"$ref": "#/$defs/loop"}) | {"$defs": {"loop": {"anyOf": [{"$ref": "#/$defs/loop"}]}}}
BOMB = schema_with(x={"$ref": "#/$defs/b0"}) | {
    "$defs": {f"b{n}": {"allOf": [{"$ref": f"#/$defs/b{n + 1}"}] * 4} for n in range(20)} | {"b20": {"type": "string"}}
}


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"terms_schema": {"type": "array"}}, "/terms_schema"),
        ({"terms_schema": schema_with(x={"type": "strin"})}, "/terms_schema/properties/x/type"),
        ({"terms_schema": schema_with(x={"$ref": "file:///etc/passwd"})}, "/terms_schema/properties/x/$ref"),
        ({"terms_schema": schema_with(x={"$ref": "#/$defs/none"})}, "/terms_schema/properties/x/$ref"),
        ({"terms_schema": schema_with(x={"pattern": "(a+)+$"})}, "/terms_schema/properties/x/pattern"),
        (
            {"terms_schema": schema_with(x={"patternProperties": {"(a+)+$": {}}})},
            "/terms_schema/properties/x/patternProperties",
        ),
        ({"terms_schema": schema_with(x={"$dynamicRef": "#x"})}, "/terms_schema/properties/x/$dynamicRef"),
        ({"terms_schema": LOOP}, "/terms_schema/$defs/loop/anyOf/0/$ref"),
        ({"terms_schema": BOMB}, "/terms_schema"),
        ({"defaults": {"term": {"end": "2026-02-30"}}}, "/defaults/term/end"),
        ({"defaults": {"price": 1}}, "/defaults/price"),
        ({"roles": [{"role": "A", "name": "甲"}, {"role": "A", "name": "乙"}]}, "/roles/1/role"),
        ({"roles": [{"role": "A", "name": "甲"}, {"role": "C", "name": "丙"}]}, "/roles"),
        ({"sections": [NEW["sections"][0]] * 2}, "/sections/1/number"),
        ({"sections": NEW["sections"][1:]}, "/sections/0/parent"),
        ({"sections": [NEW["sections"][0] | {"parent": "3"}]}, "/sections/0/parent"),
        ({"sections": [NEW["sections"][0] | {"terms": ["/terms/price"]}]}, "/sections/0/terms/0"),
        ({"sections": [NEW["sections"][0] | {"text": "{{/terms/price|money}}"}]}, "/sections/0/text"),
        ({"sections": [NEW["sections"][0] | {"text": "{{/terms/term/end|shout}}"}]}, "/sections/0/text"),
        ({"sections": [NEW["sections"][0] | {"text": "{{party.C.legal_name}}"}]}, "/sections/0/text"),
        ({"sections": [NEW["sections"][0] | {"text": "{{party.A.password}}"}]}, "/sections/0/text"),
        ({"alternatives": [["/terms/term/end", "/terms/term/period"]]}, "/alternatives/0/1"),
    ],
)
async def test_a_type_that_does_not_hold_is_refused_at_its_place(client, wrong, pointer):
    answer = await client.post("/v1/contract-types", json=NEW | wrong)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await client.get("/v1/contract-types/site-cleaning")).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"key": "Bad Key"}, "/key"),
        ({"sections": []}, "/sections"),
        ({"jurisdiction": "US"}, "/jurisdiction"),
        ({"x": 1}, "/x"),
    ],
)
async def test_a_type_of_the_wrong_shape_is_refused(client, wrong, pointer):
    answer = await client.post("/v1/contract-types", json=NEW | wrong)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_built_in_schema_can_be_taken_over_whole(client):
    generic = (await client.get("/v1/contract-types/generic")).json()
    mine = {name: value for name, value in generic.items() if name not in ("version", "built_in")} | {"key": "mine"}
    answer = await client.post("/v1/contract-types", json=mine)
    assert answer.status_code == 201, answer.text


async def test_a_trusted_definition_that_leans_on_a_changed_one_is_not_trusted(client):
    generic = (await client.get("/v1/contract-types/generic")).json()
    mine = {name: value for name, value in generic.items() if name not in ("version", "built_in")} | {"key": "mine"}
    mine["terms_schema"]["$defs"]["confidentiality_end_leaf"] = {"anyOf": [{"$ref": "#/$defs/confidentiality_end"}]}
    answer = await client.post("/v1/contract-types", json=mine)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].endswith("/$ref")


async def test_two_at_once_make_two_versions_or_one_duplicate(client):
    answers = await asyncio.gather(*(client.post("/v1/contract-types", json=NEW) for _ in range(4)))
    made = [one.json()["version"] for one in answers if one.status_code == 201]
    assert sorted(made) == list(range(1, len(made) + 1))
    assert {one.status_code for one in answers} <= {201, 409}


def test_a_type_is_found_without_a_query_where_it_is_built_in():
    assert isinstance(service.built_in()[OUTBOUND, 1], ContractType)


@pytest.mark.parametrize("end", [5, "soon", {"on": "2026-12-31"}])
async def test_groups_that_decisions_read_keep_their_meaning_in_a_loose_type(client, end):
    loose = NEW | {"terms_schema": {"type": "object"}, "sections": [{"number": "1", "heading": "期限"}], "defaults": {}}
    assert (await client.post("/v1/contract-types", json=loose)).status_code == 201
    draft = {"type": "site-cleaning", "number": "OC-1", "title": "保洁", "terms": {"term": {"end": end}}}
    answer = await client.post("/v1/contracts", json=draft)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/terms/term/end")
    wrong = await client.post("/v1/contract-types", json=loose | {"defaults": {"term": {"end": end}}})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/defaults/term/end")
