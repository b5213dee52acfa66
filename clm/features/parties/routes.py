"""Parties over HTTP."""

from uuid import UUID

from litestar import Response

from clm.features.parties import service
from clm.features.parties.models import NewAddress, NewParty, Party, PartyPatch
from clm.kit import http
from clm.kit.auth import scope
from clm.kit.given import Cursor, FromPath, FromQuery, IfMatch, JSONBody, Limit, Reads, Unit
from clm.kit.handlers import get, patch, post
from clm.kit.openapi import Example
from clm.kit.paging import Page

TAGS = ["Parties"]
_NEW = {
    "legal_name": "上海示例科技有限公司",
    "kind": "legal_person",
    "uscc": "91310112087994932F",
    "size_class": "small",
    "legal_representative": "王芳",
    "contacts": [{"name": "李雷", "phone": "021-55550100", "email": "lilei@example.com"}],
}
_ADDRESS = {
    "channel": "courier",
    "address": "上海市闵行区示例路1号",
    "recipient": "李雷",
    "operates_from": "2026-01-05",
}
_PARTY = {
    "id": "01970000-0000-7000-8000-000000000001",
    **_NEW,
    "addresses": [{"no": 1, **_ADDRESS, "recorded_at": "2026-01-05T10:00:00+08:00"}],
    "version": 1,
    "created_at": "2026-01-05T10:00:00+08:00",
    "updated_at": "2026-01-05T10:00:00+08:00",
}


@post(
    "/parties",
    operation_id="createParty",
    summary="Record a party",
    description="The social credit code is checked. Addresses may follow later; an address without `operates_from` "
    "operates from today.",
    tags=TAGS,
    guards=[scope("parties:write")],
    example=Example(request=_NEW | {"addresses": [_ADDRESS]}, response=_PARTY),
)
async def create_party(unit: Unit, data: JSONBody[NewParty]) -> Response[Party]:
    party = await service.create(unit, data)
    return http.created(party, party.version, f"/v1/parties/{party.id}")


@get(
    "/parties",
    operation_id="listParties",
    summary="List the parties",
    description="Oldest first; `uscc` finds a code exactly, `q` the names that begin with it.",
    tags=TAGS,
    guards=[scope("parties:read")],
    example=Example(response={"items": [_PARTY], "next_cursor": None}),
)
async def list_parties(
    reads: Reads,
    uscc: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Party]:
    async with reads.snapshot() as db:
        return await service.find(db, limit, cursor, uscc=uscc, name=q)


@get(
    "/parties/{party_id:uuid}",
    operation_id="getParty",
    summary="Read a party",
    description="With its whole address book: past, present and announced addresses.",
    tags=TAGS,
    guards=[scope("parties:read")],
    example=Example(response=_PARTY),
)
async def get_party(reads: Reads, party_id: FromPath[UUID]) -> Response[Party]:
    async with reads.snapshot() as db:
        party = await service.one(db, party_id)
    return http.one(party, party.version)


@patch(
    "/parties/{party_id:uuid}",
    operation_id="changeParty",
    summary="Change a party",
    description="A merge patch: what is left out stays, null clears. The address book grows by its own path only.",
    tags=TAGS,
    guards=[scope("parties:write")],
    example=Example(request={"size_class": "medium", "legal_representative": None}, response=_PARTY),
)
async def change_party(
    unit: Unit, party_id: FromPath[UUID], data: JSONBody[PartyPatch], if_match: IfMatch = None
) -> Response[Party]:
    party = await service.change(unit, party_id, data, if_match)
    return http.one(party, party.version)


@post(
    "/parties/{party_id:uuid}/addresses",
    operation_id="addPartyAddress",
    summary="Add an address",
    description="From its day on it takes the place of the address of the same channel. Notices are judged by the "
    "address of the day they were sent.",
    tags=TAGS,
    guards=[scope("parties:write")],
    example=Example(request=_ADDRESS, response=_PARTY),
)
async def add_address(unit: Unit, party_id: FromPath[UUID], data: JSONBody[NewAddress]) -> Response[Party]:
    party = await service.add_address(unit, party_id, data)
    return http.created(party, party.version, f"/v1/parties/{party.id}")


routes = [create_party, list_parties, get_party, change_party, add_address]
