"""The OpenAPI document: what Litestar generates, put right and made whole.

The generated document leaves problems out, describes 400 in a schema that generators stumble on, and has no examples.
`document` adds, to every operation: the problems it can answer with, the key it needs, an example of its request and
of its answer.
"""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, Router
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, License, SecurityScheme, Tag
from litestar.types import ControllerRouterHandler

from clm.kit import problems
from clm.kit.paging import LIMIT_AT_MOST
from clm.kit.samples import sample

API_VERSION = "1.0"
METHODS = ("get", "put", "post", "delete", "patch")
PROBLEM = {"$ref": "#/components/schemas/Problem"}
SECURITY: list[dict[str, list[str]]] = [{"key": []}]
KEY_PREFIX = "/v1/"
ABSENT_FOR_MOST = "/v1/test-clock"  # a 404 for tenants without one

_PAGE = re.compile(r"^Page_(?:\w+\.)*(\w+?)_$")

_ANSWERS = {
    "400": "The request cannot be read.",
    "401": "No valid API key was sent.",
    "403": "The API key lacks the scope that this needs.",
    "404": "There is no such object in this tenant.",
    "408": "The body did not arrive in time.",
    "409": "It exists already, or is not allowed in the present state.",
    "412": "The object has changed since the version named in If-Match.",
    "413": "The body is too large.",
    "415": "The body is of a media type that is not accepted here.",
    "416": "The range lies outside the object.",
    "422": "The request can be read, but breaks a rule.",
    "428": "If-Match is missing.",
    "500": "Something went wrong here; the problem says no more than a request id.",
    "503": "A part of the service cannot be reached just now, or the request collided with another one. Send it again.",
}


class Example(msgspec.Struct, frozen=True):
    """One request body and one answer of an operation: `@post(..., example=Example(request=..., response=...))`.

    `problems` are statuses that its shape does not tell of.
    """

    request: Any = None
    response: Any = None
    problems: tuple[str, ...] = ()


class _Quiet(Router):
    """Takes none of the routes that Litestar would add for the document: they are ours to serve."""

    def register(self, value: ControllerRouterHandler) -> list[Any]:  # noqa: ARG002  Litestar's signature
        return []


def openapi_config() -> OpenAPIConfig:
    """What Litestar needs to generate the document; it serves nothing by itself."""
    return OpenAPIConfig(
        title="clm",
        version=API_VERSION,
        description=_DESCRIPTION,
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        use_handler_docstrings=True,
        components=Components(
            security_schemes={"key": SecurityScheme(type="http", scheme="bearer", description="An API key")}
        ),
        tags=[Tag(name=name, description=text) for name, text in _TAGS],
        openapi_router=_Quiet("/", route_handlers=[]),
    )


def document(app: Litestar) -> dict[str, Any]:
    """The whole OpenAPI 3.1 document of an application; made once and kept."""
    if "openapi" not in app.state:
        generated = msgspec.to_builtins(app.openapi_schema.to_schema())
        app.state["openapi"] = finish(json.loads(msgspec.json.encode(generated)), _examples(app))
    return app.state["openapi"]  # type: ignore[no-any-return]  # put there just above


def finish(document: dict[str, Any], examples: dict[str, Example] | None = None) -> dict[str, Any]:
    """The document put right; `examples` are by operation id. Changes what it is given."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(problem_schemas())
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                example = (examples or {}).get(operation["operationId"], Example())
                _finish_operation(operation, path, method, example, schemas)
    document["components"]["schemas"] = {_page_name(name): schema for name, schema in schemas.items()}
    tidy(document)
    document["tags"] = [tag for tag in document.get("tags", []) if tag["name"] in _used_tags(document)]
    return document


def problem_schemas() -> dict[str, Any]:
    """The schemas of an error answer (RFC 9457), as components."""
    (_, components) = msgspec.json.schema_components([problems.Body], ref_template="#/components/schemas/{name}")
    body = components.pop("Body")
    body["title"] = "Problem"
    body["properties"]["code"]["enum"] = sorted(problems.KINDS)
    return {**components, "Problem": body}


def problem_list() -> list[dict[str, Any]]:
    """Every problem code with its type, status and title, by code."""
    kinds = sorted(problems.KINDS.values(), key=lambda kind: kind.code)
    return [{"code": k.code, "type": f"urn:clm:problem:{k.code}", "status": k.status, "title": k.title} for k in kinds]


def files(app: Litestar) -> dict[str, str]:
    """The generated files that are committed under `schemas/`: name -> text."""
    return {"openapi.json": text(document(app)), "problems.json": text(problem_list())}


def write(app: Litestar, folder: Path) -> list[Path]:
    """Write the generated files; returns those that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    stale = check(app, folder)
    for path in stale:
        path.write_text(files(app)[path.name], encoding="utf-8")
    return stale


