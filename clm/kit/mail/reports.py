"""Reports on what became of a message (DSN, RFC 3464), out of mail that anybody may have written."""

import datetime as dt
import re
from email import message_from_bytes
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Literal

import msgspec

Action = Literal["failed", "delayed", "delivered", "relayed", "expanded"]
_ACTIONS: tuple[Action, ...] = ("failed", "delayed", "delivered", "relayed", "expanded")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_TOKEN = re.compile(r"\+([0-9A-Za-z_-]{20,64})@")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,200})>")
_PARTS_AT_MOST = 50
_BOUNDARIES_AT_MOST = 12
_TEXT_AT_MOST = 500


class Unreadable(Exception):
    """The mail is no delivery report; the message says what it lacks."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail server says of one message: what happened, to which addressee, and what it knows the message by."""

    action: Action
    recipient: str
    mailbox: str
    """Whose mailbox it speaks of in the end: another's, where the addressee forwards mail."""
    status: str
    diagnosis: str
    at: dt.datetime | None
    tokens: tuple[str, ...]
    message_ids: tuple[str, ...]


def read(raw: bytes) -> Report:
    """The report in a mail; raises Unreadable."""
    if raw.lower().count(b"boundary") > _BOUNDARIES_AT_MOST:  # each is looked for in every line
        raise Unreadable("It has parts within parts without end, so it is no delivery report.")
    try:
        return _read(message_from_bytes(raw))
    except (RecursionError, LookupError, ValueError, TypeError, AttributeError) as error:
        raise Unreadable(f"It cannot be read as mail: {type(error).__name__}.") from None


def _read(mail: Message) -> Report:
    parts = [part for _, part in zip(range(_PARTS_AT_MOST), mail.walk(), strict=False)]
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    blocks = [one for one in (status.get_payload() if status is not None else []) if isinstance(one, Message)]
    if not blocks:
        raise Unreadable("It has no part message/delivery-status (RFC 3464), so it is no delivery report.")
    about, *recipients = blocks
    chosen = next((one for one in recipients if _field(one, "Action")), None)
    action = next((known for known in _ACTIONS if chosen and known == _field(chosen, "Action").lower()), None)
    if chosen is None or action is None:
        raise Unreadable(f"Its delivery status names no action of {', '.join(_ACTIONS)}.")
    returned = [part for part in parts if part.get_content_type() in ("message/rfc822", "text/rfc822-headers")]
    return Report(
        action=action,
        recipient=_plain(_value(_field(chosen, "Original-Recipient"))) or _value(_field(chosen, "Final-Recipient")),
        mailbox=_value(_field(chosen, "Final-Recipient")) or _plain(_value(_field(chosen, "Original-Recipient"))),
        status=_field(chosen, "Status"),
        diagnosis=_value(_field(chosen, "Diagnostic-Code")),
        at=_instant(_field(chosen, "Last-Attempt-Date")) or _instant(_field(mail, "Date")),
        tokens=tuple(dict.fromkeys([_field(about, "Original-Envelope-Id"), *_addressed(mail)])),
        message_ids=tuple(dict.fromkeys(found for part in returned for found in _ids(part))),
    )


def _ids(part: Message) -> list[str]:
    payload = part.get_payload()
    if isinstance(payload, list):
        return _MESSAGE_ID.findall("".join(_field(one, "Message-ID") for one in payload if isinstance(one, Message)))
    text = re.sub(r"\r?\n[ \t]+", " ", str(payload))
    named = [line for line in text.splitlines() if line.lower().startswith("message-id:")]
    return _MESSAGE_ID.findall("".join(named))


def _addressed(mail: Message) -> list[str]:
    """The tokens of the addresses that the report was sent to."""
    return [found for name in ("To", "Delivered-To", "X-Original-To") for found in _TOKEN.findall(_field(mail, name))]


def _field(part: Message, name: str) -> str:
    return " ".join(str(part.get(name, "")).replace("\0", "").split())[:_TEXT_AT_MOST]


def _value(text: str) -> str:
    """A field's value without the type that stands before it, as in `rfc822; someone@example.com`."""
    _, separator, value = text.partition(";")
    return (value if separator else text).strip()


def _plain(text: str) -> str:
    """An address out of xtext (RFC 3461 4), where `+2B` stands for a plus."""
    return _XTEXT.sub(lambda match: chr(int(match[1], 16)), text)


def _instant(text: str) -> dt.datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else None
