"""A decision as rows: what it takes away, what it brings, and what the answer says of both."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from clm.features.contracts.models import DecisionOut, EventOut
from clm.features.legal_data.service import LegalData
from clm.features.timers import service as timers
from clm.kit import sql as sql_files
from clm.kit.auth import Actor
from clm.kit.db import Queries, Unit
from clm.kit.ids import uuid7
from clm.lifecycle.comparing import difference
from clm.lifecycle.engine import Decision
from clm.lifecycle.facts import Fact
from clm.lifecycle.state import State
from clm.lifecycle.timers import Timer
from clm.lifecycle.world import Happening

sql = sql_files.load(__package__)

OPEN = ("proposed", "agreed_pending")
"""An amendment that waits for somebody or for its day."""


class Origin(msgspec.Struct):
    """The contract as it went out for signature, and the numbers of its last fact and event then."""

    state: State
    fact_no: int
    event_no: int


_STATE = msgspec.json.Decoder(State)


class Locked(msgspec.Struct, kw_only=True):
    """A contract under lock: its state and what storing needs to know of its row."""

    id: UUID
    number: str
    type_key: str
    type_version: int
    own_text: bool
    """Whether its sections are those of the document that it came from."""
    state: State
    origin_text: str | None
    metadata: dict[str, Any]
    fact_no: int
    event_no: int
    row_version: int
    now: dt.datetime
    legal_edition: int
    """The edition of calendars and rates that its timers were last computed with."""
    timers_digest: bytes | None
    """The digest of its armed timers; None where it is not known."""
    waited: bool
    """Whether a date of it ever waited for a holiday notice."""
    law: LegalData
    """The edition that its decisions are made with from now on."""
    in_step: bool = True
    """False where what was decided with an older edition could not be decided again with this one."""

    @classmethod
    def of(cls, row: Mapping[str, Any], law: LegalData) -> "Locked":
        """From the row of `lock_contract`."""
        return cls(
            id=row["id"],
            number=row["number"],
            type_key=row["type_key"],
            type_version=row["type_version"],
            own_text=row["own_text"],
            state=_STATE.decode(row["state"]),
            origin_text=row["origin"],
            metadata=row["metadata"],
            fact_no=row["fact_no"],
            event_no=row["event_no"],
            row_version=row["row_version"],
            now=row["now"].astimezone(ZoneInfo(row["time_zone"])),
            legal_edition=row["legal_edition"],
            timers_digest=row["timers_digest"],
            waited=row["waited"],
            law=law,
        )

    @property
    def origin(self) -> Origin | None:
        """What a late fact is decided from; read only then, since few are late."""
        return None if self.origin_text is None else msgspec.json.decode(self.origin_text, type=Origin)


class Change(msgspec.Struct, kw_only=True):
    """What storing a decision changed."""

    events: list[dict[str, Any]]
    superseded: list[Mapping[str, Any]]
    fired: list[Mapping[str, Any]]
    cancelled: list[Mapping[str, Any]]
    voided: list[UUID]
    armed: list[dict[str, Any]]
    terms_version: int
    timers_digest: bytes
    row: Mapping[str, Any] = {}
    """The contract's row once it is stored, as `get_contract` reads it."""


async def store(unit: Unit, locked: Locked, decision: Decision, fact: Fact | None, actor: Actor | None) -> Change:
    """Store a decision: one round trip; one more where timers change, and where it takes something away."""
    change = await _compare(unit, locked, decision)
    versions_ended, versions_new = _versions(locked.state, decision.state)
    state, amendments = decision.state, _amendments(locked.state, decision.state)
    await _end(unit, locked, change, versions_ended, fact, _closing(amendments))
    origin_changes, origin = _origin(locked, decision, fact)
    [change.row] = await unit.all(
        sql.store_decision,
        locked.id,
        state.current.title,
        state.status,
        state.configuration,
        state.outcome,
        state,
        origin,
        state.current.terms if state.current.terms != locked.state.current.terms else None,
        state.current.no,
        state.formed_at,
        state.effective_at,
        state.ended_at,
        state.closed_at,
        next_due(decision.timers),
        locked.fact_no + (1 if fact else 0),
        locked.event_no + len(change.events),
        locked.now,
        state.time_zone,
        actor.key if actor else None,
        [fact_row(fact)] if fact else [],
        change.events,
        change.armed,
        versions_new,
        amendments,
        locked.law.edition if locked.in_step else locked.legal_edition,
        origin_changes,
        change.timers_digest,
        decision.waited,
    )
    return change


