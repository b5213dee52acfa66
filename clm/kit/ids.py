"""UUIDv7 (RFC 9562 5.7): time-ordered, so that new rows land at the end of every index."""

import os
import threading
import time
from uuid import UUID


class _Ticks:
    """Milliseconds and their 4096ths, never the same twice in one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        with self._lock:
            self._last = max(time.time_ns() * 4096 // 1_000_000, self._last + 1)
            return self._last


_ticks = _Ticks()


def uuid7() -> UUID:
    """A new id; ids made by one process sort in the order they were made.

    48 bits of Unix milliseconds, 12 bits of the millisecond's fraction, 62 random bits.
    """
    ticks = _ticks.next()
    random = int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=(ticks >> 12) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0b10 << 62 | random)
