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
    DropAmendment,
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
}


@post(
    "/contracts/{contract_id:uuid}/amendments",
    operation_id="proposeAmendment",
    summary="Propose an amendment, or try one",
    description="The terms in force stay until every party has executed it and its date is reached. One at a time. "
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
    description="Its changes, executions and the instant from which it applies.",
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
    description="By the contract's own execution rule. With the last one it is agreed and waits for its date.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request={"party": "A", "method": "seal", "at": "2026-04-10T10:00:00+08:00"}),
)
async def execute_amendment(
    amendment_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[facts.Execute], if_match: IfMatch = None
) -> Response[AmendmentDecided]:
    decision = await service.execute(unit, actor, amendment_id, data, if_match)
    return await _answer(unit, amendment_id, decision)


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
    decision = await service.reject(unit, actor, amendment_id, data, if_match)
    return await _answer(unit, amendment_id, decision)


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
    decision = await service.withdraw(unit, actor, amendment_id, data, if_match)
    return await _answer(unit, amendment_id, decision)


async def _answer(unit: Unit, amendment_id: UUID, decision: DecisionOut) -> Response[AmendmentDecided]:
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
]
