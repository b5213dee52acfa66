"""A store from its address."""

import re
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from clm.kit.storage.directory import DirectoryStore
from clm.kit.storage.port import ObjectStore
from clm.kit.storage.s3 import READ_SECONDS, Account, Public, S3Store
from clm.kit.storage.s3_lock import Lock

OPTIONS = {"secure", "region", "public", "lock", "timeout"}
_LOCK = re.compile(r"(governance|compliance):([1-9]\d{0,4})d")


def from_url(url: str) -> ObjectStore:
    """The store at `file:///folder` or `s3://key:secret@host:port/bucket?secure=false&region=eu-west-1`.

    Reserved characters in key and secret are percent-encoded; `secure` is true where it is not given. `public`
    (`https://files.example.com`, with a region) is where others reach the server at the addresses they are given;
    `lock` (`governance:30d`, `compliance:3650d`) for how many days the server lets nobody remove what was bound;
    `timeout` how many seconds an answer may take.
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
    account = Account(
        host=parts.netloc.rpartition("@")[2],
        access_key=unquote(parts.username),
        secret_key=unquote(parts.password),
        secure=secure == "true",
        region=options["region"][-1] if "region" in options else None,
    )
    return S3Store(
        account,
        unquote(bucket),
        public=_public(options["public"][-1], options) if "public" in options else None,
        lock=_lock(options["lock"][-1]) if "lock" in options else None,
        timeout=_timeout(options["timeout"][-1]) if "timeout" in options else READ_SECONDS,
    )


def _lock(text: str) -> Lock:
    found = _LOCK.fullmatch(text)
    if found is None:
        raise ValueError("a storage address in S3 takes lock=governance:30d or lock=compliance:30d, in days")
    return Lock("GOVERNANCE" if found[1] == "governance" else "COMPLIANCE", int(found[2]))


def _timeout(text: str) -> float:
    if not re.fullmatch(r"\d{1,4}(\.\d{1,3})?", text) or float(text) == 0:
        raise ValueError("a storage address in S3 takes timeout=seconds")
    return float(text)


def _public(address: str, options: dict[str, list[str]]) -> Public:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/") or "region" not in options:
        raise ValueError("a storage address in S3 takes public=https://host with no path, and a region beside it")
    return Public(parts.netloc, parts.scheme == "https")
