"""Requests by route, method and status, counted at the edge: what failed at COMMIT counts as what it was answered with.

Litestar's controller serves the figures; its middleware sits too far inside to see keys refused and commits failed.
"""

from functools import cache
from typing import Any

from prometheus_client import Counter, Histogram

UNMATCHED = "unmatched"
_LABELS = ("method", "path", "status_code")
_REQUESTS = Counter("clm_requests", "Requests answered", _LABELS)
_SECONDS = Histogram("clm_request_duration_seconds", "Seconds from the first byte in to the last byte out", _LABELS)


def observe(method: str, path_template: str | None, status: int, seconds: float) -> None:
    """Count one answer; the path is the route's, never the caller's, so that no id becomes a label."""
    count, duration = _children(method, path_template or UNMATCHED, status)
    count.inc()
    duration.observe(seconds)


@cache
def _children(method: str, path: str, status: int) -> tuple[Any, Any]:
    labels = (method, path, str(status))
    return _REQUESTS.labels(*labels), _SECONDS.labels(*labels)
