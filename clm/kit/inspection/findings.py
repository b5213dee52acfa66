"""What an inspection says."""

from typing import Literal

import msgspec

Code = Literal[
    "type_mismatch",
    "executable",
    "macros",
    "dtd",
    "remote_template",
    "encrypted",
    "archive_bomb",
    "archive_broken",
    "unsafe_path",
    "polyglot",
    "malware",
]


class Finding(msgspec.Struct, frozen=True):
    """One reason not to keep a file; `message` says what to do about it."""

    code: Code
    message: str


class Verdict(msgspec.Struct, frozen=True):
    """What the file is, as a media type, and every reason not to keep it; none where it may be kept."""

    media_type: str
    findings: list[Finding]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much of an archive is looked at, and what is too much of one."""

    entries: int = 10_000
    unpacked_bytes: int = 2 * 1024**3
    ratio: int = 200
    """How many times its packed size an archive may say it unpacks to, once that is more than a mebibyte."""
    depth: int = 3
    """Archives within archives."""
    read_bytes: int = 128 * 1024**2
    """How much is unpacked to be looked at; what lies behind that is left to the scanner."""
    part_bytes: int = 32 * 1024**2
    """The largest archive within an archive."""
    directory_bytes: int = 4 * 1024**2
    """How long the list of an archive's entries may be, and a part of a document that says what its others are."""
