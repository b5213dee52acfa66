"""`get`, `post`, `patch` and `put` as Litestar has them, but for two things.

It copies the whole handler for every guard at every request, which costs more than the guards do. No guard here changes
its handler, so it gets the handler itself. And it resolves dependencies in tasks of their own, as if each waited for
something. None here does, so they are resolved one after the other. Functions over `HTTPRouteHandler` are what the
verbs become in Litestar 3.
"""

from typing import Any

from litestar._kwargs import KwargsModel
from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.types.internal_types import PathParameterDefinition

__all__ = ["get", "patch", "post", "put"]


class Handler(HTTPRouteHandler):
    """A route handler whose guards get it uncopied, and whose dependencies take no tasks."""

    async def authorize_connection(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Run the guards, one after the other."""
        for guard in self.resolve_guards():
            await guard(connection, self)  # type: ignore[misc]  # a guard may be declared synchronous; Litestar wraps it

    def create_kwargs_model(self, path_parameters: dict[str, PathParameterDefinition]) -> KwargsModel:
        """How a request becomes the handler's arguments; a batch of one dependency takes no task group."""
        model = super().create_kwargs_model(path_parameters)
        model.dependency_batches = [{each} for batch in model.dependency_batches for each in batch]
        return model


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
