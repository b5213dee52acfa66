"""What can be seen of a file while it goes by: its first and last bytes, and words that no file should hold."""

HEAD = 8 * 1024
TAIL = 66 * 1024  # the end record of an archive, with the longest comment there can be, and what belongs to it

# The test file of the European Institute for Computer Antivirus Research, in two halves so that this is not one.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
OLE_MACROS = "_VBA_PROJECT".encode("utf-16-le")
DOCTYPE, ENTITY = b"<!DOCTYPE", b"<!ENTITY"
_WORDS = (EICAR, OLE_MACROS, DOCTYPE, ENTITY)
_OVERLAP = max(map(len, _WORDS)) - 1


class Watcher:
    """`feed` it every chunk in order; it keeps 74 KiB at most, whatever the size of the file."""

    def __init__(self) -> None:
        self.size = 0
        self.head = b""
        self.found: set[bytes] = set()
        self._tail = b""

    @property
    def tail(self) -> bytes:
        """The last bytes, all of them where the file is short."""
        return self._tail[-TAIL:]

    def feed(self, chunk: bytes) -> None:
        """See the next chunk."""
        if len(self.head) < HEAD:
            self.head += chunk[: HEAD - len(self.head)]
        seam = self._tail[-_OVERLAP:] + chunk[:_OVERLAP]
        self.found.update(word for word in _WORDS if word in chunk or word in seam)
        self._tail = chunk[-TAIL:] if len(chunk) >= TAIL else (self._tail + chunk)[-TAIL:]
        self.size += len(chunk)
