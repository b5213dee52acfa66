"""The edge of every request: request id, actor, unit of work, idempotency, deadlines, log line.

It wraps the application. Under the API's prefix a request needs a key. A write gets one `Unit`; its answer is held
back until that unit has committed, so a constraint that fails at COMMIT still becomes a proper answer, and an answer
of 400 or more rolls back. A read gets `Reads`.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, cast

import asyncpg
import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from clm.kit import problems
from clm.kit.auth import Authenticator, covers
from clm.kit.db import Database, PoolExhausted, Unit, sql
from clm.kit.exchange import Exchange, Incoming, Stored
from clm.kit.ids import uuid7
from clm.kit.problems import Problem
from clm.kit.storage import StorageUnavailable

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
REFUSED_BY_STATE = frozenset({404, 409, 412, 422})
"""Refusals that the first request with a key may have caused; whom a key forbids to ask is told so all the same."""
FORGETS_BELOW = 8
"""One keyed request in 32, told by its hash, forgets old answers on the way."""
_REQUEST_ID = re.compile(rb"^[A-Za-z0-9._-]{1,128}$")
_KEY = re.compile(r"^[\x21-\x7e]{1,255}$")

log = structlog.get_logger("clm.http")


class Edge:
    """The ASGI application that stands in front of Litestar."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        database: Database,
        authenticator: Authenticator,
        prefix: str,
        streams: Callable[[str], bool],
        commits: Mapping[str, str],
    ) -> None:
        self._app = app
        self._database = database
        self._authenticator = authenticator
        self._prefix = prefix
        self._streams = streams
        self._commits = commits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        exchange = Exchange(scope, send, request_id(headers))
        if scope["method"] == "HEAD":  # answered as a GET whose reader hangs up after the headers
            scope, receive = cast(HTTPScope, {**scope, "method": "GET"}), exchange.hung_up
        try:
            if "//" in scope["path"]:
                await exchange.answer(Problem("not-found", "A path has no empty segments."))
            elif scope["path"].startswith(self._prefix):
                await self._serve(scope, receive, exchange, headers)
            elif scope["method"] in SAFE:
                await self._app(scope, receive, exchange.send)
            else:
                exchange.body = Incoming(receive, headers)
                await self._app(scope, exchange.body.receive, exchange.send)
        except Problem as problem:
            await exchange.answer(problem)
        except Exception as error:  # noqa: BLE001 - the last stop before the server: every error becomes a problem
            await exchange.answer(to_problem(error))
        finally:
            exchange.end()
        if exchange.body is not None:
            await exchange.body.drop()

    async def _serve(self, scope: Any, receive: Receive, exchange: "Exchange", headers: dict[bytes, bytes]) -> None:
        state = scope["state"]
        actor = await self._authenticator.actor(headers.get(b"authorization", b"").decode("latin-1"))
        state["actor"] = exchange.actor = actor
        if scope["method"] in SAFE:
            state["reads"] = self._database.reads(actor.tenant)
            await self._app(scope, receive, exchange.send)
            return
        body = Incoming(receive, headers, hashing=b"idempotency-key" in headers)
        exchange.body = body
        if not self._streams(scope["path"]):
            state["body"] = await body.read_all()
        unit = self._database.unit(actor.tenant)
        state["unit"] = unit
        idempotency = Idempotency.of(scope, headers, unit, body)
        try:
            needed = self._commits.get(scope["path"])
            claims = idempotency is not None and needed is not None and covers(actor, needed)
            first = await idempotency.claim() if idempotency is not None and claims else None
            if first is None:
                await self._app(scope, body.receive, exchange.hold)
                first = await self._finish(unit, exchange, idempotency)
            if first is not None:
                exchange.replace(first)
        finally:
            await unit.rollback()
        await exchange.release()

    async def _finish(self, unit: Unit, exchange: "Exchange", idempotency: "Idempotency | None") -> "Stored | None":
        """Commit, or undo; returns the first answer with the key where that is to be sent instead."""
        if exchange.only_tries:
            idempotency = None
        succeeded = exchange.status < 400
        if succeeded and (idempotency is None or await idempotency.store(exchange)):
            await unit.commit()
            return None
        await unit.rollback()
        may_repeat = succeeded or exchange.status in REFUSED_BY_STATE
        return await idempotency.first() if idempotency is not None and may_repeat else None


