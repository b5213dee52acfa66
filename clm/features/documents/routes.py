"""Documents over HTTP: raw bytes in, a draft out; a contract out as a document."""

import base64
import hashlib
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response
from litestar.di import Provide
from litestar.exceptions import InternalServerException
from litestar.params import QueryParameter, SkipValidation

from clm.features.documents import service
from clm.features.documents.examples import FILES, MEDIA_TYPES, ORIGIN, TEXT, DocumentOperation
from clm.features.documents.models import Imported, Origin
from clm.features.documents.reading import DOCUMENT_BYTES
from clm.features.documents.service import Format, Wanted
from clm.kit import http
from clm.kit.auth import scope
from clm.kit.extraction.formats import DOCX, PDF
from clm.kit.given import Actor, FromPath, FromQuery, NamedDependency, Reads, Unit, Vault
from clm.kit.handlers import get, post
from clm.kit.openapi import Example
from clm.kit.problems import FieldError, Problem

TAGS = ["Documents"]
_Type = Annotated[str, QueryParameter(description="The contract type, such as `generic`")]
_Number = Annotated[str, QueryParameter(description="The number of the contract, unique in the tenant")]
_Title = Annotated[str | None, QueryParameter(description="Else the document's title, else the number")]
_Language = Annotated[str | None, QueryParameter(description="Of the text, such as `zh-CN`; else the type's")]
_Zone = Annotated[str, QueryParameter(description="IANA time zone of the contract's legal dates")]


async def provide_wanted(
    request: Request[Any, Any, Any],
    type: _Type,  # noqa: A002 - the name on the wire
    number: _Number,
    title: _Title = None,
    language: _Language = None,
    time_zone: _Zone = "Asia/Shanghai",
) -> Wanted:
    """The document that a request carries, whole; raises Problem 413 for one that is too large."""
    return Wanted(
        content=await _whole(request),
        media_type=request.headers.get("content-type", ""),
        type=type,
        number=number,
        title=title,
        language=language,
        time_zone=time_zone,
    )


async def _whole(request: Request[Any, Any, Any]) -> bytes:
    found = bytearray()
    try:
        async for chunk in request.stream():
            found += chunk
            if len(found) > DOCUMENT_BYTES:
                message = f"A document may have {DOCUMENT_BYTES // 1024**2} MiB at most."
                raise Problem("too-large", message, errors=[FieldError("", message)])
    except InternalServerException:
        raise Problem("bad-request", "The request broke off before its end. Nothing was imported.") from None
    return bytes(found)


@post(
    "/contracts/import-document",
    operation_id="importDocument",
    summary="Import a contract from its document",
    description="The body is a DOCX, plain text or Markdown with numbered headings (第一条, 1.1, 一、, （一）, Word's "
    "own numbers). It becomes a draft with these sections and without terms: what was agreed is for you to say. The "
    "report names every heading, every line that is in no section, and every number that does not count as it should.",
    tags=TAGS,
    guards=[scope("contracts:write")],
    operation_class=DocumentOperation,
    dependencies={"wanted": Provide(provide_wanted)},
    example=Example(request=TEXT),
)
async def import_document(
    unit: Unit, actor: Actor, vault: Vault, wanted: NamedDependency[SkipValidation[Wanted]]
) -> Response[Imported]:
    made = await service.bring_in(unit, actor, vault, wanted)
    return http.created(made, made.contract.version, f"/v1/contracts/{made.contract.id}")


@get(
    "/contracts/{contract_id:uuid}/imported-document",
    operation_id="getImportedDocument",
    summary="Read what a contract was imported from",
    description="Hash and type of the file, the text outside its sections, and the report of the import.",
    tags=TAGS,
    guards=[scope("contracts:read")],
    example=Example(response=ORIGIN),
)
async def get_imported_document(contract_id: FromPath[UUID], reads: Reads) -> Origin:
    return await service.origin(reads, contract_id)


@get(
    "/contracts/{contract_id:uuid}/document",
    operation_id="getDocument",
    summary="Write the contract down",
    description="The consolidated contract as DOCX or PDF (`format`, else what `Accept` prefers), now or `as_of` an "
    "instant: parties, sections, terms, amendments, and the attachments with the hash of the version that binds. A "
    "draft says on every page that it is one. The same contract gives the same bytes.",
    tags=TAGS,
    guards=[scope("contracts:read"), scope("attachments:read")],
    responses=FILES,
    media_type=DOCX,
)
async def get_document(
    contract_id: FromPath[UUID],
    reads: Reads,
    request: Request[Any, Any, Any],
    format: FromQuery[Format | None] = None,  # noqa: A002 - the name on the wire
    as_of: FromQuery[str | None] = None,
) -> Response[bytes]:
    form = format or ("pdf" if request.accept.best_match([DOCX, PDF]) == PDF else "docx")
    content, number = await service.render(reads, contract_id, form, as_of)
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    name = f"{number}.{form}"
    headers = {
        "content-disposition": f"attachment; filename=\"contract.{form}\"; filename*=UTF-8''{quote(name, safe='')}",
        "content-digest": f"sha-256=:{digest}:",
        "x-content-type-options": "nosniff",
        "vary": "accept",
    }
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


routes = [import_document, get_imported_document, get_document]
