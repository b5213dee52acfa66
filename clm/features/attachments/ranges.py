"""Range requests (RFC 9110 14) and the conditions on a GET (13.1), for representations with a strong entity tag."""

import re
from typing import NamedTuple

from clm.kit.problems import Problem

_SPEC = re.compile(r"^[ \t]*(\d{0,18})-(\d{0,18})[ \t]*$", re.ASCII)


class Span(NamedTuple):
    """Bytes `start` up to, and not including, `end`."""

    start: int
    end: int


def unchanged(if_none_match: str | None, tag: str) -> bool:
    """Whether the sender holds this representation already (RFC 9110 13.1.2, weak comparison)."""
    if if_none_match is None:
        return False
    tags = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return tag in tags or "*" in tags


def wanted(header: str | None, if_range: str | None, tag: str, size: int) -> Span | None:
    """The part of `size` bytes to send, or None for all of them; raises Problem 416 where the part lies outside.

    A header that cannot be read or names several ranges is answered in full, as is one whose `If-Range` names another
    representation (RFC 9110 13.1.5, 14.2). Dates in `If-Range` never match, since no `Last-Modified` is sent.
    """
    if header is None or (if_range is not None and if_range.strip() != tag):
        return None
    unit, equals, specs = header.partition("=")
    match = _SPEC.match(specs)
    if unit.strip().lower() != "bytes" or not equals or match is None:
        return None
    first, last = match.groups()
    if first:
        return _from(int(first), int(last) if last else size - 1, size)
    return _suffix(int(last), size) if last else None


def _from(first: int, last: int, size: int) -> Span | None:
    if first >= size:
        raise _outside(size)
    return None if last < first else Span(first, min(last + 1, size))


def _suffix(length: int, size: int) -> Span | None:
    if length == 0:
        raise _outside(size)
    return Span(max(0, size - length), size) if size else None


def _outside(size: int) -> Problem:
    return Problem(
        "range-not-satisfiable",
        f"The object has {size} bytes; the range lies outside.",
        headers={"content-range": f"bytes */{size}"},
    )
