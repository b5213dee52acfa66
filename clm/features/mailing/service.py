"""Queued notices are handed to the mail server; what it answers becomes a step of the notice, and the proof is filed.

Three steps, each a transaction of its own: the row ends with the server's answer; what that means is put on the
notice's record; message and answer, kept in the row until then, are filed with the contract. A step that fails is done
later and undoes none before it, so that nothing is sent again because a record or a store was away.
"""

import base64
import datetime as dt
from typing import Any, Literal
from uuid import UUID

import msgspec
import structlog

from clm.features.attachments import service as attachments
from clm.features.notices import service as notices
from clm.features.notices.service import Mail
from clm.features.outbox import service as outbox
from clm.features.outbox.service import Claimed, Known
from clm.kit.db import Database, Unit
from clm.kit.mail import Accepted, Letter, Mailer, NotTaken, Refused
from clm.kit.problems import Problem, of_database
from clm.kit.storage import StorageUnavailable
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
            proof = _proof(message, transcript, claimed)
            await _end(database, tenant, claimed, "sent", None, proof | {"to": letter.to, "event": "sent"})
        case Refused(reason=reason):
            await _end(database, tenant, claimed, "failed", reason, {"to": letter.to, "event": "bounced"})
        case NotTaken() as answer:
            await _not_taken(database, tenant, claimed, answer)
    return True


async def record_one(database: Database, tenant: UUID) -> bool:
    """Put on a notice's record what came of its message; False where there is nothing to put down."""
    row = await outbox.next_unrecorded(database.reads(tenant), notices.MAIL)
    if row is None:
        return False
    try:
        async with database.work(tenant) as unit:
            await _record(unit, row)
    except Exception as error:  # noqa: BLE001 - logged and put off, or raised again
        await _put_off(database, tenant, row, error)
    return True


async def _put_off(database: Database, tenant: UUID, row: Known, error: Exception) -> None:
    """Leave it for a while, so that it keeps no other waiting; a database or a store that is away stops them all."""
    problem = error if isinstance(error, Problem) else of_database(error)
    if isinstance(error, StorageUnavailable | OSError) or (problem is not None and problem.kind.status >= 500):
        raise error
    log.error("what came of a message is not on record yet", outbox=str(row.id), tenant=str(tenant), exc_info=error)
    await outbox.later(database, tenant, row.id)


async def _record(unit: Unit, row: Known) -> None:
    held = await notices.hold(unit, row.subject_id, None)
    after, event = len(held.notice.deliveries), row.data.get("event")
    about = {"after_step": after} if event != "sent" else {"step": after + 1}
    if not await outbox.record(unit, row.id, about):
        return
    if event is None:
        await notices.not_sent(unit, row.subject_id, row.last_error or "")
    elif held.notice.withdrawn_at is None:
        held = await notices.hold(unit, row.subject_id, None)
        note = row.data.get("note") if event == "sent" else row.last_error
        at = min(row.ended_at or held.locked.now, held.locked.now)
        mail = Mail(event=event, channel="email", at=at, evidence=[], note=note, source="mail")
        await notices.take(unit, None, held, mail)


async def file_one(database: Database, vault: Vault, tenant: UUID) -> bool:
    """Keep the proof of one sent notice as attachments of its contract; False where there is none to keep."""
    row = await outbox.next_unfiled(database.reads(tenant), notices.MAIL)
    if row is None:
        return False
    try:
        async with database.work(tenant) as unit:
            await _file(unit, vault, row)
    except Exception as error:  # noqa: BLE001 - logged and put off, or raised again
        await _put_off(database, tenant, row, error)
    return True


async def _file(unit: Unit, vault: Vault, row: Known) -> None:
    contract_id = await notices.contract_of(unit, row.subject_id)
    message = base64.b64decode(row.data["message"])
    transcript = msgspec.json.format(msgspec.json.encode(row.data["transcript"]), indent=2)
    async with (
        attachments.evidence(unit, vault, contract_id, message, "message/rfc822") as mail,
        attachments.evidence(unit, vault, contract_id, transcript, "application/json") as answer,
    ):
        held = await notices.hold(unit, row.subject_id, None)
        if not await outbox.file(unit, row.id, PROOF):  # another worker was quicker
            return
        name = f"notice-{held.notice.no}-{str(row.id)[-8:]}"
        items = {
            await attachments.keep_evidence(unit, vault, None, contract_id, f"{name}.eml", mail): "message",
            await attachments.keep_evidence(
                unit, vault, None, contract_id, f"{name}.json", answer
            ): "server_acceptance",
        }
    await notices.hold_evidence(unit, held, items, channel="email", source="mail", step=row.data.get("step"))


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
        at=dt.datetime.now(dt.UTC),
    )


def _proof(message: bytes, transcript: dict[str, Any], claimed: Claimed) -> dict[str, Any]:
    told = transcript | {"attempt": claimed.attempts, "possible_duplicate": claimed.unsure}
    return {"message": base64.b64encode(message).decode(), "transcript": told}


async def _end(
    database: Database,
    tenant: UUID,
    claimed: Claimed,
    status: Literal["sent", "failed"],
    error: str | None,
    data: dict[str, Any],
) -> None:
    """Say how it ended, and nothing else, so that nothing else can undo that."""
    async with database.work(tenant) as unit:
        if not await outbox.finish(unit, claimed, status, error, data):
            log.warning("a message was sent again meanwhile", tenant=str(tenant), outbox=str(claimed.id))


async def _not_taken(database: Database, tenant: UUID, claimed: Claimed, answer: NotTaken) -> None:
    """Not this time: later, or never, which then is for a person to know."""
    async with database.work(tenant) as unit:
        if not answer.for_good and await outbox.again(unit, claimed, answer.reason, unsure=answer.unsure):
            log.warning("mail is not taken", tenant=str(tenant), reason=answer.reason, attempts=claimed.attempts)
            return
    await _end(database, tenant, claimed, "failed", answer.reason, {})
