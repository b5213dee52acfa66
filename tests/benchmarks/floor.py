"""The floor: the least that an ASGI application on asyncpg can do for the same requests.

It runs the service's own statements on the same HTTP server, checks nothing, and turns rows into JSON field by field.
`python -m tests.benchmarks.floor` serves it.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import uvloop

from clm import serving
from clm.features.contracts import service
from clm.features.contracts.models import ContractDraft
from clm.kit import paging
from clm.kit.auth import Actor
from clm.kit.db import Database
from clm.kit.db import sql as kit_sql
from clm.kit.ids import uuid7
from clm.settings import Settings
from tests.benchmarks import moving
from tests.benchmarks.moving import Move
from tests.benchmarks.recording import Recorder

Maker = Callable[[list[tuple[str, str]], dict[UUID, UUID]], object]
_START = {"type": "http.response.start", "status": 200, "headers": []}


class Numbered(msgspec.Struct):
    """All that the floor reads of a new contract."""

    number: str


class Template:
    """The arguments of `create_contract` as the service computes them for the benchmark's draft, made new each time."""

    def __init__(self, arguments: list[Any], number: str, fixed: set[UUID]) -> None:
        self._number = number
        rows = [row for value in arguments if isinstance(value, list) for row in value if isinstance(row, dict)]
        own = [value for value in arguments if isinstance(value, UUID) and value not in fixed]
        self._ids = list(dict.fromkeys([*own, *(row["id"] for row in rows)]))
        self._makers = [self._maker(value) for value in arguments]

    def arguments(self, number: str) -> list[object]:
        """The arguments for a contract with a number of its own."""
        ids = {old: uuid7() for old in self._ids}
        words = [(self._number, number), *((str(old), str(new)) for old, new in ids.items())]
        return [make(words, ids) for make in self._makers]

    def _maker(self, value: Any) -> Maker:
        if isinstance(value, UUID):
            return lambda _words, ids: ids.get(value, value)
        text = value if isinstance(value, str) else _text(value)
        if text is None or not (self._number in text or any(str(old) in text for old in self._ids)):
            return lambda _words, _ids: value if text is None else text
        return lambda words, _ids: _replaced(text, words)


def _text(value: Any) -> str | None:
    """JSON as the driver takes it without a codec; None for what goes as it is."""
    plain = isinstance(value, list | dict | msgspec.Struct)
    return msgspec.json.encode(value).decode() if plain else None


def _replaced(text: str, words: list[tuple[str, str]]) -> str:
    for old, new in words:
        text = text.replace(old, new)
    return text


class Floor:
    """The application."""

    def __init__(self, pool: asyncpg.Pool, template: Template, moves: dict[str, Move]) -> None:
        self._pool = pool
        self._template = template
        self._moves = moves

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a read, a list, a create or a transition; anything else is the question whether it is up."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["method"] == "POST" and "/actions/" in scope["path"]:
            await _answer(send, 200, await self._move(receive, scope["path"]))
        elif scope["method"] == "POST":
            await _answer(send, 201, await self._create(receive))
        elif scope["path"] == "/v1/contracts":
            await _answer(send, 200, await self._list(scope["query_string"]))
        elif scope["path"].startswith("/v1/contracts/"):
            await _answer(send, 200, await self._read(scope["path"]))
        else:
            await _answer(send, 200, b"{}")

    async def _read(self, path: str) -> bytes:
        async with self._pool.acquire() as connection:
            row = await connection.fetchrow(service.sql.get_contract, UUID(path[-36:]))
        return msgspec.json.encode(_fields(row))

    async def _list(self, query: bytes) -> bytes:
        limit, cursor = (part.partition(b"=")[2] for part in query.split(b"&"))
        after, wanted = paging.decode(cursor.decode(), UUID), int(limit)
        async with self._pool.acquire() as connection:
            asked = (after, None, None, None, wanted + 1, None)
            rows = await connection.fetch(service.sql.list_contracts, *asked)
        items = [_fields(row) for row in rows[:wanted]]
        return msgspec.json.encode({"items": items, "next_cursor": paging.encode(items[-1]["id"])})

    async def _create(self, receive: Any) -> bytes:
        number = msgspec.json.decode(await _body(receive), type=Numbered).number
        async with self._pool.acquire() as connection:
            made = await connection.fetchval(service.sql.create_contract, *self._template.arguments(number))
        return msgspec.json.encode({"id": made})

    async def _move(self, receive: Any, path: str) -> bytes:
        msgspec.json.decode(await _body(receive))
        async with self._pool.acquire() as connection:
            return await moving.move(connection, self._moves, path)


async def _body(receive: Any) -> bytes:
    message = await receive()
    body: bytes = message["body"]
    while message["more_body"]:
        message = await receive()
        body += message["body"]
    return body


def _fields(row: asyncpg.Record) -> dict[str, Any]:
    fields = dict(row)
    for name in ("terms", "metadata", "parties", "external_refs"):
        fields[name] = msgspec.Raw((fields[name] or "[]").encode())
    return fields


async def _answer(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({**_START, "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _lifespan(receive: Any, send: Any) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})


async def recorded(dsn: str, tenant: UUID, draft: ContractDraft) -> tuple[Template, dict[str, Move]]:
    """What the service would store for a draft, and for the transitions of a contract in force; nothing is stored."""
    database = Database(dsn, max_size=2)
    await database.open()
    actor = Actor(tenant, uuid7(), frozenset({"*"}), test_clock=False)
    unit = Recorder(database, tenant)
    try:
        made = await unit.arguments_of(service.sql.create_contract, service.create(unit, actor, draft))
        return Template(list(made), draft.number, {actor.key}), await moving.moves(unit, actor)
    finally:
        await unit.rollback()
        await database.close()


async def serve(dsn: str, tenant: UUID, port: int, draft: ContractDraft) -> None:
    """Serve until SIGTERM, with the pool and the HTTP server set as the service sets them."""

    async def prepare(connection: asyncpg.Connection) -> None:
        await connection.fetchval(kit_sql.set_tenant, str(tenant))

    async def keep(_connection: asyncpg.Connection) -> None:
        """Leave the tenant set; the pool's own reset would be a round trip a request."""

    template, moves = await recorded(dsn, tenant, draft)
    settings = Settings(port=port)
    sizes = {"min_size": 2, "max_size": settings.pool_size}
    async with asyncpg.create_pool(dsn, **sizes, init=prepare, reset=keep, statement_cache_size=1000) as pool:
        server = serving._http_server(settings, Floor(pool, template, moves))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
        await server.serve()


def main() -> None:
    """Serve as the environment says."""
    draft = msgspec.json.decode(os.environ["FLOOR_DRAFT"], type=ContractDraft)
    tenant, port = UUID(os.environ["FLOOR_TENANT"]), int(os.environ["FLOOR_PORT"])
    uvloop.run(serve(os.environ["FLOOR_DSN"], tenant, port, draft))


if __name__ == "__main__":
    main()
