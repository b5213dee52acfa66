"""Attachments over HTTP: raw bodies in, streamed; raw bodies out, whole or in ranges."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.di import Provide
from litestar.params import SkipValidation

from clm.features.attachments import (
    downloads,
    guarding,
    reading,
    record_routes,
    service,
    transfer_routes,
    upload_routes,
    uploads,
    wording,
)
from clm.features.attachments.documents import ATTACHMENT, CONTENT_RESPONSES, CSV, UploadOperation
from clm.features.attachments.models import Attachment, AttachmentVersion, SaidOfVersion, Upload
from clm.features.contracts import service as contracts
from clm.kit import http
from clm.kit.auth import scope
from clm.kit.given import (
    Actor,
    Cursor,
    FromPath,
    FromQuery,
    IfMatch,
    JSONBody,
    Limit,
    NamedDependency,
    Reads,
    Unit,
    Vault,
)
from clm.kit.handlers import get, post
from clm.kit.openapi import Example
from clm.kit.paging import Page

_Upload = NamedDependency[SkipValidation[Upload]]
_Asked = NamedDependency[downloads.Asked]
_UPLOAD = {"upload": Provide(uploads.provide_upload, sync_to_thread=False)}
_ASKED = {"asked": Provide(downloads.provide_asked, sync_to_thread=False)}


@post(
    "/contracts/{contract_id:uuid}/attachments",
    operation_id="addAttachment",
    summary="Attach a file to a contract",
    description="The body is the file. `kind` is one of the contract type's attachment kinds, or `other`. The bytes "
    "are stored before the answer; an upload that breaks off, or whose digest does not fit, leaves nothing behind.",
    tags=["Attachments"],
    guards=[scope("attachments:write")],
    operation_class=UploadOperation,
    dependencies=_UPLOAD,
    example=Example(request=CSV, response=ATTACHMENT),
)
async def add_attachment(
    *,
    unit: Unit,
    actor: Actor,
    vault: Vault,
    upload: _Upload,
    contract_id: FromPath[UUID],
    kind: FromQuery[str],
    name: FromQuery[str],
) -> Response[Attachment]:
    made, version = await service.add(unit, vault, actor, contract_id, kind=kind, name=name, upload=upload)
    return http.created(made, version, f"/v1/attachments/{made.id}")


@get(
    "/contracts/{contract_id:uuid}/attachments",
    operation_id="listAttachments",
    summary="List the attachments of a contract",
    description="Oldest first, each with all its versions.",
    tags=["Attachments"],
    guards=[scope("attachments:read")],
    example=Example(response={"items": [ATTACHMENT], "next_cursor": None}),
)
async def list_attachments(
    reads: Reads,
    contract_id: FromPath[UUID],
    kind: FromQuery[str | None] = None,
    as_of: FromQuery[str | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Attachment]:
    await contracts.catch_up(reads, contract_id)
    async with reads.snapshot() as db:
        return await reading.of_contract(db, contract_id, kind, as_of, limit, cursor)


@get(
    "/attachments/{attachment_id:uuid}",
    operation_id="getAttachment",
    summary="Read an attachment",
    description="With all its versions, oldest first; their bytes are at `versions/{no}/content`. `binding` names the "
    "one that is part of the contract, now or `as_of` an instant (a date means its last instant).",
    tags=["Attachments"],
    guards=[scope("attachments:read")],
    example=Example(response=ATTACHMENT),
)
async def get_attachment(
    reads: Reads, attachment_id: FromPath[UUID], as_of: FromQuery[str | None] = None
) -> Response[Attachment]:
    return http.one(*await reading.current(reads, attachment_id, as_of))


@post(
    "/attachments/{attachment_id:uuid}/versions",
    operation_id="addAttachmentVersion",
    summary="Store the next version of an attachment",
    description="The body is the file. Versions are never changed; those sent at once get consecutive numbers. Answers "
    "with the whole attachment.",
    tags=["Attachments"],
    guards=[scope("attachments:write")],
    operation_class=UploadOperation,
    dependencies=_UPLOAD,
    example=Example(request=CSV, response=ATTACHMENT),
)
async def add_version(
    unit: Unit, actor: Actor, vault: Vault, upload: _Upload, attachment_id: FromPath[UUID], if_match: IfMatch = None
) -> Response[Attachment]:
    made, version = await service.add_version(unit, vault, actor, attachment_id, upload, if_match)
    location = f"/v1/attachments/{attachment_id}/versions/{made.versions[-1].no}/content"
    return http.created(made, version, location)


@get(
    "/attachments/{attachment_id:uuid}/versions",
    operation_id="listAttachmentVersions",
    summary="List the versions of an attachment",
    description="Oldest first.",
    tags=["Attachments"],
    guards=[scope("attachments:read")],
    example=Example(response={"items": ATTACHMENT["versions"], "next_cursor": None}),
)
async def list_versions(
    reads: Reads, attachment_id: FromPath[UUID], limit: Limit = 50, cursor: Cursor = None
) -> Page[AttachmentVersion]:
    async with reads.snapshot() as db:
        return await reading.versions(db, attachment_id, limit, cursor)


@get(
    "/attachments/{attachment_id:uuid}/versions/{no:int}/content",
    operation_id="getAttachmentContent",
    summary="Download a version",
    description="The bytes under the media type they came with. One `Range` of bytes is answered with 206; several are "
    "answered in full. The `ETag` is the SHA-256.",
    tags=["Attachments"],
    guards=[scope("attachments:read")],
    responses=CONTENT_RESPONSES,
    example=Example(response=CSV),
    dependencies=_ASKED,
)
async def get_content(
    reads: Reads, actor: Actor, vault: Vault, asked: _Asked, attachment_id: FromPath[UUID], no: FromPath[int]
) -> Response[Any]:
    content = await reading.content(reads, attachment_id, no)
    if content.withheld:
        await guarding.may_read(reads, actor, [(attachment_id, no)], "content")
    return await downloads.answer(vault, reads.tenant, content, asked)


@post(
    "/attachments/{attachment_id:uuid}/versions/{no:int}/actions/adopt",
    operation_id="adoptVersion",
    summary="Adopt a version",
    description="The party takes the version as its own word. Under `bilateral` all parties do; under `A_unilateral` "
    "party A alone; under `B_unilateral_with_A_approval` party B does, and A approves.",
    tags=["Attachments"],
    guards=[scope("attachments:write")],
    status_code=200,
    example=Example(request={"party": "B"}, response=ATTACHMENT),
)
async def adopt_version(
    unit: Unit,
    actor: Actor,
    attachment_id: FromPath[UUID],
    no: FromPath[int],
    data: JSONBody[SaidOfVersion],
    if_match: IfMatch = None,
) -> Response[Attachment]:
    return http.one(*await wording.say(unit, actor, attachment_id, no, data, word="adopt", if_match=if_match))


@post(
    "/attachments/{attachment_id:uuid}/versions/{no:int}/actions/approve",
    operation_id="approveVersion",
    summary="Approve a version",
    description="Party A approves the version that party B adopted, under `B_unilateral_with_A_approval`.",
    tags=["Attachments"],
    guards=[scope("attachments:write")],
    status_code=200,
    example=Example(request={"party": "A"}, response=ATTACHMENT),
)
async def approve_version(
    unit: Unit,
    actor: Actor,
    attachment_id: FromPath[UUID],
    no: FromPath[int],
    data: JSONBody[SaidOfVersion],
    if_match: IfMatch = None,
) -> Response[Attachment]:
    return http.one(*await wording.say(unit, actor, attachment_id, no, data, word="approve", if_match=if_match))


@post(
    "/attachments/{attachment_id:uuid}/versions/{no:int}/actions/reject",
    operation_id="rejectVersion",
    summary="Reject a version",
    description="The party takes back what it said of the version before.",
    tags=["Attachments"],
    guards=[scope("attachments:write")],
    status_code=200,
    example=Example(request={"party": "A"}, response=ATTACHMENT),
)
async def reject_version(
    unit: Unit,
    actor: Actor,
    attachment_id: FromPath[UUID],
    no: FromPath[int],
    data: JSONBody[SaidOfVersion],
    if_match: IfMatch = None,
) -> Response[Attachment]:
    return http.one(*await wording.say(unit, actor, attachment_id, no, data, word="reject", if_match=if_match))


routes = [
    add_attachment,
    list_attachments,
    get_attachment,
    add_version,
    list_versions,
    get_content,
    adopt_version,
    approve_version,
    reject_version,
    *record_routes.routes,
    *upload_routes.routes,
]
outside = transfer_routes.routes
"""What needs no key but an address, and so stands outside the API proper."""
