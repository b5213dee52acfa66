"""The SMTP server that takes our messages (RFC 5321), asked for delivery reports where it knows them (RFC 3461)."""

import asyncio
import datetime as dt
import hashlib
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
_PERMANENT = range(500, 600)
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
    """The message was not taken this time; with `for_good` trying again is no use until somebody changes a setting."""

    reason: str
    for_good: bool = False


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
            message = composed(letter, self.sender)
        except (ValueError, MessageError) as error:
            return NotTaken(f"It cannot be written as mail: {error}"[:500], for_good=True)
        try:
            async with asyncio.timeout(SECONDS_AT_MOST):
                return await self._talk(letter, message)
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as error:
            return self._refused(letter, message, error)
        except aiosmtplib.SMTPResponseException as error:
            for_good = error.code in _PERMANENT and not isinstance(error, aiosmtplib.SMTPAuthenticationError)
            return NotTaken(_words(error.code, error.message), for_good=for_good)
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            return NotTaken(f"{type(error).__name__}: {error}"[:500])

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

    async def _talk(self, letter: Letter, message: bytes) -> Accepted:
        async with self._client() as client:
            if client.last_ehlo_response is None:
                await client.ehlo()
            reports = client.supports_extension("dsn")
            options = ["RET=HDRS", f"ENVID={letter.token}"] if reports else []
            asked = ["NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT=rfc822;{letter.to}"] if reports else []
            _, answer = await client.sendmail(
                self._envelope_sender(letter), [letter.to], message, mail_options=options, rcpt_options=asked
            )
            heard = {
                "answer": answer,
                "extensions": sorted(client.esmtp_extensions),
                "mail_options": options,
                "rcpt_options": asked,
            }
            return Accepted(message, self._transcript(letter, message, heard))

    def _refused(self, letter: Letter, message: bytes, error: aiosmtplib.SMTPException) -> Refused | NotTaken:
        first = error.recipients[0] if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else error
        code, text = getattr(first, "code", 0), getattr(first, "message", str(first))
        reason = _words(code, text)
        if code not in _PERMANENT:
            return NotTaken(reason)
        return Refused(reason, message, self._transcript(letter, message, {"answer": reason}))

    def _transcript(self, letter: Letter, message: bytes, heard: dict[str, Any]) -> dict[str, Any]:
        return {
            "server": f"{self.host}:{self.port}",
            "tls": self.tls,
            "envelope": {"from": self._envelope_sender(letter), "to": letter.to},
            "message_id": letter.message_id,
            "message_sha256": hashlib.sha256(message).hexdigest(),
            "message_size": len(message),
            "answered_at": dt.datetime.now(dt.UTC).isoformat(),
            **heard,
        }

    def _envelope_sender(self, letter: Letter) -> str:
        user, _, domain = self.bounces.rpartition("@")
        return f"{user}+{letter.token}@{domain}"


def _words(code: int, text: str) -> str:
    return f"{code} {' '.join(text.split())}"[:500]


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
