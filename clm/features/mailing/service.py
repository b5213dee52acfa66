"""Queued notices are handed to the mail server; what it answers becomes a step of the notice, and the proof is filed.

The answer is recorded in one transaction, before anything else can fail; the message and the server's answer are
kept in the outbox row until they lie with the contract's files, so that a store that is away costs only time.
"""

import base64
import datetime as dt
from typing import Any
from uuid import UUID

import msgspec
import structlog

from clm.features.attachments import service as attachments
from clm.features.notices import service as notices
from clm.features.notices.service import Held, Mail
from clm.features.outbox import service as outbox
from clm.features.outbox.service import Claimed
from clm.kit.db import Database
from clm.kit.mail import Accepted, Letter, Mailer, NotTaken, Refused
from clm.kit.problems import Problem
from clm.kit.vault import Vault

log = structlog.get_logger("clm.mailing")

PROOF = ("message", "transcript")


async def tenants(database: Database) -> list[UUID]:
    """Tenants with mail to send or proof to file."""
    return await outbox.tenants(database, [notices.MAIL])


async def send_one(database: Database, mailer: Mailer, tenant: UUID) -> bool:
    """Send the next notice that is due; False where there is none."""
    claimed = await outbox.claim(database, tenant, notices.MAIL)
    if claimed is None:
        return False
    try:
        letter = await _letter(database, mailer, tenant, claimed)
    except Problem as problem:
        await _not_taken(database, tenant, claimed, NotTaken(problem.detail, for_good=True))
        return True
    match await mailer.send(letter):
        case Accepted(message=message, transcript=transcript):
            await _accepted(database, tenant, claimed, letter, _proof(message, transcript, claimed))
        case Refused(reason=reason, message=message, transcript=transcript):
            await _refused(database, tenant, claimed, reason, letter)
        case NotTaken() as answer:
            await _not_taken(database, tenant, claimed, answer)
    return True


async def file_one(database: Database, vault: Vault, tenant: UUID) -> bool:
    """Keep the proof of one sent notice as attachments of its contract; False where there is none to keep."""
    async with database.work(tenant) as unit:
        row = await outbox.next_unfiled(unit, notices.MAIL)
        if row is None:
            return False
        contract_id = await notices.contract_of(unit, row.subject_id)
        message = base64.b64decode(row.data["message"])
        transcript = msgspec.json.format(msgspec.json.encode(row.data["transcript"]), indent=2)
        async with (
            attachments.evidence(unit, vault, contract_id, message, "message/rfc822") as mail,
            attachments.evidence(unit, vault, contract_id, transcript, "application/json") as answer,
        ):
            held = await notices.hold(unit, row.subject_id, None)
            if not await outbox.file(unit, row.id, PROOF):  # another worker was quicker
                return True
            name = f"notice-{held.notice.no}-{str(row.id)[-8:]}"
            items = {
                await attachments.keep_evidence(unit, vault, None, contract_id, f"{name}.eml", mail): "message",
                await attachments.keep_evidence(unit, vault, None, contract_id, f"{name}.json", answer): (
                    "server_acceptance"
                ),
            }
        await notices.hold_evidence(unit, held, items, channel="email", source="mail", step=row.data.get("step"))
    return True


async def _letter(database: Database, mailer: Mailer, tenant: UUID, claimed: Claimed) -> Letter:
    """What is sent; raises Problem 409 for a notice that is withdrawn, 422 without an address by now."""
    async with database.work(tenant) as unit:
        held = await notices.hold(unit, claimed.subject_id, None)
        if held.notice.withdrawn_at is not None:
            raise Problem("not-allowed-now", "The notice was withdrawn before it was sent.")
        words = await notices.words_of(unit, held.notice, held)
    return Letter(
        to=words.to.address,
        recipient=words.to.recipient,
        sender_name=words.sender,
        reply_to=words.reply_to,
        subject=words.subject,
        body=words.body,
        message_id=f"{claimed.id}@{mailer.domain}",
        token=claimed.token,
        at=claimed.queued_at,
    )


def _proof(message: bytes, transcript: dict[str, Any], claimed: Claimed) -> dict[str, Any]:
    told = transcript | {"attempt": claimed.attempts, "possible_duplicate": claimed.unsure}
    return {"message": base64.b64encode(message).decode(), "transcript": told}


async def _accepted(database: Database, tenant: UUID, claimed: Claimed, letter: Letter, proof: dict[str, Any]) -> None:
    """The server has it: that ends the row, whatever becomes of the step."""
    async with database.work(tenant) as unit:
        held = await notices.hold(unit, claimed.subject_id, None)
        step = len(held.notice.deliveries) + 1
        if not await outbox.finish(unit, claimed, "sent", None, proof | {"to": letter.to, "step": step}):
            log.warning("a message was sent again meanwhile", tenant=str(tenant), outbox=str(claimed.id))
            return
        if held.notice.withdrawn_at is None:
            await notices.take(unit, None, held, _mail(held, "sent", claimed.data.get("note")))


async def _refused(database: Database, tenant: UUID, claimed: Claimed, reason: str, letter: Letter) -> None:
    """The server will not take it for this addressee: that is a bounce (R-N6)."""
    async with database.work(tenant) as unit:
        held = await notices.hold(unit, claimed.subject_id, None)
        data = {"to": letter.to, "after_step": len(held.notice.deliveries)}
        if await outbox.finish(unit, claimed, "failed", reason, data) and held.notice.withdrawn_at is None:
            held = await notices.hold(unit, claimed.subject_id, None)
            await notices.take(unit, None, held, _mail(held, "bounced", reason))


async def _not_taken(database: Database, tenant: UUID, claimed: Claimed, answer: NotTaken) -> None:
    """Not this time: later, or never, which then is for a person to know."""
    async with database.work(tenant) as unit:
        held = await notices.hold(unit, claimed.subject_id, None)
        if not answer.for_good and await outbox.again(unit, claimed, answer.reason):
            log.warning("mail is not taken", tenant=str(tenant), reason=answer.reason, attempts=claimed.attempts)
            return
        data = {"after_step": len(held.notice.deliveries)}
        if await outbox.finish(unit, claimed, "failed", answer.reason, data):
            await notices.not_sent(unit, claimed.subject_id, answer.reason)


def _mail(held: Held, event: Any, note: str | None) -> Mail:
    at: dt.datetime = held.locked.now
    return Mail(event=event, channel="email", at=at, evidence=[], note=note, source="mail")
