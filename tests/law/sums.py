"""Short ways to write the sums of the tests."""

import datetime as dt

import msgspec

from clm.law.interest import Debt, late_interest
from clm.law.interest_rates import AgreedRate, Relation
from clm.law.money import Money
from clm.law.rates import lpr


def day(text):
    return dt.date.fromisoformat(text)


def yuan(amount):
    return Money(amount, "CNY")


def rate(**said):
    return msgspec.convert(said, AgreedRate)


def relation(debtor=None, creditor=None, concluded=None, **more):
    return Relation(debtor, creditor, day(concluded) if concluded else None, **more)


def interest(principal, due, paid, agreed=None, *, debt=None, **choices):
    """Late-payment interest by the packaged rates."""
    more = debt or {}
    owed = Debt(principal=yuan(principal), due=day(due), paid=day(paid) if paid else None, **more)
    return late_interest(owed, agreed, rates=choices.pop("rates", lpr()), **choices)


def amount(*given, **choices):
    """The interest alone."""
    return interest(*given, **choices).interest.amount
