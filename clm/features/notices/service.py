"""Notices: load, judge, store. What an arrival brings about is decided with the contract.

Every write locks the contract first, so that the writes of one notice take turns.
"""

import datetime as dt
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from clm.features.contracts import service as contracts
from clm.features.contracts.service import DecisionOut, Locked
from clm.features.notices import addresses, outgoing, reading, steps, tasks, telling, templating
from clm.features.notices.checks import check
from clm.features.notices.clause import judge
from clm.features.notices.following import Seen, check_in_time, follow, seen
from clm.features.notices.held import Held, hold, standing
from clm.features.notices.models import DeliveryEvent, Notice, NoticeDraft, Send, Step, WaybillNo, Withdrawal
from clm.features.notices.outgoing import words_of
from clm.features.notices.proof_models import OTHER, Preview
from clm.features.notices.proving import hold_evidence
from clm.features.notices.reading import sql
from clm.features.notices.steps import DISPATCHES, Mail
from clm.features.outbox import service as outbox
from clm.kit.auth import Actor
from clm.kit.db import Queries, Unit
from clm.kit.ids import uuid7
from clm.kit.problems import Problem, invalid, not_found
from clm.law.arrival import Arrival, Event, withdrawn
from clm.law.calendars import FIRST_DAY
from clm.law.notice_contents import contents_of, defects_of
from clm.lifecycle.clauses import clause_of
from clm.lifecycle.state import State
from clm.lifecycle.world import Env

__all__ = [
    "MAIL",
    "Event",
    "Held",
    "Mail",
    "Notice",
    "WaybillNo",
    "contract_of",
    "dispatched_with",
    "doubt",
    "draft",
    "hold",
    "hold_evidence",
    "not_sent",
    "record_delivery",
    "send",
    "take",
    "withdraw",
    "words_of",
]

MAIL = outgoing.KIND
"""What a queued e-mail of a notice is called in the outbox."""


async def draft(unit: Unit, actor: Actor, contract_id: UUID, new: NoticeDraft) -> Notice:
    """Store a draft; raises Problem 404, 422 for a role, ground, cure, details or template that do not hold."""
    locked = await contracts.lock(unit, contract_id)
    state, env = await standing(unit, locked)
    new, clause = await _completed(unit, locked, state, env, new)
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
        clause,
        new.cure,
        new.details,
        "defective" if defects else "valid",
        pending,
        locked.now,
    )
    text = f"Party {new.sender} has drafted a {new.type} notice to party {new.to}."
    data = {"notice_id": notice_id, "notice_type": new.type}
    await contracts.record(unit, actor, contract_id, "notice.drafted", text, data)
    if defects:
        held = await hold(unit, notice_id, None)
        await tasks.reconcile(unit, held, held.notice.arrival)
    return await reading.by_id(unit, notice_id)


async def preview(unit: Unit, contract_id: UUID, new: NoticeDraft) -> Preview:
    """How the notice would read and stand; raises Problem as `draft` does, and stores nothing."""
    locked = await contracts.lock(unit, contract_id)
    state, env = await standing(unit, locked)
    new, clause = await _completed(unit, locked, state, env, new)
    defects = defects_of(new.type, new.ground)
    return Preview(
        type=new.type,
        subject=new.subject or "",
        body=new.body or "",
        clause=clause,
        validity="defective" if defects else "valid",
        defects=defects,
        contents=contents_of(new.type, ground=new.ground, clause=clause, cure=new.cure, details=new.details),
    )


async def _completed(
    unit: Unit, locked: Locked, state: State, env: Env, new: NoticeDraft
) -> tuple[NoticeDraft, str | None]:
    check(state, env, new)
    clause = new.clause or (clause_of(state, env, new.ground) if new.ground else None)
    return await templating.complete(unit, locked, state, env, new, clause), clause


async def send(
    unit: Unit, actor: Actor, notice_id: UUID, body: Send, if_match: str | None, *, can_mail: bool = False
) -> Notice:
    """Dispatch: freezes the address and the clause of that day, and records the step that sending is.

    What the service itself sends is queued, and recorded as sent once the mail server has it. May be done again, by
    another channel too. Raises Problem 404, 409 once withdrawn or while it is queued, 412, 422.
    """
    held = await hold(unit, notice_id, if_match)
    if held.notice.withdrawn_at is not None:
        raise Problem("not-allowed-now", "The notice is withdrawn; it is not sent any more.")
    if outgoing.is_ours(held, body, can_mail=can_mail):
        return await outgoing.queue(unit, actor, held, body)
    channel = body.channel or held.notice.channel
    at = contracts.instant_of(body.at, held.locked.now, held.zone)
    event: Step = DISPATCHES.get(channel) or "dispatched"
    mail = Mail(
        event=event,
        channel=channel,
        at=at,
        evidence=body.evidence,
        note=body.note,
        waybill_no=body.waybill_no,
        carrier_id=body.carrier_id,
    )
    return await take(unit, actor, held, mail)


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
    mail = Mail(
        event=body.event,
        channel=channel,
        at=at,
        evidence=body.evidence,
        note=body.note,
        waybill_no=body.waybill_no,
        carrier_id=body.carrier_id,
    )
    return await take(unit, actor, held, mail)


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
    return await _taken_back(unit, actor, held, before, mail)


