"""How a result says where it comes from."""

import datetime as dt
from typing import Any, Literal

import msgspec

Status = Literal["final", "provisional"]


class LawError(ValueError):
    """Input that no rule can be applied to. `field` names the place: a field name, or a JSON pointer into the input."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of a computation: the rule applied, what it did in words, and the legal date or instant it led to."""

    rule: str
    text: str
    date: dt.date | None = None
    at: dt.datetime | None = None


class Basis(msgspec.Struct, frozen=True):
    """Why a result is what it is.

    `rule` is the deciding rule's id, `source` the article or clause behind it, `anchor` what the computation
    started from (such as `{"event": "2024-01-10"}`). `status` is `provisional` where a holiday notice is missing.
    """

    rule: str
    source: str
    anchor: dict[str, Any]
    steps: tuple[Step, ...]
    status: Status
