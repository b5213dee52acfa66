"""Calendars and rates: what is loaded, what a process knows of it, and loading more.

They are public law and the same for every tenant. A process keeps them in memory beside its database; `follow` in
clm/worker.py sees to it that another process's load is known here within a second.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from litestar.di import NamedDependency

from clm.features.legal_data import checks
from clm.features.legal_data.models import (
    CalendarDayOut,
    CalendarOut,
    Calendars,
    CalendarYear,
    LendingRates,
    LoadedRates,
    LoadedYear,
    NoticeFile,
    PublicationOut,
    RatesFile,
    YearOut,
)
from clm.kit import sql as sql_files
from clm.kit.db import Database, Queries
from clm.kit.problems import invalid, not_found
from clm.law.calendars import LAST_DAY, Calendar, CalendarDay
from clm.law.jurisdictions import JURISDICTIONS
from clm.law.rates import RateRow, Rates, lpr

__all__ = [
    "CalendarYear",
    "GivenStep",
    "LegalData",
    "Load",
    "LoadedRates",
    "NoticeFile",
    "RatesFile",
    "at_least",
    "begin",
    "calendar_year",
    "calendars",
    "check_calendar",
    "current",
    "lending_rates",
    "load_calendar",
    "load_calendars",
    "load_rates",
    "refresh",
    "settle",
    "tenants_behind",
    "zone_of",
]

sql = sql_files.load(__package__)
log = structlog.get_logger("clm.legal_data")

SERIES = "LPR_1Y"
SETTLE_SECONDS = 10.0
_KEPT = "legal_data"

Step = Callable[[Database], Awaitable[int]]
"""Bring every contract in step with what is loaded: the worker's to do, and given to handlers."""
GivenStep: TypeAlias = NamedDependency[Step]


@dataclass(frozen=True)
class Load:
    """One year's notice as it was loaded: by which load, and when."""

    edition: int
    loaded_at: dt.datetime


@dataclass(frozen=True, eq=False)
class LegalData:
    """Calendars and rates of one edition.

    `edition` counts the loads of this installation, `calendar_edition` is that of the last one that moved days.
    `loads` says by which load a jurisdiction's year came.
    """

    edition: int = 0
    calendar_edition: int = 0
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    loads: Mapping[tuple[str, int], Load] = field(default_factory=dict)
    rates: Rates = field(default_factory=lpr)

    def calendar(self, jurisdiction: str) -> Calendar:
        """A jurisdiction's calendar: as loaded, or as the package carries it."""
        return self.calendars.get(jurisdiction) or JURISDICTIONS[jurisdiction].packaged()

    def years_since(self, jurisdiction: str, edition: int) -> list[int]:
        """The years whose notices were loaded after an edition, in order."""
        return sorted(
            year for (place, year), load in self.loads.items() if place == jurisdiction and load.edition > edition
        )


_PACKAGED = LegalData()


def current(database: Database) -> LegalData:
    """What this process knows of the database's calendars and rates; asks nobody."""
    known: LegalData | None = database.kept.get(_KEPT)
    return known or _PACKAGED


async def begin(database: Database) -> LegalData:
    """Make known what the database holds; what the package carries and the database lacks is put into it before.

    Safe to repeat, and for several processes at once: a notice that is there is left as it is.
    """
    packaged = JURISDICTIONS["CN"].packaged()
    notices: dict[int, dict[str, Any]] = {}
    for row in packaged.days:
        notice = {"jurisdiction": "CN", "year": row.year, "source": row.source, "days": []}
        day = {"date": row.date, "kind": "rest" if row.is_rest else "makeup", "name": row.name}
        notices.setdefault(row.year, notice)["days"].append(day)
    await database.untenanted(sql.load_holidays, list(notices.values()), True)  # noqa: FBT003 - an argument of SQL
    rates = [{"date": row.date, "rate": str(row.rate), "source": row.source} for row in lpr().rows]
    await database.untenanted(sql.load_rates, SERIES, rates, True)  # noqa: FBT003 - an argument of SQL
    return await refresh(database)


async def refresh(database: Database) -> LegalData:
    """Make known what another process has loaded, if anything."""
    edition = (await database.untenanted(sql.edition))[0]["edition"]
    known = current(database)
    if known.edition == edition and known is not _PACKAGED:
        return known
    return _install(database, _read((await database.untenanted(sql.everything))[0]))


async def at_least(db: Queries, edition: int) -> LegalData:
    """What this process knows; read anew, inside the caller's transaction, where it is older than an edition."""
    known = current(db.database)
    if known.edition >= edition:
        return known
    return _install(db.database, _read(await _everything(db)))


async def tenants_behind(database: Database) -> dict[UUID, int]:
    """Tenants with contracts whose timers are not in step with the loaded calendars, and how many."""
    return {row["tenant_id"]: row["contracts"] for row in await database.untenanted(sql.tenants_behind)}


async def load_calendar(database: Database, jurisdiction: str, year: int, notice: NoticeFile) -> LoadedYear:
    """Load one year's notice; raises Problem 404 for an unknown jurisdiction, 422 for a notice that does not hold.

    The same again changes nothing. It is stored, and known here, when this returns.
    """
    changed = year in await load_calendars(database, [(jurisdiction, year, notice)])
    found = _year(current(database), jurisdiction, year)
    return LoadedYear(**{name: getattr(found, name) for name in CalendarYear.__struct_fields__}, changed=changed)


