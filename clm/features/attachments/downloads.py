"""The way out: a version's bytes, whole or in part, without a database connection held."""

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import msgspec
import structlog
from litestar import Response
from litestar.background_tasks import BackgroundTask
from litestar.params import HeaderParameter
from litestar.response import Stream

from clm.features.attachments import digests, ranges, storing
from clm.features.attachments.models import Content
from clm.features.attachments.upload_models import ContentLink
from clm.kit.problems import Problem, invalid
from clm.kit.sealing import SealBroken
from clm.kit.storage import ObjectMissing, StorageUnavailable
from clm.kit.vault import Vault

log = structlog.get_logger("clm.attachments")

LINK_SECONDS = 300
LINK_SECONDS_AT_MOST = 3600
_ATTR_CHARS = "!#$&+-.^_`|~"


class Asked(msgspec.Struct, frozen=True):
    """What a GET of content says in its headers."""

    range: str | None
    if_range: str | None
    if_none_match: str | None


def provide_asked(
    range_: Annotated[str | None, HeaderParameter(name="Range", description="One range (RFC 9110 14.2).")] = None,
    if_range: Annotated[str | None, HeaderParameter(name="If-Range")] = None,
    if_none_match: Annotated[str | None, HeaderParameter(name="If-None-Match")] = None,
) -> Asked:
    """Those headers of the request at hand."""
    return Asked(range_, if_range, if_none_match)


async def answer(
    vault: Vault, tenant: UUID, content: Content, asked: Asked, *, disposition: str | None = None
) -> Response[Any]:
    """200 with everything, 206 with a part, or 304; raises Problem 416.

    The first bytes are fetched before the status is sent, so that a store that fails gives a problem and not a
    broken answer.
    """
    tag = f'"{content.sha256}"'
    headers = {"etag": tag, "accept-ranges": "bytes", "cache-control": "private, no-cache"}
    if ranges.unchanged(asked.if_none_match, tag):
        return Response(b"", status_code=304, headers=headers)
    span = ranges.wanted(asked.range, asked.if_range, tag, content.size)
    start, end = span or (0, content.size)
    headers |= {
        "content-type": content.media_type,  # as a header: Litestar would add a charset to a text of any encoding
        "content-length": str(end - start),
        "content-disposition": disposition or disposition_of(content.name),
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",  # should a browser show it all the same
        "repr-digest": digests.field(content.sha256),
    }
    if span is None:
        headers["content-digest"] = headers["repr-digest"]
    else:
        headers["content-range"] = f"bytes {start}-{end - 1}/{content.size}"
    status = 200 if span is None else 206
    body = _read(vault, tenant, content, start, end)
    first = await anext(body, b"")
    if len(first) == end - start:  # at once: to stream takes a task group
        await body.aclose()
        return Response(first, status_code=status, headers=headers)
    closing = BackgroundTask(_close, body)  # a reader that breaks off would leave the object open
    return Stream(_rest(first, body), status_code=status, headers=headers, background=closing)


async def link(vault: Vault, content: Content, seconds: int, base: str) -> ContentLink:
    """An address that gives the content to whoever has it; raises Problem 409 where it is sealed, 410, 422."""
    if not 1 <= seconds <= LINK_SECONDS_AT_MOST:
        raise invalid("/seconds", f"An address lasts from 1 to {LINK_SECONDS_AT_MOST} seconds.")
    if content.wrapped_key is not None:
        text = "The version is sealed, and only the service opens it. Read its content, there is no address for it."
        raise Problem("not-allowed-now", text)
    if await vault.store.head(content.key) is None:
        raise StorageUnavailable(f"there is no object {content.key}")
    lifetime = timedelta(seconds=seconds)
    expires_at = datetime.now(UTC) + lifetime
    url = await vault.store.download_url(
        content.key,
        disposition=disposition_of(content.name),
        media_type=content.media_type,
        sha256=content.sha256,
        lifetime=lifetime,
        public_base=base,
    )
    return ContentLink(url, expires_at.replace(microsecond=0))


def disposition_of(name: str) -> str:
    """`Content-Disposition` (RFC 6266): the name in ASCII for old clients, and in full (RFC 8187)."""
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=_ATTR_CHARS)}"


def _read(vault: Vault, tenant: UUID, content: Content, start: int, end: int) -> AsyncGenerator[bytes, None]:
    return _checked(storing.content_opener(vault, tenant, content)(start, end))


async def _checked(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The bytes, or a problem where what the row points at is not in the store, or is not what was put there."""
    try:
        async for chunk in chunks:
            yield chunk
    except (ObjectMissing, SealBroken) as error:
        log.exception("bytes are lost")
        text = (
            "The bytes of the version are not in the object store as they should be. `clm doctor` says what is wrong."
        )
        raise Problem("unavailable", text) from error
    finally:
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()


async def _rest(first: bytes, chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    yield first
    async for chunk in chunks:
        yield chunk


async def _close(body: AsyncGenerator[bytes, None]) -> None:
    await body.aclose()
