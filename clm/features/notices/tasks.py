"""What somebody has to do about a notice: follows from how it stands, and goes when that no longer asks for it.

Nobody opens a task: a defective notice asks for a review (R-N11), one that did not get through for another channel
(R-N6). Each judgement derives them anew, so that a correction opens and closes them like anything else.
"""

from typing import Literal, NamedTuple, get_args
from uuid import UUID

from clm.features.contracts import service as contracts
from clm.features.notices import addresses
from clm.features.notices.held import Held
from clm.features.notices.models import Delivery, DismissTask, Notice, Outgoing, Task
from clm.features.notices.reading import of_row, sql
from clm.kit import paging
from clm.kit.auth import Actor
from clm.kit.db import Queries, Unit
from clm.kit.ids import uuid7
from clm.kit.paging import Page
from clm.kit.problems import Problem, not_found
from clm.law.arrival import Arrival, Channel
from clm.law.notice_rules import DATA_CHANNELS

Closed = Literal["resent", "arrived", "withdrawn", "corrected"]
_DOUBTED = (
    "A report says that the message bounced, though it had arrived before or was written to another mailbox. Anybody "
    "can write one: look at it, and record the bounce if it is true."
)
_LOST = frozenset(("bounced", "returned"))


class Wanted(NamedTuple):
    """A task that how the notice stands asks for; `cause` tells it from others of its kind."""

    kind: Literal["review", "fallback"]
    cause: str
    explanation: str
    rule: str


def wanted(notice: Notice, arrival: Arrival) -> list[Wanted]:
    """The tasks that a notice asks for as it stands."""
    if notice.withdrawn_at is not None:
        return []
    found = []
    if notice.defects:
        text = "It has no effect as it is. Withdraw it, and send one that says what is missing."
        found.append(Wanted("review", "defects", f"{notice.defects[0].message} {text}", notice.defects[0].rule))
    found += [
        Wanted("review", f"doubted:{one.id}", _DOUBTED, "R-N6")
        for one in notice.outgoing
        if one.doubted and not any(step.event == "bounced" and step.channel == "email" for step in notice.counting)
    ]
    if arrival.at is not None:
        return found
    found += [
        Wanted("fallback", f"step:{one.no}", _lost(one), "R-N6")
        for one in notice.counting
        if _is_lost(one) and not _sent_again(notice, one)
    ]
    found += [
        Wanted("fallback", f"outgoing:{one.id}", _unsent(one), "R-N6")
        for one in notice.outgoing
        if one.status == "failed" and not _dispatched_since(notice, one)
    ]
    return found


async def reconcile(unit: Unit, held: Held, arrival: Arrival) -> None:
    """Open what the notice now asks for and close what it does not; what was dismissed stays so."""
    notice = held.notice
    there = {(row["kind"], row["cause"]): row for row in await unit.all(sql.tasks_of_notice, notice.id)}
    asked = {(one.kind, one.cause): one for one in wanted(notice, arrival)}
    for key, one in asked.items():
        row = there.get(key)
        if row is None or row["closed_for"] not in (None, "dismissed"):
            await _open(unit, held, one)
    for key, row in there.items():
        if key not in asked and row["closed_at"] is None:
            await _close(unit, held, row["id"], row["kind"], _closed_for(notice, arrival, row["cause"]))


async def page(
    db: Queries,
    *,
    contract_id: UUID | None,
    kind: str | None,
    status: Literal["open", "closed"] | None,
    limit: int,
    cursor: str | None,
) -> Page[Task]:
    """Tasks in the order in which they were first opened."""
    limit = paging.limit_of(limit)
    rows = await db.all(sql.list_tasks, paging.decode(cursor, UUID), contract_id, kind, status, limit + 1)
    return paging.page(rows, limit, lambda row: of_row(row, Task), lambda row: row["id"])


