"""Notices over HTTP."""

from typing import Annotated, TypeAlias
from uuid import UUID

from litestar import Response
from litestar.params import QueryParameter

from clm.features.notices import correcting, proof_routes, reading, service
from clm.features.notices.models import (
    CorrectDelivery,
    DeliveryEvent,
    Notice,
    NoticeDraft,
    NoticeStatus,
    Send,
    Withdrawal,
)
from clm.kit import http
from clm.kit.auth import scope
from clm.kit.given import Actor, Cursor, FromPath, FromQuery, IfMatch, JSONBody, Limit, Mails, Reads, Unit
from clm.kit.handlers import get, post
from clm.kit.openapi import Example
from clm.kit.paging import Page
from clm.law.notice_contents import NoticeType

TAGS = ["Notices"]
READ, WRITE = scope("notices:read"), scope("notices:write")
OfType: TypeAlias = Annotated[NoticeType | None, QueryParameter(name="type", description="Notices of this type only")]
_DRAFT = {
    "type": "cure_notice",
    "from": "A",
    "to": "B",
    "channel": "courier",
    "subject": "催告函",
    "body": "请在十五日内补正。",
    "ground": "material_breach",
    "cure": {"automatic": True},
}


@post(
    "/contracts/{contract_id:uuid}/notices",
    operation_id="draftNotice",
    summary="Draft a notice",
    description="A cure notice or rescission without a ground is `defective`: it may be sent, and moves nothing. "
    "A demand that names a ground works like a cure notice.",
    tags=TAGS,
    guards=[WRITE],
    example=Example(request=_DRAFT),
)
async def draft_notice(
    contract_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[NoticeDraft]
) -> Response[Notice]:
    notice = await service.draft(unit, actor, contract_id, data)
    return http.created(notice, notice.version, f"/v1/notices/{notice.id}")


@get(
    "/contracts/{contract_id:uuid}/notices",
    operation_id="listNotices",
    summary="List a contract's notices",
    description="Oldest first; by type and by status.",
    tags=TAGS,
    guards=[READ],
)
async def list_notices(
    contract_id: FromPath[UUID],
    reads: Reads,
    of_type: OfType = None,
    status: FromQuery[NoticeStatus | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Notice]:
    return await reading.page(reads, contract_id, kind=of_type, status=status, limit=limit, cursor=cursor)


@get(
    "/notices/{notice_id:uuid}",
    operation_id="getNotice",
    summary="Read a notice",
    description="With its deliveries and when it arrived, or will, and by which rule.",
    tags=TAGS,
    guards=[READ],
)
async def get_notice(notice_id: FromPath[UUID], reads: Reads) -> Response[Notice]:
    notice = await reading.one(reads, notice_id)
    return http.one(notice, notice.version)


@post(
    "/notices/{notice_id:uuid}/actions/send",
    operation_id="sendNotice",
    summary="Send a notice, or record that it was sent",
    description="Freezes the addressee's address and the notice clause of that day; without an address, `address` is "
    "null. Records the event that sending is: posted, sent or published; `dispatched` in person. Where the service has "
    "a mail server it sends e-mail itself: the message is queued (`outgoing`), and `sent` once the server has it; "
    '`"by": "hand"` records what somebody sent otherwise.',
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request={"at": "2026-04-13T16:00:00+08:00", "waybill_no": "SF1234567890"}),
)
async def send_notice(
    *, notice_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[Send], mails: Mails, if_match: IfMatch = None
) -> Response[Notice]:
    notice = await service.send(unit, actor, notice_id, data, if_match, can_mail=mails)
    return http.one(notice, notice.version)


@post(
    "/notices/{notice_id:uuid}/delivery-events",
    operation_id="recordDelivery",
    summary="Record what happened to a notice on its way",
    description="Arrival is judged anew over all events, by the clause in force at dispatch and by Civil Code 137. "
    "`decision` tells what that brought about; it is left out where the judgement stays. The same event again changes "
    "nothing; one from before the dispatch is refused, unless it is an earlier dispatch itself.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request={"event": "signed", "at": "2026-04-16T11:00:00+08:00"}),
)
async def record_delivery(
    notice_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[DeliveryEvent], if_match: IfMatch = None
) -> Response[Notice]:
    notice = await service.record_delivery(unit, actor, notice_id, data, if_match)
    return http.one(notice, notice.version)


@post(
    "/notices/{notice_id:uuid}/actions/withdraw",
    operation_id="withdrawNotice",
    summary="Withdraw a notice",
    description="Counts if the withdrawal arrives before the notice or together with it (Civil Code 141); 409 after.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request={"arrived_at": "2026-04-16T10:59:00+08:00"}),
)
async def withdraw_notice(
    notice_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[Withdrawal], if_match: IfMatch = None
) -> Response[Notice]:
    notice = await service.withdraw(unit, actor, notice_id, data, if_match)
    return http.one(notice, notice.version)


@post(
    "/notices/{notice_id:uuid}/actions/correct-delivery",
    operation_id="correctDelivery",
    summary="Put right what was recorded by mistake of a notice's way",
    description="Every step has its `no` in `deliveries`: a delivery event, a dispatch in person (`dispatched`), the "
    "arrival of a withdrawal (`withdrawn`; corrected away, the notice lives again). It stays on record and counts no "
    "longer; `replacement` counts in its place. The notice is judged anew, and what followed from the mistake is "
    "superseded. The key needs `corrections:write`, too.",
    tags=TAGS,
    guards=[WRITE, scope("corrections:write")],
    status_code=200,
    example=Example(request={"no": 2, "reason": "another parcel's receipt", "replacement": None}),
)
async def correct_delivery(
    notice_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[CorrectDelivery], if_match: IfMatch = None
) -> Response[Notice]:
    notice = await correcting.correct_delivery(unit, actor, notice_id, data, if_match)
    return http.one(notice, notice.version)


routes = [
    *proof_routes.routes,
    draft_notice,
    list_notices,
    get_notice,
    send_notice,
    record_delivery,
    withdraw_notice,
    correct_delivery,
]
