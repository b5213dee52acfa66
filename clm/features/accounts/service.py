"""Tenants and keys: made by the command line and at first start, and by keys that may."""

import datetime as dt
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol
from uuid import UUID

from clm.features.accounts.models import ApiKey, Clearance, MadeApiKey, NewApiKey
from clm.kit import paging
from clm.kit import sql as sql_files
from clm.kit.auth import INSTALLATION, Actor, Authenticator, hash_key, new_key
from clm.kit.db import Database, Queries, Unit
from clm.kit.ids import uuid7
from clm.kit.paging import Page
from clm.kit.problems import FieldError, Problem, not_found

sql = sql_files.load(__package__)

FIRST_KEY_FILE = "first-key"
ALL_SCOPES = ("*",)
OPERATOR_SCOPES = ("*", INSTALLATION)
"""The first key's: whoever starts an installation may also load what concerns every tenant of it."""
RESOURCES = (
    "attachments",
    "calculations",
    "carriers",
    "confidentiality",
    "contract-types",
    "contracts",
    "corrections",
    "events",
    "keys",
    "notices",
    "parties",
    "review",
    "test-clock",
)
"""What scopes are about: every guard of a route names one of these; waiving an error asks for `review:write`,
a correction for `corrections:write`."""


class Bootstrap(Protocol):
    """The settings that say which first tenant and key there should be."""

    @property
    def data_dir(self) -> Path:
        """Where a generated first key is kept."""

    @property
    def bootstrap_api_key(self) -> str | None:
        """The first key, where it is given."""

    @property
    def bootstrap_test_clock(self) -> dt.datetime | None:
        """The instant at which the first tenant's test clock starts, if it has one."""


async def find_actor(database: Database, digest: bytes) -> Actor | None:
    """Who holds the key with this SHA-256; None for an unknown or revoked key."""
    rows = await database.untenanted(sql.find_actor, digest)
    if not rows:
        return None
    row = rows[0]
    cleared = row["clearance"] == "confidential"
    return Actor(row["tenant_id"], row["key_id"], frozenset(row["scopes"]), row["test_clock"], cleared)


async def create_tenant(database: Database, name: str, test_clock: dt.datetime | None = None) -> UUID:
    """Make a tenant, with a clock of its own that starts at `test_clock` where that is given; returns its id."""
    tenant = uuid7()
    async with database.work(tenant) as unit:
        await unit.run(sql.add_tenant, name, test_clock)
    return tenant


async def create_key(
    unit: Unit,
    name: str,
    scopes: Iterable[str] = ALL_SCOPES,
    key: str | None = None,
    clearance: Clearance = "confidential",
) -> MadeApiKey | None:
    """Store a key (a fresh one unless `key` is given) for the unit's tenant; None where the tenant has it already.

    Raises Problem 422 for a scope of a resource that there is not.
    """
    scopes = list(scopes)
    check_scopes(scopes)
    key = key or new_key()
    row = await unit.one(sql.add_key, uuid7(), name, hash_key(key), sorted(set(scopes)), clearance)
    return None if row is None else MadeApiKey(**row, key=key)


async def bootstrap(database: Database, settings: Bootstrap) -> str | None:
    """See to it that there is a first tenant with a first key; safe to repeat, and for two starters at once.

    Returns the key if it was generated and has just been stored: the caller prints it, once. It stays in the file
    `first-key` of the data folder, readable by the owner alone.
    """
    key = settings.bootstrap_api_key or _first_key(settings.data_dir)
    if await find_actor(database, hash_key(key)) is not None:
        return None
    async with database.work(_first_tenant(key)) as unit:
        await unit.run(sql.add_tenant, "first", settings.bootstrap_test_clock)
        made = await create_key(unit, "first key", OPERATOR_SCOPES, key=key)
    return key if made is not None and settings.bootstrap_api_key is None else None


