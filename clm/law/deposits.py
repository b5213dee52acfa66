"""Deposits (定金) and penalties (违约金): Civil Code 585 to 588, contract interpretation 64 to 68; R-M5 and R-M6."""

from fractions import Fraction
from typing import Literal

import msgspec

from clm.law.basis import Basis, LawError, Step
from clm.law.money import Currency, Money, half_up, one_currency

DEPOSIT_SHARE = Fraction(20, 100)
EXCESSIVE_FROM = Fraction(130, 100)

Breach = Literal["giver", "receiver"]


class Deposit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What of a sum paid as deposit has a deposit's effect; the `excess` over a fifth of the price is a plain payment.

    `flags`: DEPOSIT_ABOVE_CAP. `choice`, where a breach was given, says what the other side may claim.
    """

    effective: Money
    excess: Money
    flags: tuple[str, ...]
    basis: Basis
    choice: "Choice | None" = None


class Choice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What may be claimed after a breach: by the deposit or by the penalty, never by both (588).

    `by_deposit` is the deposit kept by its receiver, or owed once more by him, and `excess_loss` what of the loss it
    leaves open, which may be claimed beside it. `by_penalty` is the penalty agreed, None where none is. `higher` names
    the way that gives more; it is the claimant's to choose.
    """

    by_deposit: Money
    excess_loss: Money
    by_penalty: Money | None = None
    higher: Literal["deposit", "penalty", "equal"] = "deposit"


class Adjustment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the penalty was set to by a tribunal (court or arbitration), or by agreement."""

    by: Literal["tribunal", "agreement"]
    amount: Money


class Penalty(msgspec.Struct, frozen=True, kw_only=True):
    """What is payable of an agreed penalty, and whether it is presumed excessive: above 130 % of the loss.

    Nothing is cut by itself: `payable` is the agreed penalty unless an adjustment was given. `flags`:
    EXCESSIVE_PRESUMED, MALICIOUS_BREACH (no reduction is to be expected), NO_ADJUSTMENT_CLAUSE_VOID.
    """

    payable: Money
    excessive_presumed: bool
    threshold: Money
    flags: tuple[str, ...]
    basis: Basis


def deposit(
    price: Money,
    paid: Money,
    *,
    breach_by: Breach | None = None,
    penalty: Money | None = None,
    loss: Money | None = None,
) -> Deposit:
    """The effect of a deposit `paid` on a contract of this `price` (586), and after a breach the choice (587, 588).

    The deposit counts as it was paid, whatever was agreed (586(2)). Raises `LawError`.
    """
    currency = one_currency([("price", price), ("paid", paid), ("penalty", penalty), ("loss", loss)])
    most = int(price.cents * DEPOSIT_SHARE)  # below a cent nothing more has a deposit's effect
    effective = min(paid.cents, most)
    excess = Money.of_cents(paid.cents - effective, currency)
    capped = paid.cents > most
    steps = [Step("R-M6", f"a deposit has effect up to a fifth of {price}: {Money.of_cents(most, currency)}")]
    if capped:
        steps.append(Step("R-M6", f"{excess} above it is an ordinary payment"))
    choice = None
    if breach_by is not None:
        choice = _choice(effective, penalty, loss, currency)
        steps.append(Step("R-M6", _in_words(breach_by)))
    elif penalty is not None or loss is not None:
        raise LawError("breach_by", "a penalty or a loss matters once one side is in breach: say who")
    basis = Basis("R-M6", "Civil Code 586, 587, 588", {"price": str(price), "paid": str(paid)}, tuple(steps), "final")
    flags = ("DEPOSIT_ABOVE_CAP",) if capped else ()
    return Deposit(
        effective=Money.of_cents(effective, currency), excess=excess, flags=flags, basis=basis, choice=choice
    )


def penalty(
    agreed: Money,
    loss: Money,
    *,
    malicious: bool = False,
    excludes_adjustment: bool = False,
    adjustment: Adjustment | None = None,
) -> Penalty:
    """What an agreed penalty comes to against the loss that the breach caused (585(2), interpretation 64, 65).

    `malicious`: the one in breach was so in bad faith, so no reduction is to be expected (65(3)).
    `excludes_adjustment`: a clause says that the penalty may not be adjusted; it does not keep anybody from asking
    (64(3)). Raises `LawError`.
    """
    adjusted = adjustment.amount if adjustment else None
    currency = one_currency([("agreed", agreed), ("loss", loss), ("/adjustment/amount", adjusted)])
    threshold = loss.cents * EXCESSIVE_FROM
    above = agreed.cents > threshold
    excessive = above and not malicious
    payable = adjusted or agreed
    limit = Money.of_cents(half_up(threshold), currency)
    steps = [Step("R-M5", f"{agreed} is {'above' if above else 'not above'} 130 % of {loss}, which is {limit}")]
    if above and malicious:
        steps.append(Step("R-M5", "a malicious breach is generally not relieved (65(3))"))
    if excludes_adjustment:
        steps.append(Step("R-M5", "a clause against any adjustment keeps nobody from asking for one (64(3))"))
    by = f"set by {adjustment.by}" if adjustment else "as agreed; only a tribunal or an agreement adjusts it"
    steps.append(Step("R-M5", f"payable is {payable}, {by}"))
    flags = (
        *(("EXCESSIVE_PRESUMED",) if excessive else ()),
        *(("MALICIOUS_BREACH",) if malicious else ()),
        *(("NO_ADJUSTMENT_CLAUSE_VOID",) if excludes_adjustment else ()),
    )
    source = "Civil Code 585(2); contract interpretation (Fa Shi (2023) No. 13) 64, 65"
    basis = Basis("R-M5", source, {"agreed": str(agreed), "loss": str(loss)}, tuple(steps), "final")
    return Penalty(payable=payable, excessive_presumed=excessive, threshold=limit, flags=flags, basis=basis)


def _choice(effective: int, agreed: Money | None, loss: Money | None, currency: Currency) -> Choice:
    open_loss = max((loss.cents if loss else 0) - effective, 0)
    by_deposit = effective + open_loss
    by_penalty = agreed.cents if agreed else 0
    higher: Literal["deposit", "penalty", "equal"] = "deposit" if by_deposit > by_penalty else "penalty"
    return Choice(
        by_deposit=Money.of_cents(effective, currency),
        excess_loss=Money.of_cents(open_loss, currency),
        by_penalty=agreed,
        higher="equal" if by_deposit == by_penalty else higher,
    )


def _in_words(breach_by: Breach) -> str:
    how = "the giver loses the deposit" if breach_by == "giver" else "the receiver owes the deposit twice over"
    return f"{how}, or the penalty is due, never both; loss above the deposit may be claimed beside it (588)"
