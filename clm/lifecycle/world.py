"""What a decision works with: a copy of the state, the law's inputs, and the moves it has made so far."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.law.calendars import Calendar
from clm.law.review import Finding
from clm.lifecycle.chart import TABLE
from clm.lifecycle.facts import Body
from clm.lifecycle.state import Ground, State, Version
from clm.lifecycle.steps import standing, wanted
from clm.lifecycle.terms import merged
from clm.lifecycle.transitions import TRANSITIONS

_PHASES = ("draft.", "terminated.", "never_in_force.")


class Reason(msgspec.Struct, frozen=True):
    """Why something is refused: the rule, in words, what is missing, and who could supply it."""

    rule: str
    message: str
    missing: str | None = None
    who: str | None = None


class Refused(Exception):
    """A fact that the contract as it stood does not allow."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__("; ".join(reason.message for reason in reasons))
        self.reasons = list(reasons)


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What a judgment makes of the past: a cause that counts no longer, or an effect at an earlier instant.

    `cause` is a name that `World.undone_by` is asked for before something takes effect; `data` is told with it. Only
    what came before `decided_at` can have been decided, and of that what came after `until` is something else.
    """

    fact_id: UUID
    decided_at: dt.datetime
    cause: str | None = None
    at: dt.datetime | None = None
    until: dt.datetime | None = None
    data: dict[str, Any] = {}
    evidence: list[str] = []


class Reopened(Exception):
    """A judgment reaches back before the instant that is being decided."""

    def __init__(self, turn: Turn) -> None:
        super().__init__(turn.cause or turn.at)
        self.turn = turn


class Happening(msgspec.Struct, kw_only=True):
    """One thing decided: what it is called, when, by which transition and rule, and how the contract stood after it."""

    type: str
    at: dt.datetime
    rule: str
    explanation: str
    transition: str | None = None
    data: dict[str, Any] = {}
    status: str = ""
    configuration: list[str] = []
    outcome: str | None = None
    terms_version: int = 1
    evidence: list[str] = []
    fact_id: UUID | None = None
    timer_key: str | None = None


def _accept(_terms: dict[str, Any]) -> Sequence[tuple[str, str]]:
    return ()


def _find_nothing(_agreed: dict[str, Any], _applying: dict[str, Any], _texts: dict[str, str]) -> Sequence[Finding]:
    return ()


class Env(msgspec.Struct, frozen=True):
    """What decisions take as given: the calendar, the type's default terms, section texts and alternative terms."""

    calendar: Calendar
    defaults: dict[str, Any]
    texts: dict[str, str]
    alternatives: list[list[str]] = []
    nature: str = "unnamed"
    """The type's nature; a contract may say otherwise in `/terms/nature`."""
    check: Callable[[dict[str, Any]], Sequence[tuple[str, str]]] = _accept
    """What is wrong with terms: pointers and messages."""
    review: Callable[[dict[str, Any], dict[str, Any], dict[str, str]], Sequence[Finding]] = _find_nothing
    """What the statutory review finds in terms as agreed, in the same with defaults, and in texts that differ."""
    own: bool = False
    """Whether the section texts are those of the contract's own document; they differ from the type's then."""

    def differing(self, amended: dict[str, str]) -> dict[str, str]:
        """The section texts that are not the type's, with those that amendments made."""
        return {**self.texts, **amended} if self.own else amended


