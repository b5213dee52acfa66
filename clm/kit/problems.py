"""Problem details (RFC 9457): one exception, one registry of codes, one converter for everything that can go wrong."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import asyncpg
import msgspec

MEDIA_TYPE = "application/problem+json"


class Kind(msgspec.Struct, frozen=True):
    """A problem code with its HTTP status and its title; the title never varies."""

    code: str
    status: int
    title: str


class FieldError(msgspec.Struct, frozen=True):
    """One thing wrong in a request: a JSON pointer into it and what is wrong there."""

    pointer: str
    message: str


class Body(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of an error answer."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldError] | None = None
    allowed_actions: list[str] | None = None
    reasons: list[Any] | None = None


KINDS: dict[str, Kind] = {}
_CONSTRAINTS: dict[str, tuple[str, str, str]] = {}


def register(code: str, status: int, title: str) -> None:
    """Add a code; raises ValueError where it is taken."""
    if code in KINDS:
        raise ValueError(f"problem code {code} is taken")
    KINDS[code] = Kind(code, status, title)


def register_constraint(name: str, code: str, detail: str, pointer: str = "") -> None:
    """Say which problem the failure of a database constraint is."""
    _CONSTRAINTS[name] = (code, detail, pointer)


class Problem(Exception):
    """Raise it anywhere; the edge answers with it and the transaction is rolled back."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        allowed_actions: Sequence[str] | None = None,
        reasons: Sequence[Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = KINDS[code]
        self.detail = detail
        self.errors = list(errors)
        self.allowed_actions = None if allowed_actions is None else list(allowed_actions)
        self.reasons = None if reasons is None else list(reasons)
        self.headers = dict(headers or {})

    def body(self, request_id: str) -> bytes:
        """The JSON of the answer."""
        body = Body(
            type=f"urn:clm:problem:{self.kind.code}",
            title=self.kind.title,
            status=self.kind.status,
            detail=self.detail,
            code=self.kind.code,
            request_id=request_id,
            errors=self.errors or None,
            allowed_actions=self.allowed_actions,
            reasons=self.reasons,
        )
        return msgspec.json.encode(body)


def invalid(pointer: str, message: str) -> Problem:
    """A well-formed request that breaks a rule at one place (422)."""
    return Problem("invalid", message, errors=[FieldError(pointer, message)])


def not_found(what: str) -> Problem:
    """No such thing, or another tenant's (404): the two look the same."""
    return Problem("not-found", f"There is no such {what}.")


def of_status(status: int, detail: str) -> Problem:
    """The problem for an HTTP status that a library raised."""
    code = _BY_STATUS.get(status, "bad-request" if 400 <= status < 500 else "internal")
    return Problem(code, detail if status < 500 else KINDS[code].title + ".")


def of_database(error: Exception) -> Problem | None:
    """The problem for an error of the database or of the way to it; None where it is a defect of ours."""
    if isinstance(error, asyncpg.IntegrityConstraintViolationError) and error.constraint_name in _CONSTRAINTS:
        code, detail, pointer = _CONSTRAINTS[error.constraint_name]
        return Problem(code, detail, errors=[FieldError(pointer, detail)] if pointer else ())
    if isinstance(error, asyncpg.UntranslatableCharacterError | asyncpg.CharacterNotInRepertoireError):
        return Problem("invalid", "The text holds a character that cannot be stored (NUL).")
    if isinstance(error, asyncpg.SerializationError | asyncpg.DeadlockDetectedError | asyncpg.LockNotAvailableError):
        return Problem("busy", "Another change got in between. Send the request again.", headers={"retry-after": "1"})
    if isinstance(error, _UNREACHABLE):
        return Problem(
            "unavailable", "The database cannot be reached. Send the request again later.", headers={"retry-after": "2"}
        )
    return None


_UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.QueryCanceledError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a connection says that was cut in the middle of an answer
    asyncpg.ReadOnlySQLTransactionError,
)

for _code, _status, _title in (
    ("bad-request", HTTPStatus.BAD_REQUEST, "The request cannot be read"),
    ("malformed", HTTPStatus.BAD_REQUEST, "The request is malformed"),
    ("unauthenticated", HTTPStatus.UNAUTHORIZED, "A valid API key is needed"),
    ("forbidden", HTTPStatus.FORBIDDEN, "The API key may not do this"),
    ("not-found", HTTPStatus.NOT_FOUND, "Not found"),
    ("method-not-allowed", HTTPStatus.METHOD_NOT_ALLOWED, "This method is not served here"),
    ("timeout", HTTPStatus.REQUEST_TIMEOUT, "The request took too long to arrive"),
    ("duplicate", HTTPStatus.CONFLICT, "It exists already"),
    ("not-allowed-now", HTTPStatus.CONFLICT, "Not allowed in this state"),
    ("stale", HTTPStatus.PRECONDITION_FAILED, "It has changed since it was read"),
    ("too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large"),
    ("unsupported-media-type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This media type is not accepted here"),
    ("range-not-satisfiable", HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "The range lies outside the object"),
    ("invalid", HTTPStatus.UNPROCESSABLE_ENTITY, "The request breaks a rule"),
    ("key-reused", HTTPStatus.UNPROCESSABLE_ENTITY, "The idempotency key belongs to another request"),
    ("precondition-required", HTTPStatus.PRECONDITION_REQUIRED, "An If-Match header is required"),
    ("too-many-requests", HTTPStatus.TOO_MANY_REQUESTS, "Too many requests"),
    ("internal", HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here"),
    ("unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "A part of the service cannot be reached"),
    ("busy", HTTPStatus.SERVICE_UNAVAILABLE, "Too much at once"),
):
    register(_code, int(_status), _title)

_BY_STATUS = {
    400: "bad-request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    408: "timeout",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid",
    429: "too-many-requests",
    503: "unavailable",
}
