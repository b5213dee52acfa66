"""Confidentiality over HTTP."""

from uuid import UUID

from litestar import Response

from clm.features.confidentiality import access, reading, service, step_routes
from clm.features.confidentiality.models import Access, Attach, Confidentiality, ConfirmReturn, Item, NewItem, Permit
from clm.kit import http
from clm.kit.auth import scope
from clm.kit.given import Actor, Cursor, FromPath, IfMatch, JSONBody, Limit, Reads, Unit
from clm.kit.handlers import get, post
from clm.kit.openapi import Example
from clm.kit.paging import Page

TAGS = ["Confidentiality"]
READ, WRITE = scope("confidentiality:read"), scope("confidentiality:write")
_FILE = "01970000-0000-7000-8000-000000000001"
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
_ACCESS = {
    "id": _FILE,
    "attachment_id": _FILE,
    "item_id": None,
    "name": "名单.csv",
    "version": 1,
    "how": "content",
    "by": _FILE,
    "key_name": "ERP",
    "granted": True,
    "at": "2026-03-06T09:00:00+08:00",
}


@post(
    "/contracts/{contract_id:uuid}/confidential-items",
    operation_id="discloseItem",
    summary="Record a confidential item",
    description="In any state, drafts too: the duty begins with disclosure, whether or not a contract forms (501). The "
    "files that hold it (`attachments`) are then read by keys with clearance only, and each reading is on record.",
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
    "/contracts/{contract_id:uuid}/confidential-access",
    operation_id="listConfidentialAccess",
    summary="List who read a contract's confidential files",
    description="Every reading of what is in a file while a confidential item named it (its bytes, a link to them, its "
    "text, a comparison, a search hit), and every try that was refused, also to end or loosen what protects an item; "
    "oldest first.",
    tags=TAGS,
    guards=[READ],
    example=Example(response={"items": [_ACCESS], "next_cursor": None}),
)
async def list_access(
    contract_id: FromPath[UUID], reads: Reads, limit: Limit = 50, cursor: Cursor = None
) -> Page[Access]:
    return await access.of_contract(reads, contract_id, limit, cursor)


@get(
    "/attachments/{attachment_id:uuid}/accesses",
    operation_id="listAttachmentAccesses",
    summary="List who read a file while it was confidential",
    description="Oldest first; refused tries too.",
    tags=TAGS,
    guards=[READ],
    example=Example(response={"items": [_ACCESS], "next_cursor": None}),
)
async def list_accesses(
    attachment_id: FromPath[UUID], reads: Reads, limit: Limit = 50, cursor: Cursor = None
) -> Page[Access]:
    return await access.of_attachment(reads, attachment_id, limit, cursor)


@get(
    "/confidential-items/{item_id:uuid}",
    operation_id="getConfidentialItem",
    summary="Read a confidential item",
    description="With the end of its duty, or what it waits for, the basis, and every step that was recorded of it.",
    tags=TAGS,
    guards=[READ],
)
async def get_item(item_id: FromPath[UUID], reads: Reads) -> Response[Item]:
    item = await reading.one(reads, item_id)
    return http.one(item, item.version)


@post(
    "/confidential-items/{item_id:uuid}/actions/attach",
    operation_id="attachToItem",
    summary="Name more files that hold an item",
    description="From then on they are confidential too.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request={"attachments": [_FILE]}),
)
async def attach_to_item(
    item_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[Attach], if_match: IfMatch = None
) -> Response[Item]:
    item = await service.attach(unit, actor, item_id, data, if_match)
    return http.one(item, item.version)


@post(
    "/confidential-items/{item_id:uuid}/actions/permit",
    operation_id="permitDisclosure",
    summary="Record a disclosure that the law compels",
    description="Listed in `permitted_disclosures`; towards everybody else the item stays confidential. The owner is "
    "told before it, by a notice of the type compelled_disclosure (`notice_id`) or otherwise (`owner_notified_at`), "
    "unless a law forbids that (`notice_forbidden`); `lacks` says where it was not (R-C9).",
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
    description="The duty stays as it is. When it ends, or for personal information the contract, every recipient "
    "confirms within the period for the return of data; `return_confirmation` says who is missing, and whose return of "
    "personal information lacks its certificate (R-C6, R-C7). Once for each; the evidence may come later, by the same "
    "again with it. Takes a key with clearance.",
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
    list_access,
    list_accesses,
    get_item,
    attach_to_item,
    permit_disclosure,
    confirm_return,
    *step_routes.routes,
]
