"""A plain example for a JSON Schema, so that no operation in the document is without one."""

from typing import Any

DEPTH = 8

Json = dict[str, Any] | list[Any] | str | int | float | bool | None

_BY_FORMAT = {
    "uuid": "01970000-0000-7000-8000-000000000001",
    "date-time": "2026-01-05T10:00:00+08:00",
    "date": "2026-01-05",
    "time": "09:00:00",
    "decimal": "1234.50",
    "binary": "...",
}


def sample(schema: dict[str, Any], schemas: dict[str, Any], depth: int = 0) -> Json:
    """A value that fits the schema as far as its types go; the same one every time. `schemas` resolves references."""
    if depth > DEPTH:
        return None
    schema = _resolved(schema, schemas)
    for keyword in ("example", "const", "default"):
        if keyword in schema:
            return schema[keyword]  # type: ignore[no-any-return]  # a schema is JSON
    if schema.get("examples"):
        return schema["examples"][0]  # type: ignore[no-any-return]  # as above
    if schema.get("enum"):
        return schema["enum"][0]  # type: ignore[no-any-return]  # as above
    for keyword in ("oneOf", "anyOf", "allOf"):
        if schema.get(keyword):
            return sample(_telling(schema[keyword]), schemas, depth + 1)
    return _by_type(schema, schemas, depth)


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
    return schema


def _telling(choices: list[dict[str, Any]]) -> dict[str, Any]:
    """The first choice that is not null."""
    return next((choice for choice in choices if choice.get("type") != "null"), choices[0])


def _by_type(schema: dict[str, Any], schemas: dict[str, Any], depth: int) -> Json:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    match kind:
        case "object":
            properties = schema.get("properties", {})
            wanted = schema.get("required", properties)
            return {name: sample(properties[name], schemas, depth + 1) for name in properties if name in wanted}
        case "array":
            return [sample(schema["items"], schemas, depth + 1)] if schema.get("items") else []
        case "string":
            return _BY_FORMAT.get(schema.get("format", ""), "text")
        case "integer" | "number":
            return schema.get("minimum", 1)  # type: ignore[no-any-return]  # as above
        case "boolean":
            return True
    return None
