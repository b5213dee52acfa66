"""The SMTP server that takes our messages (RFC 5321), asked for delivery reports where it knows them (RFC 3461)."""

import asyncio
import contextlib
import datetime as dt
import hashlib
import re
import ssl
from email.errors import MessageError
from ipaddress import ip_address
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import aiosmtplib
import msgspec

from clm.kit.mail.letters import Letter, composed, is_address

MailError = aiosmtplib.SMTPException
"""What goes wrong while speaking to the server, beside OSError."""
SECONDS_AT_MOST = 100.0
"""For one message, all told; longer than any server needs, shorter than a lease."""
_SECONDS_A_STEP = 30.0
_PORTS = {"none": 25, "starttls": 587, "implicit": 465}
_SECONDS_TO_LEAVE = 5.0
_PERMANENT = range(500, 600)
_NO_MAILBOX = frozenset((550, 551, 552, 553))
_ENHANCED = re.compile(r"\s*5\.(\d{1,3})\.\d{1,3}\b")
_EXAMPLE = "smtp://user:secret@mail.example.com:587?from=notices@example.com"


class Accepted(msgspec.Struct, frozen=True):
    """The server has taken the message; from then on it answers for it."""

    message: bytes
    transcript: dict[str, Any]


class Refused(msgspec.Struct, frozen=True):
    """The server will never take the message for this addressee, and says why."""

    reason: str
    message: bytes
    transcript: dict[str, Any]


class NotTaken(msgspec.Struct, frozen=True):
    """The message was not taken this time; with `for_good` trying again is no use until somebody changes a setting.

    `unsure`: the connection broke off after the message was handed over, so that the server may have it.
    """

    reason: str
    for_good: bool = False
    unsure: bool = False


class _Talk:
    """One message on its way to the server, step by step, so that one knows how far it came."""

    def __init__(self, letter: Letter, message: bytes, sender: str) -> None:
        self.letter, self.message, self.sender = letter, message, sender
        self.extensions: list[str] = []
        self.mail_options: list[str] = []
        self.rcpt_options: list[str] = []
        self.handed_over = False

    async def hand_over(self, client: aiosmtplib.SMTP) -> str:
        """The server's yes; raises what the client raises."""
        if client.last_ehlo_response is None:
            await client.ehlo()
        self.extensions = sorted(client.esmtp_extensions)
        if client.supports_extension("dsn"):
            self.mail_options = ["RET=HDRS", f"ENVID={self.letter.token}"]
            self.rcpt_options = ["NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT=rfc822;{_xtext(self.letter.to)}"]
        await client.mail(self.sender, options=self.mail_options)
        await client.rcpt(self.letter.to, options=self.rcpt_options)
        self.handed_over = True
        answer = await client.data(self.message)
        return _words(answer.code, answer.message)


def _xtext(text: str) -> str:
    """An address as an option takes it (RFC 3461 4): what is no plain character, and `+` and `=`, in hex."""
    return "".join(c if "!" <= c <= "~" and c not in "+=" else f"+{ord(c):02X}" for c in text)


