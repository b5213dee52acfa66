"""What the review says about clauses other than money (L01 to L04, L07 to L15, L17, L18)."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from clm.law.basis import LawError
from clm.law.calendars import china
from clm.law.findings import Finding, Matter, Severity
from clm.law.periods import Period, deadline

NEVER_EXEMPT = {
    "personal_injury": "personal injury",
    "wilful": "loss caused on purpose",
    "gross_negligence": "loss caused by gross negligence",
}
PROCESSING = ("purpose", "duration", "method", "categories", "measures", "duties")
"""What a contract on processing personal information names (个人信息保护法 21)."""
UNADJUSTABLE = re.compile(r"违约金[^。;；]{0,20}(不得|不予|不再|放弃|无权)[^。;；]{0,10}(调整|调减|减少|降低)")
CHANGE_EXCLUDED = re.compile(
    r"(放弃|排除|不适用|不得主张)[^。;；]{0,10}情[势事]变更|情[势事]变更[^。;；]{0,10}(不适用|不得|放弃)"
)
SILENCE = re.compile(r"(未|不)[^。;；]{0,20}(异议|答复|回复|回应)[^。;；]{0,12}视为(同意|接受|认可)[^。;；]{0,8}变更")
SIGNED_OR_SEALED = re.compile(r"签(字|名|署)盖章")
VAGUE_DATE = re.compile(r"([0-9]+|[一二三四五六七八九十百]+)\s*(个?月|日|天|年)\s*(以前|之前|前|左右)")


def forum(matter: Matter) -> Iterator[Finding]:
    """L01: arbitration and a court both chosen."""
    chosen = matter.term("disputes", "forum")
    if isinstance(chosen, dict) and "court" in chosen and "arbitration" in chosen:
        yield Finding(
            "L01", "Arbitration Law interpretation 7", "error", "/terms/disputes/forum",
            "Both arbitration and a court are chosen, so that the arbitration agreement is invalid.",
            "Choose one of the two.",
        )  # fmt: skip


def institution(matter: Matter) -> Iterator[Finding]:
    """L02: no arbitration institution, or several."""
    chosen = matter.term("disputes", "forum", "arbitration")
    if not isinstance(chosen, dict):
        return
    named = chosen.get("institutions") or []
    if len(named) != 1:
        what = (
            "No arbitration institution is named" if not named else f"{len(named)} arbitration institutions are named"
        )
        yield Finding(
            "L02", "Arbitration Law 16, 18; interpretation 3 to 6", "error", "/terms/disputes/forum/arbitration",
            f"{what}: without one that both agree on, the arbitration agreement is invalid.",
            "Name exactly one institution, in full.",
        )  # fmt: skip


def court(matter: Matter) -> Iterator[Finding]:
    """L03: a court named without a place that connects it to the dispute."""
    chosen = matter.term("disputes", "forum", "court")
    if isinstance(chosen, dict) and chosen.get("name") and not chosen.get("place"):
        yield Finding(
            "L03", "Civil Procedure Law 35", "warn", "/terms/disputes/forum/court",
            "The court is named without what connects it to the dispute; without a connection the choice is invalid.",
            "Say which seat or which place of signing or performance the court stands for.",
        )  # fmt: skip


def limitation(matter: Matter) -> Iterator[Finding]:
    """L04: an agreement on limitation (诉讼时效)."""
    if matter.term("disputes", "limitation") is not None:
        yield Finding(
            "L04", "Civil Code 197", "error", "/terms/disputes/limitation",
            "The period of limitation is agreed on, which has no effect.",
            "Take it out: three years apply.",
        )  # fmt: skip


def exemptions(matter: Matter) -> Iterator[Finding]:
    """L07: an exemption that the law does not allow."""
    listed = matter.group("breach").get("exemptions")
    for number, one in enumerate(listed if isinstance(listed, list) else ()):
        if one in NEVER_EXEMPT:
            yield Finding(
                "L07", "Civil Code 506", "error", f"/terms/breach/exemptions/{number}",
                f"Liability for {NEVER_EXEMPT[one]} is excluded, which has no effect.",
                "Take it out.",
            )  # fmt: skip


def unadjustable(matter: Matter) -> Iterator[Finding]:
    """L08: a clause that no penalty may be adjusted, or that no change of circumstances counts."""
    places = [pointer for pointer, _ in matter.wordings(UNADJUSTABLE)]
    if matter.term("breach", "penalty_adjustable") is False:
        places.append("/terms/breach/penalty_adjustable")
    for pointer in places:
        yield Finding(
            "L08", "Civil Code 585(2); contract interpretation 64(3)", "warn", pointer,
            "Adjustment of the penalty is excluded, which has no effect: a party may ask for it all the same.",
            "Take it out.",
        )  # fmt: skip
    excluded = [pointer for pointer, _ in matter.wordings(CHANGE_EXCLUDED)]
    if matter.term("amendments", "change_of_circumstances") == "excluded":
        excluded.append("/terms/amendments/change_of_circumstances")
    for pointer in excluded:
        yield Finding(
            "L08", "Civil Code 533; contract interpretation 32(4)", "warn", pointer,
            "Change of circumstances is excluded, which has no effect.",
            "Take it out.",
        )  # fmt: skip


def personal_information(matter: Matter) -> Iterator[Finding]:
    """L09: personal information processed without what the law asks for."""
    agreed, law = matter.group("personal_information"), "Personal Information Protection Law"
    processed = agreed.get("processed")
    hinted = any(group in matter.applying for group in ("customers", "process")) or bool(agreed)
    if processed is False or (processed is None and not hinted):
        return
    severity: Severity = "error" if processed is True else "warn"
    missing = [name for name in PROCESSING if not agreed.get(name)]
    if missing:
        yield Finding(
            "L09", f"{law} 21", severity, "/terms/personal_information",
            f"Personal information is processed, and the contract does not name its {', '.join(missing)}."
            if processed is True
            else "The service hardly does without personal information, and the contract says nothing complete of it.",
            "Name purpose, duration, method, categories, measures and duties; or say that none is processed.",
        )  # fmt: skip
    if not agreed.get("impact_assessment"):
        yield Finding(
            "L09", f"{law} 55, 56", severity, "/terms/personal_information/impact_assessment",
            "No impact assessment is recorded that came before the processing.",
            "Assess the impact, keep the report three years, and record when it was done.",
        )  # fmt: skip


def silence(matter: Matter) -> Iterator[Finding]:
    """L10: silence that is to count as consent to an amendment."""
    places = [pointer for pointer, _ in matter.wordings(SILENCE)]
    if matter.term("amendments", "silence_is_consent") is True:
        places.append("/terms/amendments/silence_is_consent")
    for pointer in places:
        yield Finding(
            "L10", "Civil Code 140, 543, 544", "warn", pointer,
            "Silence is to count as consent to an amendment; what is unclear is presumed not to be amended.",
            "Ask for an answer in writing.",
        )  # fmt: skip


def renewal(matter: Matter) -> Iterator[Finding]:
    """L11: automatic renewal without a window in which to object."""
    agreed = matter.term("term", "renewal")
    if isinstance(agreed, dict) and agreed.get("automatic") is True and not agreed.get("objection"):
        yield Finding(
            "L11", "Civil Code 140, 160", "warn", "/terms/term/renewal",
            "The term renews by itself, and no window is agreed in which to object; the type's default stands in.",
            "Agree by when an objection must have arrived.",
        )  # fmt: skip


def confidentiality(matter: Matter) -> Iterator[Finding]:
    """L12: a duty of confidence without a clear end."""
    listed = matter.group("confidentiality").get("rules")
    if not isinstance(listed, list) or not listed:
        yield _unclear(
            "/terms/confidentiality", "No confidentiality term is agreed; the default for each class stands in."
        )
        return
    ends: dict[tuple[Any, Any], Any] = {}
    for number, one in enumerate(rule for rule in listed if isinstance(rule, dict)):
        pointer, end = f"/terms/confidentiality/rules/{number}", one.get("end")
        if not end:
            yield _unclear(pointer, "The clause does not say when the duty ends.")
        elif _without_anchor(end):
            yield _unclear(f"{pointer}/end", "The clause sets a period without saying from when it runs.")
        elif ends.setdefault((one.get("class"), one.get("item")), end) != end:
            yield _unclear(f"{pointer}/end", "The clause sets an end that contradicts an earlier one.")


def _unclear(pointer: str, text: str) -> Finding:
    cure = "Say from which event the period runs, or on which day it ends."
    return Finding("L12", "Civil Code 501, 509, 558 (rule R-C10)", "warn", pointer, text, cure)


def _without_anchor(end: Any) -> bool:
    if isinstance(end, list):
        return any(_without_anchor(one) for one in end)
    if not isinstance(end, dict):
        return False
    after = end.get("after")
    return (isinstance(after, dict) and not after.get("anchor")) or any(_without_anchor(one) for one in end.values())


def wording(matter: Matter) -> Iterator[Finding]:
    """L13: 签字盖章 without a word on whether one of the two suffices."""
    if matter.term("effectiveness", "execution") is not None:
        return
    for pointer, words in matter.wordings(SIGNED_OR_SEALED):
        yield Finding(
            "L13", "Civil Code 490(1); Supreme People's Court (2013) Min Shen Zi No. 72", "warn", pointer,
            f"“{words}” leaves open whether signature, seal or both are needed; either suffices meanwhile.",
            "Set /terms/effectiveness/execution.",
        )  # fmt: skip


def vague_dates(matter: Matter) -> Iterator[Finding]:
    """L14: words that leave open whether the day itself counts."""
    for pointer, words in matter.wordings(VAGUE_DATE):
        yield Finding(
            "L14", "Civil Code 1259 (rule R-T9)", "warn", pointer,
            f"“{words}” does not say whether the day itself counts, or how far off it may be.",
            "Write 以内, 届满 or 不超过, or give the date.",
        )  # fmt: skip


def term(matter: Matter) -> Iterator[Finding]:
    """L15: a term as dates and as a duration that differ."""
    agreed = matter.group("term")
    try:
        start, end = (dt.date.fromisoformat(str(agreed.get(name))) for name in ("start", "end"))
        period = msgspec.convert(agreed.get("period"), Period)
        ends = {
            deadline(start, period, calendar=china(), count_start_day=counted).last_day for counted in (True, False)
        }
    except (ValueError, LawError, msgspec.ValidationError):
        return  # dates or duration alone: nothing to compare
    if end not in ends:
        said = " or ".join(sorted(str(one) for one in ends))
        yield Finding(
            "L15", "Civil Code 142, 201 to 204", "error", "/terms/term",
            f"The term ends on {end.isoformat()} by its dates and on {said} by its duration.",
            "Keep one of the two, or make them agree.",
        )  # fmt: skip


def rescission(matter: Matter) -> Iterator[Finding]:
    """L17: no grounds for rescission, or no period to cure."""
    grounds = matter.group("termination").get("grounds")
    cures = matter.term("termination", "cure") or any(
        isinstance(one, dict) and one.get("cure") for one in (grounds if isinstance(grounds, list) else ())
    )
    if grounds and cures:
        return
    what = "no period to cure" if grounds else "no ground for rescission"
    yield Finding(
        "L17", "Civil Code 562, 563, 564", "warn", "/terms/termination",
        f"The contract agrees on {what}: the statute applies, and the type's defaults where it leaves room.",
        "Agree on the grounds, who holds them, and how long a breach may be cured.",
    )  # fmt: skip


def deemed_delivery(matter: Matter) -> Iterator[Finding]:
    """L18: no rule on when a notice counts as delivered."""
    if not matter.group("notices").get("rules"):
        yield Finding(
            "L18", "Civil Code 137", "warn", "/terms/notices",
            "The contract does not say when a notice counts as delivered: arrival must be proved, or the default used.",
            "Agree for each channel on when a notice arrives.",
        )  # fmt: skip
