"""Interest for late payment (逾期利息, 逾期付款违约金): R-M1 to R-M5, and R-M9 for judgment debts.

Simple interest on what is overdue, from the day after the last day to pay up to and including the day of payment. All
sums are exact until the end, where the total is rounded half up once.
"""

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

import msgspec

from clm.law.allocation import STATUTORY_ORDER, Owed, Part, Parts, check_order, in_order
from clm.law.basis import Basis, LawError, Status, Step
from clm.law.calendars import check_day
from clm.law.interest_rates import (
    NOBODY,
    AgreedRate,
    Chosen,
    DayBasis,
    Per,
    Piece,
    Quote,
    Relation,
    choose,
    plain,
)
from clm.law.money import Money, RateText, half_up, one_currency, places, rate_of
from clm.law.rates import Rates

Base = Literal["overdue", "contract_total"]

DEFAULT_DAY_BASIS: DayBasis = 365

BANK_YEAR = 360
_ONE_DAY = dt.timedelta(days=1)


class Payment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part payment: its legal date and its amount."""

    on: dt.date
    amount: Money


class Cap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The most that the interest can come to: exactly one of a share of what was overdue or of the contract's total
    (`0.10` is a tenth), and an amount.
    """

    share_of_overdue: RateText | None = None
    share_of_contract: RateText | None = None
    amount: Money | None = None


class Debt(msgspec.Struct, frozen=True, kw_only=True):
    """A sum of money that fell due, and how it was paid.

    `due` is the last day to pay. `paid` is the day on which the rest was paid, or up to which to count; without it,
    that is the day of the last of the `payments`. `costs` are those of enforcing the debt. `order` is the order in
    which a payment pays the parts. `base` says what the rate applies to: what is overdue, or `contract_total`.
    """

    principal: Money
    due: dt.date
    paid: dt.date | None = None
    payments: Sequence[Payment] = ()
    costs: Money | None = None
    order: Sequence[Part] = STATUTORY_ORDER
    base: Base = "overdue"
    contract_total: Money | None = None

    @property
    def end(self) -> dt.date:
        """The last day that counts."""
        return self.paid or max(one.on for one in self.payments)

    @property
    def ordered(self) -> list[Payment]:
        """The payments as they came."""
        return sorted(self.payments, key=lambda one: one.on)


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """Days in a row, `from` and `to` included, with one base and one rate. `interest` is shown with six places; only
    the total of all segments is rounded to cents.
    """

    start: dt.date = msgspec.field(name="from")
    end: dt.date = msgspec.field(name="to")
    days: int
    base: Money
    rate: str
    per: Per
    interest: str


class Settled(msgspec.Struct, frozen=True):
    """What one payment paid; `surplus` is what was more than everything owed that day."""

    on: dt.date
    paid: Parts
    surplus: Money


