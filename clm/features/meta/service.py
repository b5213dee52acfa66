"""Whether everything that the service needs is there."""

from clm.features.meta.models import Readiness
from clm.kit import migrations
from clm.kit.db import Database
from clm.kit.problems import Problem
from clm.kit.storage import ObjectStore


async def readiness(database: Database, store: ObjectStore) -> Readiness:
    """Ready, or Problem 503: the database answers with the schema of this package, and so does the object store."""
    mismatch = await migrations.mismatch(database)
    if mismatch is not None:
        raise Problem("unavailable", mismatch)
    await store.ping()
    return Readiness("ready", {"database": "ready", "migrations": "ready", "storage": "ready"})
