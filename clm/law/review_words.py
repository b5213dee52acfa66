"""What the review says about the contract's own words (L08, L10, L13, L14)."""

import re
from collections.abc import Iterator

from clm.law.findings import Finding, Matter

_ADJUST = r"(调整|调减|调低|调高|减少|降低|酌减)"
_BARRED = r"(不得|不能|不可|不予|不再|放弃|无权)"
UNADJUSTABLE = re.compile(
    rf"违约金[^。;；]{{0,30}}{_BARRED}[^。;；，,拒]{{0,12}}{_ADJUST}(?!价|服务|人员|单价|费|计划|方案)"
    rf"|{_BARRED}[^。;；，,拒]{{0,12}}{_ADJUST}[^。;；，,价费]{{0,6}}违约金"
    rf"|{_BARRED}[^。;；，,拒]{{0,6}}违约金[^。;；，,]{{0,20}}{_ADJUST}(?!价|服务|人员|单价|费|计划|方案)"
)
_CHANGE = r"(情[势事]变更|第?(五百三十三|533)条)"
CHANGE_EXCLUDED = re.compile(
    rf"((?<!不)(?<!不得)(放弃|排除)|不适用|不予适用|不得主张|不得援引|不得以)[^。;；，,]{{0,12}}{_CHANGE}"
    rf"|{_CHANGE}[^。;；，,]{{0,12}}(不适用|不予适用|不得|放弃|排除)"
)
_CONSENT = r"(?<!不)(?<!不得)(?<!不应)(视为|视同)[^。;；，,]{0,6}(同意|接受|认可|默认)(?![:：])"
_SILENT = rf"(未|不|没有|逾期|沉默)[^。;；]{{0,30}}{_CONSENT}"
_AMENDED = r"(变更|修改|修订|更改|补充协议)"
SILENCE = re.compile(
    rf"沉默[^。;；不]{{0,4}}{_CONSENT}|{_AMENDED}[^\n]{{0,60}}?{_SILENT}|{_SILENT}[^。;；]{{0,8}}{_AMENDED}"
)
SIGNED_OR_SEALED = re.compile(r"签[字名署]盖章|盖章签[字名署]")
VAGUE_DATE = re.compile(
    r"(([0-9]{1,4}|[一二三四五六七八九十百两零〇半数几]{1,6})\s*个?(工作日|自然日|小时|季度|月|日|号|天|周|年)"
    r"|[月季年](底|末))\s*(以前|之前|前后|前(?![述款项条期置来往])|左右|上下)(?!\s*[（(]不?[含包])"
)


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


def wording(matter: Matter) -> Iterator[Finding]:
    """L13: 签字盖章 without a word on whether one of the two suffices."""
    if matter.written("effectiveness", "execution") is not None:
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
