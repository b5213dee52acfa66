"""Where a notice goes, and what an address change that has arrived does to the address book (R-N5)."""

import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.contracts.service import Locked
from clm.features.notices import models
from clm.features.notices.clause import Clause, operates_from
from clm.features.notices.reading import sql, stored_arrival
from clm.features.parties import service as parties
from clm.kit.db import Unit
from clm.law.arrival import Channel
from clm.law.calendars import Calendar


async def of_addressee(unit: Unit, notice: models.Notice, channel: Channel, at: dt.datetime) -> models.Address | None:
    """The addressee's address for a channel on the day of dispatch; None where the book has none."""
    party_id = await unit.value(sql.party_with_role, notice.contract_id, notice.to)
    found = await parties.address_on(unit, party_id, channel, at.date()) if party_id else None
    if found is None:
        return None
    return models.Address(
        channel=found.channel, address=found.address, recipient=found.recipient, operates_from=found.operates_from
    )


async def settle(unit: Unit, locked: Locked, calendar: Calendar) -> None:
    """Put every announced address whose announcement has arrived into its sender's address book."""
    for row in await unit.all(sql.unsettled_address_changes, locked.id, locked.now):
        party_id: UUID | None = await unit.value(sql.party_with_role, locked.id, row["from_role"])
        zone = ZoneInfo(locked.state.time_zone)
        arrived_on = stored_arrival(row, zone).legal_date
        if party_id is None or arrived_on is None:
            continue
        first_day = operates_from(msgspec.convert(row["rules"], Clause), arrived_on, calendar, zone)
        announced = msgspec.convert(row["details"], models.NewAddress)
        new = parties.NewAddress(announced.channel, announced.address, announced.recipient, first_day)
        await parties.add_address(unit, party_id, new)
        await unit.run(sql.settle, row["id"], locked.now)