def check(app: Litestar, folder: Path) -> list[Path]:
    """The generated files that are missing or not what the code says."""
    return [
        folder / name
        for name, text in files(app).items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]


def served(app: Litestar) -> bytes:
    """The document as it is served; made once and kept."""
    if "openapi_bytes" not in app.state:
        app.state["openapi_bytes"] = text(document(app)).encode()
    return app.state["openapi_bytes"]  # type: ignore[no-any-return]  # put there just above


def text(value: object) -> str:
    """JSON as it is committed and served."""
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False) + "\n"


def _examples(app: Litestar) -> dict[str, Example]:
    handlers = [handler for route in app.routes for handler in getattr(route, "route_handlers", [])]
    return {str(h.operation_id): h.opt["example"] for h in handlers if "example" in h.opt}


def tidy(node: object) -> None:
    """Smooth what generators stumble on: arrays without `items`, choices of one, names with dots."""
    if isinstance(node, list):
        for value in node:
            tidy(value)
    if not isinstance(node, dict):
        return
    if node.get("type") == "array" and "prefixItems" not in node:
        node.setdefault("items", {})
    if {} in node.get("oneOf", ()):  # anything, or null: anything
        del node["oneOf"]
    if len(node.get("oneOf", ())) == 1:
        (only,) = node.pop("oneOf")
        node.update(only | node)
    if isinstance(node.get("$ref"), str):
        path, _, name = node["$ref"].rpartition("/")
        node["$ref"] = f"{path}/{_page_name(name)}"
    for name, value in node.items():
        if name not in ("example", "examples", "default"):
            tidy(value)


def _page_name(name: str) -> str:
    """`Page_clm.features.parties.models.Party_` becomes `PartyPage`."""
    match = _PAGE.match(name)
    return f"{match.group(1)}Page" if match else name


def _used_tags(document: dict[str, Any]) -> set[str]:
    operations = [item[method] for item in document["paths"].values() for method in METHODS if method in item]
    return {tag for operation in operations for tag in operation.get("tags", [])}


def _finish_operation(
    operation: dict[str, Any], path: str, method: str, example: Example, schemas: dict[str, Any]
) -> None:
    keyed = path.startswith(KEY_PREFIX)
    operation["security"] = SECURITY if keyed else []
    for parameter in operation.get("parameters", []):
        _finish_parameter(parameter, method)
    _add_idempotency(operation, method, keyed=keyed)
    _add_merge_patch(operation, method)
    _add_page(operation)
    _finish_request(operation, example, schemas)
    _finish_responses(operation, path, method, example, schemas)


def _finish_parameter(parameter: dict[str, Any], method: str) -> None:
    name = parameter["name"]
    if name in _PARAMETERS:
        parameter.setdefault("description", _PARAMETERS[name])
    choices = [one for one in parameter["schema"].get("oneOf", []) if one != {"type": "null"}]
    if len(choices) == 1:  # left out is how a parameter is null
        parameter["schema"] = {k: v for k, v in parameter["schema"].items() if k != "oneOf"} | choices[0]
    if name == "limit":
        parameter["schema"] |= {"minimum": 1, "maximum": LIMIT_AT_MOST}
    if name == "If-Match" and method == "patch":
        parameter["required"] = True


def _add_merge_patch(operation: dict[str, Any], method: str) -> None:
    content = operation.get("requestBody", {}).get("content", {})
    if method == "patch" and "application/json" in content:
        content["application/merge-patch+json"] = dict(content["application/json"])


def _add_page(operation: dict[str, Any]) -> None:
    """What answers with `format=html` answers with a page."""
    forms = [one["schema"].get("enum", []) for one in operation.get("parameters", []) if one["name"] == "format"]
    if any("html" in choices for choices in forms):
        operation["responses"]["200"]["content"]["text/html"] = {"schema": {"type": "string"}}


def _add_idempotency(operation: dict[str, Any], method: str, *, keyed: bool) -> None:
    if method == "post" and keyed:
        operation.setdefault("parameters", []).append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": _PARAMETERS["Idempotency-Key"],
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            }
        )


def _finish_request(operation: dict[str, Any], example: Example, schemas: dict[str, Any]) -> None:
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        if example.request is not None:
            content["example"] = example.request
        elif media_type.endswith("json") and "schema" in content:
            content["example"] = sample(content["schema"], schemas)


