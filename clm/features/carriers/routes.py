"""Carriers over HTTP; what they report comes in outside the API proper, signed instead of with a key."""

import asyncio
from uuid import UUID

from litestar import Response
from litestar import post as open_post

from clm.features.carriers import service
from clm.features.carriers.models import Carrier, CarrierEvent, CarrierWithSecret, EventStatus, NewCarrier
from clm.kit.auth import scope
from clm.kit.given import Cursor, Database, FromPath, FromQuery, JSONBody, Limit, Reads, Unit, Vault
from clm.kit.handlers import get, post
from clm.kit.http import StrictRequest
from clm.kit.openapi import Example
from clm.kit.paging import Page
from clm.kit.problems import Problem

TAGS = ["Carriers"]
READ, WRITE = scope("carriers:read"), scope("carriers:write")
REPORT_AT_MOST = 64 * 1024
REPORT_SECONDS = 30.0


@post(
    "/carriers",
    operation_id="createCarrier",
    summary="Let a carrier report",
    description="Answers with the path for its reports and the secret that signs them (Standard Webhooks): shown "
    "this once.",
    tags=TAGS,
    guards=[WRITE],
    example=Example(request={"name": "顺丰"}),
)
async def create_carrier(unit: Unit, vault: Vault, data: JSONBody[NewCarrier]) -> Response[CarrierWithSecret]:
    made = await service.add(unit, vault, data)
    return Response(made, status_code=201, headers={"location": f"/v1/carriers/{made.id}"})


@get(
    "/carriers",
    operation_id="listCarriers",
    summary="List the carriers",
    description="In the order of their making, without their secrets.",
    tags=TAGS,
    guards=[READ],
)
async def list_carriers(reads: Reads, limit: Limit = 50, cursor: Cursor = None) -> Page[Carrier]:
    return await service.page(reads, limit, cursor)


@get(
    "/carriers/{carrier_id:uuid}",
    operation_id="getCarrier",
    summary="Read a carrier",
    description="Without its secret.",
    tags=TAGS,
    guards=[READ],
)
async def get_carrier(carrier_id: FromPath[UUID], reads: Reads) -> Carrier:
    return await service.get(reads, carrier_id)


@get(
    "/carriers/{carrier_id:uuid}/events",
    operation_id="listCarrierEvents",
    summary="List what a carrier has reported",
    description="Oldest first. `unmatched`: nothing left under that number yet; it is taken up when something does. "
    "`refused`: it cannot be a step of the notice, and `problem` says why.",
    tags=TAGS,
    guards=[READ],
)
async def list_events(
    carrier_id: FromPath[UUID],
    reads: Reads,
    status: FromQuery[EventStatus | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[CarrierEvent]:
    return await service.events(reads, carrier_id, status, limit, cursor)


@post(
    "/carriers/{carrier_id:uuid}/actions/rotate-secret",
    operation_id="rotateCarrierSecret",
    summary="Give a carrier a new secret",
    description="The old one signs nothing any more.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
)
async def rotate_secret(carrier_id: FromPath[UUID], unit: Unit, vault: Vault) -> CarrierWithSecret:
    return await service.rotate(unit, vault, carrier_id)


@post(
    "/carriers/{carrier_id:uuid}/actions/end",
    operation_id="endCarrier",
    summary="Take no more reports of a carrier",
    description="What it has reported stays.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
)
async def end_carrier(carrier_id: FromPath[UUID], unit: Unit) -> Carrier:
    return await service.end(unit, carrier_id)


@open_post("/inbound/carriers/{carrier_id:uuid}", status_code=200, include_in_schema=False)
async def take_report(
    request: StrictRequest, database: Database, vault: Vault, carrier_id: FromPath[UUID]
) -> CarrierEvent:
    body = bytearray()
    try:
        async with asyncio.timeout(REPORT_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > REPORT_AT_MOST:
                    raise Problem("too-large", f"A report has {REPORT_AT_MOST} bytes at most.")
    except TimeoutError:
        raise Problem("timeout", f"A report arrives within {REPORT_SECONDS:.0f} seconds.") from None
    return await service.take(database, vault, carrier_id, request.headers, bytes(body))


routes = [create_carrier, list_carriers, get_carrier, list_events, rotate_secret, end_carrier]
outside = [take_report]
