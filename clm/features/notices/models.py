"""Notices on the wire."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from clm.features.contracts.service import DecisionOut
from clm.law import arrival as law
from clm.law.arrival import Arrival, Channel, Event
from clm.law.notice_contents import Defect, Language, NoticeType, Stated
from clm.lifecycle.facts import Cure, Key, Role, Text

NoticeStatus = Literal["draft", "sent", "arrived", "failed", "withdrawn"]
Validity = Literal["valid", "defective"]
Step = Literal[Event, "dispatched", "withdrawn"]
"""What is recorded of a notice's way: a delivery event, its dispatch in person, the arrival of its withdrawal."""
WaybillNo = Annotated[
    str,
    Meta(pattern=r"^[0-9A-Za-z-]{4,64}$", description="4 to 64 letters, digits and hyphens"),
]
"""The number under which a carrier knows an item (运单号)."""
DISPATCH_STEPS = frozenset[Step](("posted", "sent", "published", "dispatched"))
Evidence = Annotated[list[UUID], Meta(max_length=50, description="Attachments of the contract")]


class NoticeDraft(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A notice from one party to another, by role.

    A cure notice or rescission names its ground; a demand that names one works like a cure notice. `cure` belongs to
    these two: what it leaves open comes from the ground's terms. `details` says as data what the type is to say (see
    the notice types) and may say more; an address change needs `{"channel", "address", "recipient"}`. With `template`,
    subject and body may be left out: they are made from the contract and from what the draft says.
    """

    type: NoticeType
    sender: Role = msgspec.field(name="from")
    to: Role
    channel: Channel
    subject: Annotated[str, Meta(min_length=1, max_length=300)] | None = None
    body: Annotated[str, Meta(max_length=50_000)] | None = None
    template: Language | None = None
    ground: Key | None = None
    cure: Cure | None = None
    clause: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    details: dict[str, Any] = {}


class NewAddress(msgspec.Struct, forbid_unknown_fields=True):
    """What an address change announces."""

    channel: Channel
    address: Annotated[str, Meta(min_length=1, max_length=500)]
    recipient: Annotated[str, Meta(min_length=1, max_length=500)] | None = None


class Send(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The notice is dispatched: now and by its own channel, where nothing else is said.

    `by` is who sends it: the `service` itself, by e-mail and now, or somebody's `hand`, of which this is the record.
    Left out, an e-mail without an instant is the service's to send where it has a mail server.
    """

    by: Literal["service", "hand"] | None = None
    at: dt.datetime | None = None
    channel: Channel | None = None
    waybill_no: WaybillNo | None = None
    carrier_id: UUID | None = None
    evidence: Evidence = []
    note: Text | None = None


