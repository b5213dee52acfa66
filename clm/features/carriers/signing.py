"""Signatures of webhooks, as Standard Webhooks has them: HMAC-SHA256 over id, timestamp and body."""

import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Mapping
from hashlib import sha256

from clm.kit.problems import Problem, register

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300
_ID_AT_MOST = 200
_DIGITS_AT_MOST = 12

register("signature-refused", 401, "The signature does not hold")


def new_secret() -> str:
    """A fresh secret of 256 bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature of one message, with its version before it."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> str:
    """The message's id, where the signature is right and fresh; raises Problem 401."""
    message_id = headers.get("webhook-id", "")
    try:
        timestamp = int(headers.get("webhook-timestamp", "")[:_DIGITS_AT_MOST])
        given = [one.encode("ascii") for one in headers.get("webhook-signature", "").split()]
        right = sign(secret, message_id, timestamp, body).encode()
    except (ValueError, binascii.Error):
        raise _refused("Send webhook-id, webhook-timestamp (seconds) and webhook-signature (v1,...).") from None
    if not 0 < len(message_id) <= _ID_AT_MOST or not message_id.isprintable():
        raise _refused("webhook-id names the message.")
    if abs(time.time() - timestamp) > TOLERANCE_SECONDS:
        raise _refused(f"webhook-timestamp is more than {TOLERANCE_SECONDS} seconds off.")
    if not any(hmac.compare_digest(one, right) for one in given):
        raise _refused("The signature does not fit the body and the secret.")
    return message_id


def _refused(detail: str) -> Problem:
    return Problem("signature-refused", detail)
