"""What the contract hears of a notice: its arrival, that there is none, or its withdrawal."""

import datetime as dt
from typing import Any, Literal
from uuid import UUID

import msgspec

from clm.features.contracts import service as contracts
from clm.features.contracts.service import DecisionOut
from clm.features.notices import tasks
from clm.features.notices.following import Seen
from clm.features.notices.held import Held
from clm.features.notices.reading import sql
from clm.kit.auth import Actor
from clm.kit.db import Unit
from clm.law.arrival import Arrival
from clm.lifecycle import facts


async def store(unit: Unit, held: Held, arrival: Arrival, *, judged: bool) -> None:
    """Store how the notice stands after a judgement, and what it asks somebody to do."""
    notice = held.notice
    await unit.run(
        sql.store_notice,
        notice.id,
        notice.address,
        held.clause,
        notice.sent_at,
        arrival,
        arrival.at if arrival.basis.status == "final" else None,
        notice.withdrawn_at,
        held.judgements + judged,
    )
    await tasks.reconcile(unit, held, arrival)


def is_news(held: Held, before: Seen, after: Arrival) -> bool:
    """Whether the contract must hear how the notice stands now; of what never left its sender it hears nothing."""
    if held.clause is None and held.judgements == 0:
        return False
    now = held.notice.withdrawn_at
    if now is not None or before.withdrawn_at is not None:
        return now != before.withdrawn_at
    return differs(before.arrival, after)


def differs(before: Arrival, after: Arrival) -> bool:
    """Whether two judgements say different things."""
    if before.at is None and after.at is None:
        return after.status == "failed" != before.status
    return _said(before) != _said(after)


def _said(arrival: Arrival) -> tuple[Any, ...]:
    return arrival.at, arrival.legal_date, arrival.certainty, arrival.assumed, arrival.basis.status


async def tell(
    unit: Unit, actor: Actor | None, held: Held, arrival: Arrival, evidence: list[UUID], otherwise: dt.datetime
) -> DecisionOut:
    """Let the contract know: as of the instant of withdrawal or arrival, or `otherwise` where that is ahead or none."""
    withdrawn_at = held.notice.withdrawn_at
    if withdrawn_at is not None:
        return await _apply(unit, actor, held, _judgement(held, "withdrawn", []), withdrawn_at)
    is_past = arrival.at is not None and arrival.basis.status == "final" and arrival.at <= held.locked.now
    at = (arrival.at or otherwise) if is_past else otherwise
    return await tell_judgement(unit, held, arrival, evidence, at, actor)


async def tell_judgement(
    unit: Unit, held: Held, arrival: Arrival, evidence: list[UUID], at: dt.datetime, actor: Actor | None = None
) -> DecisionOut:
    """Decide with the contract what a judgement means, as of an instant."""
    fact = _judgement(held, "failed" if arrival.status == "failed" else "pending", evidence)
    fact.arrives_at, fact.legal_date, fact.certainty = arrival.at, arrival.legal_date, arrival.certainty
    fact.assumed, fact.basis = arrival.assumed, msgspec.to_builtins(arrival.basis)
    return await _apply(unit, actor, held, fact, at)


def _judgement(
    held: Held, standing: Literal["failed", "pending", "withdrawn"], evidence: list[UUID]
) -> facts.NoticeJudged:
    notice = held.notice
    return facts.NoticeJudged(
        notice_id=notice.id,
        type=notice.type,
        sender=notice.sender,
        ground=notice.ground,
        cure=notice.cure,
        standing=standing,
        revision=held.judgements + 1,
        evidence=evidence,
    )


async def _apply(unit: Unit, actor: Actor | None, held: Held, fact: facts.NoticeJudged, at: dt.datetime) -> DecisionOut:
    data = msgspec.to_builtins(fact)
    return await contracts.apply(unit, actor, held.notice.contract_id, "notice.judged", data, at=at)
