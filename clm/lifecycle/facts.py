"""Facts: what can be recorded about a contract. The structs are the bodies of the API's actions."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from clm.law.periods import Period
from clm.lifecycle.state import Capacity, Method

Role = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Text = Annotated[str, msgspec.Meta(max_length=4000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"\S", description="Not all spaces")]
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
    """One party has signed or sealed; `evidence` may prove the signatory's authority."""

    party: Role
    method: Method
    signatory: Text | None = None
    capacity: Capacity | None = None


class Reject(Body, kw_only=True):
    """The other party declines the offer (Civil Code 478(1))."""

    party: Role | None = None
    reason: Text | None = None


class SatisfyCondition(Body, kw_only=True):
    """A condition of effectiveness (生效条件), or one that ends the contract (解除条件), is met.

    The approval (批准) and the deposit (定金) that the terms ask for are conditions named `approval` and `deposit`.
    """

    condition: Key


class FailCondition(Body, kw_only=True):
    """A condition can no longer be met, or an approval was refused."""

    condition: Key
    reason: Text | None = None


class Withdraw(Body, kw_only=True):
    """The draft is given up."""

    reason: Text | None = None


class RecordPerformance(Body, kw_only=True):
    """Something owed was performed (履行): what a running demand asks for, or a duty of winding down.

    `accepted`: the other party took a main duty's performance, which forms a contract that lacks a signature (490).
    `complete`: everything owed under the contract is performed, which ends it (557(1)(1)). `nothing_due`: there is
    nothing to do for that duty, and `note` says why. The return of data counts with its certificate as evidence.
    """

    ground: Key | None = None
    duty: Literal["settlement", "data_return", "handover", "report", "restitution"] | None = None
    party: Role | None = None
    accepted: bool = False
    complete: bool = False
    nothing_due: bool = False


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
    """Performance goes on: security was given, the cause is over, or what was owed is paid."""


class EffectiveOn(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The day something takes effect; without it, the moment the last party has executed."""

    on: dt.date | None = None


class TerminateByAgreement(Body, kw_only=True):
    """Both parties have executed a termination agreement (协议解除); `effective.on` is the last day in force.

    `consents_to` names a notice of rescission without ground that the other party agreed to: that is an agreement too.
    """

    effective: EffectiveOn | None = None
    consents_to: UUID | None = None


class Close(Body, kw_only=True):
    """The winding-down list is done."""


Ruling = Literal[
    "void",
    "revoked",
    "rescinded",
    "both_claimed",
    "change_of_circumstances",
    "deadlock",
    "termination_groundless",
    "termination_upheld",
    "condition_met",
    "condition_not_met",
    "amendment_invalid",
    "agreement_invalid",
    "dismissed",
]
Claim = Literal[
    "rescission", "termination_groundless", "void", "revoked", "change_of_circumstances", "deadlock", "other"
]


class RecordSuit(Body, kw_only=True):
    """A party went to court or arbitration over the contract; `served_at`: when the other side got the complaint."""

    suit: Key
    party: Role
    claim: Claim
    served_at: dt.datetime | None = None
    forum: Text | None = None
    case_no: Text | None = None


class RecordDecision(Body, kw_only=True):
    """A judgment (判决) or award (裁决) became final; `at` is its date.

    `suit` names the recorded claim that it decides. `served_at` is when the complaint was served (rescinded, deadlock,
    both_claimed: the contract ended then); it may be left out where the suit has it. `effective_at` is the instant that
    the decision fixes: of the prevention (condition_met), of the end (change_of_circumstances), or when it became known
    that the contract is void. `notice_id` is the notice that was held groundless: the one that ended the contract, if
    left out.
    """

    ruling: Ruling
    authority: Annotated[
        str, msgspec.Meta(min_length=1, max_length=300, pattern=r"\S", description="Court or tribunal")
    ]
    case_no: Text | None = None
    suit: Key | None = None
    served_at: dt.datetime | None = None
    effective_at: dt.datetime | None = None
    notice_id: UUID | None = None
    condition: Key | None = None
    amendment_id: UUID | None = None


class Correct(Body, kw_only=True):
    """A fact was recorded by mistake: it counts no longer, or `replacement` (its body as it should be) in its place.

    Nothing is deleted: the mistaken fact and what followed from it stay on record, superseded. The key needs the scope
    `corrections:write`. A correction is itself a fact and may be corrected.
    """

    fact_id: UUID
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=1000, pattern=r"\S", description="Not all spaces")]
    replacement: dict[str, Any] | None = None


class AmendmentCondition(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A condition of an amendment's effect (附条件, Civil Code 158), under a key of its own."""

    key: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^[a-z][a-z0-9_]{0,63}$(?!\n)",
            description="Lower-case letters, digits and underscores, a letter first",
        ),
    ]
    description: Text | None = None


class AmendmentEffect(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """When an amendment takes effect: not before a day, and not before a condition is met.

    With neither, at the moment the last party has executed. Where the contract asks for approval, so does the amendment
    (502(3)): a condition named `approval`.
    """

    on: dt.date | None = None
    condition: AmendmentCondition | None = None


class ProposeAmendment(Body, kw_only=True):
    """An amendment is on the table; `at` is when it reached the other party.

    `answer_within` is how long it may be executed, counted from `at`: without it, the period of the terms, if any.
    """

    amendment_id: UUID
    changes: list[dict[str, Any]]
    effective: AmendmentEffect | None = None
    answer_within: Period | None = None
    proposed_by: Role | None = None


class ExecuteAmendment(Execute, kw_only=True):
    """One party has executed the amendment."""

    amendment_id: UUID


class DropAmendment(Body, kw_only=True):
    """The amendment is rejected or withdrawn."""

    amendment_id: UUID
    reason: Text | None = None


class DeclareUnclear(Body, kw_only=True):
    """What the amendment would change cannot be told from its text (约定不明确, Civil Code 544)."""

    amendment_id: UUID
    reason: Name


class SatisfyAmendmentCondition(SatisfyCondition, kw_only=True):
    """What the amendment's effect waits for is met; `approval` where the contract asks for one."""

    amendment_id: UUID


class FailAmendmentCondition(FailCondition, kw_only=True):
    """What the amendment's effect waits for can no longer be met, or its approval was refused."""

    amendment_id: UUID


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


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded fact: its kind, when it happened, when and as what number it was recorded."""

    id: UUID
    no: int
    kind: str
    at: dt.datetime
    recorded_at: dt.datetime
    data: dict[str, Any]
