"""UUIDv7 (RFC 9562 5.7): time-ordered, so that new rows land at the end of every index."""

import os
import threading
import time
from uuid import UUID

_DRAWN = 8 * 256


class _Source:
    """Milliseconds and their 4096ths, never the same twice in one process, each with eight random bytes.

    Those are drawn many at a time: every draw is a system call that lets go of the interpreter, and whoever works in
    threads waits in line to get it back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self.forget()

    def forget(self) -> None:
        """Draw anew; a forked process would go on with the bytes of its parent."""
        self._drawn = b""

    def next(self) -> tuple[int, bytes]:
        with self._lock:
            self._last = max(time.time_ns() * 4096 // 1_000_000, self._last + 1)
            if not self._drawn:
                self._drawn = os.urandom(_DRAWN)
            random, self._drawn = self._drawn[:8], self._drawn[8:]
            return self._last, random


_source = _Source()
os.register_at_fork(after_in_child=_source.forget)


def uuid7() -> UUID:
    """A new id; ids made by one process sort in the order they were made.

    48 bits of Unix milliseconds, 12 bits of the millisecond's fraction, 62 random bits.
    """
    ticks, drawn = _source.next()
    random = int.from_bytes(drawn, "big") & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=(ticks >> 12) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0b10 << 62 | random)
