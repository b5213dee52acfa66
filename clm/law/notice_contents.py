"""What a notice must say to have its effect (R-N11). Whether it arrived is another question, and judged apart."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

import msgspec

NoticeType = Literal[
    "offer",
    "acceptance",
    "approval",
    "condition_fulfilled",
    "amendment_proposal",
    "address_change",
    "demand",
    "cure_notice",
    "rescission",
    "objection",
    "suspension",
    "resume",
    "force_majeure",
    "fm_proof",
    "renewal_objection",
    "settlement_statement",
    "payment_demand",
    "confidentiality_disclosure",
    "compelled_disclosure",
    "data_incident",
    "crisis_report",
    "complaint",
    "sla_report",
    "assignment",
    "debt_transfer",
    "withdrawal",
]
"""What a notice (通知) says. Those that exercise a right move the contract when they arrive."""
Language = Literal["zh", "en"]
Needed = Literal["effect", "advised"]
"""Without it: the notice is defective and moves nothing; or its reader misses something that the law looks for."""
GROUNDED: frozenset[str] = frozenset(("cure_notice", "rescission"))
"""Types of notice that exercise a right: they must name its ground (562-565)."""


class Content(msgspec.Struct, frozen=True):
    """Something that a type of notice is to say; `pointer` is where a draft says it as data."""

    key: str
    pointer: str
    title: str
    title_zh: str
    source: str
    needed: Needed


class NoticeKind(msgspec.Struct, frozen=True):
    """A type of notice (通知类型, R-N10): what it is to say, and what its arrival `moves` (None: nothing by itself)."""

    type: NoticeType
    title: str
    title_zh: str
    moves: str | None
    source: str
    contents: tuple[Content, ...]


class Stated(msgspec.Struct, frozen=True):
    """Whether a notice states a content as data. What only its free text says is for a person to read."""

    key: str
    pointer: str
    title: str
    title_zh: str
    needed: Needed
    source: str
    stated: bool


class Defect(msgspec.Struct, frozen=True):
    """What a notice lacks, so that its arrival moves nothing."""

    pointer: str
    rule: str
    message: str


@cache
def notice_kinds() -> Mapping[NoticeType, NoticeKind]:
    """Every type of notice with its contents (R-N10)."""
    content = files("clm.law").joinpath("data", "notice_types.json").read_bytes()
    return MappingProxyType({one.type: one for one in msgspec.json.decode(content, type=list[NoticeKind])})


def defects_of(notice_type: str, ground: str | None) -> list[Defect]:
    """What a notice lacks; it may arrive all the same, and moves nothing."""
    if ground is not None or notice_type not in GROUNDED:
        return []
    return [Defect("/ground", "R-N11", f"A {notice_type} must name its ground; without one it has no effect.")]


def contents_of(
    notice_type: NoticeType, *, ground: str | None, clause: str | None, cure: object, details: Mapping[str, Any]
) -> list[Stated]:
    """What the type is to say (R-N10), and which of it the notice states as data."""
    given = {"/ground": ground, "/clause": clause, "/cure": cure}
    given |= {f"/details/{key}": value for key, value in details.items()}
    return [
        Stated(
            one.key,
            one.pointer,
            one.title,
            one.title_zh,
            one.needed,
            one.source,
            given.get(one.pointer) not in (None, "", [], {}),
        )
        for one in notice_kinds()[notice_type].contents
    ]
