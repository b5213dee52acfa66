"""A store from its address."""

from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from clm.kit.storage.directory import DirectoryStore
from clm.kit.storage.port import ObjectStore
from clm.kit.storage.s3 import S3Store

OPTIONS = {"secure", "region"}


def from_url(url: str) -> ObjectStore:
    """The store at `file:///folder` or `s3://key:secret@host:port/bucket?secure=false&region=eu-west-1`.

    Reserved characters in key and secret are percent-encoded; `secure` is true where it is not given. Raises
    ValueError, without repeating the secret, where the address is neither.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc in {"", "localhost"} and parts.path.startswith("/"):
        return DirectoryStore(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        return _s3(parts)
    raise ValueError("a storage address is file:///folder or s3://key:secret@host:port/bucket")


def _s3(parts: SplitResult) -> S3Store:
    bucket = parts.path.strip("/")
    if not (parts.username and parts.password and parts.hostname and bucket) or "/" in bucket:
        raise ValueError("a storage address in S3 is s3://key:secret@host:port/bucket")
    options = parse_qs(parts.query, strict_parsing=bool(parts.query))
    unknown = options.keys() - OPTIONS
    secure = options.get("secure", ["true"])[-1]
    if unknown or secure not in {"true", "false"}:
        raise ValueError("a storage address in S3 takes secure=true or secure=false, and region=name")
    return S3Store(
        parts.netloc.rpartition("@")[2],
        unquote(bucket),
        access_key=unquote(parts.username),
        secret_key=unquote(parts.password),
        secure=secure == "true",
        region=options["region"][-1] if "region" in options else None,
    )
