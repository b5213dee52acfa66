"""Notices: load, judge, store. What an arrival brings about is decided with the contract.

Every write locks the contract first, so that the writes of one notice take turns.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.contract_types import service as contract_types
from clm.features.contracts import service as contracts
from clm.features.contracts.service import DecisionOut, Locked
from clm.features.notices import addresses, reading
from clm.features.notices.checks import check
from clm.features.notices.clause import Clause, clause_at, judge
from clm.features.notices.models import DeliveryEvent, Notice, NoticeDraft, Send, Withdrawal
from clm.features.notices.reading import sql
from clm.kit import preconditions
from clm.kit.auth import Actor
from clm.kit.db import Unit
from clm.kit.ids import uuid7
from clm.kit.problems import Problem, invalid, not_found
from clm.law import arrival as law
from clm.law.arrival import Arrival, Channel, Delivery, Event
from clm.law.basis import Basis, Step
from clm.law.calendars import FIRST_DAY
from clm.law.notice_contents import defects_of
from clm.lifecycle import engine, facts
from clm.lifecycle.clauses import clause_of
from clm.lifecycle.state import State
from clm.lifecycle.world import Env

DISPATCHES: dict[Channel, Event] = {
    "courier": "posted",
    "registered_mail": "posted",
    "email": "sent",
    "sms": "sent",
    "im": "sent",
    "fax": "sent",
    "platform": "published",
}
"""The event that sending is on each channel; what is handed over in person has none before its arrival."""
DISPATCH_EVENTS = frozenset(DISPATCHES.values())


class Mail(msgspec.Struct, kw_only=True):
    """One step of a notice on its way; a dispatch in person has no event."""

    event: Event | None
    channel: Channel
    at: dt.datetime
    evidence: list[UUID]
    note: str | None

    @property
    def dispatches(self) -> bool:
        """Whether the notice leaves its sender by it."""
        return self.event is None or self.event in DISPATCH_EVENTS


class Held(msgspec.Struct, kw_only=True):
    """A notice under its contract's lock, with the contract as it stands now."""

    locked: Locked
    state: State
    env: Env
    notice: Notice
    clause: Clause | None
    judgements: int

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the contract's legal dates."""
        return ZoneInfo(self.state.time_zone)


async def draft(unit: Unit, actor: Actor, contract_id: UUID, new: NoticeDraft) -> Notice:
    """Store a draft; raises Problem 404, 422 for a role, ground, cure or details that do not hold."""
    locked = await contracts.lock(unit, contract_id)
    state, env = await _standing(unit, locked)
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
    """Dispatch: freezes the address and the clause of that day, and records the event that sending is.

    May be done again, by another channel too. Raises Problem 404, 409 once withdrawn, 412, 422.
    """
    held = await hold(unit, notice_id, if_match)
    if held.notice.withdrawn_at is not None:
        raise Problem("not-allowed-now", "The notice is withdrawn; it is not sent any more.")
    channel = body.channel or held.notice.channel
    at = contracts.instant_of(body.at, held.locked.now, held.zone)
    mail = Mail(event=DISPATCHES.get(channel), channel=channel, at=at, evidence=body.evidence, note=body.note)
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
    """Take the notice back (Civil Code 141, R-N7); raises Problem 409 where the withdrawal comes too late."""
    held = await hold(unit, notice_id, if_match)
    at = contracts.instant_of(body.at, held.locked.now, held.zone)
    arrived_at = _arrived_at(body.arrived_at, held) or at
    notice = held.notice
    if notice.withdrawn_at is not None:
        if notice.withdrawn_at == arrived_at:
            return await reading.by_id(unit, notice.id)
        raise Problem("not-allowed-now", f"The notice is withdrawn since {notice.withdrawn_at.isoformat()}.")
    _check_in_time(notice.arrival, arrived_at)
    notice.withdrawn_at = arrived_at
    dispatched = held.clause is not None
    await store_arrival(unit, held, notice.arrival, judged=dispatched)
    if dispatched:
        decision = await _apply(unit, actor, held, _judgement(held, "withdrawn", []), arrived_at)
        return await answer(unit, notice.id, decision)
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