def _finish_responses(
    operation: dict[str, Any], path: str, method: str, example: Example, schemas: dict[str, Any]
) -> None:
    responses = operation["responses"]
    for status in [status for status in responses if status >= "400"]:
        del responses[status]
    for status, response in responses.items():
        for media_type, content in response.get("content", {}).items():
            if example.response is not None:
                content["example"] = example.response
            elif media_type == "application/json" and "schema" in content:
                content["example"] = sample(content["schema"], schemas)
            elif media_type in _PLAIN_EXAMPLES:
                content["example"] = _PLAIN_EXAMPLES[media_type]
        if status == "201":
            response.setdefault("headers", {})["Location"] = {
                "description": "Where the new object is.",
                "schema": {"type": "string"},
            }
    for status in sorted({*statuses(operation, path, method), *example.problems}):
        responses[status] = {
            "description": _ANSWERS[status],
            "content": {problems.MEDIA_TYPE: {"schema": PROBLEM, "example": _problem_example(status)}},
        }


def statuses(operation: dict[str, Any], path: str, method: str) -> list[str]:
    """The error statuses that an operation can answer with, told from its shape."""
    if not path.startswith(KEY_PREFIX):
        return ["500", "503"]
    found = {"400", "401", "403", "500", "503"}
    parameters = operation.get("parameters", [])
    names = {parameter["name"].lower() for parameter in parameters}
    if "requestBody" in operation:
        found |= {"415", "422"}
    if any(parameter["in"] == "query" or _is_text(parameter) for parameter in parameters):
        found |= {"422"}
    if path.startswith(ABSENT_FOR_MOST) or any(parameter["in"] == "path" for parameter in parameters):
        found |= {"404"}
    if method != "get":
        found |= {"408", "409", "413", "422"}
    if "if-match" in names:
        found |= {"412", "428"} if method == "patch" else {"412"}
    if "range" in names:
        found |= {"416"}
    return sorted(found)


def _is_text(parameter: dict[str, Any]) -> bool:
    """Whether a part of the path may be any text, and so one that cannot be stored."""
    schema = parameter["schema"]
    return parameter["in"] == "path" and schema.get("type") == "string" and "format" not in schema


def _problem_example(status: str) -> dict[str, Any]:
    kind = next(kind for kind in problems.KINDS.values() if str(kind.status) == status)
    example: dict[str, Any] = {
        "type": f"urn:clm:problem:{kind.code}",
        "title": kind.title,
        "status": kind.status,
        "detail": _ANSWERS[status],
        "code": kind.code,
        "request_id": "01970000-0000-7000-8000-0000000000ff",
    }
    if status == "422":
        example["errors"] = [{"pointer": "/uscc", "message": "The check character does not fit."}]
    return example


_PLAIN_EXAMPLES = {
    "image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"></svg>',
    "text/html": "<!doctype html><title>1 → 2</title><p>800 <del>a</del><ins>b</ins></p>",
    "text/plain": "text",
}

_PARAMETERS = {
    "Idempotency-Key": "A request repeated with the same key and body gets the first answer again and has no effect.",
    "If-Match": "The ETag of the version that is meant; another version answers 412.",
    "limit": "How many items a page holds, 1 to 200.",
    "cursor": "`next_cursor` of the page before; left out for the first page.",
}

_DESCRIPTION = """Contract lifecycle management that runs contracts by the law that governs them.

Integrators post facts; the service decides what they mean for the contract, says by which rule, and keeps the timers.
Send `Authorization: Bearer <key>`. Errors are problem details (RFC 9457). None of this is legal advice."""

_TAGS = (
    ("Parties", "Who contracts, and where notices reach them"),
    ("Contract types", "Contract texts, terms and defaults as data"),
    ("Contracts", "Contracts, the facts about them, and what follows"),
    ("Amendments", "Agreed changes of terms and text"),
    ("Attachments", "Files with immutable versions"),
    ("Documents", "The words of a contract, in as a file and out as one"),
    ("Notices", "Notices, their delivery and their arrival"),
    ("Carriers", "Couriers that report what becomes of an item"),
    ("Confidentiality", "Confidential items and how long they stay so"),
    ("Timers", "What will happen by itself, and when"),
    ("Events", "What has happened, as a feed"),
    ("Calculations", "The law as a calculator, no contract needed"),
    ("Test clock", "Time that moves when told to"),
    ("API keys", "Who may call"),
    ("Service", "Health and readiness"),
)
