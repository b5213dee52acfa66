"""The rules of the statutory review, each with the neighbour that it could be mistaken for."""

import re
from decimal import Decimal

from clm.law.review import Side
from tests.law.holding import holds, neighbour
from tests.law.test_review import A_LARGE, A_PUBLIC, APPENDIX, B_SMALL, after, cny, due, forum, found, late, secrets


def instead(rule, check, says):
    """The neighbour of a whole check."""
    return neighbour("clm.law.review.CHECKS", lambda checks: checks | {rule: check}, says)


def words(name, pattern, says):
    return neighbour(f"clm.law.review_words.{name}", lambda _: re.compile(pattern), says)


def nothing(_matter):
    return iter(())


@holds("L01", neighbour=instead("L01", nothing, "both may stand"))
def test_arbitration_and_court_exclude_each_other():
    both = forum(court={"place": "A_seat"}, arbitration={"institutions": ["上仲"]})
    assert found("L01", both) == [("error", "/terms/disputes/forum")]


def _none_or_more(original):
    def institution(matter):
        chosen = matter.term("disputes", "forum", "arbitration") or {}
        return iter(()) if chosen.get("institutions") else original(matter)

    return institution


@holds(
    "L02",
    neighbour=neighbour(
        "clm.law.review.CHECKS", lambda checks: checks | {"L02": _none_or_more(checks["L02"])}, "several will do"
    ),
)
def test_one_institution_is_named():
    assert found("L02", forum(arbitration={"institutions": ["上仲", "贸仲"]}))
    assert found("L02", forum(arbitration={}))
    assert not found("L02", forum(arbitration={"institutions": ["上仲"]}))


@holds("L03", neighbour=instead("L03", nothing, "any court"))
def test_a_court_needs_a_connection():
    assert found("L03", forum(court={"name": "甲区人民法院"})) == [("warn", "/terms/disputes/forum/court")]


@holds("L04", neighbour=instead("L04", nothing, "limitation may be agreed"))
def test_limitation_is_not_agreed():
    assert found("L04", {"disputes": {"limitation": {"length": 1, "unit": "year"}}})


@holds("L05", neighbour=neighbour("clm.law.review_money.DEPOSIT_SHARE", lambda _: Decimal("0.21"), "21 %"))
@holds("L05", neighbour=neighbour("clm.law.review_money.DEPOSIT_SHARE", lambda _: Decimal("0.1999"), "below 20 %"))
def test_a_deposit_of_a_fifth_is_the_most():
    assert found("L05", {"fees": {"total": cny("500000"), "deposit": cny("100000.01")}})
    assert not found("L05", {"fees": {"total": cny("500000"), "deposit": cny("100000")}})


@holds("L06", neighbour=neighbour("clm.law.review_money.SME_DAYS", lambda _: 61, "61 days"))
@holds("L06", neighbour=neighbour("clm.law.review_money.SME_DAYS", lambda _: 59, "59 days"))
def test_a_public_body_pays_an_sme_within_sixty_days():
    assert found("L06", due(61), sides=[A_PUBLIC, B_SMALL])
    assert not found("L06", due(60), sides=[A_PUBLIC, B_SMALL])


@holds("L06", neighbour=neighbour("clm.law.findings.SMALL", lambda _: frozenset({"micro"}), "micro enterprises alone"))
def test_a_rate_below_the_lpr_is_not_for_an_sme():
    assert found("L06", late(rate_per_day="0.00008", base="overdue"), sides=[A_LARGE, B_SMALL])


@holds("L06", neighbour=neighbour("clm.law.findings.PAYER", lambda _: "nobody", "whoever of the two pays"))
def test_an_sme_that_pays_is_not_protected():
    small_pays = [Side("A", size_class="small"), Side("B", size_class="large")]
    assert not found("L06", {"payment": {"pay_when_paid": True}}, sides=small_pays)
    assert found("L06", {"payment": {"pay_when_paid": True}}, sides=[A_LARGE, B_SMALL])


@holds(
    "L07", neighbour=neighbour("clm.law.review_clauses.NEVER_EXEMPT", lambda old: old | {"negligence": "any"}, "all")
)
def test_slight_negligence_may_be_excluded():
    given = {"breach": {"exemptions": ["negligence", "personal_injury"]}}
    assert found("L07", given) == [("error", "/terms/breach/exemptions/1")]


