"""Timers and the test clock over HTTP."""

from uuid import UUID

from clm.features.timers import service
from clm.features.timers.models import Advance, Advanced, TestClock, TimerOut, TimerStatus
from clm.features.timers.service import GivenFire
from clm.kit.auth import scope
from clm.kit.given import Actor, Cursor, Database, FromPath, FromQuery, JSONBody, Limit, Reads
from clm.kit.handlers import get, post
from clm.kit.openapi import Example
from clm.kit.paging import Page

TAGS = ["Timers"]


@get(
    "/timers",
    operation_id="listTimers",
    summary="List timers of all contracts",
    description="By due date. `status=armed` is everything that will happen by itself.",
    tags=TAGS,
    guards=[scope("contracts:read")],
)
async def list_timers(
    reads: Reads,
    database: Database,
    fire: GivenFire,
    status: FromQuery[TimerStatus | None] = None,
    kind: FromQuery[str | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TimerOut]:
    await service.catch_up(database, reads.tenant, fire)
    return await service.page(reads, status=status, kind=kind, limit=limit, cursor=cursor)


@get(
    "/contracts/{contract_id:uuid}/timers",
    operation_id="listContractTimers",
    summary="List the timers of a contract",
    description="By due date, each with the basis it was computed from.",
    tags=TAGS,
    guards=[scope("contracts:read")],
)
async def list_contract_timers(
    contract_id: FromPath[UUID],
    reads: Reads,
    database: Database,
    fire: GivenFire,
    status: FromQuery[TimerStatus | None] = None,
    kind: FromQuery[str | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TimerOut]:
    await service.catch_up(database, reads.tenant, fire, contract_id)
    async with reads.snapshot() as db:
        return await service.page(db, contract_id=contract_id, status=status, kind=kind, limit=limit, cursor=cursor)


@get(
    "/test-clock",
    operation_id="getTestClock",
    summary="Read the test clock",
    description="404 for a tenant that lives in real time.",
    tags=["Test clock"],
    guards=[scope("test-clock:read")],
)
async def get_test_clock(reads: Reads) -> TestClock:
    return await service.test_clock(reads)


@post(
    "/test-clock/actions/advance",
    operation_id="advanceTestClock",
    summary="Move the test clock forward",
    description="Everything due on the way fires, in order, before the answer. A move back is a 422.",
    tags=["Test clock"],
    guards=[scope("test-clock:write")],
    status_code=200,
    example=Example(
        request={"to": "2026-03-01T00:00:01+08:00"}, response={"now": "2026-03-01T00:00:01+08:00", "fired": []}
    ),
)
async def advance_test_clock(data: JSONBody[Advance], actor: Actor, database: Database, fire: GivenFire) -> Advanced:
    return await service.advance(database, actor.tenant, data.to, fire)


routes = [list_timers, list_contract_timers, get_test_clock, advance_test_clock]
