"""Notices judged again, where a holiday notice that was loaded changes when they arrive."""

from uuid import UUID

from clm.features.contracts import service as contracts
from clm.features.contracts.service import Due
from clm.features.notices import clause, telling
from clm.features.notices.held import Held, hold
from clm.features.notices.reading import sql
from clm.kit.db import Unit
from clm.law.arrival import Arrival


async def judge_again(unit: Unit, contract_id: UUID) -> None:
    """Judge every notice of the contract that is on its way; what changes is told, and decided as a new judgement.

    The contract must be locked. Arrivals of the past stay as they were judged.
    """
    for row in await unit.all(sql.on_their_way, contract_id):
        held = await hold(unit, row["id"], None)
        arrival = clause.judge(held.clause, held.notice.delivered, held.env.calendar, held.zone)
        if telling.differs(held.notice.arrival, arrival):
            await _replace(unit, held, arrival)


async def _replace(unit: Unit, held: Held, arrival: Arrival) -> None:
    notice, before = held.notice, held.notice.arrival
    if before.at is not None and arrival.at is not None:
        text, data = contracts.deadline_changed(
            held.locked,
            held.env.calendar.jurisdiction,
            "arrival",
            f"arrival:{notice.id}",
            Due(before.at, before.legal_date if before.basis.status == "final" else None, before.basis.status),
            Due(arrival.at, arrival.legal_date, arrival.basis.status),
        )
        await contracts.record(unit, None, notice.contract_id, contracts.CHANGED, text, data, rule=contracts.BY_NOTICE)
    await telling.store(unit, held, arrival, judged=True)
    known_since = max((delivery.at for delivery in notice.counting), default=notice.sent_at or held.locked.now)
    at = min(known_since, arrival.at) if arrival.at is not None else known_since
    await telling.tell_judgement(unit, held, arrival, [e for d in notice.counting for e in d.evidence], at)
