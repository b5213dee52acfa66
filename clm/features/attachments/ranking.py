"""Which documents a contract consists of at an instant, and which of two prevails."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.attachments import reading
from clm.features.attachments.reading import sql
from clm.features.contract_types import service as contract_types
from clm.features.contracts import service as contracts
from clm.kit import paging
from clm.kit.db import Queries
from clm.kit.problems import not_found
from clm.lifecycle.precedence import Counted, Precedence
from clm.lifecycle.precedence import precedence as decide
from clm.lifecycle.state import Version


async def precedence(db: Queries, contract_id: UUID, as_of: str | None) -> Precedence:
    """The order of a contract's documents, now or as of an instant; raises Problem 404, 422.

    Before the contract takes effect no document counts, and the order is that of the draft.
    """
    row = await db.one(sql.documents, contract_id)
    if row is None:
        raise not_found("contract")
    zone = ZoneInfo(row["time_zone"])
    when = contracts.read_instant("as_of", as_of, zone, row["now"])
    versions = msgspec.convert(row["versions"], list[Version])
    begun = [one for one in versions if one.valid_from is not None and one.valid_from <= when]
    governing = begun[-1] if begun else versions[-1]
    contract_type = await contract_types.get(db, row["type_key"], row["type_version"])
    found = decide(
        governing.terms.get("attachments", {}),
        contract_type.defaults.get("attachments", {}),
        governing.title,
        begun[0].valid_from if begun else None,
        [*_amendments(begun), *[one async for one in _attachments(db, contract_id, when)]],
    )
    local = [msgspec.structs.replace(one, since=one.since.astimezone(zone)) for one in found.documents]
    return msgspec.structs.replace(found, documents=local)


def _amendments(begun: Sequence[Version]) -> Iterator[Counted]:
    for one in begun:
        if one.amendment_id is not None and one.valid_from is not None:
            yield Counted(
                kind="amendment", id=str(one.amendment_id), title=one.title, version=one.no, since=one.valid_from
            )


async def _attachments(db: Queries, contract_id: UUID, when: datetime) -> AsyncIterator[Counted]:
    cursor = None
    while True:
        page = await reading.of_contract(db, contract_id, None, when.isoformat(), paging.LIMIT_AT_MOST, cursor)
        for one in page.items:
            if one.binding is not None:
                since, version = one.binding.since, one.binding.version
                yield Counted(kind="attachment", id=str(one.id), title=one.name, version=version, since=since)
        cursor = page.next_cursor
        if cursor is None:
            return
