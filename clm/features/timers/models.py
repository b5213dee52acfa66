"""Timers and the test clock on the wire."""

import datetime as dt
from typing import Any, Literal
from uuid import UUID

import msgspec

TimerStatus = Literal["armed", "fired", "cancelled", "voided"]


class TimerOut(msgspec.Struct, kw_only=True):
    """Something that will happen by itself.

    `due_at` is the instant it fires, `legal_date` the last day of what ends then or the first of what begins.
    `provisional`: no State Council notice says yet which days of that year are worked. The timer waits for one, since
    it never fires on a guess; `due_at` is then the earliest it can be.
    """

    id: UUID
    contract_id: UUID
    key: str
    kind: str
    status: str
    due_at: dt.datetime
    legal_date: dt.date | None
    rule: str
    assumed: bool
    provisional: bool
    basis: dict[str, Any]
    subject: dict[str, Any]
    terms_version: int


class TestClock(msgspec.Struct):
    """The tenant's own time."""

    now: dt.datetime


class Advance(msgspec.Struct, forbid_unknown_fields=True):
    """How far to move the test clock; never back."""

    to: dt.datetime


class Fired(msgspec.Struct):
    """One timer that fired."""

    timer_id: UUID
    contract_id: UUID
    kind: str
    due_at: dt.datetime


class Advanced(msgspec.Struct):
    """The clock after the move, and what fired on the way, in order."""

    now: dt.datetime
    fired: list[Fired]
