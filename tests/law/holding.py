"""Which test holds which rule of the law, and how one sees that it does.

`@holds("R-T5", neighbour=neighbour("clm.law.periods._roll", lambda _: no_roll, "no roll"))`
above a test says: it holds R-T5, and it fails where the rule is replaced by its neighbour. A neighbour names what to
patch by its dotted path (a function, a method, a constant), makes the replacement from the original, and says what it
is. The test takes no arguments and is no coroutine. `test_rules.py` proves each claim; `page.py` prints them.
"""

import builtins
import importlib
import pkgutil
from collections.abc import Callable
from typing import Any, NamedTuple
from unittest.mock import patch

import tests.law

HELD: dict[tuple[str, str, str], "Holding"] = {}


class Neighbour(NamedTuple):
    """What stands beside a rule: close enough to be mistaken for it, and wrong."""

    target: str
    make: Callable[[Any], Any]
    says: str


class Holding(NamedTuple):
    """A test that holds a rule."""

    rule: str
    module: str
    test: Callable[[], None]
    neighbour: Neighbour

    @property
    def name(self) -> str:
        """The test as pytest names it."""
        return f"{self.module.replace('.', '/')}.py::{self.test.__name__}"


def neighbour(target: str, make: Callable[[Any], Any], says: str) -> Neighbour:
    """The rule's neighbour: what to patch, with what (made from the original), and what it says in a few words."""
    return Neighbour(target, make, says)


def holds(*rules: str, neighbour: Neighbour) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Mark a test as one that holds the rules and fails under their neighbour."""

    def mark(test: Callable[[], None]) -> Callable[[], None]:
        for rule in rules:
            HELD[rule, f"{test.__module__}.{test.__name__}", neighbour.says] = Holding(
                rule, test.__module__, test, neighbour
            )
        return test

    return mark


def holdings() -> list[Holding]:
    """Every claim of the tests of the law, by rule."""
    for module in pkgutil.iter_modules(tests.law.__path__, "tests.law."):
        importlib.import_module(module.name)
    return sorted(HELD.values(), key=lambda one: (one.rule, one.name, one.neighbour.says))


def replaced(one: Neighbour) -> Any:
    """A context in which the neighbour stands in the place of the rule."""
    owner, _, name = one.target.rpartition(".")
    holder = _found(owner)
    original = getattr(holder, name) if hasattr(holder, name) else getattr(builtins, name)
    return patch.object(holder, name, one.make(original), create=not hasattr(holder, name))


def _found(path: str) -> Any:
    """A module, or a class inside one."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            found = getattr(found, name)
        return found
    raise ModuleNotFoundError(path)
