"""What the review says about money (L05, L06, L16)."""

from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal
from typing import Any

from clm.law import deposits
from clm.law.findings import Finding, Matter, Severity, Side, amount, decimal
from clm.law.payment_terms import LONGEST_DAYS

DEPOSIT_SHARE = Decimal(deposits.DEPOSIT_SHARE.numerator) / deposits.DEPOSIT_SHARE.denominator
PENALTY_SHARE = Decimal("0.30")
SME_DAYS = LONGEST_DAYS.length
HARDLY_A_DAY = Decimal("0.01")
"""A penalty a day above this passes 30 % of its base within a month."""
_BANK_YEAR = 360
_LONGEST = {"hour": Decimal("0.05"), "day": Decimal(1), "working_day": Decimal("1.4"), "week": Decimal(7),
            "month": Decimal(31), "year": Decimal(366)}  # fmt: skip
_MOST_DAYS = 100_000
_SME = "Regulation on Payments to SMEs"


def deposit(matter: Matter) -> Iterator[Finding]:
    """L05: a deposit (定金) has no effect beyond a fifth of the price."""
    price = matter.term("fees", "total")
    total, given = amount(price), _of(matter.term("fees", "deposit"), price)
    if total is None or given is None or given <= total * DEPOSIT_SHARE:
        return
    most = (total * DEPOSIT_SHARE).quantize(Decimal("0.01"), ROUND_DOWN)
    yield Finding(
        "L05", "Civil Code 586", "error", "/terms/fees/deposit",
        f"The deposit is more than a fifth of the price: {given - most} of it has no effect as a deposit.",
        f"Agree on a deposit of at most {most}, and call the rest a payment.",
    )  # fmt: skip


def toward_an_sme(matter: Matter) -> Iterator[Finding]:
    """L06: what a large enterprise or a public body may not agree on with the SME (中小企业) that it pays."""
    payer = matter.payer_of_sme()
    if payer is None:
        return
    yield from _too_low_a_rate(matter)
    yield from _too_late(matter, payer)
    if matter.term("payment", "pay_when_paid") is True:
        yield Finding(
            "L06", f"{_SME} 9(2); Fa Shi (2024) No. 11, 1", "error", "/terms/payment/pay_when_paid",
            "Payment to an SME waits for a third party's payment, which has no effect.",
            "Take the condition out and set a term of payment.",
        )  # fmt: skip


def _too_low_a_rate(matter: Matter) -> Iterator[Finding]:
    lpr = matter.rates.rows[-1]
    a_day = decimal(matter.term("payment", "late", "rate_per_day"))
    multiplier = decimal(matter.term("payment", "late", "lpr", "multiplier"))
    days = _BANK_YEAR if matter.term("payment", "late", "day_basis") == _BANK_YEAR else 365
    too_low = a_day is not None and a_day * days < lpr.rate
    if too_low or (multiplier is not None and multiplier < 1):
        yield Finding(
            "L06", f"{_SME} 17", "error",
            "/terms/payment/late/rate_per_day" if too_low else "/terms/payment/late/lpr/multiplier",
            f"Late-payment interest toward an SME is below the one-year LPR ({lpr.rate:.2%} of {lpr.date.isoformat()}; "
            "the one of the day of conclusion decides).",
            "Agree on at least the LPR, or on nothing: then 0.05 % a day applies.",
        )  # fmt: skip


def _too_late(matter: Matter, payer: Side) -> Iterator[Finding]:
    if _days(matter.term("payment", "due", "after", "period")) <= SME_DAYS:
        return
    severity: Severity = "error" if payer.is_public else "warn"
    yield Finding(
        "L06", f"{_SME} 9(1)", severity, "/terms/payment/due/after/period",
        f"A public body would pay an SME later than {SME_DAYS} days."
        if payer.is_public
        else f"A large enterprise would pay an SME later than {SME_DAYS} days, which has to be usual in the trade.",
        f"Agree on 30 days, or with a reason on {SME_DAYS} at most."
        if payer.is_public
        else f"Agree on {SME_DAYS} days at most, or write down which usage of the trade asks for more.",
    )  # fmt: skip


def _days(period: Any) -> Decimal:
    """The most days that a period can come to, holidays aside: five working days are seven days."""
    length, unit = (period.get("length"), period.get("unit")) if isinstance(period, dict) else (None, None)
    return Decimal(min(length, _MOST_DAYS)) * _LONGEST.get(str(unit), 0) if isinstance(length, int) else Decimal(0)


def penalties(matter: Matter) -> Iterator[Finding]:
    """L16: a penalty (违约金) far above the loss foreseen; while none is stated, the price is the yardstick."""
    price = matter.term("fees", "total")
    for number, one in enumerate(matter.items("breach", "penalties")):
        if isinstance(one, dict) and (member := _excessive(one, price)):
            yield _penalty(f"/terms/breach/penalties/{number}/{member}")
    a_day, cap = decimal(matter.term("payment", "late", "rate_per_day")), matter.term("payment", "late", "cap")
    capped = next(iter(cap.values()), None) if isinstance(cap, dict) else None
    if _runs_away(a_day, capped):
        yield _penalty("/terms/payment/late/rate_per_day")


def _excessive(one: dict[str, Any], price: Any) -> str | None:
    """The member of a penalty that makes it excessive."""
    member = "amount" if one.get("amount") else "share"
    loss, foreseen = one.get("loss"), amount(one.get("loss"))
    comes_to = _of(one.get("amount"), loss) if member == "amount" else _share_of(one, _of(price, loss))
    if foreseen is not None and comes_to is not None:
        return member if comes_to > foreseen * (1 + PENALTY_SHARE) else None
    if _runs_away(decimal(one.get("rate_per_day")), one.get("cap")):
        return "rate_per_day"
    if member == "share":
        share = _share_of(one, Decimal(1)) if one.get("base") != "overdue" else decimal(one.get("share"))
        return "share" if share is not None and share > PENALTY_SHARE else None
    total, fixed = amount(price), _of(one.get("amount"), price)
    return "amount" if total is not None and fixed is not None and fixed > total * PENALTY_SHARE else None


def _share_of(one: dict[str, Any], price: Decimal | None) -> Decimal | None:
    """What a penalty that is a share of the price comes to; None for one of another kind."""
    share = decimal(one.get("share"))
    return share * price if share is not None and price is not None and one.get("base") == "contract_total" else None


def _runs_away(a_day: Decimal | None, cap: Any) -> bool:
    """Whether a penalty a day is high, and no cap keeps it within the 30 %."""
    most = decimal(cap)
    return a_day is not None and a_day > HARDLY_A_DAY and (most is None or most > PENALTY_SHARE)


def _of(money: Any, other: Any) -> Decimal | None:
    """The amount of money, where it is in the currency of the other."""
    return amount(money, other.get("currency")) if isinstance(other, dict) else None


def _penalty(pointer: str) -> Finding:
    return Finding(
        "L16", "Civil Code 585(2); contract interpretation 65(2)", "warn", pointer,
        "The penalty is more than 30 % above what is plausibly lost, and may be reduced on request.",
        "Lower it, cap it, or state in the penalty the loss that it is to cover.",
    )  # fmt: skip
