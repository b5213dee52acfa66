"""What leaves the service does so through a row here: put with the decision, leased by a worker, ended by its outcome.

A worker that is killed midway leaves a lease that runs out; the row is then sent again and marked `unsure`. Only the
holder of the newest lease says how it ended, so that what was sent twice is recorded once.
"""

import datetime as dt
import secrets
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec

from clm.kit import sql as sql_files
from clm.kit.auth import Actor
from clm.kit.db import Database, Queries, Unit
from clm.kit.ids import uuid7
from clm.kit.problems import register_constraint

sql = sql_files.load(__package__)

LEASE = dt.timedelta(seconds=150)
TRIES = 12
"""About a day and a half with the pauses below."""
_PAUSES = (10, 30, 60, 300, 900, 1800, 3600)
_LONGEST = 6 * 3600

register_constraint("outbox_one_at_a_time", "duplicate", "It is queued already and will be sent.")


class Claimed(msgspec.Struct, frozen=True):
    """A row in a worker's hands until its lease runs out."""

    id: UUID
    subject_id: UUID
    token: str
    attempts: int
    data: dict[str, Any]
    actor: UUID | None
    unsure: bool
    queued_at: dt.datetime


class Known(msgspec.Struct, frozen=True):
    """A row that somebody outside speaks of, or that is not done with yet; `queued` until its end is on record."""

    id: UUID
    subject_id: UUID
    status: str
    data: dict[str, Any]
    ended_at: dt.datetime | None
    last_error: str | None


async def put(unit: Unit, actor: Actor | None, kind: str, subject_id: UUID, data: dict[str, Any]) -> UUID:
    """Queue something; raises Problem 409 where its subject has one of the kind waiting."""
    identifier = uuid7()
    token = secrets.token_hex(16)
    await unit.run(sql.put, identifier, kind, subject_id, token, data, actor.key if actor else None)
    return identifier


async def cancel(unit: Unit, kind: str, subject_id: UUID) -> int:
    """Call back what no worker has in hand; returns how many."""
    return await unit.run(sql.cancel, kind, subject_id)


async def claim(database: Database, tenant: UUID, kind: str) -> Claimed | None:
    """Take the next row that is due, in a transaction of its own; None where there is none."""
    async with database.work(tenant) as unit:
        await unit.run(sql.worn_out, kind, TRIES)
        row = await unit.one(sql.claim, kind, LEASE)
    return None if row is None else msgspec.convert(dict(row), Claimed)


async def finish(
    unit: Unit, one: Claimed, status: Literal["sent", "failed"], error: str | None, data: dict[str, Any]
) -> bool:
    """Say how it ended; False where the lease ran out meanwhile and another has the row."""
    return await unit.run(sql.finish, one.id, one.attempts, status, error, data) == 1


async def again(unit: Unit, one: Claimed, error: str, *, unsure: bool) -> bool:
    """Try it later, each time after a longer pause; False where it was tried often enough, and nothing is changed."""
    if one.attempts >= TRIES:
        return False
    await unit.run(sql.again, one.id, one.attempts, error, pause_after(one.attempts), unsure)
    return True


async def in_hand(db: Queries, kind: str, subject_id: UUID) -> bool:
    """Whether something of a subject is on its way out just now, so that nobody knows yet what comes of it."""
    return bool(await db.value(sql.in_hand, kind, subject_id))


async def next_unrecorded(db: Queries, kind: str) -> Known | None:
    """A row that has ended and whose end is not on the record of its subject yet."""
    row = await db.one(sql.unrecorded, kind)
    return None if row is None else msgspec.convert(dict(row), Known)


async def record(unit: Unit, identifier: UUID, data: dict[str, Any]) -> bool:
    """Its end is on record with this unit; False where it was before."""
    return await unit.run(sql.record, identifier, data) == 1


async def later(database: Database, tenant: UUID, identifier: UUID) -> None:
    """Leave a row that could not be recorded or filed for a while, so that it keeps no other waiting."""
    async with database.work(tenant) as unit:
        await unit.run(sql.later, identifier, pause_after(len(_PAUSES) - 2))


def pause_after(attempts: int) -> dt.timedelta:
    """How long to wait after so many attempts."""
    return dt.timedelta(seconds=_PAUSES[attempts - 1] if attempts <= len(_PAUSES) else _LONGEST)


async def next_unfiled(db: Queries, kind: str) -> Known | None:
    """A row that was sent and whose proof is not with the contract's files yet."""
    row = await db.one(sql.unfiled, kind)
    return None if row is None else msgspec.convert(dict(row), Known)


async def file(unit: Unit, identifier: UUID, drop: Sequence[str]) -> bool:
    """The proof is filed with this unit, and what it is made of dropped from the row; False where it was before."""
    return await unit.run(sql.file, identifier, list(drop)) == 1


async def note(unit: Unit, identifier: UUID, data: dict[str, Any]) -> None:
    """Put down what has become known of a row since."""
    await unit.run(sql.note, identifier, data)


async def by_token(db: Queries, kind: str, tokens: Sequence[str]) -> Known | None:
    """The row that an envelope spoke of, by the token that nobody but the servers on the way saw."""
    row = await db.one(sql.by_token, kind, [token.lower() for token in tokens])
    return None if row is None else msgspec.convert(dict(row), Known)


async def by_name(db: Queries, kind: str, identifiers: Sequence[UUID]) -> Known | None:
    """The row that was sent under an id."""
    row = await db.one(sql.by_name, kind, list(identifiers))
    return None if row is None else msgspec.convert(dict(row), Known)


async def tenants(database: Database, kinds: Sequence[str]) -> list[UUID]:
    """Tenants that have something to send, or to file, now."""
    return [row["tenant_id"] for row in await database.untenanted(sql.tenants, list(kinds))]
