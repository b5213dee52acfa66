"""Evidence of notices, and how their arrival is explained, on the wire."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from clm.law.arrival import Arrival, Channel, Considered, Passed
from clm.law.notice_contents import Content, Defect, Language, NoticeType, Stated

Source = Literal["user", "mail", "bounce", "carrier"]
"""Who gave a piece of evidence: a user, our mail server, a bounce, a carrier."""
OTHER = "other"


class NewEvidence(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An attachment of the contract that proves the notice; its newest version is held.

    `item` is a key of the channel's evidence, or `other`; the channel is the notice's own, where none is named.
    """

    attachment_id: UUID
    item: Annotated[str, Meta(min_length=1, max_length=40)] = OTHER
    channel: Channel | None = None


class HeldEvidence(msgspec.Struct, kw_only=True):
    """A version of an attachment that proves the notice, by its hash; `delivery_no` is the step that it belongs to."""

    no: int
    item: str
    channel: Channel
    attachment_id: UUID
    version: int
    name: str
    sha256: str
    source: Source
    delivery_no: int | None
    recorded_at: dt.datetime


class ProofItem(msgspec.Struct, kw_only=True):
    """One thing that a channel's evidence consists of: `stated` in a step, `held` as a file, or `missing`."""

    key: str
    title: str
    title_zh: str
    stated: str | None
    held: list[HeldEvidence]
    missing: bool


class ChannelProof(msgspec.Struct, kw_only=True):
    """What should be kept of a notice on one channel (R-N9), and what of it there is."""

    channel: Channel
    source: str
    complete: bool
    items: list[ProofItem]


class Proof(msgspec.Struct, kw_only=True):
    """The evidence of a notice (证据), for every channel that it went by; `other` is what is none of their items."""

    notice_id: UUID
    complete: bool
    channels: list[ChannelProof]
    other: list[HeldEvidence]


class ExplainedArrival(msgspec.Struct, kw_only=True):
    """Why a notice arrived when it did, or did not: the ways that were weighed, and what was passed over.

    `rules_assumed`: the clause is a default. `terms_version`: whose notice clause judges it; None before dispatch.
    """

    notice_id: UUID
    arrival: Arrival
    terms_version: int | None
    rules_assumed: bool | None
    ways: list[Considered]
    passed: list[Passed]


class Words(msgspec.Struct, kw_only=True):
    """A template of a type of notice; `fills_in` names what it takes from contract and draft."""

    language: Language
    subject: str
    text: str
    fills_in: list[str]


class NoticeTypeOut(msgspec.Struct, kw_only=True):
    """A type of notice (通知类型): what it is to say, what its arrival `moves`, and its templates."""

    type: NoticeType
    title: str
    title_zh: str
    moves: str | None
    source: str
    contents: list[Content]
    templates: list[Words]


class Preview(msgspec.Struct, kw_only=True):
    """How a notice would read and stand if it were drafted now; nothing is stored."""

    type: NoticeType
    subject: str
    body: str
    clause: str | None
    validity: Literal["valid", "defective"]
    defects: list[Defect]
    contents: list[Stated]