def check_calendar(jurisdiction: str, year: int, notice: NoticeFile) -> None:
    """Raise what `load_calendar` would: Problem 404 or 422."""
    checks.notice_row(jurisdiction, year, notice)


async def load_calendars(database: Database, notices: Sequence[tuple[str, int, NoticeFile]]) -> list[int]:
    """Load several notices, all or none; returns the years that changed. Raises what `load_calendar` does."""
    rows = [checks.notice_row(*one) for one in notices]
    done = (await database.untenanted(sql.load_holidays, rows, False))[0]  # noqa: FBT003 - an argument of SQL
    if done["changed"]:
        log.info("holiday notices loaded", edition=done["as_of"], years=done["changed"])
    await refresh(database)
    return list(done["changed"])


async def load_rates(database: Database, rates: RatesFile, today: dt.date) -> LoadedRates:
    """Add or correct publications of the LPR; raises Problem 422 for what cannot be one. The rest stays."""
    rows = checks.rate_rows(rates, today)
    done = (await database.untenanted(sql.load_rates, SERIES, rows, False))[0]  # noqa: FBT003 - an argument of SQL
    if done["changed"]:
        log.info("lending rates loaded", edition=done["as_of"], dates=[day.isoformat() for day in done["changed"]])
    found = lending_rates(await refresh(database))
    return LoadedRates(
        **{name: getattr(found, name) for name in LendingRates.__struct_fields__}, changed=list(done["changed"])
    )


async def settle(database: Database, step: Step) -> None:
    """Bring in step what a load has moved, for a few seconds; the rest, and what fails, is left to the worker."""
    try:
        async with asyncio.timeout(SETTLE_SECONDS):
            await step(database)
    except Exception as error:  # noqa: BLE001 - the load is stored, and the loop comes by within a second
        log.warning("not everything is in step yet", reason=type(error).__name__)


def calendars(law: LegalData) -> Calendars:
    """Every jurisdiction with the years that are known."""
    return Calendars(law.edition, [_calendar(law, key) for key in JURISDICTIONS])


def calendar_year(law: LegalData, jurisdiction: str, year: int) -> CalendarYear:
    """The days that one year's notice moves; raises Problem 404 for an unknown jurisdiction or year."""
    if jurisdiction not in JURISDICTIONS:
        raise not_found(f"jurisdiction; known: {', '.join(JURISDICTIONS)}")
    if not law.calendar(jurisdiction).knows(year):
        raise not_found(f"calendar: no notice of {jurisdiction} for {year} is loaded")
    return _year(law, jurisdiction, year)


def lending_rates(law: LegalData) -> LendingRates:
    """The publications of the one-year LPR."""
    items = [PublicationOut(row.date, row.rate, row.source) for row in law.rates.rows]
    return LendingRates(series=SERIES, edition=law.edition, known_until=law.rates.known_until, items=items)


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


async def _everything(db: Queries) -> Mapping[str, Any]:
    row: Mapping[str, Any] | None = await db.one(sql.everything)
    if row is None:
        raise LookupError("the row of the edition is gone")
    return row


def _install(database: Database, law: LegalData) -> LegalData:
    known = current(database)
    if known is _PACKAGED or law.edition > known.edition:
        database.kept[_KEPT] = law
    return current(database)


def _read(row: Mapping[str, Any]) -> LegalData:
    days: dict[str, list[CalendarDay]] = {}
    loads: dict[tuple[str, int], Load] = {}
    for one in row["holidays"]:
        place, year, date = one["jurisdiction"], one["year"], dt.date.fromisoformat(one["date"])
        day = CalendarDay(year, date, one["kind"] == "rest", one["name"], one["source"])
        days.setdefault(place, []).append(day)
        loads[place, year] = Load(one["edition"], dt.datetime.fromisoformat(one["loaded_at"]))
    rates = [RateRow(dt.date.fromisoformat(r["date"]), Decimal(r["rate"]), r["source"]) for r in row["rates"]]
    return LegalData(
        row["edition"],
        row["calendar_edition"],
        {place: Calendar.from_rows(place, rows) for place, rows in days.items()},
        loads,
        Rates.from_rows(rates) if rates else lpr(),
    )


def _calendar(law: LegalData, jurisdiction: str) -> CalendarOut:
    one, calendar = JURISDICTIONS[jurisdiction], law.calendar(jurisdiction)
    return CalendarOut(
        jurisdiction=one.key,
        title=one.title,
        time_zone=one.time_zone.key,
        loadable=one.loadable,
        years=[YearOut(year, calendar.sources[year]) for year in sorted(calendar.years) if year <= LAST_DAY.year],
    )


def _year(law: LegalData, jurisdiction: str, year: int) -> CalendarYear:
    calendar, load = law.calendar(jurisdiction), law.loads.get((jurisdiction, year))
    days = [
        CalendarDayOut(day.date, "rest" if day.is_rest else "makeup", day.name)
        for day in calendar.days
        if day.year == year
    ]
    return CalendarYear(
        jurisdiction=jurisdiction,
        year=year,
        source=calendar.sources[year],
        days=days,
        edition=load.edition if load else None,
        loaded_at=load.loaded_at if load else None,
    )
