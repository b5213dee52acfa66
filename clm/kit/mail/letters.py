"""A message as it goes out: plain text in UTF-8, with headers that cannot be broken open."""

import datetime as dt
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import msgspec

_PRINTABLE = SMTP.clone(max_line_length=78)


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent, to whom, and the name that bounces know it by.

    `token` goes into the envelope only; `message_id` is in the message. Neither is a secret from the addressee, whose
    server may write the envelope's sender into `Return-Path`.
    """

    to: str
    recipient: str | None
    sender_name: str
    reply_to: str | None
    subject: str
    body: str
    message_id: str
    token: str
    at: dt.datetime


def is_address(text: str) -> bool:
    """Whether a text is one e-mail address, and nothing that would add another.

    ASCII only: a domain in other letters is written in its `xn--` form, and few servers take a mailbox in them.
    """
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError, MessageError):
        return False
    return bool(address.username and address.domain) and address.addr_spec == text and text.isascii()


def composed(letter: Letter, own_address: str) -> bytes:
    """The message, the same bytes for the same letter."""
    user, _, domain = own_address.rpartition("@")
    message = EmailMessage(policy=_PRINTABLE)
    message["From"] = Address(_one_line(letter.sender_name), user, domain)
    to_user, _, to_domain = letter.to.rpartition("@")
    message["To"] = Address(_one_line(letter.recipient or ""), to_user, to_domain)
    if letter.reply_to is not None and letter.reply_to != own_address:
        message["Reply-To"] = letter.reply_to
    message["Subject"] = _one_line(letter.subject)
    message["Date"] = letter.at
    message["Message-ID"] = f"<{letter.message_id}>"
    message.set_content(letter.body, charset="utf-8", cte="base64")
    return message.as_bytes()


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
