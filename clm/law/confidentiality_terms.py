"""What a confidentiality clause says, as data (8.3): when the agreed duty starts and ends, per class or per item."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from clm.law.basis import LawError
from clm.law.calendars import check_day
from clm.law.periods import Period, Roll, Unit

Anchor = Literal["disclosure", "negotiation", "signing", "effective", "termination", "return_of_data"]
Event = Literal["public_or_no_longer_secret", "lawfully_public", "public_or_written_release"]
"""What ends a duty that no day ends: it happens to an item, and is recorded by releasing that item."""
ItemClass = Literal["ordinary", "trade_secret", "personal_info", "contract_content"]

DEEPEST = 8


class InvalidConfidentiality(LawError):
    """A confidentiality clause that cannot be read; `field` is a JSON pointer into the rules."""


class After(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A period after an anchor's legal date.

    Without an anchor the clause is ambiguous; without `roll`, the last day is assumed not to roll.
    """

    period: Period
    anchor: Anchor | None = None
    count_start_day: bool = False
    roll: Roll | None = None

    def __post_init__(self) -> None:
        if self.period.unit is Unit.HOUR:
            raise InvalidConfidentiality("/period/unit", "a duty of confidence runs in days or longer, not in hours")


class End(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """When the agreed duty ends: exactly one of the members. Expressions nest at most eight deep."""

    after: After | None = None
    date: dt.date | None = None
    until: Event | None = None
    perpetual: bool | None = None
    later_of: "tuple[End, ...] | None" = None
    earlier_of: "tuple[End, ...] | None" = None

    def __post_init__(self) -> None:
        said = [name for name in self.__struct_fields__ if getattr(self, name) is not None]
        if len(said) != 1:
            raise InvalidConfidentiality("", f"an end is exactly one of {', '.join(self.__struct_fields__)}")
        if self.perpetual is False:
            raise InvalidConfidentiality("/perpetual", "is true or left out")
        if self.date is not None:
            check_day("/date", self.date, InvalidConfidentiality)
        if self.later_of == () or self.earlier_of == ():
            raise InvalidConfidentiality(f"/{said[0]}", "names at least one end")
        if self.depth > DEEPEST:
            raise InvalidConfidentiality(f"/{said[0]}", f"ends nest at most {DEEPEST} deep")

    @property
    def parts(self) -> "tuple[End, ...]":
        return self.later_of or self.earlier_of or ()

    @property
    def depth(self) -> int:
        return 1 + max((part.depth for part in self.parts), default=0)

    @property
    def afters(self) -> tuple[After, ...]:
        """Every period in the expression, outermost first."""
        own = (self.after,) if self.after else ()
        return own + tuple(after for part in self.parts for after in part.afters)


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The agreed duty for one class of information (or `all`), or for one item by name, which counts alone.

    `owner` narrows it to what one party discloses, `attachment_kind` to what is in files of that kind. Without `end`
    the clause is silent. A rule for one item needs no class.
    """

    item_class: ItemClass | Literal["all"] | None = msgspec.field(name="class", default=None)
    start: Anchor | None = None
    end: End | None = None
    item: str | None = None
    owner: str | None = None
    attachment_kind: str | None = None

    def __post_init__(self) -> None:
        if self.item_class is None and self.item is None:
            raise InvalidConfidentiality("/class", "names a class of information, or `all`; or the rule names an item")


class About(NamedTuple):
    """The information that is asked about, as far as rules may speak of it."""

    item_class: str
    item: str | None = None
    owner: str | None = None
    attachment_kinds: frozenset[str] = frozenset()


def most_specific(rules: Sequence[Rule], about: About) -> list[Rule]:
    """The rules that speak of it most closely: by its name, by a kind of its files, by its class, by its owner."""
    ranked = [(rank, rule) for rule in rules if (rank := _rank(rule, about)) is not None]
    closest = max((rank for rank, _ in ranked), default=None)
    return [rule for rank, rule in ranked if rank == closest]


def _rank(rule: Rule, about: About) -> tuple[bool, bool, bool, bool] | None:
    """How closely a rule speaks of it; None where it does not."""
    if rule.owner not in (None, about.owner):
        return None
    if rule.item is not None:
        return (True, False, False, rule.owner is not None) if rule.item == about.item else None
    if rule.attachment_kind is not None and rule.attachment_kind not in about.attachment_kinds:
        return None
    if rule.item_class not in ("all", about.item_class):
        return None
    return False, rule.attachment_kind is not None, rule.item_class != "all", rule.owner is not None


def validate(rules: object) -> tuple[Rule, ...]:
    """The rules as decoded from JSON, checked.

    Raises `InvalidConfidentiality` with a pointer into them, such as `/0/end/after`.
    """
    try:
        return msgspec.convert(rules, type=tuple[Rule, ...])
    except msgspec.ValidationError as error:
        raise _pointed(str(error)) from error
    except RecursionError as error:
        raise InvalidConfidentiality("", "the rules nest too deeply") from error


def _pointed(message: str) -> InvalidConfidentiality:
    """A validation message, "what - at `$[0].end`", as pointer and text.

    A check of our own may name a member first ("/date: what"), which then ends the pointer.
    """
    text, _, path = message.partition(" - at `$")
    pointer = "".join(f"/{member or index}" for member, index in re.findall(r"\.(\w+)|\[(\w+)\]", path))
    named = re.match(r"(/[\w/]*)?: (.*)", text)
    return (
        InvalidConfidentiality(pointer + (named[1] or ""), named[2]) if named else InvalidConfidentiality(pointer, text)
    )
