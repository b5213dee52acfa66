"""Jurisdictions: whose days of rest count, and whose local date a legal date is.

Only calendar and time zone differ. The rules of counting stay those of the Civil Code, also where another place's
calendar is agreed. A further jurisdiction is one more entry here and one more key.
"""

from collections.abc import Callable
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from clm.law.calendars import FIRST_DAY, LAST_DAY, Calendar, CalendarDay, china

Key = Literal["CN", "SG", "none"]

SINGAPORE_YEARS = range(2001, 2028)
"""What the package `holidays` has from the Ministry of Manpower; before and after, it estimates by the moon."""
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_SINGAPORE_SOURCE = "https://www.mom.gov.sg/employment-practices/public-holidays"


class Jurisdiction(msgspec.Struct, frozen=True):
    """A place: its time zone, whether its notices can be loaded, and the calendar that the package carries for it."""

    key: str
    title: str
    time_zone: ZoneInfo
    packaged: Callable[[], Calendar]
    loadable: bool = False


@cache
def singapore() -> Calendar:
    """Singapore's public holidays as announced, with the Monday in lieu of one on a Sunday; other years are unknown.

    The week has five working days, as agreed working days have it; the Interpretation Act 1965, s 50, which is about
    periods in statutes, excludes only Sundays and public holidays.
    """
    from holidays.countries.singapore import Singapore  # noqa: PLC0415 - half a second, for those who ask alone

    named = Singapore(years=SINGAPORE_YEARS, language="en_SG")
    rows = [
        CalendarDay(day.year, day, is_rest=True, name=name, source=_SINGAPORE_SOURCE) for day, name in named.items()
    ]
    rows = [row for row in rows if row.year in SINGAPORE_YEARS]
    return Calendar.from_rows("SG", rows, years=SINGAPORE_YEARS, reaches_back=False, source=_SINGAPORE_SOURCE)


@cache
def weekends() -> Calendar:
    """Saturdays and Sundays are days of rest and nothing else is, in every year."""
    years = range(FIRST_DAY.year, LAST_DAY.year + 2)  # one more: the last day may roll
    return Calendar.from_rows("none", (), years=years, reaches_back=False, source="Saturdays and Sundays alone")


JURISDICTIONS: dict[str, Jurisdiction] = {
    "CN": Jurisdiction("CN", "People's Republic of China", _SHANGHAI, china, loadable=True),
    "SG": Jurisdiction("SG", "Singapore", ZoneInfo("Asia/Singapore"), singapore),
    "none": Jurisdiction("none", "weekends off, no holidays", _SHANGHAI, weekends),
}
