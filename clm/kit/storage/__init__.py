"""Where bytes live: one small port, two stores behind it.

    store = from_url("file:///var/lib/clm/objects")
    store = from_url("s3://key:secret@minio.internal:9000/contracts?secure=false")

Bytes arrive under a staging key, are hashed on the way, and are bound once they are known good: moved to a final key
where the store can, else left where they are.
"""

from clm.kit.storage.directory import TRANSFERS, DirectoryStore
from clm.kit.storage.port import (
    Head,
    InvalidKey,
    Listed,
    LockUnproved,
    ObjectMissing,
    ObjectStore,
    Part,
    PartsDiffer,
    StorageError,
    StorageUnavailable,
    Stored,
    UploadMissing,
)
from clm.kit.storage.signing import TicketRefused
from clm.kit.storage.urls import from_url

__all__ = [
    "TRANSFERS",
    "DirectoryStore",
    "Head",
    "InvalidKey",
    "Listed",
    "LockUnproved",
    "ObjectMissing",
    "ObjectStore",
    "Part",
    "PartsDiffer",
    "StorageError",
    "StorageUnavailable",
    "Stored",
    "TicketRefused",
    "UploadMissing",
    "from_url",
]