def _check_in_time(original: Arrival, arrived_at: dt.datetime) -> None:
    step = Step("R-N7", "the withdrawal arrives", arrived_at.date(), arrived_at)
    basis = Basis("R-N7", "Civil Code 141", {"at": arrived_at.isoformat()}, (step,), "final")
    withdrawal = Arrival("arrived", arrived_at, arrived_at.date(), "proven", assumed=False, basis=basis)
    in_time = law.withdrawn(original, withdrawal)
    if in_time:
        return
    when = original.at.isoformat() if original.at else ""
    if in_time is None:
        message = f"Whether it comes before {when} depends on a holiday notice that is not published yet."
    else:
        message = f"The notice arrived at {when}, the withdrawal only at {arrived_at.isoformat()}."
    reason = {"rule": "R-N7", "message": message, "missing": "an arrival before or with the notice's", "who": "sender"}
    raise Problem("not-allowed-now", f"The withdrawal comes too late (Civil Code 141). {message}", reasons=[reason])


async def hold(unit: Unit, notice_id: UUID, if_match: str | None) -> Held:
    """The notice under its contract's lock; raises Problem 404, 412."""
    contract_id = await unit.value(sql.contract_of, notice_id)
    if contract_id is None:
        raise not_found("notice")
    locked = await contracts.lock(unit, contract_id)
    state, env = await _standing(unit, locked)
    row = await unit.one(sql.get_notice, notice_id)
    if row is None:
        raise not_found("notice")
    preconditions.check(if_match, row["row_version"])
    clause = msgspec.convert(row["rules"], Clause) if row["rules"] else None
    return Held(
        locked=locked,
        state=state,
        env=env,
        notice=_as_judged(row, ZoneInfo(state.time_zone)),
        clause=clause,
        judgements=row["judgements"],
    )


def _as_judged(row: Mapping[str, Any], zone: ZoneInfo) -> Notice:
    notice = reading.notice_of(row)
    notice.arrival = reading.stored_arrival(row, zone)
    return notice


async def _standing(unit: Unit, locked: Locked) -> tuple[State, Env]:
    """The contract with everything done that is due, whether it is stored yet or not."""
    env = contracts.env_of(await contract_types.get(unit, locked.type_key, locked.type_version), locked.law)
    return engine.advance(locked.state, env, locked.now).state, env


async def _take(unit: Unit, actor: Actor, held: Held, mail: Mail) -> Notice:
    """One more step on the way: store it, judge the arrival anew, and let the contract know where that changed."""
    notice = held.notice
    if _known(notice, mail):
        return await reading.by_id(unit, notice.id)
    check_order(notice, mail)
    await contracts.check_evidence(unit, notice.contract_id, mail.evidence)
    first = held.clause is None
    if held.clause is None or mail.at < held.clause.as_of:
        held.clause = clause_at(held.state, held.env, mail.at, notice.type)
    deliveries = [Delivery(d.channel, d.event, d.at) for d in notice.counting]
    if mail.event is not None:
        deliveries.append(delivery_of(mail))
    arrival = judge(held.clause, deliveries, held.env.calendar, held.zone)
    revived = _outdoes_withdrawal(notice, arrival)
    if mail.dispatches:
        notice.sent_at = min(notice.sent_at or mail.at, mail.at)
    if first or mail.dispatches:
        await addresses.settle(unit, held.locked, held.env.calendar)
        notice.address = await addresses.of_addressee(unit, notice, mail.channel, mail.at)
    await _log(unit, actor, held, mail)
    judged = revived or differs(notice.arrival, arrival)
    await store_arrival(unit, held, arrival, judged=judged)
    decision = await _judged(unit, actor, held, arrival, mail) if judged else None
    if notice.type == "address_change":
        await addresses.settle(unit, held.locked, held.env.calendar)
    return await answer(unit, notice.id, decision)


def _known(notice: Notice, mail: Mail) -> bool:
    if mail.event is None:
        return notice.sent_at == mail.at
    return any((d.event, d.channel, d.at) == (mail.event, mail.channel, mail.at) for d in notice.counting)


def check_order(notice: Notice, mail: Mail, root: str = "") -> None:
    """Nothing happens to a notice before it leaves its sender (R-N1); an earlier dispatch may become known."""
    if notice.sent_at is not None and mail.at < notice.sent_at and not mail.dispatches:
        text = f"The notice was dispatched at {notice.sent_at.isoformat()}; {mail.event} cannot come before that."
        raise invalid(f"{root}/at", text)


def delivery_of(mail: Mail, root: str = "") -> Delivery:
    """A step on the way as the law judges it; raises Problem 422 for what is no event of its channel."""
    try:
        return msgspec.convert({"channel": mail.channel, "event": mail.event, "at": mail.at}, Delivery)
    except msgspec.ValidationError as error:
        raise invalid(f"{root}/at", str(error)) from None


