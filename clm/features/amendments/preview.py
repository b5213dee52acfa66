"""What an amendment would bring, before anybody proposes it: decided on a copy of the contract, and not stored."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.amendments.models import (
    AmendmentPreview,
    Difference,
    Following,
    MovedTimer,
    NewAmendment,
    TimerChanges,
    TimerDate,
)
from clm.features.amendments.service import check_proposer, proposal
from clm.features.contracts import service as contracts
from clm.features.contracts.service import SimulatedTimer
from clm.kit import preconditions
from clm.kit.db import Reads
from clm.kit.ids import uuid7
from clm.kit.shapes import pointer_to
from clm.lifecycle import agreeing, changing, facts
from clm.lifecycle.simulating import Copy, Told
from clm.lifecycle.state import Amendment, Method, Version
from clm.lifecycle.terms import merged
from clm.lifecycle.timers import Timer
from clm.lifecycle.world import Env, Refused

PROPOSE, EXECUTE = "amendment.propose", "amendment.execute"
WAYS: tuple[Method, ...] = ("seal", "signature", "reliable_e_signature")
"""Whatever the contract asks for, a party that does all of these has executed."""


async def preview(reads: Reads, contract_id: UUID, new: NewAmendment, if_match: str | None) -> AmendmentPreview:
    """Propose and execute on a copy; raises the problems of the real proposal."""
    await contracts.catch_up(reads, contract_id)
    async with reads.snapshot() as db:
        found = await contracts.standing(db, contract_id)
    preconditions.check(if_match, found.row_version)
    check_proposer(found.copy.state.roles, new)
    at = contracts.instant_of(new.at, found.copy.now, found.zone)
    with contracts.broken_rules():
        return _preview(found.copy, new, uuid7(), at)


def _preview(standing: Copy, new: NewAmendment, amendment_id: UUID, at: dt.datetime) -> AmendmentPreview:
    trial, without, env = standing.branch(), standing.branch(), standing.env
    told = _record(trial, PROPOSE, proposal(new, amendment_id), at)
    base = next(one["data"]["base_version"] for one in told if one["type"] == "amendment.proposed")
    before = next(one for one in standing.state.versions if one.no == base)
    proposed, expected = trial.world, changing.changed(trial.world, new.changes)
    amendment = _executed(trial, amendment_id, at)
    applied = _applied(trial, amendment, at)
    without.until(applied.now)
    made = next((one for one in applied.state.versions if one.amendment_id == amendment_id), None)
    version = made or expected
    terms, assumed = merged(version.terms, env.defaults, env.alternatives)
    return AmendmentPreview(
        dry_run=True,
        base_version=base,
        terms_version=version.no,
        status=_of(applied, amendment_id).status if amendment.applies_at else amendment.status,
        applies_at=amendment.applies_at,
        changed=list(_differences(_document(before, env), _document(version, env), [])),
        terms=terms,
        assumed=assumed,
        timers=_timers(without.timers, applied.timers),
        follows=_follows(without.events, applied.events, amendment_id, ZoneInfo(standing.state.time_zone)),
        review=contracts.review_of_amendment(applied.world if made else proposed, amendment_id).items,
    )


def _record(trial: Copy, kind: str, body: facts.Body, at: dt.datetime) -> list[Told]:
    before = trial.state
    try:
        return trial.record(uuid7(), kind, msgspec.to_builtins(body), at).events
    except Refused as refused:
        raise contracts.not_allowed(kind, at, refused.reasons, before, trial.env, trial.now) from None


def _executed(trial: Copy, amendment_id: UUID, at: dt.datetime) -> Amendment:
    """Every party executes as the contract asks for, by its legal representative."""
    for role in trial.state.roles:
        for method in WAYS:
            rules, amendment = agreeing.execution_rules(trial.world), _of(trial, amendment_id)
            if agreeing.missing_executions(rules, [role], amendment.executions):
                body = facts.ExecuteAmendment(
                    amendment_id=amendment_id, party=role, method=method, capacity="legal_representative"
                )
                _record(trial, EXECUTE, body, at)
    return _of(trial, amendment_id)


def _applied(trial: Copy, amendment: Amendment, at: dt.datetime) -> Copy:
    """The contract just after the amendment applies; one that waits for a condition is taken as if it were met."""
    if amendment.applies_at is not None:
        trial.until(amendment.applies_at)
        return trial
    world = trial.world
    world.state = trial.state.copy()
    changing.apply(world, amendment.id, max(at, trial.now))
    return Copy(world.state, trial.env, trial.now)


def _of(trial: Copy, amendment_id: UUID) -> Amendment:
    return next(one for one in trial.state.amendments if one.id == amendment_id)


def _document(version: Version, env: Env) -> dict[str, Any]:
    """A version as changes see it, its terms completed by the defaults."""
    terms, _ = merged(version.terms, env.defaults, env.alternatives)
    texts = {**env.texts, **version.sections}
    return {
        "title": version.title,
        "terms": terms,
        "sections": {number: {"text": text} for number, text in texts.items()},
        "attachments": version.attachments,
    }


def _differences(before: dict[str, Any], after: dict[str, Any], where: list[str]) -> Iterator[Difference]:
    for name in sorted({*before, *after}):
        old, new, here = before.get(name), after.get(name), [*where, name]
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _differences(old, new, here)
        elif msgspec.json.encode(old) != msgspec.json.encode(new) or (name in before) != (name in after):
            yield Difference(pointer_to(here), old, new)


def _follows(before: list[Told], after: list[Told], amendment_id: UUID, zone: ZoneInfo) -> list[Following]:
    known = {(one["type"], one["at"], one["timer_key"]) for one in before}
    own = str(amendment_id)
    return [
        Following(one["type"], one["at"].astimezone(zone), one["transition"], one["explanation"])
        for one in after
        if one["data"].get("amendment_id") != own and (one["type"], one["at"], one["timer_key"]) not in known
    ]


def _timers(before: list[Timer], after: list[Timer]) -> TimerChanges:
    old, new = {one.key: one for one in before}, {one.key: one for one in after}
    return TimerChanges(
        moved=[_moved(old[key], new[key]) for key in new if key in old and _date(old[key]) != _date(new[key])],
        armed=[SimulatedTimer.of(timer) for key, timer in new.items() if key not in old],
        cancelled=[SimulatedTimer.of(timer) for key, timer in old.items() if key not in new],
    )


def _moved(before: Timer, after: Timer) -> MovedTimer:
    basis = msgspec.to_builtins(after.basis)
    return MovedTimer(key=after.key, kind=after.kind, before=_date(before), after=_date(after), basis=basis)


def _date(timer: Timer) -> TimerDate:
    return TimerDate(timer.due_at, timer.legal_date, not timer.certain)
