"""Amendments over HTTP."""

from uuid import UUID

import msgspec
from litestar import Response

from clm.features.amendments import service
from clm.features.amendments.models import Amendment, AmendmentDecided, DropAmendment, NewAmendment
from clm.features.contracts.service import DecisionOut
from clm.kit import http
from clm.kit.auth import scope
from clm.kit.given import Actor, Cursor, FromPath, IfMatch, JSONBody, Limit, Reads, Unit
from clm.kit.handlers import get, post
from clm.kit.openapi import Example
from clm.kit.paging import Page
from clm.lifecycle import facts

TAGS = ["Amendments"]
READ, WRITE = scope("contracts:read"), scope("contracts:write")
_NEW = {
    "changes": [{"op": "replace", "path": "/terms/payment/late/rate_per_day", "value": "0.0003"}],
    "rationale": "Lower the late-payment rate",
    "effective": {"on": "2026-05-01"},
}


@post(
    "/contracts/{contract_id:uuid}/amendments",
    operation_id="proposeAmendment",
    summary="Propose an amendment",
    description="The terms in force stay until every party has executed it and its date is reached. One at a time.",
    tags=TAGS,
    guards=[WRITE],
    example=Example(request=_NEW),
)
async def propose_amendment(
    contract_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[NewAmendment], if_match: IfMatch = None
) -> Response[AmendmentDecided]:
    amendment_id, decision = await service.propose(unit, actor, contract_id, data, if_match)
    amendment = await service.by_id(unit, amendment_id)
    return http.created(_decided(amendment, decision), amendment.version, f"/v1/amendments/{amendment_id}")


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
