"""What handlers are given by name, marked as such: `async def handler(reads: Reads, party_id: FromPath[UUID])`.

Import these into routes in the place of the classes they carry; services use the classes themselves.
"""

from typing import Annotated, TypeAlias

from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, SkipValidation

from clm.kit import auth, db, vault

__all__ = [
    "Actor",
    "Authenticator",
    "Cursor",
    "Database",
    "FromPath",
    "FromQuery",
    "IfMatch",
    "JSONBody",
    "Limit",
    "Mails",
    "NamedDependency",
    "Reads",
    "Unit",
    "Vault",
]

Actor: TypeAlias = NamedDependency[auth.Actor]
Authenticator: TypeAlias = NamedDependency[auth.Authenticator]
Database: TypeAlias = NamedDependency[db.Database]
Mails: TypeAlias = NamedDependency[bool]
"""Whether the service sends e-mail itself."""
Reads: TypeAlias = NamedDependency[db.Reads]
Unit: TypeAlias = NamedDependency[db.Unit]
Vault: TypeAlias = NamedDependency[SkipValidation[vault.Vault]]  # it holds a protocol, which has no instance check

Limit: TypeAlias = FromQuery[int]
Cursor: TypeAlias = FromQuery[str | None]
IfMatch: TypeAlias = Annotated[str | None, HeaderParameter(name="If-Match")]
