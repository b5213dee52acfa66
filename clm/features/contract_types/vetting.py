"""What a tenant's own contract type must keep to, so that contracts can rely on it and nobody's schema stalls us."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from clm.features.contract_types.models import ContractType, NewContractType
from clm.features.contract_types.terms import child, compiled, field_errors, resolve
from clm.features.contract_types.text import FILTER_NAMES, PARTY_FIELDS, placeholders
from clm.kit.problems import FieldError, Problem, invalid

COST_AT_MOST = 20_000
DEPTH_AT_MOST = 60
ERRORS_AT_MOST = 20
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_DATA = frozenset({"const", "default", "enum", "examples"})
_DEFINITION = re.compile(r"^#/\$defs/([^/]+)$")
_UNSUPPORTED = ("$dynamicRef", "$dynamicAnchor", "$anchor", "$recursiveRef", "$vocabulary")


def vet(new: NewContractType, built_in: Iterable[ContractType]) -> None:
    """Raise Problem 422 with a pointer for each thing that a type may not have."""
    built_in = list(built_in)
    _vet_schema(new.terms_schema, built_in)
    errors = [*_vet_roles(new), *_vet_sections(new), *_vet_texts(new), *_vet_alternatives(new)]
    errors += field_errors(compiled(new.terms_schema), new.defaults, "/defaults")
    if errors:
        first = errors[0]
        raise Problem(
            "invalid", f"The type does not hold, first at {first.pointer}: {first.message}", errors=errors[:20]
        )


def schema_at(schema: dict[str, Any], pointer: str) -> dict[str, Any] | None:
    """The part of a terms schema that describes the terms at a pointer (`/terms/...`); None where it describes none."""
    found: object = schema
    for step in pointer.split("/")[2:]:
        found = _member(schema, found, step.replace("~1", "/").replace("~0", "~"))
        if found is None:
            return None
    return found if isinstance(found, dict) else None


def _member(root: dict[str, Any], schema: object, name: str, depth: int = 0) -> object:
    if not isinstance(schema, dict) or depth > DEPTH_AT_MOST:
        return None
    if name in schema.get("properties", {}):
        return schema["properties"][name]
    inner = [resolve(root, schema["$ref"].removeprefix("#"))] if "$ref" in schema else []
    inner += [one for keyword in ("allOf", "anyOf", "oneOf") for one in schema.get(keyword, [])]
    found = (_member(root, one, name, depth + 1) for one in inner)
    return next((one for one in found if one is not None), None)


def _vet_schema(schema: dict[str, Any], built_in: list[ContractType]) -> None:
    worst = best_match(Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema))
    if worst is not None:
        pointer = "/terms_schema"
        for step in worst.absolute_path:
            pointer = child(pointer, step)
        raise invalid(pointer, f"This is no JSON Schema (2020-12): {worst.message}"[:300])
    if schema.get("type") != "object" or schema.get("$schema", DIALECT) != DIALECT:
        raise invalid("/terms_schema", "Terms are an object, described in JSON Schema 2020-12.")
    _Weigher(schema, built_in).weigh(schema, "/terms_schema", ())


class _Weigher:
    """Walks a schema as a validator would and refuses what could keep one busy.

    References stay inside the schema. A definition equal to that of a built-in type is trusted, recursion, patterns
    and all; any other may not lead back to itself, and its patterns must be among those of the built-in types.
    """

    def __init__(self, root: dict[str, Any], built_in: list[ContractType]) -> None:
        self._root = root
        self._known = {
            (name, repr(one)) for kind in built_in for name, one in kind.terms_schema.get("$defs", {}).items()
        }
        self._patterns = {pattern for kind in built_in for pattern in _patterns(kind.terms_schema)}
        self._cost = 0

    def weigh(self, schema: object, pointer: str, through: tuple[str, ...]) -> None:
        """Count every part once for each way that leads to it."""
        self._cost += 1
        if self._cost > COST_AT_MOST or pointer.count("/") > DEPTH_AT_MOST or len(through) > DEPTH_AT_MOST:
            raise invalid("/terms_schema", "The schema is too large or nested too deeply.")
        if isinstance(schema, list):
            for number, one in enumerate(schema):
                self.weigh(one, child(pointer, number), through)
        if not isinstance(schema, dict):
            return
        self._check_patterns(schema, pointer)
        for keyword, value in schema.items():
            if keyword in _UNSUPPORTED:
                raise invalid(child(pointer, keyword), f"{keyword} is not supported.")
            if keyword == "$ref":
                self._follow(str(value), child(pointer, keyword), through)
            elif keyword not in _DATA and keyword != "$defs":
                self.weigh(value, child(pointer, keyword), through)

    def _follow(self, reference: str, pointer: str, through: tuple[str, ...]) -> None:
        match = _DEFINITION.match(reference)
        name = match.group(1) if match else ""
        target = self._root.get("$defs", {}).get(name)
        if target is None:
            raise invalid(pointer, "A reference must name a definition of this schema, as #/$defs/name.")
        if (name, repr(target)) in self._known and self._stands_alone(target, set()):
            return
        if name in through:
            raise invalid(pointer, f"The definition {name} leads back to itself.")
        self.weigh(target, f"/terms_schema/$defs/{name}", (*through, name))

    def _stands_alone(self, schema: object, seen: set[str]) -> bool:
        """Whether everything that a trusted definition refers to is trusted too."""
        for reference in _references(schema):
            name = reference.removeprefix("#/$defs/")
            target = self._root.get("$defs", {}).get(name)
            if (name, repr(target)) not in self._known:
                return False
            if name not in seen:
                seen.add(name)
                if not self._stands_alone(target, seen):
                    return False
        return True

    def _check_patterns(self, schema: dict[str, Any], pointer: str) -> None:
        used = [("pattern", schema["pattern"])] if isinstance(schema.get("pattern"), str) else []
        if isinstance(schema.get("patternProperties"), dict):
            used += [("patternProperties", pattern) for pattern in schema["patternProperties"]]
        for keyword, pattern in used:
            if pattern not in self._patterns:
                raise invalid(child(pointer, keyword), "Only the patterns of the built-in types can be used.")


def _patterns(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for value in schema.values():
            yield from _patterns(value)
    if isinstance(schema, list):
        for value in schema:
            yield from _patterns(value)


def _references(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for value in schema.values():
            yield from _references(value)
    if isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _vet_roles(new: NewContractType) -> Iterator[FieldError]:
    roles = [one.role for one in new.roles]
    for number, role in enumerate(roles):
        if role in roles[:number]:
            yield FieldError(f"/roles/{number}/role", f"The role {role} is there twice.")
    if not {"A", "B"} <= set(roles):
        yield FieldError("/roles", "A contract has at least the roles A and B.")


def _vet_sections(new: NewContractType) -> Iterator[FieldError]:
    seen: set[str] = set()
    for number, section in enumerate(new.sections):
        here = f"/sections/{number}"
        if section.number in seen:
            yield FieldError(f"{here}/number", f"The number {section.number} is there twice.")
        seen.add(section.number)
        parent = section.number.rpartition(".")[0] or None
        if section.parent != parent:
            yield FieldError(f"{here}/parent", f"The parent of {section.number} is {parent or 'null'}.")
        elif parent is not None and parent not in seen:
            yield FieldError(f"{here}/parent", f"Section {parent} must come before {section.number}.")
        for index, pointer in enumerate(section.terms):
            if schema_at(new.terms_schema, pointer) is None:
                yield FieldError(f"{here}/terms/{index}", f"The terms have no {pointer}.")


def _vet_texts(new: NewContractType) -> Iterator[FieldError]:
    roles = {one.role for one in new.roles}
    for number, section in enumerate(new.sections):
        for one in placeholders(section.text or ""):
            if not _has_source(new, roles, one.source):
                yield FieldError(f"/sections/{number}/text", f"There is nothing to put in for {one.source}.")
            if one.filter is not None and one.filter not in FILTER_NAMES:
                yield FieldError(f"/sections/{number}/text", f"There is no filter {one.filter}.")


def _has_source(new: NewContractType, roles: set[str], source: str) -> bool:
    if source.startswith("party."):
        parts = source.split(".")
        return len(parts) == 3 and parts[1] in roles and parts[2] in PARTY_FIELDS
    return source.startswith("/terms/") and schema_at(new.terms_schema, source) is not None


def _vet_alternatives(new: NewContractType) -> Iterator[FieldError]:
    for number, group in enumerate(new.alternatives):
        for index, pointer in enumerate(group):
            if schema_at(new.terms_schema, pointer) is None:
                yield FieldError(f"/alternatives/{number}/{index}", f"The terms have no {pointer}.")
