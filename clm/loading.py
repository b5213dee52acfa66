"""`clm calendar` and `clm rates`: load what is published, or say what is loaded. For operators."""

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import TypeVar

import msgspec

from clm import worker
from clm.features.legal_data import service as legal_data
from clm.features.legal_data.service import NoticeFile, RatesFile
from clm.kit import shapes
from clm.kit.db import Database
from clm.kit.problems import Problem
from clm.law.periods import SHANGHAI

FAILED = 1
T = TypeVar("T")


class BadFile(Exception):
    """A file cannot be loaded; the message says which, where in it, and what is wrong."""


async def calendar(database: Database, options: argparse.Namespace) -> int:
    """`clm calendar load FILE...` or `clm calendar list`; returns the exit status. Several files load as one."""
    if options.does == "list":
        return _list(await legal_data.refresh(database))
    try:
        await _load_calendars(database, options.files)
    except BadFile as error:
        return _fail("calendar", str(error))
    return 0


async def rates(database: Database, options: argparse.Namespace) -> int:
    """`clm rates load FILE`; returns the exit status."""
    try:
        given = _read(options.file, RatesFile)
        loaded = await _checked(options.file, given, database)
    except BadFile as error:
        return _fail("rates", str(error))
    dates = ", ".join(day.isoformat() for day in loaded.changed) or "none, all is there already"
    _say(f"{loaded.series}: added or corrected: {dates}")
    _say(f"edition {loaded.edition}, {len(loaded.items)} publications, certain until {loaded.known_until}")
    return 0


async def _load_calendars(database: Database, paths: list[Path]) -> None:
    notices = [_notice(path) for path in paths]
    years = [(place, year) for place, year, _ in notices]
    for number, one in enumerate(years):
        if one in years[:number]:
            raise BadFile(f"{paths[number]}: {one[0]} {one[1]} is in another of these files too; give one file a year")
    changed = await legal_data.load_calendars(database, notices)
    law = legal_data.current(database)
    for place, year in years:
        _say(_loaded(legal_data.calendar_year(law, place, year), law.edition, changed=year in changed))
    waiting = await legal_data.tenants_behind(database)
    if waiting:
        _say(
            f"{sum(waiting.values())} contracts of {len(waiting)} tenants are computed anew; each date that changes is"
        )
        _say("is told in clm.deadline.changed. Cut off, this goes on with the next service or worker that runs.")
        await worker.keep_step(database)


def _loaded(found: legal_data.CalendarYear, edition: int, *, changed: bool) -> str:
    worked = sum(day.kind == "makeup" for day in found.days)
    how = f"loaded as edition {edition}" if changed else "is there already, nothing changed"
    span = f"{found.days[0].date} to {found.days[-1].date}"
    return f"{found.jurisdiction} {found.year}: {len(found.days) - worked} days off, {worked} worked, {span}: {how}"


def _notice(path: Path) -> tuple[str, int, NoticeFile]:
    notice = _read(path, NoticeFile)
    if notice.year is None:
        raise BadFile(f'{path}: say which year the notice is for: "year": 2027')
    jurisdiction = notice.jurisdiction or "CN"
    try:
        legal_data.check_calendar(jurisdiction, notice.year, notice)
    except Problem as problem:
        raise BadFile(_told(path, problem)) from None
    return jurisdiction, notice.year, notice


async def _checked(path: Path, given: RatesFile, database: Database) -> legal_data.LoadedRates:
    try:
        return await legal_data.load_rates(database, given, dt.datetime.now(SHANGHAI).date())
    except Problem as problem:
        raise BadFile(_told(path, problem)) from None


def _read(path: Path, wanted: type[T]) -> T:
    try:
        content = path.read_bytes()
        return msgspec.json.decode(content, type=wanted)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None
    except msgspec.ValidationError as error:
        raise BadFile(_told(path, shapes.misfit(str(error), wanted))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadFile(f"{path} is not JSON: {error}") from None


def _told(path: Path, problem: Problem) -> str:
    lines = [f"{path} at {error.pointer or '/'}: {error.message}" for error in problem.errors]
    return "\n".join(lines or [f"{path}: {problem.detail}"])


def _list(law: legal_data.LegalData) -> int:
    found = legal_data.calendars(law)
    for one in found.items:
        known = _spans([year.year for year in one.years])
        more = "load a later year with `clm calendar load FILE`" if one.loadable else "comes with this version"
        _say(f"{one.jurisdiction:<5} {one.title}: {known}, {one.time_zone}; {more}")
    _say(f"edition {found.edition}")
    return 0


def _spans(years: list[int]) -> str:
    """Years in order as spans, so that one that is missing shows: `2007-2026, 2028`."""
    starts = [year for year in years if year - 1 not in years]
    ends = [year for year in years if year + 1 not in years]
    return ", ".join(f"{start}-{end}" if start < end else str(start) for start, end in zip(starts, ends, strict=True))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _fail(command: str, text: str) -> int:
    sys.stderr.write(f"clm {command}: {text}\nNothing was loaded.\n")
    return FAILED
