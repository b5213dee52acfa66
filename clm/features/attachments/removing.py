"""Bytes go only when nothing holds them: no legal hold, no retention that still runs. What is left is a tombstone."""

from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from asyncpg import Record

from clm.features.attachments import reading
from clm.features.attachments.models import Attachment, Removal, VersionRetention
from clm.features.attachments.reading import int4, sql
from clm.features.attachments.service import kind_of
from clm.features.contract_types import service as contract_types
from clm.features.contracts import service as contracts
from clm.features.legal_data import service as legal_data
from clm.kit import preconditions
from clm.kit.auth import Actor
from clm.kit.db import Queries, Unit
from clm.kit.problems import Problem, not_found
from clm.law.periods import Period, end_day, legal_date
from clm.law.retention import Retention, RetentionClass
from clm.law.retention import retention as retention_of
from clm.lifecycle.binding import Binding
from clm.lifecycle.world import Reason

Kind = Literal["deleted", "erased"]
_KINDS: tuple[Kind, ...] = ("deleted", "erased")
_AGREED: dict[RetentionClass, str] = {
    "call_recording": "recordings",
    "sms_record": "sms",
    "processing_record": "processing_records",
}


async def retention(db: Queries, attachment_id: UUID, no: int) -> VersionRetention:
    """How long a version is kept, and what holds it; raises Problem 404."""
    row = await db.one(sql.kept, attachment_id, int4(no))
    if row is None:
        raise not_found("version")
    attachment, _ = await reading.one(db, attachment_id)
    floors: dict[Kind, Retention] = {kind: await _floor(db, row, kind) for kind in _KINDS}
    against = {kind: _reasons(row, floor, kind, attachment.binding) for kind, floor in floors.items()}
    return VersionRetention(
        no=no,
        retention=floors["deleted"],
        holds=row["holds"] or [],
        may_be_deleted=not against["deleted"],
        may_be_erased=not against["erased"],
        reasons=list(dict.fromkeys([*against["deleted"], *against["erased"]])),
    )


async def remove(
    unit: Unit, actor: Actor, attachment_id: UUID, no: int, body: Removal, *, kind: Kind, if_match: str | None
) -> tuple[Attachment, int]:
    """Let go of a version's bytes for good; what it was, when and why it went stays.

    `deleted`: nothing needs it any more. `erased`: personal information goes by destroying the key of its sealed
    bytes, though the contract itself may still last. Raises Problem 404, 409 with what holds it, 412.
    """
    locked = await unit.one(sql.lock_contract_of, attachment_id)
    if locked is None:
        raise not_found("attachment")
    attachment, version = await reading.one(unit, attachment_id)
    preconditions.check(if_match, version)
    row = await unit.one(sql.kept, attachment_id, int4(no))
    if row is None:
        raise not_found("version")
    reasons = _reasons(row, await _floor(unit, row, kind), kind, attachment.binding)
    if reasons:
        raise Problem(
            "not-allowed-now",
            f"Version {no} is not {kind}: {' '.join(one.message for one in reasons)}",
            reasons=[msgspec.structs.asdict(one) for one in reasons],
        )
    await unit.run(sql.add_tombstone, attachment_id, no, kind, body.reason, actor.key)
    await unit.run(sql.destroy_data_key, attachment_id, no)
    await unit.run(sql.touch, attachment_id)
    await contracts.record(
        unit,
        actor,
        row["contract_id"],
        f"attachment.{kind}",
        f"The bytes of version {no} of the attachment {row['name']} ({row['kind']}) were {kind}: {body.reason}",
        _about(attachment_id, no, row, body),
    )
    return await reading.one(unit, attachment_id)


def _about(attachment_id: UUID, no: int, row: Record, body: Removal) -> dict[str, Any]:
    described = {name: row[name] for name in ("kind", "name", "size", "sha256")}
    return {"attachment_id": attachment_id, "no": no, "reason": body.reason, **described}


async def _floor(db: Queries, row: Record, kind: Kind) -> Retention:
    """Personal information is erased at once when that is due: a default that nobody agreed does not hold it."""
    zone = ZoneInfo(row["time_zone"])
    contract_type = await contract_types.get(db, row["type_key"], row["type_version"])
    of_kind = await kind_of(db, row["type_key"], row["type_version"], row["kind"])
    retention_class = of_kind.retention if of_kind is not None and not row["proves"] else "contract_record"
    name = _AGREED.get(retention_class, "")
    usual = contract_type.defaults.get("personal_information", {}).get("retention", {})
    agreed = (row["agreed"] or {}).get(name)
    wanted = agreed or (usual.get(name) if kind == "deleted" else None)
    law = legal_data.current(db.database)
    found = retention_of(
        retention_class,
        made_on=legal_date(row["at"], zone),
        formed=row["formed_at"] is not None,
        ended_on=None if row["ended_at"] is None else end_day(row["ended_at"], zone),
        wanted=None if wanted is None else msgspec.convert(wanted, Period),
        agreed=agreed is not None,
        calendar=law.calendar(contract_type.jurisdiction),
        time_zone=zone,
    )
    is_over = found.ends_at is not None and found.ends_at <= row["now"]
    return msgspec.structs.replace(found, standing="over") if is_over else found


def _reasons(row: Record, floor: Retention, kind: str, binding: Binding | None) -> list[Reason]:
    if row["gone"] is not None:
        return [Reason("R-A5", f"Its bytes were {row['gone']} before.")]
    found = [
        Reason("hold", f"The legal hold {name} stands.", missing="its release", who="whoever may release holds")
        for name in row["holds"] or []
    ]
    if kind == "erased" and not row["sealed"]:
        text = "Only sealed versions are erased: those of kinds that carry personal information. Delete it instead."
        return [*found, Reason("R-A5", text)]
    if kind == "deleted" and row["ended_at"] is None and binding is not None and binding.version == row["no"]:
        text = f"Version {row['no']} has been part of the contract since {binding.since.isoformat()}."
        found.append(Reason(binding.basis.rule, text, missing="the contract's end, or a later version that binds"))
    is_policy = floor.retention_class == "contract_record" and kind == "erased"
    if row["proves"] and (floor.standing == "open" or (floor.ends_at is not None and row["now"] < floor.ends_at)):
        numbers = ", ".join(str(no) for no in row["proves"])
        found.append(Reason("R-N9", f"It is evidence of notice {numbers}, and kept as long as the contract's record."))
    if floor.standing == "open" and not is_policy:
        found.append(Reason(floor.basis.rule, "The contract has not ended, and its documents are kept beyond that."))
    if floor.ends_at is not None and row["now"] < floor.ends_at and not is_policy:
        found.append(Reason(floor.basis.rule, f"It is kept until {floor.keep_until} is over ({floor.basis.source})."))
    return found