class DeliveryEvent(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Something that happened to the notice on its way: now and on its own channel, where nothing else is said."""

    event: Event
    at: dt.datetime | None = None
    channel: Channel | None = None
    waybill_no: WaybillNo | None = None
    carrier_id: UUID | None = None
    evidence: Evidence = []
    note: Text | None = None


class Withdrawal(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The sender takes the notice back. `arrived_at` is when that reached the addressee: `at`, if left out."""

    at: dt.datetime | None = None
    arrived_at: dt.datetime | None = None
    note: Text | None = None


class Delivery(msgspec.Struct, kw_only=True):
    """One recorded step of a notice's way; superseded where it turned out to be a mistake.

    Beside the delivery events: `dispatched` in person, and `withdrawn`, when the withdrawal arrived (`channel` is then
    the notice's own). A withdrawal counts only where the notice did not arrive before it.
    """

    no: int
    event: Step
    channel: Channel
    at: dt.datetime
    waybill_no: str | None
    carrier_id: UUID | None
    evidence: list[UUID]
    note: str | None
    recorded_at: dt.datetime
    superseded_at: dt.datetime | None = None
    superseded_for: str | None = None

    @property
    def dispatches(self) -> bool:
        """Whether the notice left its sender by it."""
        return self.event in DISPATCH_STEPS


class Address(msgspec.Struct, kw_only=True):
    """The addressee's address as it was on the day of dispatch."""

    channel: Channel
    address: str
    recipient: str | None
    operates_from: dt.date


class Replacement(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What really happened: at the instant and on the channel of the mistake, where nothing else is said."""

    event: Step
    at: dt.datetime | None = None
    channel: Channel | None = None
    waybill_no: WaybillNo | None = None
    carrier_id: UUID | None = None
    evidence: Evidence = []
    note: Text | None = None


class CorrectDelivery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A step, by its `no`, was recorded by mistake: it counts no longer, or `replacement` in its place."""

    no: Annotated[int, Meta(ge=1)]
    reason: Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S", description="Not all spaces")]
    replacement: Replacement | None = None


class Outgoing(msgspec.Struct, kw_only=True):
    """A message that the service sends, or has tried to.

    `queued` until the mail server answers. `unsure`: an attempt broke off after which nobody knows whether the server
    has it, so that the addressee may get it twice, under one `Message-ID`. `after_step`: the last step when it failed.
    `doubted`: a report says that it bounced, after it had arrived.
    `next_at` is by the clock on the wall, also where the tenant has a test clock.
    """

    id: UUID
    status: Literal["queued", "sent", "failed", "cancelled"]
    to: str | None
    attempts: int
    unsure: bool
    doubted: bool
    last_error: str | None
    after_step: int | None
    queued_at: dt.datetime
    next_at: dt.datetime | None
    ended_at: dt.datetime | None


class Task(msgspec.Struct, kw_only=True):
    """What somebody has to do about a notice.

    `review`: it is defective and moves nothing. `fallback`: it did not get through; `channels` are those that the
    addressee has an address for and that have not failed. Closed by what was done, or dismissed with a reason.
    """

    id: UUID
    notice_id: UUID
    contract_id: UUID
    kind: Literal["review", "fallback"]
    explanation: str
    rule: str
    channels: list[Channel]
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    closed_for: Literal["resent", "arrived", "withdrawn", "corrected", "dismissed"] | None
    reason: str | None


class DismissTask(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Nothing is to be done, and why."""

    reason: Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S", description="Not all spaces")]


class Notice(msgspec.Struct, kw_only=True):
    """A notice as it stands.

    `status`: draft; sent (dispatched, arrival open or ahead); arrived; failed; withdrawn. `arrival.at` may lie
    ahead: then `arrival.status` is pending. That of a withdrawn notice is failed. `rules_assumed`: arrival is judged
    by rules that nobody agreed. `contents`: what the type is to say, and whether the notice states it as data.
    `outgoing` is what the service itself sends of it, `tasks` what somebody has to do.
    """

    id: UUID
    contract_id: UUID
    no: int
    type: NoticeType
    sender: str = msgspec.field(name="from")
    to: str
    channel: Channel
    subject: str
    body: str
    ground: str | None
    cure: Cure | None
    clause: str | None
    details: dict[str, Any]
    status: NoticeStatus
    arrival: Arrival
    validity: Validity
    defects: list[Defect]
    contents: list[Stated]
    address: Address | None
    rules_assumed: bool | None
    terms_version: int | None
    sent_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    deliveries: list[Delivery]
    outgoing: list[Outgoing]
    tasks: list[Task]
    recorded_at: dt.datetime
    version: int
    decision: DecisionOut | UnsetType = UNSET

    @property
    def counting(self) -> list[Delivery]:
        """The steps that count: those not taken out of account since."""
        return [one for one in self.deliveries if one.superseded_at is None]

    @property
    def delivered(self) -> list[law.Delivery]:
        """The delivery events among them, as the law judges them."""
        return [
            law.Delivery(one.channel, one.event, one.at)
            for one in self.counting
            if one.event != "dispatched" and one.event != "withdrawn"  # noqa: PLR1714 - only so do the types follow
        ]
