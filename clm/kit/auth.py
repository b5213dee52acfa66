"""API keys: who calls, for which tenant, with which scopes."""

import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from clm.kit.problems import Problem

PREFIX = "clm_"
MINIMUM_LENGTH = 32
REMEMBER_SECONDS = 5.0
REMEMBER_AT_MOST = 10_000


class Actor(msgspec.Struct, frozen=True):
    """A key at work: its tenant, its id, its scopes, and whether its tenant has a test clock.

    `cleared`: it may read what is in confidential files.
    """

    tenant: UUID
    key: UUID
    scopes: frozenset[str]
    test_clock: bool
    cleared: bool = True


Lookup = Callable[[bytes], Awaitable[Actor | None]]


class Authenticator:
    """Finds the actor of a key through `lookup` and remembers it for five seconds.

    A key revoked through this process is forgotten at once; other processes notice within five seconds.
    """

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._known: dict[bytes, tuple[float, Actor]] = {}

    async def actor(self, authorization: str) -> Actor:
        """The actor behind an `Authorization` header; raises Problem 401."""
        scheme, _, key = authorization.partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise unauthenticated("Send `Authorization: Bearer <key>`.")
        digest = hash_key(key.strip())
        known = self._known.get(digest)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        actor = await self._lookup(digest)
        if actor is None:
            self._known.pop(digest, None)
            raise unauthenticated("The API key is unknown or revoked.")
        if len(self._known) >= REMEMBER_AT_MOST:
            self._known.clear()
        self._known[digest] = (time.monotonic() + REMEMBER_SECONDS, actor)
        return actor

    def forget(self, key: UUID) -> None:
        """Drop what is remembered of a key that was revoked."""
        self._known = {d: (t, a) for d, (t, a) in self._known.items() if a.key != key}


def unauthenticated(detail: str) -> Problem:
    """A 401 that says which scheme is expected (RFC 9110 11.6.1)."""
    return Problem("unauthenticated", detail, headers={"www-authenticate": 'Bearer realm="clm"'})


def new_key() -> str:
    """A fresh key of 256 random bits; only its hash is ever stored."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_key(key: str) -> bytes:
    """SHA-256: enough for keys that are random and long, and fast."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


INSTALLATION = "installation:write"
"""What concerns every tenant: no wildcard of a tenant's key covers it, a key carries it literally or not at all."""


def scope(needed: str) -> Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]:
    """A guard: the key must carry `needed` (as `contracts:write`), `resource:*`-wide or `*`; `INSTALLATION` literally.

    It awaits nothing, but Litestar sends a guard that is no coroutine through a thread, at every request.
    """
    enough = _enough(needed)

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        actor: Actor = connection.scope["state"]["actor"]
        if enough.isdisjoint(actor.scopes):
            raise Problem("forbidden", f"The API key lacks the scope {needed}.")

    guard.scope = needed  # type: ignore[attr-defined]  # the OpenAPI document reads it back
    return guard


def covers(actor: Actor, needed: str) -> bool:
    """Whether a key may do what asks for `needed`, where not the whole route asks for it."""
    return not _enough(needed).isdisjoint(actor.scopes)


def _enough(needed: str) -> frozenset[str]:
    """The scopes of which any one suffices."""
    resource, _, verb = needed.partition(":")
    return frozenset({needed} if needed == INSTALLATION else {needed, f"{resource}:*", f"*:{verb}", "*"})
