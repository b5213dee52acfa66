"""Uploads in parts and addresses for bytes, over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.datastructures import State
from litestar.di import Provide

from clm.features.attachments import announcing, downloads, guarding, parted, reading
from clm.features.attachments.announcing import Most
from clm.features.attachments.documents import LINK, UPLOAD
from clm.features.attachments.upload_models import ContentLink, NewUpload, NextUpload, PartedUpload
from clm.features.attachments.uploads import UPLOAD_BYTES
from clm.kit import http
from clm.kit.auth import scope
from clm.kit.given import Actor, FromPath, FromQuery, IfMatch, JSONBody, NamedDependency, Reads, Unit, Vault
from clm.kit.handlers import get, post
from clm.kit.openapi import Example


def provide_most(request: Request[Any, Any, Any], state: State) -> Most:
    """What the application's state says; without a public address the one that the request came to."""
    base = state.get("public_url") or str(request.base_url)
    return Most(int(state.get("upload_bytes", UPLOAD_BYTES)), str(base).rstrip("/"))


_Most = NamedDependency[Most]
_MOST = {"most": Provide(provide_most, sync_to_thread=False)}


@post(
    "/contracts/{contract_id:uuid}/attachments/uploads",
    operation_id="beginUpload",
    summary="Begin to attach a file that is sent in parts",
    description="Send each part by PUT to its `url`, in any order and again where one broke off, then complete the "
    "upload. Kinds that carry personal data are not sent so: they are sealed on their way in.",
    tags=["Attachments"],
    guards=[scope("attachments:write")],
    dependencies=_MOST,
    example=Example(
        request={"kind": "evidence", "name": "录像.mp4", "size": 9000000, "media_type": "video/mp4"}, response=UPLOAD
    ),
)
async def begin_upload(
    *, unit: Unit, actor: Actor, vault: Vault, most: _Most, contract_id: FromPath[UUID], data: JSONBody[NewUpload]
) -> Response[PartedUpload]:
    made, version = await parted.begin(unit, vault, actor, contract_id, data, most)
    return http.created(made, version, f"/v1/uploads/{made.id}")


@post(
    "/attachments/{attachment_id:uuid}/versions/uploads",
    operation_id="beginVersionUpload",
    summary="Begin the next version of an attachment, sent in parts",
    description="As for a new attachment.",
    tags=["Attachments"],
    guards=[scope("attachments:write")],
    dependencies=_MOST,
    example=Example(request={"size": 9000000, "media_type": "video/mp4"}, response=UPLOAD),
)
async def begin_version_upload(
    *, unit: Unit, actor: Actor, vault: Vault, most: _Most, attachment_id: FromPath[UUID], data: JSONBody[NextUpload]
) -> Response[PartedUpload]:
    made, version = await parted.begin_version(unit, vault, actor, attachment_id, data, most)
    return http.created(made, version, f"/v1/uploads/{made.id}")


@get(
    "/uploads/{upload_id:uuid}",
    operation_id="getUpload",
    summary="Read an upload",
    description="Which parts have arrived, and while it is open fresh addresses for them. These take bytes, so the key "
    "must be one that may write.",
    tags=["Attachments"],
    guards=[scope("attachments:write")],
    dependencies=_MOST,
    example=Example(response=UPLOAD),
)
async def get_upload(reads: Reads, vault: Vault, most: _Most, upload_id: FromPath[UUID]) -> Response[PartedUpload]:
    return http.one(*await announcing.shown(reads, vault, upload_id, most))


@post(
    "/uploads/{upload_id:uuid}/actions/complete",
    operation_id="completeUpload",
    summary="Complete an upload",
    description="Joins the parts, hashes and inspects them, and makes them a version of the attachment. Sent again it "
    "answers the same; where parts are missing it says which.",
    tags=["Attachments"],
    guards=[scope("attachments:write")],
    status_code=200,
    dependencies=_MOST,
    example=Example(response=UPLOAD | {"status": "completed", "parts": [], "urls_expire_at": None, "version": 1}),
)
async def complete_upload(
    *,
    unit: Unit,
    actor: Actor,
    vault: Vault,
    most: _Most,
    upload_id: FromPath[UUID],
    if_match: IfMatch = None,
) -> Response[PartedUpload]:
    return http.one(*await parted.complete(unit, vault, actor, upload_id, most, if_match))


@post(
    "/uploads/{upload_id:uuid}/actions/abort",
    operation_id="abortUpload",
    summary="Give an upload up",
    description="Its parts are forgotten.",
    tags=["Attachments"],
    guards=[scope("attachments:write")],
    status_code=200,
    dependencies=_MOST,
    example=Example(response=UPLOAD | {"status": "aborted", "parts": [], "urls_expire_at": None}),
)
async def abort_upload(
    unit: Unit, vault: Vault, most: _Most, upload_id: FromPath[UUID], if_match: IfMatch = None
) -> Response[PartedUpload]:
    return http.one(*await parted.abort(unit, vault, upload_id, most, if_match))


@get(
    "/attachments/{attachment_id:uuid}/versions/{no:int}/content-link",
    operation_id="getContentLink",
    summary="An address that gives a version's bytes",
    description="To whoever has it, without a key, for `seconds` (300 unless told, 3600 at most). Sealed versions have "
    "none: their bytes come through the service alone.",
    tags=["Attachments"],
    guards=[scope("attachments:read")],
    dependencies=_MOST,
    example=Example(response=LINK),
)
async def get_content_link(
    *,
    reads: Reads,
    actor: Actor,
    vault: Vault,
    most: _Most,
    attachment_id: FromPath[UUID],
    no: FromPath[int],
    seconds: FromQuery[int] = downloads.LINK_SECONDS,
) -> ContentLink:
    content = await reading.content(reads, attachment_id, no)
    if content.withheld:
        await guarding.may_read(reads, actor, [(attachment_id, no)], "link")
    return await downloads.link(vault, content, seconds, most.base)


routes = [begin_upload, begin_version_upload, get_upload, complete_upload, abort_upload, get_content_link]
