"""Steps that were recorded by mistake: they stay on record, and the notice is judged without them.

Whatever is recorded of a notice's way is a step with a number: a dispatch (in person, too), a delivery, the arrival of
its withdrawal. Each can be corrected.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from clm.features.contracts import service as contracts
from clm.features.notices import addresses, service, steps, telling
from clm.features.notices.following import Seen, check_in_time, follow, seen
from clm.features.notices.held import Held, hold
from clm.features.notices.models import CorrectDelivery, Delivery, Notice, Replacement
from clm.features.notices.reading import sql
from clm.features.notices.steps import Mail
from clm.kit.auth import Actor
from clm.kit.db import Unit
from clm.kit.problems import FieldError, Problem, invalid
from clm.law.arrival import Arrival


async def correct_delivery(
    unit: Unit, actor: Actor, notice_id: UUID, body: CorrectDelivery, if_match: str | None
) -> Notice:
    """Take a step out of account, or put another in its place; what followed from it is superseded.

    A withdrawal that was none brings the notice back to life; one that was outdone by a mistake counts again. Raises
    Problem 404, 409 for a withdrawal that would come too late and for a sole address, 412, 422.
    """
    held = await hold(unit, notice_id, if_match)
    notice, before = held.notice, seen(held)
    announced = addresses.announced(held)
    mistaken = next((one for one in notice.counting if one.no == body.no), None)
    if mistaken is None:
        raise invalid("/no", f"The notice has no delivery event {body.no} that counts.")
    await unit.run(sql.supersede_delivery, notice.id, body.no, held.locked.now, actor.key, body.reason)
    mistaken.superseded_at = held.locked.now
    arrival = await _judged(unit, actor, held, mistaken, body.replacement, before)
    judged = telling.is_news(held, before, arrival)
    await telling.store(unit, held, arrival, judged=judged)
    await _log(unit, actor, held, mistaken, body.reason, announced)
    decision = None
    if judged:
        evidence = [each for one in notice.counting for each in one.evidence]
        decision = await telling.tell(unit, actor, held, arrival, evidence, mistaken.at)
    if notice.type == "address_change":
        notice.arrival = arrival
        await addresses.resettle(unit, held, announced)
    return await service.answer(unit, notice.id, decision)


async def _judged(
    unit: Unit, actor: Actor, held: Held, mistaken: Delivery, new: Replacement | None, before: Seen
) -> Arrival:
    if new is None:
        return await follow(unit, held, before)
    mail, added = await _replace(unit, actor, held, mistaken, new)
    with _within("/replacement", "/at"):
        arrival = await follow(unit, held, before)
    if mail.event == "withdrawn":
        check_in_time(arrival, mail.at)
    if added and mail.dispatches:
        _check_nothing_before(held.notice, before)
    return arrival


async def _replace(unit: Unit, actor: Actor, held: Held, mistaken: Delivery, new: Replacement) -> tuple[Mail, bool]:
    """What counts in the place of the mistake, and whether it did not count already."""
    notice = held.notice
    with _within("/replacement", "/"):
        at = contracts.instant_of(new.at, held.locked.now, held.zone) if new.at else mistaken.at
        channel = new.channel or mistaken.channel
        mail = Mail(
            event=new.event,
            channel=channel,
            at=at,
            evidence=new.evidence,
            note=new.note,
            waybill_no=new.waybill_no,
            carrier_id=new.carrier_id,
        )
        if steps.known(notice, mail):
            return mail, False
        notice.sent_at = min((one.at for one in notice.counting if one.dispatches), default=None)
        steps.check_order(notice, mail)
        await contracts.check_evidence(unit, notice.contract_id, new.evidence)
        steps.check(mail)
    await steps.store(unit, actor, held, mail)
    return mail, True


def _check_nothing_before(notice: Notice, before: Seen) -> None:
    """A dispatch is not put after what followed it; what preceded every dispatch on record as it is, may do so."""
    sent_at = notice.sent_at
    for one in notice.counting:
        if sent_at is None or one.dispatches or one.event == "withdrawn" or one.at >= sent_at:
            continue
        if before.sent_at is None or one.at >= before.sent_at:
            text = f"{one.event} was at {one.at.isoformat()}; the notice cannot have been dispatched after that."
            raise invalid("/replacement/at", text)


@contextmanager
def _within(root: str, place: str) -> Iterator[None]:
    """Put the pointers of a problem, where they begin with `place`, into a part of the request."""
    try:
        yield
    except Problem as problem:
        problem.errors = [
            FieldError(root + one.pointer, one.message) if one.pointer.startswith(place) else one
            for one in problem.errors
        ]
        raise


async def _log(
    unit: Unit, actor: Actor, held: Held, mistaken: Delivery, reason: str, announced: dt.date | None
) -> None:
    what = {"dispatched": "The dispatch in person", "withdrawn": "The withdrawal"}
    step = what.get(mistaken.event, f"{mistaken.event} by {mistaken.channel}")
    text = f"{step} was recorded by mistake: {reason}"
    about: dict[str, Any] = {"notice_id": held.notice.id, "no": mistaken.no, "reason": reason}
    if held.settled and announced is not None:
        about["address_from"] = announced
    await contracts.record(unit, actor, held.notice.contract_id, "notice.delivery_corrected", text, about, rule="I7")
