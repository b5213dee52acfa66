"""Which debt, and which part of it, a payment pays (清偿抵充; Civil Code 560, 561; rule R-M4)."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

import msgspec

from clm.law.basis import Basis, LawError, Step
from clm.law.calendars import check_day
from clm.law.money import Currency, Money, RateText, one_currency, rate_of

Part = Literal["costs", "interest", "principal"]

STATUTORY_ORDER: tuple[Part, ...] = ("costs", "interest", "principal")
_SOURCE = "Civil Code 560, 561"


class Owed(NamedTuple):
    """What is owed of one debt, in cents; also what was paid of it."""

    costs: int
    interest: int
    principal: int

    def minus(self, other: "Owed") -> "Owed":
        """What is left."""
        return Owed(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))

    @property
    def total(self) -> int:
        """All parts together."""
        return sum(self)


class Parts(msgspec.Struct, frozen=True):
    """Costs of enforcing the debt (实现债权的费用), interest (利息) and principal (主债务)."""

    costs: Money
    interest: Money
    principal: Money

    @classmethod
    def of(cls, owed: Owed, currency: Currency) -> "Parts":
        """The parts as money."""
        return cls(*(Money.of_cents(cents, currency) for cents in owed))


class OpenDebt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A debt to the same creditor: what is owed, since when, how well it is secured, how heavy it weighs.

    `due` is the last day to pay; `secured` what the creditor holds security for; `burden` what the debt costs the
    debtor a year, as a fraction.
    """

    key: str
    principal: Money
    costs: Money | None = None
    interest: Money | None = None
    due: dt.date | None = None
    secured: Money | None = None
    burden: RateText = "0"


class PaidDebt(msgspec.Struct, frozen=True):
    """What the payment pays of one debt, and what is left of it."""

    key: str
    paid: Parts
    left: Parts


class Allocation(msgspec.Struct, frozen=True):
    """What a payment pays, debt by debt in the order given; `surplus` is what is left of the payment.

    `assumed`: the order rests on a policy, since the law says none among debts that are not due.
    """

    allocations: tuple[PaidDebt, ...]
    surplus: Money
    assumed: bool
    basis: Basis


def in_order(payment: int, owed: Owed, order: Sequence[Part] = STATUTORY_ORDER) -> Owed:
    """What a payment (in cents) pays of one debt: part after part, each in full before the next (561)."""
    paid = dict.fromkeys(STATUTORY_ORDER, 0)
    for part in order:
        paid[part] = min(payment, getattr(owed, part))
        payment -= paid[part]
    return Owed(paid["costs"], paid["interest"], paid["principal"])


def check_order(order: Sequence[Part], field: str) -> None:
    """Raise `LawError` where an agreed order does not name each part once."""
    if sorted(order) != sorted(STATUTORY_ORDER):
        raise LawError(field, "an order names costs, interest and principal, each once")


def allocate(
    payment: Money,
    debts: Sequence[OpenDebt],
    *,
    on: dt.date | None = None,
    designated: Sequence[str] = (),
    order: Sequence[Part] = STATUTORY_ORDER,
) -> Allocation:
    """What a payment made `on` a legal date pays of several debts (560), and of each its parts (561) in `order`.

    `designated` are the keys that the debtor named when paying, first of all. Then come debts that are due, the least
    secured, the heaviest, the earliest due; what is equal in all of that shares by amount. Raises `LawError`.
    """
    _check_day(on, "on", several=len(debts) > 1)
    currency = _check(payment, debts, designated, order)
    owed = {debt.key: _owed(debt) for debt in debts}
    ranked = _ranked(debts, designated, on)
    left, paid, steps = payment.cents, dict.fromkeys(owed, 0), []
    for rank, group in ranked:
        shares = _pro_rata(min(left, sum(owed[one.key].total for one in group)), [owed[one.key].total for one in group])
        for one, share in zip(group, shares, strict=True):
            paid[one.key] = share
            left -= share
        names = ", ".join(one.key for one in group)
        steps.append(Step("R-M4", f"{names}: {_why(rank, len(group))}; {Money.of_cents(sum(shares), currency)}"))
    parts = {key: in_order(sum_, owed[key], order) for key, sum_ in paid.items()}
    steps.append(Step("R-M4", f"of each debt {', then '.join(order)}"))
    allocations = tuple(
        PaidDebt(key, Parts.of(some, currency), Parts.of(owed[key].minus(some), currency))
        for key, some in parts.items()
    )
    early = [any(paid[one.key] for one in group) for rank, group in ranked if rank.not_due]
    assumed = len(early) > 1 and early[0]
    anchor = {"payment": str(payment), "on": on.isoformat() if on else None}
    basis = Basis("R-M4", _SOURCE, anchor, tuple(steps), "final")
    return Allocation(allocations, Money.of_cents(left, currency), assumed, basis)


