"""Search over HTTP."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Response
from litestar.params import QueryParameter

from clm.features.attachments import service as attachments
from clm.features.search import service
from clm.features.search.models import Found, PassageKind, TextComparison, VersionText
from clm.kit import http
from clm.kit.auth import scope
from clm.kit.given import Actor, Cursor, FromPath, FromQuery, Limit, Reads
from clm.kit.handlers import get
from clm.kit.http import StrictRequest
from clm.kit.openapi import Example

TAGS = ["Search"]
Query = Annotated[str, QueryParameter(description='Words and "quoted phrases" that all occur')]


@get(
    "/search",
    operation_id="search",
    summary="Search contracts, notices and files",
    description="Titles, numbers, parties, agreed terms, amended section texts, notices, and the text of files that "
    "are not sealed. Terms have two characters or more. Full and half width, upper and lower case are the same. What "
    "was written last comes first.",
    tags=TAGS,
    guards=[scope("contracts:read"), scope("attachments:read"), scope("notices:read")],
)
async def search(
    reads: Reads,
    actor: Actor,
    q: Query,
    kind: FromQuery[PassageKind | None] = None,
    contract_id: FromQuery[UUID | None] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Found:
    async with reads.snapshot() as db:
        found = await service.search(
            db, q, kind=kind, contract_id=contract_id, cleared=actor.cleared, limit=limit, cursor=cursor
        )
    shown = [(hit.attachment_id, hit.version) for hit in found.items if hit.attachment_id and hit.version]
    await attachments.may_read(reads, actor, shown, "search")
    return found


@get(
    "/attachments/{attachment_id:uuid}/versions/{no:int}/text",
    operation_id="getVersionText",
    summary="Read the text of a version",
    description="As it is searched: read from DOCX, PDF, Markdown and plain text a moment after the upload.",
    tags=["Attachments"],
    guards=[scope("attachments:read")],
)
async def get_text(reads: Reads, actor: Actor, attachment_id: FromPath[UUID], no: FromPath[int]) -> VersionText:
    async with reads.snapshot() as db:
        text = await service.text(db, attachment_id, no)
    await attachments.may_read(reads, actor, [(attachment_id, no)], "text")
    return text


@get(
    "/attachments/{attachment_id:uuid}/versions/{before:int}/compare/{after:int}",
    operation_id="compareVersions",
    summary="Compare the text of two versions",
    description="As structured changes, or with `format=html` (or where `Accept` prefers it) as a page with insertions "
    "and deletions marked. 409 where a version has no text: not read yet, of a type that none is read from, sealed, or "
    "gone.",
    tags=["Attachments"],
    guards=[scope("attachments:read")],
    example=Example(problems=("409",)),
)
async def compare_versions(
    request: StrictRequest,
    reads: Reads,
    actor: Actor,
    attachment_id: FromPath[UUID],
    before: FromPath[int],
    after: FromPath[int],
    format_: Annotated[Literal["json", "html"] | None, QueryParameter(name="format")] = None,
) -> Response[TextComparison]:
    async with reads.snapshot() as db:
        old, new = await service.texts_of(db, attachment_id, (before, after))
    await attachments.may_read(reads, actor, [(attachment_id, before), (attachment_id, after)], "comparison")
    if http.is_page_wanted(request, format_):
        return http.page(await service.compare_as_html(f"{before} → {after}", old, new))
    return Response(await service.compare(before, old, after, new), headers={"vary": "accept"})


routes = [search, get_text, compare_versions]
