"""How many deadlines one core computes in a second, in this process: no server, no JSON."""

import datetime as dt
import random
import statistics
import time
from typing import Any

import msgspec

from clm.law.calendars import china
from clm.law.periods import SHANGHAI, Period, Unit, deadline

NUMBER = 100_000
TARGET = 100_000.0
LONGEST = {Unit.HOUR: 96, Unit.DAY: 90, Unit.WORKING_DAY: 60, Unit.WEEK: 26, Unit.MONTH: 36, Unit.YEAR: 5}
FIRST, DAYS = dt.date(2008, 1, 1), 6_800


class Asked(msgspec.Struct, frozen=True):
    """One computation."""

    event: dt.date
    period: Period
    choices: dict[str, Any]


def asked(seed: int, number: int) -> list[Asked]:
    """Periods of every unit from any day of 2008-2026, rolled or not, forward or back; the same for the same seed."""
    draw = random.Random(seed)
    return [_one(draw) for _ in range(number)]


def _one(draw: random.Random) -> Asked:
    unit = draw.choice(list(Unit))
    day = FIRST + dt.timedelta(days=draw.randrange(DAYS))
    period = Period(draw.randint(1, LONGEST[unit]), unit)
    if unit is Unit.HOUR:
        return Asked(dt.datetime(day.year, day.month, day.day, draw.randrange(24), tzinfo=SHANGHAI), period, {})
    choices = {
        "roll": draw.choice(("forward", "none")),
        "count_start_day": draw.random() < 0.2,
        "direction": "backward" if draw.random() < 0.1 else "forward",
    }
    return Asked(day, period, choices)


def rate(rounds: int, number: int = NUMBER) -> float:
    """Deadlines a second, the median of the rounds."""
    calendar, given = china(), asked(1, number)
    rates = []
    for _ in range(rounds):
        began = time.perf_counter()
        for one in given:
            deadline(one.event, one.period, calendar=calendar, **one.choices)
        rates.append(number / (time.perf_counter() - began))
    return statistics.median(rates)
