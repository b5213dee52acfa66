import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from clm.app import create_app, litestar
from clm.kit import openapi, problems
from clm.kit.auth import Authenticator
from clm.kit.db import Database
from tests.conftest import caller

ASSETS = Path(openapi.__file__).parents[1] / "features" / "meta" / "assets"
BYTES = {"application/octet-stream", "*/*", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}


@pytest.fixture
async def document(api):
    return (await api.get("/openapi.json")).json()


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in openapi.METHODS:
                yield path, method, operation


async def test_health_and_readiness_need_no_key(api):
    assert (await api.get("/healthz")).json() == {"status": "alive"}
    ready = await api.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["checks"] == {"database": "ready", "migrations": "ready", "storage": "ready"}


async def test_readiness_says_so_when_the_database_is_gone(vault):
    lost = Database("postgresql://clm_service:x@127.0.0.1:1/clm")
    async with caller(create_app(lost, vault)) as client:
        answer = await client.get("/readyz")
        alive = await client.get("/healthz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unavailable"
    assert alive.status_code == 200


@pytest.mark.parametrize(
    ("carried", "said"),
    [({"9999_new.sql": "select 1"}, "clm migrate"), ({"0001_house.sql": "select 1"}, "other migrations")],
)
async def test_readiness_says_so_when_the_schema_is_another_versions(api, monkeypatch, carried, said):
    monkeypatch.setattr("clm.kit.migrations.files", lambda: carried)
    answer = await api.get("/readyz")
    assert answer.status_code == 503
    assert said in answer.json()["detail"]


async def test_a_schema_that_a_later_version_has_added_to_is_no_reason_to_stop(api, monkeypatch):
    monkeypatch.setattr("clm.kit.migrations.files", dict)
    assert (await api.get("/readyz")).status_code == 200


async def test_metrics_count_requests_by_route_and_hold_no_ids(api, client):
    made = await client.post("/v1/parties", json={"legal_name": "x", "kind": "legal_person"})
    await client.get(made.headers["location"])
    text = (await api.get("/metrics")).text
    assert re.search(r'clm_requests_total\{.*path="/v1/parties/\{party_id\}".*\} ', text)
    assert made.json()["id"] not in text


async def test_the_documentation_loads_nothing_from_elsewhere(api):
    page = await api.get("/docs")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(links) == 4
    for link in (one for one in links if not one.startswith("data:")):
        asset = await api.get(link)
        assert asset.status_code == 200
        assert asset.headers["x-content-type-options"] == "nosniff"
    sheet = (ASSETS / "swagger-ui.css").read_text()
    assert re.findall(r"url\(([^)]{0,12})", sheet) == [
        one for one in re.findall(r"url\(([^)]{0,12})", sheet) if "data:" in one
    ]


async def test_nothing_else_lies_under_the_documentation(api):
    for name in ("LICENSE", "..%2froutes.py", "README.md"):
        assert (await api.get(f"/docs/{name}")).status_code == 404


async def test_the_document_is_valid(document):
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def gaps(path, operation):
    """What an operation's description lacks."""
    yield from (name for name in ("operationId", "summary", "description", "tags") if not operation.get(name))
    for content in operation.get("requestBody", {}).get("content", {}).items():
        yield from without_example("request", *content)
    for status, response in operation["responses"].items():
        for content in response.get("content", {}).items():
            yield from without_example(status, *content)
            if (content[0] == problems.MEDIA_TYPE) != (status >= "400"):
                yield f"{status} is {content[0]}"
    keyed = path.startswith("/v1/")
    if operation["security"] != ([{"key": []}] if keyed else []):
        yield "security"
    yield from sorted(({"401", "403", "500"} if keyed else {"500"}) - operation["responses"].keys())


def without_example(where, media_type, content):
    if "example" not in content and media_type not in BYTES:
        yield f"{where} has no example of {media_type}"


async def test_every_operation_is_described_with_an_example_and_its_problems(document):
    found = [f"{method} {path}: {gap}" for path, method, one in operations(document) for gap in gaps(path, one)]
    assert not found, "\n".join(found)
    names = [one["operationId"] for _, _, one in operations(document)]
    assert len(names) == len(set(names))
    assert {"createParty", "computeDeadline", "getHealth"} <= set(names)


async def test_no_array_in_the_document_is_without_items(document):
    def arrays(node, path=""):
        if isinstance(node, dict):
            if node.get("type") == "array":
                yield path, node
            for name, value in node.items():
                if name not in ("example", "examples", "default"):
                    yield from arrays(value, f"{path}/{name}")
        elif isinstance(node, list):
            for number, value in enumerate(node):
                yield from arrays(value, f"{path}/{number}")

    found = list(arrays(document))
    assert found
    assert [path for path, node in found if "items" not in node and "prefixItems" not in node] == []


async def test_a_patch_documents_its_preconditions_and_a_post_its_idempotency_key(document):
    patch = document["paths"]["/v1/parties/{party_id}"]["patch"]
    post = document["paths"]["/v1/parties"]["post"]
    assert {"412", "428"} <= patch["responses"].keys()
    assert patch["requestBody"]["content"].keys() == {"application/json", "application/merge-patch+json"}
    (if_match,) = [one for one in patch["parameters"] if one["name"] == "If-Match"]
    assert if_match["required"]
    assert if_match["schema"] == {"type": "string"}
    assert "Idempotency-Key" in [one["name"] for one in post["parameters"]]
    assert "Location" in post["responses"]["201"]["headers"]


async def test_an_upsert_documents_that_it_may_create(document):
    (put,) = [one for _, _, one in operations(document) if one["operationId"] == "upsertContract"]
    assert {"200", "201", "400", "408", "409", "412", "413", "422"} <= put["responses"].keys()
    assert "Location" in put["responses"]["201"]["headers"]
    schemas = [put["responses"][status]["content"]["application/json"]["schema"] for status in ("200", "201")]
    assert schemas[0] == schemas[1]


async def test_the_test_clock_documents_that_most_tenants_have_none(document):
    assert [
        path for path, _, one in operations(document) if "test-clock" in path and "404" not in one["responses"]
    ] == []


async def test_any_operation_may_be_asked_with_a_parameter_it_does_not_know(document):
    assert [
        path for path, _, one in operations(document) if path.startswith("/v1/") and "400" not in one["responses"]
    ] == []


def test_the_generated_files_are_checked_and_written(database, vault, tmp_path):
    app = litestar(database, vault, Authenticator(lambda _: None), metrics=False)
    stale = openapi.check(app, tmp_path)
    assert [path.name for path in stale] == ["openapi.json", "problems.json"]
    assert openapi.write(app, tmp_path) == stale
    assert openapi.check(app, tmp_path) == []
    assert openapi.write(app, tmp_path) == []
    listed = json.loads((tmp_path / "problems.json").read_text())
    assert [one["code"] for one in listed] == sorted(problems.KINDS)


async def test_names_and_parameters_are_such_that_generators_can_use_them(document):
    schemas = document["components"]["schemas"]
    assert "PartyPage" in schemas
    assert [name for name in schemas if not re.fullmatch(r"[A-Za-z0-9_]+", name)] == []
    parameters = document["paths"]["/v1/parties"]["get"]["parameters"]
    assert {one["name"]: one["schema"].get("type") for one in parameters} == {
        "uscc": "string",
        "q": "string",
        "limit": "integer",
        "cursor": "string",
    }
    assert '"oneOf": [{"type": "string"}]' not in json.dumps(document)


async def test_every_example_fits_its_schema(document):
    def contents(operation):
        yield from operation.get("requestBody", {}).get("content", {}).items()
        for response in operation["responses"].values():
            yield from response.get("content", {}).items()

    found = []
    for path, method, operation in operations(document):
        for media_type, content in contents(operation):
            if media_type.endswith("json") and "example" in content:
                schema = content["schema"] | {"components": document["components"]}
                errors = Draft202012Validator(schema).iter_errors(content["example"])
                found += [f"{method} {path} {error.json_path}: {error.message}" for error in errors]
    assert not found, "\n".join(found)