async def dismiss(unit: Unit, actor: Actor, task_id: UUID, body: DismissTask) -> Task:
    """Close a task because nothing is to be done; raises Problem 404, 409 for one that is closed."""
    contract_id = await unit.value(sql.contract_of_task, task_id)
    if contract_id is None:
        raise not_found("task")
    locked = await contracts.lock(unit, contract_id)
    task = await _one(unit, task_id)
    if task.closed_at is not None:
        if (task.closed_for, task.reason) == ("dismissed", body.reason):
            return task
        raise Problem("not-allowed-now", f"The task is closed: {task.closed_for}.")
    await unit.run(sql.close_task, task_id, locked.now, "dismissed", body.reason, actor.key)
    data = {"notice_id": task.notice_id, "task_id": task_id, "kind": task.kind, "closed_for": "dismissed"}
    text = f"Nothing is done about it: {body.reason}"
    await contracts.record(unit, actor, contract_id, "notice.task_closed", text, data, rule=task.rule)
    return await _one(unit, task_id)


async def _one(db: Queries, task_id: UUID) -> Task:
    row = await db.one(sql.get_task, task_id)
    if row is None:
        raise not_found("task")
    return of_row(row, Task)


async def _open(unit: Unit, held: Held, new: Wanted) -> None:
    channels = await _other_channels(unit, held) if new.kind == "fallback" else []
    notice, task_id = held.notice, uuid7()
    row = (task_id, notice.id, new.kind, new.cause, new.explanation, new.rule, channels, held.locked.now)
    task_id = await unit.value(sql.open_task, *row)
    data = {"notice_id": notice.id, "task_id": task_id, "kind": new.kind, "channels": channels}
    await contracts.record(unit, None, notice.contract_id, "notice.task_opened", new.explanation, data, rule=new.rule)


async def _close(unit: Unit, held: Held, task_id: UUID, kind: str, why: Closed) -> None:
    await unit.run(sql.close_task, task_id, held.locked.now, why, None, None)
    data = {"notice_id": held.notice.id, "task_id": task_id, "kind": kind, "closed_for": why}
    text = f"The task is done: {why}."
    await contracts.record(unit, None, held.notice.contract_id, "notice.task_closed", text, data)


def _closed_for(notice: Notice, arrival: Arrival, cause: str) -> Closed:
    if notice.withdrawn_at is not None:
        return "withdrawn"
    if arrival.at is not None:
        return "arrived"
    step = next((one for one in notice.counting if cause == f"step:{one.no}"), None)
    return "resent" if step is not None or cause.startswith("outgoing:") else "corrected"


async def _other_channels(unit: Unit, held: Held) -> list[str]:
    """The channels that may be tried: allowed, not failed yet, and with an address of the addressee today."""
    notice = held.notice
    failed = {one.channel for one in notice.counting if _is_lost(one)}
    failed |= {"email" for one in notice.outgoing if one.status == "failed"}
    allowed = held.clause.channels_allowed if held.clause else None
    today = held.locked.now.astimezone(held.zone).date()
    found = []
    for channel in allowed or get_args(Channel):
        if channel not in failed:
            there = await addresses.between(unit, notice, notice.to, notice.sender, channel, today)
            found += [channel] * (there is not None)
    return found


def _is_lost(one: Delivery) -> bool:
    return one.event in _LOST or (one.event == "refused" and one.channel in DATA_CHANNELS)


def _sent_again(notice: Notice, lost: Delivery) -> bool:
    """Whether it left its sender once more since."""
    return any(one.dispatches and one.no > lost.no and one.at >= lost.at for one in notice.counting)


def _dispatched_since(notice: Notice, failed: Outgoing) -> bool:
    """Whether it was sent another way since, is about to be, or was refused in so many words, which is a step."""
    queued = any(one.status == "queued" for one in notice.outgoing)
    later = [one for one in notice.counting if one.no > (failed.after_step or 0)]
    return queued or any(one.dispatches or _is_lost(one) for one in later)


def _lost(one: Delivery) -> str:
    return f"It did not get through: {one.event} by {one.channel} at {one.at.isoformat()}. Send it by another channel."


def _unsent(one: Outgoing) -> str:
    return f"The mail server did not take it: {one.last_error}. Send it again, or by another channel."
