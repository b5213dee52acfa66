"""Notices: load, judge, store. What an arrival brings about is decided with the contract.

Every write locks the contract first, so that the writes of one notice take turns.
"""

import datetime as dt
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from clm.features.contracts import service as contracts
from clm.features.contracts.service import DecisionOut
from clm.features.notices import addresses, reading, steps, telling
from clm.features.notices.checks import check
from clm.features.notices.clause import judge
from clm.features.notices.following import check_in_time, follow, seen
from clm.features.notices.held import Held, hold, standing
from clm.features.notices.models import DeliveryEvent, Notice, NoticeDraft, Send, Step, Withdrawal
from clm.features.notices.reading import sql
from clm.features.notices.steps import DISPATCHES, Mail
from clm.kit.auth import Actor
from clm.kit.db import Unit
from clm.kit.ids import uuid7
from clm.kit.problems import Problem, invalid
from clm.law.calendars import FIRST_DAY
from clm.law.notice_contents import defects_of
from clm.lifecycle.clauses import clause_of


async def draft(unit: Unit, actor: Actor, contract_id: UUID, new: NoticeDraft) -> Notice:
    """Store a draft; raises Problem 404, 422 for a role, ground, cure or details that do not hold."""
    locked = await contracts.lock(unit, contract_id)
    state, env = await standing(unit, locked)
    check(state, env, new)
    notice_id = uuid7()
    pending = judge(None, [], env.calendar, ZoneInfo(state.time_zone))
    defects = defects_of(new.type, new.ground)
    await unit.run(
        sql.add_notice,
        notice_id,
        contract_id,
        new.type,
        new.sender,
        new.to,
        new.channel,
        new.subject,
        new.body,
        new.ground,
        new.clause or (clause_of(state, env, new.ground) if new.ground else None),
        new.cure,
        new.details,
        "defective" if defects else "valid",
        pending,
        locked.now,
    )
    text = f"Party {new.sender} has drafted a {new.type} notice to party {new.to}."
    data = {"notice_id": notice_id, "notice_type": new.type}
    await contracts.record(unit, actor, contract_id, "notice.drafted", text, data)
    return await reading.by_id(unit, notice_id)


async def send(unit: Unit, actor: Actor, notice_id: UUID, body: Send, if_match: str | None) -> Notice:
    """Dispatch: freezes the address and the clause of that day, and records the step that sending is.

    May be done again, by another channel too. Raises Problem 404, 409 once withdrawn, 412, 422.
    """
    held = await hold(unit, notice_id, if_match)
    if held.notice.withdrawn_at is not None:
        raise Problem("not-allowed-now", "The notice is withdrawn; it is not sent any more.")
    channel = body.channel or held.notice.channel
    at = contracts.instant_of(body.at, held.locked.now, held.zone)
    event: Step = DISPATCHES.get(channel) or "dispatched"
    mail = Mail(event=event, channel=channel, at=at, evidence=body.evidence, note=body.note)
    return await _take(unit, actor, held, mail)


async def record_delivery(
    unit: Unit, actor: Actor, notice_id: UUID, body: DeliveryEvent, if_match: str | None
) -> Notice:
    """Record what happened to the notice on its way and judge its arrival anew.

    The same event again changes nothing. Raises Problem 404, 409 once withdrawn (unless the event proves that the
    notice arrived before its withdrawal did), 412, 422 where the event lies before the notice's dispatch.
    """
    held = await hold(unit, notice_id, if_match)
    channel = body.channel or held.notice.channel
    at = contracts.instant_of(body.at, held.locked.now, held.zone)
    mail = Mail(event=body.event, channel=channel, at=at, evidence=body.evidence, note=body.note)
    return await _take(unit, actor, held, mail)


