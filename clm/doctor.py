"""`clm doctor`: one line a check, and what to do next where one fails.

Getting this far is a check in itself: without usable settings, a database that answers and a role that row-level
security binds, the command has ended before with a message of its own.
"""

import os
import sys
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit

import msgspec

from clm.features.accounts import service as accounts
from clm.features.attachments import checking, keys
from clm.features.timers import service as timers
from clm.kit import migrations
from clm.kit.auth import hash_key
from clm.kit.db import Database
from clm.kit.db import sql as kit_sql
from clm.kit.inspection import Scanner, ScannerUnavailable
from clm.kit.mail import Mailer, MailError
from clm.kit.storage import LockUnproved, ObjectStore, StorageError
from clm.kit.vault import KEY_FILE, own_key, read_key
from clm.serving import LOCK_REMEDY
from clm.settings import Settings

FAILED = 1
PROGRESS_EVERY = 10_000


class Finding(msgspec.Struct, frozen=True):
    """One check: its name, what was found, and what to do about it; nothing to do where all is well."""

    check: str
    found: str
    remedy: str | None = None

    def line(self) -> str:
        """The finding as it is printed."""
        verdict = "ok  " if self.remedy is None else "FAIL"
        return f"{verdict}  {self.check:<10}  {self.found}" + (f"  -> {self.remedy}" if self.remedy else "")


async def run(database: Database, store: ObjectStore, *, deep: bool = False) -> int:
    """Check everything the service needs; returns 0 where all is well, else 1. `deep` reads every stored byte."""
    failed = False
    async for finding in examine(database, store, Settings.from_environment(), os.environ, deep=deep):
        sys.stdout.write(finding.line() + "\n")
        failed = failed or finding.remedy is not None
    return FAILED if failed else 0


async def examine(
    database: Database, store: ObjectStore, settings: Settings, environment: Mapping[str, str], *, deep: bool = False
) -> AsyncIterator[Finding]:
    """The findings, one after the other; tenants are looked at only where there is a schema to hold them."""
    yield _settings(settings, environment)
    for finding in await _server(database):
        yield finding
    schema = await _migrations(database, settings)
    yield schema
    storage = await _store(store, settings)
    yield storage
    yield _sealing(settings)
    if settings.clamd_url is not None:
        yield await _scanner(Scanner(settings.clamd_url))
    if settings.smtp_url is not None:
        yield await _mail(Mailer.of(settings.smtp_url))
    if schema.remedy is None:
        yield await _first_key(database, settings)
        yield await _due(database)
        master = _master_key(settings)
        if master is not None:
            yield await _keys(database, master)
        if storage.remedy is None:
            yield await _files(database, store, deep=deep)


def _settings(settings: Settings, environment: Mapping[str, str]) -> Finding:
    known = {f"CLM_{field.name.upper()}" for field in msgspec.structs.fields(Settings)}
    unknown = sorted(name for name in environment if name.startswith("CLM_") and name not in known)
    where = "given" if settings.database_url else f"embedded in {settings.data_dir}"
    text = f"database {where}, {settings.pool_size} connections, {settings.host}:{settings.port}"
    if unknown:
        return Finding("settings", text, f"no such setting, correct or remove: {', '.join(unknown)}")
    return Finding("settings", text)


async def _server(database: Database) -> list[Finding]:
    role = (await database.untenanted(kit_sql.role))[0]
    version = f"{role['server_version'] // 10000}.{role['server_version'] % 10000}"
    return [
        Finding("role", f"{role['name']} is bound by row-level security"),
        Finding("server", f"PostgreSQL {version}"),
    ]


async def _migrations(database: Database, settings: Settings) -> Finding:
    mismatch = await migrations.mismatch(database)
    if mismatch is None:
        return Finding("migrations", f"all applied, the last {max(migrations.files())}")
    how = " with CLM_OWNER_DATABASE_URL set" if settings.database_url else ""
    return Finding("migrations", mismatch, f"run `clm migrate`{how}; if it refuses, it says which version of clm fits")


