"""A contract's life without a database: facts recorded one by one, as the contracts room records them."""

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from clm.features.contract_types import service as contract_types
from clm.law.calendars import china
from clm.lifecycle import drafting, engine
from clm.lifecycle.facts import Fact
from clm.lifecycle.state import State, Version
from clm.lifecycle.timers import Timer
from clm.lifecycle.world import Env, Happening, World

OUTBOUND = contract_types.built_in()["outbound-call-outsourcing", 1]
BARE = Env(china(), {}, {"8.3": "保密期限为三年。"})
FULL = Env(china(), OUTBOUND.defaults, {s.number: s.text for s in OUTBOUND.sections if s.text}, OUTBOUND.alternatives)


def at(text):
    """`2026-01-05`, `2026-01-05T10:00` or with seconds, in +08:00."""
    return dt.datetime.fromisoformat(text + "+08:00" if "T" in text else text + "T00:00:00+08:00")


NEW_YEAR = at("2026-01-01")


def uid(number):
    return UUID(int=number)


@dataclass
class Life:
    """The state, the facts, and the happenings that are not superseded."""

    terms: dict = field(default_factory=dict)
    env: Env = BARE
    now: dt.datetime = NEW_YEAR
    roles_missing: list = field(default_factory=list)
    facts: list = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)

    def __post_init__(self):
        draft = Version(no=1, title="合同", terms=self.terms)
        self.state = State(
            roles=["A", "B"], time_zone="Asia/Shanghai", versions=[draft], roles_missing=self.roles_missing
        )
        world = World(self.state, self.env)
        drafting.begin(world, "合同")
        self.happenings: list[Happening] = world.happenings
        self.superseded: list[Happening] = []
        self._origin = None

    def record(self, kind, when=None, /, **data):
        """Record a fact that happened at `when` (now, if left out); time moves on to it where it must."""
        instant = self.now if when is None else at(when)
        self.now = max(self.now, instant)
        no = len(self.facts) + 1
        fact = Fact(id=uid(no), no=no, kind=kind, at=instant, recorded_at=self.now, data=data)
        late = self._origin is not None and engine.is_late(self.state, fact)
        if late:
            origin, since, _ = self._origin
            decision = engine.decide_anew(origin, self.facts[since:], fact, self.env, self.now)
        else:
            decision = engine.decide(self.state, fact, self.env, self.now)
        self.facts.append(fact)
        return self._took(decision)

    def until(self, when):
        """Let time pass."""
        self.now = at(when)
        return self._took(engine.advance(self.state, self.env, self.now))

    def sign(self, a="2026-01-05T10:00", b="2026-01-08T09:30"):
        """Out for signature on the first of January, sealed by both."""
        self.record("submit")
        self.record("approve")
        self.record("execute", a, party="A", method="seal")
        return self.record("execute", b, party="B", method="seal")

    def notice(self, number, kind, arrives, /, recorded=None, sender="A", **data):
        """A notice whose arrival is known."""
        return self.record(
            "notice.judged",
            recorded or arrives,
            notice_id=str(uid(number)),
            type=kind,
            sender=sender,
            arrives_at=at(arrives).isoformat(),
            basis={"rule": "R-N1", "source": "Civil Code 137", "anchor": {}, "steps": [], "status": "final"},
            **data,
        )

    def timer(self, kind):
        """The one armed timer of a kind."""
        (found,) = [timer for timer in self.timers if timer.kind == kind]
        return found

    def told(self, kind):
        """The one happening of a type that still holds."""
        (found,) = [one for one in self.happenings if one.type == kind]
        return found

    def types(self):
        return [one.type for one in self.happenings]

    def _took(self, decision):
        if decision.anew:
            _, _, since = self._origin
            self.superseded += [
                one for one in self.happenings[since:] if plain(one) not in map(plain, decision.happenings)
            ]
            del self.happenings[since:]
        before = self.state.approved_at
        self.happenings += decision.happenings
        self.state, self.timers = decision.state, decision.timers
        if self.state.approved_at is None:
            self._origin = None
        elif self._origin is None or before is None:
            self._origin = (self.state, len(self.facts), len(self.happenings))
        return decision


def plain(value):
    """A value that compares by content, whatever the classes."""
    return msgspec.to_builtins(value)
