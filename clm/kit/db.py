"""The pool, and the two ways to use it: `Reads` and `Unit` (of work).

A read of one statement goes without BEGIN on any pooled connection. A write request is one `Unit`: a transaction that
begins with its first statement and that only an edge commits. Row-level security reads the session setting
`clm.tenant`; it is set when a connection last served another tenant, and always before use.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol, cast
from uuid import UUID

import asyncpg
import msgspec

from clm.kit import sql as sql_files

sql = sql_files.load("clm.kit")

STATEMENT_SECONDS = 30.0
LOCK_SECONDS = 5
ACQUIRE_SECONDS = 5.0


class PoolExhausted(Exception):
    """All connections are in use and stayed so; worth trying again soon."""


class Queries(Protocol):
    """What a service needs to read, whether inside a write or not."""

    database: "Database"
    tenant: UUID

    async def one(self, statement: str, *args: object) -> asyncpg.Record | None:
        """The first row, or None."""

    async def all(self, statement: str, *args: object) -> list[asyncpg.Record]:
        """Every row."""

    async def value(self, statement: str, *args: object) -> Any:
        """The first column of the first row, or None."""


class TenantConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg ships no types
    """A connection that remembers whose rows it last served."""

    _tenant: UUID | None = None

    async def use(self, tenant: UUID) -> None:
        """Set the tenant unless it is set already; a call cut off midway leaves it unknown, never wrong."""
        if self._tenant == tenant:
            return
        self._tenant = None
        await self.fetchval(sql.set_tenant, str(tenant))
        self._tenant = tenant


class Database:
    """A pool of connections to one PostgreSQL, under the service role."""

    def __init__(self, dsn: str, *, min_size: int = 2, max_size: int = 16) -> None:
        self._dsn = dsn
        self._sizes = (min_size, max_size)
        self.kept: dict[str, Any] = {}
        """What rooms keep in memory of this database for the life of the process, each under its own name."""
        self._pool: asyncpg.Pool | None = None
        self._idle: list[TenantConnection] = []
        self._waiting = 0

    async def open(self) -> None:
        """Connect; raises OSError or asyncpg.PostgresError where the server cannot be reached."""
        self._pool = await asyncpg.create_pool(
            self._dsn,
            min_size=self._sizes[0],
            max_size=self._sizes[1],
            connection_class=TenantConnection,
            init=_prepare,
            reset=_keep,
            command_timeout=STATEMENT_SECONDS,
            statement_cache_size=1000,
            max_inactive_connection_lifetime=0,
            server_settings={"lock_timeout": f"{LOCK_SECONDS}s"},
        )

    async def close(self) -> None:
        """Close every connection; those in use are given five seconds."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        while self._idle:
            await pool.release(self._idle.pop())
        try:
            await asyncpg.compat.wait_for(pool.close(), 5)
        except TimeoutError:
            pool.terminate()

    @asynccontextmanager
    async def connection(self, tenant: UUID | None) -> AsyncIterator[TenantConnection]:
        """A connection set to `tenant`; None for the few statements that belong to no tenant."""
        pool = self._pool
        if pool is None:
            raise ConnectionError("the database pool is not open")
        connection = await self._taken(pool)
        try:
            if tenant is not None:
                await connection.use(tenant)
            yield connection
        except BaseException as error:
            if isinstance(error, asyncpg.DataError):
                connection.terminate()  # an argument that could not be encoded leaves the protocol halfway
            await pool.release(connection)
            raise
        if self._pool is None or self._waiting or connection.is_closed() or connection.is_in_transaction():
            await pool.release(connection)
        else:
            self._idle.append(connection)

    async def _taken(self, pool: asyncpg.Pool) -> TenantConnection:
        """One that was in use before and is at hand, else one from the pool, which takes a task to give one back."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            await pool.release(connection)
        self._waiting += 1
        try:
            return cast(TenantConnection, await pool.acquire(timeout=ACQUIRE_SECONDS))
        except TimeoutError:
            raise PoolExhausted("every database connection is in use") from None
        finally:
            self._waiting -= 1

    def reads(self, tenant: UUID) -> "Reads":
        """Reads for one tenant."""
        return Reads(self, tenant)

    def unit(self, tenant: UUID) -> "Unit":
        """A unit of work for one tenant, not begun yet."""
        return Unit(self, tenant)

    @asynccontextmanager
    async def work(self, tenant: UUID) -> AsyncIterator["Unit"]:
        """The edge of everything that is not a request (worker, command line): commit at the end, or roll back."""
        unit = self.unit(tenant)
        try:
            yield unit
            await unit.commit()
        finally:
            await unit.rollback()

    async def untenanted(self, statement: str, *args: object) -> list[asyncpg.Record]:
        """Run one statement that looks across tenants: only the security-definer functions can."""
        async with self.connection(None) as connection:
            return cast(list[asyncpg.Record], await connection.fetch(statement, *args))


class Reads:
    """Reads of one tenant, each statement on its own connection and without BEGIN."""

    def __init__(self, database: Database, tenant: UUID) -> None:
        self.database = database
        self.tenant = tenant

    async def one(self, statement: str, *args: object) -> asyncpg.Record | None:
        """The first row, or None."""
        async with self.database.connection(self.tenant) as connection:
            return await connection.fetchrow(statement, *args)

    async def all(self, statement: str, *args: object) -> list[asyncpg.Record]:
        """Every row."""
        async with self.database.connection(self.tenant) as connection:
            return cast(list[asyncpg.Record], await connection.fetch(statement, *args))

    async def value(self, statement: str, *args: object) -> Any:
        """The first column of the first row, or None."""
        async with self.database.connection(self.tenant) as connection:
            return await connection.fetchval(statement, *args)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Queries]:
        """Several statements that see one and the same moment."""
        async with (
            self.database.connection(self.tenant) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield _Held(connection, self)


class _Held:
    def __init__(self, connection: TenantConnection, reads: Reads) -> None:
        self._connection = connection
        self.database = reads.database
        self.tenant = reads.tenant

    async def one(self, statement: str, *args: object) -> asyncpg.Record | None:
        return await self._connection.fetchrow(statement, *args)

    async def all(self, statement: str, *args: object) -> list[asyncpg.Record]:
        return cast(list[asyncpg.Record], await self._connection.fetch(statement, *args))

    async def value(self, statement: str, *args: object) -> Any:
        return await self._connection.fetchval(statement, *args)


class Unit:
    """One transaction, begun by its first statement and ended by the edge alone."""

    def __init__(self, database: Database, tenant: UUID) -> None:
        self.database = database
        self.tenant = tenant
        self.after_commit: list[Callable[[], None]] = []
        self._held: Any = None
        self._connection: TenantConnection | None = None

    @property
    def begun(self) -> bool:
        """Whether a transaction is open."""
        return self._connection is not None

    async def begin(self) -> TenantConnection:
        """Open the transaction unless it is open."""
        if self._connection is None:
            held = self.database.connection(self.tenant)
            connection = await held.__aenter__()
            self._held = held
            self._connection = connection
            await connection.execute("begin")
        return self._connection

    async def one(self, statement: str, *args: object) -> asyncpg.Record | None:
        """The first row, or None."""
        return await (self._connection or await self.begin()).fetchrow(statement, *args)

    async def all(self, statement: str, *args: object) -> list[asyncpg.Record]:
        """Every row."""
        rows = await (self._connection or await self.begin()).fetch(statement, *args)
        return cast(list[asyncpg.Record], rows)

    async def value(self, statement: str, *args: object) -> Any:
        """The first column of the first row, or None."""
        return await (self._connection or await self.begin()).fetchval(statement, *args)

    async def run(self, statement: str, *args: object) -> int:
        """Run a statement for its effect; returns the rows it touched."""
        status = await (self._connection or await self.begin()).execute(statement, *args)
        count = status.rsplit(" ", 1)[-1]
        return int(count) if count.isdigit() else 0

    async def run_many(self, statement: str, rows: list[tuple[object, ...]]) -> None:
        """Run one statement for many rows, in one go."""
        await (self._connection or await self.begin()).executemany(statement, rows)

    async def commit(self) -> None:
        """Make it so; a constraint that fails only now raises here, and nothing is stored."""
        if self._connection is not None:
            await self._connection.execute("commit")
            await self._release()
            for then in self.after_commit:
                then()

    async def rollback(self) -> None:
        """Undo what is not committed; harmless after a commit."""
        if self._connection is None:
            return
        connection = self._connection
        try:
            if not connection.is_closed():
                await connection.execute("rollback")
        except BaseException:
            connection.terminate()
            raise
        finally:
            await self._release()

    async def _release(self) -> None:
        held, self._held, self._connection = self._held, None, None
        await held.__aexit__(None, None, None)


async def _prepare(connection: TenantConnection) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=_to_json, decoder=msgspec.json.decode, format="text"
        )


async def _keep(connection: asyncpg.Connection) -> None:
    """Replace the pool's reset, a round trip a request: nothing here leaves session state but the tenant.

    A transaction left open would; raising makes the pool throw such a connection away.
    """
    if connection.is_in_transaction():
        raise asyncpg.InterfaceError("a connection came back inside a transaction")


def _to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()
