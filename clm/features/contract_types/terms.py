"""A contract's terms against its type: what is wrong with them, and what the defaults add."""

import copy
import datetime as dt
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

import jsonschema_rs
import msgspec
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.exceptions import best_match
from referencing import Registry

from clm.features.contract_types.models import ContractType
from clm.kit.problems import FieldError
from clm.law import confidentiality
from clm.law.notice_rules import ArrivalRule, InvalidArrival, check_rules
from clm.lifecycle import terms as lifecycle_terms

ERRORS_AT_MOST = 20
CURRENCY = "CNY"
FIRST_YEAR, LAST_YEAR = 1990, 2100
LONGEST = {"hour": 438_000, "day": 18_250, "working_day": 12_500, "week": 2_600, "month": 600, "year": 50}
"""Fifty years in each unit: no agreed period is longer."""
SHORTEST_RENEWAL = {"hour": 24 * 28, "day": 28, "working_day": 20, "week": 4}

formats = FormatChecker(formats=())

_built_in: dict[tuple[str, int], Draft202012Validator] = {}
_fast_built_in: dict[tuple[str, int], jsonschema_rs.Draft202012Validator] = {}

_TYPES = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


@formats.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    """RFC 3339 full-date: a day that exists, within the years that the law here is computed for."""
    return not isinstance(value, str) or (
        len(value) == 10 and FIRST_YEAR <= dt.date.fromisoformat(value).year <= LAST_YEAR
    )


def term_errors(contract_type: ContractType, terms: dict[str, Any]) -> list[FieldError]:
    """What breaks the type's schema; where nothing does, what breaks a rule."""
    return schema_errors(contract_type, terms) or list(_rule_errors(contract_type, terms))


def schema_errors(contract_type: ContractType, terms: dict[str, Any]) -> list[FieldError]:
    """What in the terms does not fit the type's schema, at most 20 things.

    Whether anything is wrong is asked of the fast validator first; only then does the other one find what.
    """
    if _fast_of(contract_type).is_valid(terms):
        return []
    return list(field_errors(_validator_of(contract_type), terms, "/terms"))[:ERRORS_AT_MOST]


def field_errors(validator: Draft202012Validator, instance: object, root: str) -> Iterator[FieldError]:
    """Each error of a validator with its pointer, in plain words."""
    for error in validator.iter_errors(instance):
        yield from _explained(best_match([error]) or error, root)


def compiled(schema: dict[str, Any]) -> Draft202012Validator:
    """A validator that reads no other document than the schema itself, whatever its references say."""
    return Draft202012Validator(schema, format_checker=formats, registry=Registry())


def merged(contract_type: ContractType, terms: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The terms completed by the type's defaults, and the pointers of what the defaults added."""
    filled, assumed = lifecycle_terms.merged(terms, contract_type.defaults, contract_type.alternatives)
    return copy.deepcopy(filled), assumed


def resolve(document: object, pointer: str) -> object:
    """What a JSON pointer (RFC 6901) finds; None where there is nothing."""
    found = document
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(name)
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found


def child(pointer: str, name: object) -> str:
    """The pointer of a member or item below `pointer`."""
    return pointer + "/" + str(name).replace("~", "~0").replace("/", "~1")


def _validator_of(contract_type: ContractType) -> Draft202012Validator:
    if not contract_type.built_in:
        return _validator(msgspec.json.encode(contract_type.terms_schema))
    key = (contract_type.key, contract_type.version)
    if key not in _built_in:
        _built_in[key] = compiled(contract_type.terms_schema)
    return _built_in[key]


def _fast_of(contract_type: ContractType) -> jsonschema_rs.Draft202012Validator:
    if not contract_type.built_in:
        return _fast(msgspec.json.encode(contract_type.terms_schema))
    key = (contract_type.key, contract_type.version)
    if key not in _fast_built_in:
        _fast_built_in[key] = _fast(msgspec.json.encode(contract_type.terms_schema))
    return _fast_built_in[key]


@lru_cache(maxsize=64)
def _fast(schema: bytes) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        msgspec.json.decode(schema),
        validate_formats=True,
        formats={"date": lambda value: formats.conforms(value, "date")},
        retriever=_retrieve_nothing,
    )


def _retrieve_nothing(address: str) -> Any:
    raise LookupError(f"a schema may not refer to {address}")


@lru_cache(maxsize=64)
def _validator(schema: bytes) -> Draft202012Validator:
    return compiled(msgspec.json.decode(schema))


