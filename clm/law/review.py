"""The statutory review (合同审查): what the law says against a contract's terms, before signing (rules L01 to L18).

An error has to be cured, or let stand with a reason, before the contract goes to signature; a warning is for those who
sign to weigh. What the law forbids is looked for in the terms that apply, as written or by the type's default; where a
default stands in for what nobody agreed on (L11, L12, L17, L18), a warning says so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from clm.law import review_clauses, review_money, review_words
from clm.law.findings import Finding, Matter, Severity, Side
from clm.law.rates import Rates, lpr

__all__ = ["CHECKS", "Finding", "Severity", "Side", "review"]

CHECKS: dict[str, Callable[[Matter], Iterator[Finding]]] = {
    "L01": review_clauses.forum,
    "L02": review_clauses.institution,
    "L03": review_clauses.court,
    "L04": review_clauses.limitation,
    "L05": review_money.deposit,
    "L06": review_money.toward_an_sme,
    "L07": review_clauses.exemptions,
    "L08": review_words.unadjustable,
    "L09": review_clauses.personal_information,
    "L10": review_words.silence,
    "L11": review_clauses.renewal,
    "L12": review_clauses.confidentiality,
    "L13": review_words.wording,
    "L14": review_words.vague_dates,
    "L15": review_clauses.term,
    "L16": review_money.penalties,
    "L17": review_clauses.rescission,
    "L18": review_clauses.deemed_delivery,
}


def review(
    agreed: dict[str, Any],
    applying: dict[str, Any],
    *,
    sides: Sequence[Side] = (),
    texts: Mapping[str, str] | None = None,
    rates: Rates | None = None,
) -> tuple[Finding, ...]:
    """What is found in terms as agreed, and as they apply with the defaults filled in; by rule, then by place.

    `texts` are the section texts that the contract itself changed, by section number; `rates` the LPR, as
    packaged where left out.
    """
    matter = Matter(agreed, applying, sides, texts or {}, rates or lpr())
    found = [finding for check in CHECKS.values() for finding in check(matter)]
    return tuple(sorted(found, key=lambda one: (one.rule, one.pointer)))
