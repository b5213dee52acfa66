"""Delivery events that were recorded by mistake: they stay on record, and the notice is judged without them."""

import datetime as dt
from uuid import UUID

from clm.features.contracts import service as contracts
from clm.features.notices import clause, service
from clm.features.notices.models import CorrectDelivery, Delivery, DeliveryEvent, Notice
from clm.features.notices.reading import sql
from clm.features.notices.service import Held, Mail
from clm.kit.auth import Actor
from clm.kit.db import Unit
from clm.kit.problems import Problem, invalid
from clm.law import arrival as law


async def correct_delivery(
    unit: Unit, actor: Actor, notice_id: UUID, body: CorrectDelivery, if_match: str | None
) -> Notice:
    """Take a delivery event out of account, or put another in its place; what followed from it is superseded.

    Raises Problem 404, 409 for a notice that is withdrawn or an address that operates already, 412, 422.
    """
    held = await service.hold(unit, notice_id, if_match)
    notice = held.notice
    mistaken = next((one for one in notice.counting if one.no == body.no), None)
    if mistaken is None:
        raise invalid("/no", f"The notice has no delivery event {body.no} that counts.")
    _check_open(notice)
    await unit.run(sql.supersede_delivery, notice.id, body.no, held.locked.now, actor.key, body.reason)
    mistaken.superseded_at = held.locked.now
    _redispatch(held)
    if body.replacement is not None:
        await _replace(unit, actor, held, mistaken, body.replacement)
        _redispatch(held)
    before, after = notice.arrival, _judged(held)
    judged = service.differs(before, after)
    await service.store_arrival(unit, held, after, judged=judged)
    text = f"{mistaken.event} by {mistaken.channel} was recorded by mistake: {body.reason}"
    about = {"notice_id": notice.id, "no": body.no, "reason": body.reason}
    await contracts.record(unit, actor, notice.contract_id, "notice.delivery_corrected", text, about, rule="I7")
    decision = None
    if judged:
        evidence = [each for one in notice.counting for each in one.evidence]
        decision = await service.tell_judgement(unit, held, after, evidence, _told_at(held, mistaken, after), actor)
    return await service.answer(unit, notice.id, decision)


def _check_open(notice: Notice) -> None:
    if notice.withdrawn_at is not None:
        since = notice.withdrawn_at.isoformat()
        raise Problem("not-allowed-now", f"The notice is withdrawn since {since}; what happened to it has no effect.")
    if notice.type == "address_change" and notice.status == "arrived":
        raise Problem("not-allowed-now", "The announced address is in the address book; announce the right one.")


async def _replace(unit: Unit, actor: Actor, held: Held, mistaken: Delivery, new: DeliveryEvent) -> None:
    notice = held.notice
    await contracts.check_evidence(unit, notice.contract_id, new.evidence)
    at = contracts.instant_of(new.at, held.locked.now, held.zone) if new.at else mistaken.at
    channel = new.channel or mistaken.channel
    mail = Mail(event=new.event, channel=channel, at=at, evidence=new.evidence, note=new.note)
    service.check_order(notice, mail, "/replacement")
    service.delivery_of(mail, "/replacement")
    no = len(notice.deliveries) + 1
    row = (no, channel, new.event, at, new.evidence, new.note, actor.key, held.locked.now)
    await unit.run(sql.add_delivery, notice.id, *row)
    notice.deliveries.append(
        Delivery(
            no=no,
            event=new.event,
            channel=channel,
            at=at,
            evidence=new.evidence,
            note=new.note,
            recorded_at=held.locked.now,
        )
    )


def _redispatch(held: Held) -> None:
    """The dispatch, and the clause of its day, follow from the events that count; without any there was none."""
    notice = held.notice
    left = [one.at for one in notice.counting]
    dispatched = [one.at for one in notice.counting if one.event in service.DISPATCH_EVENTS]
    by_hand = notice.sent_at if not any(one.event in service.DISPATCH_EVENTS for one in notice.deliveries) else None
    notice.sent_at = min(dispatched, default=by_hand)
    first = min([*left, *([notice.sent_at] if notice.sent_at else [])], default=None)
    held.clause = clause.clause_at(held.state, held.env, first, notice.type) if first is not None else None
    if held.clause is None:
        notice.address = None


def _judged(held: Held) -> law.Arrival:
    deliveries = [law.Delivery(one.channel, one.event, one.at) for one in held.notice.counting]
    return clause.judge(held.clause, deliveries, held.env.calendar, held.zone)


def _told_at(held: Held, mistaken: Delivery, after: law.Arrival) -> dt.datetime:
    """As of the arrival where that is past, else as of the event that turned out to be none."""
    past = after.at is not None and after.basis.status == "final" and after.at <= held.locked.now
    return after.at if past and after.at is not None else mistaken.at.astimezone(held.zone)
