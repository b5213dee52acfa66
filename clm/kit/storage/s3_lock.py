"""Object lock: versions that the server itself lets nobody delete or replace until a day.

Not every server that says yes to a lock has one; some take the request for the object itself. So a lock that is
configured is shown on a scratch object before anything relies on it.
"""

import io
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import uuid4

from minio import Minio
from minio.error import MinioException, S3Error
from minio.retention import Retention

from clm.kit.storage.port import LockUnproved

Mode = Literal["GOVERNANCE", "COMPLIANCE"]
PROOFS = "lock-proof/"
_CONTENT, _OTHER = b"This object is locked.", b"This should never be read."
_PROOF_LASTS = timedelta(minutes=2)
_DENIED = {"AccessDenied", "ObjectLocked", "InvalidRequest", "WORMProtected"}


@dataclass(frozen=True, slots=True)
class Lock:
    """How bound objects are locked: in governance mode those who have a special right may still lift it."""

    mode: Mode
    days: int


class Locking:
    """The locks of one bucket. Blocks, as the client does."""

    def __init__(self, client: Minio, bucket: str, lock: Lock) -> None:
        self._client = client
        self._bucket = bucket
        self.lock = lock

    def retention(self) -> Retention:
        """What an object is stored with that is bound now."""
        return self._until(timedelta(days=self.lock.days))

    def extend(self, key: str) -> None:
        """Lock an object that is bound again as long as if it were bound now."""
        wanted = self.retention()
        found = self._client.get_object_retention(self._bucket, key)
        if found is None or found.retain_until_date < wanted.retain_until_date:
            self._client.set_object_retention(self._bucket, key, wanted)

    def remove(self, key: str) -> None:
        """Remove every version that is not locked; those that are stay behind a mark that the key has no object."""
        denied = False
        for each in self._client.list_objects(self._bucket, prefix=key, recursive=True, include_version=True):
            if each.object_name == key:
                denied = not self._removed(key, each.version_id) or denied
        if denied:
            self._client.remove_object(self._bucket, key)

    def prove(self) -> None:
        """Lock a scratch object, try to be rid of it, and see that it is still there; raises LockUnproved."""
        self._tidy()
        key = f"{PROOFS}{uuid4().hex}"
        try:
            version = self._locked(key)
            self._attacked(key, version)
        except MinioException as error:
            code = error.code if isinstance(error, S3Error) else type(error).__name__
            raise LockUnproved(f"the server answers {code} to what a lock needs") from error

    def _locked(self, key: str) -> str:
        made = self._client.put_object(
            self._bucket, key, io.BytesIO(_CONTENT), len(_CONTENT), retention=self._until(_PROOF_LASTS / 2)
        )
        version = made.version_id
        if not version:
            raise LockUnproved("the bucket keeps no versions of an object, so nothing in it can be locked")
        asked = self._until(_PROOF_LASTS)
        self._client.set_object_retention(self._bucket, key, asked, version_id=version)
        for read in (version, None):
            self._check(key, read, "stored the request for a lock in the place of the object")
        found = self._client.get_object_retention(self._bucket, key, version_id=version)
        if found is None or found.mode != asked.mode:
            raise LockUnproved("the server takes a lock and forgets it")
        return version

    def _attacked(self, key: str, version: str) -> None:
        self._removed(key, version)
        self._check(key, version, "deleted a locked version")
        self._client.put_object(self._bucket, key, io.BytesIO(_OTHER), len(_OTHER))
        self._check(key, version, "replaced a locked version")
        self._client.remove_object(self._bucket, key)
        self._check(key, version, "deleted a locked version with its key")

    def _check(self, key: str, version: str | None, else_what: str) -> None:
        try:
            response = self._client.get_object(self._bucket, key, version_id=version)
        except S3Error as error:
            raise LockUnproved(f"the server {else_what} ({error.code})") from error
        try:
            if response.read() != _CONTENT:
                raise LockUnproved(f"the server {else_what}")
        finally:
            response.close()
            response.release_conn()

    def _removed(self, key: str, version: str | None) -> bool:
        try:
            self._client.remove_object(self._bucket, key, version_id=version)
        except S3Error as error:
            if error.code not in _DENIED:
                raise
            return False
        return True

    def _tidy(self) -> None:
        """Remove the scratch objects of earlier proofs, as far as their locks have ended."""
        before = datetime.now(UTC) - 2 * _PROOF_LASTS
        with suppress(MinioException):  # what is left over costs some bytes; that the server has locks is shown below
            for each in self._client.list_objects(self._bucket, prefix=PROOFS, recursive=True, include_version=True):
                if each.object_name and each.last_modified and each.last_modified < before:
                    self._removed(each.object_name, each.version_id)

    def _until(self, lasting: timedelta) -> Retention:
        return Retention(self.lock.mode, datetime.now(UTC) + lasting)
