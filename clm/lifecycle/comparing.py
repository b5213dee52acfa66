"""What a decision made anew leaves of the record: what it keeps, what it supersedes, and what is new."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

After = TypeVar("After", bound=Mapping[str, Any])
Before = TypeVar("Before", bound=Mapping[str, Any])


def difference(after: Sequence[After], before: Sequence[Before]) -> tuple[list[After], list[Before]]:
    """The events that are new, and those on record that are superseded; both have the fields of a `Happening`.

    An instant is kept or decided anew as a whole: events of one instant are ordered by their numbers.
    """
    now, then = Counter(map(_identity, after)), Counter(map(_identity, before))
    differ = {identity.at for identity in (now - then) | (then - now)}
    return [one for one in after if one["at"] in differ], [one for one in before if one["at"] in differ]


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
