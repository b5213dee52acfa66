"""Notices that the service itself sends, by e-mail: queued with the decision, sent once a server has them."""

from uuid import UUID

import msgspec

from clm.features.contracts import service as contracts
from clm.features.notices import addresses, reading, tasks
from clm.features.notices.held import Held
from clm.features.notices.models import Address, Notice, Send
from clm.features.notices.reading import sql
from clm.features.outbox import service as outbox
from clm.kit.auth import Actor
from clm.kit.db import Queries, Unit
from clm.kit.mail import is_address
from clm.kit.problems import Problem, invalid

KIND = "notice.mail"


class Words(msgspec.Struct, frozen=True):
    """What a message of a notice says, and between whom."""

    contract_id: UUID
    no: int
    to: Address
    sender: str
    reply_to: str | None
    subject: str
    body: str


def is_ours(held: Held, body: Send, *, can_mail: bool) -> bool:
    """Whether the service sends it itself; raises Problem 409, 422 where it is told to and cannot."""
    channel = body.channel or held.notice.channel
    plain = body.at is None and not body.evidence and body.waybill_no is None and body.carrier_id is None
    if body.by is None:
        return can_mail and channel == "email" and plain
    if body.by == "hand":
        return False
    if channel != "email":
        raise invalid("/by", f"The service sends e-mail, and nothing by {channel}.")
    if not plain:
        raise invalid("/by", "What the service sends goes now; its instant and its evidence are its own.")
    if not can_mail:
        raise Problem("not-allowed-now", 'This service has no mail server (CLM_SMTP_URL). Say "by": "hand".')
    return True


async def queue(unit: Unit, actor: Actor, held: Held, body: Send) -> Notice:
    """Queue the message; raises Problem 409 where one is queued, 422 without an address to send it to."""
    notice = held.notice
    words = await words_of(unit, notice, held)
    data = {"to": words.to.address, "note": body.note}
    await outbox.put(unit, actor, KIND, notice.id, data)
    await unit.run(sql.touch_notice, notice.id)
    notice.outgoing = (await reading.by_id(unit, notice.id)).outgoing
    await tasks.reconcile(unit, held, notice.arrival)
    text = f"The {notice.type} notice of party {notice.sender} is queued for {words.to.address}."
    about = {"notice_id": notice.id, "notice_type": notice.type, "channel": "email", "to": words.to.address}
    await contracts.record(unit, actor, notice.contract_id, "notice.queued", text, about)
    return await reading.by_id(unit, notice.id)


async def words_of(db: Queries, notice: Notice, held: Held) -> Words:
    """What is sent today, and where: to the address that operates today (R-N5). Raises Problem 422 without one."""
    today = held.locked.now.astimezone(held.zone).date()
    to = await _address(db, notice, notice.to, held)
    if to is None or not is_address(to.address):
        text = f"Party {notice.to} has no e-mail address in its book that operates on {today}; add one to the party."
        raise invalid("/channel", text)
    back = await _address(db, notice, notice.sender, held)
    row = await db.one(sql.letterhead, notice.contract_id, notice.sender, notice.to)
    return Words(
        contract_id=notice.contract_id,
        no=notice.no,
        to=to,
        sender=row["sender"] if row else notice.sender,
        reply_to=back.address if back is not None and is_address(back.address) else None,
        subject=notice.subject,
        body=notice.body,
    )


async def _address(db: Queries, notice: Notice, role: str, held: Held) -> Address | None:
    toward = notice.sender if role == notice.to else notice.to
    today = held.locked.now.astimezone(held.zone).date()
    return await addresses.between(db, notice, role, toward, "email", today)
