"""Reading off the service what it hands to a statement."""

from collections.abc import Coroutine
from typing import Any

import asyncpg

from clm.kit.db import Unit


class Recorded(Exception):
    """A statement caught with its arguments before it runs."""


class Recorder(Unit):
    """A unit of work that notes the arguments of one statement, and stops there unless told to go on."""

    _wanted: str | None = None
    _goes_on = False
    _arguments: tuple[Any, ...] | None = None

    async def arguments_of(
        self, statement: str, work: Coroutine[Any, Any, object], *, goes_on: bool = False
    ) -> tuple[Any, ...]:
        """What `work` hands to a statement; raises RuntimeError where it runs no such one."""
        self._wanted, self._goes_on, self._arguments = statement, goes_on, None
        try:
            await work
        except Recorded:
            pass
        finally:
            self._wanted = None
        if self._arguments is None:
            raise RuntimeError("the service has stored it some other way: nothing to compare it with")
        return self._arguments

    async def one(self, statement: str, *args: object) -> asyncpg.Record | None:
        """The first row of any statement but the wanted one."""
        return await super().one(self._noted(statement, args), *args)

    async def all(self, statement: str, *args: object) -> list[asyncpg.Record]:
        """Every row of any statement but the wanted one."""
        return await super().all(self._noted(statement, args), *args)

    async def value(self, statement: str, *args: object) -> Any:
        """The first value of any statement but the wanted one."""
        return await super().value(self._noted(statement, args), *args)

    async def run(self, statement: str, *args: object) -> int:
        """Run any statement but the wanted one."""
        return await super().run(self._noted(statement, args), *args)

    def _noted(self, statement: str, arguments: tuple[object, ...]) -> str:
        if statement == self._wanted:
            self._arguments = arguments
            if not self._goes_on:
                raise Recorded
        return statement
