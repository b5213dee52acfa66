"""Digest fields (RFC 9530): a dictionary of byte sequences (RFC 8941), of which SHA-256 is understood."""

import base64
import binascii
import re

from clm.kit.problems import FieldError, Problem

_MEMBER = re.compile(r"^([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):(?:;.*)?$")
_POINTER = "/headers/Content-Digest"


def sha256_of(header: str | None) -> str | None:
    """The SHA-256 that a `Content-Digest` or `Repr-Digest` claims, in lower-case hex; None without the header.

    Raises Problem 400 for a header that cannot be read and 422 for one without `sha-256`: a digest that somebody
    sent is checked or refused, never passed over.
    """
    if header is None:
        return None
    members = dict(_member(each.strip()) for each in header.split(","))
    if "sha-256" not in members:
        raise _unmet("Send the digest as sha-256.")
    return members["sha-256"].hex()


def agreed(one: str | None, other: str | None) -> str | None:
    """What either says; raises Problem 422 where they differ, since a body without encoding has but one hash."""
    if one is not None and other is not None and one != other:
        raise _unmet("Content-Digest and Repr-Digest differ, and nothing is encoded here.")
    return one or other


def field(sha256: str) -> str:
    """The value of a digest field for a SHA-256 in hex."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"


def check(claimed: str | None, found: str, pointer: str = _POINTER) -> None:
    """Raise Problem 422 where the body that arrived is not the one that its sender described."""
    if claimed not in {None, found}:
        raise _unmet(f"The body has the SHA-256 {found}, not {claimed}. Nothing was stored.", pointer)


def _member(text: str) -> tuple[str, bytes]:
    match = _MEMBER.match(text)
    if match is None:
        raise _unreadable()
    try:
        value = base64.b64decode(match[2], validate=True)
    except binascii.Error:
        raise _unreadable() from None
    if match[1] == "sha-256" and len(value) != 32:
        raise _unreadable()
    return match[1], value


def _unreadable() -> Problem:
    message = "A digest must look like sha-256=:<base64 of 32 bytes>: (RFC 9530)."
    return Problem("bad-request", message, errors=[FieldError(_POINTER, message)])


def _unmet(message: str, pointer: str = _POINTER) -> Problem:
    return Problem(
        "invalid",
        message,
        errors=[FieldError(pointer, message)],
        headers={"want-content-digest": "sha-256=10"},
    )
