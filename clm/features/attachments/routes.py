"""Attachments over HTTP: raw bodies in, streamed; raw bodies out, whole or in ranges."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.di import Provide
from litestar.params import SkipValidation

from clm.features.attachments import downloads, service, uploads
from clm.features.attachments.documents import ATTACHMENT, CONTENT_RESPONSES, CSV, UploadOperation
from clm.features.attachments.models import Attachment, AttachmentVersion, Upload
from clm.kit import http
from clm.kit.auth import scope
from clm.kit.given import Actor, Cursor, FromPath, FromQuery, IfMatch, Limit, NamedDependency, Reads, Store, Unit
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
    store: Store,
    upload: _Upload,
    contract_id: FromPath[UUID],
    kind: FromQuery[str],
    name: FromQuery[str],
) -> Response[Attachment]:
    made, version = await service.add(unit, store, actor, contract_id, kind=kind, name=name, upload=upload)
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
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Attachment]:
    async with reads.snapshot() as db:
        return await service.of_contract(db, contract_id, kind, limit, cursor)


@get(
    "/attachments/{attachment_id:uuid}",
    operation_id="getAttachment",
    summary="Read an attachment",
    description="With all its versions, oldest first; their bytes are at `versions/{no}/content`.",
    tags=["Attachments"],
    guards=[scope("attachments:read")],
    example=Example(response=ATTACHMENT),
)
async def get_attachment(reads: Reads, attachment_id: FromPath[UUID]) -> Response[Attachment]:
    return http.one(*await service.one(reads, attachment_id))


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
    unit: Unit, actor: Actor, store: Store, upload: _Upload, attachment_id: FromPath[UUID], if_match: IfMatch = None
) -> Response[Attachment]:
    made, version = await service.add_version(unit, store, actor, attachment_id, upload, if_match)
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
        return await service.versions(db, attachment_id, limit, cursor)


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
    reads: Reads, store: Store, asked: _Asked, attachment_id: FromPath[UUID], no: FromPath[int]
) -> Response[Any]:
    return await downloads.answer(store, await service.content(reads, attachment_id, no), asked)


routes = [add_attachment, list_attachments, get_attachment, add_version, list_versions, get_content]
