"""A contract as it stands: plain values that a decision reads and writes anew."""

import datetime as dt
from typing import Any, Literal
from uuid import UUID

import msgspec

from clm.law.confidentiality_exceptions import TollCause
from clm.law.periods import Period

Method = Literal["signature", "seal", "fingerprint", "e_signature", "reliable_e_signature"]
LateFor = Literal["notice", "proof"]
Capacity = Literal["legal_representative", "agent"]


class Execution(msgspec.Struct, kw_only=True):
    """One party's signature (签名), seal (盖章), fingerprint (按指印) or electronic signature.

    `proven`: the signatory's authority (代理权) rests on the office or on evidence (Civil Code 61, 171, 172, 504).
    """

    party: str
    method: Method
    at: dt.datetime
    signatory: str | None = None
    capacity: Capacity | None = None
    proven: bool = False


class Version(msgspec.Struct, kw_only=True):
    """A version of title, terms and section texts, and when it governs.

    `terms` are as agreed, without defaults; `sections` holds only texts that differ from the type's; `attachments`
    names, by attachment, the version that an amendment made part of the contract.
    `valid_from` is None until the contract takes effect.
    """

    no: int
    title: str
    terms: dict[str, Any]
    sections: dict[str, str] = {}
    attachments: dict[str, int] = {}
    amendment_id: UUID | None = None
    valid_from: dt.datetime | None = None
    valid_to: dt.datetime | None = None


class Amendment(msgspec.Struct, kw_only=True):
    """An amendment (合同变更) on its way.

    `conditions` maps what its effect waits for to when that was met. `applies_at` is set once every party has executed
    it and no condition is open. `surviving`: it changes only terms that survive the end, and may come after it.
    `answer_within` is how long the proposal may be accepted, counted from `proposed_at`.
    """

    id: UUID
    changes: list[dict[str, Any]]
    effective_on: dt.date | None
    proposed_at: dt.datetime
    status: Literal["proposed", "agreed_pending", "applied", "rejected", "withdrawn", "lapsed", "unclear", "void"] = (
        "proposed"
    )
    conditions: dict[str, dt.datetime | None] = {}
    answer_within: Period | None = None
    surviving: bool = False
    executions: list[Execution] = []
    agreed_at: dt.datetime | None = None
    applies_at: dt.datetime | None = None
    made_version: int | None = None


class Demand(msgspec.Struct, kw_only=True):
    """A demand to cure (催告) that has arrived, and the period it set.

    `arrived_on` is the legal date that days are counted from: a notice deemed to arrive at 24:00 belongs to that day.
    `stated`: the notice itself said whether rescission follows by itself; else the agreed clause decides.
    """

    notice_id: UUID | None
    arrived_at: dt.datetime
    arrived_on: dt.date
    period: Period
    automatic: bool
    roll: Literal["forward", "none"]
    assumed: list[str]
    stated: bool = True


class Ground(msgspec.Struct, kw_only=True):
    """A ground for rescission (解除事由) asserted by one party; `status` is a state of the termination region.

    `asked` is the other side's demand to decide (催告行使, Civil Code 564(2)): the right is lost with its period.
    """

    key: str
    holder: str
    known_at: dt.datetime
    status: str = "termination.ground_arisen"
    demand: Demand | None = None
    asked: Demand | None = None
    ended: Literal["cured", "lapsed", "waived", "exercised", "groundless"] | None = None


class Incoming(msgspec.Struct, kw_only=True):
    """A notice (通知) whose arrival is known but may lie ahead; `assumed`: by a policy or default, not as agreed."""

    id: UUID
    type: str
    sender: str
    ground: str | None
    cure: dict[str, Any] | None
    arrives_at: dt.datetime
    legal_date: dt.date | None
    certainty: str | None
    basis: dict[str, Any]
    assumed: bool = False
    arrived: bool = False


class Tolled(msgspec.Struct, kw_only=True):
    """The time of a breach (违约) or dispute (争议) that concerns a confidential item; it lasts without `ended_at`."""

    id: UUID
    cause: TollCause
    began_at: dt.datetime
    ended_at: dt.datetime | None = None
    party: str | None = None


class Item(msgspec.Struct, kw_only=True):
    """A confidential item (保密信息).

    `returned` is which recipient confirmed return or destruction, and when; `uncertified` are those whose certificate
    is still asked for; `return_missed`: the time for it is over.
    `gap_since` to `gap_until`: nothing agreed bound then, because an extension came after the end (R-C5).
    """

    id: UUID
    name: str
    item_class: str
    disclosed_at: dt.datetime
    expired_at: dt.datetime | None = None
    residual: str | None = None
    released_at: dt.datetime | None = None
    owner: str | None = None
    recipients: list[str] = []
    attachment_kinds: list[str] = []
    returned: dict[str, dt.datetime] = {}
    uncertified: list[str] = []
    return_missed: bool = False
    tolled: list[Tolled] = []
    gap_since: dt.datetime | None = None
    gap_until: dt.datetime | None = None


class Waiver(msgspec.Struct, kw_only=True):
    """An error of the statutory review that was let stand when the draft was submitted."""

    rule: str
    pointer: str
    reason: str
    at: dt.datetime


class AgreedEnd(msgspec.Struct, kw_only=True):
    """A termination agreement (解除协议): signed at one instant, ending the contract at another."""

    agreed_at: dt.datetime
    ends_at: dt.datetime
    on: dt.date | None


class Extension(msgspec.Struct, kw_only=True):
    """How the running term came about by renewal (续期): so many periods, counted from the last day before them."""

    base: dt.date
    period: Period
    times: int


