"""What does not fit the shape asked for, told in words that name no type of ours."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from clm.kit.problems import FieldError, Problem

_WHERE = re.compile(r" - at `(.+)`$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_FIELD = re.compile(r"^Object (?:contains unknown|missing required) field `(.*)`$", re.DOTALL)
_CHOICE = re.compile(r"^Invalid (?:enum )?value ")
_DEEPER = re.compile(r"^(/[\w/]+): ")
_PATTERN = re.compile(r"^Expected `str` matching regex ", re.DOTALL)
_PLAIN = {
    "`str`": "a string",
    "`int`": "an integer",
    "`float`": "a number",
    "`bool`": "true or false",
    "`null`": "null",
    "`object`": "an object",
    "`array`": "an array",
    "`datetime`": "an instant (RFC 3339, with offset)",
    "`date`": "a date (YYYY-MM-DD)",
    "`uuid`": "a UUID",
    "`decimal`": "a decimal string",
}

Schema = dict[str, Any]


def misfit(message: str, wanted: Any = Any) -> Problem:
    """The problem (400) for a body that is not of the type `wanted`; `message` is the decoder's.

    A check of ours may say where inside the object the fault lies, as in "/date: what".
    """
    where = _WHERE.search(message)
    text = _WHERE.sub("", message)
    steps = [name or index for name, index in _STEP.findall(where.group(1).removeprefix("$"))] if where else []
    field = _FIELD.match(text)
    pointer = pointer_to([*steps, field.group(1)] if field else steps)
    if deeper := _DEEPER.match(text):
        pointer, text = pointer + deeper.group(1), text[deeper.end() :]
    text = explained(text, wanted, steps)
    return Problem("malformed", f"The body does not fit: {text}.", errors=[FieldError(pointer, text)])


def unreadable(body: bytes, error: Exception) -> Problem:
    """The problem (400) for a body that is no JSON (RFC 8259) at all; `error` is the decoder's."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return Problem("malformed", "The body is not valid UTF-8.")
    return Problem("malformed", f"The body is not JSON: {error}.")


def explained(text: str, wanted: Any, steps: Sequence[str] = ()) -> str:
    """A decoder's message with what is allowed: the choices, or the description in the place of a pattern."""
    if _CHOICE.match(text):
        choices = [str(choice) for node in _nodes(wanted, steps) for choice in node.get("enum", ())]
        return f"{text}; allowed: {', '.join(choices)}" if choices else text
    if _PATTERN.match(text):
        meanings = [node["description"] for node in _nodes(wanted, steps) if "description" in node]
        return f"Not of the form that is expected: {meanings[0]}" if meanings else plain(text)
    return plain(text)


def plain(text: str) -> str:
    """A decoder's message without the names of its types."""
    for name, words in _PLAIN.items():
        text = text.replace(name, words)
    return text


def pointer_to(steps: Iterable[str]) -> str:
    """A JSON pointer (RFC 6901) from its steps."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _nodes(wanted: Any, steps: Sequence[str]) -> list[Schema]:
    """The JSON Schemas that the type has at a place; several where it allows several shapes."""
    (top,), components = msgspec.json.schema_components([wanted], ref_template="{name}")
    nodes = list(_expanded([top], components))
    for step in steps:
        nodes = list(_expanded([child for node in nodes for child in _children(node, step)], components))
    return nodes


def _expanded(nodes: Iterable[Schema], components: dict[str, Schema]) -> Iterator[Schema]:
    for node in nodes:
        if "$ref" in node:
            yield from _expanded([components[node["$ref"]]], components)
        yield node
        for keyword in ("anyOf", "oneOf", "allOf"):
            yield from _expanded(node.get(keyword, ()), components)


def _children(node: Schema, step: str) -> Iterator[Schema]:
    if step in node.get("properties", {}):
        yield node["properties"][step]
    elif isinstance(node.get("additionalProperties"), dict):
        yield node["additionalProperties"]
    if isinstance(node.get("items"), dict) and (step.isdigit() or step == "..."):
        yield node["items"]
    if step.isdigit() and int(step) < len(node.get("prefixItems", ())):
        yield node["prefixItems"][int(step)]
