"""Query parameters: one that nobody knows or that is missing is named, where Litestar would pass over it."""

from typing import Any

import msgspec
from litestar import Request
from litestar.config.app import AppConfig
from litestar.exceptions import ValidationException
from litestar.plugins import InitPlugin, ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute

from clm.kit.problems import FieldError, Problem
from clm.kit.shapes import explained

_KEY = "query"


class Known(msgspec.Struct, frozen=True):
    """The query parameters of a handler and of its dependencies."""

    names: frozenset[str]
    required: frozenset[str]


class StrictQuery(InitPlugin, ReceiveRoutePlugin):
    """Learns each handler's parameters when its route is made, and holds requests under `prefix` to them."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Hook the check in, behind the guards and before the body is read."""
        app_config.before_request = check
        return app_config

    def receive_route(self, route: BaseRoute) -> None:
        """Keep what the handlers of a route take beside them."""
        if not isinstance(route, HTTPRoute) or not route.path.startswith(self._prefix):
            return
        for method, (handler, model) in route.route_handler_map.items():
            if method != "OPTIONS":
                taken = model.expected_query_params
                required = frozenset(one.field_alias for one in taken if one.is_required)
                handler.opt[_KEY] = Known(frozenset(one.field_alias for one in taken), required)


async def check(request: Request[Any, Any, Any]) -> None:
    """Raise Problem 400 where the query holds an unknown parameter or lacks one that is needed."""
    known: Known | None = request.scope["route_handler"].opt.get(_KEY)
    if known is None or not (request.scope["query_string"] or known.required):
        return
    given = request.query_params.keys()
    unknown = sorted(given - known.names)
    if unknown:
        those = f"known: {', '.join(sorted(known.names))}" if known.names else "none is known here"
        raise _wrong("A parameter is not known.", unknown, f"There is no such parameter; {those}.")
    missing = sorted(known.required - given)
    if missing:
        raise _wrong("A parameter is missing.", missing, "This parameter is required.")


def misfit(error: ValidationException, handler: Any) -> Problem:
    """The problem (400) for parameters that are not of their types."""
    types = handler.parsed_fn_signature.parameters if handler is not None else {}
    found = [one for one in (error.extra or []) if isinstance(one, dict)]
    fields = []
    for one in found:
        name = str(one.get("key", ""))
        wanted = types[name].annotation if name in types else Any
        fields.append(FieldError(f"/{name.rstrip('_')}", explained(str(one.get("message", "")), wanted)))
    return Problem("malformed", "A parameter does not fit.", errors=fields)


def _wrong(detail: str, names: list[str], message: str) -> Problem:
    return Problem("malformed", detail, errors=[FieldError(f"/{name}", message) for name in names])
