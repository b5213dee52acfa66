"""Putting the parts of a process together: database (ours or given), store, application, worker, HTTP server."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import structlog
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from clm import worker
from clm.app import create_app
from clm.features.accounts import service as accounts
from clm.kit import migrations
from clm.kit.db import Database
from clm.kit.embedded import EmbeddedPostgres
from clm.kit.roles import refuse_powerful_role
from clm.kit.storage import ObjectStore, from_url
from clm.settings import Settings

HEADER_SECONDS = 10
GRACE_SECONDS = 10.0

log = structlog.get_logger("clm")


@contextmanager
def database_server(settings: Settings) -> Iterator[tuple[str, str | None]]:
    """The service role's address, and the owner's where the server is ours; ours runs as long as the block does."""
    if settings.database_url is not None:
        yield settings.database_url, settings.owner_database_url
        return
    with EmbeddedPostgres(settings.data_dir) as server:
        dsns = server.start()
        yield dsns.service, dsns.owner


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


@asynccontextmanager
async def opened(
    settings: Settings, service_dsn: str, *, migrated: bool = True
) -> AsyncIterator[tuple[Database, ObjectStore]]:
    """The database under its service role and the store, both closed at the end.

    Raises PowerfulRole, and MigrationError where the schema must be `migrated` and is not.
    """
    database = Database(service_dsn, max_size=settings.pool_size)
    await database.open()
    store = object_store(settings)
    try:
        await refuse_powerful_role(database)
        mismatch = await migrations.mismatch(database) if migrated else None
        if mismatch is not None:
            raise migrations.MigrationError(mismatch)
        yield database, store
    finally:
        await store.close()
        await database.close()


async def serve(settings: Settings, service_dsn: str, owner_dsn: str | None, *, embedded: bool) -> None:
    """Serve the API until SIGTERM or SIGINT; where the server is ours, migrate and make the first key before."""
    if embedded and owner_dsn is not None:
        await migrations.migrate(owner_dsn)
    async with opened(settings, service_dsn) as (database, store):
        key: str | None = None
        if embedded or settings.bootstrap_api_key is not None:
            key = await accounts.bootstrap(database, settings)
        app: Any = create_app(database, store, metrics=settings.metrics, upload_bytes=settings.upload_bytes)
        server = Server(
            app,
            address=settings.host,
            port=settings.port,
            interface=Interfaces.ASGI,
            http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
            websockets=False,
            backlog=1024,
            log_enabled=False,
        )
        server.on_startup(lambda: _tell(key, settings))
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        tasks = [asyncio.create_task(server.serve())]
        if settings.worker:
            tasks.append(asyncio.create_task(worker.run(database, store, interval=settings.worker_interval, stop=stop)))
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait([*tasks, waiting], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        server.stop()  # type: ignore[no-untyped-call]  # granian's own
        await asyncio.wait(tasks, timeout=GRACE_SECONDS)
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome


def _tell(key: str | None, settings: Settings) -> None:
    lines = [f"clm serves http://{settings.host}:{settings.port}  (documentation: /docs)"]
    if key is not None:
        kept = settings.data_dir / "first-key"
        lines += [f"First API key, shown once: {key}", f"It is also kept in {kept}; delete that file when you have it."]
    print("\n".join(lines), flush=True)  # noqa: T201 - the operator's own terminal
