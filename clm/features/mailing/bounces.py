"""Delivery reports that mail servers send back (RFC 3464), as events of the notice that they are about."""

import asyncio
import datetime as dt
from uuid import UUID

from clm.features.attachments import service as attachments
from clm.features.mailing.models import Bounce, Matched, Status
from clm.features.notices import service as notices
from clm.features.notices.service import Event, Held, Mail
from clm.features.outbox import service as outbox
from clm.features.outbox.service import Known
from clm.kit.auth import Actor
from clm.kit.db import Unit
from clm.kit.mail import Report, Unreadable, read
from clm.kit.problems import Problem, invalid, not_found
from clm.kit.vault import Vault

_EVENTS: dict[str, Event] = {"failed": "bounced", "delivered": "entered"}
"""What a report tells of the law's own way: a mailbox that took the message is the system it enters (137(2))."""
_THERE = frozenset(("entered", "delivered", "acknowledged"))


async def take(unit: Unit, vault: Vault, actor: Actor, raw: bytes) -> Bounce:
    """Record what a report says of a notice, with the report as evidence; the same one again changes nothing.

    Raises Problem 404 for mail of which nothing is known, 422 for what is no report or is not kept.
    """
    try:
        report = await asyncio.to_thread(read, raw)
    except Unreadable as error:
        raise invalid("", str(error)) from None
    row, _ = await _found(unit, report)
    contract_id = await notices.contract_of(unit, row.subject_id)
    async with attachments.evidence(unit, vault, contract_id, raw, "message/rfc822") as seen:
        held = await notices.hold(unit, row.subject_id, None)
        row, matched_by = await _found(unit, report)  # once more, now that reports of one notice take turns
        if row.status == "queued":
            text = "The message it is about is on its way out still. Send the report again."
            raise Problem("busy", text, headers={"retry-after": "5"})
        event, notice = _news(held, row, report, seen.found.sha256), held.notice
        status: Status = "noted"
        if event is not None:
            name = f"notice-{notice.no}-{report.action}-{str(row.id)[-8:]}.eml"
            evidence = await attachments.keep_evidence(unit, vault, actor, contract_id, name, seen)
            reports = {"reports": [*row.data.get("reports", []), seen.found.sha256]}
            held = await notices.hold(unit, row.subject_id, None)
            if event == "bounced" and (_has_arrived(held) or _is_of_another(row, report)):
                await outbox.note(unit, row.id, reports | {"doubted": True})
                notice, status = await notices.doubt(unit, actor, row.subject_id, evidence), "doubted"
            else:
                notice, status = await notices.take(unit, actor, held, _mail(held, report, event, evidence)), "recorded"
                await outbox.note(unit, row.id, reports)
    return Bounce(status=status, matched_by=matched_by, notice_id=notice.id, report=report, notice=notice)


def _news(held: Held, row: Known, report: Report, sha256: str) -> Event | None:
    """The event that a report adds; None where it adds none, or is here already in the same or other words."""
    event, step = _EVENTS.get(report.action), row.data.get("step") or 0
    if event is None or sha256 in row.data.get("reports", []):
        return None
    since = [one for one in held.notice.counting if one.channel == "email" and one.no >= step]
    if any(one.event == event for one in since):
        return None
    sent_again = any(one.event == "sent" and one.no > step for one in since)
    withdrawn_at = held.notice.withdrawn_at
    if withdrawn_at is not None and (event == "bounced" or _instant(held, report) >= withdrawn_at):
        return None
    return None if event == "bounced" and sent_again and not _has_arrived(held) else event


def _has_arrived(held: Held) -> bool:
    """Whether the notice arrived, by what is on record: no report undoes that without a person.

    An address to send reports to is in every message, so that an addressee could send one as well.
    """
    at = held.notice.arrival.at
    entered = any(one.channel == "email" and one.event in _THERE for one in held.notice.counting)
    return entered or (at is not None and at <= held.locked.now)


def _is_of_another(row: Known, report: Report) -> bool:
    """Whether a mailbox failed to which the addressee forwards mail: that says nothing of the one written to."""
    return report.mailbox.casefold() != str(row.data["to"]).casefold()


def _mail(held: Held, report: Report, event: Event, evidence: UUID) -> Mail:
    note = " ".join(part for part in (report.action, report.status, report.diagnosis) if part)[:1000]
    return Mail(
        event=event,
        channel="email",
        at=_instant(held, report),
        evidence=[evidence],
        note=note,
        source="bounce",
        items={evidence: "server_acceptance"} if event == "entered" else {},
    )


async def _found(unit: Unit, report: Report) -> tuple[Known, Matched]:
    row = await outbox.by_token(unit, notices.MAIL, report.tokens)
    if row is not None:
        return row, "envelope"
    row = await outbox.by_name(unit, notices.MAIL, [found for one in report.message_ids if (found := _id(one))])
    if row is None:
        raise not_found("message: nothing that was sent from here is named in the report")
    return row, "message_id"


def _id(message_id: str) -> UUID | None:
    try:
        return UUID(message_id.partition("@")[0])
    except ValueError:
        return None


def _instant(held: Held, report: Report) -> dt.datetime:
    """When the server says it was, unless that lies ahead or before the message left: clocks differ."""
    now, sent_at = held.locked.now, held.notice.sent_at
    if report.at is None or report.at > now or (sent_at is not None and report.at < sent_at):
        return now
    return report.at.astimezone(held.zone)
