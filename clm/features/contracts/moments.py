"""Points in time as a query names them."""

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec

from clm.kit.problems import invalid
from clm.law.periods import start_of

_TICK = dt.timedelta(microseconds=1)


class Moment(msgspec.Struct, frozen=True):
    """A point in two times: when it held, and when it was known."""

    as_of: dt.datetime
    known_at: dt.datetime


def moment(as_of: str | None, known_at: str | None, zone: ZoneInfo, now: dt.datetime) -> Moment:
    """Parse `as_of` and `known_at`: an instant, or a date, which means its last instant."""
    return Moment(instant_of("as_of", as_of, zone, now), instant_of("known_at", known_at, zone, now))


def instant_of(name: str, text: str | None, zone: ZoneInfo, default: dt.datetime) -> dt.datetime:
    """An instant as it was given, or the last one of a date; raises Problem 422 for neither."""
    if text is None:
        return default
    try:
        if len(text) == len("2026-04-30"):
            return start_of(dt.date.fromisoformat(text) + dt.timedelta(days=1), zone) - _TICK
        given = dt.datetime.fromisoformat(text.replace(" ", "+"))
        instant = given.astimezone(dt.UTC).astimezone(zone) if given.tzinfo else None
    except (ValueError, OverflowError):
        instant = None
    if instant is None:
        raise invalid(f"/{name}", f"{text} is neither a date (YYYY-MM-DD) nor an instant with its offset (RFC 3339).")
    return instant
