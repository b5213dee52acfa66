"""The calculators: a request in, what the law says out; no contract, no clock; calendars come from what is loaded."""

import datetime as dt

from clm.features.calculations.models import ArrivalRequest, DeadlineAnswer, DeadlineRequest
from clm.features.legal_data.service import LegalData, zone_of
from clm.kit.problems import Problem, invalid
from clm.law import arrival
from clm.law.arrival import Arrival
from clm.law.basis import LawError
from clm.law.periods import clock_time, deadline


def compute_deadline(asked: DeadlineRequest, law: LegalData) -> DeadlineAnswer:
    """The end of a period; raises Problem 422 where it cannot be counted. Without a roll, forward is assumed."""
    zone = zone_of(asked.jurisdiction, asked.time_zone)
    event = _event(asked.event)
    try:
        found = deadline(
            event,
            asked.period,
            calendar=law.calendar(asked.jurisdiction),
            roll=asked.roll or "forward",
            roll_assumed=asked.roll is None,
            count_start_day=asked.count_start_day,
            direction=asked.direction,
            cutoff=clock_time(asked.cutoff) if asked.cutoff else None,
            time_zone=zone,
        )
    except LawError as error:
        raise _broken(error) from None
    if found.expires_at is None:
        raise invalid("/period", "This period has no end that can be computed.")
    return DeadlineAnswer(
        found.expires_at, found.status, found.assumed, found.basis, found.last_day, found.nominal_last_day
    )


def compute_arrival(asked: ArrivalRequest, law: LegalData) -> Arrival:
    """Whether and when a notice arrived; raises Problem 422 where that cannot be judged."""
    zone = zone_of(asked.jurisdiction, asked.time_zone)
    try:
        return arrival.judge(
            arrival.default_rules() if asked.rules is None else asked.rules,
            asked.deliveries,
            calendar=law.calendar(asked.jurisdiction),
            channels_allowed=asked.channels_allowed,
            business_hours=asked.business_hours,
            time_zone=zone,
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
