"""Objects in a bucket of any S3-compatible server, through the minio client.

The client blocks, so it runs in threads of its own. An upload that fits one part goes without a thread while its
bytes arrive: a slow sender then holds memory of one part, and no thread.

A server keeps the parts of an upload that a killed process left open until a lifecycle rule of the bucket aborts it.
"""

import asyncio
import hashlib
import io
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import BinaryIO, ParamSpec, TypeVar, cast

import certifi
import urllib3
from minio import Minio
from minio.commonconfig import CopySource
from minio.datatypes import Object
from minio.error import MinioException, S3Error
from urllib3.response import BaseHTTPResponse

from clm.kit.storage.pipe import Pipe
from clm.kit.storage.port import (
    CHUNK,
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
from clm.kit.storage.s3_parts import InParts

THREADS = 16
UPLOADS = 32
PART = 5 * 1024 * 1024  # the least that S3 takes; times 10,000 parts: objects up to 52 GB
PAGE = 500
CONNECT_SECONDS = 5
READ_SECONDS = 60
MISSING = {"NoSuchKey", "NoSuchObject", "ResourceNotFound"}

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Public:
    """Where those to whom addresses are given reach the server, which may be another place than where we do."""

    host: str
    secure: bool


class S3Store:
    """The S3 store. The bucket must exist; the key needs to read, write, list and delete in it."""

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        *,
        access_key: str,
        secret_key: str,
        secure: bool,
        region: str | None = None,
        public: Public | None = None,
    ) -> None:
        self._bucket = bucket
        self._http = urllib3.PoolManager(
            maxsize=THREADS + UPLOADS,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            ca_certs=os.environ.get("SSL_CERT_FILE") or certifi.where(),
            retries=urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
        )

        def client(host: str, *, secure: bool) -> Minio:
            return Minio(
                host, access_key=access_key, secret_key=secret_key, secure=secure, region=region, http_client=self._http
            )

        self._client = client(endpoint, secure=secure)
        self._in_parts = InParts(self._client, self._http, bucket)
        self._signer = self._client if public is None else client(public.host, secure=public.secure)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="storage")
        self._uploads = ThreadPoolExecutor(UPLOADS, thread_name_prefix="storage-upload")

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> Stored:
        """See ObjectStore."""
        check_key(key)
        start: list[bytes] = []
        size = 0
        async for chunk in chunks:
            start.append(chunk)
            size += len(chunk)
            if size >= PART:
                return await self._put_long(key, start, chunks)
        whole = b"".join(start)
        await self._run(self._upload, key, io.BytesIO(whole), size)
        return Stored(size, hashlib.sha256(whole).hexdigest())

    async def _put_long(self, key: str, start: list[bytes], rest: AsyncIterator[bytes]) -> Stored:
        pipe = Pipe()
        upload = asyncio.get_running_loop().run_in_executor(self._uploads, self._upload, key, pipe)
        upload.add_done_callback(lambda done: _let_go(pipe, done))
        try:
            while start:
                await pipe.feed(start.pop(0))
            async for chunk in rest:
                if upload.done():
                    break
                await pipe.feed(chunk)
            pipe.finish()
            await asyncio.shield(upload)
        except BaseException:
            pipe.fail()
            await asyncio.wait([upload])
            raise
        return Stored(pipe.size, pipe.sha256)

    async def bind(self, staging_key: str, final_key: str) -> None:
        """See ObjectStore."""
        await self._run(self._bind, check_key(staging_key), check_key(final_key))

    async def open(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See ObjectStore."""
        check_range(start, end)
        response = await self._run(self._get, check_key(key), start, end)
        if response is None:
            return
        try:
            while chunk := await self._run(response.read, CHUNK):
                yield chunk
        finally:
            response.close()
            response.release_conn()

    async def head(self, key: str) -> Head | None:
        """See ObjectStore."""
        size = await self._run(self._size, check_key(key))
        return None if size is None else Head(size)

    async def delete(self, key: str) -> None:
        """See ObjectStore."""
        await self._run(self._client.remove_object, self._bucket, check_key(key))

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
        await self._run(self._in_parts.complete, check_key(key), upload_id, parts)

    async def abort_parts(self, key: str, upload_id: str) -> None:
        """See ObjectStore."""
        await self._run(self._in_parts.abort, check_key(key), upload_id)

    async def download_url(
        self,
        key: str,
        *,
        disposition: str,
        media_type: str,
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

    async def close(self) -> None:
        """See ObjectStore."""
        self._threads.shutdown(wait=False)
        self._uploads.shutdown(wait=False)
        self._http.clear()

    async def _run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        def call() -> T:
            with _failures():
                return function(*args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _upload(self, key: str, data: io.BytesIO | Pipe, length: int = -1) -> None:
        part = PART if length < 0 else 0
        with _failures():
            self._client.put_object(
                self._bucket, key, cast("BinaryIO", data), length, part_size=part, num_parallel_uploads=1
            )

    def _bind(self, staging_key: str, final_key: str) -> None:
        size, bound = self._size(staging_key), self._size(final_key)
        if size is None:
            if bound is None:
                raise ObjectMissing(staging_key)
            return
        if size != bound:
            self._copy(staging_key, final_key, size)
        self._client.remove_object(self._bucket, staging_key)

    def _copy(self, staging_key: str, final_key: str, size: int) -> None:
        try:
            self._client.copy_object(self._bucket, final_key, CopySource(self._bucket, staging_key))
        except (MinioException, urllib3.exceptions.HTTPError):
            # Someone else may have bound the same object meanwhile and removed it under our copy.
            if self._size(final_key) != size:
                raise

    def _size(self, key: str) -> int | None:
        try:
            return cast("int", self._client.stat_object(self._bucket, key).size)
        except S3Error as error:
            if error.code in MISSING:
                return None
            raise

    def _get(self, key: str, start: int, end: int | None) -> BaseHTTPResponse | None:
        """The open response, or None where the range holds no byte: S3 has no way to ask for nothing."""
        size = self._size(key)
        if size is None:
            raise ObjectMissing(key)
        length = min(size if end is None else end, size) - start
        if length <= 0:
            return None
        return self._client.get_object(self._bucket, key, offset=start, length=length)


def _let_go(pipe: Pipe, upload: asyncio.Future[None]) -> None:
    pipe.release()
    if not upload.cancelled():
        upload.exception()  # seen here, so that asyncio does not report it once more where the source broke off first


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
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise StorageUnavailable(f"the object store fails: {type(error).__name__}") from error


def _page(found: Iterator[Object]) -> list[Listed]:
    return [
        Listed(each.object_name, each.size or 0, each.last_modified)
        for each in islice(found, PAGE)
        if each.object_name is not None and each.last_modified is not None
    ]
