"""Parties: recorded, changed, found; their address book."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from stdnum.cn import uscc as social_credit_code
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

from clm.features.parties.models import Address, Kind, NewAddress, NewParty, Party, PartyPatch, SizeClass
from clm.kit import paging, preconditions
from clm.kit import sql as sql_files
from clm.kit.db import Queries, Unit
from clm.kit.db import sql as kit_sql
from clm.kit.ids import uuid7
from clm.kit.mail import is_address
from clm.kit.paging import Page
from clm.kit.problems import invalid, not_found
from clm.law.calendars import FIRST_DAY, LAST_DAY
from clm.law.periods import SHANGHAI, legal_date

__all__ = [
    "Address",
    "Kind",
    "NewAddress",
    "Party",
    "SizeClass",
    "add_address",
    "address_on",
    "change",
    "checked_uscc",
    "create",
    "find",
    "known",
    "one",
    "placeholder_fields",
]

sql = sql_files.load(__package__)

_WRONG = {
    InvalidLength: "A unified social credit code has 18 characters.",
    InvalidFormat: "A unified social credit code has digits and capital letters without I, O, S, V and Z.",
    InvalidComponent: "Its first two characters name no known registrar and kind of body.",
    InvalidChecksum: "Its check character does not fit: something is mistyped.",
}


async def create(unit: Unit, new: NewParty) -> Party:
    """Record a party with its first addresses; raises Problem 422 for a social credit code that cannot be one."""
    identifier = uuid7()
    details = {"legal_representative": new.legal_representative, "contacts": new.contacts}
    uscc = checked_uscc(new.uscc)
    await unit.run(sql.add_party, identifier, new.legal_name, new.kind, uscc, new.size_class, details)
    for index, address in enumerate(new.addresses):
        check_address(address.channel, address.address, f"/addresses/{index}/address")
    await _add_addresses(unit, identifier, 0, new.addresses, "/addresses/{}/operates_from")
    return await one(unit, identifier)


async def one(db: Queries, identifier: UUID) -> Party:
    """The party; raises Problem 404."""
    found = await known(db, [identifier])
    if not found:
        raise not_found("party")
    return found[identifier]


async def known(db: Queries, identifiers: Collection[UUID]) -> dict[UUID, Party]:
    """Those of the parties that the tenant has, by id."""
    rows = await db.all(sql.parties, list(identifiers))
    return {party.id: party for party in await _with_addresses(db, rows)}


async def address_on(
    db: Queries, identifier: UUID, channel: str, day: dt.date, toward: UUID | None = None
) -> Address | None:
    """The party's address for a channel on a legal date, toward another party (R-N5); None where it has none yet."""
    row = await db.one(sql.address_on, identifier, channel, day, toward)
    return None if row is None else _address(row)


async def find(db: Queries, limit: int, cursor: str | None, *, uscc: str | None, name: str | None) -> Page[Party]:
    """Parties in the order of their recording; `uscc` exactly, `name` by its beginning."""
    limit = paging.limit_of(limit)
    rows = await db.all(sql.list_parties, paging.decode(cursor, UUID), uscc, name, limit + 1)
    page = paging.page(rows, limit, lambda row: row, lambda row: row["id"])
    return Page(await _with_addresses(db, page.items), page.next_cursor)


async def change(unit: Unit, identifier: UUID, patch: PartyPatch, if_match: str | None) -> Party:
    """Apply a merge patch to the version named in `if_match`; raises Problem 404, 412, 422 or 428."""
    row = await unit.one(sql.lock_party, identifier)
    if row is None:
        raise not_found("party")
    preconditions.check(if_match, row["row_version"], required=True)
    given = {name: value for name, value in msgspec.structs.asdict(patch).items() if value is not UNSET}
    if "uscc" in given:
        given["uscc"] = checked_uscc(given["uscc"])
    if given.get("contacts", 0) is None:
        given["contacts"] = []
    details = {name: given.get(name, row["details"].get(name)) for name in ("legal_representative", "contacts")}
    columns = [given.get(name, row[name]) for name in ("legal_name", "kind", "uscc", "size_class")]
    await unit.run(sql.update_party, identifier, *columns, details)
    return await one(unit, identifier)


def check_address(channel: str, address: str, pointer: str) -> None:
    """Raise Problem 422 for what no message could be sent to."""
    if channel == "email" and not is_address(address):
        raise invalid(pointer, "This is no e-mail address, such as legal@example.com.")


async def add_address(unit: Unit, identifier: UUID, new: NewAddress, *, told: UUID | None = None) -> Party:
    """Add a row to the address book; the rows before it stay. It operates toward who was `told` of it, else all."""
    if await unit.one(sql.lock_party, identifier) is None:
        raise not_found("party")
    if told is None:
        check_address(new.channel, new.address, "/address")
    there = await unit.all(sql.addresses, [identifier])
    await _add_addresses(unit, identifier, len(there), [new], "/operates_from", told=told)
    await unit.run(sql.touch_party, identifier)
    return await one(unit, identifier)


def placeholder_fields(party: Party) -> dict[str, str | None]:
    """What a contract's text shows of a party: `legal_name`, `uscc` and `contact` (persons, telephones, e-mails)."""
    persons = [" ".join(part for part in (one.name, one.phone, one.email) if part) for one in party.contacts]
    return {"legal_name": party.legal_name, "uscc": party.uscc, "contact": "；".join(persons) or None}


def checked_uscc(code: str | None) -> str | None:
    """The code in its compact form; raises Problem 422 at `/uscc` (GB 32100, ISO 7064 check character)."""
    if code is None:
        return None
    try:
        return str(social_credit_code.validate(code))
    except ValidationError as error:
        raise invalid("/uscc", _WRONG.get(type(error), "This is no unified social credit code.")) from None


async def _add_addresses(
    unit: Unit, party: UUID, count: int, new: list[NewAddress], pointer: str, *, told: UUID | None = None
) -> None:
    if not new:
        return
    today = legal_date(await unit.value(kit_sql.now))
    rows: list[tuple[object, ...]] = []
    for index, address in enumerate(new):
        day = address.operates_from or today
        if not FIRST_DAY <= day <= LAST_DAY:
            raise invalid(pointer.format(index), f"Dates run from {FIRST_DAY} to {LAST_DAY}.")
        rows.append((party, count + index + 1, address.channel, address.address, address.recipient, day, told))
    await unit.run_many(sql.add_address, rows)


async def _with_addresses(db: Queries, rows: Collection[Mapping[str, Any]]) -> list[Party]:
    books: dict[UUID, list[Address]] = {row["id"]: [] for row in rows}
    for row in await db.all(sql.addresses, list(books)) if books else ():
        books[row["party_id"]].append(_address(row))
    return [_party(row, books[row["id"]]) for row in rows]


def _address(row: Mapping[str, Any]) -> Address:
    values = {name: row[name] for name in Address.__struct_fields__}
    return Address(**values | {"recorded_at": row["recorded_at"].astimezone(SHANGHAI)})


def _party(row: Mapping[str, Any], addresses: list[Address]) -> Party:
    columns = {name: row[name] for name in ("id", "legal_name", "kind", "uscc", "size_class")}
    columns |= {name: row[name].astimezone(SHANGHAI) for name in ("created_at", "updated_at")}
    details = {"contacts": [], "legal_representative": None} | row["details"]
    return msgspec.convert({**columns, **details, "version": row["row_version"], "addresses": addresses}, Party)
