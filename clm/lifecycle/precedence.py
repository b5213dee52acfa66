"""Which document of a contract prevails where two of them say different things (文件的解释顺序; rule R-AT4).

Parties agree on the order (`/terms/attachments/precedence`); where they did not, a later amendment goes before the
main text, the main text before the attachments, and recitals come last.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from clm.law.basis import Basis, Step

Kind = Literal["amendment", "main_text", "attachment", "recitals"]

USUAL: tuple[Kind, ...] = ("amendment", "main_text", "attachment", "recitals")
_RULE, _SOURCE = "R-AT4", "section 14.2; Civil Code 142, 466, 498"
_READINGS = ("newer_version_first", "handwritten_over_printed", "words_over_figures")


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """A document that is part of the contract, such as an amendment in force or the version of an attachment."""

    kind: Kind
    id: str | None = None
    title: str
    version: int | None = None
    since: dt.datetime


class Ranked(Counted, frozen=True, kw_only=True):
    """A document with its rank: where two differ, the one with the lower number prevails.

    `id` and `version` name the amendment, or the attachment and its version that binds; the main text and the
    recitals have none. Attachments share a rank: nothing says which of two prevails.
    """

    rank: int


class Readings(msgspec.Struct, frozen=True, kw_only=True):
    """How two readings inside the documents are settled: by what is newer, written by hand, written out in words."""

    newer_version_first: bool
    handwritten_over_printed: bool
    words_over_figures: bool


class Precedence(msgspec.Struct, frozen=True, kw_only=True):
    """The order as agreed or assumed, the documents by it, and which of it nobody agreed on (`assumed`)."""

    order: list[Kind]
    documents: list[Ranked]
    readings: Readings
    assumed: bool
    basis: Basis


def precedence(
    agreed: Mapping[str, Any],
    usual: Mapping[str, Any],
    title: str,
    since: dt.datetime | None,
    counted: Sequence[Counted],
) -> Precedence:
    """Rank the documents of a contract whose main text has governed since an instant; none of them counts before that.

    `agreed` and `usual` are the terms under `/terms/attachments` as agreed, and as the type has them. Kinds that an
    agreed order leaves out come after those that it names, in the usual order.
    """
    asked = agreed.get("precedence") or usual.get("precedence") or USUAL
    named = [kind for kind in USUAL if kind in asked]
    order = sorted(named, key=list(asked).index) + [kind for kind in USUAL if kind not in named]
    groups = [] if since is None else _groups(order, title, since, counted)
    documents = [
        Ranked(rank=rank, **msgspec.structs.asdict(one)) for rank, group in enumerate(groups, 1) for one in group
    ]
    return Precedence(
        order=order,
        documents=documents,
        readings=Readings(**{name: bool(agreed.get(name, usual.get(name, True))) for name in _READINGS}),
        assumed="precedence" not in agreed or any(name not in agreed for name in _READINGS),
        basis=Basis(_RULE, _SOURCE, {"order": "/terms/attachments/precedence"}, tuple(_steps(agreed, order)), "final"),
    )


def _groups(
    order: Sequence[Kind], title: str, since: dt.datetime, counted: Sequence[Counted]
) -> Iterator[list[Counted]]:
    """Documents that share a rank, first what prevails; a later amendment goes before an earlier one."""
    for kind in order:
        found = sorted((one for one in counted if one.kind == kind), key=lambda one: one.since, reverse=True)
        if kind in {"main_text", "recitals"}:
            yield [Counted(kind=kind, title=title, since=since)]
        elif kind == "amendment":
            yield from ([one] for one in found)
        elif found:
            yield found


def _steps(agreed: Mapping[str, Any], order: Sequence[Kind]) -> Iterator[Step]:
    how = "as agreed" if "precedence" in agreed else "which nobody agreed on and the service assumes"
    yield Step(_RULE, f"the order is {', '.join(order)}, {how}")
    yield Step(
        _RULE, "of amendments the later prevails; of an attachment the version that binds is the one that counts"
    )
