"""Ways in which a contract ends, or a right to end it is won and lost (T22, T36, T38, T41, T42, T44, W03)."""

import datetime as dt

import pytest
from msgspec.structs import replace

from clm.law.review import Finding
from clm.lifecycle.explaining import rights_now
from clm.lifecycle.terms import BadChange
from clm.lifecycle.world import Refused, World
from tests.lifecycle.life import BARE, Life, at, uid

TERM = {"end": "2026-12-31"}
CONVENIENCE = {"holder": "A", "notice": {"length": 30, "unit": "day"}}
FM = {
    "notify": {"length": 3, "unit": "day"},
    "proof": {"length": 15, "unit": "day"},
    "rescind_after": {"length": 30, "unit": "day"},
}
PROOF = {"evidence": [str(uid(5))]}


def signed(**terms):
    life = Life({"term": TERM, **terms})
    life.sign()
    return life


def test_t41_termination_for_convenience_ends_with_its_period():
    life = signed(termination={"convenience": CONVENIENCE})
    life.notice(9, "rescission", "2026-03-02T10:00", ground="convenience")
    assert life.timer("notice_period").due_at == at("2026-04-02")
    assert life.state.status == "effective"
    life.until("2026-04-02")
    assert (life.state.outcome, life.state.ended_at) == ("convenience_notice", at("2026-04-02"))
    assert life.told("contract.terminated").transition == "T41"


def test_t41_a_right_that_was_not_granted_or_belongs_to_the_other_side_ends_nothing():
    life = signed()
    life.notice(9, "rescission", "2026-03-02", ground="convenience")
    assert "no right to end" in life.told("notice.without_effect").explanation
    life = signed(termination={"convenience": {**CONVENIENCE, "holder": "B"}})
    life.notice(9, "rescission", "2026-03-02", ground="convenience")
    assert "belongs to party B" in life.told("notice.without_effect").explanation


def test_t41_a_contract_without_a_term_ends_after_reasonable_notice():
    life = Life({"term": {"indefinite": True}})
    life.sign()
    life.notice(9, "rescission", "2026-03-02", ground="indefinite_term")
    timer = life.timer("notice_period")
    assert (timer.legal_date, timer.assumed) == (dt.date(2026, 4, 1), True)
    life.until("2026-05-01")
    assert (life.state.outcome, life.state.ended_at) == ("indefinite_notice", at("2026-04-02"))


def test_t41_a_contract_with_a_term_is_not_ended_for_want_of_one():
    life = signed()
    life.notice(9, "rescission", "2026-03-02", ground="indefinite_term")
    assert life.told("notice.without_effect").rule == "T41"


def test_t41_an_agreed_period_after_a_rescission_runs_from_its_arrival():
    ground = {"key": "late_payment", "holder": "A", "immediate": True, "notice": {"length": 10, "unit": "day"}}
    life = signed(termination={"grounds": [ground]})
    life.notice(9, "rescission", "2026-03-02T10:00", ground="late_payment")
    assert life.timer("notice_period").due_at == at("2026-03-13")
    life.until("2026-03-13")
    assert (life.state.outcome, life.state.grounds[0].ended) == ("rescinded_by_notice", "exercised")


def test_e16_a_mandate_ends_when_the_notice_arrives_and_damages_may_be_owed():
    life = Life({"term": TERM, "nature": "entrustment", "payment": {"price": "1"}})
    life.sign()
    life.notice(9, "rescission", "2026-07-01T09:00", ground="at_will")
    assert (life.state.outcome, life.state.ended_at) == ("at_will", at("2026-07-01T09:00"))
    told = life.told("contract.terminated")
    assert told.transition == "T42"
    assert told.data["damages"] == {
        "debtor": "A",
        "covers": ["direct_loss", "expected_profit"],
        "source": "Civil Code 933",
    }


def test_t42_is_for_mandates_only_whatever_the_type():
    life = signed()
    life.notice(9, "rescission", "2026-07-01", ground="at_will")
    assert life.told("notice.without_effect").rule == "T42"
    life = Life({"term": TERM}, env=replace(BARE, nature="entrustment"))
    life.sign()
    life.notice(9, "rescission", "2026-07-01", ground="at_will")
    assert life.state.outcome == "at_will"


