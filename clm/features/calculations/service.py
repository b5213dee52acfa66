"""The calculators: a request in, what the law says out; no contract, no clock, no database."""

import datetime as dt

from clm.features.calculations.models import ArrivalRequest, DeadlineAnswer, DeadlineRequest
from clm.kit.problems import Problem, invalid
from clm.law import arrival
from clm.law.arrival import Arrival
from clm.law.basis import LawError
from clm.law.calendars import china
from clm.law.periods import clock_time, deadline


def compute_deadline(asked: DeadlineRequest) -> DeadlineAnswer:
    """The end of a period; raises Problem 422 where it cannot be counted. Without a roll, forward is assumed."""
    event = _event(asked.event)
    try:
        found = deadline(
            event,
            asked.period,
            calendar=china(),
            roll=asked.roll or "forward",
            roll_assumed=asked.roll is None,
            count_start_day=asked.count_start_day,
            direction=asked.direction,
            cutoff=clock_time(asked.cutoff) if asked.cutoff else None,
        )
    except LawError as error:
        raise _broken(error) from None
    if found.expires_at is None:
        raise invalid("/period", "This period has no end that can be computed.")
    return DeadlineAnswer(
        found.expires_at, found.status, found.assumed, found.basis, found.last_day, found.nominal_last_day
    )


def compute_arrival(asked: ArrivalRequest) -> Arrival:
    """Whether and when a notice arrived; raises Problem 422 where that cannot be judged."""
    try:
        return arrival.judge(
            arrival.default_rules() if asked.rules is None else asked.rules,
            asked.deliveries,
            calendar=china(),
            channels_allowed=asked.channels_allowed,
            business_hours=asked.business_hours,
            rules_assumed=asked.rules is None,
        )
    except LawError as error:
        raise _broken(error) from None


def _event(text: str) -> dt.date | dt.datetime:
    try:
        if len(text) == len("2026-01-05"):
            return dt.date.fromisoformat(text)
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        raise invalid("/event", f"{text} is neither a date (YYYY-MM-DD) nor an instant (RFC 3339).") from None
    if instant.utcoffset() is None:
        raise invalid("/event", "An instant needs an offset, such as +08:00.")
    return instant


def _broken(error: LawError) -> Problem:
    return invalid(error.field if error.field.startswith("/") else f"/{error.field}", error.message)
