"""Contract types: those of the package and the tenant's own, and what other rooms ask of one."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import msgspec
from jsonschema import Draft202012Validator

from clm.features.contract_types import terms as checks
from clm.features.contract_types.models import (
    AttachmentKind,
    Clause,
    ContractType,
    NewContractType,
    OwnText,
    Section,
    TypeSummary,
)
from clm.features.contract_types.shared import shared_schema
from clm.features.contract_types.terms import merged, resolve
from clm.features.contract_types.text import Parties, render_section
from clm.features.contract_types.vetting import vet
from clm.kit import paging, problems
from clm.kit import sql as sql_files
from clm.kit.db import Queries, Unit
from clm.kit.paging import Page
from clm.kit.problems import FieldError, Problem, not_found

__all__ = [
    "AttachmentKind",
    "Clause",
    "ContractType",
    "OwnText",
    "Parties",
    "Section",
    "built_in",
    "create",
    "find",
    "get",
    "merged",
    "render_section",
    "resolve",
    "term_errors",
    "validate_terms",
]

sql = sql_files.load(__package__)

problems.register_constraint(
    "contract_type_pkey", "duplicate", "Somebody stored this version at the same moment. Send it again.", "/key"
)


@cache
def built_in() -> Mapping[tuple[str, int], ContractType]:
    """The package's types by key and version."""
    folder = resources.files("clm.features.contract_types").joinpath("data")
    texts = [file.read_bytes() for file in folder.iterdir() if file.name.endswith(".json")]
    types = [msgspec.json.decode(text, type=ContractType) for text in texts]
    return {(one.key, one.version): one for one in types}


@cache
def _shared() -> Draft202012Validator:
    return checks.compiled(shared_schema(built_in()["generic", 1]))


def check_shared(terms: dict[str, Any], root: str = "/terms") -> None:
    """Raise Problem 422 where a group that decisions read is not what they can read."""
    _refuse(_shared_errors(terms, root))


def _shared_errors(terms: dict[str, Any], root: str = "/terms") -> list[FieldError]:
    return list(checks.field_errors(_shared(), terms, root))[: checks.ERRORS_AT_MOST]


def term_errors(contract_type: ContractType, terms: dict[str, Any]) -> list[FieldError]:
    """Each thing in the terms that breaks the type's schema or a rule, with its pointer; empty where they hold."""
    shared = [] if contract_type.built_in else _shared_errors(terms)
    return shared or checks.term_errors(contract_type, terms)


def validate_terms(contract_type: ContractType, terms: dict[str, Any]) -> None:
    """Raise Problem 422 with a pointer for each thing in the terms that breaks the type's schema or a rule."""
    _refuse(term_errors(contract_type, terms))


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        first = errors[0]
        raise Problem("invalid", f"The terms do not hold, first at {first.pointer}: {first.message}", errors=errors)


async def get(db: Queries, key: str, version: int | None = None) -> ContractType:
    """The type at a version, or at its latest; raises Problem 404. A built-in one needs no query."""
    versions = [number for name, number in built_in() if name == key]
    if versions:
        found = built_in().get((key, version or max(versions)))
        if found is None:
            raise not_found("contract type")
        return found
    row = await (db.one(sql.latest_type, key) if version is None else db.one(sql.type_version, key, version))
    if row is None:
        raise not_found("contract type")
    return _own(row)


async def find(db: Queries, limit: int, cursor: str | None) -> Page[TypeSummary]:
    """The latest version of every type, by key."""
    limit = paging.limit_of(limit)
    after = paging.decode(cursor, str)
    own = [_own(row) for row in await db.all(sql.list_types, after, limit + 1)]
    latest = {one.key: one for one in sorted(built_in().values(), key=lambda one: one.version)}
    packaged = [one for key, one in latest.items() if after is None or key > after]
    everything = sorted([*own, *packaged], key=lambda one: one.key)
    return paging.page(everything[: limit + 1], limit, _summary, lambda one: one.key)


async def create(unit: Unit, new: NewContractType) -> ContractType:
    """Store a type of the tenant's own, or the next version of one; raises Problem 409 for a built-in key, 422."""
    if any(key == new.key for key, _ in built_in()):
        detail = f"{new.key} is a built-in type. Use another key."
        raise Problem("duplicate", detail, errors=[FieldError("/key", detail)])
    vet(new, built_in().values())
    check_shared(new.defaults, "/defaults")
    document = msgspec.to_builtins(new)
    version = await unit.value(sql.add_type, new.key, document)
    return msgspec.convert({**document, "version": version, "built_in": False}, ContractType)


def _own(row: Mapping[str, Any]) -> ContractType:
    return msgspec.convert({**row["document"], "version": row["version"], "built_in": False}, ContractType)


def _summary(one: ContractType) -> TypeSummary:
    return TypeSummary(
        one.key,
        one.version,
        one.title,
        one.title_en,
        one.language,
        one.jurisdiction,
        one.built_in,
        len(one.sections),
    )