class Mailer(msgspec.Struct, frozen=True, kw_only=True):
    """Where messages are handed over, and whose name they bear.

    `bounces` is the address that reports go to; `+<token>` is put before its `@`, so that they say what they are about.
    """

    host: str
    port: int
    tls: Literal["none", "starttls", "implicit"]
    username: str | None
    password: str | None
    sender: str
    bounces: str
    cafile: str | None = None

    @classmethod
    def of(cls, url: str) -> Self:
        """Read an address as `CLM_SMTP_URL` has it; raises ValueError, without repeating the password."""
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        tls = query.get("tls", "implicit" if parts.scheme == "smtps" else "starttls")
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or tls not in _PORTS:
            raise ValueError(f"write it as {_EXAMPLE}, with tls=none, starttls or implicit")
        unknown = sorted(query.keys() - {"tls", "from", "bounces", "cafile"})
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is none of tls, from, bounces, cafile")
        sender = query.get("from", "")
        bounces = query.get("bounces", sender)
        if not is_address(sender) or not is_address(bounces):
            raise ValueError(f"from= (and bounces=, where it stands) is an e-mail address, as in {_EXAMPLE}")
        if parts.username and tls == "none" and not _is_here(parts.hostname):
            raise ValueError("tls=none would send the password in the clear; leave it out")
        return cls(
            host=parts.hostname,
            port=parts.port or _PORTS[tls],
            tls=tls,  # type: ignore[arg-type]  # one of the three, as was looked up
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            sender=sender,
            bounces=bounces,
            cafile=query.get("cafile"),
        )

    @property
    def domain(self) -> str:
        """The domain of message ids."""
        return self.sender.rpartition("@")[2]

    async def send(self, letter: Letter) -> Accepted | Refused | NotTaken:
        """Hand one message over; whatever goes wrong on the way is an answer, and nothing is raised."""
        try:
            talk = _Talk(letter, composed(letter, self.sender), self._envelope_sender(letter))
        except (ValueError, MessageError) as error:
            return NotTaken(f"It cannot be written as mail: {error}"[:500], for_good=True)
        client = self._client()
        try:
            async with asyncio.timeout(SECONDS_AT_MOST):
                await client.connect()
                answer = await talk.hand_over(client)
        except aiosmtplib.SMTPResponseException as error:
            return self._answered(talk, error)
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            return NotTaken(f"{type(error).__name__}: {error}"[:500], unsure=talk.handed_over)
        else:
            return Accepted(talk.message, self._transcript(talk, answer))
        finally:
            await _leave(client)

    async def check(self) -> str:
        """Connect, greet and sign in; raises OSError or MailError where that fails."""
        async with self._client() as client:
            return str((await client.noop()).message)

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            use_tls=self.tls == "implicit",
            start_tls=self.tls == "starttls",
            tls_context=None if self.tls == "none" else ssl.create_default_context(cafile=self.cafile),
            timeout=_SECONDS_A_STEP,
        )

    def _answered(self, talk: "_Talk", error: aiosmtplib.SMTPResponseException) -> Refused | NotTaken:
        """A no of the server: to this addressee, to us, or for now."""
        reason = _words(error.code, error.message)
        if error.code not in _PERMANENT or isinstance(error, aiosmtplib.SMTPAuthenticationError):
            return NotTaken(reason)
        if _is_about_mailbox(error):
            return Refused(reason, talk.message, self._transcript(talk, reason))
        return NotTaken(reason, for_good=True)

    def _transcript(self, talk: "_Talk", answer: str) -> dict[str, Any]:
        return {
            "server": f"{self.host}:{self.port}",
            "tls": self.tls,
            "envelope": {"from": talk.sender, "to": talk.letter.to},
            "extensions": talk.extensions,
            "mail_options": talk.mail_options,
            "rcpt_options": talk.rcpt_options,
            "message_id": talk.letter.message_id,
            "message_sha256": hashlib.sha256(talk.message).hexdigest(),
            "message_size": len(talk.message),
            "answer": answer,
            "answered_at": dt.datetime.now(dt.UTC).isoformat(),
        }

    def _envelope_sender(self, letter: Letter) -> str:
        user, _, domain = self.bounces.rpartition("@")
        return f"{user}+{letter.token}@{domain}"


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Say goodbye where anybody listens; what was taken stays taken."""
    with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
        await client.quit(timeout=_SECONDS_TO_LEAVE)
    client.close()


def _is_about_mailbox(error: aiosmtplib.SMTPResponseException) -> bool:
    """Whether a lasting no is about the addressee's mailbox (RFC 3463 X.1, X.2), and not about us or the message."""
    enhanced = _ENHANCED.match(error.message)
    if enhanced is not None:
        return enhanced[1] in ("1", "2")
    return isinstance(error, aiosmtplib.SMTPRecipientRefused) and error.code in _NO_MAILBOX


def _words(code: int, text: str) -> str:
    return f"{code} {' '.join(text.split())}"[:500]


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
