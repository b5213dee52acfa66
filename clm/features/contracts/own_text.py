"""The words of a contract that came as a document: its own sections stand in the place of its type's."""

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec

from clm.features.contract_types import service as contract_types
from clm.features.contract_types.service import Clause, ContractType, OwnText, Section
from clm.features.contracts import store
from clm.kit.db import Queries, Unit
from clm.kit.problems import not_found

sql = store.sql


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What a contract was imported from: its sections, what stood outside them, and how it was read.

    `sha256` and `media_type` are those of the file, `preamble` and `closing` the text before the first section and
    after the last, `report` what the import said of it.
    """

    sha256: str
    media_type: str
    language: str
    sections: list[Clause]
    preamble: str
    closing: str
    report: dict[str, Any]


class Typed(Protocol):
    """A contract as far as its type and its words go."""

    @property
    def id(self) -> UUID:
        """The contract."""

    @property
    def type_key(self) -> str:
        """Its type."""

    @property
    def type_version(self) -> int:
        """The version of the type that it began with."""

    @property
    def own_text(self) -> bool:
        """Whether its sections are its own."""


class Row(msgspec.Struct, frozen=True):
    """These four of a row."""

    id: UUID
    type_key: str
    type_version: int
    own_text: bool


async def type_of(db: Queries, contract: Typed) -> ContractType:
    """The type of a contract, with the contract's own sections where it has such; raises Problem 404."""
    found = await contract_types.get(db, contract.type_key, contract.type_version)
    if not contract.own_text:
        return found
    sections = await db.value(sql.own_sections, contract.id)
    return OwnText.over(found, msgspec.convert(sections, list[Clause]))


async def keep(unit: Unit, contract_id: UUID, document: Document) -> None:
    """Give a draft the words of a document; once, for they change by amendment only."""
    await unit.run(
        sql.add_document,
        contract_id,
        document.sha256,
        document.media_type,
        document.language,
        [msgspec.to_builtins(section) for section in document.sections],
        document.preamble,
        document.closing,
        document.report,
    )


async def document_of(db: Queries, contract_id: UUID) -> Document | None:
    """What a contract was imported from; None where it was not. Raises Problem 404 without the contract."""
    if await db.value(sql.is_contract, contract_id) is None:
        raise not_found("contract")
    row = await db.one(sql.document, contract_id)
    return None if row is None else msgspec.convert(dict(row), Document)


def ordered(sections: Sequence[Section]) -> dict[str, int]:
    """How deep each section stands, by number: 1 for the outermost."""
    depth: dict[str, int] = {}
    for one in sections:
        depth[one.number] = depth.get(one.parent or "", 0) + 1
    return depth
