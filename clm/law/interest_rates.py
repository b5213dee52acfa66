"""Which rate of late-payment interest applies (R-M2): the agreed one, that owed to small enterprises, or the LPR."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

import msgspec

from clm.law.basis import LawError, Step
from clm.law.calendars import check_day
from clm.law.money import RateText, rate_of
from clm.law.rates import Rates

SizeClass = Literal["micro", "small", "medium", "large", "public_body"]
Method = Literal["fixed", "floating"]
DayBasis = Literal[365, 360]
Per = Literal["day", "month", "year"]

SME_RULE_SINCE = dt.date(2020, 9, 1)
"""When the regulation on payments to small and medium enterprises (保障中小企业款项支付条例) first came into force."""
SME_RATE = Decimal("0.0005")
DEFAULT_MULTIPLIER = Decimal("1.5")

_SME = "Regulation on Payments to SMEs 17"
_SALES = "Sales interpretation 18(4) through Civil Code 646"
_AGREED = "the clause; Civil Code 585(1)"
_BACK_TO_BACK = "Fa Shi (2024) No. 11, 2"
_PAYSSMES: frozenset[SizeClass] = frozenset(("large", "public_body"))
SMES: frozenset[SizeClass] = frozenset(("micro", "small", "medium"))


class LprRate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The one-year LPR times `multiplier` (1.5 if left out): `fixed` as on the first overdue day, or `floating`."""

    multiplier: RateText | None = None
    method: Method | None = None


class AgreedRate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rate of the clause: exactly one of the four. Rates are fractions of the base: `0.0005` a day is 0.05 %."""

    per_day: RateText | None = None
    per_month: RateText | None = None
    per_year: RateText | None = None
    lpr: LprRate | None = None

    def which(self) -> str:
        """Which of the four is given. Raises `LawError` where none is, or several are."""
        said = [name for name in ("per_day", "per_month", "per_year", "lpr") if getattr(self, name) is not None]
        if len(said) != 1:
            raise LawError("rate", "a rate is exactly one of per_day, per_month, per_year and lpr")
        return said[0]


class Relation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who owes whom: sizes as declared when the contract was concluded, None where unknown or neither.

    `pay_when_paid`: the clause makes payment wait for a third party's payment (背靠背条款).
    """

    debtor: SizeClass | None = None
    creditor: SizeClass | None = None
    concluded_on: dt.date | None = None
    pay_when_paid: bool = False

    @property
    def protects_an_sme(self) -> bool:
        """Whether a public body or a large enterprise owes a small one under a contract that the regulation covers."""
        pair = self.debtor in _PAYSSMES and self.creditor in SMES
        return pair and (self.concluded_on is None or self.concluded_on >= SME_RULE_SINCE)


NOBODY = Relation()
"""Sizes unknown: the general rules."""


class Quote(NamedTuple):
    """A rate as it is said."""

    rate: Decimal
    per: Per

    def a_day(self, day_basis: int) -> Fraction:
        """What it is for one day; a month is a twelfth of a year."""
        if self.per == "day":
            return Fraction(self.rate)
        return Fraction(self.rate) * (12 if self.per == "month" else 1) / day_basis

    def a_year(self, day_basis: int) -> Fraction:
        """What it is for a year."""
        return self.a_day(day_basis) * day_basis

    def __str__(self) -> str:
        return f"{plain(self.rate)} a {self.per}"


