"""Forward-only migrations: numbered SQL files, each in its own transaction, each with a checksum."""

import hashlib
from importlib import resources

import asyncpg

from clm.kit.db import Database, sql


class MigrationError(Exception):
    """The files and the database do not agree; nothing was changed."""


async def migrate(dsn: str, package: str = "clm.migrations") -> list[str]:
    """Apply what is not applied yet, as the owner role; returns the names applied.

    An advisory lock keeps two starters apart. Raises MigrationError where an applied file has changed or is missing.
    """
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql.lock_migrations)
        return await _apply(connection, files(package))
    finally:
        await connection.close()


async def mismatch(database: Database) -> str | None:
    """What is wrong with the schema; None where it is this package's, or a later one that an upgrade has brought."""
    try:
        applied = {row["name"]: row["checksum"] for row in await database.untenanted(sql.applied_migrations)}
    except asyncpg.UndefinedTableError:
        applied = {}
    wanted = {name: checksum(text) for name, text in files().items()}
    if set(wanted) - set(applied):
        return "The database's schema is older than this version. Run `clm migrate`."
    if any(applied[name] != wanted[name] for name in wanted):
        return "The database's schema comes from other migrations than this version's."
    return None


def files(package: str = "clm.migrations") -> dict[str, str]:
    """Name -> text, in order."""
    found = [f for f in resources.files(package).iterdir() if f.name.endswith(".sql")]
    return {f.name: f.read_text(encoding="utf-8") for f in sorted(found, key=lambda f: f.name)}


async def _apply(connection: asyncpg.Connection, texts: dict[str, str]) -> list[str]:
    await connection.execute(sql.migrations_table)
    applied = {row["name"]: row["checksum"] for row in await connection.fetch(sql.applied_migrations)}
    _check(texts, applied)
    new = [name for name in texts if name not in applied]
    for name in new:
        async with connection.transaction():
            await connection.execute(sql.migration_limits)
            await connection.execute(texts[name])
            await connection.execute(sql.record_migration, name, checksum(texts[name]))
    return new


def _check(texts: dict[str, str], applied: dict[str, str]) -> None:
    for name, stored in applied.items():
        if name not in texts:
            raise MigrationError(f"{name} is applied but no longer in the package: this clm is older than its database")
        if checksum(texts[name]) != stored:
            raise MigrationError(f"{name} has changed since it was applied: add a new migration instead")
    new = [name for name in texts if name not in applied]
    if applied and new and min(new) < max(applied):
        raise MigrationError(f"{min(new)} comes before {max(applied)}, which is applied: number it higher")


def checksum(text: str) -> str:
    """SHA-256 of a migration's text."""
    return hashlib.sha256(text.encode()).hexdigest()
