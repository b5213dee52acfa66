"""Calendars and rates as they are loaded, and what a process knows of them."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from clm.kit.db import Database
from clm.kit.problems import invalid
from clm.law.calendars import Calendar
from clm.law.jurisdictions import JURISDICTIONS

_KEPT = "legal_data"


@dataclass(frozen=True, eq=False)
class LegalData:
    """Calendars and rates of one edition. `edition` counts the loads of this installation."""

    edition: int = 0
    calendars: dict[str, Calendar] = field(default_factory=dict)

    def calendar(self, jurisdiction: str) -> Calendar:
        """A jurisdiction's calendar: as loaded, or as the package carries it."""
        return self.calendars.get(jurisdiction) or JURISDICTIONS[jurisdiction].packaged()


_PACKAGED = LegalData()


def current(database: Database) -> LegalData:
    """What this process knows of the database's calendars and rates; asks nobody."""
    known: LegalData | None = database.kept.get(_KEPT)
    return known or _PACKAGED


def zone_of(jurisdiction: str, time_zone: str | None) -> ZoneInfo:
    """Where legal dates are read; raises Problem 422 for a zone that does not exist or that the law does not leave."""
    own = JURISDICTIONS[jurisdiction].time_zone
    if time_zone is None or time_zone == own.key:
        return own
    if jurisdiction == "CN":
        raise invalid("/time_zone", f"Legal dates in CN are those of {own.key} (R-T1).")
    try:
        return ZoneInfo(time_zone)
    except (ValueError, OSError, LookupError):
        raise invalid("/time_zone", f"{time_zone} is no IANA time zone.") from None
