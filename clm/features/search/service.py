"""Search over passages: the latest are looked through first, and only what is rarer than that asks the index.

A term that stands in every other text is found among the latest within milliseconds, where the index would give half
of all texts; a rare one is what the index is for.
"""

import asyncio
from collections.abc import Sequence
from itertools import pairwise, zip_longest
from uuid import UUID

from asyncpg import Record

from clm.features.search.models import Found, Hit, TextComparison, VersionText
from clm.features.search.passages import marks
from clm.kit import differences, paging
from clm.kit import sql as sql_files
from clm.kit.db import Queries
from clm.kit.folding import snippet, terms_of, wanted_of
from clm.kit.problems import Problem, invalid, not_found

sql = sql_files.load(__package__)

LOOKED_AT = 2_000


async def search(
    db: Queries,
    query: str,
    *,
    kind: str | None,
    contract_id: UUID | None,
    cleared: bool,
    limit: int,
    cursor: str | None,
) -> Found:
    """The passages in which every term occurs, what was written last first; raises Problem 422.

    Those of confidential files are shown to who is `cleared` for them.
    """
    terms = terms_asked(query)
    limit = paging.limit_of(limit)
    before = paging.decode(cursor, UUID)
    kinds = None if kind is None else [kind]
    ids = await db.all(sql.recent_hits, terms, kinds, contract_id, before, cleared, LOOKED_AT, limit + 1)
    if len(ids) <= limit:
        wanted = wanted_of(marks(db.tenant, contract_id, kind), terms)
        ids = await db.all(sql.hits, wanted, terms, kinds, contract_id, before, cleared, limit + 1)
    rows = await db.all(sql.told, [row["id"] for row in ids])
    page = paging.page(rows, limit, lambda row: _hit(row, terms), lambda row: row["id"])
    return Found(page.items, page.next_cursor, complete=not await db.value(sql.is_behind))


def terms_asked(query: str) -> list[str]:
    """The folded terms of a query; raises Problem 422."""
    try:
        return terms_of(query)
    except ValueError as error:
        raise invalid("/q", str(error)) from None


async def text(db: Queries, attachment_id: UUID, no: int) -> VersionText:
    """The text of a version as it is searched; raises Problem 404."""
    version = await db.one(sql.version, attachment_id, no) if 0 < no < 2**31 else None
    if version is None:
        raise not_found("version")
    if version["gone"]:
        return VersionText("gone", None, truncated=False, text=None)
    row = await db.one(sql.text_status, attachment_id, no)
    if row is None:
        return VersionText("pending", None, truncated=False, text=None)
    parts = await db.all(sql.text_of_version, attachment_id, f"{attachment_id}/{no}")
    whole = _whole(parts) if row["status"] == "indexed" else None
    return VersionText(row["status"], row["problem"], row["truncated"], whole)


async def texts_of(db: Queries, attachment_id: UUID, numbers: Sequence[int]) -> list[str]:
    """The texts of versions; raises Problem 404 for one that is not there, 409 where there is no text to be had."""
    found = [await text(db, attachment_id, no) for no in numbers]
    for no, one in zip(numbers, found, strict=True):
        if one.status != "indexed":
            why = f": {one.problem}" if one.problem else ""
            raise Problem("not-allowed-now", f"Version {no} has no text, its status is {one.status}{why}.")
    return [one.text or "" for one in found]


async def compare(before: int, old: str, after: int, new: str) -> TextComparison:
    """What makes the later text of the earlier one; raises Problem 422 for texts that are too long."""
    try:
        return TextComparison(before, after, await asyncio.to_thread(differences.changes, old, new))
    except differences.TooLarge as error:
        raise Problem("invalid", str(error)) from None


async def compare_as_html(title: str, old: str, new: str) -> str:
    """The same as a page with insertions and deletions marked."""
    try:
        return differences.page(title, await asyncio.to_thread(differences.as_html, old, new))
    except differences.TooLarge as error:
        raise Problem("invalid", str(error)) from None


def _whole(parts: list[Record]) -> str:
    """The text that was cut into passages."""
    ends = [after["part"] - row["part"] for row, after in pairwise(parts)]
    return "".join(row["text"][:end] for row, end in zip_longest(parts, ends))


def _hit(row: Record, terms: list[str]) -> Hit:
    kind, ref = row["kind"], row["ref"]
    return Hit(
        id=row["id"],
        kind=kind,
        contract_id=row["contract_id"],
        number=row["number"],
        title=row["title"],
        section=ref if kind == "section" else None,
        notice_id=UUID(ref) if kind == "notice" else None,
        attachment_id=row["attachment_id"],
        version=int(row["version"]) if kind == "attachment" else None,
        file=row["file"],
        snippet=snippet(row["text"], terms),
    )
