"""Uploads in parts: the parts go straight to the store, and become a version once they are hashed and inspected.

What each step did can be done again: a completion that was cut off anywhere is finished by the next one, and one that
was carried out answers as it did. Nothing refers to what lies staged until the transaction of the completion commits.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec
from asyncpg import Record

from clm.features.attachments import announcing, digests, reading, service, storing
from clm.features.attachments.announcing import Most, sizes
from clm.features.attachments.reading import sql
from clm.features.attachments.storing import Arrived
from clm.features.attachments.upload_models import NewUpload, NextUpload, PartedUpload, Refusal
from clm.kit import preconditions
from clm.kit.auth import Actor
from clm.kit.db import Database, Unit
from clm.kit.ids import uuid7
from clm.kit.problems import Problem, invalid
from clm.kit.storage import ObjectMissing, Part, PartsDiffer, StorageUnavailable, UploadMissing
from clm.kit.vault import Vault

OPEN_FOR = timedelta(hours=24)
TRIES = 3
_REFUSED = {415, 422}


async def begin(
    unit: Unit, vault: Vault, actor: Actor, contract_id: UUID, new: NewUpload, most: Most
) -> tuple[PartedUpload, int]:
    """Announce a new attachment; answers with the addresses that take its parts.

    Raises Problem 404, 413, and 422 for a kind, name, media type or instant that does not hold, or a kind that is
    sealed.
    """
    reads = unit.database.reads(unit.tenant)
    service.check_name(new.name)
    of_kind = await service.kind_of_contract(reads, contract_id, new.kind)
    announcing.check(new, of_kind, most)
    await service.check_at(reads, new.at)
    return await _begun(unit, vault, actor, contract_id, new, most)


async def begin_version(
    unit: Unit, vault: Vault, actor: Actor, attachment_id: UUID, new: NextUpload, most: Most
) -> tuple[PartedUpload, int]:
    """Announce the next version of an attachment; answers and raises as `begin` does."""
    reads = unit.database.reads(unit.tenant)
    row = await reading.found(reads, attachment_id)
    announcing.check(new, await service.kind_of_attachment(reads, attachment_id), most)
    await service.check_at(reads, new.at)
    fields = msgspec.structs.asdict(new)
    named = NewUpload(kind=row["kind"], name=row["name"], **fields)
    return await _begun(unit, vault, actor, row["contract_id"], named, most, attachment_id=attachment_id)


async def complete(
    unit: Unit, vault: Vault, actor: Actor, upload_id: UUID, most: Most, if_match: str | None
) -> tuple[PartedUpload, int]:
    """Join the parts, hash and inspect them, and make them a version; done before, it answers the same again.

    Raises Problem 404, 409 where parts are missing or the upload is over, 412, 415 or 422 for what is not kept, 503.
    """
    reads = unit.database.reads(unit.tenant)
    for _ in range(TRIES):
        row = await announcing.found(reads, upload_id)
        if row["status"] == "completed":
            break
        preconditions.check(if_match, row["row_version"])
        announcing.check_open(row)
        try:
            await _keep(unit, vault, actor, row, await _arrived(unit, vault, row))
            break
        except ObjectMissing:  # another completion was quicker; what it left says how it ended
            await unit.rollback()
        except StorageUnavailable:  # some servers answer so while another completion is under way
            await unit.rollback()
            if (await announcing.found(reads, upload_id))["status"] == "open":
                raise
    else:
        raise _lost()
    return await announcing.shown(unit, vault, upload_id, most)


async def abort(
    unit: Unit, vault: Vault, upload_id: UUID, most: Most, if_match: str | None
) -> tuple[PartedUpload, int]:
    """Give an upload up and forget its parts; one that is over stays as it is. Raises Problem 404, 409, 412."""
    await unit.one(sql.lock_upload, upload_id)
    row = await announcing.found(unit, upload_id)
    if row["status"] == "completed":
        raise Problem("not-allowed-now", "The upload is complete. What it became is a version of the attachment.")
    if row["status"] == "open":
        preconditions.check(if_match, row["row_version"])
        await _forget(vault, unit.tenant, upload_id, row["store_upload"])
        await unit.run(sql.end_upload, upload_id, "aborted", [])
    return await announcing.shown(unit, vault, upload_id, most)


async def expire(database: Database, vault: Vault) -> int:
    """Forget the uploads that nobody completed in time; returns how many there were."""
    count = 0
    for tenant in await database.untenanted(sql.tenants_with_late_uploads):
        for row in await database.reads(tenant["tenant_id"]).all(sql.late_uploads):
            async with database.work(tenant["tenant_id"]) as unit:
                if await unit.one(sql.lock_late_upload, row["id"]):
                    await _forget(vault, unit.tenant, row["id"], row["store_upload"])
                    count += await unit.run(sql.end_upload, row["id"], "expired", [])
    return count


async def _begun(
    unit: Unit,
    vault: Vault,
    actor: Actor,
    contract_id: UUID,
    new: NewUpload,
    most: Most,
    *,
    attachment_id: UUID | None = None,
) -> tuple[PartedUpload, int]:
    upload_id = uuid7()
    key = storing.staging_of(unit.tenant, upload_id)
    in_store = await vault.store.begin_parts(key)
    try:
        await unit.run(
            sql.add_upload,
            upload_id,
            contract_id,
            attachment_id,
            new.kind,
            new.name,
            new.size,
            announcing.media_type_of(new.media_type),
            new.sha256,
            new.at,
            announcing.part_size_of(new.size),
            in_store,
            OPEN_FOR,
            actor.key,
        )
        return await announcing.shown(unit, vault, upload_id, most)
    except BaseException:
        await vault.store.abort_parts(key, in_store)
        raise


async def _arrived(unit: Unit, vault: Vault, row: Record) -> Arrived:
    """What the parts make, hashed and found fit to be kept; that is noted, so that nobody has to look again."""
    key = storing.staging_of(unit.tenant, row["id"])
    if row["found_sha256"] is not None:
        return Arrived(key, row["size"], row["found_sha256"], row["found_media_type"], None, None, earlier=True)
    await _join(vault, row, key)
    try:
        found = await _looked_at(unit, vault, row, key)
    except Problem as refusal:
        if refusal.kind.status in _REFUSED:
            await _refuse(unit, vault, row, refusal)
        raise
    async with unit.database.work(unit.tenant) as own:
        await own.run(sql.note_found, row["id"], found.sha256, found.media_type)
    return found


async def _looked_at(unit: Unit, vault: Vault, row: Record, key: str) -> Arrived:
    of_kind = await service.kind_of_contract(unit.database.reads(unit.tenant), row["contract_id"], row["kind"])
    found = await storing.looked_at(vault, key, row["media_type"])
    service.check_media_type(of_kind, found.media_type)
    digests.check(row["sha256"], found.sha256, "/sha256")
    return found


async def _join(vault: Vault, row: Record, key: str) -> None:
    try:
        parts = await vault.store.parts(key, row["store_upload"])
        wanted = _complete(parts, row)
        await vault.store.complete_parts(key, row["store_upload"], wanted)
    except UploadMissing:
        if await vault.store.head(key) is None:  # joined before, or lost
            raise ObjectMissing(key) from None
    except PartsDiffer:
        text = "A part arrived in between. Complete the upload again."
        raise Problem("busy", text, headers={"retry-after": "1"}) from None


def _complete(parts: Sequence[Part], row: Record) -> list[Part]:
    """The parts in their order; raises Problem 409 where one is missing or has another size."""
    there = {part.no: part for part in parts}
    wanted = dict(enumerate(sizes(row["size"], row["part_size"]), 1))
    wrong = [no for no, size in wanted.items() if no not in there or there[no].size != size]
    if wrong:
        some = ", ".join(str(no) for no in wrong[:20]) + (", ..." if len(wrong) > 20 else "")
        reasons = [{"rule": "part_missing", "message": f"Part {no} is to be sent."} for no in wrong[:20]]
        text = f"Parts that are missing or have another size: {some}. Send them and complete it again."
        raise Problem("not-allowed-now", text, reasons=reasons)
    return [there[no] for no in wanted]


async def _keep(unit: Unit, vault: Vault, actor: Actor, row: Record, found: Arrived) -> None:
    locked = await unit.one(sql.lock_upload, row["id"])
    if locked is None or locked["status"] == "completed":
        await storing.drop(unit, vault, found.staging_key)  # what was joined twice
        return
    announcing.check_open(await announcing.found(unit, row["id"]))
    attachment_id = row["attachment_id"]
    if attachment_id is None:
        kept = await service.keep_first(
            unit, vault, actor, row["contract_id"], kind=row["kind"], name=row["name"], found=found, at=row["at"]
        )
        attachment_id, no = kept["id"], 1
    else:
        no = await service.keep_next(unit, vault, actor, attachment_id, found=found, at=row["at"])
    await unit.run(sql.complete_upload, row["id"], attachment_id, no)


async def _refuse(unit: Unit, vault: Vault, row: Record, refusal: Problem) -> None:
    """Note why it is not kept, in a transaction of its own: the request's ends without a trace."""
    reasons = refusal.reasons or [{"rule": "digest", "message": refusal.detail}]
    findings = [msgspec.to_builtins(Refusal(one["rule"], one["message"])) for one in reasons]
    async with unit.database.work(unit.tenant) as own:
        await own.run(sql.end_upload, row["id"], "refused", findings)
    await _forget(vault, unit.tenant, row["id"], row["store_upload"])


async def _forget(vault: Vault, tenant: UUID, upload_id: UUID, in_store: str) -> None:
    key = storing.staging_of(tenant, upload_id)
    await vault.store.abort_parts(key, in_store)
    await vault.store.delete(key)


def _lost() -> Problem:
    return invalid("", "What was sent is no longer there. Begin another upload.")
