"""Objects in a bucket of any S3-compatible server, through the minio client.

The client blocks, so it runs in threads of its own. A thread is taken for a part that has arrived whole: a slow sender
holds memory of one part, and no thread. What the server says it has stored is compared with what was sent.

A server keeps the parts of an upload that a killed process left open until a lifecycle rule of the bucket aborts it.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import ClassVar, ParamSpec, TypeVar
from xml.etree.ElementTree import ParseError

import certifi
import urllib3
from minio import Minio
from minio.datatypes import Object
from minio.error import MinioException, S3Error
from urllib3.response import BaseHTTPResponse

from clm.kit.storage.port import (
    Head,
    Listed,
    ObjectMissing,
    Part,
    StorageError,
    StorageUnavailable,
    Stored,
    check_key,
    check_prefix,
    check_range,
)
from clm.kit.storage.s3_lock import Lock, Locking
from clm.kit.storage.s3_parts import InParts, tag_of
from clm.kit.storage.s3_sending import Sending, put_together

THREADS = 16
UPLOADS = 32
PART = 5 * 1024 * 1024  # the least that S3 takes; times 10,000 parts: objects up to 52 GB
READ = 2 * 1024 * 1024  # each takes a thread and back: small ones make a long download a third slower
PAGE = 500
CONNECT_SECONDS = 5
READ_SECONDS = 60.0
AT_ONCE = 2
MISSING = {"NoSuchKey", "NoSuchObject", "ResourceNotFound"}
# The last two are what the client makes of an answer that it cannot read, such as a failure told under a 200.
FAILURES = (MinioException, urllib3.exceptions.HTTPError, OSError, ParseError, ValueError)

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where the server is, and who we are there."""

    host: str
    access_key: str
    secret_key: str = field(repr=False)
    secure: bool
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Public:
    """Where those to whom addresses are given reach the server, which may be another place than where we do."""

    host: str
    secure: bool


