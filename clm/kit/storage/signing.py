"""Addresses that open one thing for a while: what they stand for, signed, in the address itself."""

import base64
import binascii
import hashlib
import hmac
import os
import time
from pathlib import Path
from typing import Literal

import msgspec

SECRET_BYTES = 32
_MAC_BYTES = 32


class Ticket(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an address allows until `expires` (seconds since 1970): to send one part, or to read one object."""

    does: Literal["send", "read"]
    key: str
    expires: int
    upload: str = ""
    no: int = 0
    size: int = 0
    """How many bytes the part has."""
    disposition: str = ""
    media_type: str = ""
    sha256: str = ""
    """The hash of what is read, in hex."""


class TicketRefused(Exception):
    """The address was not signed here, or its time is over."""


class Signer:
    """Signs tickets with a secret (HMAC-SHA256) and reads them again."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, ticket: Ticket) -> str:
        """The ticket as one segment of a path."""
        text = msgspec.json.encode(ticket)
        return base64.urlsafe_b64encode(self._mac(text) + text).rstrip(b"=").decode()

    def read(self, token: str, does: Literal["send", "read"]) -> Ticket:
        """The ticket; raises TicketRefused where it was made for something else, elsewhere or too long ago."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise TicketRefused("This is no address of this service.") from None
        mac, text = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(text)):
            raise TicketRefused("This is no address of this service.")
        ticket = msgspec.json.decode(text, type=Ticket)
        if ticket.does != does:
            raise TicketRefused("This address is for something else.")
        if ticket.expires < time.time():
            raise TicketRefused("The time of this address is over. Ask for another.")
        return ticket

    def _mac(self, text: bytes) -> bytes:
        return hmac.digest(self._secret, text, hashlib.sha256)


def secret_in(folder: Path) -> bytes:
    """The secret that a folder keeps, made where there is none; of two that start at once both get the same."""
    path = folder / "secret"
    folder.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        scratch = folder / f"secret.{os.getpid()}.{os.urandom(4).hex()}"
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.urandom(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(scratch, path)
        except FileExistsError:
            pass
        finally:
            scratch.unlink()
    return path.read_bytes()
