"""What the change feed shows: events in CloudEvents 1.0 JSON."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec


class EventData(msgspec.Struct, frozen=True):
    """A stored decision: what happened to a contract, by which rule, and where that left it.

    `at` is when it happened, `recorded_at` when the service learned of it. `superseded_at` is set where a later
    decision about an earlier moment replaced this one; that decision has events of its own in the feed. Instants are in
    the contract's time zone.
    """

    contract_id: UUID
    no: int
    at: datetime
    recorded_at: datetime
    status: str
    configuration: list[str]
    outcome: str | None
    transition: str | None
    rule: str
    explanation: str
    terms_version: int
    fact_id: UUID | None
    timer_key: str | None
    actor: UUID | None
    superseded_at: datetime | None
    superseded_by: UUID | None
    evidence: list[UUID]
    details: dict[str, Any]


class CloudEvent(msgspec.Struct, frozen=True):
    """An event in the envelope of CloudEvents 1.0; `source` and `id` together name it for good."""

    specversion: Literal["1.0"]
    id: UUID
    source: str
    type: str
    time: datetime
    subject: str
    datacontenttype: Literal["application/json"]
    data: EventData


class Feed(msgspec.Struct, frozen=True):
    """A page of the feed; `next_cursor` is always there, to go on from or to ask again with later."""

    items: list[CloudEvent]
    next_cursor: str


class Position(msgspec.Struct, frozen=True, array_like=True):
    """A place in the feed: a transaction and an event in it."""

    txid: int
    id: UUID


class Wanted(msgspec.Struct, frozen=True):
    """Which events a reader asks for."""

    contract_id: UUID | None
    type: str | None


class Batch(msgspec.Struct, frozen=True):
    """Events with the place of each, and the place to go on from."""

    items: list[tuple[Position, CloudEvent]]
    position: Position
