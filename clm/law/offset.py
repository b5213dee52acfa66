"""Setting claims off against each other (抵销): by a notice, which may carry no condition (Civil Code 568; R-M8)."""

import datetime as dt

import msgspec

from clm.law.basis import Basis, Step
from clm.law.calendars import check_day
from clm.law.money import Money, one_currency


class Offset(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a notice set two claims off, and what it left of either.

    `on` is the legal date on which both went down by `amount`: that of the notice's arrival. `flags` say why not:
    CONDITIONAL_NOTICE, CLAIM_NOT_DUE.
    """

    effective: bool
    on: dt.date | None
    amount: Money
    claim_left: Money
    debt_left: Money
    flags: tuple[str, ...]
    basis: Basis


def offset(claim: Money, claim_due: dt.date, debt: Money, arrived_on: dt.date, *, conditional: bool = False) -> Offset:
    """What becomes of a `claim` against the other side and a `debt` to it by a notice that arrived on a legal date.

    The claim must be due by then; the debt need not be, since its debtor may pay early. `conditional`: the notice
    depends on a condition or a time limit, and so has no effect. Raises `LawError` for claims in two currencies and
    dates outside 1990-2100.
    """
    for field, day in (("claim_due", claim_due), ("arrived_on", arrived_on)):
        check_day(field, day)
    currency = one_currency([("claim", claim), ("debt", debt)])
    not_due = arrived_on <= claim_due
    flags = (*(("CONDITIONAL_NOTICE",) if conditional else ()), *(("CLAIM_NOT_DUE",) if not_due else ()))
    cents = 0 if flags else min(claim.cents, debt.cents)
    amount = Money.of_cents(cents, currency)
    basis = Basis(
        "R-M8",
        "Civil Code 568; contract interpretation (Fa Shi (2023) No. 13) 55",
        {"claim_due": claim_due.isoformat(), "arrived_on": arrived_on.isoformat()},
        _steps(amount, claim_due, arrived_on, conditional=conditional, not_due=not_due),
        "final",
    )
    return Offset(
        effective=not flags,
        on=None if flags else arrived_on,
        amount=amount,
        claim_left=Money.of_cents(claim.cents - cents, currency),
        debt_left=Money.of_cents(debt.cents - cents, currency),
        flags=flags,
        basis=basis,
    )


def _steps(
    amount: Money, claim_due: dt.date, arrived_on: dt.date, *, conditional: bool, not_due: bool
) -> tuple[Step, ...]:
    steps = []
    if conditional:
        steps.append(Step("R-M8", "a notice under a condition or a time limit has no effect", arrived_on))
    if not_due:
        steps.append(Step("R-M8", f"the claim can be asked for after {claim_due}, its last day to be paid", arrived_on))
    if not steps:
        steps.append(Step("R-M8", f"both go down by {amount} when the notice arrives", arrived_on))
    return tuple(steps)
