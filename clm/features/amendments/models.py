"""Amendments on the wire."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from clm.features.contracts.service import DecisionOut, FindingOut, SimulatedTimer
from clm.law.periods import Period
from clm.lifecycle import facts
from clm.lifecycle.facts import AmendmentEffect, Key, Name, Role, Text

Change = dict[str, Any]


class NewAmendment(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A proposal: a JSON Patch (RFC 6902) over `/terms`, `/sections/<number>/text`, `/title` and `/attachments/<id>`.

    The value of the last is the number of the version that is to bind.

    The parties, the currency and the parties' size classes stay. `at` is when the proposal reached the other party, and
    `answer_within` how long from then it may be executed; without it, the period of `/terms/amendments`, if any.
    """

    changes: Annotated[list[Change], Meta(min_length=1, max_length=200)]
    rationale: Text | None = None
    effective: AmendmentEffect | None = None
    answer_within: Period | None = None
    proposed_by: Role | None = None
    at: dt.datetime | None = None


class DropAmendment(facts.Body, kw_only=True):
    """Why an amendment is rejected or withdrawn."""

    reason: Text | None = None


class DeclareUnclear(facts.Body, kw_only=True):
    """Why nobody can tell from the amendment what it would change (约定不明确, Civil Code 544)."""

    reason: Name


class MeetCondition(facts.Body, kw_only=True):
    """Which condition of the amendment is met: the agreed one, or `approval`."""

    condition: Key


class GiveUpCondition(MeetCondition, kw_only=True):
    """Which condition can no longer be met, or that the approval was refused."""

    reason: Text | None = None


class AmendmentConditionOut(msgspec.Struct):
    """What the effect of an amendment waits for; `met_at` is null while it is open."""

    key: str
    description: str | None
    met_at: dt.datetime | None


class AnswerBy(msgspec.Struct):
    """How long a proposal may be executed: through `last_day`, which is null for hours, or while not known for sure."""

    last_day: dt.date | None
    expires_at: dt.datetime | None
    status: str
    assumed: bool
    basis: dict[str, Any]


class Amendment(msgspec.Struct, kw_only=True):
    """An amendment: proposed, agreed_pending, applied, rejected, withdrawn, lapsed, unclear or void.

    `terms_version` is the version it made, once applied; `base_version` the one it was proposed against. `surviving`:
    it changes only terms that survive the end of the contract, so it does not fall with it. `answer_by` is null where
    nobody set a period.
    """

    id: UUID
    contract_id: UUID
    no: int
    status: str
    changes: list[Change]
    rationale: str | None
    effective: dict[str, Any]
    proposed_by: str | None
    base_version: int
    terms_version: int | None
    surviving: bool
    conditions: list[AmendmentConditionOut]
    answer_by: AnswerBy | None
    executions: list[dict[str, Any]]
    proposed_at: dt.datetime
    agreed_at: dt.datetime | None
    applies_at: dt.datetime | None
    recorded_at: dt.datetime
    version: int


class AmendmentDecided(Amendment, kw_only=True):
    """The amendment as it now stands, with the decision on the fact."""

    decision: DecisionOut


class Difference(msgspec.Struct):
    """A place that changes: what applied there and what would; null where nothing does."""

    pointer: str
    before: Any
    after: Any


class TimerDate(msgspec.Struct):
    """When a timer fires, and the legal date behind it."""

    due_at: dt.datetime
    legal_date: dt.date | None
    provisional: bool


class MovedTimer(msgspec.Struct, kw_only=True):
    """A timer that the amendment moves; `basis` is that of its new date."""

    key: str
    kind: str
    before: TimerDate
    after: TimerDate
    basis: dict[str, Any]


class TimerChanges(msgspec.Struct):
    """What the amendment does to what will happen by itself: as just after it applies, against the same without it."""

    moved: list[MovedTimer]
    armed: list[SimulatedTimer]
    cancelled: list[SimulatedTimer]


class Following(msgspec.Struct):
    """What the change brings about on its day besides its own effect: a right that is lost, a contract that ends."""

    type: str
    at: dt.datetime
    transition: str | None
    explanation: str


class AmendmentPreview(msgspec.Struct, kw_only=True):
    """What a proposal would bring if every party executed it at `at` (now, if left out); nothing of it is stored.

    `status` is how the amendment would then stand: `applied`, `void` where the contract ends or changes before its day
    comes, or `agreed_pending` where it waits for a condition; `applies_at` is null unless it applies by itself.
    `terms` are the consolidated terms of `terms_version`, and `assumed` points at what the defaults supply of them.
    `follows` is what would fire by then with the change and would not without it.
    """

    dry_run: bool
    base_version: int
    terms_version: int
    status: str
    applies_at: dt.datetime | None
    changed: list[Difference]
    terms: dict[str, Any]
    assumed: list[str]
    timers: TimerChanges
    follows: list[Following]
    review: list[FindingOut]
