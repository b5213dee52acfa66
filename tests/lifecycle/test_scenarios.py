"""The worked examples, by their numbers: coming into force, amending, ending, and what stays."""

import pytest

from clm.lifecycle.world import Refused
from tests.lifecycle.life import FULL, Life, at, plain, uid

BREACH = {"key": "material_breach", "holder": "either", "demand_required": True}
TERM = {"end": "2026-12-31"}
CURE = {"period": {"length": 15, "unit": "day"}}


def with_ground(**cure):
    ground = BREACH | {"cure": CURE | cure} if cure else BREACH
    return Life({"term": TERM, "termination": {"grounds": [ground]}})


def test_c01_the_last_signature_forms_the_contract_and_without_more_it_takes_effect():
    life = Life()
    life.sign("2026-01-05T10:00", "2026-01-08T09:30")
    assert life.state.formed_at == life.state.effective_at == at("2026-01-08T09:30")
    assert life.state.status == "effective"
    assert [(one.transition, one.at) for one in life.happenings[-2:]] == [
        ("T04", at("2026-01-08T09:30")),
        ("T06", at("2026-01-08T09:30")),
    ]


def test_c03_a_seal_alone_suffices_where_signature_or_seal_is_all_that_is_asked():
    life = Life(env=FULL)
    life.sign()
    assert life.state.formed_at == at("2026-01-08T09:30")
    assert life.told("contract.formed").data["assumed"] is True


def test_c03_where_signature_and_seal_are_agreed_the_seal_alone_forms_nothing():
    life = Life({"effectiveness": {"execution": "signature_and_seal"}})
    life.sign()
    assert life.state.formed_at is None
    life.record("execute", "2026-01-09T10:00", party="A", method="signature")
    life.record("execute", "2026-01-09T11:00", party="B", method="signature")
    assert life.state.formed_at == at("2026-01-09T11:00")


def test_c03_a_representative_who_is_none_does_not_count():
    life = Life({"effectiveness": {"execution": "legal_representative_and_seal"}})
    life.sign()
    for party in "AB":
        life.record("execute", "2026-01-09T10:00", party=party, method="signature", capacity="agent")
    assert life.state.configuration == ["draft.out_for_signature"]
    for party in "AB":
        life.record("execute", "2026-01-10T10:00", party=party, method="signature", capacity="legal_representative")
    assert life.state.formed_at == at("2026-01-10T10:00")


def test_c05_a_condition_holds_the_contract_back():
    life = Life({"effectiveness": {"conditions": [{"key": "licence", "description": "许可证"}]}})
    life.sign()
    assert life.state.configuration == ["draft.formed_pending"]
    assert [timer.kind for timer in life.timers] == []
    life.record("satisfy-condition", "2026-01-20T09:00", condition="licence")
    assert life.state.effective_at == at("2026-01-20T09:00")
    assert life.told("contract.effective").rule == "Civil Code 158, 160, 502"


def test_a_condition_met_before_the_last_signature_does_not_bring_effect_forward():
    life = Life({"effectiveness": {"conditions": [{"key": "licence", "description": "许可证"}]}})
    life.sign(b="2026-01-08T09:30")
    life.record("satisfy-condition", "2026-01-06T09:00", condition="licence")
    assert life.state.effective_at == at("2026-01-08T09:30")


def test_c07_a_condition_that_cannot_happen_leaves_the_contract_without_effect():
    life = Life({"effectiveness": {"conditions": [{"key": "licence", "description": "许可证"}]}})
    life.sign()
    life.record("fail-condition", "2026-01-20", condition="licence", reason="the authority refused")
    assert (life.state.status, life.state.outcome) == ("terminated", "ineffective")
    assert life.state.configuration == ["never_in_force.ineffective"]
    assert life.state.effective_at is None
    assert life.told("contract.ineffective").transition == "T07"


def test_c08_the_agreed_first_day_begins_at_its_midnight():
    life = Life({"effectiveness": {"not_before": "2026-03-01"}})
    life.sign()
    assert life.timer("effect").due_at == at("2026-03-01")
    life.until("2026-02-28T23:59:59")
    assert life.state.status == "draft"
    life.until("2026-03-01")
    assert (life.state.status, life.state.effective_at) == ("effective", at("2026-03-01"))


def test_d01_the_old_terms_govern_until_the_amendment_applies():
    life = Life({"term": TERM, "payment": {"price": "100"}})
    life.sign()
    change = {"op": "replace", "path": "/terms/payment/price", "value": "120"}
    life.record(
        "amendment.propose", "2026-04-09", amendment_id=str(uid(1)), changes=[change], effective={"on": "2026-05-01"}
    )
    assert life.state.status == "amendment"
    for party in "AB":
        life.record("amendment.execute", "2026-04-10", amendment_id=str(uid(1)), party=party, method="seal")
    assert life.state.configuration == ["in_force", "performing", "amendment.agreed_pending", "termination.none"]
    life.until("2026-04-30T23:59:59")
    assert life.state.current.terms["payment"]["price"] == "100"
    life.until("2026-05-01")
    first, second = life.state.versions
    assert (first.terms["payment"]["price"], second.terms["payment"]["price"]) == ("100", "120")
    assert (first.valid_to, second.valid_from, second.valid_to) == (at("2026-05-01"), at("2026-05-01"), None)
    assert life.state.status == "effective"