async def _compare(unit: Unit, locked: Locked, decision: Decision) -> Change:
    events = [event_row(h, locked.event_no + n) for n, h in enumerate(decision.happenings, start=1)]
    superseded: list[Mapping[str, Any]] = []
    if decision.anew and locked.origin is not None:
        earlier = await unit.all(sql.decided_events, locked.id, locked.origin.event_no)
        events, superseded = _difference(events, earlier, locked.event_no)
    fired_now = {(event["timer_key"], event["at"]) for event in events if event["timer_key"]}
    gone, armed, digest = list[Mapping[str, Any]](), list[Timer](), timers_digest(decision.timers)
    if fired_now or digest != locked.timers_digest:
        gone, armed = await _timers(unit, locked, decision.timers)
    return Change(
        events=events,
        superseded=superseded,
        fired=[row for row in gone if (row["key"], row["due_at"]) in fired_now],
        cancelled=[row for row in gone if (row["key"], row["due_at"]) not in fired_now],
        voided=[],
        armed=[timer_row(timer) for timer in armed],
        terms_version=decision.state.current.no,
        timers_digest=digest,
    )


async def _timers(unit: Unit, locked: Locked, found: Sequence[Timer]) -> tuple[list[Mapping[str, Any]], list[Timer]]:
    """Which of the armed timers go, and which are to be armed."""
    armed = {row["key"]: row for row in await unit.all(sql.armed_timers, locked.id)}
    wanted = {timer.key: timer for timer in found}
    kept = {key for key, timer in wanted.items() if key in armed and same(armed[key], timer)}
    gone = [row for key, row in armed.items() if key not in kept]
    return gone, [timer for key, timer in wanted.items() if key not in kept]


def timers_digest(timers: Sequence[Timer]) -> bytes:
    """What tells timers from others, down to their basis."""
    return hashlib.blake2b(msgspec.json.encode(timers, order="deterministic"), digest_size=16).digest()


def _difference(
    events: list[dict[str, Any]], earlier: Sequence[Mapping[str, Any]], last_no: int
) -> tuple[list[dict[str, Any]], list[Mapping[str, Any]]]:
    """Keep the rows of what is decided as before; the rest is superseded or new.

    The new ones are numbered, and the first of them names what is superseded.
    """
    new, superseded = difference(events, earlier)
    for no, event in enumerate(new, start=last_no + 1):
        event["no"] = no
    if new and superseded:
        new[0]["data"] = {**new[0]["data"], "supersedes": [str(row["id"]) for row in superseded]}
    return new, superseded


def same(row: Mapping[str, Any], timer: Timer) -> bool:
    """Whether a stored timer is the one computed now, down to its basis."""
    as_stored = (row["due_at"], row["legal_date"], row["certain"], row["basis"], row["subject"])
    basis = msgspec.json.decode(msgspec.json.encode(timer.basis))
    return as_stored == (timer.due_at, timer.legal_date, timer.certain, basis, timer.subject)


async def _end(
    unit: Unit,
    locked: Locked,
    change: Change,
    versions: list[int],
    fact: Fact | None,
    closing: list[dict[str, Any]],
) -> None:
    fires_still = {(event["timer_key"], event["at"]) for event in change.events}
    undone = {(row["timer_key"], row["at"]) for row in change.superseded if row["timer_key"]} - fires_still
    if not (change.superseded or change.fired or change.cancelled or versions or undone):
        return
    ends = [{"id": row["id"], "status": "fired"} for row in change.fired]
    ends += [{"id": row["id"], "status": "cancelled"} for row in change.cancelled]
    rows = await unit.all(
        sql.end_things,
        locked.id,
        locked.now,
        ends,
        [{"key": key, "due_at": due_at} for key, due_at in undone],
        versions,
        fact.id if fact else None,
        [row["id"] for row in change.superseded],
        closing,
    )
    change.voided = [row["id"] for row in rows]


def _versions(before: State, after: State) -> tuple[list[int], list[dict[str, Any]]]:
    old = {version.no: version for version in before.versions}
    new = {version.no: version for version in after.versions}
    changed = [no for no in new if new[no] != old.get(no)]
    ended = [no for no in old if no not in new or no in changed]
    return ended, [{"id": uuid7(), **msgspec.structs.asdict(new[no])} for no in changed]


