"""What the review says about money (L05, L06, L16)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from clm.law.findings import Finding, Matter, Side, amount, decimal

DEPOSIT_SHARE = Decimal("0.20")
PENALTY_SHARE = Decimal("0.30")
PUBLIC_BODY_DAYS = 60
HARDLY_A_DAY = Decimal("0.01")
"""A penalty a day above this passes 30 % of its base within a month."""
_LONGEST = {"hour": Decimal("0.05"), "day": Decimal(1), "working_day": Decimal("1.4"), "week": Decimal(7),
            "month": Decimal(31), "year": Decimal(366)}  # fmt: skip
_SME = "Regulation on Payments to SMEs"


def deposit(matter: Matter) -> Iterator[Finding]:
    """L05: a deposit (定金) has no effect beyond a fifth of the price."""
    price, paid = matter.term("fees", "total"), matter.term("fees", "deposit")
    total = amount(price)
    given = amount(paid, price.get("currency")) if isinstance(price, dict) else None
    if total is None or given is None or given <= total * DEPOSIT_SHARE:
        return
    most = (total * DEPOSIT_SHARE).quantize(Decimal("0.01"))
    yield Finding(
        "L05", "Civil Code 586", "error", "/terms/fees/deposit",
        f"The deposit is more than a fifth of the price: {given - most} of it has no effect as a deposit.",
        f"Agree on a deposit of at most {most}, and call the rest a payment.",
    )  # fmt: skip


def toward_an_sme(matter: Matter) -> Iterator[Finding]:
    """L06: what a large enterprise or a public body may not agree on with an SME (中小企业)."""
    payer = matter.owed_to_sme()
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
    late = matter.group("payment").get("late")
    late = late if isinstance(late, dict) else {}
    lpr = matter.rates.rows[-1]
    a_day, multiplier = decimal(late.get("rate_per_day")), decimal((late.get("lpr") or {}).get("multiplier"))
    basis = late.get("day_basis", 365)
    too_low = a_day is not None and a_day * basis < lpr.rate
    if too_low or (multiplier is not None and multiplier < 1):
        yield Finding(
            "L06", f"{_SME} 17", "error",
            "/terms/payment/late/rate_per_day" if too_low else "/terms/payment/late/lpr/multiplier",
            f"Late-payment interest toward an SME is below the one-year LPR ({lpr.rate:%} of {lpr.date.isoformat()}, "
            "the last one known here; that of the day of conclusion decides).",
            "Agree on at least the LPR, or on nothing: then 0.05 % a day applies.",
        )  # fmt: skip


def _too_late(matter: Matter, payer: Side) -> Iterator[Finding]:
    after = matter.term("payment", "due", "after")
    period = after.get("period") if isinstance(after, dict) else None
    if not payer.is_public or not isinstance(period, dict) or _days(period) <= PUBLIC_BODY_DAYS:
        return
    yield Finding(
        "L06", f"{_SME} 9(1)", "error", "/terms/payment/due/after/period",
        f"A public body would pay an SME later than {PUBLIC_BODY_DAYS} days.",
        f"Agree on 30 days, or with a reason on {PUBLIC_BODY_DAYS} at most.",
    )  # fmt: skip


def _days(period: dict[str, Any]) -> Decimal:
    """The most days that a period can come to; five working days are seven days."""
    length, unit = period.get("length"), period.get("unit")
    return Decimal(length) * _LONGEST.get(str(unit), Decimal(0)) if isinstance(length, int) else Decimal(0)


def penalties(matter: Matter) -> Iterator[Finding]:
    """L16: a penalty (违约金) far above what is plausibly lost; the price is the yardstick while no loss is known."""
    price = matter.term("fees", "total")
    listed = matter.group("breach").get("penalties")
    for number, one in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(one, dict) and (member := _excessive(one, price)):
            yield _penalty(f"/terms/breach/penalties/{number}/{member}")
    a_day = decimal(matter.term("payment", "late", "rate_per_day"))
    if a_day is not None and a_day > HARDLY_A_DAY and not matter.term("payment", "late", "cap"):
        yield _penalty("/terms/payment/late/rate_per_day")


def _excessive(one: dict[str, Any], price: Any) -> str | None:
    share, a_day = decimal(one.get("share")), decimal(one.get("rate_per_day"))
    if share is not None and one.get("base") == "contract_total" and share > PENALTY_SHARE:
        return "share"
    if a_day is not None and a_day > HARDLY_A_DAY and not one.get("cap"):
        return "rate_per_day"
    total = amount(price)
    fixed = amount(one.get("amount"), price.get("currency")) if isinstance(price, dict) else None
    return "amount" if total is not None and fixed is not None and fixed > total * PENALTY_SHARE else None


def _penalty(pointer: str) -> Finding:
    return Finding(
        "L16", "Civil Code 585(2); contract interpretation 65(2)", "warn", pointer,
        "The penalty comes to more than 30 % of what is plausibly lost, and may be reduced on request.",
        "Lower it, cap it, or write down the loss that it is to cover.",
    )  # fmt: skip