def _explained(error: ValidationError, root: str) -> Iterator[FieldError]:
    pointer = root
    for step in error.absolute_path:
        pointer = child(pointer, step)
    value: Any = error.validator_value
    instance = cast("dict[str, Any]", error.instance)  # an object, for the two keywords that use it
    match error.validator:
        case "additionalProperties" if isinstance(error.schema, dict):
            known = error.schema.get("properties", {})
            yield from (
                FieldError(child(pointer, name), "There is no such field.") for name in instance if name not in known
            )
        case "required":
            yield from (FieldError(child(pointer, name), "This is missing.") for name in value if name not in instance)
        case "type":
            names = [value] if isinstance(value, str) else value
            yield FieldError(pointer, f"This must be {' or '.join(_TYPES.get(name, name) for name in names)}.")
        case "enum":
            yield FieldError(pointer, f"This must be one of: {', '.join(map(str, value))}.")
        case "format":
            bounds = f" from {FIRST_YEAR} to {LAST_YEAR}" if value == "date" else ""
            yield FieldError(pointer, f"This is no {value}{bounds}.")
        case "pattern" if isinstance(error.schema, dict):
            yield FieldError(pointer, error.schema.get("description") or f"This does not have the form {value}.")
        case "oneOf" | "anyOf" | "not" | "minProperties" | "maxProperties":
            yield FieldError(pointer, "This fits none of the forms that it can have, or several at once.")
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            yield FieldError(pointer, f"This is out of bounds: {error.validator} is {value}.")
        case _:
            yield FieldError(pointer, f"This breaks the rule {error.validator}: {value}."[:200])


def _rule_errors(contract_type: ContractType, terms: dict[str, Any]) -> Iterator[FieldError]:
    start, end = _text(terms, "/term/start"), _text(terms, "/term/end")
    not_before = _text(terms, "/effectiveness/not_before")
    if start and end and end < start:
        yield FieldError("/terms/term/end", f"The term ends on {end}, before it starts on {start}.")
    if not_before and end and end < not_before:
        yield FieldError("/terms/effectiveness/not_before", f"The contract would take effect after its end on {end}.")
    yield from _repeated(terms, "/terms/effectiveness/conditions")
    yield from _repeated(terms, "/terms/termination/grounds")
    renewal = resolve({"terms": terms}, "/terms/term/renewal/period")
    if isinstance(renewal, dict) and renewal["length"] < SHORTEST_RENEWAL.get(renewal["unit"], 1):
        yield FieldError("/terms/term/renewal/period", "A term that renews by itself does so for a month or more.")
    try:
        confidentiality.validate(resolve(terms, "/confidentiality/rules") or [])
    except confidentiality.InvalidConfidentiality as error:
        yield FieldError(f"/terms/confidentiality/rules{error.field}", error.message)
    yield from _contradicting_rules(terms)
    if _plain(terms, terms.get("currency") or contract_type.defaults.get("currency") or CURRENCY):
        return
    for pointer, period in _periods(terms, "/terms"):
        if period["length"] > LONGEST.get(period["unit"], 0):
            yield FieldError(f"{pointer}/length", f"A period is {LONGEST[period['unit']]} {period['unit']}s at most.")
    currency = terms.get("currency") or contract_type.defaults.get("currency") or CURRENCY
    for pointer, found in _currencies(terms, "/terms"):
        if found != currency:
            yield FieldError(pointer, f"The contract's currency is {currency}, not {found}.")


def _contradicting_rules(terms: dict[str, Any]) -> Iterator[FieldError]:
    """A notice clause that says two things about one event (R-N2); a type of its own may have another shape."""
    stated = resolve(terms, "/notices/rules")
    try:
        check_rules(msgspec.convert(stated or (), tuple[ArrivalRule, ...]))
    except InvalidArrival as error:
        yield FieldError(f"/terms/notices{error.field}", error.message)
    except msgspec.ValidationError:
        return


def _text(terms: dict[str, Any], pointer: str) -> str | None:
    """A date's text: ISO dates sort as they are written."""
    found = resolve(terms, pointer)
    return found if isinstance(found, str) else None


def _repeated(terms: dict[str, Any], pointer: str) -> Iterator[FieldError]:
    found = resolve({"terms": terms}, pointer)
    keys = [one.get("key") for one in found] if isinstance(found, list) else []
    for number, key in enumerate(keys):
        if key in keys[:number]:
            yield FieldError(f"{pointer}/{number}/key", f"{key} is there twice.")


def _plain(terms: dict[str, Any], currency: str) -> bool:
    """Whether no period is too long and all money is in one currency: asked of every draft, so without pointers."""
    waiting: list[Any] = [terms]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if value.keys() == {"length", "unit"} and not _is_short(value):
                return False
            if value.keys() == {"amount", "currency"} and value["currency"] != currency:
                return False
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return True


def _is_short(period: dict[str, Any]) -> bool:
    length, unit = period["length"], period["unit"]
    return isinstance(length, int) and isinstance(unit, str) and length <= LONGEST.get(unit, 0)


def _periods(value: object, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _periods(item, child(pointer, number))
    if isinstance(value, dict):
        if value.keys() == {"length", "unit"} and isinstance(value["length"], int) and value["unit"] in LONGEST:
            yield pointer, value
        for name, item in value.items():
            yield from _periods(item, child(pointer, name))


def _currencies(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _currencies(item, child(pointer, number))
    if isinstance(value, dict):
        if value.keys() == {"amount", "currency"}:
            yield child(pointer, "currency"), value["currency"]
        for name, item in value.items():
            yield from _currencies(item, child(pointer, name))