def test_t44_a_condition_subsequent_ends_the_contract_when_it_is_met():
    conditions = [{"key": "licence_lost", "description": "许可证被吊销"}]
    life = signed(effectiveness={"ending_conditions": conditions})
    life.record("satisfy-condition", "2026-05-04T10:00", condition="licence_lost")
    assert (life.state.outcome, life.state.ended_at) == ("condition_subsequent", at("2026-05-04T10:00"))
    assert life.told("contract.terminated").transition == "T44"


def test_an_impossible_ending_condition_counts_as_not_agreed():
    conditions = [{"key": "licence_lost", "description": "许可证被吊销"}]
    life = signed(effectiveness={"ending_conditions": conditions})
    life.record("fail-condition", "2026-05-04", condition="licence_lost", reason="许可制度已取消")
    assert life.state.in_force
    with pytest.raises(Refused, match="No condition that ends it"):
        life.record("satisfy-condition", "2026-05-05", condition="licence_lost")


def test_w03_a_contract_ends_when_everything_owed_is_performed():
    life = Life({"term": {"until": "delivered_and_paid"}})
    life.sign()
    assert life.timers == []
    life.record("record-performance", "2026-08-01T10:00", complete=True)
    assert (life.state.outcome, life.told("contract.terminated").transition) == ("fulfilled", "W03")


def test_c04_performance_cures_a_missing_signature():
    life = Life({"term": TERM})
    life.record("submit")
    life.record("approve")
    life.record("execute", "2026-01-05", party="A", method="seal")
    with pytest.raises(Refused, match="only a main duty"):
        life.record("record-performance", "2026-01-15", party="B")
    life.record("record-performance", "2026-01-15T10:00", party="B", accepted=True)
    assert life.state.formed_at == life.state.effective_at == at("2026-01-15T10:00")
    assert life.told("contract.formed").transition == "T05"


def test_c10_an_approval_is_a_condition_and_its_refusal_leaves_no_effect():
    life = Life({"term": TERM, "effectiveness": {"approval": {"authority": "通信管理局"}}})
    life.sign()
    formed = life.told("contract.formed")
    assert formed.data["conditions"] == ["approval"]
    assert "/terms/effectiveness/approval" in formed.data["binding"]
    granted = Life({"term": TERM, "effectiveness": {"approval": {"authority": "通信管理局"}}})
    granted.sign()
    granted.record("satisfy-condition", "2026-02-10T09:00", condition="approval")
    assert granted.state.effective_at == at("2026-02-10T09:00")
    life.record("fail-condition", "2026-02-10T09:00", condition="approval")
    assert life.state.configuration == ["never_in_force.ineffective"]
    assert life.state.undone_at == at("2026-02-10T09:00")


def test_t22_no_security_in_time_opens_the_right_to_rescind():
    life = signed()
    with pytest.raises(Refused, match="needs proof"):
        life.record("suspend", "2026-03-02", reason="unstable", party="A")
    life.record("suspend", "2026-03-02T10:00", reason="unstable", party="A", **PROOF)
    assert life.timer("security").due_at == at("2026-03-18")
    life.notice(9, "suspension", "2026-03-04T10:00")
    assert life.timer("security").due_at == at("2026-03-20")
    life.until("2026-03-20")
    assert life.state.terminating == "termination.right_exercisable"
    assert life.told("ground.exercisable").transition == "T22"
    life.notice(10, "rescission", "2026-03-21", ground="anticipatory_breach")
    assert life.state.outcome == "rescinded_by_notice"


def test_t22_security_in_time_leaves_no_right():
    life = signed()
    life.record("suspend", "2026-03-02T10:00", reason="unstable", party="A", **PROOF)
    life.record("resume", "2026-03-10")
    life.until("2026-06-01")
    assert life.state.terminating == "termination.none"
    assert life.state.pauses[0].ended_at == at("2026-03-10")


