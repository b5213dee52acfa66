"""What the review says about clauses other than money (L01 to L04, L07, L09, L11, L12, L15, L17, L18)."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from clm.law.basis import LawError
from clm.law.calendars import china
from clm.law.findings import Finding, Matter, Severity
from clm.law.periods import Period, Roll, deadline

NEVER_EXEMPT = {
    "personal_injury": "personal injury",
    "wilful": "loss caused on purpose",
    "gross_negligence": "loss caused by gross negligence",
}
EITHER = re.compile("或者?|以及|、|；|;|/")
UNNAMED = re.compile(
    "((甲方|乙方|双方|原告|被告|申请人|被申请人|合同)?(当地|本地|所在地|住所地|签订地|履行地|有关|相关|相应|有管辖权)的?){0,4}"
    "仲裁(委员会|委|机构|机关|部门)?"
)
PROCESSING = ("purpose", "duration", "method", "categories", "measures", "duties")
"""What a contract on processing personal information names (个人信息保护法 21)."""


def forum(matter: Matter) -> Iterator[Finding]:
    """L01: arbitration and a court both chosen."""
    chosen = matter.term("disputes", "forum")
    if isinstance(chosen, dict) and None not in (chosen.get("court"), chosen.get("arbitration")):
        yield Finding(
            "L01", "Arbitration Law interpretation 7", "error", "/terms/disputes/forum",
            "Both arbitration and a court are chosen, so that the arbitration agreement is invalid.",
            "Choose one of the two.",
        )  # fmt: skip


def institution(matter: Matter) -> Iterator[Finding]:
    """L02: no arbitration institution, several, or words that do not name one."""
    chosen = matter.term("disputes", "forum", "arbitration")
    if not isinstance(chosen, dict):
        return
    listed = matter.items("disputes", "forum", "arbitration", "institutions")
    named = [one for one in listed if isinstance(one, str)]
    several = sum(len(EITHER.split(one)) for one in named)
    if several != 1:
        what = f"{several} arbitration institutions are named" if several else "No arbitration institution is named"
    elif UNNAMED.fullmatch(named[0]):
        what = f"“{named[0]}” does not name an arbitration institution"
    else:
        return
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
    for number, one in enumerate(matter.items("breach", "exemptions")):
        if isinstance(one, str) and one in NEVER_EXEMPT:
            yield Finding(
                "L07", "Civil Code 506", "error", f"/terms/breach/exemptions/{number}",
                f"Liability for {NEVER_EXEMPT[one]} is excluded, which has no effect.",
                "Take it out.",
            )  # fmt: skip


def personal_information(matter: Matter) -> Iterator[Finding]:
    """L09: personal information processed without what the law asks for."""
    agreed, law = matter.group("personal_information"), "Personal Information Protection Law"
    processed = agreed.get("processed")
    if processed is False or not (agreed or _hints_at_people(matter)):
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


def _hints_at_people(matter: Matter) -> bool:
    """Whether the terms are about calling people, or keep personal information secret."""
    about = any(matter.term(group) is not None for group in ("customers", "process"))
    rules = matter.items("confidentiality", "rules")
    return about or any(isinstance(one, dict) and one.get("class") == "personal_info" for one in rules)


def renewal(matter: Matter) -> Iterator[Finding]:
    """L11: automatic renewal without a window in which to object."""
    wrote = matter.written("term", "renewal", "automatic") is True
    if not wrote and matter.term("term", "renewal", "automatic") is not True:
        return
    if not (matter.written if wrote else matter.term)("term", "renewal", "objection"):
        yield Finding(
            "L11", "Civil Code 140, 160", "warn", "/terms/term/renewal",
            "The term renews by itself, and no window is agreed in which to object; a default of the type stands in, "
            "where there is one.",
            "Agree by when an objection must have arrived.",
        )  # fmt: skip


def confidentiality(matter: Matter) -> Iterator[Finding]:
    """L12: a duty of confidence without a clear end."""
    listed = matter.written("confidentiality", "rules")
    if not isinstance(listed, list) or not listed:
        yield _unclear(
            "/terms/confidentiality", "No confidentiality term is agreed; the default for each class stands in."
        )
        return
    ends: dict[str, Any] = {}
    for number, one in enumerate(listed):
        if not isinstance(one, dict):
            continue
        pointer, end = f"/terms/confidentiality/rules/{number}", one.get("end")
        if not end:
            yield _unclear(pointer, "The clause does not say when the duty ends.")
        elif _without_anchor(end):
            yield _unclear(f"{pointer}/end", "The clause sets a period without saying from when it runs.")
        elif ends.setdefault(f"{one.get('class')}/{one.get('item')}", end) != end:
            yield _unclear(f"{pointer}/end", "The clause sets an end that contradicts an earlier one.")


def _unclear(pointer: str, text: str) -> Finding:
    cure = "Say from which event the period runs, or on which day it ends."
    return Finding("L12", "Civil Code 501, 509, 558 (rule R-C10)", "warn", pointer, text, cure)


def _without_anchor(end: Any) -> bool:
    """Whether a period stands anywhere in the end of a duty that runs from nothing. A stack: it may be deep."""
    stack = [end]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            after = one.get("after")
            if isinstance(after, dict) and not after.get("anchor"):
                return True
            stack += one.values()
        elif isinstance(one, list):
            stack += one
    return False


def term(matter: Matter) -> Iterator[Finding]:
    """L15: a term as dates and as a duration that differ."""
    agreed = matter.group("term")
    try:
        start, end = (dt.date.fromisoformat(str(agreed.get(name))) for name in ("start", "end"))
        ends = _ends(start, agreed)
    except (ValueError, LawError, msgspec.ValidationError):
        return  # dates or duration alone: nothing to compare
    if ends and end not in ends:
        said = " or ".join(sorted(str(one) for one in ends))
        yield Finding(
            "L15", "Civil Code 142, 201 to 204", "error", "/terms/term",
            f"The term ends on {end.isoformat()} by its dates and on {said} by its duration.",
            "Keep one of the two, or make them agree.",
        )  # fmt: skip


def _ends(start: dt.date, term: dict[str, Any]) -> set[dt.date]:
    """The last days that start and duration may mean; none where a holiday notice to come decides.

    Whether the start day counts is open unless the terms say so.
    """
    period = msgspec.convert(term.get("period"), Period)
    counted = term.get("count_start_day")
    roll: Roll = "forward" if term.get("roll") == "forward" else "none"
    found = [
        deadline(start, period, calendar=china(), roll=roll, count_start_day=first)
        for first in ((counted,) if isinstance(counted, bool) else (True, False))
    ]
    return {one.last_day for one in found if one.last_day} if all(one.status == "final" for one in found) else set()


def rescission(matter: Matter) -> Iterator[Finding]:
    """L17: no grounds for rescission, or no period to cure."""
    grounds = matter.written("termination", "grounds")
    cures = matter.written("termination", "cure") or any(
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
    if not matter.written("notices", "rules"):
        yield Finding(
            "L18", "Civil Code 137", "warn", "/terms/notices",
            "The contract does not say when a notice counts as delivered: arrival must be proved, or the default used.",
            "Agree for each channel on when a notice arrives.",
        )  # fmt: skip