@holds("L08", neighbour=words("UNADJUSTABLE", "违约金[^。]*调整", "any word on adjusting"))
def test_a_penalty_may_be_adjusted():
    assert found("L08", {}, texts={"11.2": "双方同意，违约金不得请求调整。"})
    assert not found("L08", {}, texts={"11.2": "违约金过高的，可以请求调整。"})


@holds("L09", neighbour=neighbour("clm.law.review_clauses.PROCESSING", lambda _: ("purpose",), "the purpose is enough"))
def test_processing_is_described_in_full():
    assert found("L09", {"personal_information": APPENDIX | {"duties": []}}) == [
        ("error", "/terms/personal_information")
    ]


@holds("L10", neighbour=words("SILENCE", "变更.*视为同意", "what is not to count as consent, too"))
def test_silence_that_is_no_consent_is_no_finding():
    assert found("L10", {}, texts={"14.3": "变更建议未答复的，视为同意。"})
    assert not found("L10", {}, texts={"14.3": "变更建议未答复的，不视为同意。"})


@holds("L10", neighbour=instead("L10", nothing, "silence consents"))
def test_silence_does_not_amend():
    assert found("L10", {"amendments": {"silence_is_consent": True}})


@holds("L11", neighbour=instead("L11", nothing, "renewal needs no window"))
def test_renewal_has_a_window():
    assert found("L11", {"term": {"renewal": {"automatic": True}}})


@holds("L12", neighbour=neighbour("clm.law.review_clauses._without_anchor", lambda _: lambda _end: False, "any period"))
def test_a_period_needs_an_anchor():
    assert found("L12", secrets(after(None, 3))) == [("warn", "/terms/confidentiality/rules/0/end")]


@holds("L13", neighbour=words("SIGNED_OR_SEALED", "签(字|名)、?盖章", "both with a comma too"))
def test_a_comma_between_the_two_asks_for_both():
    assert found("L13", {"effectiveness": {"execution_wording": "双方签字盖章后生效"}})
    assert not found("L13", {"effectiveness": {"execution_wording": "双方签字、盖章后生效"}})


@holds("L14", neighbour=words("VAGUE_DATE", "[0-9]+日(前|以内)", "以内 too"))
def test_within_is_clear_and_before_is_not():
    assert found("L14", {"scope": {"services": ["每月10日前交付"]}})
    assert not found("L14", {"scope": {"services": ["10日以内交付"]}})


def _start_day_out(original):
    def deadline(start, period, *, count_start_day, **settings):
        del count_start_day
        return original(start, period, **settings)

    return deadline


@holds("L15", neighbour=neighbour("clm.law.review_clauses.deadline", _start_day_out, "the start day never counts"))
def test_a_year_from_the_first_ends_with_the_year():
    term = {"start": "2026-01-01", "period": {"length": 1, "unit": "year"}}
    assert not found("L15", {"term": term | {"end": "2026-12-31"}})
    assert found("L15", {"term": term | {"end": "2026-12-30"}})


@holds("L16", neighbour=neighbour("clm.law.review_money.PENALTY_SHARE", lambda _: Decimal("0.29"), "29 %"))
@holds("L16", neighbour=neighbour("clm.law.review_money.PENALTY_SHARE", lambda _: Decimal("0.31"), "31 %"))
def test_a_penalty_of_thirty_percent_is_the_most():
    def penalty(share):
        return {"breach": {"penalties": [{"for": "x", "share": share, "base": "contract_total"}]}}

    assert found("L16", penalty("0.3001"))
    assert not found("L16", penalty("0.30"))


@holds("L16", neighbour=neighbour("clm.law.review_money.PENALTY_SHARE", lambda _: Decimal(0), "above the loss"))
def test_a_penalty_may_pass_the_loss_by_thirty_percent():
    def penalty(sum_of_it):
        return {"breach": {"penalties": [{"for": "x", "amount": cny(sum_of_it), "loss": cny("100")}]}}

    assert found("L16", penalty("130.01"))
    assert not found("L16", penalty("130"))


@holds("L17", neighbour=instead("L17", nothing, "nothing need be agreed"))
def test_grounds_and_cure_are_agreed():
    assert found("L17", {"termination": {"grounds": [{"key": "x", "holder": "A"}]}})


@holds("L18", neighbour=instead("L18", nothing, "delivery speaks for itself"))
def test_delivery_is_agreed():
    assert found("L18", {"notices": {"rules": []}})
