"""Which last days roll where nobody said so: by the class of the period (R-T8)."""

from typing import Literal

from clm.law.basis import Step
from clm.law.periods import Roll

PeriodClass = Literal[
    "payment",
    "cure",
    "objection",
    "exercise_of_right",
    "notice_duty",
    "limitation",
    "term",
    "confidentiality",
    "licence",
    "deemed_delivery",
    "fixed_date",
]

_ACTS: frozenset[PeriodClass] = frozenset(
    ("payment", "cure", "objection", "exercise_of_right", "notice_duty", "limitation")
)


def default_roll(period_class: PeriodClass) -> Roll:
    """`forward` for a period within which somebody has to act, `none` for what ends or happens by itself.

    Civil Code 203 draws no such line and 204 lets the parties draw their own; lawyers argue. A result that rests on
    this default is assumed, and the contract stores the roll it was computed with.
    """
    return "forward" if period_class in _ACTS else "none"


def step_of(period_class: PeriodClass) -> Step:
    """The default as a step of a basis."""
    words = period_class.replace("_", " ")
    if default_roll(period_class) == "forward":
        return Step("R-T8", f"{words}: a period to act in rolls forward (203), where nothing else was agreed")
    return Step("R-T8", f"{words}: what ends or happens by itself does not roll, where nothing else was agreed")
