"""Two versions of a contract compared: title, terms, section texts, and which attachments bind."""

import asyncio
import datetime as dt
import html
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import UUID

import msgspec

from clm.features.contract_types import service as contract_types
from clm.features.contracts.models import Comparison, SectionChanges, TermChange
from clm.features.contracts.moments import instant_of
from clm.features.contracts.reading import Reading
from clm.features.contracts.sections import names_of
from clm.kit import differences
from clm.kit.db import Queries
from clm.kit.problems import Problem, invalid
from clm.kit.shapes import pointer_to
from clm.lifecycle.state import Version

Bound = Callable[[Queries, UUID, dt.datetime], Awaitable[dict[str, int]]]
_BOUND: list[Bound] = []


def on_comparing(bound: Bound) -> Bound:
    """Register who knows which version of each attachment of a contract bound at an instant, by the attachment's id."""
    if bound not in _BOUND:
        _BOUND.append(bound)
    return bound


class Sides(msgspec.Struct, frozen=True):
    """Two versions as documents: title, terms completed by the defaults, section texts, attachments."""

    before: Version
    after: Version
    old: dict[str, Any]
    new: dict[str, Any]
    headings: dict[str, str]


async def sides(db: Queries, found: Reading, before: str | None, after: str | None) -> Sides:
    """The two versions, by number or by when they were in force; raises Problem 422.

    Without `after` it is the current one, without `before` the one that came before that. Of its attachments a version
    has what bound at the instant that was asked for, or in the end of its time.
    """
    versions = found.state.versions
    later, until = _version(found, "to", after) if after is not None else _whole(found, versions[-1])
    place = versions.index(later)
    earlier, since = (
        _version(found, "from", before) if before is not None else _whole(found, versions[max(0, place - 1)])
    )
    names = await names_of(db, found)
    headings = {section.number: section.heading for section in found.contract_type.sections}
    old = _document(found, earlier, names) | {"attachments": await _attachments(db, found, earlier, since)}
    new = _document(found, later, names) | {"attachments": await _attachments(db, found, later, until)}
    return Sides(earlier, later, old, new, headings)


def _whole(found: Reading, version: Version) -> tuple[Version, dt.datetime]:
    """A version and the end of its time, as far as that has come."""
    end = found.now if version.valid_to is None else version.valid_to - dt.timedelta(microseconds=1)
    return version, max(end, version.valid_from or end)


async def _attachments(db: Queries, found: Reading, version: Version, when: dt.datetime) -> dict[str, int]:
    if version.valid_from is None or not _BOUND:
        return version.attachments
    return {name: no for bound in _BOUND for name, no in (await bound(db, found.id, when)).items()}


async def compare(both: Sides) -> Comparison:
    """What changed from one version to the other; raises Problem 422 for texts that are too long."""
    return await asyncio.to_thread(_compare, both)


async def as_html(both: Sides) -> str:
    """The same as a page with insertions and deletions marked."""
    return await asyncio.to_thread(_page, both)


def _version(found: Reading, name: str, asked: str) -> tuple[Version, dt.datetime]:
    if asked.isdecimal() and len(asked) < 6:
        one = next((each for each in found.state.versions if each.no == int(asked)), None)
        if one is None:
            raise invalid(f"/{name}", f"There is no version {asked}; the last is {found.state.versions[-1].no}.")
        return _whole(found, one)
    when = instant_of(name, asked, found.zone, found.now)
    for each in reversed(found.state.versions):
        if each.valid_from is not None and each.valid_from <= when and (each.valid_to is None or when < each.valid_to):
            return each, when
    raise invalid(f"/{name}", f"No version was in force at {when.isoformat()}.")


def _document(found: Reading, version: Version, names: contract_types.Parties) -> dict[str, Any]:
    terms, _ = contract_types.merged(found.contract_type, version.terms)
    texts = {
        section.number: contract_types.render_section(
            found.contract_type, section.number, terms, names, text=version.sections.get(section.number)
        )
        or ""
        for section in found.contract_type.sections
    }
    return {"title": version.title, "terms": terms, "sections": texts}


def _compare(both: Sides) -> Comparison:
    sections = []
    for number, heading in both.headings.items():
        changes = _checked(both.old["sections"][number], both.new["sections"][number])
        if changes:
            sections.append(SectionChanges(number, heading, changes))
    old, new = ({name: side[name] for name in ("title", "terms", "attachments")} for side in (both.old, both.new))
    return Comparison(both.before.no, both.after.no, list(_terms(old, new, [])), sections)


def _checked(before: str, after: str) -> list[differences.Change]:
    try:
        return differences.changes(before, after)
    except differences.TooLarge as error:
        raise Problem("invalid", str(error)) from None


def _terms(before: Any, after: Any, where: list[str]) -> Iterator[TermChange]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            yield from _terms(before.get(name), after.get(name), [*where, name])
    elif msgspec.json.encode(before) != msgspec.json.encode(after):
        yield TermChange(pointer_to(where), before, after)


def _shown(tag: str, value: Any) -> str:
    """A value on its side of the page; nothing where it has none."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return "" if value is None else f"<{tag}>{html.escape(text)}</{tag}>"


def _page(both: Sides) -> str:
    parts = []
    for one in _compare(both).terms:
        old, new = _shown("del", one.before), _shown("ins", one.after)
        parts.append(f"<p>{html.escape(one.pointer)}: {old} {new}</p>")
    for number, heading in both.headings.items():
        old, new = both.old["sections"][number], both.new["sections"][number]
        if old != new:
            parts.append(f"<h2>{number} {html.escape(heading)}</h2>\n{differences.as_html(old, new)}")
    title = f"{both.new['title']}: {both.before.no} → {both.after.no}"
    return differences.page(title, "\n".join(parts) or "<p>Nothing changed.</p>")
