"""The change feed over HTTP, page by page or as server-sent events."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request
from litestar.di import Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from clm.features.events import service
from clm.features.events.models import Feed, Wanted
from clm.kit.auth import scope
from clm.kit.given import Actor, Authenticator, Cursor, Database, Limit, NamedDependency, Reads
from clm.kit.handlers import get
from clm.kit.openapi import Example

_Type = Annotated[
    str | None, QueryParameter(name="type", description="Only events of this type, such as clm.attachment.added.")
]
_Contract = Annotated[UUID | None, QueryParameter(description="Only events of this contract.")]


def provide_wanted(contract_id: _Contract = None, event_type: _Type = None) -> Wanted:
    """Which events the request asks for."""
    return Wanted(contract_id, event_type)


_Given = NamedDependency[Wanted]
_WANTED = {"wanted": Provide(provide_wanted, sync_to_thread=False)}

_EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "01970000-0000-7000-8000-000000000061",
    "source": "/v1/contracts/01970000-0000-7000-8000-000000000021",
    "type": "clm.attachment.added",
    "time": "2026-03-05T10:00:00+08:00",
    "subject": "01970000-0000-7000-8000-000000000021",
    "datacontenttype": "application/json",
    "data": {
        "contract_id": "01970000-0000-7000-8000-000000000021",
        "no": 7,
        "at": "2026-03-05T10:00:00+08:00",
        "recorded_at": "2026-03-05T10:00:01+08:00",
        "status": "effective",
        "configuration": ["in_force", "performing", "amendment.none", "termination.none"],
        "outcome": None,
        "transition": None,
        "rule": "14.2",
        "explanation": "Version 1 of the attachment 名单.csv (calling_list) was stored.",
        "terms_version": 1,
        "fact_id": None,
        "timer_key": None,
        "actor": "01970000-0000-7000-8000-000000000001",
        "superseded_at": None,
        "superseded_by": None,
        "evidence": [],
        "details": {"attachment_id": "01970000-0000-7000-8000-000000000041", "no": 1},
    },
}


_CURSOR = "Wzc0MiwiMDE5NzAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDYxIl0"
_MESSAGE = f'id: {_CURSOR}\nevent: {_EVENT["type"]}\ndata: {{"specversion": "1.0", "id": "{_EVENT["id"]}", ...}}\n\n'


@get(
    "/events",
    operation_id="listEvents",
    summary="Read the change feed",
    description="Every decision about every contract, in the order of their commits, as CloudEvents 1.0. "
    "`next_cursor` is always given: ask again with it to get what came since. No event is skipped, however late its "
    "transaction commits.",
    tags=["Events"],
    dependencies=_WANTED,
    guards=[scope("events:read")],
    example=Example(response={"items": [_EVENT], "next_cursor": _CURSOR}),
)
async def list_events(
    reads: Reads,
    wanted: _Given,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Feed:
    return await service.feed(reads, wanted, limit, cursor)


@get(
    "/events/stream",
    operation_id="streamEvents",
    summary="Follow the change feed",
    description="The feed as server-sent events, from `cursor` on, or from its start. Each event's `id` is its cursor; "
    "send the last one as `Last-Event-ID` to go on after a break. A comment comes when all is quiet for 15 seconds.",
    tags=["Events"],
    dependencies=_WANTED,
    guards=[scope("events:read")],
    media_type="text/event-stream",
    responses={
        200: ResponseSpec(
            str, description="Events without end.", media_type="text/event-stream", generate_examples=False
        )
    },
    example=Example(response=_MESSAGE),
)
async def stream_events(
    *,
    request: Request[Any, Any, Any],
    database: Database,
    authenticator: Authenticator,
    actor: Actor,
    wanted: _Given,
    cursor: Cursor = None,
    last_event_id: Annotated[str | None, HeaderParameter(name="Last-Event-ID")] = None,
) -> Stream:
    reads = database.reads(actor.tenant)
    first = await service.after(reads, service.position(last_event_id or cursor), wanted, service.STREAM_BATCH)
    authorization = request.headers.get("authorization", "")
    return Stream(
        service.stream(reads, wanted, first, lambda: authenticator.actor(authorization)),
        status_code=200,
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


routes = [list_events, stream_events]
