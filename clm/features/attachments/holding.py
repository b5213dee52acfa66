"""Legal holds: named, as many on an attachment as there are causes, each released on its own."""

from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Record

from clm.features.attachments import reading
from clm.features.attachments.models import LegalHold, NewHold, ReleaseHold
from clm.features.attachments.reading import sql
from clm.features.contracts import service as contracts
from clm.kit import paging, preconditions
from clm.kit.auth import Actor
from clm.kit.db import Queries, Unit
from clm.kit.ids import uuid7
from clm.kit.problems import Problem, not_found


async def place(unit: Unit, actor: Actor, attachment_id: UUID, new: NewHold) -> tuple[LegalHold, int]:
    """Place a hold; raises Problem 404, 409 where one of that name stands."""
    locked = await unit.one(sql.lock_contract_of, attachment_id)
    if locked is None:
        raise not_found("attachment")
    hold_id = uuid7()
    await unit.run(sql.add_hold, hold_id, attachment_id, new.name, new.reason, actor.key)
    text = f"The legal hold {new.name} was placed on the attachment {locked['name']}: {new.reason}"
    about = {"attachment_id": attachment_id, "hold_id": hold_id, "name": new.name, "reason": new.reason}
    await contracts.record(unit, actor, locked["contract_id"], "attachment.hold_placed", text, about)
    return await one(unit, hold_id)


async def release(
    unit: Unit, actor: Actor, hold_id: UUID, body: ReleaseHold, if_match: str | None
) -> tuple[LegalHold, int]:
    """Release a hold; others on the attachment stand. Raises Problem 404, 409 where it was released before, 412."""
    await unit.one(sql.lock_hold, hold_id)
    hold, version = await one(unit, hold_id)
    preconditions.check(if_match, version)
    if hold.released_at is not None:
        raise Problem("not-allowed-now", f"The hold {hold.name} was released at {hold.released_at.isoformat()}.")
    await unit.run(sql.release_hold, hold_id, actor.key, body.reason)
    row = await _row(unit, hold_id)
    text = f"The legal hold {hold.name} on the attachment {row['file']} was released: {body.reason}"
    about = {"attachment_id": hold.attachment_id, "hold_id": hold_id, "name": hold.name, "reason": body.reason}
    await contracts.record(unit, actor, row["contract_id"], "attachment.hold_released", text, about)
    return await one(unit, hold_id)


async def one(db: Queries, hold_id: UUID) -> tuple[LegalHold, int]:
    """A hold and its row version; raises Problem 404."""
    row = await _row(db, hold_id)
    return _hold(row), row["row_version"]


async def of_attachment(db: Queries, attachment_id: UUID, limit: int, cursor: str | None) -> paging.Page[LegalHold]:
    """The holds on an attachment, released ones too, oldest first; raises Problem 404."""
    await reading.zone_of(db, attachment_id)
    limit = paging.limit_of(limit)
    rows = await db.all(sql.holds, attachment_id, paging.decode(cursor, UUID), limit + 1)
    return paging.page(rows, limit, _hold, lambda row: row["id"])


async def _row(db: Queries, hold_id: UUID) -> Record:
    row = await db.one(sql.hold, hold_id)
    if row is None:
        raise not_found("hold")
    return row


def _hold(row: Record) -> LegalHold:
    zone = ZoneInfo(row["time_zone"])
    released = row["released_at"]
    return LegalHold(
        id=row["id"],
        attachment_id=row["attachment_id"],
        name=row["name"],
        reason=row["reason"],
        placed_at=row["placed_at"].astimezone(zone),
        placed_by=row["placed_by"],
        released_at=None if released is None else released.astimezone(zone),
        released_by=row["released_by"],
        release_reason=row["release_reason"],
    )
