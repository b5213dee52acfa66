"""Sums of money and rates, exactly: cents as integers, rates as fractions, rounded half up once."""

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

import msgspec

from clm.law.basis import LawError

AmountText = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,2})?$(?!\n)",
        description="A non-negative decimal string with at most two decimals",
    ),
]
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$(?!\n)", description="An ISO 4217 code")]
RateText = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(0|[1-9][0-9]{0,2})(\.[0-9]{1,10})?$(?!\n)",
        description="A non-negative decimal string below 1000: 0.0005 is 0.05 %",
    ),
]

_AMOUNT = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]{1,2})?")
_RATE = re.compile(r"(0|[1-9][0-9]{0,2})(\.[0-9]{1,10})?")


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sum that is not negative, in one currency; `amount` is a decimal string of the main unit."""

    amount: AmountText
    currency: Currency

    def __post_init__(self) -> None:
        if not _AMOUNT.fullmatch(self.amount):
            raise LawError("amount", "an amount is a non-negative decimal string with at most two decimals")

    @classmethod
    def of_cents(cls, cents: int, currency: Currency) -> "Money":
        """The sum of so many hundredths."""
        return cls(f"{cents // 100}.{cents % 100:02}", currency)

    @property
    def cents(self) -> int:
        """The sum in hundredths."""
        whole, _, part = self.amount.partition(".")
        return int(whole) * 100 + int(f"{part:0<2}")

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"


def rate_of(text: RateText, field: str) -> Decimal:
    """A rate, share or multiplier from its text. Raises `LawError` at `field` for what is none."""
    if not _RATE.fullmatch(text):
        raise LawError(field, "a rate is a non-negative decimal string below 1000 with at most ten decimals")
    return Decimal(text)


def half_up(value: Fraction) -> int:
    """The nearest integer, a half away from zero; `value` is not negative."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def places(value: Fraction, number: int) -> str:
    """A fraction as a decimal string with so many places, for reading."""
    digits = f"{half_up(value * 10**number):0{number + 1}}"
    return f"{digits[:-number]}.{digits[-number:]}"


def one_currency(sums: Iterable[tuple[str, Money | None]]) -> Currency:
    """The currency of all the sums that are there, each given with its field; the first one decides.

    Raises `LawError` at the first sum in another one.
    """
    found: Currency | None = None
    for field, money in sums:
        if money is not None:
            found = found or money.currency
            if money.currency != found:
                raise LawError(f"{field}/currency", f"the sums are in {found}, not in {money.currency}")
    if found is None:
        raise LawError("", "no sum is given")
    return found
