"""A file of the directory store on its way to the disk."""

import hashlib
import os
import threading
from pathlib import Path
from typing import BinaryIO

WRITE_AT = 1024 * 1024


class Writing:
    """A file being written and hashed; `take` and `taken` are called on the event loop, the rest in threads.

    A caller that is cancelled leaves a thread writing, so the last step waits for it.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._waiting: list[bytes] = []
        self._bytes_waiting = 0
        self._busy = threading.RLock()
        self.size = self.unsettled = 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def take(self, chunk: bytes) -> bool:
        """Keep a chunk; True where enough has come together to be worth a write."""
        self._waiting.append(chunk)
        self._bytes_waiting += len(chunk)
        return self._bytes_waiting >= WRITE_AT

    def taken(self) -> list[bytes]:
        """What waits to be written."""
        taken, self._waiting, self._bytes_waiting = self._waiting, [], 0
        return taken

    def write(self, chunks: list[bytes]) -> None:
        """Write what was taken."""
        with self._busy:
            for chunk in chunks:
                self._file.write(chunk)
                self.size += len(chunk)
                self.unsettled += len(chunk)

    def settle(self) -> None:
        """Bring to disk what was written so far, so that little is left to wait for in the end."""
        self.unsettled = 0
        os.fdatasync(self._file.fileno())

    def hash(self, chunks: list[bytes]) -> None:
        """Hash what was taken."""
        for chunk in chunks:
            self._hash.update(chunk)

    def finish(self) -> None:
        """Write the rest, bring the file to disk and close it."""
        with self._busy:
            rest = self.taken()
            self.write(rest)
            self.hash(rest)
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def discard(self, scratch: Path) -> None:
        """Close the file and remove it; one that was moved to its key is there no more."""
        with self._busy:
            self._file.close()
            scratch.unlink(missing_ok=True)