class World:
    """A state being changed by one cause (a fact or a timer)."""

    def __init__(self, state: State, env: Env, turns: Sequence[Turn] = ()) -> None:
        self.state = state
        self.env = env
        self.turns = turns
        """What judgments, seen from the end, make of what is being decided."""
        self.idle: dict[UUID, str] = {}
        """Decisions whose effect did not fit the instant that the law ties it to, and why."""
        self.happenings: list[Happening] = []
        self.fact_id: UUID | None = None
        self.recorded_at: dt.datetime | None = None
        """When the fact that is being carried out was recorded, or was put in another's place."""
        self.timer_key: str | None = None
        self.evidence: list[str] = []
        self.body: Body | None = None
        """What the fact that is being carried out says; None where only asked what would be allowed."""
        self.waited = False
        """Whether a date on the way waited for a calendar."""
        self.memory: dict[tuple[object, ...], Any] = {}
        """What was computed under the terms as they are: a decision asks the same again at every step."""
        self._merged_of: Version | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The contract's time zone, in which its legal dates are."""
        return ZoneInfo(self.state.time_zone)

    @property
    def terms(self) -> dict[str, Any]:
        """The terms that apply now, defaults filled in."""
        self._merge()
        return self._terms

    def assumed(self, pointer: str) -> bool:
        """Whether the term at `pointer` comes from the defaults."""
        self._merge()
        return any(pointer == p or pointer.startswith(p + "/") for p in self._assumed)

    def _merge(self) -> None:
        version = self.state.current
        if self._merged_of is not version:
            self._terms, self._assumed = merged(version.terms, self.env.defaults, self.env.alternatives)
            self._merged_of = version
            self.memory.clear()

    def undone_by(self, cause: str, since: dt.datetime) -> Turn | None:
        """The judgment by which a cause of that instant counts no longer."""
        found = (turn for turn in self.turns if turn.cause == cause)
        return next((turn for turn in found if since <= (turn.until or turn.decided_at)), None)

    @contextlib.contextmanager
    def because_of(self, turn: Turn) -> Iterator[None]:
        """Tell what follows as the judgment's doing."""
        before = self.fact_id, self.timer_key, self.evidence
        self.fact_id, self.timer_key, self.evidence = turn.fact_id, None, turn.evidence
        try:
            yield
        finally:
            self.fact_id, self.timer_key, self.evidence = before

    def undo(self, state: State, happenings: int) -> None:
        """Go back to an earlier state and forget what was told since: an effect is taken whole or not at all."""
        self.state = state
        del self.happenings[happenings:]
        self._merged_of = None

    def move(self, event: str, at: dt.datetime, kind: str, explanation: str, **data: Any) -> None:
        """Take the transition `event` from the active state it leaves; raises Refused where none does."""
        source = next((s for s in self.state.configuration if TABLE.target(s, event)), None)
        rule = TRANSITIONS[event]
        if source is None:
            raise Refused(not_in_state(event, self.state))
        self._enter(str(TABLE.target(source, event)))
        self.tell(kind, at, explanation, transition=rule.id, rule=rule.source, **data)

    def move_ground(self, ground: Ground, event: str) -> None:
        """Take a transition of the termination region for one ground."""
        target = TABLE.target(ground.status, event)
        if target is None:
            raise Refused(
                Reason(TRANSITIONS[event].id, f"ground {ground.key} is at {ground.status}: {event} does not apply")
            )
        ground.status = target

    def tell(
        self, kind: str, at: dt.datetime, explanation: str, *, rule: str, transition: str | None = None, **data: Any
    ) -> None:
        """Add what happened, with the contract as it stands after it."""
        self.happenings.append(
            Happening(
                type=kind,
                at=at,
                rule=rule,
                explanation=explanation,
                transition=transition,
                data=data,
                status=self.state.status,
                configuration=self.state.configuration,
                outcome=self.state.outcome,
                terms_version=self.state.current.no,
                evidence=self.evidence,
                fact_id=self.fact_id,
                timer_key=self.timer_key,
            )
        )

    def tell_by(self, event: str, kind: str, at: dt.datetime, explanation: str, **data: Any) -> None:
        """Add what happened under a transition whose state change was made already."""
        rule = TRANSITIONS[event]
        self.tell(kind, at, explanation, rule=rule.source, transition=rule.id, **data)

    def _enter(self, target: str) -> None:
        state = self.state
        if target.startswith("amendment."):
            state.amending = target
        elif target in ("performing", "suspended"):
            state.performance = target
        elif target == "in_force" or target.startswith(_PHASES):
            state.phase = target


def not_in_state(event: str, state: State) -> Reason:
    """The reason that a transition does not leave the active states."""
    rule = TRANSITIONS[event]
    sources = [source for source, name, _ in TABLE.edges() if name == event]
    return Reason(
        rule.id,
        f"The contract is {standing(state.configuration)}; this is for one {wanted(sources)}.",
        missing=rule.when,
        who=rule.who,
    )
