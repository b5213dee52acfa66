"""What can be seen of a file while it goes by: its first and last bytes, and words that no file should hold."""

from collections import deque

HEAD = 8 * 1024
TAIL = 66 * 1024  # the end record of an archive, with the longest comment there can be, and what belongs to it

# The test file of the European Institute for Computer Antivirus Research, in two halves so that this is not one.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
OLE_HEAD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_MACROS = "_VBA_PROJECT".encode("utf-16-le")
OLE_LOCKED = "EncryptedPackage".encode("utf-16-le")
DOCTYPE, ENTITY = b"<!DOCTYPE", b"<!ENTITY"
_OLE_WORDS = (EICAR, OLE_MACROS, OLE_LOCKED)
_XML_WORDS = (EICAR, DOCTYPE, ENTITY)
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
_WIDEST = 4  # bytes of a character in UTF-32
_OVERLAP = _WIDEST * len(EICAR)


def is_marked_up(head: bytes) -> bool:
    """Whether the first character is a `<`, in ASCII, UTF-8, UTF-16 or UTF-32."""
    return head.lstrip(_BEFORE_XML).startswith(b"<")


class Watcher:
    """`feed` it every chunk in order; it keeps 74 KiB and the last chunk at most, whatever the size of the file."""

    def __init__(self) -> None:
        self.size = 0
        self.head = b""
        self.found: set[bytes] = set()
        self._words: tuple[bytes, ...] = (EICAR,)
        self._wide = False
        self._seam = b""
        self._last: deque[bytes] = deque()
        self._kept = 0

    @property
    def tail(self) -> bytes:
        """The last bytes, all of them where the file is short."""
        return b"".join(self._last)[-TAIL:]

    def feed(self, chunk: bytes) -> None:
        """See the next chunk."""
        if len(self.head) < HEAD:
            self.head += chunk[: HEAD - len(self.head)]
            self._decide()
        self._look(chunk)
        self._look(self._seam + chunk[:_OVERLAP])
        self._seam = chunk[-_OVERLAP:] if len(chunk) >= _OVERLAP else (self._seam + chunk)[-_OVERLAP:]
        self._keep(chunk)
        self.size += len(chunk)

    def _decide(self) -> None:
        """Which words mean something depends on what the file begins as; each search takes its time."""
        if self.head.startswith(OLE_HEAD):
            self._words = _OLE_WORDS
        elif is_marked_up(self.head):
            self._words, self._wide = _XML_WORDS, b"\0" in self.head[:_WIDEST]
            self._wide |= self.head.startswith((b"\xff\xfe", b"\xfe\xff"))

    def _look(self, part: bytes) -> None:
        seen = part.replace(b"\0", b"") if self._wide else part
        self.found.update(word for word in self._words if word in seen)

    def _keep(self, chunk: bytes) -> None:
        self._last.append(chunk)
        self._kept += len(chunk)
        while self._kept - len(self._last[0]) >= TAIL:
            self._kept -= len(self._last.popleft())
