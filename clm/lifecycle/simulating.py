"""A contract to try facts on: the real decisions, made on a copy, with time passing in between. Nothing is stored."""

import copy
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from clm.lifecycle import engine
from clm.lifecycle.comparing import difference
from clm.lifecycle.engine import Decision
from clm.lifecycle.facts import Fact
from clm.lifecycle.firing import HANDLERS
from clm.lifecycle.state import State
from clm.lifecycle.timers import Timer, derive, next_due
from clm.lifecycle.world import Env, World

FIRED_AT_MOST = 10_000
"""How many timers may fire in one trial, those among them that a late fact makes fire once more."""

Told = Mapping[str, Any]
"""An event: the fields of a `Happening`, and an `id` where it is on record."""


class TooLong(Exception):
    """More timers would fire than a trial goes through."""


class Fired(msgspec.Struct, frozen=True):
    """A timer that fired in the trial."""

    kind: str
    key: str
    due_at: dt.datetime


class Step(msgspec.Struct, frozen=True):
    """What one fact brought about: the events that are new, and those that it superseded."""

    events: list[Told]
    superseded: list[Told]


class Copy:
    """A contract as it stands at `now`, to be changed at will.

    `origin` is the state just after the text went out for signature, `facts` those since then, `fact_no` the number of
    the last one, and `record` the events decided since then that still hold. `state` and `timers` are how it stands
    after what was tried, `events` what that brought about and still holds, `superseded` what is on record and holds no
    more.
    """

    def __init__(
        self,
        state: State,
        env: Env,
        now: dt.datetime,
        *,
        origin: State | None = None,
        facts: Iterable[Fact] = (),
        fact_no: int = 0,
        record: Iterable[Told] = (),
    ) -> None:
        self.state = state
        self.env = env
        self.now = now
        self.timers: list[Timer] = derive(World(state, env))
        self.superseded: list[Told] = []
        self._settled: list[Told] = []
        self._origin = origin
        self._facts = list(facts)
        self._fact_no = fact_no
        self._record = list(record)
        self._may_fire = FIRED_AT_MOST

    @property
    def world(self) -> World:
        """The contract as decisions see it."""
        return World(self.state, self.env)

    @property
    def events(self) -> list[Told]:
        """What the trial brought about and still holds: as it was decided, and by legal time once facts have one."""
        return [*self._settled, *(one for one in self._record if "id" not in one)]

    @property
    def fired(self) -> list[Fired]:
        """The timers that fired and whose effect still holds, in order."""
        return [Fired(kind_of(key), key, at) for at, key in sorted(_firings(self.events))]

    def branch(self) -> "Copy":
        """Another copy that stands as this one does and goes its own way."""
        return copy.copy(self)  # the lists are never changed, only replaced

    def until(self, instant: dt.datetime) -> None:
        """Let time pass: what is due fires at its own instant, oldest first; raises TooLong."""
        self.now = max(self.now, instant)
        if next_due(self.timers, self.now) is None:
            return
        decision = engine.advance(self.state, self.env, self.now, at_most=self._may_fire)
        self._take(decision, None)
        if next_due(self.timers, self.now) is not None:
            raise TooLong

    def record(self, fact_id: UUID, kind: str, data: dict[str, Any], at: dt.datetime) -> Step:
        """Decide a fact in its place, recorded now or once it has happened.

        Raises Refused, BadChange, LawError and OverflowError as the real decision does, and TooLong; what time brought
        about before the fact stays.
        """
        self.until(at)
        fact = Fact(id=fact_id, no=self._fact_no + 1, kind=kind, at=at, recorded_at=self.now, data=data)
        if self._origin is not None and engine.is_late(self.state, fact):
            decision = engine.decide_anew(self._origin, self._facts, fact, self.env, self.now)
        else:
            decision = engine.decide(self.state, fact, self.env, self.now)
        self._fact_no = fact.no
        return self._take(decision, fact)

    def _take(self, decision: Decision, fact: Fact | None) -> Step:
        told: list[Told] = [msgspec.structs.asdict(one) for one in decision.happenings]
        gone: list[Told] = []
        self._may_fire -= len(_firings(told))
        if decision.anew:
            told, gone = difference(told, self._record)
        self.state, self.timers = decision.state, decision.timers
        self.superseded = [*self.superseded, *(one for one in gone if "id" in one)]
        ended = {id(one) for one in gone}
        self._record = [*(one for one in self._record if id(one) not in ended), *told]
        if decision.anew:
            self._record.sort(key=lambda one: one["at"])
        self._go_on(decision, fact)
        if self._may_fire < 0:
            raise TooLong
        return Step(told, gone)

    def _go_on(self, decision: Decision, fact: Fact | None) -> None:
        """From where the next late fact is decided: what comes before is settled."""
        if decision.origin is not None:
            self._settle(len(decision.happenings) - decision.origin_told)
            self._origin, self._facts = decision.origin, []
        elif decision.state.approved_at is None:
            self._settle(0)
            self._origin, self._facts = None, []
        elif fact is not None:
            self._facts = [*self._facts, fact]

    def _settle(self, kept: int) -> None:
        end = len(self._record) - kept
        self._settled = [*self._settled, *(one for one in self._record[:end] if "id" not in one)]
        self._record = self._record[end:]


def _firings(told: Iterable[Told]) -> set[tuple[dt.datetime, str]]:
    return {(one["at"], one["timer_key"]) for one in told if one["timer_key"]}


def kind_of(timer_key: str) -> str:
    """The kind of the timer with a key: keys begin with their kind, or with its first word."""
    name = timer_key.partition(":")[0]
    return name if name in HANDLERS else next((kind for kind in HANDLERS if kind.startswith(f"{name}_")), name)
