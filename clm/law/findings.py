"""What the statutory review (合同审查) looks at and what it says: the terms under review, and a finding about them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import msgspec

from clm.law.interest_rates import SMES
from clm.law.rates import Rates

Severity = Literal["error", "warn"]

SMALL: frozenset[str] = frozenset(SMES)
PAYER = "A"
_DIGITS = 25
"""Numbers of more digits are no terms, and would not be computed exactly."""


class Side(msgspec.Struct, frozen=True):
    """One party of the contract, as far as the review asks: its role, its kind and its size class."""

    role: str
    kind: str | None = None
    size_class: str | None = None

    @property
    def is_small(self) -> bool:
        """Whether it is an SME (中小企业)."""
        return isinstance(self.size_class, str) and self.size_class in SMALL and not self.is_public

    @property
    def is_public(self) -> bool:
        """Whether it is a public body (机关、事业单位)."""
        return self.kind == "public_body" or self.size_class == "public_body"


class Finding(msgspec.Struct, frozen=True):
    """Something found: the rule, the article behind it, where it stands (a JSON pointer), and what would cure it."""

    rule: str
    article: str
    severity: Severity
    pointer: str
    text: str
    cure: str


class Matter(msgspec.Struct, frozen=True):
    """What is under review.

    `agreed` are the terms that the parties wrote, `applying` the same with the type's defaults; `texts` the section
    texts that the contract itself changed, by number; `sides` its parties.
    """

    agreed: dict[str, Any]
    applying: dict[str, Any]
    sides: Sequence[Side]
    texts: Mapping[str, str]
    rates: Rates

    def written(self, *names: str) -> Any:
        """A term that the parties wrote, by its path; None where they did not."""
        return _at(self.agreed, names)

    def term(self, *names: str) -> Any:
        """A term that applies, as written or by the type's default; None where there is none."""
        found = _at(self.agreed, names)
        return _at(self.applying, names) if found is None else found

    def group(self, name: str) -> dict[str, Any]:
        """A group of terms as it applies, the written ones before the defaults; empty where there is none."""
        applies, wrote = self.applying.get(name), self.agreed.get(name)
        return {
            **(applies if isinstance(applies, dict) else {}),
            **(wrote if isinstance(wrote, dict) else {}),
        }

    def items(self, *names: str) -> list[Any]:
        """A list of terms that applies; empty where there is none."""
        found = self.term(*names)
        return found if isinstance(found, list) else []

    def payer_of_sme(self) -> Side | None:
        """The public body or large enterprise that owes the price to an SME.

        A pays, as in the packaged types; where nobody has that role, whoever faces the SME.
        """
        sides = self._declared()
        payers = [one for one in sides if one.role == PAYER] or sides
        for payer in payers:
            if (payer.is_public or payer.size_class == "large") and any(one.is_small for one in sides):
                return payer
        return None

    def _declared(self) -> list[Side]:
        """The parties, each with the size that the terms declare before the one that is recorded."""
        sizes = self.term("parties", "size_class")
        declared = sizes if isinstance(sizes, dict) else {}
        known = {one.role: Side(one.role, one.kind, declared.get(one.role, one.size_class)) for one in self.sides}
        return list(known.values()) + [Side(role, None, size) for role, size in declared.items() if role not in known]

    def wordings(self, pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
        """Where the contract's own words hold a pattern: pointer and the words."""
        for number, text in self.texts.items():
            if found := pattern.search(text):
                yield f"/sections/{number}/text", found[0]
        yield from _in_strings(self.agreed, "/terms", pattern)


def decimal(value: Any) -> Decimal | None:
    """A decimal string as a number; None for anything else, and for what no term could mean."""
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except ArithmeticError:
        return None
    if number is None or not number.is_finite() or abs(number.adjusted()) > _DIGITS:
        return None
    return number if len(number.as_tuple().digits) <= _DIGITS else None


def amount(value: Any, currency: str | None = None) -> Decimal | None:
    """The amount of money; None where it is none, or of another currency than asked for."""
    if not isinstance(value, dict) or (currency is not None and value.get("currency") != currency):
        return None
    return decimal(value.get("amount"))


def _at(found: Any, names: Sequence[str]) -> Any:
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _in_strings(value: Any, pointer: str, pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Where the strings inside a value hold a pattern. A stack, since terms may be nested deeper than calls."""
    stack = [(pointer, value)]
    while stack:
        at, one = stack.pop()
        if isinstance(one, str) and (found := pattern.search(one)):
            yield at, found[0]
        elif isinstance(one, dict):
            stack += ((f"{at}/{name.replace('~', '~0').replace('/', '~1')}", member) for name, member in one.items())
        elif isinstance(one, list):
            stack += ((f"{at}/{number}", member) for number, member in enumerate(one))