def test_t38_force_majeure_beyond_the_clause_gives_a_right_and_the_notice_ends():
    life = signed(force_majeure=FM)
    life.record("suspend", "2026-06-10T08:00", reason="force_majeure", party="B")
    assert {t.kind: str(t.legal_date) for t in life.timers if t.kind.startswith("fm_")} == {
        "fm_notify": "2026-06-15",
        "fm_proof": "2026-06-25",
        "fm_passed": "2026-07-10",
    }
    life.record("notice.judged", "2026-06-11", **fm_notice(9, "force_majeure", "2026-06-11"))
    life.until("2026-07-01")
    assert life.told("force_majeure.late").data["what"] == "proof"
    life.notice(10, "rescission", "2026-07-02", ground="force_majeure")
    assert life.told("notice.without_effect").rule == "T38"
    life.until("2026-07-11")
    life.notice(11, "rescission", "2026-07-12", ground="force_majeure")
    assert life.state.outcome == "force_majeure"


def test_t38_a_frustrated_purpose_needs_no_days():
    life = signed(force_majeure=FM)
    life.notice(10, "rescission", "2026-07-02", ground="purpose_frustrated")
    assert (life.state.outcome, life.told("contract.terminated").transition) == ("force_majeure", "T38")


def fm_notice(number, kind, when):
    return {"notice_id": str(uid(number)), "type": kind, "sender": "B", "arrives_at": at(when).isoformat()}


def test_t38_the_right_arises_when_the_days_are_over():
    agreed = {"grounds": [{"key": "force_majeure", "holder": "A", "immediate": True}]}
    life = signed(force_majeure=FM, termination=agreed)
    life.record("suspend", "2026-06-10T08:00", reason="force_majeure", party="B")
    life.until("2026-07-11")
    assert life.state.force_majeure.passed
    assert life.state.grounds[0].holder == "A"
    life.notice(10, "rescission", "2026-07-12", ground="force_majeure")
    assert life.told("contract.terminated").transition == "T38"


def test_force_majeure_that_is_over_gives_no_right():
    life = signed(force_majeure=FM)
    life.record("suspend", "2026-06-10T08:00", reason="force_majeure", party="B")
    life.record("resume", "2026-06-20")
    life.until("2026-08-01")
    assert life.state.grounds == []
    assert not life.state.force_majeure.passed


def test_e15_force_majeure_after_a_delay_exempts_from_nothing():
    grounds = [{"key": "late_payment", "holder": "B", "immediate": True}]
    life = signed(force_majeure=FM, termination={"grounds": grounds})
    life.record("record-ground", "2026-06-01", ground="late_payment", holder="B")
    life.record("suspend", "2026-06-10", reason="force_majeure", party="A")
    assert not life.state.force_majeure.exempts
    assert "590(2)" in life.told("performance.suspended").explanation


def test_e07_a_right_that_is_not_used_when_asked_is_lost():
    grounds = [{"key": "late_payment", "holder": "A", "immediate": True}]
    life = signed(termination={"grounds": grounds})
    life.record("record-ground", "2026-02-20", ground="late_payment", holder="A")
    asked = {"notice_id": str(uid(9)), "type": "demand", "sender": "B", "ground": "late_payment"}
    life.record("notice.judged", "2026-03-02", arrives_at=at("2026-03-02").isoformat(), **asked)
    assert life.timer("decide").due_at == at("2026-03-18")
    life.until("2026-03-18")
    assert life.state.grounds[0].ended == "lapsed"
    life.notice(10, "rescission", "2026-03-19", ground="late_payment")
    assert life.state.in_force


def test_e06_agreed_time_for_a_right_is_told_and_kept():
    grounds = [
        {"key": "late_payment", "holder": "A", "immediate": True, "exercise_within": {"length": 30, "unit": "day"}}
    ]
    life = signed(termination={"grounds": grounds})
    life.record("record-ground", "2026-03-02", ground="late_payment", holder="A")
    assert "30 day" in life.told("ground.arisen").explanation
    assert life.timer("right_lapse").legal_date == dt.date(2026, 4, 1)


def test_the_term_counts_from_what_was_agreed():
    for start, last in (("signing", "2027-01-08"), ("effective", "2027-03-01"), ("start", "2027-02-01")):
        terms = {"period": {"length": 1, "unit": "year"}, "period_from": start, "start": "2026-02-01"}
        life = Life({"term": terms, "effectiveness": {"not_before": "2026-03-01"}})
        life.sign()
        life.until("2026-03-02")
        timer = life.timer("term")
        assert str(timer.due_at.date() - dt.timedelta(days=1)) == last, start