async def make(unit: Unit, actor: Actor, new: NewApiKey) -> MadeApiKey:
    """A key of the actor's tenant; raises Problem 422 for an unknown scope.

    403 for a scope, or a clearance, that the actor's key lacks itself.
    """
    check_scopes(new.scopes)
    lacking = [number for number, scope in enumerate(new.scopes) if not covers(actor.scopes, scope)]
    if lacking:
        errors = [FieldError(f"/scopes/{number}", f"Your key lacks {new.scopes[number]}.") for number in lacking]
        raise Problem("forbidden", "A key may not grant scopes that it lacks itself.", errors=errors)
    clearance = new.clearance or ("confidential" if actor.cleared else "none")
    if clearance != "none" and not actor.cleared:
        errors = [FieldError("/clearance", "Your key lacks it.")]
        raise Problem("forbidden", "A key may not grant a clearance that it lacks itself.", errors=errors)
    made = await create_key(unit, new.name, new.scopes, clearance=clearance)
    if made is None:
        raise Problem("busy", "No key could be made. Send the request again.")
    return made


async def list_keys(db: Queries, limit: int, cursor: str | None) -> Page[ApiKey]:
    """The tenant's keys, oldest first, the revoked ones too."""
    limit = paging.limit_of(limit)
    rows = await db.all(sql.list_keys, paging.decode(cursor, UUID), limit + 1)
    return paging.page(rows, limit, lambda row: ApiKey(**row), lambda row: row["id"])


async def revoke(unit: Unit, authenticator: Authenticator, key: UUID) -> ApiKey:
    """End a key for good; raises Problem 404 where there is none."""
    row = await unit.one(sql.revoke_key, key)
    if row is None:
        raise not_found("API key")
    unit.after_commit.append(lambda: authenticator.forget(key))
    return ApiKey(**row)


def check_scopes(scopes: Iterable[str]) -> None:
    """Raise Problem 422 where a scope is about a resource that there is not."""
    known = {*RESOURCES, "*"}
    unknown = [n for n, one in enumerate(scopes) if one.partition(":")[0] not in known and one != INSTALLATION]
    if unknown:
        text = (
            f"There is no such resource; known: {', '.join(RESOURCES)}. Each has `:read`, `:write` and `:*`. "
            f"Beside them there is {INSTALLATION}."
        )
        raise Problem("invalid", text, errors=[FieldError(f"/scopes/{number}", text) for number in unknown])


def covers(held: Iterable[str], wanted: str) -> bool:
    """Whether the scopes held include the scope wanted; what concerns the installation no wildcard includes."""
    held = set(held)
    if wanted in held:
        return True
    if wanted == INSTALLATION:
        return False
    if "*" in held:
        return True
    resource, _, verb = wanted.partition(":")
    if verb == "*":
        return all(covers(held, f"{resource}:{one}") for one in ("read", "write")) or f"{resource}:*" in held
    return verb != "" and (f"*:{verb}" in held or (resource != "*" and f"{resource}:*" in held))


def _first_tenant(key: str) -> UUID:
    """The first key's tenant id, made from the key (UUIDv8, RFC 9562 5.8).

    Nobody may look for a tenant across tenants, and a revoked first key must not bring forth a second tenant: the
    same key always leads to the same one.
    """
    digest = hashlib.sha256(b"clm first tenant\0" + key.encode("utf-8", "surrogateescape")).digest()
    number = int.from_bytes(digest[:16], "big") & ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=number | 0x8 << 76 | 0b10 << 62)


def _first_key(data_dir: Path) -> str:
    """The generated first key, from its file; made where there is none."""
    file = data_dir / FIRST_KEY_FILE
    if not file.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        fresh = data_dir / f".{FIRST_KEY_FILE}-{uuid7()}"
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as out:
                out.write(new_key() + "\n")
                out.flush()
                os.fsync(out.fileno())
            _link_unless_there(fresh, file)
        finally:
            fresh.unlink()
    return file.read_text(encoding="ascii").strip()


def _link_unless_there(fresh: Path, file: Path) -> None:
    try:
        os.link(fresh, file)
    except FileExistsError:
        return  # another starter was first; its key is read instead
