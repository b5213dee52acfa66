"""What a notice clause says, as data (14.1; rules R-N2, R-N3): clause sets load without code."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Literal

import msgspec

from clm.law.basis import LawError
from clm.law.calendars import BOUNDS, FIRST_DAY, LAST_DAY
from clm.law.periods import SHANGHAI, ClockTime, Period, clock_time

Channel = Literal["personal", "courier", "registered_mail", "fax", "email", "sms", "im", "platform"]
Event = Literal[
    "handed_over",
    "signed",
    "posted",
    "sent",
    "entered",
    "delivered",
    "published",
    "returned",
    "refused",
    "bounced",
    "acknowledged",
]

DATA_CHANNELS: frozenset[Channel] = frozenset(("fax", "email", "sms", "im", "platform"))


class InvalidArrival(LawError):
    """Deliveries or rules that cannot be judged; `field` is the place."""


class Deemed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Arrival tied to an event other than arrival itself: at the event, or `offset` after it."""

    trigger: Event
    offset: Period | None = None


class ArrivalRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One sentence of a notice clause.

    A notice sent by `channel` arrives when `trigger` happens, or `offset` after it: the start day is not counted and
    nothing rolls. `after_hours` `next_workday_start` moves an instant outside business hours, `same_instant` keeps it
    where it is. `fallback_if_unknown` holds where no arrival on the channel is recorded; `refusal_rule` says what a
    refusal on the channel leads to. A rule with trigger `posted` asks for no delivery: it counts even where the item is
    refused or comes back.
    """

    channel: Channel
    trigger: Event
    offset: Period | None = None
    after_hours: Literal["same_instant", "next_workday_start"] | None = None
    fallback_if_unknown: Deemed | None = None
    refusal_rule: Literal["refusal_date", "return_date"] | Deemed | None = None


class Delivery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that happened to a notice on its way.

    `at` is an instant with offset; `address` where it was, or where it was dispatched to.
    """

    channel: Channel
    event: Event
    at: dt.datetime
    address: Annotated[str, msgspec.Meta(min_length=1, max_length=500)] | None = None

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise InvalidArrival("/at", "an instant needs an offset, such as +08:00")
        in_sight = FIRST_DAY.year - 1 <= self.at.year <= LAST_DAY.year  # far outside no local date can be computed
        if not in_sight or not FIRST_DAY <= self.at.astimezone(SHANGHAI).date() <= LAST_DAY:
            raise InvalidArrival("/at", f"legal {BOUNDS}")


class BusinessHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Business hours, `HH:MM` local time on working days.

    With `after_hours` whatever comes outside them counts from the next opening; without, only what a rule with
    `after_hours` `next_workday_start` covers does.
    """

    opens: ClockTime
    closes: ClockTime
    after_hours: Literal["next_working_day"] | None = None

    def __post_init__(self) -> None:
        if self.closes <= self.opens:
            raise InvalidArrival("/closes", "business hours close after they open")

    @property
    def opening(self) -> dt.time:
        return clock_time(self.opens)

    @property
    def closing(self) -> dt.time:
        return clock_time(self.closes)


class RuleSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A notice clause as seen in practice, by id (V1 to V13)."""

    id: str
    note: str
    rules: tuple[ArrivalRule, ...]


def check_rules(rules: Sequence[ArrivalRule]) -> None:
    """Raise `InvalidArrival` at the first rule that contradicts one before it.

    Two rules of one channel and trigger contradict each other where their offsets or hours differ, and two of one
    channel where they say different things on refusals. An acknowledgement rule may stand beside others: it replaces
    them (R-N1).
    """
    for number, rule in enumerate(rules):
        for earlier in rules[:number]:
            if rule.channel == earlier.channel:
                _check_pair(f"/rules/{number}", rule, earlier)


def _check_pair(pointer: str, rule: ArrivalRule, earlier: ArrivalRule) -> None:
    what = f"{rule.trigger} by {rule.channel}"
    if rule.trigger == earlier.trigger and rule.offset != earlier.offset:
        raise InvalidArrival(pointer, f"another rule counts {what} from another day")
    if rule.trigger == earlier.trigger and rule.after_hours != earlier.after_hours:
        raise InvalidArrival(pointer, f"another rule says something else on what {what} after hours leads to")
    said = {one for one in (_on_refusal(rule), _on_refusal(earlier)) if one is not None}
    if len(said) > 1:
        raise InvalidArrival(pointer, f"another rule says something else on a refusal by {rule.channel}")
    fallbacks = {one for one in (rule.fallback_if_unknown, earlier.fallback_if_unknown) if one is not None}
    if len(fallbacks) > 1:
        raise InvalidArrival(pointer, f"another rule says something else on an unknown arrival by {rule.channel}")


def _on_refusal(rule: ArrivalRule) -> Deemed | None:
    """What a rule says on refusals, in one form."""
    if rule.trigger == "refused":
        return Deemed("refused", rule.offset)
    if rule.refusal_rule == "refusal_date":
        return Deemed("refused")
    return Deemed("returned") if rule.refusal_rule == "return_date" else rule.refusal_rule


@cache
def rule_sets() -> Mapping[str, RuleSet]:
    """The clause sets that the package carries."""
    content = files("clm.law").joinpath("data", "notice_rules.json").read_bytes()
    return MappingProxyType({one.id: one for one in msgspec.json.decode(content, type=list[RuleSet])})


def default_rules() -> tuple[ArrivalRule, ...]:
    """The rules of a contract that states none (V13); a result that rests on them is assumed."""
    return rule_sets()["V13"].rules