def test_something_nothing_is_due_for_says_why():
    life = signed()
    life.record("terminate-by-agreement", "2026-03-02")
    with pytest.raises(Refused, match="Say why"):
        life.record("record-performance", "2026-03-03", duty="handover", nothing_due=True)
    for duty in ("settlement", "data_return", "handover", "report"):
        life.record("record-performance", "2026-03-03", duty=duty, nothing_due=True, note="合同未开始履行")
    life.record("close", "2026-03-04")
    assert life.state.configuration == ["terminated.closed"]


def test_a_deposit_may_be_what_effectiveness_waits_for():
    life = Life({"term": TERM, "effectiveness": {"deposit_first": True}})
    life.sign()
    assert life.state.configuration == ["draft.formed_pending"]
    life.record("satisfy-condition", "2026-01-12T10:00", condition="deposit")
    assert life.state.effective_at == at("2026-01-12T10:00")
    assert life.told("contract.condition_satisfied").rule == "Civil Code 586"


def test_c03_words_that_leave_the_manner_open_are_flagged_when_the_contract_is_formed():
    found = Finding("L13", "Civil Code 490", "warn", "/terms/effectiveness/execution_wording", "x", "y")
    life = Life({"term": TERM}, env=replace(BARE, review=lambda *_: (found,)))
    life.sign()
    assert life.told("contract.formed").data["flags"] == ["EXECUTION_WORDING"]


def test_the_authority_of_a_signatory_is_told():
    life = Life({"term": TERM})
    life.record("submit")
    life.record("approve")
    life.record("execute", "2026-01-05", party="A", method="signature", capacity="legal_representative")
    life.record("execute", "2026-01-06", party="B", method="signature", capacity="agent")
    told = [one.data["authority"] for one in life.happenings if one.type == "contract.executed"]
    assert told == ["legal_representative", "not_on_record"]
    assert [one.proven for one in life.state.executions] == [True, False]


def test_t22_a_right_that_is_lost_or_waived_does_not_come_back_by_itself():
    life = signed()
    life.record("suspend", "2026-03-02T10:00", reason="unstable", party="A", **PROOF)
    life.until("2026-03-18")
    life.record("waive", "2026-03-19", ground="anticipatory_breach")
    life.until("2026-12-30")
    assert [ground.ended for ground in life.state.grounds] == ["waived"]


def test_a_period_beyond_all_bounds_leaves_a_notice_without_effect():
    grounds = [{"key": "material_breach", "holder": "A", "demand_required": True}]
    life = signed(termination={"grounds": grounds})
    cure = {"period": {"length": 90000, "unit": "month"}}
    life.notice(9, "cure_notice", "2026-03-05", recorded="2026-03-02", ground="material_breach", cure=cure)
    life.until("2026-03-06")
    assert life.told("notice.without_effect").rule == "R-T2"
    life.record("suspend", reason="agreed")


def test_what_the_holder_of_a_ground_performs_cures_nothing():
    grounds = [{"key": "material_breach", "holder": "A", "demand_required": True}]
    life = signed(termination={"grounds": grounds})
    life.notice(9, "cure_notice", "2026-03-05", ground="material_breach", cure={"automatic": True})
    life.record("record-performance", "2026-03-06", party="A")
    with pytest.raises(Refused, match="other side"):
        life.record("record-performance", "2026-03-06", party="A", ground="material_breach")
    life.record("record-performance", "2026-03-07", duty="report")
    assert life.state.terminating == "termination.demand_running"
    life.record("record-performance", "2026-03-08", party="B")
    assert life.state.terminating == "termination.none"


def test_only_the_end_of_its_own_suspension_ends_a_force_majeure():
    life = signed(force_majeure=FM)
    life.record("notice.judged", "2026-06-10", **fm_notice(9, "force_majeure", "2026-06-10"))
    life.record("suspend", "2026-06-12", reason="defence")
    life.record("resume", "2026-06-15")
    assert life.state.force_majeure.ended_at is None
    assert life.timer("fm_passed").legal_date == dt.date(2026, 7, 10)
    life.notice(10, "force_majeure", "2026-06-16")
    assert life.told("notice.without_effect").rule == "590"
    assert life.state.force_majeure.notified_at == at("2026-06-10")