def _amendments(before: State, after: State) -> list[dict[str, Any]]:
    old = {amendment.id: amendment for amendment in before.amendments}
    kept = {amendment.id for amendment in after.amendments}
    changed = [amendment for amendment in after.amendments if amendment != old.get(amendment.id)]
    # A late fact may leave no room for a proposal that was decided before: the proposal stays on record, void.
    gone = [replace(old[one], status="void", made_version=None) for one in old if one not in kept]
    return [{"id": amendment.id, "status": amendment.status, "state": amendment} for amendment in (*changed, *gone)]


def _closing(amendments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where one is open again, what was open closes first: the database never holds two."""
    closed = [{"id": one["id"], "status": one["status"]} for one in amendments if one["status"] not in OPEN]
    return closed if len(closed) < len(amendments) else []


def _origin(locked: Locked, decision: Decision, fact: Fact | None) -> tuple[bool, Origin | None]:
    """Where a late fact is decided from, the contract just as its text went out for signature: whether it changes."""
    if decision.origin is not None:
        fact_no, event_no = fact.no if fact else locked.fact_no, locked.event_no + decision.origin_told
        return True, Origin(decision.origin, fact_no, event_no)
    return decision.state.approved_at is None and locked.origin_text is not None, None


async def facts_since(db: Queries, contract_id: UUID, fact_no: int, zone: ZoneInfo) -> list[Fact]:
    """The facts after a number, in the order they were recorded, their instants in the contract's zone."""
    return [
        Fact(
            id=row["id"],
            no=row["no"],
            kind=row["kind"],
            at=row["at"].astimezone(zone),
            recorded_at=row["recorded_at"],
            data=row["data"],
        )
        for row in await db.all(sql.facts_since, contract_id, fact_no)
    ]


def next_due(found: Sequence[Timer]) -> dt.datetime | None:
    """When the contract's next certain timer is due."""
    return min((timer.due_at for timer in found if timer.certain), default=None)


def fact_row(fact: Fact) -> dict[str, Any]:
    """A fact as a row."""
    return {"id": fact.id, "no": fact.no, "kind": fact.kind, "at": fact.at, "data": fact.data}


def event_row(happening: Happening, no: int) -> dict[str, Any]:
    """Something that happened as a row."""
    return {"id": uuid7(), "no": no, **msgspec.structs.asdict(happening)}


def timer_row(timer: Timer) -> dict[str, Any]:
    """A timer as a row."""
    row = msgspec.structs.asdict(timer)
    return {"id": uuid7(), "certain": timer.certain, **row, "basis": msgspec.to_builtins(timer.basis)}


def event_out(row: Mapping[str, Any], zone: ZoneInfo, recorded_at: dt.datetime | None = None) -> EventOut:
    """An event for an answer, in the contract's time zone."""
    superseded_at = row.get("superseded_at")
    return EventOut(
        id=row["id"],
        type=row["type"],
        at=row["at"].astimezone(zone),
        recorded_at=(recorded_at or row["recorded_at"]).astimezone(zone),
        transition=row["transition"],
        rule=row["rule"],
        explanation=row["explanation"],
        status=row["status"],
        configuration=list(row["configuration"]),
        evidence=list(row["evidence"]),
        data=row["data"],
        fact_id=row["fact_id"],
        timer=row["timer_key"],
        actor=row["actor"],
        superseded_at=superseded_at.astimezone(zone) if superseded_at else None,
    )


async def decision_out(unit: Unit, locked: Locked, change: Change, fact: Fact, actor: Actor | None) -> DecisionOut:
    """What the answer to a fact says of its decision."""
    zone = ZoneInfo(locked.state.time_zone)
    voided = await unit.all(sql.timers_by_id, change.voided) if change.voided else []
    more = {"contract_id": locked.id, "status": "armed", "time_zone": zone.key, "terms_version": 0}
    version, by = {"terms_version": change.terms_version}, {"actor": actor.key if actor else None}
    return DecisionOut(
        fact_id=fact.id,
        events=[event_out(row | by, zone, locked.now) for row in change.events],
        superseded=[event_out({**row, "superseded_at": locked.now}, zone) for row in change.superseded],
        armed=[timers.make({**more, **version, **row}) for row in change.armed],
        cancelled=[timers.make({**row, "status": "cancelled"}) for row in change.cancelled],
        voided=[timers.make(row) for row in voided],
    )
