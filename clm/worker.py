"""The loops beside the requests: due timers, newly loaded law, and the sweeping of bytes that no row points at."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog

from clm.features.attachments import parted, sweeping
from clm.features.carriers import service as carriers
from clm.features.contracts import behind
from clm.features.contracts import service as contracts
from clm.features.legal_data import service as legal_data
from clm.features.mailing import service as mailing
from clm.features.notices.again import judge_again
from clm.features.search import indexing
from clm.features.timers import service as timers
from clm.kit.db import Database
from clm.kit.mail import Mailer
from clm.kit.problems import of_database
from clm.kit.storage import StorageUnavailable
from clm.kit.vault import Vault

FIRE = contracts.fire
"""What firing means is the contracts room's to say; the timers room only knows when."""
BACK_OFF_SECONDS = 5.0
SWEEP_SECONDS = 3600.0
FOLLOW_SECONDS = 1.0
REPORT_AGAIN_SECONDS = 600.0
REST, REST_AT_MOST = 4.0, 2.0
"""Indexing much at once rests four times as long as it works: requests come first."""

contracts.on_new_calendar(judge_again)

log = structlog.get_logger("clm.worker")


async def run(
    database: Database, vault: Vault, mailer: Mailer | None = None, *, interval: float, stop: asyncio.Event
) -> None:
    """Run every loop until `stop` is set."""
    await asyncio.gather(
        _loop("timers", lambda: fire_due(database), interval, stop),
        follow(database, stop=stop),
        _loop("texts", lambda: index(database, vault, stop), interval, stop),
        _loop("mail", lambda: post(database, vault, mailer, stop), interval, stop),
        _loop("carriers", lambda: carriers.match(database, vault), interval, stop),
        _loop("sweep", lambda: sweep(database, vault), SWEEP_SECONDS, stop),
    )


async def fire_due(database: Database) -> int:
    """Fire everything that is due for every tenant now; returns how many timers fired."""
    return sum([await _fire_due(database, tenant) for tenant in await timers.tenants_with_due_work(database)])


async def _fire_due(database: Database, tenant: UUID) -> int:
    """Fire what is due for one tenant; a contract that fails is reported and left for the next round."""
    fired, failing = 0, set[UUID]()
    while True:
        try:
            if not await timers.fire_one(database, tenant, FIRE, failing):
                return fired
            fired += 1
        except Exception as error:
            if of_database(error) is not None:
                raise
            _report(database, "a timer failed", tenant, failing, error)


async def follow(database: Database, *, stop: asyncio.Event) -> None:
    """Take up what any process loads within a second, until `stop` is set; every serving process and worker does so."""
    await _loop("law", lambda: keep_step(database), FOLLOW_SECONDS, stop)


async def keep_step(database: Database) -> int:
    """Bring every contract in step with the calendars that are loaded now; returns how many were not.

    Each is done in its own transaction, so that a process killed midway leaves the rest to the next.
    """
    await legal_data.refresh(database)
    return sum([await _keep_step(database, tenant) for tenant in await legal_data.tenants_behind(database)])


async def _keep_step(database: Database, tenant: UUID) -> int:
    done, failing = 0, set[UUID]()
    await behind.pass_over(database, tenant)
    while True:
        try:
            if not await behind.keep_step(database, tenant, failing):
                return done
            done += 1
        except Exception as error:
            if of_database(error) is not None:
                raise
            _report(database, "a contract is not in step", tenant, failing, error)


def _report(database: Database, what: str, tenant: UUID, failing: set[UUID], error: Exception) -> None:
    """Log contracts that fail: each once in ten minutes, though it is tried again every round."""
    told, now = database.kept.setdefault("failing", {}), time.monotonic()
    fresh = [one for one in failing if now - told.get((what, one), -REPORT_AGAIN_SECONDS) >= REPORT_AGAIN_SECONDS]
    if fresh:
        told.update({(what, one): now for one in fresh})
        log.error(what, tenant=str(tenant), contracts=[str(one) for one in fresh], exc_info=error)


async def index(database: Database, vault: Vault, stop: asyncio.Event) -> int:
    """Index what has been written since, for every tenant; returns how many events and files were read."""
    return sum([await _index(database, vault, tenant, stop) for tenant in await indexing.tenants(database)])


async def _index(database: Database, vault: Vault, tenant: UUID, stop: asyncio.Event) -> int:
    """The same for one tenant; what cannot be read is reported, and stands in the way of no other tenant."""
    done = 0
    try:
        began = time.monotonic()
        while not stop.is_set() and (read := await indexing.follow(database, tenant)):
            done += read
            await _sleep(min(REST_AT_MOST, REST * (time.monotonic() - began)), stop)
            began = time.monotonic()
        while not stop.is_set() and await indexing.read_one(database, vault, tenant):
            done += 1
    except Exception as error:
        if of_database(error) is not None:
            raise
        _report(database, "texts are not indexed", tenant, {tenant}, error)
    return done


async def post(database: Database, vault: Vault, mailer: Mailer | None, stop: asyncio.Event) -> int:
    """Send what is queued, where there is a mail server, and file what shows that it was; returns how many."""
    done = 0
    for tenant in await mailing.tenants(database):
        try:
            while mailer is not None and not stop.is_set() and await mailing.send_one(database, mailer, tenant):
                await mailing.record_one(database, tenant)
                done += 1
            while not stop.is_set() and await mailing.record_one(database, tenant):
                done += 1
            while not stop.is_set() and await mailing.file_one(database, vault, tenant):
                done += 1
        except Exception as error:
            if of_database(error) is not None:
                raise
            _report(database, "mail is held up", tenant, {tenant}, error)
    return done


async def sweep(database: Database, vault: Vault) -> int:
    """Forget late uploads, and remove what no row points at from every tenant's part of the store.

    Returns how many uploads and objects went.
    """
    swept = await parted.expire(database, vault)
    for tenant in {_tenant(found.key) async for found in vault.store.list("")} - {None}:
        if tenant is not None:
            done = await sweeping.sweep(database, vault.store, tenant)
            swept += done.staging + done.objects
    return swept


def _tenant(key: str) -> UUID | None:
    try:
        return UUID(key.partition("/")[0])
    except ValueError:
        return None


async def _loop(name: str, work: Callable[[], Awaitable[int]], pause: float, stop: asyncio.Event) -> None:
    """Do the work again and again; where the database or the store is gone, wait for it to come back."""
    while not stop.is_set():
        wait = pause
        try:
            count = await work()
            if count:
                log.info(name, done=count)
        except Exception as error:  # a loop that ends would leave its work undone for good
            wait = max(pause, BACK_OFF_SECONDS) if pause < SWEEP_SECONDS else pause
            if of_database(error) is None and not isinstance(error, StorageUnavailable):
                log.exception(name)
            else:
                log.warning(name, waits_for=type(error).__name__)
        await _sleep(wait, stop)


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
