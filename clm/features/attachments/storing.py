"""The way of bytes into the store: staged, looked at, sealed where their kind asks for it, bound to their hash.

An upload is staged as `<tenant>/staging/<uuid>` without a transaction open, and bound to the hash of what is stored
once that is known: a store that moves objects gives it the key `<tenant>/<sha256>`, else a row says which key the bytes
of the hash have (ADR 10). Binding takes a lock on those bytes until the unit ends; the sweep only deletes what it can
lock. Bytes of a sealed kind never lie in the store in any other form.
"""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import msgspec

from clm.features.attachments import digests, keys
from clm.features.attachments.models import Content, Upload
from clm.features.attachments.reading import sql
from clm.kit import sealing
from clm.kit.db import Unit
from clm.kit.ids import uuid7
from clm.kit.inspection import ScannerUnavailable, Verdict, Watcher, inspect
from clm.kit.problems import FieldError, Problem
from clm.kit.storage import ObjectMissing, StorageError
from clm.kit.vault import Vault

Open = Callable[[int, int], AsyncIterator[bytes]]


class Arrived(msgspec.Struct):
    """Bytes that are staged and fit to be kept: of the content, and of what is stored where that is its sealed form.

    `earlier`: they were staged before this request. `left`: an object that is not kept lies at the staging key.
    `bound`: they are kept under their hash.
    """

    staging_key: str
    size: int
    sha256: str
    media_type: str
    sealed_sha256: str | None
    data_key: bytes | None
    earlier: bool = False
    left: bool = True
    bound: bool = False

    @property
    def stored_sha256(self) -> str:
        """The hash that the stored object is kept under."""
        return self.sealed_sha256 or self.sha256

    @property
    def stored_size(self) -> int:
        """How many bytes the stored object has."""
        return self.size if self.data_key is None else sealing.sealed_size(self.size)


class _Seen:
    """What goes by on the way to the store."""

    def __init__(self) -> None:
        self.watcher = Watcher()
        self.hash = hashlib.sha256()

    async def watch(self, chunks: AsyncIterator[bytes], *, hashing: bool) -> AsyncIterator[bytes]:
        """The same chunks; hashed here only where the store will see other bytes than these."""
        async for chunk in chunks:
            self.watcher.feed(chunk)
            if hashing:
                self.hash.update(chunk)
            yield chunk


@asynccontextmanager
async def arrived(vault: Vault, tenant: UUID, upload: Upload, *, sealed: bool) -> AsyncIterator[Arrived]:
    """The body of an upload, staged and inspected; gone again at the end unless it was bound.

    Raises Problem 415 or 422 for content that is not kept, 422 for another digest than the sender's, 503 where the
    scanner does not answer or nothing can be sealed.
    """
    data_key = keys.for_one_object(vault) if sealed else None
    staging_key = staging_of(tenant, uuid7())
    seen = _Seen()
    chunks = seen.watch(upload.chunks, hashing=data_key is not None)
    stored = await vault.store.put(staging_key, chunks if data_key is None else sealing.seal(chunks, data_key))
    size = seen.watcher.size
    sha256 = stored.sha256 if data_key is None else seen.hash.hexdigest()
    sealed_sha256 = None if data_key is None else stored.sha256
    found = Arrived(staging_key, size, sha256, upload.media_type, sealed_sha256, data_key)
    try:
        digests.check(upload.sha256, sha256)
        verdict = await _verdict(vault, seen.watcher, opener(vault, staging_key, size, data_key), upload.media_type)
        found.media_type = verdict.media_type
        yield found
    except BaseException:
        await _discard(vault, staging_key)
        raise
    if found.left:
        await _discard(vault, staging_key)


async def looked_at(vault: Vault, staging_key: str, declared: str) -> Arrived:
    """What lies at a staging key, hashed and inspected; raises Problem as `arrived` does, ObjectMissing."""
    seen = _Seen()
    async for _ in seen.watch(vault.store.open(staging_key), hashing=True):
        pass
    verdict = await _verdict(vault, seen.watcher, opener(vault, staging_key, seen.watcher.size, None), declared)
    return Arrived(staging_key, seen.watcher.size, seen.hash.hexdigest(), verdict.media_type, None, None)


async def _discard(vault: Vault, staging_key: str) -> None:
    with suppress(StorageError):  # what stays behind is swept
        await vault.store.delete(staging_key)