def test_an_announced_force_majeure_ends_when_its_end_is_announced():
    life = signed(force_majeure=FM)
    life.record("notice.judged", "2026-06-10", **fm_notice(9, "force_majeure", "2026-06-10"))
    life.notice(10, "resume", "2026-06-12")
    assert life.told("notice.without_effect").rule == "590"
    life.record("notice.judged", "2026-06-20", **fm_notice(11, "resume", "2026-06-20"))
    assert life.told("force_majeure.over").at == at("2026-06-20")
    life.until("2026-08-01")
    assert life.state.grounds == []


@pytest.mark.parametrize(
    ("said", "pointer"),
    [({"effective": {"on": "2026-03-31"}}, "/effective"), ({"consents_to": str(uid(9))}, "/consents_to")],
)
def test_a_contract_that_is_not_in_force_is_given_up_at_once_and_by_no_notice(said, pointer):
    life = Life({"effectiveness": {"not_before": "2026-03-01"}})
    life.sign()
    with pytest.raises(BadChange) as bad:
        life.record("terminate-by-agreement", "2026-02-10", **said)
    assert bad.value.pointer == pointer
    life.record("terminate-by-agreement", "2026-02-10")
    life.until("2026-04-01")
    assert (life.state.outcome, life.state.effective_at) == ("withdrawn", None)


def test_an_agreement_reported_late_takes_back_that_the_contract_took_effect():
    life = Life({"effectiveness": {"not_before": "2026-03-01"}})
    life.sign()
    life.record("suspend", "2026-03-10", reason="agreed")
    life.record("terminate-by-agreement", "2026-02-10")
    assert life.state.configuration == ["never_in_force.withdrawn"]
    assert life.told("fact.moot").data["fact_kind"] == "suspend"


def test_what_was_withdrawn_before_it_was_formed_owes_nothing():
    life = Life()
    life.record("withdraw")
    with pytest.raises(Refused, match="nothing is owed"):
        life.record("record-performance", duty="restitution")


def test_of_two_notices_with_a_period_the_one_that_ends_it_first_counts():
    grounds = [{"key": "x", "holder": "A", "immediate": True, "notice": {"length": 10, "unit": "day"}}]
    life = signed(termination={"convenience": CONVENIENCE, "grounds": grounds})
    life.notice(9, "rescission", "2026-03-02T10:00", ground="convenience")
    assert exercisable(life) == {"x"}
    life.notice(8, "rescission", "2026-03-05T10:00", ground="x")
    assert exercisable(life) == set()
    life.until("2026-03-16")
    assert (life.state.outcome, life.state.ended_at) == ("rescinded_by_notice", at("2026-03-16"))


def test_a_notice_that_would_end_it_later_changes_nothing():
    grounds = [{"key": "x", "holder": "A", "immediate": True, "notice": {"length": 10, "unit": "day"}}]
    life = signed(termination={"convenience": CONVENIENCE, "grounds": grounds})
    life.notice(9, "rescission", "2026-03-02T10:00", ground="convenience")
    life.until("2026-03-25")
    assert exercisable(life) == set()
    life.notice(8, "rescission", "2026-03-25T10:00", ground="x")
    assert "this one no earlier" in life.told("notice.without_effect").explanation
    life.until("2026-04-02")
    assert life.state.outcome == "convenience_notice"


def exercisable(life):
    agreed = {"x", "convenience"}
    return {one.ground for one in rights_now(World(life.state, life.env), life.now) if one.exercisable} & agreed


def test_a_right_that_has_arisen_stays_when_its_ground_is_amended_away():
    life = signed(termination={"grounds": [{"key": "x", "holder": "A", "immediate": True}]})
    life.record("record-ground", "2026-03-01", ground="x", holder="A")
    changes = [{"op": "remove", "path": "/terms/termination/grounds"}]
    life.record("amendment.propose", "2026-03-02", amendment_id=str(uid(5)), changes=changes)
    for party in "AB":
        life.record("amendment.execute", "2026-03-03", amendment_id=str(uid(5)), party=party, method="seal")
    assert life.state.current.no == 2
    [right] = [one for one in rights_now(World(life.state, life.env), life.now) if one.ground == "x"]
    assert (right.exercisable, right.source) == (True, "Civil Code 562(2)")
    life.notice(9, "rescission", "2026-03-10T10:00", ground="x")
    assert life.state.outcome == "rescinded_by_notice"


