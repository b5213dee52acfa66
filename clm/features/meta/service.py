"""Whether everything that the service needs is there."""

from clm.features.meta.models import Readiness
from clm.kit import migrations
from clm.kit.db import Database, sql
from clm.kit.problems import Problem
from clm.kit.storage import ObjectStore


async def readiness(database: Database, store: ObjectStore) -> Readiness:
    """Ready, or Problem 503: the database answers with the schema of this package, and so does the object store."""
    applied = {row["name"]: row["checksum"] for row in await database.untenanted(sql.applied_migrations)}
    wanted = {name: migrations.checksum(text) for name, text in migrations.files().items()}
    if applied != wanted:
        raise Problem("unavailable", "The database's schema is not the one of this version. Run `clm migrate`.")
    await store.ping()
    return Readiness("ready", {"database": "ready", "migrations": "ready", "storage": "ready"})
