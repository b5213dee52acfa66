"""How long a duty of confidence lasts (8.3; rules R-C1 to R-C10).

The law binds whoever learns a secret in negotiations, in the contract and after it (Civil Code 501, 509, 558). A clause
limits the agreed duty only; what is left when it ends is the residual duty.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from clm.law.basis import Basis, Status, Step
from clm.law.calendars import LAST_DAY, Calendar
from clm.law.confidentiality_terms import (
    About,
    After,
    Anchor,
    End,
    Event,
    InvalidConfidentiality,
    ItemClass,
    Rule,
    most_specific,
    validate,
)
from clm.law.periods import SHANGHAI, InvalidPeriod, Period, Unit, deadline, start_of

__all__ = [
    "After",
    "Anchor",
    "DutyStatus",
    "End",
    "InvalidConfidentiality",
    "ItemClass",
    "Residual",
    "Rule",
    "Term",
    "status_at",
    "term_of",
    "validate",
]

DutyStatus = Literal["active_open", "active_running", "expired"]
Residual = Literal["post_contract", "trade_secret", "personal_info"]

_CLAUSE = "the contract's confidentiality clause (Civil Code 201-204, 509)"
_BY_DEFAULT = "default of the contract type (policy 3.12); Civil Code 501, 509, 558"
_NOT_SECRET = End(until="public_or_no_longer_secret")
_PERSONAL = (Step("R-C7", "personal information is protected independently of the agreed term (R-C6): no end date"),)
_THREE_YEARS = End(after=After(Period(3, Unit.YEAR), "termination", roll="none"))
_UNTIL: dict[Event, str] = {
    "public_or_no_longer_secret": "until it is public or no longer secret",
    "lawfully_public": "until it is lawfully public",
    "public_or_written_release": "until it is lawfully public, or its owner releases it in writing",
}
_COMES_WITH = {
    "return_of_data": ": every recipient confirms the return of the item, or the return of all data is recorded",
}
_RESIDUAL: dict[str, Residual] = {
    "ordinary": "post_contract",
    "contract_content": "post_contract",
    "trade_secret": "trade_secret",
    "personal_info": "personal_info",
}


class Term(msgspec.Struct, frozen=True):
    """How long the agreed duty lasts for one item.

    `ends_on` is its last legal day, `ends_at` the instant after it. `open`: no end is known, because the anchor has not
    happened yet or because only an event can end it. `residual_on_expiry` is the duty that stays when it ends by time.
    `flags`: `AMBIGUOUS` (the clause does not say clearly when it ends; `SILENT` beside it where it says nothing),
    `DEFAULTED` (there is none).
    `basis.status` `provisional`: a holiday notice is missing; `ends_on` is None, `ends_at` the earliest possible end.
    """

    ends_on: dt.date | None
    ends_at: dt.datetime | None
    open: bool
    residual_on_expiry: Residual | None
    assumed: bool
    flags: tuple[str, ...]
    basis: Basis


def term_of(  # noqa: PLR0913 - every argument is something that a clause may speak of
    rules: Sequence[Rule],
    *,
    item_class: str,
    anchors: Mapping[str, dt.date | None],
    calendar: Calendar,
    item: str | None = None,
    owner: str | None = None,
    attachment_kinds: Sequence[str] = (),
    toll_days: int = 0,
    toll_since: dt.date | None = None,
    time_zone: ZoneInfo = SHANGHAI,
    rules_assumed: bool = False,
    formed: bool = True,
) -> Term:
    """The agreed duty for an item of `item_class` (named `item`), as things stand.

    `owner` disclosed it, `attachment_kinds` are those of its files. `anchors` maps anchor names to legal dates; None or
    absent: not reached. What ended at 24:00 of a day is anchored on that day (`periods.end_day`). `toll_days` are days
    that an agreed tolling clause adds (R-C4), `toll_since` the day since which one runs; none run by law.
    `rules_assumed` marks rules that are a default. Where no contract was `formed` no clause was agreed either.
    """
    if item_class not in _RESIDUAL:
        raise InvalidConfidentiality("class", f"is one of {', '.join(_RESIDUAL)}")
    if not 0 <= toll_days <= 36_500:
        raise InvalidConfidentiality("toll_days", "runs from 0 to 36500 days")
    about = About(item_class, item, owner, frozenset(attachment_kinds))
    reading = _read(rules, about, rules_assumed=rules_assumed) if formed else _without_contract(item_class)
    ending = _ending(_Clock(anchors, calendar, time_zone), reading, rules)
    if toll_days and ending.at is not None:
        ending = _tolled(ending, toll_days, time_zone)
    if toll_since is not None and ending.at is not None:
        ending = _held_up(ending, toll_since)
    assumed = (formed and rules_assumed) or reading.rule not in ("R-C3", "R-C1")
    return _term(reading, ending, item_class, anchors, assumed=assumed)


def _term(
    reading: "_Reading", ending: "_Ending", item_class: str, anchors: Mapping[str, dt.date | None], *, assumed: bool
) -> Term:
    lasting = ending.at is None and not ending.waiting
    basis = Basis(
        reading.rule,
        reading.source,
        _anchor_dates(reading, anchors),
        (*_start_steps(reading, anchors), *reading.steps, *ending.steps),
        ending.status,
    )
    return Term(
        ends_on=ending.last if ending.status == "final" else None,
        ends_at=ending.at,
        open=ending.at is None,
        residual_on_expiry=None if lasting and item_class != "personal_info" else _RESIDUAL[item_class],
        assumed=assumed or ending.assumed,
        flags=reading.flags,
        basis=basis,
    )


def _ending(clock: "_Clock", reading: "_Reading", rules: Sequence[Rule]) -> "_Ending":
    """The end that the clause sets, as things stand; raises `InvalidConfidentiality` for one out of bounds."""
    if reading.end is None:
        return _Ending(None, None, ())
    try:
        return clock.ending(reading.end)
    except InvalidPeriod as error:
        number = next((number for number, rule in enumerate(rules) if rule.end is reading.end), None)
        pointer = "/anchors" if number is None else f"/rules/{number}/end"
        raise InvalidConfidentiality(pointer, error.message) from error


def status_at(term: Term, now: dt.datetime) -> DutyStatus:
    """The state of the agreed duty at an instant. A provisional end does not expire anything."""
    if term.ends_at is None:
        return "active_open"
    return "expired" if term.ends_at <= now and term.basis.status == "final" else "active_running"


class _Reading(NamedTuple):
    """What the clause is taken to say, by which rule; without `end`, nothing that was agreed ends the duty."""

    rule: str
    source: str
    end: End | None
    start: Anchor | None = None
    flags: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()


def _read(rules: Sequence[Rule], about: About, *, rules_assumed: bool) -> _Reading:
    """What the rules say that speak of it most closely."""
    item_class = about.item_class
    chosen = most_specific(rules, about)
    ends = {rule.end for rule in chosen}
    if not chosen and (not rules or item_class == "personal_info"):
        return _default(item_class)
    clause = "the contract type's default" if rules_assumed else "the clause"
    if not ends - {None}:
        return _unclear(item_class, f"{clause} sets no end for this class", chosen, "SILENT")
    end = chosen[0].end
    if len(ends) > 1 or end is None:
        return _unclear(item_class, f"{clause} sets ends that contradict each other", chosen)
    if any(after.anchor is None for after in end.afters):
        return _unclear(item_class, f"{clause} sets a period without saying from when it runs", chosen)
    return _Reading("R-C3", _BY_DEFAULT if rules_assumed else _CLAUSE, end, chosen[0].start)


def _unclear(item_class: str, why: str, chosen: Sequence[Rule], *more: str) -> _Reading:
    start, flags = chosen[0].start if chosen else None, ("AMBIGUOUS", *more)
    source = "no clear clause; Civil Code 501, 509, 558"
    if item_class == "personal_info":
        return _Reading("R-C10", source, None, start, flags, (Step("R-C10", why), *_PERSONAL))
    step = Step("R-C10", f"{why}: until public or no longer secret (policy)")
    return _Reading("R-C10", source, _NOT_SECRET, start, flags, (step,))


def _without_contract(item_class: str) -> _Reading:
    """Talks that led to no contract leave the duty of whoever learned a secret in them (R-C1, Civil Code 501)."""
    why = Step("R-C1", "no contract was formed, so no clause limits the duty of whoever learned it in the talks")
    if item_class == "personal_info":
        source = "Civil Code 501; Personal Information Protection Law 21, 47"
        return _Reading("R-C1", source, None, steps=(why, *_PERSONAL))
    lasts = Step("R-C1", _UNTIL["public_or_no_longer_secret"])
    return _Reading("R-C1", "Civil Code 501", None, steps=(why, lasts))


def _default(item_class: str) -> _Reading:
    if item_class == "personal_info":
        source = "Personal Information Protection Law 21, 47"
        return _Reading("R-C7", source, None, None, ("DEFAULTED",), _PERSONAL)
    end = _NOT_SECRET if item_class == "trade_secret" else _THREE_YEARS
    text = "no confidentiality clause: the default for this class applies"
    source = "default of the service; Civil Code 501, 509, 558"
    return _Reading("R-C-DEFAULT", source, end, None, ("DEFAULTED",), (Step("R-C-DEFAULT", text),))


def _start_steps(reading: _Reading, anchors: Mapping[str, dt.date | None]) -> tuple[Step, ...]:
    begun = [day for name in ("disclosure", "negotiation") if (day := anchors.get(name)) is not None]
    by_law = "the duty begins with what was learned, disclosed or in negotiation, contract or not"
    steps = (Step("R-C1", by_law, min(begun)),) if begun else ()
    if reading.start is None:
        return steps
    return (*steps, Step("R-C3", f"the agreed duty runs from {reading.start}", anchors.get(reading.start)))


def _anchor_dates(reading: _Reading, anchors: Mapping[str, dt.date | None]) -> dict[str, str | None]:
    names = dict.fromkeys(after.anchor for after in (reading.end.afters if reading.end else ()))
    days = {name: anchors.get(name) for name in names if name is not None}
    return {name: day.isoformat() if day else None for name, day in days.items()}


class _Ending(NamedTuple):
    """The value of an end expression: an end (`at`), or none yet (`waiting`), or none by time at all."""

    last: dt.date | None
    at: dt.datetime | None
    steps: tuple[Step, ...]
    waiting: bool = False
    assumed: bool = False
    status: Status = "final"


class _Clock(NamedTuple):
    """Evaluates end expressions."""

    anchors: Mapping[str, dt.date | None]
    calendar: Calendar
    time_zone: ZoneInfo

    def ending(self, end: End) -> _Ending:
        if end.after is not None:
            return self._after(end.after)
        if end.date is not None:
            at = start_of(end.date + dt.timedelta(days=1), self.time_zone)
            return _Ending(end.date, at, (Step("R-C3", "the agreed date, through its end", end.date, at),))
        if end.later_of is not None:
            return _later_of([self.ending(part) for part in end.later_of])
        if end.earlier_of is not None:
            return _earlier_of([self.ending(part) for part in end.earlier_of])
        text = "no end" if end.until is None else _UNTIL[end.until]
        return _Ending(None, None, (Step("R-C3", text),))

    def _after(self, after: After) -> _Ending:
        day = self.anchors.get(after.anchor or "")
        if day is None:
            text = (
                f"{after.period} after {after.anchor}, which has not happened{_COMES_WITH.get(after.anchor or '', '')}"
            )
            return _Ending(None, None, (Step("R-C2", text),), waiting=True)
        end = deadline(
            day,
            after.period,
            calendar=self.calendar,
            roll=after.roll or "none",
            count_start_day=after.count_start_day,
            time_zone=self.time_zone,
            roll_assumed=after.roll is None,
        )
        steps = (Step("R-C2", f"{after.anchor} happened", day), *end.basis.steps)
        return _Ending(end.last_day, end.expires_at, steps, assumed=end.assumed, status=end.status)


def _later_of(parts: Sequence[_Ending]) -> _Ending:
    """The last of the ends; none while one of them is unknown."""
    steps = tuple(step for part in parts for step in part.steps)
    assumed = any(part.assumed for part in parts)
    if any(part.at is None for part in parts):
        waiting = all(part.waiting for part in parts if part.at is None)
        return _Ending(None, None, steps, waiting=waiting, assumed=assumed)
    last = max(parts, key=_end_instant)
    status: Status = "provisional" if any(part.status == "provisional" for part in parts) else "final"
    return last._replace(steps=steps, assumed=assumed, status=status)


def _earlier_of(parts: Sequence[_Ending]) -> _Ending:
    """The first of the known ends: an end that is not known yet can still come before it."""
    steps = tuple(step for part in parts for step in part.steps)
    assumed = any(part.assumed for part in parts)
    known = [part for part in parts if part.at is not None]
    if not known:
        return _Ending(None, None, steps, waiting=any(part.waiting for part in parts), assumed=assumed)
    first = min(known, key=lambda part: (_end_instant(part), part.status == "provisional"))
    return first._replace(steps=steps, assumed=assumed)


def _end_instant(part: _Ending) -> float:
    return part.at.timestamp() if part.at else float("inf")


def _tolled(ending: _Ending, days: int, time_zone: ZoneInfo) -> _Ending:
    added = dt.timedelta(days=days)
    last = ending.last + added if ending.last else None
    if last is not None and last > LAST_DAY:
        raise InvalidConfidentiality("toll_days", f"the term would end after {LAST_DAY}")
    at = start_of(ending.at.date() + added, time_zone) if ending.at else None
    step = Step("R-C4", f"the agreed tolling adds {days} days", last, at)
    return ending._replace(last=last, at=at, steps=(*ending.steps, step))


def _held_up(ending: _Ending, since: dt.date) -> _Ending:
    """While an agreed tolling runs, nobody knows how much it will add."""
    step = Step("R-C4", "an agreed tolling runs since; its length will be added", since)
    return _Ending(None, None, (*ending.steps, step), waiting=True, assumed=ending.assumed)