class _Rank(NamedTuple):
    """Where a debt stands (560): lower comes first."""

    named: int
    not_due: bool
    secured: int
    lightness: object
    due: dt.date


def _ranked(
    debts: Sequence[OpenDebt], designated: Sequence[str], on: dt.date | None
) -> list[tuple["_Rank", list[OpenDebt]]]:
    def rank(debt: OpenDebt) -> _Rank:
        if debt.key in designated:
            place = designated.index(debt.key) - len(designated)
            return _Rank(place, not_due=False, secured=0, lightness=0, due=dt.date.min)
        not_due = on is not None and debt.due is not None and debt.due > on
        secured = debt.secured.cents if debt.secured else 0
        return _Rank(0, not_due, secured, -rate_of(debt.burden, "burden"), debt.due or dt.date.min)

    return [(key, list(group)) for key, group in groupby(sorted(debts, key=rank), key=rank)]


def _why(rank: _Rank, size: int) -> str:
    if rank.named:
        return "named by the debtor"
    why = "not due yet" if rank.not_due else "due"
    return f"{why}, equal in every respect, so by amount" if size > 1 else why


def _pro_rata(payment: int, amounts: Sequence[int]) -> list[int]:
    """A payment shared by amount; what cents are left over go to the largest remainders, of equal ones to the first."""
    total = sum(amounts)
    if total == 0:
        return [0 for _ in amounts]
    shares = [payment * amount // total for amount in amounts]
    by_remainder = sorted(range(len(amounts)), key=lambda index: -(payment * amounts[index] % total))
    for index in by_remainder[: payment - sum(shares)]:
        shares[index] += 1
    return shares


def _owed(debt: OpenDebt) -> Owed:
    return Owed(
        debt.costs.cents if debt.costs else 0, debt.interest.cents if debt.interest else 0, debt.principal.cents
    )


def _check_day(day: dt.date | None, field: str, *, several: bool) -> None:
    if day is None and several:
        raise LawError(field, "of several debts one needs to know which are due: say when")
    if day is not None:
        check_day(field, day)


def _check(payment: Money, debts: Sequence[OpenDebt], designated: Sequence[str], order: Sequence[Part]) -> Currency:
    check_order(order, "order")
    if not debts:
        raise LawError("debts", "a payment pays at least one debt")
    keys = [debt.key for debt in debts]
    for index, debt in enumerate(debts):
        rate_of(debt.burden, f"/debts/{index}/burden")
        if debt.key in keys[:index]:
            raise LawError(f"/debts/{index}/key", f"there are two debts {debt.key}")
        _check_day(debt.due, f"/debts/{index}/due", several=len(debts) > 1)
    for index, key in enumerate(designated):
        if key not in keys or key in designated[:index]:
            raise LawError(f"/designated/{index}", f"{key} is no debt of the list, or is named twice")
    return one_currency([("payment", payment), *_sums(debts)])


def _sums(debts: Sequence[OpenDebt]) -> Iterator[tuple[str, Money | None]]:
    for index, debt in enumerate(debts):
        for name in ("principal", "costs", "interest", "secured"):
            yield f"/debts/{index}/{name}", getattr(debt, name)
