"""What a notice or a publication must keep to before it is loaded."""

import datetime as dt
from typing import Any

from clm.features.legal_data.models import NoticeDay, NoticeFile, RatesFile
from clm.kit.problems import FieldError, Problem, invalid, not_found
from clm.law.calendars import FIRST_DAY, LAST_DAY
from clm.law.jurisdictions import JURISDICTIONS

AHEAD = dt.timedelta(days=366)
"""A rate further ahead of today is taken for a slip of the pen."""
DECIMALS = 6


def notice_row(jurisdiction: str, year: int, notice: NoticeFile) -> dict[str, Any]:
    """A notice as it is stored; raises Problem 404 for an unknown jurisdiction, 422 for what cannot be one's notice."""
    if jurisdiction not in JURISDICTIONS:
        raise not_found(f"jurisdiction; known: {', '.join(JURISDICTIONS)}")
    if not JURISDICTIONS[jurisdiction].loadable:
        raise invalid("/jurisdiction", f"{jurisdiction} has no notices to load: its calendar comes with this version.")
    if not FIRST_DAY.year <= year <= LAST_DAY.year:
        raise invalid("/year", f"Years run from {FIRST_DAY.year} to {LAST_DAY.year}.")
    for name, said, meant in (("year", notice.year, year), ("jurisdiction", notice.jurisdiction, jurisdiction)):
        if said is not None and said != meant:
            raise invalid(f"/{name}", f"This is the notice for {said}, and {meant} is to be loaded.")
    source = notice.source or " ".join(notice.papers or [])
    if not source:
        raise invalid("/source", "Say where the notice is published: `source`, or `papers`.")
    errors = [error for number, day in enumerate(notice.days) for error in _of_day(number, day, year, notice.days)]
    if errors:
        first = errors[0]
        raise Problem("invalid", f"The notice does not hold, first at {first.pointer}: {first.message}", errors=errors)
    days = [{"date": day.date, "kind": kind_of(day), "name": day.name} for day in notice.days]
    return {"jurisdiction": jurisdiction, "year": year, "source": source, "days": days}


def kind_of(day: NoticeDay) -> str:
    """`rest` or `makeup`, in either way of saying it."""
    return day.kind or ("rest" if day.is_off_day else "makeup")


def _of_day(number: int, day: NoticeDay, year: int, days: list[NoticeDay]) -> list[FieldError]:
    where, found = f"/days/{number}", []
    if (day.kind is None) == (day.is_off_day is None):
        found.append(FieldError(f"{where}/kind", "Say either `kind` or `isOffDay`."))
    if not dt.date(year - 1, 12, 25) <= day.date <= dt.date(year + 1, 1, 10):
        text = f"A notice for {year} moves days from {year - 1}-12-25 to {year + 1}-01-10."
        found.append(FieldError(f"{where}/date", text))
    if any(earlier.date == day.date for earlier in days[:number]):
        found.append(FieldError(f"{where}/date", f"{day.date} is there twice."))
    if day.kind == "makeup" and day.date.weekday() < 5:  # holiday-cn restates plain working days, as on 2020-02-03
        found.append(FieldError(f"{where}/kind", f"{day.date} is no weekend day; only those are made working days."))
    return found


def rate_rows(rates: RatesFile, today: dt.date) -> list[dict[str, Any]]:
    """Publications as they are stored; raises Problem 422 with a pointer for each thing that cannot be one."""
    errors: list[FieldError] = []
    seen: set[dt.date] = set()
    for number, one in enumerate(rates.publications):
        where = f"/publications/{number}"
        if not FIRST_DAY <= one.date <= min(LAST_DAY, today + AHEAD):
            text = f"Publications are of {FIRST_DAY.year} and later, and not more than a year ahead of {today}."
            errors.append(FieldError(f"{where}/date", text))
        if one.date in seen:
            errors.append(FieldError(f"{where}/date", f"{one.date} is there twice."))
        seen.add(one.date)
        exponent = one.rate.as_tuple().exponent
        if not isinstance(exponent, int) or not 0 < one.rate < 1 or exponent < -DECIMALS:
            text = f'A rate is a fraction between 0 and 1 with at most {DECIMALS} decimals: "0.0300" for 3.00 %.'
            errors.append(FieldError(f"{where}/rate", text))
        if not (one.source or rates.source):
            errors.append(FieldError(f"{where}/source", "Say where the rate is published."))
    if errors:
        first = errors[0]
        raise Problem("invalid", f"The rates do not hold, first at {first.pointer}: {first.message}", errors=errors)
    return [
        {"date": one.date, "rate": f"{one.rate:f}", "source": one.source or rates.source} for one in rates.publications
    ]