class LateInterest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Interest for `days` days of delay, in all.

    `status` `provisional`: a day's rate is not published yet, as far as is loaded. `assumed`: a default or a policy
    decided. `flags`: BELOW_LPR_FLOOR, BACK_TO_BACK_VOID, CAPPED. With part payments, `settled` says what each paid and
    `outstanding` what is left after the last one, at the end of the last day.
    """

    days: int
    interest: Money
    status: Status
    assumed: bool
    flags: tuple[str, ...]
    segments: tuple[Segment, ...]
    basis: Basis
    settled: tuple[Settled, ...] | None = None
    outstanding: Parts | None = None


def late_interest(
    debt: Debt,
    rate: AgreedRate | None = None,
    *,
    rates: Rates,
    relation: Relation = NOBODY,
    day_basis: DayBasis | None = None,
    cap: Cap | None = None,
) -> LateInterest:
    """The interest on a debt that is paid late, and for a payment in time zero.

    Without a `rate` the law's applies, which depends on the `relation` (R-M2). `day_basis` is how many days a rate a
    year or a month is divided over: 365 unless agreed (policy). Raises `LawError` for what has no basis, contradicts
    itself, or lies outside 1990-2100.
    """
    _check(debt)
    if rate is not None:
        rate.which()
    basis = day_basis or DEFAULT_DAY_BASIS
    ledger = _Ledger(debt, basis, _limit(debt, cap))
    if debt.end <= debt.due:
        ledger.run(None)
        return _none(debt, ledger)
    chosen = choose(rate, relation, first_overdue=debt.due + _ONE_DAY, rates=rates, day_basis=basis)
    if day_basis is None and _by_a_banks_year(debt, rate, relation, rates) != chosen.rule:
        step = Step("R-M-BASIS", f"a year counted as {basis} days (policy), on which the floor depends")
        chosen = msgspec.structs.replace(chosen, steps=(*chosen.steps, step), assumed=True)
    ledger.run(chosen)
    return _told(debt, chosen, ledger, day_basis) if ledger.runs else _none(debt, ledger)


def _by_a_banks_year(debt: Debt, rate: AgreedRate | None, relation: Relation, rates: Rates) -> str:
    """The rule that decides on the rate where a year has 360 days: a floor may lie between the two."""
    return choose(rate, relation, first_overdue=debt.due + _ONE_DAY, rates=rates, day_basis=BANK_YEAR).rule


class _Run(NamedTuple):
    """Days in a row with one base (in cents) and one rate."""

    first: dt.date
    last: dt.date
    base: int
    quote: Quote

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


class _Ledger:
    """What is owed as time goes on. Interest owed is at every moment the whole of it, rounded once, less what was paid
    of it: so payments in between add no rounding of their own.
    """

    def __init__(self, debt: Debt, day_basis: int, limit: "_Limit | None") -> None:
        self.debt, self.day_basis, self.limit = debt, day_basis, limit
        self.principal, self.costs = debt.principal.cents, debt.costs.cents if debt.costs else 0
        self.interest_paid = 0
        self.cap: Fraction | None = None
        self.runs: list[_Run] = []
        self.pieces: list[Piece] = []
        self.settled: list[tuple[dt.date, Owed, int]] = []

    def run(self, chosen: Chosen | None) -> None:
        """Go through the payments, and on to the end. No rate is needed where nothing is late."""
        at = self.debt.due
        for payment in self.debt.ordered:
            self._accrue(chosen, at, payment.on)
            at = max(at, payment.on)
            self._settle(payment)
        self._accrue(chosen, at, self.debt.end)

    @property
    def exact(self) -> Fraction:
        """All interest so far in cents, before any cap."""
        return sum((self.of(run) for run in self.runs), Fraction())

    @property
    def interest(self) -> int:
        """All interest so far, capped and rounded."""
        return half_up(self.exact if self.cap is None else min(self.exact, self.cap))

    @property
    def owed(self) -> Owed:
        """What is owed now."""
        return Owed(self.costs, self.interest - self.interest_paid, self.principal)

    def of(self, run: _Run) -> Fraction:
        """The interest of some days, in cents."""
        return run.base * run.quote.a_day(self.day_basis) * run.days

    def _accrue(self, chosen: Chosen | None, since: dt.date, until: dt.date) -> None:
        """Interest for the days after `since` up to and including `until` (R-M1)."""
        if chosen is None or until <= since or not self.principal:
            return
        if self.cap is None and self.limit is not None:
            self.cap = self.limit.of(self.principal)
        base = self.principal
        if self.debt.base == "contract_total" and self.debt.contract_total is not None:
            base = self.debt.contract_total.cents
        for piece in chosen.pieces(since + _ONE_DAY, until):
            self._add(_Run(piece.first, piece.last, base, piece.quote))
            self.pieces.append(piece)

    def _add(self, run: _Run) -> None:
        if self.runs and self.runs[-1][2:] == run[2:]:
            run = run._replace(first=self.runs.pop().first)
        self.runs.append(run)

    def _settle(self, payment: Payment) -> None:
        paid = in_order(payment.amount.cents, self.owed, self.debt.order)
        self.costs -= paid.costs
        self.interest_paid += paid.interest
        self.principal -= paid.principal
        self.settled.append((payment.on, paid, payment.amount.cents - paid.total))


class _Limit(NamedTuple):
    """A cap: a share of what is overdue when the delay begins, or a sum in cents."""

    share: Fraction | None
    cents: Fraction
    text: str

    def of(self, overdue: int) -> Fraction:
        return self.cents if self.share is None else self.share * overdue


def _limit(debt: Debt, cap: Cap | None) -> _Limit | None:
    if cap is None:
        return None
    said = [name for name in ("share_of_overdue", "share_of_contract", "amount") if getattr(cap, name) is not None]
    if len(said) != 1:
        raise LawError("cap", "a cap is exactly one of share_of_overdue, share_of_contract and amount")
    if cap.amount is not None:
        one_currency([("principal", debt.principal), ("/cap/amount", cap.amount)])
        return _Limit(None, Fraction(cap.amount.cents), str(cap.amount))
    share = Fraction(rate_of(getattr(cap, said[0]), f"/cap/{said[0]}"))
    if cap.share_of_overdue is not None:
        return _Limit(share, Fraction(), f"{cap.share_of_overdue} of what is overdue")
    if debt.contract_total is None:
        raise LawError("contract_total", "a cap as a share of the contract needs the contract's total")
    return _Limit(None, share * debt.contract_total.cents, f"{cap.share_of_contract} of {debt.contract_total}")


def _none(debt: Debt, ledger: _Ledger) -> LateInterest:
    step = Step("R-M1", f"nothing was overdue after {debt.due}", debt.due)
    steps = (step, *_payment_steps(debt, ledger))
    return LateInterest(
        days=0,
        interest=Money.of_cents(0, debt.principal.currency),
        status="final",
        assumed=False,
        flags=(),
        segments=(),
        basis=Basis("R-M1", "Civil Code 579", _anchor(debt), steps, "final"),
        settled=_settled(debt, ledger),
        outstanding=_outstanding(debt, ledger),
    )


def _told(debt: Debt, chosen: Chosen, ledger: _Ledger, day_basis: DayBasis | None) -> LateInterest:
    currency = debt.principal.currency
    capped = ledger.cap is not None and ledger.exact > ledger.cap
    status: Status = "provisional" if any(one.provisional for one in ledger.pieces) else "final"
    by_default = day_basis is None and any(run.quote.per != "day" for run in ledger.runs)
    steps = (*_steps(debt, chosen, ledger, by_default=by_default), _last_step(debt, ledger, capped=capped))
    return LateInterest(
        days=sum(run.days for run in ledger.runs),
        interest=Money.of_cents(ledger.interest, currency),
        status=status,
        assumed=chosen.assumed or by_default,
        flags=(*chosen.flags, *(("CAPPED",) if capped else ())),
        segments=tuple(_segment(run, ledger, currency) for run in ledger.runs),
        basis=Basis(chosen.rule, chosen.source, _anchor(debt), steps, status),
        settled=_settled(debt, ledger),
        outstanding=_outstanding(debt, ledger),
    )


def _anchor(debt: Debt) -> dict[str, str]:
    return {"due": debt.due.isoformat(), "paid": debt.end.isoformat()}


def _outstanding(debt: Debt, ledger: _Ledger) -> Parts | None:
    return Parts.of(ledger.owed, debt.principal.currency) if debt.payments else None


def _settled(debt: Debt, ledger: _Ledger) -> tuple[Settled, ...] | None:
    currency = debt.principal.currency
    settled = tuple(
        Settled(on, Parts.of(paid, currency), Money.of_cents(surplus, currency)) for on, paid, surplus in ledger.settled
    )
    return settled or None


def _steps(debt: Debt, chosen: Chosen, ledger: _Ledger, *, by_default: bool) -> list[Step]:
    published = dict.fromkeys(one.step for one in ledger.pieces if one.step is not None)
    steps = [*chosen.steps, *published]
    if by_default:
        steps.append(Step("R-M-BASIS", f"a year counted as {ledger.day_basis} days (policy)"))
    for run in ledger.runs:
        base = Money.of_cents(run.base, debt.principal.currency)
        text = f"{run.days} days from {run.first} to {run.last}, both counted: {base} x {run.quote}"
        steps.append(Step("R-M1", text, run.last))
    return [*steps, *_payment_steps(debt, ledger)]


def _payment_steps(debt: Debt, ledger: _Ledger) -> list[Step]:
    order, steps = ", then ".join(debt.order), []
    for on, paid, _ in ledger.settled:
        parts = Parts.of(paid, debt.principal.currency)
        text = f"{order}: {parts.costs} costs, {parts.interest} interest, {parts.principal} principal"
        steps.append(Step("R-M4", text, on))
    return steps


def _last_step(debt: Debt, ledger: _Ledger, *, capped: bool) -> Step:
    if capped and ledger.limit is not None:
        return Step("R-M5", f"capped at {ledger.limit.text}", debt.end)
    return Step("R-M1", "the sum, rounded half up once", debt.end)


def _segment(run: _Run, ledger: _Ledger, currency: str) -> Segment:
    return Segment(
        start=run.first,
        end=run.last,
        days=run.days,
        base=Money.of_cents(run.base, currency),
        rate=plain(run.quote.rate),
        per=run.quote.per,
        interest=places(ledger.of(run) / 100, 6),
    )


def _check(debt: Debt) -> None:
    check_day("due", debt.due)
    if debt.paid is None and not debt.payments:
        raise LawError("paid", "say when it was paid, or up to which day to count")
    if debt.paid is not None:
        check_day("paid", debt.paid)
    check_order(debt.order, "order")
    if debt.base == "contract_total" and debt.contract_total is None:
        raise LawError("contract_total", "interest on the contract's total needs that total")
    for index, payment in enumerate(debt.payments):
        check_day(f"/payments/{index}/on", payment.on)
        if debt.paid is not None and payment.on > debt.paid:
            raise LawError(f"/payments/{index}/on", f"the rest was paid on {debt.paid}, before this part")
    sums = [("principal", debt.principal), ("costs", debt.costs), ("contract_total", debt.contract_total)]
    one_currency([*sums, *((f"/payments/{index}/amount", one.amount) for index, one in enumerate(debt.payments))])