async def _store(store: ObjectStore, settings: Settings) -> Finding:
    place = _place(settings)
    try:
        await store.ping()
        shown = await store.prove()
    except LockUnproved as error:
        return Finding("storage", f"{place}: {error}", LOCK_REMEDY)
    except (StorageError, OSError) as error:
        return Finding(
            "storage", f"{place}: {error}", "see that it runs, that the bucket is there and the key may write"
        )
    return Finding("storage", place if shown is None else f"{place}; {shown}, as a scratch object shows")


def _place(settings: Settings) -> str:
    """Where objects go, without the key and secret that the address may hold."""
    if settings.storage_url is None:
        return f"directory {settings.data_dir / 'objects'}"
    parts = urlsplit(settings.storage_url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _sealing(settings: Settings) -> Finding:
    if settings.master_key is not None:
        return Finding("sealing", "under CLM_MASTER_KEY")
    if settings.database_url is None:
        return Finding("sealing", f"under {settings.data_dir / KEY_FILE}; keep a copy of it apart from the data")
    text = "personal data cannot be attached: there is no master key to seal it under"
    return Finding("sealing", text, "set CLM_MASTER_KEY to what `openssl rand -hex 32` prints, and keep a copy")


def _master_key(settings: Settings) -> bytes | None:
    if settings.master_key is not None:
        return read_key(settings.master_key)
    kept = settings.database_url is None and (settings.data_dir / KEY_FILE).exists()
    return own_key(settings.data_dir) if kept else None


async def _keys(database: Database, master: bytes) -> Finding:
    locked = await keys.locked_out(database, master)
    if locked:
        text = f"the master key does not open what belongs to {', '.join(str(one) for one in locked[:20])}"
        return Finding("keys", text, "set the master key that it was sealed under; `clm reseal` changes it for all")
    return Finding("keys", "the master key opens every tenant's")


async def _scanner(scanner: Scanner) -> Finding:
    try:
        await scanner.ping()
    except ScannerUnavailable as error:
        return Finding("scanner", str(error), "see that clamd runs at CLM_CLAMD_URL; meanwhile nothing is attached")
    return Finding("scanner", "clamd answers")


async def _mail(mailer: Mailer) -> Finding:
    try:
        answer = await mailer.check()
    except (MailError, OSError) as error:
        remedy = "see that CLM_SMTP_URL is right and the server runs; meanwhile notices by e-mail wait"
        return Finding("mail", f"{mailer.host}:{mailer.port} does not let us in: {error}", remedy)
    return Finding("mail", f"{mailer.host}:{mailer.port} answers: {answer}")


async def _files(database: Database, store: ObjectStore, *, deep: bool) -> Finding:
    """Long where there is much: it tells on standard error how far it has come, and every file that is wrong."""
    seen = wrong = 0
    async for found in checking.check(database, store, deep=deep):
        seen += 1
        if found.wrong is not None:
            wrong += 1
            version = f"version {found.no} of attachment {found.attachment_id} of tenant {found.tenant}"
            sys.stderr.write(f"{version}: {found.wrong}\n")
        if seen % PROGRESS_EVERY == 0:
            sys.stderr.write(f"{seen} versions looked at, {wrong} of them wrong\n")
    how = "read and hashed" if deep else "there with their size (--deep reads them)"
    if wrong:
        text = f"{wrong} of {seen} versions have lost their bytes; each is named above"
        return Finding("files", text, "restore those objects from a backup of the store under the same keys")
    return Finding("files", f"{seen} versions, {how}")


async def _first_key(database: Database, settings: Settings) -> Finding:
    """Tenants cannot be counted: no role of the service sees them all. The first key leads to one of them."""
    key = settings.bootstrap_api_key
    if key is None:
        return Finding("tenants", "made by `clm keys --new-tenant`, or at the first start of an embedded service")
    actor = await accounts.find_actor(database, hash_key(key))
    if actor is None:
        return Finding("tenants", "the first key is unknown or revoked", "start `clm serve` once, or make a new key")
    clock = "a test clock" if actor.test_clock else "real time"
    return Finding("tenants", f"the first key belongs to tenant {actor.tenant}, which lives in {clock}")


async def _due(database: Database) -> Finding:
    waiting = len(await timers.tenants_with_due_work(database))
    if waiting:
        return Finding(
            "timers", f"{waiting} tenants have timers due", "run `clm worker`, or `clm serve` with CLM_WORKER"
        )
    return Finding("timers", "nothing is overdue")
