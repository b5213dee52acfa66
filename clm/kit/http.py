"""What routes share: strict bodies, answers with ETag and Location, and the one converter from errors to problems."""

from typing import Any, TypeVar

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from clm.kit import edge, parameters, problems, shapes
from clm.kit.auth import Actor
from clm.kit.db import Reads, Unit
from clm.kit.preconditions import etag
from clm.kit.problems import Problem

T = TypeVar("T")


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON is decoded straight into what the handler asks for, without coercion."""

    async def body(self) -> bytes:
        """The raw body; an action without one means an empty object."""
        return await self._raw() or (b"" if self._wanted() is None else b"{}")

    async def json(self) -> Any:
        """The body as the type of the handler's `data`.

        Raises Problem 400 with a JSON pointer, 415 for another media type.
        """
        wanted, raw = self._wanted() or Any, await self._raw()
        if raw and not self._is_json():
            raise Problem("unsupported-media-type", "Send the body as application/json.")
        try:
            return msgspec.json.decode(raw or b"{}", type=wanted)
        except msgspec.ValidationError as error:
            raise shapes.misfit(str(error), wanted) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise shapes.unreadable(raw, error) from None
        except RecursionError:
            raise Problem("malformed", "The body is nested too deeply.") from None

    async def _raw(self) -> bytes:
        """What was sent: the edge has read it already, but for uploads."""
        raw: bytes | None = self.scope["state"].get("body")
        return await super().body() if raw is None else raw

    def _wanted(self) -> Any:
        field = self.scope["route_handler"].parsed_fn_signature.parameters.get("data")
        return None if field is None else field.annotation

    def _is_json(self) -> bool:
        sent = next((value for name, value in self.scope["headers"] if name == b"content-type"), b"application/json")
        media_type = sent.partition(b";")[0].strip().lower()
        return media_type in (b"application/json", b"application/merge-patch+json") or media_type.endswith(b"+json")


def to_problem(error: Exception, handler: Any = None) -> Problem:
    """Any exception of a handler as a problem; what is not foreseen is logged and answered with a bare 500."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ValidationException):
        return parameters.misfit(error, handler)
    if isinstance(error, HTTPException) and error.status_code < 500:
        problem = problems.of_status(error.status_code, error.detail or problems.KINDS["bad-request"].title)
        problem.headers.update(error.headers or {})
        return problem
    return edge.to_problem(error)


def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Litestar's exception handler for everything."""
    problem = to_problem(error, request.scope.get("route_handler"))
    return Response(
        problem.body(request.scope["state"].get("request_id", "")),
        status_code=problem.kind.status,
        media_type=problems.MEDIA_TYPE,
        headers=problem.headers,
    )


def provide_actor(request: Request[Any, Any, Any]) -> Actor:
    """Who calls."""
    return request.scope["state"]["actor"]  # type: ignore[no-any-return]  # put there by the edge


def provide_reads(request: Request[Any, Any, Any]) -> Reads:
    """The reads of a GET."""
    return request.scope["state"]["reads"]  # type: ignore[no-any-return]  # put there by the edge


def provide_unit(request: Request[Any, Any, Any]) -> Unit:
    """The transaction of a write."""
    return request.scope["state"]["unit"]  # type: ignore[no-any-return]  # put there by the edge


def one(thing: T, version: int) -> Response[T]:
    """200 with a single object and its ETag."""
    return Response(thing, status_code=200, headers={"etag": etag(version)})


def created(thing: T, version: int, location: str) -> Response[T]:
    """201 with the new object, its ETag and where it is."""
    return Response(thing, status_code=201, headers={"etag": etag(version), "location": location})


def is_page_wanted(request: StrictRequest, form: str | None) -> bool:
    """Whether to answer with a page: as the query says, or else as the header `Accept` does."""
    if form is not None:
        return form == "html"
    return request.accept.best_match(["application/json", "text/html"]) == "text/html"


def page(text: str) -> Response[Any]:
    """A page of ours to look at: it may show itself and nothing else."""
    headers = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
    headers |= {"x-content-type-options": "nosniff", "vary": "accept"}
    return Response(text, media_type="text/html", headers=headers)
