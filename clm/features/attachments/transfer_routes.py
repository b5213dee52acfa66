"""The addresses that a directory store signs: parts in, bytes out, for whoever has the address and without a key."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, put
from litestar.di import NamedDependency, Provide
from litestar.exceptions import InternalServerException

from clm.features.attachments import downloads
from clm.features.attachments.models import Content
from clm.kit.given import FromPath, Vault
from clm.kit.problems import Problem, invalid, not_found, register
from clm.kit.storage import DirectoryStore, PartsDiffer, TicketRefused, UploadMissing

CHUNK_SECONDS = 30.0

register("address-refused", 403, "The address does not open this")


@put("/transfers/{token:str}", include_in_schema=False)
async def take_part(request: Request[Any, Any, Any], vault: Vault, token: FromPath[str]) -> Response[bytes]:
    store = _directory(vault)
    try:
        etag = await store.take(token, _chunks(request))
    except TicketRefused as refused:
        raise Problem("address-refused", str(refused)) from None
    except UploadMissing:
        raise Problem("gone", "The upload takes no more parts.") from None
    except PartsDiffer as differs:
        raise invalid("", f"Nothing was stored: {differs}.") from None
    return Response(b"", status_code=200, headers={"etag": f'"{etag}"'})


@get(
    "/transfers/{token:str}",
    include_in_schema=False,
    dependencies={"asked": Provide(downloads.provide_asked, sync_to_thread=False)},
)
async def give_bytes(vault: Vault, asked: NamedDependency[downloads.Asked], token: FromPath[str]) -> Response[Any]:
    store = _directory(vault)
    try:
        ticket = store.ticket(token)
    except TicketRefused as refused:
        raise Problem("address-refused", str(refused)) from None
    head = await store.head(ticket.key)
    if head is None:
        raise Problem("gone", "The bytes of this address are gone.")
    tenant = ticket.key.partition("/")[0]
    content = Content(
        attachment_id=UUID(int=0),
        no=0,
        key=ticket.key,
        name="",
        size=head.size,
        sha256=ticket.sha256,
        media_type=ticket.media_type,
        wrapped_key=None,
        tenant_key=None,
        withheld=False,
    )
    return await downloads.answer(vault, UUID(tenant), content, asked, disposition=ticket.disposition)


def _directory(vault: Vault) -> DirectoryStore:
    """The store that these addresses are of; others have addresses of their own."""
    if not isinstance(vault.store, DirectoryStore):
        raise not_found("page")
    return vault.store


async def _chunks(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    stream = aiter(request.stream())
    try:
        while True:
            async with asyncio.timeout(CHUNK_SECONDS):
                chunk = await anext(stream)
            if chunk:
                yield chunk
    except StopAsyncIteration:
        return
    except TimeoutError:
        raise Problem("timeout", f"Nothing arrived for {CHUNK_SECONDS:.0f} seconds.") from None
    except InternalServerException:
        raise Problem("bad-request", "The request broke off before its end. Nothing was stored.") from None


routes = [take_part, give_bytes]
