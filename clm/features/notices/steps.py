"""The steps of a notice on its way, one row each: its dispatch, its deliveries, the arrival of its withdrawal."""

import datetime as dt
from uuid import UUID

import msgspec

from clm.features.notices import proving
from clm.features.notices.held import Held
from clm.features.notices.models import DISPATCH_STEPS, Delivery, Notice, Step
from clm.features.notices.proof_models import Source
from clm.features.notices.reading import sql
from clm.kit.auth import Actor
from clm.kit.db import Unit
from clm.kit.problems import invalid, register_constraint
from clm.law import arrival as law
from clm.law.arrival import Channel, Event
from clm.law.notice_rules import DATA_CHANNELS

register_constraint("notice_delivery_carrier", "invalid", "There is no such carrier.", "/carrier_id")

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


_OF_THINGS = frozenset(("posted", "signed", "returned", "handed_over"))
_OF_DATA = frozenset(("sent", "entered", "bounced", "published"))
_BACK = frozenset(("bounced", "returned"))


class Mail(msgspec.Struct, kw_only=True):
    """One step that is to be recorded."""

    event: Step
    channel: Channel
    at: dt.datetime
    evidence: list[UUID]
    note: str | None
    waybill_no: str | None = None
    carrier_id: UUID | None = None
    source: Source = "user"
    items: dict[UUID, str] = {}
    """What some of the evidence is, by the keys of its channel's evidence."""

    @property
    def dispatches(self) -> bool:
        """Whether the notice leaves its sender by it."""
        return self.event in DISPATCH_STEPS


def known(notice: Notice, mail: Mail) -> Delivery | None:
    """The same step, where it counts already."""
    same = (mail.event, mail.channel, mail.at)
    there = (one for one in notice.counting if (one.event, one.channel, one.at) == same)
    return next((one for one in there if mail.waybill_no in (None, one.waybill_no)), None)


def check(mail: Mail) -> None:
    """Raise Problem 422 for what is no step of its channel, or lies where no date can be computed."""
    if mail.event == "dispatched" and mail.channel in DISPATCHES:
        text = f"Dispatch by {mail.channel} is {DISPATCHES[mail.channel]}; only what goes in person is dispatched."
        raise invalid("/event", text)
    if mail.event in ("dispatched", "withdrawn"):
        return
    if mail.event in (_OF_THINGS if mail.channel in DATA_CHANNELS else _OF_DATA):
        raise invalid("/event", f"{mail.event} does not happen to what goes by {mail.channel}.")
    try:
        msgspec.convert({"channel": mail.channel, "event": mail.event, "at": mail.at}, law.Delivery)
    except msgspec.ValidationError as error:
        raise invalid("/at", str(error)) from None


def check_order(notice: Notice, mail: Mail) -> None:
    """Nothing happens to a notice before it leaves its sender (R-N1); an earlier dispatch may become known.

    What comes back by another channel than the notice's own went out by it.
    """
    if mail.dispatches or mail.event == "withdrawn":
        return
    went_out = any(one.dispatches and one.channel == mail.channel for one in notice.counting)
    if mail.event in _BACK and mail.channel != notice.channel and not went_out:
        raise invalid("/channel", f"Nothing of this notice went out by {mail.channel} that could have {mail.event}.")
    if notice.sent_at is not None and mail.at < notice.sent_at:
        text = f"The notice was dispatched at {notice.sent_at.isoformat()}; {mail.event} cannot come before that."
        raise invalid("/at", text)


async def store(unit: Unit, actor: Actor | None, held: Held, mail: Mail) -> Delivery:
    """Record the step under the next number, and hold its evidence (R-N9)."""
    notice, now = held.notice, held.locked.now
    step = Delivery(
        no=len(notice.deliveries) + 1,
        event=mail.event,
        channel=mail.channel,
        at=mail.at,
        waybill_no=mail.waybill_no,
        carrier_id=mail.carrier_id,
        evidence=mail.evidence,
        note=mail.note,
        recorded_at=now,
    )
    key = actor.key if actor else None
    row = (
        step.no,
        step.channel,
        step.event,
        step.at,
        step.evidence,
        step.note,
        key,
        now,
        step.waybill_no,
        step.carrier_id,
    )
    await unit.run(sql.add_delivery, notice.id, *row)
    notice.deliveries.append(step)
    await proving.hold(unit, actor, held, step, source=mail.source, items=mail.items)
    return step