class Piece(NamedTuple):
    """Days in a row on which one rate holds; `step` says where it comes from, if it is the LPR."""

    first: dt.date
    last: dt.date
    quote: Quote
    provisional: bool
    step: Step | None


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The rate that applies, by which rule: one `quote` throughout, or the published rates times `multiplier`.

    `unsure`: the choice itself rests on a rate that is provisional.
    """

    rule: str
    source: str
    steps: tuple[Step, ...]
    rates: Rates
    quote: Quote | None = None
    multiplier: Decimal = Decimal(1)
    method: Method = "fixed"
    flags: tuple[str, ...] = ()
    assumed: bool = False
    first_overdue: dt.date
    unsure: bool = False

    def pieces(self, first: dt.date, last: dt.date) -> Iterator[Piece]:
        """The days from `first` to `last`, cut where the rate changes."""
        if self.quote is not None:
            yield Piece(first, last, self.quote, self.unsure, step=None)
        elif self.method == "fixed":
            yield self._piece(self.first_overdue, first, last, last_needed=self.first_overdue)
        else:
            changes = [row.date for row in self.rates.between(first, last)]
            ends = [day - dt.timedelta(days=1) for day in changes]
            for start, end in zip([first, *changes], [*ends, last], strict=True):
                yield self._piece(start, start, end, last_needed=end)

    def _piece(self, day: dt.date, first: dt.date, last: dt.date, *, last_needed: dt.date) -> Piece:
        row = self.rates.on(day)
        step = Step("R-M3", f"the LPR of {row.date} is {plain(row.rate)} a year ({row.source})", row.date)
        quote = Quote(row.rate * self.multiplier, "year")
        return Piece(first, last, quote, self.unsure or self.rates.is_provisional(last_needed), step)


def choose(
    agreed: AgreedRate | None, relation: Relation, *, first_overdue: dt.date, rates: Rates, day_basis: int
) -> Chosen:
    """The rate that applies to a debt overdue from `first_overdue` on.

    Raises `LawError` for a rate without a basis: none or several of the four, an LPR from before there was one, a
    contract with a small enterprise whose floor cannot be told.
    """
    _check_relation(relation, first_overdue)
    common = _Given(relation, first_overdue, rates, day_basis)
    return _statutory(common) if agreed is None else _floored(common, agreed)


class _Given(NamedTuple):
    relation: Relation
    first_overdue: dt.date
    rates: Rates
    day_basis: int


def _check_relation(relation: Relation, first_overdue: dt.date) -> None:
    concluded = relation.concluded_on
    if concluded is not None:
        check_day("concluded_on", concluded)
    if concluded is not None and concluded > first_overdue:
        raise LawError("concluded_on", "the contract was concluded only after the payment was overdue")


def _statutory(given: _Given) -> Chosen:
    relation = given.relation
    if relation.pay_when_paid and relation.protects_an_sme:
        text = "no rate is agreed and the pay-when-paid clause is void: the LPR as on the first overdue day (policy)"
        step = Step("R-M2", text, given.first_overdue)
        return _by_lpr(given, _BACK_TO_BACK, Decimal(1), "fixed", (step,), ("BACK_TO_BACK_VOID",), assumed=True)
    if relation.protects_an_sme:
        step = Step("R-M2", f"no rate is agreed with a {relation.creditor} enterprise: {SME_RATE} a day")
        quote = Quote(SME_RATE, "day")
        return Chosen(
            rule="R-M2", source=_SME, steps=(step,), rates=given.rates, quote=quote, first_overdue=given.first_overdue
        )
    text = f"no rate is agreed: the LPR as on the first overdue day times {DEFAULT_MULTIPLIER} (policy; 1.3 to 1.5)"
    steps = (Step("R-M-LPR", text, given.first_overdue),)
    return _by_lpr(given, _SALES, DEFAULT_MULTIPLIER, "fixed", steps, (), assumed=True)


def _by_lpr(
    given: _Given,
    source: str,
    multiplier: Decimal,
    method: Method,
    steps: tuple[Step, ...],
    flags: tuple[str, ...],
    *,
    assumed: bool,
) -> Chosen:
    first = given.rates.rows[0].date
    if given.first_overdue < first:
        text = f"the debt was overdue before {first}, when no LPR was published: give a rate that is agreed"
        raise LawError("due", text)
    return Chosen(
        rule="R-M2",
        source=source,
        steps=steps,
        rates=given.rates,
        multiplier=multiplier,
        method=method,
        flags=flags,
        assumed=assumed,
        first_overdue=given.first_overdue,
    )


def _floored(given: _Given, agreed: AgreedRate) -> Chosen:
    """The agreed rate, unless it is below what a small enterprise is owed at the least."""
    chosen = _agreed(given, agreed)
    if not given.relation.protects_an_sme:
        return chosen
    if given.relation.pay_when_paid:
        step = Step("R-M2", "the pay-when-paid clause is void; the agreed rate stays")
        chosen = msgspec.structs.replace(chosen, steps=(*chosen.steps, step), flags=("BACK_TO_BACK_VOID",))
    concluded = given.relation.concluded_on
    if concluded is None:
        return _above_every_floor(given, chosen)
    if concluded < given.rates.rows[0].date:
        raise LawError("concluded_on", "no LPR was published when the contract was concluded")
    return _lifted(given, chosen, concluded)


def _above_every_floor(given: _Given, chosen: Chosen) -> Chosen:
    """The rate, where no day of conclusion could put the floor above it; raises `LawError` where one could."""
    highest = max(given.rates.rows, key=lambda row: row.rate)
    if chosen.quote is None or chosen.quote.a_year(given.day_basis) < Fraction(highest.rate):
        raise LawError("concluded_on", "a rate agreed with an SME has the LPR at conclusion as its floor: say when")
    text = f"the agreed rate is not below any LPR on record, of which {plain(highest.rate)} a year is the highest"
    return msgspec.structs.replace(chosen, steps=(*chosen.steps, Step("R-M2", text, highest.date)))


def _lifted(given: _Given, chosen: Chosen, concluded: dt.date) -> Chosen:
    floor, unsure = given.rates.on(concluded), given.rates.is_provisional(concluded)
    a_year = (
        chosen.quote.a_year(given.day_basis)
        if chosen.quote
        else Fraction(given.rates.on(given.first_overdue).rate) * Fraction(chosen.multiplier)
    )
    said = f"the LPR when the contract was concluded, {plain(floor.rate)} a year (published {floor.date})"
    if a_year >= Fraction(floor.rate):
        step = Step("R-M2", f"the agreed rate is not below {said}", concluded)
        source = f"{chosen.source}; {_SME}"
        return msgspec.structs.replace(chosen, source=source, steps=(*chosen.steps, step), unsure=unsure)
    text = f"the agreed rate is below {said}, which applies in its place (policy; another reading: {SME_RATE} a day)"
    return Chosen(
        rule="R-M-FLOOR",
        source=_SME,
        steps=(*chosen.steps, Step("R-M-FLOOR", text, concluded)),
        rates=given.rates,
        quote=Quote(floor.rate, "year"),
        flags=(*chosen.flags, "BELOW_LPR_FLOOR"),
        assumed=True,
        first_overdue=given.first_overdue,
        unsure=unsure,
    )


def _agreed(given: _Given, agreed: AgreedRate) -> Chosen:
    name = agreed.which()
    if agreed.lpr is not None:
        return _agreed_lpr(given, agreed.lpr)
    per: Per = "day" if name == "per_day" else "month" if name == "per_month" else "year"
    quote = Quote(rate_of(getattr(agreed, name), f"/rate/{name}"), per)
    steps = (Step("R-M2", f"the agreed rate: {quote}"),)
    return Chosen(
        rule="R-M2",
        source=_AGREED,
        steps=steps,
        rates=given.rates,
        quote=quote,
        first_overdue=given.first_overdue,
    )


def _agreed_lpr(given: _Given, lpr: LprRate) -> Chosen:
    multiplier = DEFAULT_MULTIPLIER if lpr.multiplier is None else rate_of(lpr.multiplier, "/rate/lpr/multiplier")
    method: Method = lpr.method or "fixed"
    if not 0 < multiplier <= 100:
        raise LawError("/rate/lpr/multiplier", "a multiplier is above 0 and at most 100")
    how = "as on the first overdue day" if method == "fixed" else "of each day"
    steps = [Step("R-M2", f"the LPR {how}, times {plain(multiplier)}")]
    assumed = lpr.multiplier is None or lpr.method is None
    if assumed:
        missing = " and ".join(name for name in ("multiplier", "method") if getattr(lpr, name) is None)
        steps.append(Step("R-M-LPR", f"{missing} by default: {DEFAULT_MULTIPLIER}, fixed"))
    return _by_lpr(given, _SALES, multiplier, method, tuple(steps), (), assumed=assumed)


def plain(rate: Decimal) -> str:
    """A rate without an exponent and without zeros at its end."""
    text = f"{rate:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