def test_an_agreed_end_after_the_term_asks_for_another_term():
    life = signed()
    with pytest.raises(BadChange, match="to go on until 2027-03-31, amend the term") as bad:
        life.record("terminate-by-agreement", "2026-05-01", effective={"on": "2027-03-31"})
    assert bad.value.pointer == "/effective/on"
    life.record("terminate-by-agreement", "2026-05-01", effective={"on": "2026-12-31"})


def test_a_duty_of_winding_down_done_before_the_end_says_that_it_does_not_count_yet():
    life = signed()
    life.record("record-performance", "2026-05-01", duty="data_return", party="B")
    assert "record it then" in life.told("performance.recorded").explanation


def test_the_pointer_of_a_bad_replacement_is_within_it():
    life = signed()
    life.record("terminate-by-agreement", "2026-05-01", effective={"on": "2026-08-31"})
    agreed = str(life.facts[-1].id)
    with pytest.raises(BadChange) as bad:
        life.record("correct", fact_id=agreed, reason="日期有误", replacement={"effective": {"on": "2026-04-01"}})
    assert bad.value.pointer == "/replacement/effective/on"


def test_the_end_of_a_force_majeure_leaves_the_duties_to_tell_and_prove_it():
    life = signed(force_majeure=FM)
    life.record("suspend", "2026-02-02T10:00", reason="force_majeure", party="A")
    life.record("resume", "2026-02-03T10:00")
    assert {one.kind for one in life.timers} >= {"fm_notify", "fm_proof"}
    assert "fm_passed" not in {one.kind for one in life.timers}
    life.notice(9, "force_majeure", "2026-02-04T10:00")
    assert "fm_notify" not in {one.kind for one in life.timers}
    life.until("2026-03-10")
    assert [one.data["what"] for one in life.happenings if one.type == "force_majeure.late"] == ["proof"]
    assert life.state.force_majeure.ended_at == at("2026-02-03T10:00")


def test_a_second_force_majeure_gives_a_right_with_its_own_clock():
    life = signed(force_majeure=FM)
    life.record("suspend", "2026-02-02T10:00", reason="force_majeure", party="A")
    life.until("2026-03-20")
    life.record("resume", "2026-03-20T10:00")
    first = life.timer("right_lapse").due_at
    life.record("suspend", "2026-06-01T10:00", reason="force_majeure", party="A")
    life.until("2026-07-20")
    assert life.timer("right_lapse").due_at > first


def test_only_whom_it_hinders_says_that_a_force_majeure_is_over():
    life = signed(force_majeure=FM)
    life.record("suspend", "2026-02-02T10:00", reason="force_majeure")
    life.notice(9, "resume", "2026-02-10T10:00", sender="B")
    assert "No force majeure that hinders party B" in life.told("notice.without_effect").explanation
    assert life.state.force_majeure.ended_at is None


def test_an_announced_end_of_force_majeure_stays_when_performance_goes_on_later():
    life = signed(force_majeure=FM)
    life.record("suspend", "2026-02-02T10:00", reason="force_majeure", party="A")
    life.notice(9, "resume", "2026-02-10T10:00")
    life.record("resume", "2026-03-01T10:00")
    assert life.state.force_majeure.ended_at == at("2026-02-10T10:00")


@pytest.mark.parametrize("ground", ["fundamental_breach", "x"])
def test_a_ground_that_may_be_anybodys_names_its_holder(ground):
    life = signed(termination={"grounds": [{"key": "x", "holder": "either", "immediate": True}]})
    with pytest.raises(BadChange, match="Say whose right it is") as bad:
        life.record("record-ground", "2026-03-01", ground=ground)
    assert bad.value.pointer == "/holder"
    life.record("record-ground", "2026-03-01", ground=ground, holder="B")
    assert life.told("ground.arisen").data["holder"] == "B"
