"""API keys over HTTP."""

from uuid import UUID

import msgspec
from litestar import Response

from clm.features.accounts import service
from clm.features.accounts.models import ApiKey, MadeApiKey, NewApiKey
from clm.kit.auth import scope
from clm.kit.given import Actor, Authenticator, Cursor, FromPath, JSONBody, Limit, Reads, Unit
from clm.kit.handlers import get, post
from clm.kit.http import StrictRequest
from clm.kit.openapi import Example
from clm.kit.paging import Page

_KEY = {
    "id": "01970000-0000-7000-8000-000000000001",
    "name": "ERP",
    "scopes": ["contracts:read", "contracts:write"],
    "clearance": "confidential",
    "created_at": "2026-01-05T02:00:00Z",
    "revoked_at": None,
}


@get(
    "/api-keys",
    operation_id="listApiKeys",
    summary="List the API keys",
    description="The tenant's keys, oldest first, revoked ones too. The keys themselves are not stored.",
    tags=["API keys"],
    guards=[scope("keys:read")],
    example=Example(response={"items": [_KEY], "next_cursor": None}),
)
async def list_keys(reads: Reads, limit: Limit = 50, cursor: Cursor = None) -> Page[ApiKey]:
    return await service.list_keys(reads, limit, cursor)


@post(
    "/api-keys",
    operation_id="createApiKey",
    summary="Make an API key",
    description="The answer is the only place where the key is shown; a repeated request answers without it. "
    "A key may not grant scopes, or a clearance for confidential files, that it lacks itself.",
    tags=["API keys"],
    guards=[scope("keys:write")],
    example=Example(
        request={"name": "ERP", "scopes": ["contracts:read", "contracts:write"]},
        response=_KEY | {"key": "clm_3J5v0yQm1r8m2JtYc0l9uXnQ4w7e6R5t4z3U2i1O0pA"},
    ),
)
async def create_key(
    request: StrictRequest, unit: Unit, actor: Actor, data: JSONBody[NewApiKey]
) -> Response[MadeApiKey]:
    made = await service.make(unit, actor, data)
    # What an idempotency key keeps must not hold the key.
    request.scope["state"]["kept_answer"] = msgspec.json.encode(msgspec.structs.replace(made, key=None))
    return Response(made, status_code=201, headers={"location": f"/v1/api-keys/{made.id}"})


@post(
    "/api-keys/{key_id:uuid}/actions/revoke",
    operation_id="revokeApiKey",
    summary="Revoke an API key",
    description="Ends the key at once in this process and within five seconds in others; it cannot be undone.",
    tags=["API keys"],
    guards=[scope("keys:write")],
    status_code=200,
    example=Example(response=_KEY | {"revoked_at": "2026-02-01T02:00:00Z"}),
)
async def revoke_key(unit: Unit, authenticator: Authenticator, key_id: FromPath[UUID]) -> ApiKey:
    return await service.revoke(unit, authenticator, key_id)


routes = [list_keys, create_key, revoke_key]
