"""What notices are to say, how they are proven, why they arrived, and what is to be done about them, over HTTP."""

from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from litestar import Response
from litestar.params import QueryParameter

from clm.features.notices import explaining, proving, service, tasks
from clm.features.notices.models import DismissTask, NoticeDraft, Task
from clm.features.notices.proof_models import ExplainedArrival, NewEvidence, NoticeTypeOut, Preview, Proof
from clm.kit.auth import scope
from clm.kit.given import Actor, Cursor, FromPath, FromQuery, JSONBody, Limit, Reads, Unit
from clm.kit.handlers import get, post
from clm.kit.openapi import Example
from clm.kit.paging import Page

TAGS = ["Notices"]
READ, WRITE = scope("notices:read"), scope("notices:write")
_OfKind: TypeAlias = Annotated[
    Literal["review", "fallback"] | None, QueryParameter(name="kind", description="Tasks of this kind only")
]
_PREVIEW = {
    "type": "cure_notice",
    "from": "A",
    "to": "B",
    "channel": "courier",
    "template": "zh",
    "ground": "material_breach",
    "details": {"facts": "四月接通率低于约定"},
}


@get(
    "/notice-types",
    operation_id="listNoticeTypes",
    summary="List the types of notices",
    description="What each is to say and why, what its arrival moves, and its templates in Chinese and English.",
    tags=TAGS,
    guards=[READ],
)
async def list_notice_types() -> Page[NoticeTypeOut]:
    return Page(explaining.types(), None)


@get(
    "/notice-types/{notice_type:str}",
    operation_id="getNoticeType",
    summary="Read a type of notice",
    description="What it is to say and why, what its arrival moves, and its templates.",
    tags=TAGS,
    guards=[READ],
)
async def get_notice_type(notice_type: FromPath[str]) -> NoticeTypeOut:
    return explaining.type_of(notice_type)


@post(
    "/contracts/{contract_id:uuid}/notices/preview",
    operation_id="previewNotice",
    summary="See how a notice would read",
    description="Takes what a draft takes, fills the template in, and says what is missing. Nothing is stored.",
    tags=TAGS,
    guards=[scope("notices:write")],
    status_code=200,
    example=Example(request=_PREVIEW),
)
async def preview_notice(contract_id: FromPath[UUID], unit: Unit, data: JSONBody[NoticeDraft]) -> Preview:
    return await service.preview(unit, contract_id, data)


@get(
    "/notices/{notice_id:uuid}/arrival",
    operation_id="explainArrival",
    summary="Explain when a notice arrived",
    description="Every way that was weighed, the earliest first, and what was recorded and is no arrival, with rules.",
    tags=TAGS,
    guards=[READ],
)
async def explain_arrival(notice_id: FromPath[UUID], reads: Reads) -> ExplainedArrival:
    return await explaining.arrival(reads, notice_id)


@get(
    "/notices/{notice_id:uuid}/evidence",
    operation_id="getNoticeEvidence",
    summary="Read the evidence of a notice",
    description="For every channel that it went by: what should be kept (R-N9), what is held by its hash, what is not.",
    tags=TAGS,
    guards=[READ],
)
async def get_evidence(notice_id: FromPath[UUID], reads: Reads) -> Proof:
    return await proving.proof(reads, notice_id)


@post(
    "/notices/{notice_id:uuid}/evidence",
    operation_id="holdNoticeEvidence",
    summary="Hold a file as evidence of a notice",
    description="The newest version of an attachment of the contract, as an item of the channel's evidence. It is kept "
    "as long as the contract's own record from then on. The same again changes nothing.",
    tags=TAGS,
    guards=[WRITE],
    example=Example(
        request={"attachment_id": "01970000-0000-7000-8000-000000000041", "item": "content_scan", "channel": "courier"}
    ),
)
async def hold_evidence(
    notice_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[NewEvidence]
) -> Response[Proof]:
    proof = await proving.add(unit, actor, notice_id, data)
    return Response(proof, status_code=201, headers={"location": f"/v1/notices/{notice_id}/evidence"})


@get(
    "/notice-tasks",
    operation_id="listNoticeTasks",
    summary="List what is to be done about notices",
    description="Reviews of defective notices, and notices that did not get through and need another channel.",
    tags=TAGS,
    guards=[READ],
)
async def list_tasks(
    reads: Reads,
    status: FromQuery[Literal["open", "closed"] | None] = None,
    of_kind: _OfKind = None,
    contract_id: FromQuery[UUID | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Task]:
    return await tasks.page(reads, contract_id=contract_id, kind=of_kind, status=status, limit=limit, cursor=cursor)


@post(
    "/notice-tasks/{task_id:uuid}/actions/dismiss",
    operation_id="dismissNoticeTask",
    summary="Close a task of which nothing is to be done",
    description="Tasks close by themselves when the notice is sent again, arrives, is withdrawn, or is corrected.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request={"reason": "双方已当面确认"}),
)
async def dismiss_task(task_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[DismissTask]) -> Task:
    return await tasks.dismiss(unit, actor, task_id, data)


routes = [
    list_notice_types,
    get_notice_type,
    preview_notice,
    explain_arrival,
    get_evidence,
    hold_evidence,
    list_tasks,
    dismiss_task,
]
