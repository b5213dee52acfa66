"""Documents: a file becomes a draft with its own sections."""

from uuid import UUID

import msgspec

from clm.features.contract_types import service as contract_types
from clm.features.contracts import service as contracts
from clm.features.contracts.service import ContractDraft
from clm.features.documents import reading
from clm.features.documents.models import Imported, ImportReport, Origin
from clm.kit.auth import Actor
from clm.kit.db import Queries, Unit
from clm.kit.problems import FieldError, Problem, invalid, not_found
from clm.kit.vault import Vault

TITLE_AT_MOST = 500


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the sender says of a document: its bytes and media type, and of which draft it is the text."""

    content: bytes
    media_type: str
    type: str
    number: str
    title: str | None
    language: str | None
    time_zone: str


async def bring_in(unit: Unit, actor: Actor, vault: Vault, wanted: Wanted) -> Imported:
    """A new draft whose sections are those of a document.

    Raises Problem 404 or 422 as the creation of a draft does, 415 and 422 for a document that is not taken.
    """
    contract_type = await _type_of(unit, wanted.type)
    read = await reading.read(vault, wanted.content, wanted.media_type, contract_type)
    title = wanted.title or read.title or wanted.number
    contract = await contracts.create(unit, actor, _draft(wanted, title))
    document = contracts.Document(
        sha256=read.sha256,
        media_type=read.media_type,
        language=wanted.language or contract_type.language,
        sections=read.sections,
        preamble=read.preamble,
        closing=read.closing,
        report=msgspec.to_builtins(read.report),
    )
    await contracts.keep_document(unit, contract.id, document)
    return Imported(contract=contract, report=read.report)


async def origin(db: Queries, contract_id: UUID) -> Origin:
    """The document that a contract came as; raises Problem 404 where there is none."""
    found = await contracts.document_of(db, contract_id)
    if found is None:
        raise not_found("document: this contract was not imported")
    return Origin(
        contract_id=contract_id,
        sha256=found.sha256,
        media_type=found.media_type,
        language=found.language,
        preamble=found.preamble,
        closing=found.closing,
        report=msgspec.convert(found.report, ImportReport),
    )


def _draft(wanted: Wanted, title: str) -> ContractDraft:
    """The draft, held to what its body would be held to; raises Problem 422."""
    body = {"type": wanted.type, "number": wanted.number, "title": title, "time_zone": wanted.time_zone}
    try:
        return msgspec.convert(body, ContractDraft)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$.")
        text = f"{message}."
        raise Problem("invalid", text, errors=[FieldError(f"/{place.rstrip('`')}", text)]) from None


async def _type_of(unit: Unit, key: str) -> contract_types.ContractType:
    try:
        return await contract_types.get(unit, key)
    except Problem:
        raise invalid("/type", f"There is no contract type {key}.") from None
