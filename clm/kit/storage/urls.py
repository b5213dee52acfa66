"""A store from its address."""

from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from clm.kit.storage.directory import DirectoryStore
from clm.kit.storage.port import ObjectStore
from clm.kit.storage.s3 import Public, S3Store

OPTIONS = {"secure", "region", "public"}


def from_url(url: str) -> ObjectStore:
    """The store at `file:///folder` or `s3://key:secret@host:port/bucket?secure=false&region=eu-west-1`.

    Reserved characters in key and secret are percent-encoded; `secure` is true where it is not given. `public`
    (`https://files.example.com`, with a region) is where others reach the server at the addresses they are given.
    Raises ValueError, without repeating the secret, where the address is neither.
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
        raise ValueError("a storage address in S3 takes secure=true or secure=false, region=name, public=https://host")
    return S3Store(
        parts.netloc.rpartition("@")[2],
        unquote(bucket),
        access_key=unquote(parts.username),
        secret_key=unquote(parts.password),
        secure=secure == "true",
        region=options["region"][-1] if "region" in options else None,
        public=_public(options["public"][-1], options) if "public" in options else None,
    )


def _public(address: str, options: dict[str, list[str]]) -> Public:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/") or "region" not in options:
        raise ValueError("a storage address in S3 takes public=https://host with no path, and a region beside it")
    return Public(parts.netloc, parts.scheme == "https")
