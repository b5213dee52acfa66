"""Contracts on the wire."""

import datetime as dt
from typing import Annotated, Any, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Meta, UnsetType

from clm.features.parties.service import Kind, SizeClass
from clm.features.timers.service import TimerOut
from clm.kit.differences import Change
from clm.law.review import Severity
from clm.lifecycle.terms import TITLE_AT_MOST

Number = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=r"^\S(.*\S)?$(?!\n)",
        description="Unique in the tenant, no space at either end",
    ),
]
Title = Annotated[str, Meta(min_length=1, max_length=TITLE_AT_MOST, pattern=r"\S", description="Not all spaces")]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Zone = Annotated[str, Meta(max_length=64, description="IANA time zone of the contract's legal dates")]


class PartyRole(msgspec.Struct, forbid_unknown_fields=True):
    """Which party has which role (A 甲方, B 乙方)."""

    role: Annotated[str, Meta(min_length=1, max_length=40)]
    party_id: UUID


class ExternalRef(msgspec.Struct, forbid_unknown_fields=True):
    """The contract's id in another system."""

    system: Name
    id: Name


class ContractDraft(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A new contract. Terms left out are filled by the type's defaults, which say `assumed`."""

    type: Name
    number: Number
    title: Title
    parties: Annotated[list[PartyRole], Meta(max_length=26)] = []
    terms: dict[str, Any] = {}
    external_refs: Annotated[list[ExternalRef], Meta(max_length=20)] = []
    time_zone: Zone = "Asia/Shanghai"
    metadata: dict[str, Any] = {}


class ContractPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A JSON Merge Patch (RFC 7396) over a draft: null in `terms` or `metadata` removes, lists are replaced whole."""

    number: Number | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    parties: Annotated[list[PartyRole], Meta(max_length=26)] | UnsetType = UNSET
    terms: dict[str, Any] | UnsetType | None = UNSET
    external_refs: Annotated[list[ExternalRef], Meta(max_length=20)] | UnsetType = UNSET
    time_zone: Zone | UnsetType = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET


class ContractUpsert(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A contract as the ERP has it; the path carries the external id, so `external_refs` lists only others."""

    type: Name
    number: Number
    title: Title
    parties: Annotated[list[PartyRole], Meta(max_length=26)] = []
    terms: dict[str, Any] = {}
    external_refs: Annotated[list[ExternalRef], Meta(max_length=20)] = []
    time_zone: Zone = "Asia/Shanghai"
    metadata: dict[str, Any] = {}


class Contract(msgspec.Struct, kw_only=True):
    """A contract as it stands, or stood at `as_of` as known at `known_at`.

    `status` is draft, effective, amendment or terminated; `configuration` the active states of the chart; `terms` what
    was agreed, without defaults (see `/terms`), null while no version was in force at the `as_of` asked for.
    `projected`: that instant lies ahead, and this is how time alone would leave the contract.
    """

    id: UUID
    number: str
    title: str
    type: str
    type_version: int
    status: str
    configuration: list[str]
    outcome: str | None
    terms_version: int | None
    terms: msgspec.Raw | None
    parties: msgspec.Raw
    external_refs: msgspec.Raw
    metadata: msgspec.Raw
    time_zone: str
    formed_at: dt.datetime | None
    effective_at: dt.datetime | None
    ended_at: dt.datetime | None
    closed_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int
    as_of: dt.datetime | UnsetType = UNSET
    known_at: dt.datetime | UnsetType = UNSET
    projected: bool | UnsetType = UNSET

    @classmethod
    def of_draft(cls, contract_id: UUID, type_version: int, draft: "ContractDraft", at: dt.datetime) -> Self:
        """A contract as it is just after its creation, without another look at the database."""
        created_at = at.astimezone(ZoneInfo(draft.time_zone))
        return cls(
            id=contract_id,
            number=draft.number,
            title=draft.title,
            type=draft.type,
            type_version=type_version,
            status="draft",
            configuration=["draft.drafting"],
            outcome=None,
            terms_version=1,
            terms=_raw(draft.terms),
            parties=_raw(sorted(draft.parties, key=lambda party: party.role)),
            external_refs=_raw(sorted(draft.external_refs, key=lambda ref: (ref.system, ref.id))),
            metadata=_raw(draft.metadata),
            time_zone=draft.time_zone,
            formed_at=None,
            effective_at=None,
            ended_at=None,
            closed_at=None,
            created_at=created_at,
            updated_at=created_at,
            version=1,
        )


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


class EventOut(msgspec.Struct, kw_only=True):
    """One thing that happened and by which rule; superseded where a late fact decided otherwise."""

    id: UUID
    type: str
    at: dt.datetime
    recorded_at: dt.datetime
    transition: str | None
    rule: str
    explanation: str
    status: str
    configuration: list[str]
    evidence: list[UUID]
    data: dict[str, Any]
    fact_id: UUID | None
    timer: str | None
    actor: UUID | None
    """The API key in whose request it came about; null for what the worker fired."""
    superseded_at: dt.datetime | None = None


class DecisionOut(msgspec.Struct, kw_only=True):
    """What one fact brought about: events, what it superseded, timers armed, cancelled and voided."""

    fact_id: UUID
    events: list[EventOut]
    superseded: list[EventOut]
    armed: list[TimerOut]
    cancelled: list[TimerOut]
    voided: list[TimerOut]


class Decided(Contract, kw_only=True):
    """The contract as it now stands, with the decision on the fact."""

    decision: DecisionOut


class ReasonOut(msgspec.Struct, kw_only=True):
    """Why something is refused: the rule, in words, what is missing, who could supply it."""

    rule: str
    message: str
    missing: str | None
    who: str | None


class WaiverOut(msgspec.Struct):
    """Why an error was let stand when the draft was submitted, with whose key, and when."""

    reason: str
    by: UUID | None
    at: dt.datetime


class FindingOut(msgspec.Struct, kw_only=True):
    """What the statutory review found: the rule, its article, the place in the contract, and what would cure it."""

    rule: str
    article: str
    severity: Severity
    pointer: str
    text: str
    cure: str
    waived: WaiverOut | None = None


class ReviewOut(msgspec.Struct, kw_only=True):
    """The findings, by rule; `blocks_submit` where an error among them is not waived."""

    items: list[FindingOut]
    blocks_submit: bool
    terms_version: int | None


class ReviewedParty(msgspec.Struct, forbid_unknown_fields=True):
    """A party as far as the review asks for it."""

    role: Annotated[str, Meta(min_length=1, max_length=40)]
    kind: Kind | None = None
    size_class: SizeClass | None = None


class ReviewRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Terms that are in no contract yet, under a type; `texts` are section texts that differ from the type's.

    `concluded_on` is the day whose loan prime rate decides; the last one that is loaded, if left out.
    """

    type: Name
    terms: dict[str, Any]
    parties: Annotated[list[ReviewedParty], Meta(max_length=26)] = []
    texts: Annotated[dict[str, Annotated[str, Meta(max_length=20_000)]], Meta(max_length=200)] = {}
    concluded_on: dt.date | None = None


class ActionOut(msgspec.Struct, kw_only=True):
    """An action: whether it may happen now, by whom, through which transitions, and if not, why not."""

    action: str
    allowed: bool
    who: str
    transitions: list[str]
    method: str
    href: str
    reasons: list[ReasonOut]


class RightOut(msgspec.Struct, kw_only=True):
    """A ground that a notice of rescission may name, and whether it would end the contract now.

    `lapses_at` is when the right is lost (Civil Code 564); `reasons` say what is missing where it is not exercisable.
    """

    ground: str
    source: str
    holder: str
    state: str
    exercisable: bool
    lapses_at: dt.datetime | None
    reasons: list[ReasonOut]


class ContestOut(msgspec.Struct):
    """Who disputes the end of the contract, since when, and by what."""

    by: str
    at: dt.datetime | None
    how: Literal["objection", "suit"]


class ActionsOut(msgspec.Struct, kw_only=True):
    """Every action of the contract, and every right to end it; `contested`: who disputes its end or that right."""

    status: str
    configuration: list[str]
    contested: ContestOut | None
    items: list[ActionOut]
    rights: list[RightOut]


class BindingOut(msgspec.Struct):
    """A group of terms that binds although the contract is not in force, and the article that says so."""

    pointer: str
    source: str


class TimelineOut(msgspec.Struct, kw_only=True):
    """The past by legal time, superseded events among it and marked, and the future with due dates and basis."""

    now: dt.datetime
    past: list[EventOut]
    future: list[TimerOut]


class SectionOut(msgspec.Struct, kw_only=True):
    """A section of the text, the terms behind it, and its live state (null where nothing runs yet)."""

    number: str
    heading: str
    text: str | None
    terms: dict[str, Any]
    assumed: list[str]
    state: dict[str, Any] | None


class SectionsOut(msgspec.Struct, kw_only=True):
    """All sections and sub-sections, in order."""

    items: list[SectionOut]


class TermsOut(msgspec.Struct, kw_only=True):
    """The consolidated terms: what was agreed completed by defaults; `assumed` points at what nobody agreed on.

    `binding` names the groups of terms that bind where not all of them do: of a contract formed and not in force
    yet, ended, or without effect. It is null where all bind.
    """

    version: int | None
    terms: dict[str, Any] | None
    agreed: dict[str, Any] | None
    assumed: list[str]
    valid_from: dt.datetime | None
    valid_to: dt.datetime | None
    amendment_id: UUID | None
    as_of: dt.datetime | None
    known_at: dt.datetime | None
    projected: bool
    binding: list[BindingOut] | None


class TermChange(msgspec.Struct, frozen=True):
    """A place that differs: what applied there and what applies now; null where nothing did or does."""

    pointer: str
    before: Any
    after: Any


class SectionChanges(msgspec.Struct, frozen=True):
    """A section whose text differs, paragraph by paragraph."""

    number: str
    heading: str
    changes: list[Change]


class Comparison(msgspec.Struct, frozen=True):
    """Two versions of a contract, by number. `terms` has title, terms and attachments, `sections` the text."""

    before: int = msgspec.field(name="from")
    after: int = msgspec.field(name="to")
    terms: list[TermChange]
    sections: list[SectionChanges]
