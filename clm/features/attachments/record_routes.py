"""Attachments as records over HTTP: how long they are kept, what holds them, how they go, which prevails."""

from uuid import UUID

from litestar import Response

from clm.features.attachments import holding, ranking, removing
from clm.features.attachments.documents import ATTACHMENT, HOLD, PRECEDENCE, REASON
from clm.features.attachments.models import Attachment, LegalHold, NewHold, ReleaseHold, Removal, VersionRetention
from clm.features.contracts import service as contracts
from clm.kit import http
from clm.kit.auth import scope
from clm.kit.given import Actor, Cursor, FromPath, FromQuery, IfMatch, JSONBody, Limit, Reads, Unit
from clm.kit.handlers import get, post
from clm.kit.openapi import Example
from clm.kit.paging import Page
from clm.lifecycle.precedence import Precedence


@get(
    "/contracts/{contract_id:uuid}/precedence",
    operation_id="getPrecedence",
    summary="Which document of a contract prevails",
    description="The documents that the contract consists of, now or `as_of` an instant (a date means its last "
    "instant): of two that differ the one with the lower `rank` prevails. The order is agreed in "
    "`/terms/attachments/precedence`; `assumed` says where it is not.",
    tags=["Attachments"],
    guards=[scope("contracts:read")],
    example=Example(response=PRECEDENCE),
)
async def get_precedence(reads: Reads, contract_id: FromPath[UUID], as_of: FromQuery[str | None] = None) -> Precedence:
    await contracts.catch_up(reads, contract_id)
    async with reads.snapshot() as db:
        return await ranking.precedence(db, contract_id, as_of)


@get(
    "/attachments/{attachment_id:uuid}/versions/{no:int}/retention",
    operation_id="getVersionRetention",
    summary="How long a version is kept",
    description="The floor that its class of record has, with its basis, the legal holds on it, and whether its bytes "
    "may go now.",
    tags=["Attachments"],
    guards=[scope("attachments:read")],
)
async def get_retention(reads: Reads, attachment_id: FromPath[UUID], no: FromPath[int]) -> VersionRetention:
    async with reads.snapshot() as db:
        return await removing.retention(db, attachment_id, no)


@post(
    "/attachments/{attachment_id:uuid}/versions/{no:int}/actions/delete",
    operation_id="deleteVersion",
    summary="Delete the bytes of a version",
    description="Where no retention runs and no legal hold stands. What it was, when it went and why stays as a "
    "`tombstone`; its content is answered with 410 from then on.",
    tags=["Attachments"],
    guards=[scope("attachments:write")],
    status_code=200,
    example=Example(request={"reason": REASON}, response=ATTACHMENT),
)
async def delete_version(
    unit: Unit,
    actor: Actor,
    attachment_id: FromPath[UUID],
    no: FromPath[int],
    data: JSONBody[Removal],
    if_match: IfMatch = None,
) -> Response[Attachment]:
    return http.one(*await removing.remove(unit, actor, attachment_id, no, data, kind="deleted", if_match=if_match))


@post(
    "/attachments/{attachment_id:uuid}/versions/{no:int}/actions/erase",
    operation_id="eraseVersion",
    summary="Erase the personal information in a version",
    description="For sealed versions: the key of their bytes is destroyed, wherever copies of those lie. A legal hold "
    "and a floor that the law sets stand against it; that the contract still lasts does not.",
    tags=["Attachments"],
    guards=[scope("attachments:write")],
    status_code=200,
    example=Example(request={"reason": REASON}, response=ATTACHMENT),
)
async def erase_version(
    unit: Unit,
    actor: Actor,
    attachment_id: FromPath[UUID],
    no: FromPath[int],
    data: JSONBody[Removal],
    if_match: IfMatch = None,
) -> Response[Attachment]:
    return http.one(*await removing.remove(unit, actor, attachment_id, no, data, kind="erased", if_match=if_match))


@post(
    "/attachments/{attachment_id:uuid}/holds",
    operation_id="placeHold",
    summary="Place a legal hold on an attachment",
    description="As many as there are causes, each under a name of its own; while one stands no version is deleted or "
    "erased.",
    tags=["Attachments"],
    guards=[scope("attachments:write")],
    example=Example(request={"name": HOLD["name"], "reason": HOLD["reason"]}, response=HOLD),
)
async def place_hold(
    unit: Unit, actor: Actor, attachment_id: FromPath[UUID], data: JSONBody[NewHold]
) -> Response[LegalHold]:
    hold, version = await holding.place(unit, actor, attachment_id, data)
    return http.created(hold, version, f"/v1/holds/{hold.id}")


@get(
    "/attachments/{attachment_id:uuid}/holds",
    operation_id="listHolds",
    summary="List the legal holds on an attachment",
    description="Released ones too, oldest first.",
    tags=["Attachments"],
    guards=[scope("attachments:read")],
    example=Example(response={"items": [HOLD], "next_cursor": None}),
)
async def list_holds(
    reads: Reads, attachment_id: FromPath[UUID], limit: Limit = 50, cursor: Cursor = None
) -> Page[LegalHold]:
    async with reads.snapshot() as db:
        return await holding.of_attachment(db, attachment_id, limit, cursor)


@get(
    "/holds/{hold_id:uuid}",
    operation_id="getHold",
    summary="Read a legal hold",
    description="Standing, or released with when and why.",
    tags=["Attachments"],
    guards=[scope("attachments:read")],
    example=Example(response=HOLD),
)
async def get_hold(reads: Reads, hold_id: FromPath[UUID]) -> Response[LegalHold]:
    return http.one(*await holding.one(reads, hold_id))


@post(
    "/holds/{hold_id:uuid}/actions/release",
    operation_id="releaseHold",
    summary="Release a legal hold",
    description="This one alone; others on the attachment stand.",
    tags=["Attachments"],
    guards=[scope("attachments:write")],
    status_code=200,
    example=Example(request={"reason": REASON}, response=HOLD),
)
async def release_hold(
    unit: Unit, actor: Actor, hold_id: FromPath[UUID], data: JSONBody[ReleaseHold], if_match: IfMatch = None
) -> Response[LegalHold]:
    return http.one(*await holding.release(unit, actor, hold_id, data, if_match))


routes = [
    get_precedence,
    get_retention,
    delete_version,
    erase_version,
    place_hold,
    list_holds,
    get_hold,
    release_hold,
]
