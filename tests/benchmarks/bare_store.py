"""The floor of small files: a store behind the service's HTTP server, and nothing else.

`python -m tests.benchmarks.bare_store` serves it: a POST stores and binds its body, a GET of what it answers reads it.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import uvloop

from clm import serving
from clm.kit.ids import uuid7
from clm.kit.storage import ObjectStore, from_url
from clm.settings import Settings


class Bare:
    """The application."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        if scope["method"] == "POST":
            await _answer(send, 201, (await self._keep(receive)).encode())
        elif scope["path"] == "/readyz":
            await _answer(send, 200, b"")
        else:
            await _answer(send, 200, b"".join([chunk async for chunk in self._store.open(scope["path"][1:])]))

    async def _keep(self, receive: Any) -> str:
        staging = f"staging/{uuid7()}"
        stored = await self._store.put(staging, _chunks(receive))
        return await self._store.bind(staging, stored.sha256)


async def _chunks(receive: Any) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        yield message.get("body", b"")


async def _answer(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    if status == 201:
        headers.append((b"location", b"/" + body))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def serve(port: int, store: str) -> None:
    """Serve until SIGTERM."""
    server = serving._http_server(Settings(port=port), Bare(from_url(store)))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()


if __name__ == "__main__":
    uvloop.run(serve(int(os.environ["FLOOR_PORT"]), os.environ["FLOOR_STORE"]))
