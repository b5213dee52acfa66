"""Keyset paging: an opaque cursor holds the sort key of the last item."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import msgspec

from clm.kit.problems import Problem, invalid

LIMIT = 50
LIMIT_AT_MOST = 200
LARGEST_NUMBER = 2**31

T = TypeVar("T")
R = TypeVar("R")
K = TypeVar("K")


class Page(msgspec.Struct, Generic[T]):
    """One page of a list; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None


def limit_of(limit: int) -> int:
    """The limit as asked; raises 422 outside 1-200."""
    if not 1 <= limit <= LIMIT_AT_MOST:
        raise invalid("/limit", f"limit is {limit}; it must be from 1 to {LIMIT_AT_MOST}.")
    return limit


def encode(key: object) -> str:
    """The cursor for a sort key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def decode(cursor: str | None, kind: type[K]) -> K | None:
    """The sort key of a cursor; raises 422 for one that this list did not give out."""
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        key = msgspec.json.decode(raw, type=kind)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise _foreign() from None
    if isinstance(key, int) and not 0 <= key < LARGEST_NUMBER:
        raise _foreign()
    return key


def _foreign() -> Problem:
    return invalid("/cursor", "The cursor is not one that this list gave out.")


def page(rows: Sequence[R], limit: int, make: Callable[[R], T], key: Callable[[R], object]) -> Page[T]:
    """A page of `limit` items from `limit + 1` rows: the one too many tells that there is more."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page([make(row) for row in shown], encode(key(shown[-1])) if more else None)
