"""Documents: a file becomes a draft with its own sections, and a contract becomes a file."""

import asyncio
import re
from typing import Literal
from uuid import UUID

import msgspec

from clm.features.amendments import service as amendments
from clm.features.amendments.service import Amendment
from clm.features.attachments import service as attachments
from clm.features.attachments.service import Attachment
from clm.features.contract_types import service as contract_types
from clm.features.contracts import service as contracts
from clm.features.contracts.service import ContractDraft
from clm.features.documents import docx, pdf, reading
from clm.features.documents.content import Paper, paper
from clm.features.documents.models import Imported, ImportReport, Origin
from clm.kit.auth import Actor
from clm.kit.db import Queries, Reads, Unit
from clm.kit.problems import FieldError, Problem, invalid, not_found
from clm.kit.vault import Vault

Format = Literal["docx", "pdf"]

_AT_ONCE = asyncio.Semaphore(2)
_PAGE = 200
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


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
    if wanted.language is not None and not _LANGUAGE.fullmatch(wanted.language):
        raise invalid("/language", "This is no language tag, such as zh-CN (RFC 5646).")
    contract_type = await _type_of(unit.database.reads(unit.tenant), wanted.type)
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


async def render(reads: Reads, contract_id: UUID, form: Format, as_of: str | None) -> tuple[bytes, str]:
    """The consolidated contract as a file, with its number; raises Problem 404, 422 where nothing was in force then."""
    await contracts.refresh(reads, contract_id)
    changes = await _amendments(reads, contract_id)
    async with reads.snapshot() as db:
        written = await contracts.written(db, contract_id, as_of)
        whole = paper(written, changes, await _attachments(db, contract_id, as_of))
    async with _AT_ONCE:
        return await asyncio.to_thread(_rendered, whole, form), written.contract.number


def _rendered(whole: Paper, form: Format) -> bytes:
    return docx.rendered(whole) if form == "docx" else pdf.rendered(whole)


async def _amendments(reads: Reads, contract_id: UUID) -> list[Amendment]:
    page = await amendments.of_contract(reads, contract_id, _PAGE, None)
    found = list(page.items)
    while page.next_cursor:
        page = await amendments.of_contract(reads, contract_id, _PAGE, page.next_cursor)
        found += page.items
    return found


async def _attachments(db: Queries, contract_id: UUID, as_of: str | None) -> list[Attachment]:
    page = await attachments.of_contract(db, contract_id, None, as_of, _PAGE, None)
    found = list(page.items)
    while page.next_cursor:
        page = await attachments.of_contract(db, contract_id, None, as_of, _PAGE, page.next_cursor)
        found += page.items
    return found


def _draft(wanted: Wanted, title: str) -> ContractDraft:
    """The draft, held to what its body would be held to; raises Problem 422."""
    body = {"type": wanted.type, "number": wanted.number, "title": title, "time_zone": wanted.time_zone}
    try:
        return msgspec.convert(body, ContractDraft)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$.")
        text = f"{message}."
        raise Problem("invalid", text, errors=[FieldError(f"/{place.rstrip('`')}", text)]) from None


async def _type_of(db: Queries, key: str) -> contract_types.ContractType:
    try:
        return await contract_types.get(db, key)
    except Problem:
        raise invalid("/type", f"There is no contract type {key}.") from None
