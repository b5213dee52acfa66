"""Amendments over HTTP."""

from typing import Annotated, Any, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from clm.features.amendments import preview, service
from clm.features.amendments.models import (
    Amendment,
    AmendmentDecided,
    AmendmentPreview,
    DeclareUnclear,
    DropAmendment,
    GiveUpCondition,
    MeetCondition,
    NewAmendment,
)
from clm.features.contracts.service import DecisionOut
from clm.kit import db, http
from clm.kit.auth import scope
from clm.kit.given import Actor, Cursor, FromPath, IfMatch, JSONBody, Limit, Reads, Unit
from clm.kit.handlers import get, post
from clm.kit.http import StrictRequest
from clm.kit.openapi import Example
from clm.kit.paging import Page
from clm.lifecycle import facts

TAGS = ["Amendments"]
READ, WRITE = scope("contracts:read"), scope("contracts:write")
DryRun: TypeAlias = Annotated[bool, QueryParameter(description="Try it: answer with what would follow, store nothing")]
_NEW = {
    "changes": [{"op": "replace", "path": "/terms/payment/late/rate_per_day", "value": "0.0003"}],
    "rationale": "Lower the late-payment rate",
    "effective": {"on": "2026-05-01"},
    "answer_within": {"length": 10, "unit": "day"},
}


@post(
    "/contracts/{contract_id:uuid}/amendments",
    operation_id="proposeAmendment",
    summary="Propose an amendment, or try one",
    description="The terms in force stay until every party has executed it, its date is reached and its conditions are "
    "met. One at a time. After the end of the contract only terms that survive it can be amended (T15). "
    "With `dry_run=true` nothing is stored, and no idempotency key is used up: the answer is 200 with the terms and "
    "the timers as they would be.",
    tags=TAGS,
    guards=[WRITE],
    responses={200: ResponseSpec(AmendmentPreview, description="A preview.", generate_examples=False)},
    example=Example(request=_NEW),
)
async def propose_amendment(
    request: StrictRequest,
    contract_id: FromPath[UUID],
    unit: Unit,
    actor: Actor,
    data: JSONBody[NewAmendment],
    if_match: IfMatch = None,
    *,
    dry_run: DryRun = False,
) -> Response[AmendmentDecided]:
    if dry_run:
        return await _preview(request, contract_id, unit, data, if_match)
    amendment_id, decision = await service.propose(unit, actor, contract_id, data, if_match)
    amendment = await service.by_id(unit, amendment_id)
    return http.created(_decided(amendment, decision), amendment.version, f"/v1/amendments/{amendment_id}")


async def _preview(
    request: StrictRequest, contract_id: UUID, unit: db.Unit, new: NewAmendment, if_match: str | None
) -> Response[Any]:
    request.scope["state"]["only_tries"] = True
    found = await preview.preview(unit.database.reads(unit.tenant), contract_id, new, if_match)
    return Response(found, status_code=200)


@get(
    "/contracts/{contract_id:uuid}/amendments",
    operation_id="listAmendments",
    summary="List a contract's amendments",
    description="Oldest first, each with its status and who has executed it.",
    tags=TAGS,
    guards=[READ],
)
async def list_amendments(
    contract_id: FromPath[UUID],
    reads: Reads,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Amendment]:
    return await service.of_contract(reads, contract_id, limit, cursor)


@get(
    "/amendments/{amendment_id:uuid}",
    operation_id="getAmendment",
    summary="Read an amendment",
    description="Its changes, conditions and executions, by when it must be executed, and from when it applies.",
    tags=TAGS,
    guards=[READ],
)
async def get_amendment(amendment_id: FromPath[UUID], reads: Reads) -> Response[Amendment]:
    amendment = await service.one(reads, amendment_id)
    return http.one(amendment, amendment.version)