def test_an_amendment_without_a_date_applies_when_the_last_party_has_executed_it():
    life = Life({"term": TERM})
    life.sign()
    change = {"op": "replace", "path": "/title", "value": "新合同"}
    life.record("amendment.propose", "2026-04-09", amendment_id=str(uid(1)), changes=[change])
    life.record("amendment.execute", "2026-04-10", amendment_id=str(uid(1)), party="A", method="seal")
    life.record("amendment.execute", "2026-04-12T10:00", amendment_id=str(uid(1)), party="B", method="seal")
    assert (life.state.current.title, life.state.current.valid_from) == ("新合同", at("2026-04-12T10:00"))


def test_t14_an_amendment_that_waits_falls_with_the_contract():
    life = Life({"term": TERM})
    life.sign()
    change = {"op": "replace", "path": "/title", "value": "新合同"}
    life.record(
        "amendment.propose", "2026-12-01", amendment_id=str(uid(1)), changes=[change], effective={"on": "2027-02-01"}
    )
    for party in "AB":
        life.record("amendment.execute", "2026-12-02", amendment_id=str(uid(1)), party=party, method="seal")
    life.until("2027-03-01")
    assert life.state.amendments[0].status == "void"
    assert life.state.current.no == 1
    assert life.told("amendment.void").transition == "T14"
    assert life.types()[-2:] == ["amendment.void", "contract.terminated"]


def test_e01_the_last_day_of_the_term_is_a_day_in_force():
    life = Life({"term": TERM})
    life.sign()
    life.until("2026-12-31T23:59:59")
    assert life.state.status == "effective"
    life.until("2027-01-01")
    assert (life.state.status, life.state.outcome) == ("terminated", "expired")
    assert life.state.ended_at == at("2027-01-01")
    assert life.told("contract.terminated").data["last_day"] == "2026-12-31"


def test_e03_a_rescission_notice_ends_the_contract_when_it_arrives():
    life = Life({"term": TERM, "termination": {"grounds": [{"key": "late_payment", "holder": "A", "immediate": True}]}})
    life.sign()
    life.record("record-ground", "2026-03-10", ground="late_payment", holder="A")
    assert life.state.terminating == "termination.right_exercisable"
    life.notice(9, "rescission", "2026-03-16T10:05", ground="late_payment")
    assert (life.state.outcome, life.state.ended_at) == ("rescinded_by_notice", at("2026-03-16T10:05"))
    assert life.told("contract.terminated").transition == "T35"


def test_e03_without_a_right_the_notice_arrives_and_does_nothing():
    life = with_ground(automatic=False)
    life.sign()
    life.notice(9, "rescission", "2026-03-16T10:05", ground="material_breach")
    assert life.state.in_force
    assert "no right to rescind" in life.told("notice.without_effect").explanation


def demanded(recorded=None, **cure):
    life = with_ground(**(cure or {"automatic": False}))
    life.sign()
    life.notice(9, "cure_notice", "2026-04-16T11:00", recorded, ground="material_breach", cure={"automatic": True})
    return life


def test_e04_the_cure_period_rolls_off_the_holiday():
    timer = demanded().timer("cure")
    assert (timer.due_at, timer.legal_date.isoformat()) == (at("2026-05-07"), "2026-05-06")
    assert timer.basis.anchor == {"event": "2026-04-16"}


def test_e04_not_performed_the_contract_is_rescinded_when_the_period_is_over():
    life = demanded()
    life.until("2026-05-06T23:59:59")
    assert life.state.terminating == "termination.demand_running"
    life.until("2026-05-08")
    assert (life.state.outcome, life.state.ended_at) == ("rescinded_automatically", at("2026-05-07"))
    assert life.told("contract.terminated").transition == "T33"


@pytest.mark.parametrize("told_on", ["2026-05-06T23:00", "2026-05-20"])
def test_e04_performance_an_hour_before_the_end_cures_even_when_told_later(told_on):
    life = demanded()
    life.until(told_on)
    life.record("record-performance", "2026-05-06T23:00", ground="material_breach")
    assert life.state.in_force
    assert life.state.terminating == "termination.none"
    assert life.told("ground.cured").at == at("2026-05-06T23:00")
    assert "contract.terminated" not in life.types()
    assert [one.type for one in life.superseded] == (["contract.terminated"] if told_on == "2026-05-20" else [])


def test_e04_performance_at_midnight_is_too_late():
    life = demanded()
    life.until("2026-05-20")
    life.record("record-performance", "2026-05-07", duty="settlement")
    assert life.state.outcome == "rescinded_automatically"
    with pytest.raises(Refused):
        life.record("record-performance", "2026-05-07", ground="material_breach")


