"""Where files are kept, and by which means: the store, the key over every tenant's key, the scanner."""

import base64
import binascii
import os
from pathlib import Path

import msgspec

from clm.kit.inspection import Limits, Scanner
from clm.kit.sealing import KEY_BYTES, new_key
from clm.kit.storage import ObjectStore

KEY_FILE = "master.key"


class Vault(msgspec.Struct, frozen=True):
    """What an upload and a download need. Without a master key nothing can be sealed."""

    store: ObjectStore
    master_key: bytes | None = None
    scanner: Scanner | None = None
    limits: Limits = Limits()


def read_key(text: str) -> bytes:
    """A master key as it is set: 32 bytes, in hexadecimal or base64; raises ValueError, without repeating it."""
    try:
        key = bytes.fromhex(text) if len(text) == 2 * KEY_BYTES else base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a master key is {KEY_BYTES} bytes, as `openssl rand -hex 32` prints them")
    return key


def own_key(folder: Path) -> bytes:
    """The master key of an embedded service, made at its first start and kept in a file that only its user reads."""
    path = folder / KEY_FILE
    try:
        return read_key(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / f"{KEY_FILE}.{os.getpid()}"
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(new_key()) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(scratch, path)  # of two that start at once, one makes the file and both read it
    except FileExistsError:
        pass
    finally:
        scratch.unlink()
    return read_key(path.read_text(encoding="ascii"))
