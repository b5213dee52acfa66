"""What interrupts, ends or outlives a duty of confidence (8.2, 8.3; rules R-C4 to R-C9).

Tolling (顺延), extension after the end, release (解除), disclosure under compulsion (强制披露), return or destruction
(返还、销毁). Who bears the duty is called the obligor: a recipient of the information.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple

import msgspec

from clm.law.periods import Period, Unit

ReleaseReason = Literal["public", "consent", "independent", "third_party", "already_known"]
TollCause = Literal["breach", "dispute"]
ProofGap = Literal["NO_EVIDENCE", "NOT_REVIEWED"]
ReturnGap = Literal["NO_CERTIFICATE"]
ToldGap = Literal["OWNER_NOT_TOLD", "OWNER_TOLD_LATE"]

RECORDS_KEPT = Period(3, Unit.YEAR)
"""How long the record of how personal information was handled outlives the information (R-C7)."""


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """The time of a breach (违约) or of a dispute (争议), in legal dates; without `ended` it lasts."""

    cause: TollCause
    began: dt.date
    ended: dt.date | None = None


class Tolling(NamedTuple):
    """What intervals add to a term: so many days, and more where one runs `since` a day."""

    days: int
    since: dt.date | None


def tolled(intervals: Sequence[Interval], on: Collection[str]) -> Tolling:
    """The days that an agreed clause adds for intervals with the causes that it names (R-C4); none without a clause.

    A day counts once, however many intervals it lies in; the day on which one begins does not count (Civil Code 201).
    """
    counting = sorted((one for one in intervals if one.cause in on), key=lambda one: one.began)
    running = [one.began for one in counting if one.ended is None]
    days, reached = 0, dt.date.min
    for one in counting:
        if one.ended is not None:
            days += max(0, (one.ended - max(one.began, reached)).days)
            reached = max(reached, one.ended)
    return Tolling(days, min(running, default=None))


class Gap(msgspec.Struct, frozen=True):
    """The time between the end of an agreed duty and the agreement on a new one: nothing agreed binds in it."""

    since: dt.datetime
    until: dt.datetime


def extension(expired_at: dt.datetime, ends_at: dt.datetime | None, agreed_at: dt.datetime) -> Gap | None:
    """What an agreement after the end makes of a duty that was over (R-C5).

    A new duty, for what comes after the agreement, with a gap before it; None where the new terms had ended by then.
    """
    if ends_at is not None and ends_at <= agreed_at:
        return None
    return Gap(expired_at, agreed_at)


def published_in_breach(reason: ReleaseReason, published_by: str | None, obligors: Collection[str]) -> bool:
    """Whether the information is public by the act of somebody who owes its secrecy, which releases nobody (R-C8)."""
    return reason == "public" and published_by in obligors


def unproven(*, evidence: int, reviewed: bool) -> tuple[ProofGap, ...]:
    """What a release lacks to be provable: a document, and a second pair of eyes on it (R-C8)."""
    lacks: list[ProofGap] = []
    if not evidence:
        lacks.append("NO_EVIDENCE")
    if not reviewed:
        lacks.append("NOT_REVIEWED")
    return tuple(lacks)


def told_before(at: dt.datetime, told_at: dt.datetime | None, *, forbidden: bool) -> ToldGap | None:
    """Whether the owner was told before a compelled disclosure, where the law lets it be told (R-C9)."""
    if forbidden:
        return None
    if told_at is None:
        return "OWNER_NOT_TOLD"
    return "OWNER_TOLD_LATE" if told_at > at else None


class ReturnAsked(NamedTuple):
    """Why a recipient has to confirm return or destruction, by which rule, and since which legal date."""

    cause: Literal["expired", "ended", "not_formed"]
    rule: Literal["R-C1", "R-C6", "R-C7"]
    since: dt.date


def return_asked(
    item_class: str, *, expired_on: dt.date | None, ended_on: dt.date | None, given_up_on: dt.date | None = None
) -> ReturnAsked | None:
    """Since when every recipient has to confirm that an item was given back or destroyed; None while nothing asks.

    The end of the agreed duty asks (R-C6); for personal information the end of the contract does, whatever the term
    (R-C7; Personal Information Protection Law 21, 47). Talks that were given up without a contract ask for it, too:
    what was learned in them has no use any more (R-C1; Civil Code 501).
    """
    if given_up_on is not None:
        return ReturnAsked("not_formed", "R-C7" if item_class == "personal_info" else "R-C1", given_up_on)
    if item_class == "personal_info" and ended_on is not None:
        return ReturnAsked("ended", "R-C7", ended_on)
    return ReturnAsked("expired", "R-C6", expired_on) if expired_on is not None else None


def uncertified(item_class: str, *, evidence: int) -> tuple[ReturnGap, ...]:
    """What a return lacks: for personal information the certificate of return or destruction is evidence (R-C7)."""
    return ("NO_CERTIFICATE",) if item_class == "personal_info" and not evidence else ()


def outlives_release(item_class: str) -> bool:
    """Whether the law protects it though the agreed duty was released: personal information is not the owner's (R-C6).

    What protects it depends on no term and no agreement (Personal Information Protection Law 21, 47).
    """
    return item_class == "personal_info"


def residual_source(residual: str) -> str:
    """The law that a duty rests on which outlives the agreed one (R-C6)."""
    return _RESIDUAL_SOURCES[residual]


_RESIDUAL_SOURCES = {
    "post_contract": "Civil Code 558",
    "trade_secret": "Civil Code 501; Anti-Unfair Competition Law; SPC Trade Secret Provisions 17",
    "personal_info": "Personal Information Protection Law 21, 47",
}