def test_a_cure_that_is_not_automatic_opens_the_right_and_its_exercise_ends_the_contract():
    life = with_ground(automatic=False)
    life.sign()
    life.notice(9, "cure_notice", "2026-04-16T11:00", ground="material_breach")
    life.until("2026-05-08")
    assert life.state.in_force
    assert life.told("ground.exercisable").transition == "T34"
    life.notice(10, "rescission", "2026-05-11T09:00", ground="material_breach")
    assert (life.state.outcome, life.state.ended_at) == ("rescinded_by_notice", at("2026-05-11T09:00"))


def test_a_cure_period_that_nobody_set_is_the_assumed_one():
    life = with_ground()
    life.sign()
    life.notice(9, "cure_notice", "2026-04-16T11:00", ground="material_breach")
    demand = life.state.grounds[0].demand
    assert (demand.period.length, demand.assumed) == (15, ["period", "automatic", "roll"])


@pytest.mark.parametrize(("arrives", "ends"), [("2026-03-10T09:00", True), ("2026-03-11T09:00", False)])
def test_e06_the_right_is_lost_a_year_after_its_holder_knew(arrives, ends):
    ground = {"key": "late_payment", "holder": "A", "immediate": True}
    life = Life({"term": TERM, "termination": {"grounds": [ground]}}, now=at("2025-01-01"))
    life.sign("2025-01-05", "2025-01-08")
    life.record("record-ground", "2025-03-10", ground="late_payment")
    assert life.timer("right_lapse").legal_date.isoformat() == "2026-03-10"
    life.notice(9, "rescission", arrives, ground="late_payment")
    assert (life.state.outcome == "rescinded_by_notice") is ends
    if not ends:
        assert life.told("ground.lost").at == at("2026-03-11")


def test_e13_an_agreement_ends_the_contract_at_the_end_of_its_last_day():
    life = Life({"term": TERM, "termination": {"procedure": {"settlement": {"length": 30, "unit": "day"}}}})
    life.sign()
    life.record("terminate-by-agreement", "2026-05-20T15:00", effective={"on": "2026-05-31"})
    with pytest.raises(Refused, match="already"):
        life.record("terminate-by-agreement", "2026-05-21", effective={"on": "2026-05-31"})
    life.until("2026-06-01")
    assert (life.state.outcome, life.state.ended_at) == ("mutual", at("2026-06-01"))
    assert life.timer("settlement").legal_date.isoformat() == "2026-06-30"


def test_the_parties_may_agree_on_another_day():
    life = Life({"term": TERM})
    life.sign()
    life.record("terminate-by-agreement", "2026-05-20T15:00", effective={"on": "2026-05-31"})
    life.record("terminate-by-agreement", "2026-05-21", effective={"on": "2026-08-31"})
    life.until("2026-06-02")
    assert life.state.in_force
    life.until("2026-09-01")
    assert (life.state.outcome, life.state.ended_at) == ("mutual", at("2026-09-01"))


AFTER_END = [
    {"class": "ordinary", "end": {"after": {"anchor": "termination", "period": {"length": 3, "unit": "year"}}}}
]


def test_f01_three_years_after_termination_end_on_the_day_itself_even_a_sunday():
    life = Life({"confidentiality": {"rules": AFTER_END}, "term": TERM})
    life.sign()
    life.record("item.disclose", "2026-03-05", item_id=str(uid(7)), name="名单", item_class="ordinary")
    assert [timer.kind for timer in life.timers] == ["term"]
    life.record("terminate-by-agreement", "2026-05-20T10:00")
    assert life.timer("confidentiality").legal_date.isoformat() == "2029-05-20"
    life.until("2029-05-20T23:59:59")
    assert life.state.items[0].expired_at is None
    life.until("2029-05-21")
    assert life.state.items[0].expired_at == at("2029-05-21")


def test_f01_an_end_at_midnight_belongs_to_the_day_before():
    life = Life({"confidentiality": {"rules": AFTER_END}, "term": TERM})
    life.sign()
    life.record("item.disclose", "2026-03-05", item_id=str(uid(7)), name="名单", item_class="ordinary")
    life.until("2027-01-02")
    assert life.timer("confidentiality").legal_date.isoformat() == "2029-12-31"


def test_f03_a_duty_from_signing_may_end_while_the_contract_runs():
    rule = {"class": "ordinary", "end": {"after": {"anchor": "signing", "period": {"length": 2, "unit": "year"}}}}
    life = Life({"confidentiality": {"rules": [rule]}, "term": {"end": "2028-12-31"}}, now=at("2025-06-01"))
    life.sign("2025-07-01T09:00", "2025-07-01T10:00")
    life.record("item.disclose", "2025-08-01", item_id=str(uid(7)), name="名单", item_class="ordinary")
    life.until("2027-07-02")
    assert life.state.in_force
    assert life.told("confidentiality.expired").at == at("2027-07-02")


def test_an_item_disclosed_before_any_contract_is_under_the_duty_without_an_end():
    life = Life({"confidentiality": {"rules": AFTER_END}})
    life.record("item.disclose", item_id=str(uid(7)), name="名单", item_class="ordinary")
    life.record("withdraw", "2026-02-01")
    life.until("2040-01-01")
    assert life.state.items[0].expired_at is None
    assert plain(life.timers) == []