class Ending(msgspec.Struct, kw_only=True):
    """A notice of termination (解除通知) whose period runs: the contract ends with it."""

    notice_id: UUID
    ground: str
    sender: str
    outcome: str
    arrived_at: dt.datetime
    arrived_on: dt.date
    period: Period
    assumed: bool = False


class Pause(msgspec.Struct, kw_only=True):
    """A time in which performance was held back (中止履行). `noticed_on`: when the other side was told of it."""

    reason: str
    party: str | None
    began_at: dt.datetime
    noticed_on: dt.date | None = None
    ended_at: dt.datetime | None = None


class ForceMajeure(msgspec.Struct, kw_only=True):
    """A force majeure event (不可抗力): who is hindered, since when, and what was said and proved of it.

    `exempts` is false where the hindered party was in default before (Civil Code 590(2)); `passed`: it has lasted for
    longer than the clause asks; `late`: which of notice and proof were late.
    """

    party: str | None
    began_at: dt.datetime
    notified_at: dt.datetime | None = None
    notified_on: dt.date | None = None
    proved_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    exempts: bool = True
    passed: bool = False
    late: list[LateFor] = []


class Suit(msgspec.Struct, kw_only=True):
    """A claim before a court or tribunal (起诉, 仲裁). `served_at`: the other side got the copy of the complaint."""

    key: str
    party: str
    claim: str
    filed_at: dt.datetime
    served_at: dt.datetime | None = None
    decided_at: dt.datetime | None = None


class Contest(msgspec.Struct, kw_only=True):
    """The end of the contract, or the right to it, is disputed (异议)."""

    by: str
    at: dt.datetime
    how: Literal["objection", "suit"]


def by_instant(met: dict[str, dt.datetime]) -> list[tuple[str, dt.datetime]]:
    """Keys with their instants in an order that does not hang on how a dict was stored."""
    return sorted(met.items(), key=lambda one: (one[1], one[0]))


class State(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Everything a decision needs to know of one contract.

    `last_at` is the latest instant decided about since the text went out for signature: a fact from before it is late
    and makes the engine decide anew from there. `ended_by` names what ended the contract, so that a judgment can undo
    it; `undone_at` is when it became known that a formed contract never had effect, `given_up_at` when the talks ended
    without a contract. `renewed_before` counts renewals made before the parties agreed on another term, which runs on
    its own.
    """

    roles: list[str]
    time_zone: str
    versions: list[Version]
    roles_missing: list[str] = []
    phase: str = "draft.drafting"
    performance: str = "performing"
    amending: str = "amendment.none"
    suspension: str | None = None
    executions: list[Execution] = []
    approved_at: dt.datetime | None = None
    satisfied: dict[str, dt.datetime] = {}
    formed_at: dt.datetime | None = None
    effective_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    outcome: str | None = None
    closed_at: dt.datetime | None = None
    amendments: list[Amendment] = []
    grounds: list[Ground] = []
    incoming: list[Incoming] = []
    items: list[Item] = []
    agreed_end: AgreedEnd | None = None
    renewal_no: int = 0
    renewed_before: int = 0
    extension: Extension | None = None
    renewal_objected: bool = False
    term_passed: bool = False
    duties_done: dict[str, dt.datetime] = {}
    duties_overdue: list[str] = []
    failed_conditions: list[str] = []
    nothing_due: list[str] = []
    certified: list[str] = []
    waivers: list[Waiver] = []
    flags: list[str] = []
    offer_arrived_on: dt.date | None = None
    pauses: list[Pause] = []
    force_majeure: ForceMajeure | None = None
    ending: Ending | None = None
    ended_by: str | None = None
    undone_at: dt.datetime | None = None
    given_up_at: dt.datetime | None = None
    suits: list[Suit] = []
    contest: Contest | None = None
    last_at: dt.datetime | None = None

    @property
    def met(self) -> list[tuple[str, dt.datetime]]:
        """The conditions that are met, by when; storage keeps no order of its own."""
        return by_instant(self.satisfied)

    @property
    def in_force(self) -> bool:
        """Whether the contract binds (生效) and has not ended."""
        return self.phase == "in_force"

    @property
    def never_formed(self) -> bool:
        """Whether the talks ended without a contract: nothing was agreed (Civil Code 501)."""
        return self.phase.startswith("never_in_force.") and self.formed_at is None and self.undone_at is None

    @property
    def status(self) -> str:
        """The public status: draft, effective, amendment or terminated."""
        if self.phase.startswith("draft."):
            return "draft"
        if not self.in_force:
            return "terminated"
        return "effective" if self.amending == "amendment.none" else "amendment"

    @property
    def terminating(self) -> str:
        """The state of the termination region: that of the ground that has come furthest."""
        open_grounds = [g.status for g in self.grounds if g.ended is None]
        return max(open_grounds, key=_FURTHEST.index, default="termination.none")

    @property
    def configuration(self) -> list[str]:
        """The chart's active states."""
        if self.in_force:
            return ["in_force", self.performance, self.amending, self.terminating]
        return [self.phase]

    @property
    def current(self) -> Version:
        """The version that governs now, or the draft."""
        return self.versions[-1]

    @property
    def open_amendment(self) -> Amendment | None:
        """The one open amendment."""
        return next((a for a in self.amendments if a.status in ("proposed", "agreed_pending")), None)

    def give_up(self, outcome: str, at: dt.datetime) -> None:
        """The talks end without a contract: what its text said of an end was never agreed, so no duty is over by it."""
        self.outcome, self.given_up_at = outcome, at
        for item in self.items:
            item.expired_at, item.residual, item.return_missed = None, None, False

    def copy(self) -> "State":
        """A copy that shares nothing."""
        return msgspec.json.decode(msgspec.json.encode(self), type=State)


_FURTHEST = (
    "termination.none",
    "termination.ground_arisen",
    "termination.demand_running",
    "termination.right_exercisable",
)
