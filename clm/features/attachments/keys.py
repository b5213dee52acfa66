"""Keys of sealed versions: each has one of its own, wrapped under the tenant's, which the master key wraps.

A wrapped key opens for the version that it was made for and for no other, so rows cannot be exchanged.
"""

from collections.abc import AsyncIterator
from uuid import UUID

from clm.features.attachments.models import Content
from clm.features.attachments.reading import sql
from clm.kit import sealing
from clm.kit.db import Database, Unit
from clm.kit.problems import Problem
from clm.kit.vault import Vault


def for_one_object(vault: Vault) -> bytes:
    """A key for bytes that are about to arrive; raises Problem 503 where nothing could be sealed."""
    _master(vault)
    return sealing.new_key()


async def keep(unit: Unit, vault: Vault, attachment_id: UUID, no: int, data_key: bytes) -> None:
    """Store the key of a version; with the first of a tenant, the tenant's own."""
    tenant_key = await of_tenant(unit, vault)
    wrapped = sealing.wrap(data_key, tenant_key, _version_context(unit.tenant, attachment_id, no))
    await unit.run(sql.add_data_key, attachment_id, no, wrapped)


async def of_tenant(unit: Unit, vault: Vault) -> bytes:
    """The tenant's own key, made where it has none; raises Problem 503 where the master key does not open it."""
    master = _master(vault)
    fresh = sealing.wrap(sealing.new_key(), master, _tenant_context(unit.tenant))
    await unit.run(sql.add_tenant_key, fresh)
    return _opened(await unit.value(sql.tenant_key), master, _tenant_context(unit.tenant))


def of_version(vault: Vault, tenant: UUID, content: Content) -> bytes:
    """The key of a sealed version; raises Problem 503 where the master key does not open it."""
    tenant_key = _opened(content.tenant_key, _master(vault), _tenant_context(tenant))
    return _opened(content.wrapped_key, tenant_key, _version_context(tenant, content.attachment_id, content.no))


async def locked_out(database: Database, master: bytes) -> list[UUID]:
    """The tenants whose key does not open under a master key: their sealed versions cannot be read."""
    return [tenant async for tenant, wrapped in _tenant_keys(database) if _tried(wrapped, master, tenant) is None]


async def rewrap(database: Database, old: bytes, new: bytes) -> tuple[int, list[UUID]]:
    """Wrap every tenant's key under a new master key; what is sealed stays as it is.

    Each tenant is a transaction of its own, and one that has the new key already is passed over: cut off midway, it
    is simply run again. Answers with how many were wrapped anew, and the tenants that neither key opens.
    """
    done, lost = 0, list[UUID]()
    async for tenant, wrapped in _tenant_keys(database):
        if _tried(wrapped, new, tenant) is not None:
            continue
        key = _tried(wrapped, old, tenant)
        if key is None:
            lost.append(tenant)
            continue
        async with database.work(tenant) as unit:
            done += await unit.run(sql.rewrap_tenant_key, sealing.wrap(key, new, _tenant_context(tenant)), wrapped)
    return done, lost


async def _tenant_keys(database: Database) -> AsyncIterator[tuple[UUID, bytes]]:
    for row in await database.untenanted(sql.tenants_with_files):
        wrapped = await database.reads(row["tenant_id"]).value(sql.tenant_key)
        if wrapped is not None:
            yield row["tenant_id"], wrapped


def _tried(wrapped: bytes, under: bytes, tenant: UUID) -> bytes | None:
    try:
        return sealing.unwrap(wrapped, under, _tenant_context(tenant))
    except sealing.SealBroken:
        return None


def _master(vault: Vault) -> bytes:
    if vault.master_key is None:
        text = "Personal data and secrets are sealed, and this service has no CLM_MASTER_KEY to seal them under."
        raise Problem("unavailable", text)
    return vault.master_key


def _opened(wrapped: bytes | None, under: bytes, context: bytes) -> bytes:
    try:
        return sealing.unwrap(wrapped or b"", under, context)
    except sealing.SealBroken:
        text = "The version is sealed, and its key does not open under this service's CLM_MASTER_KEY."
        raise Problem("unavailable", text) from None


def _tenant_context(tenant: UUID) -> bytes:
    return b"tenant " + tenant.bytes


def _version_context(tenant: UUID, attachment_id: UUID, no: int) -> bytes:
    return b"version " + tenant.bytes + attachment_id.bytes + no.to_bytes(4, "big")
