"""What a decision made anew leaves of the record: what it keeps, what it supersedes, and what is new."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

After = TypeVar("After", bound=Mapping[str, Any])
Before = TypeVar("Before", bound=Mapping[str, Any])
One = TypeVar("One", bound=Mapping[str, Any])


def difference(after: Sequence[After], before: Sequence[Before]) -> tuple[list[After], list[Before]]:
    """The events that are new, and those on record that are superseded; both have the fields of a `Happening`.

    Events of one instant are ordered by their numbers: where an instant is decided otherwise, those it begins with stay
    as long as they are the same, and from the first difference on all are told anew.
    """
    now, then = _by_instant(after), _by_instant(before)
    stay = {at: _same(now.get(at, []), then.get(at, [])) for at in {**now, **then}}
    return _beyond(after, stay), _beyond(before, stay)


def _by_instant(events: Sequence[One]) -> dict[dt.datetime, list[One]]:
    found: dict[dt.datetime, list[One]] = {}
    for one in events:
        found.setdefault(one["at"], []).append(one)
    return found


def _beyond(events: Sequence[One], stay: Mapping[dt.datetime, int]) -> list[One]:
    """The events without those that each instant begins with and keeps."""
    seen: Counter[dt.datetime] = Counter()
    left = []
    for one in events:
        seen[one["at"]] += 1
        if seen[one["at"]] > stay[one["at"]]:
            left.append(one)
    return left


def _same(decided: Sequence[Mapping[str, Any]], recorded: Sequence[Mapping[str, Any]]) -> int:
    """How many of an instant's events stay: all where only their order differs, else those it begins with."""
    now, then = [_identity(one) for one in decided], [_identity(one) for one in recorded]
    if Counter(now) == Counter(then):
        return len(now)
    pairs = zip(now, then, strict=False)
    return next((n for n, (left, right) in enumerate(pairs) if left != right), min(len(now), len(then)))


class _Identity(NamedTuple):
    """What makes a decision the same as before: its cause, what it did and said, and where it led if it moved."""

    cause: str
    type: str
    at: dt.datetime
    explanation: str
    data: bytes
    moved: tuple[object, ...] | None


def _identity(event: Mapping[str, Any]) -> _Identity:
    data = {name: value for name, value in event["data"].items() if name != "supersedes"}
    moved = (event["transition"], *event["configuration"], event["outcome"], event["terms_version"])
    return _Identity(
        cause=str(event["fact_id"] or event["timer_key"]),
        type=event["type"],
        at=event["at"],
        explanation=event["explanation"],
        data=msgspec.json.encode(data, order="sorted"),
        moved=moved if event["transition"] else None,
    )
