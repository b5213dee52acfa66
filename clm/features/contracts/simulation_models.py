"""A simulation on the wire: facts that are tried on a copy of a contract, and what would follow."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, Union
from uuid import UUID

import msgspec
from msgspec import Meta

from clm.features.contracts.models import ContestOut, ReasonOut
from clm.law.notice_contents import NoticeType
from clm.lifecycle import (
    engine,  # noqa: F401 - it has every action registered
    facts,
)
from clm.lifecycle.actions import REGISTER, Action
from clm.lifecycle.timers import Timer

ARRIVAL = "notice.arrive"
FACTS_AT_MOST = 100
CHANGES_AT_MOST = 200


class Tried(facts.Body, kw_only=True, tag_field="action"):
    """What every fact of a simulation says: its action and, unless it is now, its instant."""


class NoticeArrives(Tried, kw_only=True, tag=ARRIVAL):
    """A notice (通知) of a party arrives at `at`; a cure notice and a rescission name their ground."""

    type: NoticeType
    sender: facts.Role = msgspec.field(name="from")
    ground: facts.Key | None = None
    cure: facts.Cure | None = None


def _variant(what: Action) -> type[facts.Body]:
    """The body of an action as one fact among several; the open amendment needs no id, nor does a new one."""
    fields: list[Any] = []
    if what.name.startswith("amendment."):
        fields.append(("amendment_id", UUID | None, None))
    if what.name == "amendment.propose":
        fields.append(("changes", Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=CHANGES_AT_MOST)]))
    name = "Try" + "".join(word.capitalize() for word in what.name.replace(".", "-").split("-"))
    more: dict[str, Any] = {"__doc__": what.body.__doc__, "__module__": __name__}
    return msgspec.defstruct(  # type: ignore[return-value]  # it has the action's body for its base
        name, fields, bases=(what.body,), namespace=more, tag_field="action", tag=what.name, kw_only=True
    )


_TRIED = sorted(name for name, what in REGISTER.items() if what.public or name.startswith("amendment."))

if TYPE_CHECKING:
    SimulatedFact: TypeAlias = facts.Body
else:
    SimulatedFact = Union[(NoticeArrives, *(_variant(REGISTER[name]) for name in _TRIED))]


class SimulationRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Facts in the order in which they would be recorded, and how far time goes.

    A fact in the past is put in its place among those on record; one that lies ahead is recorded when time has got
    there. `until` is an instant, or a date, which means its last instant; without it time goes on to the last fact.
    """

    facts: Annotated[list[SimulatedFact], Meta(max_length=FACTS_AT_MOST)] = []
    until: Annotated[str, Meta(max_length=40)] | None = None


class SimulatedEvent(msgspec.Struct, kw_only=True):
    """One thing that would happen, or that happened and would hold no more.

    `fact` is the number of the fact in the request, from 0, that it follows from. What is on record has its `event_id`
    and `fact_id`; what is only simulated has neither.
    """

    type: str
    at: dt.datetime
    transition: str | None
    rule: str
    explanation: str
    status: str
    configuration: list[str]
    outcome: str | None
    terms_version: int
    evidence: list[UUID]
    data: dict[str, Any]
    fact: int | None
    timer: str | None
    event_id: UUID | None
    fact_id: UUID | None


class SimulatedStep(msgspec.Struct, kw_only=True):
    """What one fact would bring about; where it would not be allowed, why not, and what would be."""

    action: str
    at: dt.datetime
    allowed: bool
    reasons: list[ReasonOut]
    allowed_actions: list[str] | None
    events: list[SimulatedEvent]
    superseded: list[SimulatedEvent]


class SimulatedTimer(msgspec.Struct, kw_only=True):
    """Something that would then still happen by itself, as in the list of timers."""

    key: str
    kind: str
    due_at: dt.datetime
    legal_date: dt.date | None
    rule: str
    assumed: bool
    provisional: bool
    basis: dict[str, Any]
    subject: dict[str, Any]

    @classmethod
    def of(cls, timer: Timer) -> "SimulatedTimer":
        """From a timer that is armed."""
        fields = {name: getattr(timer, name) for name in ("key", "kind", "due_at", "legal_date", "rule", "assumed")}
        basis = msgspec.to_builtins(timer.basis)
        return cls(**fields, provisional=not timer.certain, basis=basis, subject=timer.subject)


class SimulatedFiring(msgspec.Struct, kw_only=True):
    """A timer that would fire on the way."""

    kind: str
    key: str
    due_at: dt.datetime


class StandingOut(msgspec.Struct, kw_only=True):
    """Where the contract stands."""

    status: Literal["draft", "effective", "amendment", "terminated"]
    configuration: list[str]
    outcome: str | None


class SimulatedContract(StandingOut, kw_only=True):
    """Where the contract would stand; `terms` are those agreed then, without defaults."""

    title: str
    terms_version: int
    terms: dict[str, Any]
    formed_at: dt.datetime | None
    effective_at: dt.datetime | None
    ended_at: dt.datetime | None
    closed_at: dt.datetime | None


class Simulation(msgspec.Struct, kw_only=True):
    """What would follow; nothing of it is stored.

    `events` are those that would be new and hold at the end, in order; `superseded` those on record that would hold no
    more; `fired` the timers that would have fired, and `timers` those armed at the end.
    """

    now: dt.datetime
    until: dt.datetime
    before: StandingOut
    contract: SimulatedContract
    steps: list[SimulatedStep]
    events: list[SimulatedEvent]
    superseded: list[SimulatedEvent]
    fired: list[SimulatedFiring]
    timers: list[SimulatedTimer]


class Scenario(msgspec.Struct, kw_only=True):
    """One outcome of a dispute: how the contract stands with it now, and what that does to record and timers.

    The end that is disputed is `upheld` or `groundless`; the claim of the suit that `suit` names is `granted` or
    `dismissed`. A complaint whose service is not on record counts as served now. `reasons` say why a claim that is
    granted would change nothing, as the contract stands on record.
    """

    outcome: Literal["upheld", "groundless", "granted", "dismissed"]
    suit: str | None = None
    reasons: list[ReasonOut]
    contract: SimulatedContract
    events: list[SimulatedEvent]
    superseded: list[SimulatedEvent]
    timers: list[SimulatedTimer]


class Scenarios(msgspec.Struct, kw_only=True):
    """Both outcomes side by side, of the end and of each suit that is not decided; `contested` is null while nobody has
    objected to the end.
    """

    contested: ContestOut | None
    items: list[Scenario]
