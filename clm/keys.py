"""`clm keys`: make a tenant, make a key, revoke a key; `clm reseal`: change the master key.

For operators; tenants make their own keys over HTTP.
"""

import argparse
import sys
from uuid import UUID

import asyncpg
import msgspec

from clm.features.accounts import service as accounts
from clm.features.accounts.models import NewApiKey
from clm.features.attachments import keys as sealed
from clm.kit.auth import Authenticator
from clm.kit.db import Database
from clm.kit.problems import Problem
from clm.kit.vault import KEY_FILE, own_key, read_key
from clm.settings import Settings

FAILED = 1


async def run(database: Database, options: argparse.Namespace) -> int:
    """Do what the options say; returns the exit status. The key is printed once, alone on standard output."""
    try:
        return await _run(database, options)
    except Problem as problem:
        return _fail(problem.detail)
    except msgspec.ValidationError as error:
        return _fail(f"--name or --scope cannot be used: {error}")
    except asyncpg.ForeignKeyViolationError:
        return _fail(f"there is no tenant {options.tenant}; make one with --new-tenant NAME")


async def reseal(database: Database, settings: Settings) -> int:
    """Wrap every tenant's key under CLM_MASTER_KEY instead of the key before; returns the exit status."""
    if settings.master_key is None:
        return _fail("set CLM_MASTER_KEY to the new key", "reseal")
    if settings.old_master_key is not None:
        old = read_key(settings.old_master_key)
    elif (settings.data_dir / KEY_FILE).exists():
        old = own_key(settings.data_dir)
    else:
        return _fail("set CLM_OLD_MASTER_KEY to the key until now", "reseal")
    done, lost = await sealed.rewrap(database, old, read_key(settings.master_key))
    if lost:
        tenants = ", ".join(str(one) for one in lost)
        return _fail(f"neither key opens what belongs to {tenants}; the others are under the new key", "reseal")
    _note(f"the keys of {done} tenants are under the new master key; no other needed it")
    return 0


async def _run(database: Database, options: argparse.Namespace) -> int:
    if options.new_tenant and (options.tenant or options.revoke):
        return _fail("--new-tenant goes with neither --tenant nor --revoke")
    if options.new_tenant:
        _wanted(options)
        tenant = await accounts.create_tenant(database, options.new_tenant)
        _note(f"tenant {tenant}")
        return await _make(database, tenant, options)
    tenant_id = _uuid(options.tenant)
    if tenant_id is None:
        return _fail("say --new-tenant NAME or --tenant ID (a UUID)")
    if options.revoke:
        return await _revoke(database, tenant_id, options.revoke)
    return await _make(database, tenant_id, options)


async def _make(database: Database, tenant: UUID, options: argparse.Namespace) -> int:
    wanted = _wanted(options)
    async with database.work(tenant) as unit:
        made = await accounts.create_key(unit, wanted.name, wanted.scopes, clearance=wanted.clearance or "confidential")
    if made is None:
        return _fail("no key could be made; run the command again")
    cleared = "" if made.clearance == "confidential" else ", without clearance for confidential files"
    _note(f"key {made.id} ({wanted.name}) with {', '.join(made.scopes)}{cleared}; it is shown this once:")
    sys.stdout.write(f"{made.key}\n")
    return 0


async def _revoke(database: Database, tenant: UUID, key: str) -> int:
    key_id = _uuid(key)
    if key_id is None:
        return _fail("--revoke takes the id of a key, a UUID; `GET /v1/api-keys` lists them")
    authenticator = Authenticator(lambda digest: accounts.find_actor(database, digest))
    async with database.work(tenant) as unit:
        revoked = await accounts.revoke(unit, authenticator, key_id)
    _note(f"key {revoked.id} ({revoked.name}) is revoked; running services notice within five seconds")
    return 0


def _wanted(options: argparse.Namespace) -> NewApiKey:
    """The key asked for, held to the rules of the API; raises msgspec.ValidationError or Problem."""
    scopes = options.scope or list(accounts.ALL_SCOPES)
    wanted = msgspec.convert({"name": options.name, "scopes": scopes, "clearance": options.clearance}, NewApiKey)
    accounts.check_scopes(wanted.scopes)
    return wanted


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _note(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _fail(text: str, command: str = "keys") -> int:
    sys.stderr.write(f"clm {command}: {text}\n")
    return FAILED