async def _is_there(vault: Vault, key: str, found: Arrived) -> bool:
    head = await vault.store.head(key)
    return head is not None and head.size == found.stored_size


async def bind(unit: Unit, vault: Vault, found: Arrived) -> None:
    """Keep staged bytes under their hash, once for each tenant; nobody sweeps them until the unit ends.

    Raises ObjectMissing where they are not there any more.
    """
    known = await unit.value(sql.lock_object, found.stored_sha256)
    await note_place(unit, found, known, await place(vault, unit.tenant, found, known))


async def bind_claimed(unit: Unit, vault: Vault, found: Arrived, known: str | None) -> None:
    """The same for bytes that the unit has claimed with the row that needs them; their key if they were known."""
    noted = known or claimed_key(vault, found)
    await note_place(unit, found, noted, await place(vault, unit.tenant, found, known))


def claimed_key(vault: Vault, found: Arrived) -> str | None:
    """The key that new bytes are claimed with: a store that moves objects needs no row for theirs."""
    return None if found.bound or vault.store.moves else found.staging_key


async def place(vault: Vault, tenant: UUID, found: Arrived, known: str | None) -> str:
    """Keep the staged bytes in the store, unless they are there under the key they had; answers with their key."""
    there = known if known is not None and await _is_there(vault, known, found) else found.staging_key
    key = await vault.store.bind(there, object_key(tenant, found.stored_sha256))
    found.left, found.bound = there != found.staging_key, True
    if key == found.staging_key and found.earlier and not await _is_there(vault, key, found):
        raise ObjectMissing(key)
    return key


async def note_place(unit: Unit, found: Arrived, known: str | None, key: str) -> None:
    """Have a row say which key the bytes have, where it is another one than known, and no other."""
    if key == object_key(unit.tenant, found.stored_sha256):
        if known is not None:
            await unit.run(sql.forget_place, found.stored_sha256)
    elif key != known:
        await unit.run(sql.keep_place, found.stored_sha256, key)


async def drop(unit: Unit, vault: Vault, staging_key: str) -> None:
    """Remove what was staged once more after it had been bound."""
    if await unit.one(sql.placed, [staging_key]) is None:
        await vault.store.delete(staging_key)


def opener(vault: Vault, key: str, size: int, data_key: bytes | None) -> Open:
    """Reads a stored object's content by ranges, through its seal where it has one."""

    def stored(start: int, end: int) -> AsyncIterator[bytes]:
        return vault.store.open(key, start=start, end=end)

    def unsealed(start: int, end: int) -> AsyncIterator[bytes]:
        return sealing.unseal(stored, data_key or b"", size, start=start, end=end)

    return stored if data_key is None else unsealed


def content_opener(vault: Vault, tenant: UUID, content: Content) -> Open:
    """Reads a version's content by ranges; raises Problem 503 where its key cannot be opened here."""
    data_key = None if content.wrapped_key is None else keys.of_version(vault, tenant, content)
    return opener(vault, content.key, content.size, data_key)


def object_key(tenant: UUID, sha256: str) -> str:
    """Where a store that moves objects keeps the bytes of a tenant."""
    return f"{tenant}/{sha256}"


def staging_of(tenant: UUID, upload_id: UUID) -> str:
    """Where bytes of a tenant lie until their hash is known, and where a bucket keeps them."""
    return f"{tenant}/staging/{upload_id}"


async def _verdict(vault: Vault, watcher: Watcher, open_range: Open, declared: str) -> Verdict:
    try:
        verdict = await inspect(watcher, open_range, declared=declared, scanner=vault.scanner, limits=vault.limits)
    except ScannerUnavailable as error:
        text = f"Nothing is stored unseen, and {error}. Send it again later."
        raise Problem("unavailable", text, headers={"retry-after": "30"}) from None
    if verdict.findings:
        codes = [one.code for one in verdict.findings]
        problem = "unsupported-media-type" if codes == ["type_mismatch"] else "unsafe-content"
        raise Problem(
            problem,
            f"The file is not kept: {' '.join(one.message for one in verdict.findings)}",
            errors=[FieldError("", one.message) for one in verdict.findings],
            reasons=[{"rule": one.code, "message": one.message} for one in verdict.findings],
        )
    return verdict
