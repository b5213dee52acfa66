"""When a notice arrives (Civil Code 137, 141; Electronic Signature Law 10-11; rules R-N1 to R-N8).

Arrival is the earliest of the ways in which a notice can arrive: an agreed rule whose trigger happened, and the law's
own ways where no agreed rule replaces them. An agreed rule replaces the law for its trigger on its channel; a rule that
asks for an acknowledgement replaces every other way of its channel.

What came back has not arrived (R-N6), unless the clause covers it: by a rule for refusals, for returns, or for what is
unclear. A clause that counts days from posting covers it too: it asks for the posting alone, and what becomes of the
item later does not undo it. A message that bounced was never sent, unless a rule counts the bounce itself.

The calculator has no clock: a deemed day yet to come is answered like one that is past.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from clm.law.addresses import Addresses, Sorted
from clm.law.arrival_ways import LAW, Certainty, Desk, Track, Way
from clm.law.basis import Basis, Status, Step
from clm.law.calendars import Calendar
from clm.law.notice_rules import (
    ArrivalRule,
    BusinessHours,
    Channel,
    Deemed,
    Delivery,
    Event,
    InvalidArrival,
    check_rules,
    default_rules,
    rule_sets,
)
from clm.law.periods import SHANGHAI

__all__ = [
    "Arrival",
    "ArrivalRule",
    "BusinessHours",
    "Certainty",
    "Channel",
    "Considered",
    "Deemed",
    "Delivery",
    "Event",
    "Explained",
    "InvalidArrival",
    "Passed",
    "called_off",
    "check_rules",
    "default_rules",
    "explain",
    "judge",
    "rule_sets",
    "withdrawn",
]


class Arrival(msgspec.Struct, frozen=True):
    """Whether and when a notice arrived.

    `at` is the instant and `legal_date` the local date it belongs to: a deemed day D arrives at its end, 24:00 of D.
    `basis.status` `provisional` means that working days of a year without a holiday notice were counted: then
    `legal_date` is None and `at` the earliest instant it can turn out to be. `assumed`: it rests on a policy or a
    default.
    """

    status: Literal["arrived", "pending", "failed"]
    at: dt.datetime | None
    legal_date: dt.date | None
    certainty: Certainty | None
    assumed: bool
    basis: Basis


class Considered(msgspec.Struct, frozen=True):
    """One way in which the notice arrives; `counts`: it is the earliest, and so the arrival."""

    channel: Channel
    event: Event
    at: dt.datetime
    arrives_at: dt.datetime
    legal_date: dt.date | None
    certainty: Certainty
    assumed: bool
    counts: bool
    why: str
    basis: Basis


class Passed(msgspec.Struct, frozen=True):
    """Something recorded of the notice that is no arrival, and why."""

    channel: Channel
    event: Event
    at: dt.datetime
    rule: str
    why: str


class Explained(msgspec.Struct, frozen=True):
    """The arrival with every way that leads to one, earliest first, and what led to none."""

    arrival: Arrival
    ways: tuple[Considered, ...]
    passed: tuple[Passed, ...]


class _Heard(NamedTuple):
    """What is known of a notice, sorted: what is heard, what is not and why, and the ways that follow."""

    allowed: list[Delivery]
    heard: list[Delivery]
    astray: tuple[Step, ...]
    settled: bool
    tracks: list[Track]
    ways: list[Way]


def judge(  # noqa: PLR0913 - every argument is a choice that the contract makes
    rules: Sequence[ArrivalRule],
    deliveries: Sequence[Delivery],
    *,
    calendar: Calendar,
    channels_allowed: Sequence[str] | None = None,
    business_hours: BusinessHours | None = None,
    time_zone: ZoneInfo = SHANGHAI,
    rules_assumed: bool = False,
    refusal_agreed: bool = False,
    addresses: Addresses | None = None,
) -> Arrival:
    """The arrival of one notice, from what happened to it on its way.

    `rules` are the contract's (none: the law alone), `channels_allowed` the only ways this type of notice may take,
    `business_hours` agreed hours, which move what comes outside them where a clause says so. `rules_assumed` marks
    rules that are a default, `refusal_agreed` that what they say on refusals was agreed all the same. With `addresses`
    what went to an address that did not operate when it was dispatched counts for nothing (R-N5).
    """
    desk = Desk(calendar, business_hours, time_zone, rules_assumed, refusal_agreed, _moved_on(addresses))
    return _arrival(
        _hear(desk, rules, deliveries, channels_allowed, addresses), deliveries, channels_allowed, addresses
    )


def explain(
    rules: Sequence[ArrivalRule],
    deliveries: Sequence[Delivery],
    *,
    calendar: Calendar,
    channels_allowed: Sequence[str] | None = None,
    business_hours: BusinessHours | None = None,
    time_zone: ZoneInfo = SHANGHAI,
    rules_assumed: bool = False,
    refusal_agreed: bool = False,
) -> Explained:
    """What `judge` says, with every way that it weighed and every event that it passed over."""
    desk = Desk(calendar, business_hours, time_zone, rules_assumed, refusal_agreed)
    known = _hear(desk, rules, deliveries, channels_allowed, None)
    ordered = sorted(known.ways, key=_first)
    used = [way.cause for way in ordered]
    passed = [_unheard(one, channels_allowed) for one in deliveries if one not in known.heard]
    passed += [_passed(track, one) for track in known.tracks for one in track.events if one not in used]
    return Explained(
        _arrival(known, deliveries, channels_allowed, None),
        tuple(_considered(way, counts=number == 0) for number, way in enumerate(ordered)),
        tuple(sorted(passed, key=lambda one: one.at)),
    )


def _moved_on(addresses: Addresses | None) -> dt.date | None:
    return addresses.moved_on if addresses else None


def _hear(
    desk: Desk,
    rules: Sequence[ArrivalRule],
    deliveries: Sequence[Delivery],
    channels_allowed: Sequence[str] | None,
    addresses: Addresses | None,
) -> _Heard:
    allowed = [one for one in deliveries if channels_allowed is None or one.channel in channels_allowed]
    gone = addresses.sort(allowed) if addresses else Sorted(tuple(allowed), (), settled=True)
    heard = sorted(gone.heard, key=_at)
    tracks = [Track(desk, channel, rules, heard) for channel in dict.fromkeys(one.channel for one in heard)]
    return _Heard(allowed, heard, gone.astray, gone.settled, tracks, [way for track in tracks for way in track.ways()])


def _arrival(
    known: _Heard,
    deliveries: Sequence[Delivery],
    channels_allowed: Sequence[str] | None,
    addresses: Addresses | None,
) -> Arrival:
    ignored = (*_barred(deliveries, channels_allowed), *known.astray)
    if not known.ways:
        failed = bool(known.tracks) and all(track.has_failed() for track in known.tracks)
        return _not_arrived(known.heard, ignored, failed=failed, settled=known.settled)
    first = min(known.ways, key=_first)
    where, assumed = addresses.step_for(first.cause, known.allowed) if addresses else (None, False)
    steps = (*ignored, *((where,) if where else ()), *first.steps)
    status: Status = first.status if known.settled else "provisional"
    basis = Basis(first.rule, first.source, _anchor(first.cause), steps, status)
    legal_date = first.legal_date if status == "final" else None
    return Arrival("arrived", first.at, legal_date, first.certainty, first.assumed or assumed, basis)


def _first(way: Way) -> tuple[dt.datetime, bool, bool]:
    return way.at, way.status == "provisional", way.assumed


def _considered(way: Way, *, counts: bool) -> Considered:
    why = "the earliest way: the notice arrives by it" if counts else "an earlier way, or one surer, comes before it"
    return Considered(
        way.cause.channel,
        way.cause.event,
        way.cause.at,
        way.at,
        way.legal_date,
        way.certainty,
        way.assumed,
        counts,
        why,
        Basis(way.rule, way.source, _anchor(way.cause), way.steps, way.status),
    )


def _unheard(one: Delivery, allowed: Sequence[str] | None) -> Passed:
    agreed = ", ".join(allowed or ())
    why = f"{one.channel} is not a channel agreed for this type of notice ({agreed})"
    return Passed(one.channel, one.event, one.at, "R-N1", why)


def _passed(track: Track, one: Delivery) -> Passed:
    rule, why = track.why_no_arrival(one)
    return Passed(one.channel, one.event, one.at, rule, why)


def withdrawn(original: Arrival, withdrawal: Arrival) -> bool | None:
    """Whether a withdrawal comes in time: it arrives before the original, or together with it (Civil Code 141, R-N7).

    None while a missing holiday notice leaves the order of the two open.
    """
    if withdrawal.at is None:
        return False
    if original.at is None:
        return True
    in_time = withdrawal.at <= original.at
    unsettled = withdrawal if in_time else original
    return None if unsettled.basis.status == "provisional" else in_time


def called_off(original: Arrival, at: dt.datetime) -> Arrival:
    """What becomes of a notice's arrival when its withdrawal, in time, arrives at `at` (Civil Code 141, R-N7)."""
    step = Step("R-N7", "the withdrawal arrived before the notice or with it: the notice has no effect", at.date(), at)
    steps = (*original.basis.steps, step)
    basis = Basis("R-N7", "Civil Code 141", {"withdrawn_at": at.isoformat()}, steps, "final")
    return Arrival("failed", None, None, None, assumed=original.assumed, basis=basis)


def _at(delivery: Delivery) -> dt.datetime:
    return delivery.at


def _barred(deliveries: Sequence[Delivery], allowed: Sequence[str] | None) -> tuple[Step, ...]:
    return tuple(
        Step("R-N1", f"{one.event} by {one.channel} is ignored: not a channel allowed for this notice", at=one.at)
        for one in deliveries
        if allowed is not None and one.channel not in allowed
    )


def _anchor(cause: Delivery) -> dict[str, str]:
    return {"channel": cause.channel, "event": cause.event, "at": cause.at.isoformat()}


def _not_arrived(heard: Sequence[Delivery], ignored: tuple[Step, ...], *, failed: bool, settled: bool) -> Arrival:
    if failed:
        step = Step("R-N6", "what came back undelivered has not arrived, and nothing else is on its way")
    else:
        step = Step("R-N1", "nothing recorded so far is an arrival")
    anchor = _anchor(heard[-1]) if heard else {}
    basis = Basis(step.rule, LAW, anchor, (*ignored, step), "final" if settled else "provisional")
    return Arrival("failed" if failed else "pending", None, None, None, assumed=False, basis=basis)
