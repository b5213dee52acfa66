"""One request and its answer at the edge: the body as it comes in, and what is held back on the way out."""

import asyncio
import hashlib
import time
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from litestar.types import Message, Receive, Send

from clm.kit import metrics, problems
from clm.kit.auth import Actor
from clm.kit.problems import Problem
from clm.kit.storage import TRANSFERS

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
BODY_AT_MOST = 1024 * 1024
DROPPED_AT_MOST = 32 * BODY_AT_MOST
BODY_SECONDS = 30.0
CHUNK_SECONDS = 30.0
DRAIN_SECONDS = 5.0

log = structlog.get_logger("clm.http")


class Stored(msgspec.Struct):
    """An answer as it is kept under an idempotency key."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Exchange:
    """One answer on its way out: held back for a write, and described in one log line."""

    def __init__(self, scope: Any, send: Send, identifier: str) -> None:
        scope.setdefault("state", {})
        scope["state"]["request_id"] = identifier
        self.request_id = identifier
        self.actor: Actor | None = None
        self.status = 0
        self.held: list[Message] = []
        self.body: Incoming | None = None
        self._started = asyncio.Event()
        self._scope = scope
        self._send = send
        self._sent = False
        self._began = time.perf_counter()

    async def send(self, message: Message) -> None:
        """Pass a message on, with the request id."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._sent = True
            message["headers"] = [*message["headers"], (b"x-request-id", self.request_id.encode())]
            if self.body is not None and self.body.is_cut and self._scope["http_version"][0] == "1":
                message["headers"] = [*message["headers"], (b"connection", b"close")]
        elif self._scope["method"] == "HEAD" and message["type"] == "http.response.body":
            if self._started.is_set():
                return
            self._started.set()
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)

    async def hung_up(self) -> Any:
        """What the application receives of a reader that wanted the headers alone."""
        await self._started.wait()
        return {"type": "http.disconnect"}

    async def hold(self, message: Message) -> None:
        """Keep a message until the transaction has committed."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.held.append(message)

    def replace(self, stored: Stored) -> None:
        """Put a stored answer in the place of the held one."""
        self.status = stored.status
        headers = [(name.encode(), value.encode()) for name, value in stored.headers]
        start: Any = {"type": "http.response.start", "status": stored.status, "headers": headers}
        body: Any = {"type": "http.response.body", "body": stored.body, "more_body": False}
        self.held = [start, body]

    async def release(self) -> None:
        """Send what was held."""
        for message in self.held:
            await self.send(message)

    async def answer(self, problem: Problem) -> None:
        """Send a problem, unless an answer has begun already: then the connection just ends."""
        if self._sent:
            return
        body = problem.body(self.request_id)
        headers = [
            (b"content-type", problems.MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            *((name.encode(), value.encode()) for name, value in problem.headers.items()),
        ]
        start: Any = {"type": "http.response.start", "status": problem.kind.status, "headers": headers}
        await self.send(start)
        end: Any = {"type": "http.response.body", "body": body, "more_body": False}
        await self.send(end)

    @property
    def kept_answer(self) -> bytes | None:
        """The body to keep under an idempotency key, where it is not the one that is sent."""
        body: bytes | None = self._scope["state"].get("kept_answer")
        return body

    @property
    def only_tries(self) -> bool:
        """Whether nothing is done that an idempotency key could keep from being done twice: the key stays free."""
        return bool(self._scope["state"].get("only_tries"))

    def end(self) -> None:
        """Count it, and write one line: who, what, how it ended, how long it took; never a body or a query."""
        seconds = time.perf_counter() - self._began
        method, path = self._scope["method"], self._scope["path"]
        if path.startswith(TRANSFERS):
            path = TRANSFERS  # the rest of it opens what it names to whoever reads it
        metrics.observe(
            method if method in METHODS else "other", self._scope.get("path_template"), self.status, seconds
        )
        log.info(
            "request",
            method=method,
            path=path,
            status=self.status,
            milliseconds=round(seconds * 1000, 2),
            request_id=self.request_id,
            tenant=str(self.actor.tenant) if self.actor else None,
            key=str(self.actor.key) if self.actor else None,
        )


class Incoming:
    """The request body: read at once for JSON, passed through for uploads; hashed where an answer is kept for it.

    `complete`: nothing more is to come.
    """

    def __init__(self, receive: Receive, headers: dict[bytes, bytes], *, hashing: bool = False) -> None:
        self._receive = receive
        length = headers.get(b"content-length", b"")
        self._announced = int(length) if length.isdigit() else 0
        self._waits = b"expect" in headers
        self._hashing = hashing
        self._ready: list[Message] = []
        self.hash = hashlib.sha256()
        self.complete = length == b"0"

    async def read_all(self) -> bytes:
        """The whole body, at most 1 MiB within 30 seconds; raises Problem 413 or 408.

        One that is too large is read on to its end, within bounds, and dropped: a sender cut off while sending would
        see a broken connection in the place of the answer.
        """
        announced = self._announced
        if self._waits and announced > BODY_AT_MOST:
            raise _too_large()
        parts: list[bytes] = []
        size, more = 0, True
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while more and size <= DROPPED_AT_MOST:
                    message: Any = await self._receive()
                    if message["type"] == "http.disconnect":
                        self.complete = True
                        raise Problem("bad-request", "The request broke off before its end.")
                    size += len(message.get("body", b""))
                    if max(size, announced) <= BODY_AT_MOST:
                        parts.append(message.get("body", b""))
                    more = message.get("more_body", False)
        except TimeoutError:
            self.complete = True
            raise Problem("timeout", f"The body did not arrive within {BODY_SECONDS:.0f} seconds.") from None
        self.complete = not more
        if max(size, announced) > BODY_AT_MOST:
            raise _too_large()
        body = b"".join(parts)
        if self._hashing:
            self.hash.update(body)
        whole: Any = {"type": "http.request", "body": body, "more_body": False}
        self._ready.append(whole)
        return body

    @property
    def is_cut(self) -> bool:
        """Whether more is to come than is worth reading, so that the server closes the connection."""
        return not self.complete and not 0 < self._announced <= DROPPED_AT_MOST

    async def drop(self) -> None:
        """Read on to the end, behind the answer: a sender whose connection breaks while it sends loses the answer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while not self.complete and not self.is_cut:
                    message: Any = await self._receive()
                    self.complete = not message.get("more_body", False)

    async def receive(self) -> Any:
        """The next message for the application."""
        if self._ready:
            return self._ready.pop()
        try:
            async with asyncio.timeout(CHUNK_SECONDS):
                message: Any = await self._receive()
        except TimeoutError:
            self.complete = True
            raise Problem("timeout", f"Nothing arrived for {CHUNK_SECONDS:.0f} seconds.") from None
        if message["type"] == "http.request" and self._hashing:
            self.hash.update(message.get("body", b""))
        self.complete = not message.get("more_body", False)
        return message


def _too_large() -> Problem:
    return Problem("too-large", f"A body that is no upload may have {BODY_AT_MOST // 1024} KiB at most.")