async def _taken_back(unit: Unit, actor: Actor | None, held: Held, before: Seen, mail: Mail) -> Notice:
    """The notice once its withdrawal has arrived in time."""
    notice = held.notice
    await steps.store(unit, actor, held, mail)
    if await outbox.cancel(unit, outgoing.KIND, notice.id):
        notice.outgoing = (await reading.by_id(unit, notice.id)).outgoing
    if await outbox.in_hand(unit, outgoing.KIND, notice.id):
        text = "It is being handed to the mail server just now. Send the request again when its outcome is on record."
        raise Problem("busy", text, headers={"retry-after": "5"})
    arrival = await follow(unit, held, before)
    dispatched = held.clause is not None
    await telling.store(unit, held, arrival, judged=dispatched)
    if dispatched:
        return await answer(unit, notice.id, await telling.tell(unit, actor, held, arrival, mail.evidence, mail.at))
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


async def take(unit: Unit, actor: Actor | None, held: Held, mail: Mail) -> Notice:
    """One more step on the way: store it, judge the arrival anew, and let the contract know where that changed.

    Without an actor the service itself, or somebody outside, reports it. Raises Problem 409, 422.
    """
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
    if notice.type == "withdrawal" and arrival.at is not None and arrival.at <= held.locked.now:
        await _take_back_named(unit, actor, notice, arrival, mail.evidence)
    return await answer(unit, notice.id, decision)


async def _take_back_named(
    unit: Unit, actor: Actor | None, withdrawal: Notice, arrival: Arrival, evidence: list[UUID]
) -> None:
    """A notice of withdrawal has arrived: the notice that it names is taken back, unless that arrived before (R-N7)."""
    named = await unit.value(
        sql.named_by, withdrawal.contract_id, withdrawal.sender, str(withdrawal.details.get("withdraws"))
    )
    if named is None or arrival.at is None:
        return
    held = await hold(unit, named, None)
    is_in_time = withdrawn(held.notice.arrival, arrival) is not False
    if is_in_time and held.notice.withdrawn_at is None:
        note = f"Notice {withdrawal.no} withdraws it."
        mail = Mail(event="withdrawn", channel=withdrawal.channel, at=arrival.at, evidence=evidence, note=note)
        await _taken_back(unit, actor, held, seen(held), mail)


async def _log(unit: Unit, actor: Actor | None, held: Held, mail: Mail) -> None:
    notice = held.notice
    data: dict[str, Any] = {"notice_id": notice.id, "notice_type": notice.type, "channel": mail.channel}
    if mail.event == "dispatched":
        text = f"The {notice.type} notice goes out in person."
    else:
        text = f"{mail.event} by {mail.channel}: the {notice.type} notice of party {notice.sender}."
        data["event"] = mail.event
    data |= {"at": mail.at, "evidence": mail.evidence, "note": mail.note, "source": mail.source}
    if mail.waybill_no is not None:
        data["waybill_no"] = mail.waybill_no
    kind = "notice.sent" if mail.dispatches else "notice.delivery_recorded"
    await contracts.record(unit, actor, notice.contract_id, kind, text, data)


async def answer(unit: Unit, notice_id: UUID, decision: DecisionOut | None) -> Notice:
    """The notice as it now stands, with what was decided about it."""
    notice = await reading.by_id(unit, notice_id)
    if decision is not None:
        notice.decision = decision
    return notice


async def not_sent(unit: Unit, notice_id: UUID, reason: str) -> None:
    """The service gave up sending the notice: that is a task for somebody (R-N6)."""
    held = await hold(unit, notice_id, None)
    await unit.run(sql.touch_notice, notice_id)
    await tasks.reconcile(unit, held, held.notice.arrival)
    text = f"The {held.notice.type} notice could not be handed to the mail server: {reason}"
    data = {"notice_id": notice_id, "notice_type": held.notice.type, "channel": "email"}
    await contracts.record(unit, None, held.notice.contract_id, "notice.not_sent", text, data, rule="R-N6")


async def doubt(unit: Unit, actor: Actor, notice_id: UUID, evidence: UUID) -> Notice:
    """A report says what no report shows: it is held, and somebody has to look at it (R-N6)."""
    held = await hold(unit, notice_id, None)
    await hold_evidence(unit, held, {evidence: OTHER}, channel="email", source="bounce", step=None)
    await unit.run(sql.touch_notice, notice_id)
    await tasks.reconcile(unit, held, held.notice.arrival)
    text = f"A report says that the {held.notice.type} notice bounced, though it had arrived or went elsewhere."
    data = {"notice_id": notice_id, "notice_type": held.notice.type, "channel": "email", "evidence": [evidence]}
    await contracts.record(unit, actor, held.notice.contract_id, "notice.bounce_doubted", text, data, rule="R-N6")
    return await reading.by_id(unit, notice_id)


async def contract_of(db: Queries, notice_id: UUID) -> UUID:
    """The contract that a notice is about; raises Problem 404."""
    found: UUID | None = await db.value(sql.contract_of, notice_id)
    if found is None:
        raise not_found("notice")
    return found


async def dispatched_with(db: Queries, waybill_no: str, carrier_id: UUID) -> UUID | None:
    """The notice that left with a carrier under its number last; None where none did."""
    found: UUID | None = await db.value(sql.dispatched_with, waybill_no, carrier_id)
    return found
