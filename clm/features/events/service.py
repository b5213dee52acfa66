"""The change feed, and the same as server-sent events.

Events are ordered by the transaction that stored them and then by id, and shown once no older transaction is open
anywhere on the server. So a reader who goes on from a cursor misses nothing, at the price that one long transaction
holds the feed back.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
import structlog

from clm.features.events.models import Batch, CloudEvent, EventData, Feed, Position, Wanted
from clm.kit import paging, problems
from clm.kit import sql as sql_files
from clm.kit.db import Queries
from clm.kit.problems import Problem

sql = sql_files.load(__package__)
log = structlog.get_logger("clm.events")

PREFIX = "clm."
START = Position(0, UUID(int=0))
POLL_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
STREAM_BATCH = 100
_TXID_AT_MOST = 2**63 - 1


async def feed(db: Queries, wanted: Wanted, limit: int, cursor: str | None) -> Feed:
    """The events after a cursor, or from the first one on; raises Problem 422 for a bad limit or cursor."""
    batch = await after(db, position(cursor), wanted, paging.limit_of(limit))
    return Feed([event for _, event in batch.items], paging.encode(batch.position))


def position(cursor: str | None) -> Position:
    """The place that a cursor stands for; the start of the feed without one."""
    place = paging.decode(cursor, Position) or START
    if not 0 <= place.txid <= _TXID_AT_MOST:
        raise problems.invalid("/cursor", "The cursor is not one that this list gave out.")
    return place


async def after(db: Queries, place: Position, wanted: Wanted, limit: int) -> Batch:
    """Up to `limit` events after a place.

    A batch that is not full has seen everything below the watermark, so it goes on from there: a reader who asks for
    few of many events does not read over the others again.
    """
    kind = None if wanted.type is None else wanted.type.removeprefix(PREFIX)
    rows = await db.all(sql.feed, place.txid, place.id, wanted.contract_id, kind, limit)
    items = [(Position(row["txid"], row["id"]), _event(row)) for row in rows if row["id"] is not None]
    if len(items) == limit:
        return Batch(items, items[-1][0])
    watermark = Position(rows[0]["watermark"], START.id)
    return Batch(items, watermark if watermark.txid > place.txid else place)


async def stream(
    db: Queries, wanted: Wanted, first: Batch, still_allowed: Callable[[], Awaitable[object]]
) -> AsyncIterator[bytes]:
    """Server-sent events from a first batch on, without end; `db` must hold no connection between statements.

    Each event's id is its cursor. Ends where `still_allowed` raises a Problem or the database cannot be reached: the
    reader connects again with `Last-Event-ID` and misses nothing.
    """
    yield b"retry: 2000\n\n"
    batch, silent = first, 0.0
    while True:
        for place, event in batch.items:
            yield _message(place, event)
        silent = 0.0 if batch.items else silent
        if len(batch.items) < STREAM_BATCH:
            await asyncio.sleep(POLL_SECONDS)
            silent += POLL_SECONDS
        if silent >= HEARTBEAT_SECONDS:
            yield b": still here\n\n"
            silent = 0.0
        try:
            await still_allowed()
            batch = await after(db, batch.position, wanted, STREAM_BATCH)
        except (Problem, OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.info("stream ended", reason=type(error).__name__)
            return


def _message(place: Position, event: CloudEvent) -> bytes:
    body = msgspec.json.encode(event)
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (paging.encode(place).encode(), event.type.encode(), body)


def _event(row: asyncpg.Record) -> CloudEvent:
    zone = ZoneInfo(row["time_zone"])
    values = {name: _local(row[name], zone) for name in EventData.__struct_fields__}
    return CloudEvent(
        specversion="1.0",
        id=row["id"],
        source=f"/v1/contracts/{row['contract_id']}",
        type=PREFIX + row["type"],
        time=values["at"],
        subject=str(row["contract_id"]),
        datacontenttype="application/json",
        data=EventData(**values),
    )


def _local(value: Any, zone: ZoneInfo) -> Any:
    """An instant in the contract's time zone; anything else as it is."""
    return value.astimezone(zone) if isinstance(value, datetime) else value
