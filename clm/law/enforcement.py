"""Interest on a judgment debt that is not paid in time (加倍部分债务利息): rule R-M9."""

import datetime as dt
from fractions import Fraction

import msgspec

from clm.law.basis import Basis, LawError, Step
from clm.law.calendars import check_day
from clm.law.money import Money, half_up

RATE = Fraction(175, 1_000_000)
SINCE = dt.date(2014, 8, 1)
_ONE_DAY = dt.timedelta(days=1)


class EnforcementInterest(msgspec.Struct, frozen=True):
    """The doubled part of the interest on a judgment debt (加倍部分债务利息), beside any other interest."""

    days: int
    interest: Money
    basis: Basis


def enforcement_interest(principal: Money, due: dt.date, paid: dt.date) -> EnforcementInterest:
    """The doubled part of the interest on a judgment debt not paid by `due`: 0.0175 % a day (R-M9).

    `principal` is the sum adjudged without the interest in it. Raises `LawError` for dates outside 1990-2100, and for
    days before August 2014, which followed another rule.
    """
    for field, day in (("due", due), ("paid", paid)):
        check_day(field, day)
    if paid > due and due + _ONE_DAY < SINCE:
        raise LawError("due", f"the rate is that of days from {SINCE} on")
    days = max((paid - due).days, 0)
    interest = Money.of_cents(half_up(principal.cents * RATE * days), principal.currency)
    text = f"{principal} x 0.000175 x {days} days = {interest}, rounded half up once"
    anchor = {"due": due.isoformat(), "paid": paid.isoformat()}
    source = "Civil Procedure Law 264; Fa Shi (2014) No. 8, 1"
    return EnforcementInterest(days, interest, Basis("R-M9", source, anchor, (Step("R-M9", text, paid),), "final"))
