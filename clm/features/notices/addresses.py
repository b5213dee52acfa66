"""Where a notice goes, and what an address change that has arrived does to the address book (R-N5)."""

import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.contracts.service import Locked
from clm.features.notices import models
from clm.features.notices.clause import Clause, operates_from
from clm.features.notices.held import Held
from clm.features.notices.reading import sql, stored_arrival
from clm.features.parties import service as parties
from clm.kit.db import Queries, Unit
from clm.kit.problems import Problem
from clm.law.arrival import Channel
from clm.law.calendars import Calendar


async def of_addressee(unit: Unit, notice: models.Notice, channel: Channel, at: dt.datetime) -> models.Address | None:
    """The addressee's address for a channel on the day of dispatch; None where the book has none."""
    return await between(unit, notice, notice.to, notice.sender, channel, at.date())


async def between(
    db: Queries, notice: models.Notice, role: str, toward: str, channel: str, day: dt.date
) -> models.Address | None:
    """The address that one party of a notice has for a channel on a day toward the other; None where it has none."""
    found = await _on(db, notice.contract_id, role, toward, channel, day)
    if found is None:
        return None
    return models.Address(
        channel=found.channel, address=found.address, recipient=found.recipient, operates_from=found.operates_from
    )


async def _on(
    db: Queries, contract_id: UUID, role: str, toward: str, channel: str, day: dt.date
) -> parties.Address | None:
    party_id = await db.value(sql.party_with_role, contract_id, role)
    other = await db.value(sql.party_with_role, contract_id, toward)
    return await parties.address_on(db, party_id, channel, day, other) if party_id else None


async def settle(unit: Unit, locked: Locked, calendar: Calendar, *, besides: UUID | None = None) -> None:
    """Put every announced address whose announcement has arrived into its sender's address book.

    `besides` is an announcement that is being judged anew.
    """
    for row in await unit.all(sql.unsettled_address_changes, locked.id, locked.now):
        party_id: UUID | None = await unit.value(sql.party_with_role, locked.id, row["from_role"])
        zone = ZoneInfo(locked.state.time_zone)
        arrived_on = stored_arrival(row, zone).legal_date
        if party_id is None or arrived_on is None or row["id"] == besides:
            continue
        first_day = operates_from(msgspec.convert(row["rules"], Clause), arrived_on, calendar, zone)
        announced = msgspec.convert(row["details"], models.NewAddress)
        new = parties.NewAddress(announced.channel, announced.address, announced.recipient, first_day)
        told: UUID | None = await unit.value(sql.party_with_role, locked.id, row["to_role"])
        await parties.add_address(unit, party_id, new, told=told)
        await unit.run(sql.settle, row["id"], locked.now)


def announced(held: Held) -> dt.date | None:
    """The first day of the address that the notice announces; None where it is no announcement that has arrived."""
    notice, arrival = held.notice, held.notice.arrival
    if notice.type != "address_change" or held.clause is None or notice.withdrawn_at is not None:
        return None
    if arrival.at is None or arrival.at > held.locked.now or arrival.legal_date is None:
        return None
    return operates_from(held.clause, arrival.legal_date, held.env.calendar, held.zone)


async def resettle(unit: Unit, held: Held, before: dt.date | None) -> None:
    """Put the book right where an announcement arrived on another day than was thought (`before`), or not at all.

    Raises Problem 409 where the book has no other address to go back to.
    """
    now = announced(held)
    moved = held.settled and before is not None and before != now
    if moved:
        await unit.run(sql.settle, held.notice.id, None)
    await settle(unit, held.locked, held.env.calendar)
    if moved:
        for row in await unit.all(sql.announced_before, held.notice.contract_id, str(held.notice.id)):
            if now is None or row["first_day"] < now:
                await _restore(unit, held, row["first_day"])


async def _restore(unit: Unit, held: Held, first_day: dt.date) -> None:
    """The book forgets nothing: what holds on the eve of the mistaken day is entered again, from that day on."""
    notice = held.notice
    party_id: UUID | None = await unit.value(sql.party_with_role, notice.contract_id, notice.sender)
    told: UUID | None = await unit.value(sql.party_with_role, notice.contract_id, notice.to)
    wrong = msgspec.convert(notice.details, models.NewAddress)
    there = await parties.address_on(unit, party_id, wrong.channel, first_day, told) if party_id else None
    if party_id is None or there is None or (there.address, there.recipient) != (wrong.address, wrong.recipient):
        return
    old = await parties.address_on(unit, party_id, wrong.channel, first_day - dt.timedelta(days=1), told)
    if old is None:
        text = f"The address book has no other address by {wrong.channel}; enter the right one first, from before"
        raise Problem("not-allowed-now", f"{text} {first_day}.")
    again = parties.NewAddress(old.channel, old.address, old.recipient, first_day)
    await parties.add_address(unit, party_id, again, told=told)
