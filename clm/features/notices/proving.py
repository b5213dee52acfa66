"""Evidence of notices: files that prove them, each held by its hash under the item of its channel that it is (R-N9)."""

from collections.abc import Mapping
from uuid import UUID

from clm.features.contracts import service as contracts
from clm.features.notices import reading
from clm.features.notices.held import Held
from clm.features.notices.held import hold as hold_notice
from clm.features.notices.models import Delivery, Notice
from clm.features.notices.proof_models import (
    OTHER,
    ChannelProof,
    HeldEvidence,
    NewEvidence,
    Proof,
    ProofItem,
    Source,
)
from clm.features.notices.reading import of_row, sql
from clm.kit.auth import Actor
from clm.kit.db import Queries, Reads, Unit
from clm.kit.problems import Problem, invalid
from clm.law.arrival import Channel
from clm.law.notice_evidence import evidence_sets, missing

_BY_ADDRESS = {"sms": "number", "im": "account"}


async def hold(
    unit: Unit, actor: Actor | None, held: Held, step: Delivery, *, source: Source, items: Mapping[UUID, str]
) -> None:
    """Hold the newest versions of a step's evidence; what is held already under the same item stays as it is."""
    for attachment_id in step.evidence:
        item = items.get(attachment_id, OTHER)
        key = actor.key if actor else None
        row = (held.notice.id, step.channel, item, attachment_id, source, step.no, key, held.locked.now)
        await unit.run(sql.add_evidence, *row)


async def hold_evidence(
    unit: Unit, held: Held, items: Mapping[UUID, str], *, channel: Channel, source: Source, step: int | None
) -> None:
    """Hold what became known of a step after it was recorded."""
    notice = held.notice
    for attachment_id, item in items.items():
        row = (notice.id, channel, item, attachment_id, source, step, None, held.locked.now)
        await unit.run(sql.add_evidence, *row)
    text = f"Evidence of the {notice.type} notice is held: {', '.join(items.values())} ({channel})."
    about = {"notice_id": notice.id, "attachments": list(items), "channel": channel, "items": list(items.values())}
    await contracts.record(unit, None, notice.contract_id, "notice.evidence_held", text, about, rule="R-N9")


async def add(unit: Unit, actor: Actor, notice_id: UUID, new: NewEvidence) -> Proof:
    """Hold an attachment of the contract as evidence of a notice; raises Problem 404, 422."""
    held = await hold_notice(unit, notice_id, None)
    channel = new.channel or held.notice.channel
    known = [item.key for item in evidence_sets()[channel].items]
    if new.item not in (*known, OTHER):
        raise invalid("/item", f"Evidence of {channel} is {', '.join(known)} or {OTHER}.")
    try:
        await contracts.check_evidence(unit, held.notice.contract_id, [new.attachment_id])
    except Problem as problem:
        raise invalid("/attachment_id", problem.detail) from None
    row = (notice_id, channel, new.item, new.attachment_id, "user", None, actor.key, held.locked.now)
    if await unit.run(sql.add_evidence, *row):
        about = {"notice_id": notice_id, "attachment_id": new.attachment_id, "channel": channel, "item": new.item}
        text = f"Evidence of the {held.notice.type} notice is held: {new.item} ({channel})."
        await contracts.record(unit, actor, held.notice.contract_id, "notice.evidence_held", text, about, rule="R-N9")
    return await _proof(unit, held.notice)


async def proof(db: Reads, notice_id: UUID) -> Proof:
    """What is held of a notice and what is missing; raises Problem 404."""
    return await _proof(db, await reading.one(db, notice_id))


async def _proof(db: Queries, notice: Notice) -> Proof:
    held = [of_row(row, HeldEvidence) for row in await db.all(sql.evidence, notice.id)]
    ways = dict.fromkeys(one.channel for one in notice.counting if one.event != "withdrawn")
    channels = [_of_channel(notice, channel, held) for channel in ways or [notice.channel]]
    items = {(one.channel, item.key) for one in channels for item in one.items}
    return Proof(
        notice_id=notice.id,
        complete=all(one.complete for one in channels),
        channels=channels,
        other=[one for one in held if (one.channel, one.item) not in items],
    )


def _of_channel(notice: Notice, channel: Channel, held: list[HeldEvidence]) -> ChannelProof:
    stated = _stated(notice, channel)
    mine = [one for one in held if one.channel == channel]
    lacking = {item.key for item in missing(channel, [*stated, *(one.item for one in mine)])}
    items = [
        ProofItem(
            key=item.key,
            title=item.title,
            title_zh=item.title_zh,
            stated=stated.get(item.key),
            held=[one for one in mine if one.item == item.key],
            missing=item.key in lacking,
        )
        for item in evidence_sets()[channel].items
    ]
    return ChannelProof(channel=channel, source=evidence_sets()[channel].source, complete=not lacking, items=items)


def _stated(notice: Notice, channel: Channel) -> dict[str, str]:
    """What steps and address state, so that no file need show it."""
    stated = {}
    waybills = [one.waybill_no for one in notice.counting if one.channel == channel and one.waybill_no]
    if waybills:
        stated["waybill_no"] = ", ".join(dict.fromkeys(waybills))
    if channel in _BY_ADDRESS and notice.address is not None and notice.address.channel == channel:
        stated[_BY_ADDRESS[channel]] = notice.address.address
    return stated