async def withdraw(unit: Unit, actor: Actor, notice_id: UUID, body: Withdrawal, if_match: str | None) -> Notice:
    """Take the notice back (Civil Code 141, R-N7); raises Problem 409 where the withdrawal comes too late.

    Its arrival is a step like any other: proof of an earlier arrival outdoes it, and it can be corrected.
    """
    held = await hold(unit, notice_id, if_match)
    at = contracts.instant_of(body.at, held.locked.now, held.zone)
    arrived_at = _arrived_at(body.arrived_at, held) or at
    notice, before = held.notice, seen(held)
    if notice.withdrawn_at is not None:
        if notice.withdrawn_at == arrived_at:
            return await reading.by_id(unit, notice.id)
        raise Problem("not-allowed-now", f"The notice is withdrawn since {notice.withdrawn_at.isoformat()}.")
    check_in_time(notice.arrival, arrived_at)
    mail = Mail(event="withdrawn", channel=notice.channel, at=arrived_at, evidence=[], note=body.note)
    await steps.store(unit, actor, held, mail)
    arrival = await follow(unit, held, before)
    dispatched = held.clause is not None
    await telling.store(unit, held, arrival, judged=dispatched)
    if dispatched:
        return await answer(unit, notice.id, await telling.tell(unit, actor, held, arrival, [], arrived_at))
    text = f"The {notice.type} notice was withdrawn before it was sent."
    data = {"notice_id": notice.id, "notice_type": notice.type}
    await contracts.record(unit, actor, notice.contract_id, "notice.withdrawn", text, data)
    return await answer(unit, notice.id, None)


def _arrived_at(given: dt.datetime | None, held: Held) -> dt.datetime | None:
    if given is None:
        return None
    if given.tzinfo is None or given.year < FIRST_DAY.year or given > held.locked.now:
        text = f"Give an instant with its offset, from {FIRST_DAY.year} on and not in the future."
        raise invalid("/arrived_at", text)
    return given.astimezone(held.zone)


async def _take(unit: Unit, actor: Actor, held: Held, mail: Mail) -> Notice:
    """One more step on the way: store it, judge the arrival anew, and let the contract know where that changed."""
    notice, before = held.notice, seen(held)
    if steps.known(notice, mail):
        return await reading.by_id(unit, notice.id)
    steps.check_order(notice, mail)
    await contracts.check_evidence(unit, notice.contract_id, mail.evidence)
    steps.check(mail)
    await steps.store(unit, actor, held, mail)
    arrival = await follow(unit, held, before)
    if before.withdrawn_at is not None and notice.withdrawn_at is not None:
        since = notice.withdrawn_at.isoformat()
        raise Problem("not-allowed-now", f"The notice is withdrawn since {since}; what happens to it has no effect.")
    await _log(unit, actor, held, mail)
    judged = telling.is_news(held, before, arrival)
    await telling.store(unit, held, arrival, judged=judged)
    decision = await telling.tell(unit, actor, held, arrival, mail.evidence, mail.at) if judged else None
    if notice.type == "address_change":
        await addresses.settle(unit, held.locked, held.env.calendar)
    return await answer(unit, notice.id, decision)


async def _log(unit: Unit, actor: Actor, held: Held, mail: Mail) -> None:
    notice = held.notice
    data: dict[str, Any] = {"notice_id": notice.id, "notice_type": notice.type, "channel": mail.channel}
    if mail.event == "dispatched":
        text = f"The {notice.type} notice goes out in person."
    else:
        text = f"{mail.event} by {mail.channel}: the {notice.type} notice of party {notice.sender}."
        data["event"] = mail.event
    data |= {"at": mail.at, "evidence": mail.evidence, "note": mail.note}
    kind = "notice.sent" if mail.dispatches else "notice.delivery_recorded"
    await contracts.record(unit, actor, notice.contract_id, kind, text, data)


async def answer(unit: Unit, notice_id: UUID, decision: DecisionOut | None) -> Notice:
    """The notice as it now stands, with what was decided about it."""
    notice = await reading.by_id(unit, notice_id)
    if decision is not None:
        notice.decision = decision
    return notice
