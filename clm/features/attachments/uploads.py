"""The way in: what the headers of a raw body say, and its bytes as they arrive."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import InternalServerException
from litestar.params import HeaderParameter, QueryParameter

from clm.features.attachments import digests
from clm.features.attachments.models import Upload
from clm.kit.problems import FieldError, Problem, invalid

UPLOAD_BYTES = 1024**3
DEFAULT_MEDIA_TYPE = "application/octet-stream"
_TOKEN = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"  # noqa: S105  # the grammar's name for a word, no secret
_PARAMETER = rf'[ \t]*;[ \t]*{_TOKEN}=(?:{_TOKEN}|"[^"\\\x00-\x1f\x7f-\xff]*")'
_MEDIA_TYPE = re.compile(rf"^{_TOKEN}/{_TOKEN}(?:{_PARAMETER})*$", re.ASCII)


_Digest = Annotated[
    str | None, HeaderParameter(name="Content-Digest", description="`sha-256=:<base64>:` (RFC 9530); checked.")
]
_Whole = Annotated[
    str | None, HeaderParameter(name="Repr-Digest", description="As Content-Digest; nothing is encoded here.")
]
_At = Annotated[datetime | None, QueryParameter(description="When the version came to be; now where left out.")]


def provide_upload(
    request: Request[Any, Any, Any],
    state: State,
    content_digest: _Digest = None,
    repr_digest: _Whole = None,
    at: _At = None,
) -> Upload:
    """The upload that a request carries, with its headers checked before the first byte is read.

    A version may have as many bytes as the application's state says in `upload_bytes`, else 1 GiB. Raises Problem 413
    for an announced size above that, 415 for an encoded or multipart body, 400 or 422 for a digest, a media type or
    an instant that cannot be used.
    """
    upload_bytes = int(state.get("upload_bytes", UPLOAD_BYTES))
    headers = request.headers
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Problem(
            "unsupported-media-type",
            "Send the bytes without Content-Encoding.",
            headers={"accept-encoding": "identity"},
        )
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced[:18]) > upload_bytes:
        raise too_large(upload_bytes)
    if at is not None and at.tzinfo is None:
        raise invalid("/at", "An instant needs an offset, as in 2026-01-05T10:00:00+08:00.")
    return Upload(
        chunks=_chunks(request, upload_bytes),
        media_type=media_type_of(headers.get("content-type")),
        sha256=digests.agreed(digests.sha256_of(content_digest), digests.sha256_of(repr_digest)),
        at=at,
    )


def media_type_of(header: str | None) -> str:
    """The media type as sent (RFC 9110 8.3.1), `application/octet-stream` without one; raises Problem 415 or 422."""
    if header is None or not header.strip():
        return DEFAULT_MEDIA_TYPE
    media_type = header.strip()
    if media_type.lower().startswith("multipart/"):
        raise Problem("unsupported-media-type", "Send the bytes of the file as the body, not as a form.")
    if len(media_type) > 255 or not _MEDIA_TYPE.match(media_type):
        raise invalid("/headers/Content-Type", "Content-Type is no media type, such as text/csv.")
    return media_type


def too_large(upload_bytes: int) -> Problem:
    """One version has more bytes than are taken (413)."""
    message = f"A version may have {upload_bytes} bytes at most."
    return Problem("too-large", message, errors=[FieldError("", message)])


async def _chunks(request: Request[Any, Any, Any], upload_bytes: int) -> AsyncIterator[bytes]:
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > upload_bytes:
                raise too_large(upload_bytes)
            if chunk:
                yield chunk
    except InternalServerException:
        raise Problem("bad-request", "The request broke off before its end. Nothing was stored.") from None
