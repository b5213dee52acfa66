"""API keys on the wire."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, description="What the key is for")]
Scope = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(\*|\*:(read|write)|[a-z][a-z-]{0,63}:(read|write|\*))$(?!\n)",
        description="`resource:read`, `resource:write`, `resource:*`, `*:read`, `*:write` or `*`",
    ),
]


Clearance = Literal["none", "confidential"]
"""Whether a key may read files that a confidential item names."""


class NewApiKey(msgspec.Struct, forbid_unknown_fields=True):
    """A key to be made. It may grant no more than the key that makes it.

    `clearance` `none` keeps it from the contents of confidential files; left out, it is that of the key that makes it.
    """

    name: Name
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=100)]
    clearance: Clearance | None = None


class ApiKey(msgspec.Struct):
    """A key as it is remembered: without the key itself, of which only the hash is stored."""

    id: UUID
    name: str
    scopes: list[str]
    clearance: Clearance
    created_at: dt.datetime
    revoked_at: dt.datetime | None


class MadeApiKey(ApiKey):
    """A key just made; `key` is shown this once, and null where the answer is sent again."""

    key: str | None
