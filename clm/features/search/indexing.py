"""The worker's side: follow the feed of events, and read the text of files that nobody has read yet.

A contract's passages are made anew from how it stands, so doing it twice, or beginning again after a kill, changes
nothing. Foreign files are read while no transaction is open.
"""

from typing import Any
from uuid import UUID

from clm.features.attachments import service as attachments
from clm.features.search import passages
from clm.features.search.service import sql
from clm.kit.db import Database, Unit
from clm.kit.extraction import Extracted, is_readable, text_of
from clm.kit.problems import Problem
from clm.kit.storage import ObjectMissing
from clm.kit.vault import Vault

EVENTS_AT_ONCE = 500
CONTRACTS_AT_ONCE = 50


async def tenants(database: Database) -> list[UUID]:
    """Tenants with something to index."""
    return [row["tenant_id"] for row in await database.untenanted(sql.tenants_to_index)]


async def follow(database: Database, tenant: UUID) -> int:
    """Index the contracts that the next events tell of; returns how many events were read."""
    async with database.work(tenant) as unit:
        await unit.run(sql.start_cursor)
        cursor = await unit.one(sql.claim_cursor)
        if cursor is None:
            return 0
        seen: set[UUID] = set()
        read, last = 0, None
        for event in await unit.all(sql.news, cursor["txid"], cursor["event_id"], EVENTS_AT_ONCE):
            if event["contract_id"] not in seen and len(seen) == CONTRACTS_AT_ONCE:
                break
            seen.add(event["contract_id"])
            read, last = read + 1, event
        for contract_id in sorted(seen):
            await _contract(unit, contract_id)
        if last is not None:
            await unit.run(sql.move_cursor, last["txid"], last["id"])
        return read


async def _contract(unit: Unit, contract_id: UUID) -> None:
    row = await unit.one(sql.sources, contract_id)
    if row is None:
        return
    wanted = {_place(one): one for one in passages.of_contract(unit.tenant, row)}
    kept, stale = set(), []
    for old in await unit.all(sql.passages_of, contract_id):
        place = _place(old)
        if place in wanted and wanted[place]["folded"] == old["folded"]:
            kept.add(place)
        else:
            stale.append(old["id"])
    if stale:
        await unit.run(sql.drop_passages, stale)
    fresh = [one for place, one in wanted.items() if place not in kept]
    if fresh:
        await unit.run(sql.add_passages, contract_id, fresh)
    await unit.run(sql.expect_texts, contract_id)
    await unit.run(sql.forget_gone, contract_id)


def _place(row: Any) -> tuple[str, str, int]:
    return row["kind"], row["ref"], row["part"]


async def read_one(database: Database, vault: Vault, tenant: UUID) -> bool:
    """Read the text of one file; False where none waits."""
    async with database.work(tenant) as unit:
        claimed = await unit.one(sql.claim_text)
    if claimed is None:
        return False
    attachment_id, no = claimed["attachment_id"], claimed["no"]
    found, status = await _text(database, vault, tenant, attachment_id, no)
    async with database.work(tenant) as unit:
        contract_id = await unit.value(sql.settle_text, attachment_id, no, status, found.problem, found.truncated)
        rows = passages.passages(
            tenant, claimed["contract_id"], "attachment", f"{attachment_id}/{no}", found.text or ""
        )
        if contract_id is not None and rows:
            await unit.run(sql.add_passages, contract_id, rows)
    return True


async def _text(database: Database, vault: Vault, tenant: UUID, attachment_id: UUID, no: int) -> tuple[Extracted, str]:
    try:
        content, chunks = await attachments.open_version(database.reads(tenant), vault, attachment_id, no)
        if not is_readable(content.media_type):
            return Extracted(None), "unsupported"
        found = await text_of(chunks, content.media_type)
    except Problem as error:
        return Extracted(None, error.detail), "failed"
    except ObjectMissing:
        return Extracted(None, "its bytes are not in the store"), "failed"
    return found, "indexed" if found.text is not None else "failed"