def _outdoes_withdrawal(notice: Notice, arrival: Arrival) -> bool:
    """Whether this proves that the notice arrived before its withdrawal did; nothing else counts after one."""
    if notice.withdrawn_at is None:
        return False
    if arrival.at is None or arrival.basis.status == "provisional" or arrival.at >= notice.withdrawn_at:
        since = notice.withdrawn_at.isoformat()
        raise Problem("not-allowed-now", f"The notice is withdrawn since {since}; what happens to it has no effect.")
    notice.withdrawn_at = None
    return True


async def _log(unit: Unit, actor: Actor, held: Held, mail: Mail) -> None:
    notice = held.notice
    data: dict[str, Any] = {"notice_id": notice.id, "notice_type": notice.type, "channel": mail.channel}
    if mail.event is None:
        text = f"The {notice.type} notice goes out in person."
        data |= {"at": mail.at, "evidence": mail.evidence, "note": mail.note}
        await contracts.record(unit, actor, notice.contract_id, "notice.sent", text, data)
        return
    no = len(notice.deliveries) + 1
    row = (no, mail.channel, mail.event, mail.at, mail.evidence, mail.note, actor.key, held.locked.now)
    await unit.run(sql.add_delivery, notice.id, *row)
    text = f"{mail.event} by {mail.channel}: the {notice.type} notice of party {notice.sender}."
    data |= {"event": mail.event, "at": mail.at, "evidence": mail.evidence, "note": mail.note}
    kind = "notice.sent" if mail.dispatches else "notice.delivery_recorded"
    await contracts.record(unit, actor, notice.contract_id, kind, text, data)


async def store_arrival(unit: Unit, held: Held, arrival: Arrival, *, judged: bool) -> None:
    """Store how the notice stands after a judgement."""
    notice = held.notice
    await unit.run(
        sql.store_notice,
        notice.id,
        notice.address,
        held.clause,
        notice.sent_at,
        arrival,
        arrival.at if arrival.basis.status == "final" else None,
        notice.withdrawn_at,
        held.judgements + judged,
    )


def differs(before: Arrival, after: Arrival) -> bool:
    """Whether the contract must hear of a judgement."""
    if before.at is None and after.at is None:
        return after.status == "failed" != before.status
    return _said(before) != _said(after)


def _said(arrival: Arrival) -> tuple[Any, ...]:
    return arrival.at, arrival.legal_date, arrival.certainty, arrival.assumed, arrival.basis.status


async def _judged(unit: Unit, actor: Actor, held: Held, arrival: Arrival, mail: Mail) -> DecisionOut:
    """Let the contract know of an arrival: as of its own instant, or as of the event where it lies ahead or is none."""
    is_past = arrival.at is not None and arrival.basis.status == "final" and arrival.at <= held.locked.now
    at = (arrival.at or mail.at) if is_past else mail.at
    return await tell_judgement(unit, held, arrival, mail.evidence, at, actor)


async def tell_judgement(
    unit: Unit, held: Held, arrival: Arrival, evidence: list[UUID], at: dt.datetime, actor: Actor | None = None
) -> DecisionOut:
    """Decide with the contract what a judgement means, as of an instant."""
    fact = _judgement(held, "failed" if arrival.status == "failed" else "pending", evidence)
    fact.arrives_at, fact.legal_date, fact.certainty = arrival.at, arrival.legal_date, arrival.certainty
    fact.assumed, fact.basis = arrival.assumed, msgspec.to_builtins(arrival.basis)
    return await _apply(unit, actor, held, fact, at)


def _judgement(
    held: Held, standing: Literal["failed", "pending", "withdrawn"], evidence: list[UUID]
) -> facts.NoticeJudged:
    notice = held.notice
    return facts.NoticeJudged(
        notice_id=notice.id,
        type=notice.type,
        sender=notice.sender,
        ground=notice.ground,
        cure=notice.cure,
        standing=standing,
        revision=held.judgements + 1,
        evidence=evidence,
    )


async def _apply(unit: Unit, actor: Actor | None, held: Held, fact: facts.NoticeJudged, at: dt.datetime) -> DecisionOut:
    data = msgspec.to_builtins(fact)
    return await contracts.apply(unit, actor, held.notice.contract_id, "notice.judged", data, at=at)


async def answer(unit: Unit, notice_id: UUID, decision: DecisionOut | None) -> Notice:
    """The notice as it now stands, with what was decided about it."""
    notice = await reading.by_id(unit, notice_id)
    if decision is not None:
        notice.decision = decision
    return notice