class S3Store:
    """The S3 store. The bucket must exist; the key needs to read, write, list and delete in it."""

    moves: ClassVar = False

    def __init__(
        self,
        account: Account,
        bucket: str,
        *,
        public: Public | None = None,
        lock: Lock | None = None,
        timeout: float = READ_SECONDS,
    ) -> None:
        self._bucket = bucket
        self._http = urllib3.PoolManager(
            maxsize=THREADS + UPLOADS,
            timeout=urllib3.Timeout(connect=min(CONNECT_SECONDS, timeout), read=timeout),
            ca_certs=os.environ.get("SSL_CERT_FILE") or certifi.where(),
            retries=urllib3.Retry(
                total=2,
                backoff_factor=0.2,
                status_forcelist=[500, 502, 503, 504],
                respect_retry_after_header=False,  # a server that starts says a minute; who waits here is a person
            ),
        )

        def client(host: str, *, secure: bool) -> Minio:
            return Minio(
                host,
                access_key=account.access_key,
                secret_key=account.secret_key,
                secure=secure,
                region=account.region,
                http_client=self._http,
            )

        self._client = client(account.host, secure=account.secure)
        self._in_parts = InParts(self._client, self._http, bucket, announces=lock is not None)
        self._locking = None if lock is None else Locking(self._client, bucket, lock)
        self._signer = self._client if public is None else client(public.host, secure=public.secure)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="storage")
        self._uploads = ThreadPoolExecutor(UPLOADS, thread_name_prefix="storage-upload")

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> Stored:
        """See ObjectStore."""
        pieces = put_together(chunks, PART)
        first: list[list[bytes]] = [await anext(pieces, [])]
        size = sum(map(len, first[0]))
        if size >= PART:
            return await self._put_long(check_key(key), first, pieces)
        await self._send(self._in_parts.put, check_key(key), first[0])
        return Stored(size, hashlib.sha256(b"".join(first[0])).hexdigest())

    async def _put_long(self, key: str, first: list[list[bytes]], rest: AsyncIterator[list[bytes]]) -> Stored:
        upload_id = await self.begin_parts(key)
        sending = Sending()
        try:
            await self._send_part(key, upload_id, sending, first.pop())  # nobody holds on to it while the rest arrives
            async for piece in rest:
                await self._send_part(key, upload_id, sending, piece)
            await self._run(self._complete, key, upload_id, await sending.all_sent())
        except BaseException:
            await sending.ended()
            with suppress(StorageError):  # why it failed is told; what cannot be aborted the bucket's own rule removes
                await self.abort_parts(key, upload_id)
            raise
        return Stored(sending.size, sending.hash.hexdigest())

    async def _send_part(self, key: str, upload_id: str, sending: Sending, piece: list[bytes]) -> None:
        await sending.room(AT_ONCE)
        no = len(sending.parts) + 1
        task = asyncio.create_task(self._send(self._in_parts.send, key, upload_id, no, piece))
        sending.add(task, sum(map(len, piece)))
        await self._run(sending.take, piece)

    async def bind(self, staging_key: str, final_key: str) -> str:
        """See ObjectStore: a bucket has no other way to give an object another key than to write it again."""
        check_key(final_key)
        if self._locking is not None:
            await self._run(self._locking.extend, check_key(staging_key))
        return check_key(staging_key)

    async def open(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See ObjectStore."""
        check_range(start, end)
        response = await self._run(self._get, check_key(key), start, end)
        if response is None:
            return
        ahead = asyncio.create_task(self._run(response.read, READ))
        try:
            while chunk := await ahead:
                ahead = asyncio.create_task(self._run(response.read, READ))  # while what is here goes out
                yield chunk
        finally:
            await asyncio.gather(ahead, return_exceptions=True)
            response.close()
            response.release_conn()

    async def head(self, key: str) -> Head | None:
        """See ObjectStore."""
        size = await self._run(self._size, check_key(key))
        return None if size is None else Head(size)

    async def delete(self, key: str) -> None:
        """See ObjectStore."""
        await self._run(self._remove, check_key(key))

    async def list(self, prefix: str, *, older_than: datetime | None = None) -> AsyncIterator[Listed]:
        """See ObjectStore."""
        found = self._client.list_objects(self._bucket, prefix=check_prefix(prefix), recursive=True)
        while page := await self._run(_page, found):
            for each in page:
                if older_than is None or each.modified < older_than:
                    yield each

    async def begin_parts(self, key: str) -> str:
        """See ObjectStore."""
        return await self._run(self._in_parts.begin, check_key(key))

    async def part_url(
        self,
        key: str,
        upload_id: str,
        no: int,
        *,
        size: int,  # noqa: ARG002  the port's
        lifetime: timedelta,
        public_base: str,  # noqa: ARG002  the port's
    ) -> str:
        """See ObjectStore: an address of the server, which takes any size."""
        query: dict[str, str | list[str] | tuple[str]] = {"uploadId": upload_id, "partNumber": str(no)}
        return await self._run(
            self._signer.get_presigned_url,
            "PUT",
            self._bucket,
            check_key(key),
            expires=lifetime,
            extra_query_params=query,
        )

    async def parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """See ObjectStore."""
        return await self._run(self._in_parts.listed, check_key(key), upload_id)

    async def complete_parts(self, key: str, upload_id: str, parts: Sequence[Part]) -> None:
        """See ObjectStore."""
        await self._run(self._complete, check_key(key), upload_id, parts)

    async def abort_parts(self, key: str, upload_id: str) -> None:
        """See ObjectStore."""
        await self._run(self._in_parts.abort, check_key(key), upload_id)

    async def download_url(
        self,
        key: str,
        *,
        disposition: str,
        media_type: str,
        sha256: str,  # noqa: ARG002  the port's
        lifetime: timedelta,
        public_base: str,  # noqa: ARG002  the port's
    ) -> str:
        """See ObjectStore: an address of the server."""
        headers: dict[str, str | list[str] | tuple[str]] = {
            "response-content-disposition": disposition,
            "response-content-type": media_type,
        }
        return await self._run(
            self._signer.get_presigned_url,
            "GET",
            self._bucket,
            check_key(key),
            expires=lifetime,
            response_headers=headers,
        )

    async def ping(self) -> None:
        """See ObjectStore: the bucket is there and the key opens it."""
        if not await self._run(self._client.bucket_exists, self._bucket):
            raise StorageUnavailable(f"there is no bucket {self._bucket}")

    async def prove(self) -> str | None:
        """See ObjectStore."""
        if self._locking is None:
            return None
        await self._run(self._locking.prove)
        return f"objects are locked for {self._locking.lock.days} days ({self._locking.lock.mode.lower()})"

    async def close(self) -> None:
        """See ObjectStore."""
        self._threads.shutdown(wait=False)
        self._uploads.shutdown(wait=False)
        self._http.clear()

    async def _run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await _in(self._threads, function, *args, **kwargs)

    async def _send(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await _in(self._uploads, function, *args, **kwargs)

    def _remove(self, key: str) -> None:
        if self._locking is not None:
            self._locking.remove(key)
        else:
            self._client.remove_object(self._bucket, key)

    def _size(self, key: str) -> int | None:
        found = self._stat(key)
        return None if found is None else found.size

    def _stat(self, key: str) -> Object | None:
        try:
            found = self._client.stat_object(self._bucket, key)
        except S3Error as error:
            if error.code in MISSING:
                return None
            raise
        if "content-length" not in (found.metadata or {}):  # headers that break off look like an empty object's
            raise StorageUnavailable("the object store's answer breaks off")
        return found

    def _get(self, key: str, start: int, end: int | None) -> BaseHTTPResponse | None:
        """The open response, or None where the range holds no byte: S3 has no way to ask for nothing."""
        failure: MinioException | None = None
        if start != end:
            try:
                length = 0 if end is None else end - start
                return self._client.get_object(self._bucket, key, offset=start, length=length)
            except MinioException as error:  # the client cannot read every server's way to say what was asked wrongly
                failure = error
        size = self._size(key)
        if size is None:
            raise ObjectMissing(key)
        if failure is not None and start < size:
            raise failure
        return None

    def _complete(self, key: str, upload_id: str, parts: Sequence[Part]) -> None:
        """Make the object, and see that it is what was sent: by its tag, or by its size where the tag says nothing."""
        etag = self._in_parts.complete(key, upload_id, parts)
        if etag.lower() != tag_of(parts) and self._size(key) != sum(part.size for part in parts):
            raise StorageUnavailable("the object store has stored other bytes than were sent")


async def _in(pool: ThreadPoolExecutor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    def call() -> T:
        with _failures():
            return function(*args, **kwargs)

    return await asyncio.get_running_loop().run_in_executor(pool, call)


@contextmanager
def _failures() -> Iterator[None]:
    """Turn errors of the client, its connection pool and the network into the port's."""
    try:
        yield
    except StorageError:
        raise
    except S3Error as error:
        if error.code in MISSING:
            raise ObjectMissing(error.object_name or "") from error
        raise StorageUnavailable(f"the object store answers {error.code}") from error
    except FAILURES as error:
        raise StorageUnavailable(f"the object store fails: {type(error).__name__}") from error


def _page(found: Iterator[Object]) -> list[Listed]:
    return [
        Listed(each.object_name, each.size or 0, each.last_modified)
        for each in islice(found, PAGE)
        if each.object_name is not None and each.last_modified is not None
    ]
