"""What words of a limit include (Civil Code 1259; rule R-T9): 30 days are "within 30 days" and do not "exceed" them."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple, TypeVar

import msgspec

from clm.law.basis import Basis, LawError, Status, Step
from clm.law.calendars import Calendar, check_day
from clm.law.periods import Period, Unit, deadline

Comparison = Literal["at_least", "at_most", "more_than", "less_than"]
Ordered = TypeVar("Ordered", int, Decimal, Fraction, dt.date)

WORDS: dict[str, Comparison] = {
    "以上": "at_least",
    "届满": "at_least",
    "不低于": "at_least",
    "不少于": "at_least",
    "at_least": "at_least",
    "以下": "at_most",
    "以内": "at_most",
    "之内": "at_most",
    "不超过": "at_most",
    "不高于": "at_most",
    "at_most": "at_most",
    "within": "at_most",
    "超过": "more_than",
    "以外": "more_than",
    "more_than": "more_than",
    "exceeds": "more_than",
    "不满": "less_than",
    "不足": "less_than",
    "less_than": "less_than",
}
"""What each word means: 以上, 以下, 以内 and 届满 include the limit; 不满, 超过 and 以外 do not (1259)."""

AMBIGUOUS = frozenset(("前", "之前", "以前", "左右", "前后", "上下", "before", "about", "around"))
"""Words of which no rule says whether, or how far, they include the limit."""

_ONE_DAY = dt.timedelta(days=1)


class Elapsed(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a limit of time in words holds on a day.

    `elapsed_days` are those since the event, whose own day is not counted. `limit_day` is the last day of the period,
    `holds_from` and `holds_until` the first and the last day on which it holds; None where it holds from the
    beginning, or for ever. While a holiday notice is missing, `holds` is None and the days are as far as is known.
    """

    holds: bool | None
    comparison: Comparison
    elapsed_days: int
    limit_day: dt.date
    holds_from: dt.date | None
    holds_until: dt.date | None
    status: Status
    basis: Basis


def meaning(word: str) -> Comparison:
    """What a word of a limit means. Raises `LawError` for one that is ambiguous or unknown."""
    if word in AMBIGUOUS:
        raise LawError("word", f"{word} does not say whether the limit is included: agree on 以内, 不超过 or 届满")
    if word not in WORDS:
        raise LawError("word", f"unknown word {word}; known: {', '.join(WORDS)}")
    return WORDS[word]


def holds(value: Ordered, word: str, limit: Ordered) -> bool:
    """Whether a value is what the word says of a limit. Raises `LawError` for an ambiguous or unknown word."""
    comparison = meaning(word)
    if comparison in ("at_least", "less_than"):
        return (value >= limit) is (comparison == "at_least")
    return (value <= limit) is (comparison == "at_most")


def elapsed(since: dt.date, on: dt.date, word: str, period: Period, *, calendar: Calendar) -> Elapsed:
    """Whether, `on` a day, as much time as `word` and `period` say has gone by since the day `since`.

    The end does not move off a day of rest: this measures time, it sets nobody a date. Raises `LawError` for an
    ambiguous word, hours, and dates outside 1990-2100.
    """
    comparison = meaning(word)
    _check(since, on, period)
    end = deadline(since, period, calendar=calendar)
    limit = end.nominal_last_day
    if limit is None:
        raise LawError("period", "this period has no last day")
    span = _span(comparison, limit)
    final = end.status == "final"
    text = f"{word}: {comparison.replace('_', ' ')} {period}; {on} is day {(on - since).days} after {since}"
    steps = (*end.basis.steps[:-1], Step("R-T9", text, on))
    basis = Basis("R-T9", "Civil Code 1259", {"since": since.isoformat(), "on": on.isoformat()}, steps, end.status)
    return Elapsed(
        holds=span.includes(on) if final else None,
        comparison=comparison,
        elapsed_days=(on - since).days,
        limit_day=limit,
        holds_from=span.first,
        holds_until=span.last,
        status=end.status,
        basis=basis,
    )


class _Span(NamedTuple):
    """The days on which a limit holds, both included; None is no end."""

    first: dt.date | None
    last: dt.date | None

    def includes(self, day: dt.date) -> bool:
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)


def _span(comparison: Comparison, limit: dt.date) -> _Span:
    if comparison == "at_least":
        return _Span(limit, None)
    if comparison == "more_than":
        return _Span(limit + _ONE_DAY, None)
    return _Span(None, limit if comparison == "at_most" else limit - _ONE_DAY)


def _check(since: dt.date, on: dt.date, period: Period) -> None:
    for field, day in (("since", since), ("on", on)):
        check_day(field, day)
    if on < since:
        raise LawError("on", f"{on} is before {since}, from which the time is counted")
    if period.unit is Unit.HOUR:
        raise LawError("/period/unit", "hours end at an instant: compute their deadline and compare with it")
