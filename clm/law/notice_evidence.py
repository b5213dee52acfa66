"""What should be kept to prove a notice, by the channel that it took (证据, R-N9)."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

from clm.law.notice_rules import Channel

OUTCOMES = frozenset(("signed", "refused", "returned"))
"""Events by which the way of an item ends; what proves them is its `outcome`."""


class EvidenceItem(msgspec.Struct, frozen=True):
    """One thing that proves a notice on a channel."""

    key: str
    title: str
    title_zh: str


class EvidenceSet(msgspec.Struct, frozen=True):
    """The least that should be kept of a notice on a channel."""

    channel: Channel
    source: str
    items: tuple[EvidenceItem, ...]


@cache
def evidence_sets() -> Mapping[Channel, EvidenceSet]:
    """The least that should be kept, by channel."""
    content = files("clm.law").joinpath("data", "notice_evidence.json").read_bytes()
    return MappingProxyType({one.channel: one for one in msgspec.json.decode(content, type=list[EvidenceSet])})


def missing(channel: Channel, held: Iterable[str]) -> tuple[EvidenceItem, ...]:
    """What is not held yet of a channel's evidence (R-N9)."""
    there = frozenset(held)
    return tuple(item for item in evidence_sets()[channel].items if item.key not in there)
