"""Facts: what can be recorded about a contract. The structs are the bodies of the API's actions."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from clm.law.periods import Period
from clm.lifecycle.state import Capacity, Method

Role = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Text = Annotated[str, msgspec.Meta(max_length=4000)]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class Body(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What every fact may say: when it happened (now, if left out), which attachments prove it, and a note."""

    at: dt.datetime | None = None
    evidence: list[UUID] = []
    note: Text | None = None


class FindingWaiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An error of the statutory review (合同审查) that is let stand, and why."""

    rule: Annotated[str, msgspec.Meta(pattern=r"^L\d\d$", description="A rule of the review, as L05")]
    pointer: Annotated[str, msgspec.Meta(max_length=500)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=1000, pattern=r"\S", description="Not all spaces")]


class Submit(Body, kw_only=True):
    """The draft is complete and goes to review.

    `waive` lets errors of the statutory review stand, each with a reason; the key needs the scope `review:write`.
    """

    waive: Annotated[list[FindingWaiver], msgspec.Meta(max_length=50)] = []


class Approve(Body, kw_only=True):
    """The review is passed; the text goes out for signature."""


class Return(Body, kw_only=True):
    """The text goes back to drafting; signatures given so far lapse."""

    reason: Text | None = None


class Execute(Body, kw_only=True):
    """One party has signed or sealed."""

    party: Role
    method: Method
    signatory: Text | None = None
    capacity: Capacity | None = None


class Reject(Body, kw_only=True):
    """The other party declines the offer (Civil Code 478(1))."""

    party: Role | None = None
    reason: Text | None = None


class SatisfyCondition(Body, kw_only=True):
    """A condition of effectiveness (生效条件) is met."""

    condition: Key


class FailCondition(Body, kw_only=True):
    """A condition of effectiveness can no longer be met."""

    condition: Key
    reason: Text | None = None


class Withdraw(Body, kw_only=True):
    """The draft is given up."""

    reason: Text | None = None


class RecordPerformance(Body, kw_only=True):
    """Something owed was performed (履行): what a running demand asks for, or a duty of winding down."""

    ground: Key | None = None
    duty: Literal["settlement", "data_return", "handover", "report"] | None = None
    party: Role | None = None


class RecordGround(Body, kw_only=True):
    """A ground for rescission has arisen and its holder knows of it."""

    ground: Key
    holder: Role | None = None


class Waive(Body, kw_only=True):
    """The holder gives up a right to rescind."""

    ground: Key


class Suspend(Body, kw_only=True):
    """Performance is held back."""

    reason: Literal["defence", "unstable", "force_majeure", "agreed"]
    party: Role | None = None


class Resume(Body, kw_only=True):
    """Performance goes on."""


class EffectiveOn(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The day something takes effect; without it, the moment the last party has executed."""

    on: dt.date | None = None


class TerminateByAgreement(Body, kw_only=True):
    """Both parties have executed a termination agreement (协议解除); `effective.on` is the last day in force."""

    effective: EffectiveOn | None = None


class Close(Body, kw_only=True):
    """The winding-down list is done."""


class ProposeAmendment(Body, kw_only=True):
    """An amendment is on the table."""

    amendment_id: UUID
    changes: list[dict[str, Any]]
    effective: EffectiveOn | None = None
    proposed_by: Role | None = None


class ExecuteAmendment(Execute, kw_only=True):
    """One party has executed the amendment."""

    amendment_id: UUID


class DropAmendment(Body, kw_only=True):
    """The amendment is rejected or withdrawn."""

    amendment_id: UUID
    reason: Text | None = None


class Cure(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a cure notice, or a demand on a ground, sets.

    The period is the terms' own, if left out; `automatic`: rescission follows by itself.
    """

    period: Period | None = None
    automatic: bool | None = None


class NoticeJudged(Body, kw_only=True):
    """A notice's arrival is known, or no longer: `arrives_at` None means that it has not arrived, and `standing` why.

    `revision` counts the judgements of one notice; each takes the place of those before it.
    """

    notice_id: UUID
    type: str
    sender: Role
    ground: str | None = None
    cure: Cure | None = None
    arrives_at: dt.datetime | None = None
    legal_date: dt.date | None = None
    certainty: str | None = None
    assumed: bool = False
    basis: dict[str, Any] = {}
    standing: Literal["failed", "pending", "withdrawn"] = "failed"
    revision: int = 1


class DiscloseItem(Body, kw_only=True):
    """A confidential item was disclosed."""

    item_id: UUID
    name: str
    item_class: str


class ReleaseItem(Body, kw_only=True):
    """A confidential item is released from the duty."""

    item_id: UUID
    reason: Literal["public", "consent", "independent", "third_party", "already_known"]


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded fact: its kind, when it happened, when and as what number it was recorded."""

    id: UUID
    no: int
    kind: str
    at: dt.datetime
    recorded_at: dt.datetime
    data: dict[str, Any]
