"""Who may read what is in a file: other rooms have a say, and write down who did before the first byte goes out."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal
from uuid import UUID

from clm.kit.auth import Actor
from clm.kit.db import Reads

How = Literal["content", "link", "text", "comparison", "search"]
Version = tuple[UUID, int]
"""An attachment and the number of its version."""
Guard = Callable[[Reads, Actor, Sequence[Version], How], Awaitable[None]]
_GUARDS: list[Guard] = []


def on_reading(guard: Guard) -> Guard:
    """Register who is asked before the contents of versions go out, in whatever way; it may raise a Problem."""
    if guard not in _GUARDS:
        _GUARDS.append(guard)
    return guard


async def may_read(reads: Reads, actor: Actor, versions: Sequence[Version], how: How) -> None:
    """Ask whether a key may read versions that are there; raises Problem 403."""
    for guard in _GUARDS:
        await guard(reads, actor, versions, how)
