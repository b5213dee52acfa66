"""Settings, all from the environment and all optional: without any, everything is embedded."""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import msgspec

from clm.kit.auth import MINIMUM_LENGTH
from clm.kit.inspection import Scanner
from clm.kit.mail import Mailer
from clm.kit.vault import read_key

TEST_CLOCK_DEFAULT = datetime.fromisoformat("2020-01-01T00:00:00+08:00")


class SettingsError(Exception):
    """A setting cannot be used; the message names it and says what it should be."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What can be set; each field says its variable."""

    database_url: str | None = None
    """`CLM_DATABASE_URL`: the service role's address; without it a PostgreSQL of our own is started."""
    owner_database_url: str | None = None
    """`CLM_OWNER_DATABASE_URL`: the owner role's address, for `clm migrate` only."""
    data_dir: Path = Path(".clm")
    """`CLM_DATA_DIR`: where the embedded server and the directory store keep their files."""
    storage_url: str | None = None
    """`CLM_STORAGE_URL`: `file:///path` or `s3://key:secret@host:port/bucket?secure=true`."""
    master_key: str | None = None
    """`CLM_MASTER_KEY`: 32 bytes in hexadecimal, over the keys of sealed files. Embedded, one is made."""
    old_master_key: str | None = None
    """`CLM_OLD_MASTER_KEY`: the master key until now, for `clm reseal` only."""
    clamd_url: str | None = None
    """`CLM_CLAMD_URL`: `tcp://host:3310` or `unix:///path`; then every upload is scanned, and none taken unseen."""
    smtp_url: str | None = None
    """`CLM_SMTP_URL`: `smtp://user:secret@host:587?from=notices@example.com`; sends notices by e-mail."""
    host: str = "127.0.0.1"
    """`CLM_HOST`."""
    port: int = 8000
    """`CLM_PORT`."""
    pool_size: int = 16
    """`CLM_POOL_SIZE`: database connections of one process."""
    bootstrap_api_key: str | None = None
    """`CLM_BOOTSTRAP_API_KEY`: the first tenant's key, 32 characters or more, all scopes."""
    bootstrap_test_clock: datetime | None = None
    """`CLM_BOOTSTRAP_TEST_CLOCK`: an instant, or `1` for 2020-01-01T00:00:00+08:00."""
    public_url: str | None = None
    """`CLM_PUBLIC_URL`: where clients reach the service, `https://clm.example.com`; for the addresses it gives out."""
    upload_bytes: int = 1024 * 1024 * 1024
    """`CLM_UPLOAD_BYTES`: the largest attachment."""
    worker: bool = True
    """`CLM_WORKER`: whether `clm serve` also runs the worker's loops."""
    worker_interval: float = 1.0
    """`CLM_WORKER_INTERVAL`: seconds between two looks for due work."""
    metrics: bool = True
    """`CLM_METRICS`: whether `/metrics` is served."""
    log_level: str = "info"
    """`CLM_LOG_LEVEL`: debug, info, warning or error."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the environment; raises SettingsError for a value that cannot be used."""
        values: dict[str, object] = {}
        for field in msgspec.structs.fields(cls):
            raw = environment.get(f"CLM_{field.name.upper()}", "").strip()
            if raw:
                values[field.name] = _read(field.name, raw)
        try:
            settings = msgspec.convert(values, cls, strict=False)
        except msgspec.ValidationError as error:
            raise SettingsError(f"a CLM_ setting cannot be read: {error}") from None
        if settings.bootstrap_api_key is not None and len(settings.bootstrap_api_key) < MINIMUM_LENGTH:
            raise SettingsError(f"CLM_BOOTSTRAP_API_KEY must have {MINIMUM_LENGTH} characters or more")
        _check_vault(settings)
        _check_mail(settings)
        _check_public(settings)
        return settings


def _check_vault(settings: Settings) -> None:
    try:
        for key in (settings.master_key, settings.old_master_key):
            if key is not None:
                read_key(key)
        if settings.clamd_url is not None:
            Scanner(settings.clamd_url)
    except ValueError as error:
        raise SettingsError(f"CLM_MASTER_KEY or CLM_CLAMD_URL cannot be used: {error}") from None


def _check_mail(settings: Settings) -> None:
    try:
        if settings.smtp_url is not None:
            Mailer.of(settings.smtp_url)
    except ValueError as error:
        raise SettingsError(f"CLM_SMTP_URL cannot be used: {error}") from None


def _check_public(settings: Settings) -> None:
    if settings.public_url is None:
        return
    parts = urlsplit(settings.public_url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise SettingsError("CLM_PUBLIC_URL must be the address of the service, as in https://clm.example.com")


def _read(name: str, raw: str) -> object:
    if name == "data_dir":
        return Path(raw)
    if name == "bootstrap_test_clock":
        return _test_clock(raw)
    return raw


def _test_clock(raw: str) -> datetime | None:
    if raw in ("0", "false", "off"):
        return None
    if raw in ("1", "true", "on"):
        return TEST_CLOCK_DEFAULT
    try:
        instant = datetime.fromisoformat(raw)
    except ValueError:
        raise SettingsError("CLM_BOOTSTRAP_TEST_CLOCK must be 1 or an RFC 3339 instant") from None
    if instant.tzinfo is None:
        raise SettingsError("CLM_BOOTSTRAP_TEST_CLOCK needs an offset, as in 2026-01-01T00:00:00+08:00")
    return instant
