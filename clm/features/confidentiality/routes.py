"""Confidentiality over HTTP."""

from uuid import UUID

from litestar import Response

from clm.features.confidentiality import reading, service
from clm.features.confidentiality.models import Confidentiality, ConfirmReturn, Item, NewItem, Permit, Release
from clm.kit import http
from clm.kit.auth import scope
from clm.kit.given import Actor, Cursor, FromPath, IfMatch, JSONBody, Limit, Reads, Unit
from clm.kit.handlers import get, post
from clm.kit.openapi import Example
from clm.kit.paging import Page

TAGS = ["Confidentiality"]
READ, WRITE = scope("confidentiality:read"), scope("confidentiality:write")
_NEW = {
    "name": "客户名单",
    "class": "ordinary",
    "owner": "A",
    "recipients": ["B"],
    "disclosed_at": "2026-03-05T10:00:00+08:00",
}
_PERMIT = {
    "authority": "上海市闵行区人民法院",
    "legal_basis": "民事诉讼法第七十条",
    "scope": "与本案有关的通话记录",
    "at": "2027-05-10T09:00:00+08:00",
}


@post(
    "/contracts/{contract_id:uuid}/confidential-items",
    operation_id="discloseItem",
    summary="Record a confidential item",
    description="In any state, drafts too: the duty begins with disclosure, whether or not a contract forms (501).",
    tags=TAGS,
    guards=[WRITE],
    example=Example(request=_NEW),
)
async def disclose_item(
    contract_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[NewItem]
) -> Response[Item]:
    item = await service.disclose(unit, actor, contract_id, data)
    return http.created(item, item.version, f"/v1/confidential-items/{item.id}")


@get(
    "/contracts/{contract_id:uuid}/confidential-items",
    operation_id="listConfidentialItems",
    summary="List a contract's confidential items",
    description="Oldest first.",
    tags=TAGS,
    guards=[READ],
)
async def list_items(
    contract_id: FromPath[UUID],
    reads: Reads,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Item]:
    return await reading.page(reads, contract_id, limit, cursor)


@get(
    "/contracts/{contract_id:uuid}/confidentiality",
    operation_id="getConfidentiality",
    summary="How long each item stays confidential",
    description="Computed from the contract as it stands: an end of the contract, an amendment or a judgment moves it.",
    tags=TAGS,
    guards=[READ],
)
async def get_confidentiality(contract_id: FromPath[UUID], reads: Reads) -> Confidentiality:
    return await reading.everything(reads, contract_id)


@get(
    "/confidential-items/{item_id:uuid}",
    operation_id="getConfidentialItem",
    summary="Read a confidential item",
    description="With the end of its duty, or what it waits for, and the basis.",
    tags=TAGS,
    guards=[READ],
)
async def get_item(item_id: FromPath[UUID], reads: Reads) -> Response[Item]:
    item = await reading.one(reads, item_id)
    return http.one(item, item.version)


@post(
    "/confidential-items/{item_id:uuid}/actions/release",
    operation_id="releaseItem",
    summary="Record that an item is released",
    description="For this item only, and not for the past. 409 where no agreed duty is left.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request={"reason": "public", "at": "2026-08-08T09:00:00+08:00"}),
)
async def release_item(
    item_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[Release], if_match: IfMatch = None
) -> Response[Item]:
    item = await service.release(unit, actor, item_id, data, if_match)
    return http.one(item, item.version)


@post(
    "/confidential-items/{item_id:uuid}/actions/permit",
    operation_id="permitDisclosure",
    summary="Record a disclosure that the law compels",
    description="Listed in `permitted_disclosures`; towards everybody else the item stays confidential.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request=_PERMIT),
)
async def permit_disclosure(
    item_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[Permit], if_match: IfMatch = None
) -> Response[Item]:
    item = await service.permit(unit, actor, item_id, data, if_match)
    return http.one(item, item.version)


@post(
    "/confidential-items/{item_id:uuid}/actions/confirm-return",
    operation_id="confirmReturn",
    summary="Record that a recipient gave an item back or destroyed it",
    description="Goes on record; the duty stays as it is.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request={"party": "B", "method": "destroyed", "at": "2026-06-01T10:00:00+08:00"}),
)
async def confirm_return(
    item_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[ConfirmReturn], if_match: IfMatch = None
) -> Response[Item]:
    item = await service.confirm_return(unit, actor, item_id, data, if_match)
    return http.one(item, item.version)


routes = [
    disclose_item,
    list_items,
    get_confidentiality,
    get_item,
    release_item,
    permit_disclosure,
    confirm_return,
]
