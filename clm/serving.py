"""Putting the parts of a process together: database (ours or given), store, application, worker, HTTP server."""

import asyncio
import gc
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import msgspec
import structlog
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from clm import worker
from clm.app import create_app
from clm.features.accounts import service as accounts
from clm.features.legal_data import service as legal_data
from clm.kit import migrations
from clm.kit.db import Database
from clm.kit.embedded import EmbeddedError, EmbeddedPostgres
from clm.kit.inspection import Scanner
from clm.kit.mail import Mailer
from clm.kit.problems import of_database
from clm.kit.roles import refuse_powerful_role
from clm.kit.storage import LockUnproved, ObjectStore, from_url
from clm.kit.vault import Vault, own_key, read_key
from clm.settings import Settings

HEADER_SECONDS = 10
BODY_BUFFER = 1024 * 1024  # how much of a long body is handed over at once: each time takes a turn of the event loop
GRACE_SECONDS = 10.0
WATCH_SECONDS = 1.0
PATIENCE_SECONDS = 30.0
RETRY_SECONDS = 0.5
LOCK_REMEDY = "Use a bucket made with object lock on a server that has it, or leave lock= out of the address."

log = structlog.get_logger("clm")

# Granian would print on standard output; without handlers of its own its errors reach ours.
_GRANIAN_LOGS = {"formatters": {}, "handlers": {}, "loggers": {"_granian": {"propagate": True}}}


class Place(msgspec.Struct, frozen=True):
    """Where the database is: the service role's address, the owner's where it is known, the server if it is ours."""

    service: str
    owner: str | None
    server: EmbeddedPostgres | None = None


@contextmanager
def database_server(settings: Settings) -> Iterator[Place]:
    """The database that the settings name, or one of our own, which runs as long as the block does."""
    if settings.database_url is not None:
        yield Place(settings.database_url, settings.owner_database_url)
        return
    with EmbeddedPostgres(settings.data_dir) as server:
        dsns = server.start()
        yield Place(dsns.service, dsns.owner, server)


def check_port(settings: Settings) -> None:
    """Raise OSError where another process listens: the HTTP server would share the port with it in silence."""
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            text = f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); choose another with --port"
            raise OSError(text) from None


def object_store(settings: Settings) -> ObjectStore:
    """The store that the settings name; without one, a directory under the data folder."""
    return from_url(settings.storage_url or f"file://{(settings.data_dir / 'objects').resolve()}")


def vault_of(settings: Settings, store: ObjectStore) -> Vault:
    """The store with what the settings say of sealing and scanning; an embedded service makes a key of its own."""
    master_key = read_key(settings.master_key) if settings.master_key is not None else None
    if master_key is None and settings.database_url is None:
        master_key = own_key(settings.data_dir)
    scanner = Scanner(settings.clamd_url) if settings.clamd_url is not None else None
    return Vault(store, master_key, scanner)


def mailer_of(settings: Settings) -> Mailer | None:
    """The mail server that the settings name."""
    return Mailer.of(settings.smtp_url) if settings.smtp_url is not None else None


async def _open(database: Database, patience: float) -> None:
    """Connect; a server that is still starting, or away for a moment, is waited for."""
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        try:
            await database.open()
        except Exception as error:
            if asyncio.get_running_loop().time() > deadline or of_database(error) is None:
                raise
            log.warning("waiting for the database", error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return


@asynccontextmanager
async def opened(
    settings: Settings, service_dsn: str, *, migrated: bool = True
) -> AsyncIterator[tuple[Database, ObjectStore]]:
    """The database under its service role and the store, both closed at the end.

    Raises PowerfulRole, and MigrationError where the schema must be `migrated` and is not.
    """
    database = Database(service_dsn, max_size=settings.pool_size)
    await _open(database, PATIENCE_SECONDS if migrated else 0)
    store = object_store(settings)
    try:
        await refuse_powerful_role(database)
        mismatch = await migrations.mismatch(database) if migrated else None
        if mismatch is not None:
            raise migrations.MigrationError(mismatch)
        if migrated:
            await legal_data.begin(database)
        yield database, store
    finally:
        await store.close()
        await database.close()


async def serve(settings: Settings, place: Place) -> None:
    """Serve the API until SIGTERM or SIGINT; where the server is ours, migrate and make the first key before."""
    if place.server is not None and place.owner is not None:
        await migrations.migrate(place.owner)
    async with opened(settings, place.service) as (database, store):
        await prove(store)
        key: str | None = None
        if place.server is not None or settings.bootstrap_api_key is not None:
            key = await accounts.bootstrap(database, settings)
        vault = vault_of(settings, store)
        app = _app(settings, database, vault)
        gc.collect()
        gc.freeze()  # what lives as long as the process would be looked through again at every collection
        server = _http_server(settings, app)
        server.on_startup(lambda: _tell(key, settings))
        stop = stop_on_signals()
        tasks = [asyncio.create_task(server.serve())]
        if settings.worker:
            loops = worker.run(database, vault, mailer_of(settings), interval=settings.worker_interval, stop=stop)
            tasks.append(asyncio.create_task(loops))
        else:
            tasks.append(asyncio.create_task(worker.follow(database, stop=stop)))
        if place.server is not None:
            tasks.append(asyncio.create_task(_keep_up(place.server, place.service)))
        await _until_stopped(tasks, stop, server)


async def prove(store: ObjectStore) -> None:
    """See to it that locks are there where they are configured; raises LockUnproved, with what to do about it."""
    try:
        shown = await store.prove()
    except LockUnproved as error:
        raise LockUnproved(f"CLM_STORAGE_URL asks for locked objects, but {error}. {LOCK_REMEDY}") from error
    if shown is not None:
        log.info(shown)


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _until_stopped(tasks: list[asyncio.Task[None]], stop: asyncio.Event, server: Server) -> None:
    """Wait for a signal, or for a part to end of itself, which ends the rest; requests under way get ten seconds."""
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([*tasks, waiting], return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    await waiting
    server.stop()  # type: ignore[no-untyped-call]  # granian's own
    await asyncio.wait(tasks[:1], timeout=GRACE_SECONDS)
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


async def _keep_up(server: EmbeddedPostgres, service: str) -> None:
    """Start our own database server again where it has died; requests get a 503 meanwhile."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        if not server.is_running():
            log.warning("the embedded database has died and is started again")
            dsns = await asyncio.to_thread(server.start)
            if dsns.service != service:
                raise EmbeddedError("The embedded database came back at another address. Start clm again.")


def _app(settings: Settings, database: Database, vault: Vault) -> Any:
    return create_app(
        database,
        vault,
        metrics=settings.metrics,
        upload_bytes=settings.upload_bytes,
        public_url=settings.public_url,
        mails=settings.smtp_url is not None,
    )


def _http_server(settings: Settings, app: Any) -> Server:
    return Server(
        app,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=BODY_BUFFER),
        websockets=False,
        backlog=1024,
        log_level=LogLevels.error,
        log_dictconfig=_GRANIAN_LOGS,
    )


def _tell(key: str | None, settings: Settings) -> None:
    lines = [f"clm serves http://{settings.host}:{settings.port}  (documentation: /docs)"]
    if key is not None:
        kept = settings.data_dir / "first-key"
        lines += [f"First API key, shown once: {key}", f"It is also kept in {kept}; delete that file when you have it."]
    print("\n".join(lines), flush=True)  # noqa: T201 - the operator's own terminal
