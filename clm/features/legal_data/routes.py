"""Calendars and rates over HTTP: to read for every key, to load for those of the installation's operator."""

import datetime as dt

from litestar import Response, get, put

from clm.features.legal_data import service
from clm.features.legal_data.models import (
    Calendars,
    CalendarYear,
    LendingRates,
    LoadedRates,
    LoadedYear,
    NoticeFile,
    Publications,
    RatesFile,
)
from clm.kit import http
from clm.kit.auth import INSTALLATION, scope
from clm.kit.db import sql as kit_sql
from clm.kit.given import Actor, Database, FromPath, JSONBody, Reads
from clm.kit.openapi import Example
from clm.law.periods import SHANGHAI

TAGS = ["Calendars and rates"]
_SOURCE = "https://www.gov.cn/zhengce/zhengceku/202511/content_7047091.htm"
_YEAR = {
    "jurisdiction": "CN",
    "year": 2026,
    "source": _SOURCE,
    "days": [
        {"date": "2026-01-01", "kind": "rest", "name": "元旦"},
        {"date": "2026-01-04", "kind": "makeup", "name": "元旦"},
    ],
    "edition": 1,
    "loaded_at": "2026-01-05T02:00:00Z",
}
_RATES = {
    "series": "LPR_1Y",
    "edition": 2,
    "known_until": "2026-07-20",
    "items": [{"date": "2025-05-20", "rate": "0.0300", "source": "https://www.chinamoney.com.cn/"}],
}


@get(
    "/calendars",
    operation_id="listCalendars",
    summary="List the calendars",
    description="Every jurisdiction with the years whose days of rest are known, and where each year's days come from. "
    "What rests on another year is provisional. The list is unpaged.",
    tags=TAGS,
    guards=[scope("calculations:read")],
    example=Example(
        response={
            "edition": 1,
            "items": [
                {
                    "jurisdiction": "CN",
                    "title": "People's Republic of China",
                    "time_zone": "Asia/Shanghai",
                    "loadable": True,
                    "years": [{"year": 2026, "source": _SOURCE}],
                }
            ],
        }
    ),
)
async def list_calendars(reads: Reads) -> Calendars:
    return service.calendars(await service.refresh(reads.database))


@get(
    "/calendars/{jurisdiction:str}/{year:int}",
    operation_id="getCalendarYear",
    summary="Read one year's notice",
    description="The days of rest that the notice names, and the weekend days that are worked in return.",
    tags=TAGS,
    guards=[scope("calculations:read")],
    example=Example(response=_YEAR),
)
async def get_calendar_year(reads: Reads, jurisdiction: FromPath[str], year: FromPath[int]) -> Response[CalendarYear]:
    found = service.calendar_year(await service.refresh(reads.database), jurisdiction, year)
    return http.one(found, found.edition or 0)


@put(
    "/calendars/{jurisdiction:str}/{year:int}",
    operation_id="loadCalendarYear",
    summary="Load one year's notice",
    description="Concerns every tenant: the key must carry `installation:write` literally. The body is a notice in the "
    "form of the example, or a file of holiday-cn. Loading replaces the year; the same again changes nothing. Timers "
    "that rest on the year are computed anew, contract by contract, and each that changes tells it in "
    "`clm.deadline.changed`. The answer waits for them for ten seconds at most; the rest follows.",
    tags=TAGS,
    guards=[scope(INSTALLATION)],
    status_code=200,
    example=Example(
        request={"source": _SOURCE, "days": _YEAR["days"]},
        response=_YEAR | {"changed": True},
    ),
)
async def load_calendar_year(
    database: Database,
    step: service.GivenStep,
    jurisdiction: FromPath[str],
    year: FromPath[int],
    data: JSONBody[NoticeFile],
) -> Response[LoadedYear]:
    loaded = await service.load_calendar(database, jurisdiction, year, data)
    await service.settle(database, step)
    return http.one(loaded, loaded.edition or 0)


@get(
    "/rates/lpr",
    operation_id="getLendingRates",
    summary="Read the loan prime rate",
    description="The publications of the one-year LPR that are loaded, by date. Each holds until the next. Unpaged.",
    tags=TAGS,
    guards=[scope("calculations:read")],
    example=Example(response=_RATES),
)
async def get_lending_rates(reads: Reads) -> LendingRates:
    return service.lending_rates(await service.refresh(reads.database))


@put(
    "/rates/lpr",
    operation_id="loadLendingRates",
    summary="Load publications of the loan prime rate",
    description="Concerns every tenant: the key must carry `installation:write` literally. Adds the publications, or "
    "corrects those of the same date; others stay. A rate is a fraction a year: `0.0300` for 3.00 %. A bare list of "
    "publications is accepted too.",
    tags=TAGS,
    guards=[scope(INSTALLATION)],
    status_code=200,
    example=Example(
        request={"publications": _RATES["items"]},
        response=_RATES | {"changed": ["2025-05-20"]},
    ),
)
async def load_lending_rates(database: Database, actor: Actor, data: JSONBody[RatesFile | Publications]) -> LoadedRates:
    # Not in a unit: it would hold one connection and wait for a second, and twenty of those wait for each other.
    now = max(await database.reads(actor.tenant).value(kit_sql.now), dt.datetime.now(dt.UTC))
    given = RatesFile(data) if isinstance(data, list) else data
    return await service.load_rates(database, given, now.astimezone(SHANGHAI).date())


routes = [list_calendars, get_calendar_year, load_calendar_year, get_lending_rates, load_lending_rates]
