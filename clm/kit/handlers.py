"""`get`, `post`, `patch` and `put` as Litestar has them, but for one thing.

It copies the whole handler for every guard at every request, which costs more than the guards do. No guard here changes
its handler, so it gets the handler itself. Functions over `HTTPRouteHandler` are what the verbs become in Litestar 3.
"""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler

__all__ = ["get", "patch", "post", "put"]


class Handler(HTTPRouteHandler):
    """A route handler whose guards get it uncopied."""

    async def authorize_connection(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Run the guards, one after the other."""
        for guard in self.resolve_guards():
            await guard(connection, self)  # type: ignore[misc]  # a guard may be declared synchronous; Litestar wraps it


def get(path: str, **settings: Any) -> Handler:
    """A decorator for what answers GET; the settings are Litestar's."""
    return Handler(path, http_method=HttpMethod.GET, **settings)


def post(path: str, **settings: Any) -> Handler:
    """A decorator for what answers POST."""
    return Handler(path, http_method=HttpMethod.POST, **settings)


def patch(path: str, **settings: Any) -> Handler:
    """A decorator for what answers PATCH."""
    return Handler(path, http_method=HttpMethod.PATCH, **settings)


def put(path: str, **settings: Any) -> Handler:
    """A decorator for what answers PUT."""
    return Handler(path, http_method=HttpMethod.PUT, **settings)