def to_problem(error: Exception) -> Problem:
    """What is no problem yet as one: of the database, or a defect of ours, which is logged and tells nothing."""
    problem = problems.of_database(error) or _of_what_is_short(error)
    if problem is None:
        log.error("request failed", exc_info=error)
        return problems.of_status(500, "")
    log.warning("unavailable", error=type(error).__name__)
    return problem


def _of_what_is_short(error: Exception) -> Problem | None:
    if isinstance(error, PoolExhausted):
        return Problem(
            "busy", "Every database connection is in use. Send the request again.", headers={"retry-after": "1"}
        )
    if isinstance(error, StorageUnavailable):
        text = "The object store cannot be reached. Send the request again later."
        return Problem("unavailable", text, headers={"retry-after": "2"})
    return None


class Idempotency:
    """The `Idempotency-Key` of one POST: its answer is the last thing stored in the transaction that it tells of.

    Of two requests with one key the second waits there, or before at whatever both write, until the first has ended;
    then it is undone and gets the first one's answer. So it does where it is refused in a way that the first may have
    caused. What commits on its own cannot be undone, and so claims its key before it begins.
    """

    def __init__(self, key: str, unit: Unit, body: Incoming, target: bytes) -> None:
        self._key = key
        self._unit = unit
        self._body = body
        self._target = target

    @classmethod
    def of(cls, scope: Any, headers: dict[bytes, bytes], unit: Unit, body: Incoming) -> "Idempotency | None":
        """The request's idempotency, or None without a key; raises Problem 422 for a key of odd characters."""
        raw = headers.get(b"idempotency-key")
        if raw is None or scope["method"] != "POST":
            return None
        key = raw.decode("latin-1")
        if not _KEY.match(key):
            raise problems.invalid("/headers/Idempotency-Key", "Use 1 to 255 visible ASCII characters.")
        target = scope["method"].encode() + b" " + scope["path"].encode() + b"?" + scope["query_string"]
        return cls(key, unit, body, target)

    async def store(self, exchange: Exchange) -> bool:
        """Keep the answer beside what it tells of; False where the key has one already.

        A handler whose answer holds a secret puts another body into the state as `kept_answer`.
        """
        start: Any = exchange.held[0]
        body = exchange.kept_answer
        if body is None:
            body = b"".join(message.get("body", b"") for message in exchange.held[1:])  # type: ignore[misc]  # bodies only
        names = {b"content-length"} if exchange.kept_answer is not None else set()
        headers = [(name.decode(), value.decode()) for name, value in start["headers"] if name not in names]
        request = self._hash()
        if request[0] < FORGETS_BELOW:
            await self._unit.run(sql.forget_answers)
        return bool(await self._unit.run(sql.store_answer, self._key, request, exchange.status, headers, body))

    async def claim(self) -> Stored | None:
        """Hold the key until the unit ends; the first answer, if any. Raises Problem 503 while another holds it."""
        if not await self._unit.value(sql.claim_key, self._key):
            text = "The first request with this key is still under way. Send it again in a moment."
            raise Problem("busy", text, headers={"retry-after": "1"})
        return self._answer(await self._unit.one(sql.stored_answer, self._key))

    async def first(self) -> Stored | None:
        """What the first request with the key was answered; raises Problem 422 where it was another request.

        None also where a body was refused before it had all arrived: nobody knows then whether it is the same.
        """
        if not self._body.complete:
            return None
        return self._answer(await self._unit.database.reads(self._unit.tenant).one(sql.stored_answer, self._key))

    def _answer(self, row: asyncpg.Record | None) -> Stored | None:
        if row is None:
            return None
        if row["request_hash"] != self._hash():
            raise Problem("key-reused", "This Idempotency-Key was sent before with another request. Use a new key.")
        return Stored(row["status"], [(n, v) for n, v in row["headers"]], row["body"])

    def _hash(self) -> bytes:
        return hashlib.sha256(self._target + b"\n" + self._body.hash.digest()).digest()


def request_id(headers: dict[bytes, bytes]) -> str:
    """The caller's own request id where it is a plain one, else a new one."""
    given = headers.get(b"x-request-id", b"")
    return given.decode() if _REQUEST_ID.match(given) else str(uuid7())