@post(
    "/amendments/{amendment_id:uuid}/actions/execute",
    operation_id="executeAmendment",
    summary="Record that a party has executed the amendment",
    description="By a rule as strict as the contract's own: `/terms/amendments/execution` may ask for more, never for "
    "less. With the last execution it is agreed, and waits for its date and its conditions. Silence executes nothing.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request={"party": "A", "method": "seal", "at": "2026-04-10T10:00:00+08:00"}),
)
async def execute_amendment(
    amendment_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[facts.Execute], if_match: IfMatch = None
) -> Response[AmendmentDecided]:
    return await _act(unit, actor, amendment_id, "amendment.execute", data, if_match)


@post(
    "/amendments/{amendment_id:uuid}/actions/reject",
    operation_id="rejectAmendment",
    summary="Record that the other party declines",
    description="The version in force stays (T13). What every party has executed cannot be declined any more.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
)
async def reject_amendment(
    amendment_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[DropAmendment], if_match: IfMatch = None
) -> Response[AmendmentDecided]:
    return await _act(unit, actor, amendment_id, "amendment.reject", data, if_match)


@post(
    "/amendments/{amendment_id:uuid}/actions/withdraw",
    operation_id="withdrawAmendment",
    summary="Record that the proposer takes it back",
    description="The version in force stays (T13). What every party has executed cannot be taken back alone.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
)
async def withdraw_amendment(
    amendment_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[DropAmendment], if_match: IfMatch = None
) -> Response[AmendmentDecided]:
    return await _act(unit, actor, amendment_id, "amendment.withdraw", data, if_match)


@post(
    "/amendments/{amendment_id:uuid}/actions/satisfy-condition",
    operation_id="satisfyAmendmentCondition",
    summary="Record that a condition of the amendment is met",
    description="It applies from the latest of agreement, first day and conditions. Where the contract asks for an "
    "approval, the amendment needs it too (502(3)), as the condition `approval`.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request={"condition": "approval", "at": "2026-04-20T15:00:00+08:00"}),
)
async def satisfy_condition(
    amendment_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[MeetCondition], if_match: IfMatch = None
) -> Response[AmendmentDecided]:
    return await _act(unit, actor, amendment_id, "amendment.satisfy-condition", data, if_match)


@post(
    "/amendments/{amendment_id:uuid}/actions/fail-condition",
    operation_id="failAmendmentCondition",
    summary="Record that a condition of the amendment cannot be met",
    description="Or that its approval was refused: the amendment is void, the version in force stays (T13).",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request={"condition": "approval", "reason": "The authority has refused it"}),
)
async def fail_condition(
    amendment_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[GiveUpCondition], if_match: IfMatch = None
) -> Response[AmendmentDecided]:
    return await _act(unit, actor, amendment_id, "amendment.fail-condition", data, if_match)


@post(
    "/amendments/{amendment_id:uuid}/actions/declare-unclear",
    operation_id="declareAmendmentUnclear",
    summary="Record that the amendment is unclear",
    description="What it would change cannot be told from its text, so the contract is presumed unchanged (544), also "
    "where every party has executed it. One that applies stays: then a court decides (`record-decision`).",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request={"reason": "'Adjusted as appropriate' names no price"}),
)
async def declare_unclear(
    amendment_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[DeclareUnclear], if_match: IfMatch = None
) -> Response[AmendmentDecided]:
    return await _act(unit, actor, amendment_id, "amendment.declare-unclear", data, if_match)


async def _act(
    unit: Unit, actor: Actor, amendment_id: UUID, kind: str, body: facts.Body, if_match: str | None
) -> Response[AmendmentDecided]:
    decision = await service.act(unit, actor, amendment_id, kind, body, if_match)
    amendment = await service.by_id(unit, amendment_id)
    return http.one(_decided(amendment, decision), amendment.version)


def _decided(amendment: Amendment, decision: DecisionOut) -> AmendmentDecided:
    return AmendmentDecided(**msgspec.structs.asdict(amendment), decision=decision)


routes = [
    propose_amendment,
    list_amendments,
    get_amendment,
    execute_amendment,
    reject_amendment,
    withdraw_amendment,
    satisfy_condition,
    fail_condition,
    declare_unclear,
]
