"""The loops beside the requests: due timers, and the sweeping of what is no longer needed."""

import asyncio
import datetime as dt

import structlog

from clm.features.contracts import service as contracts
from clm.features.timers import service as timers
from clm.kit.db import Database
from clm.kit.problems import of_database

HANDLERS = {"timers": contracts.fire}
"""What firing means is the contracts room's to say; the timers room only knows when."""

log = structlog.get_logger("clm.worker")

BACK_OFF_SECONDS = 5.0


async def run(database: Database, *, interval: float, stop: asyncio.Event) -> None:
    """Fire due timers until `stop` is set; a database that is gone is asked again until it is back."""
    while not stop.is_set():
        try:
            fired = await fire_due(database)
            if fired:
                log.info("timers fired", count=fired)
            pause = interval
        except Exception as error:
            if of_database(error) is None:
                log.exception("the worker failed")
            else:
                log.warning("the worker waits for the database", error=type(error).__name__)
            pause = max(interval, BACK_OFF_SECONDS)
        await _sleep(pause, stop)


async def fire_due(database: Database) -> int:
    """Fire everything that is due for every tenant now; returns how many transactions fired something."""
    fired = 0
    for tenant in await timers.tenants_with_due_work(database):
        while await timers.fire_one(database, tenant, HANDLERS["timers"]):
            fired += 1
    return fired


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


def utc_now() -> dt.datetime:
    """Real time, for what is not a contract's: ages of leftovers."""
    return dt.datetime.now(dt.UTC)
