"""What will happen by itself: derived from the state, dated with its basis, waiting where a calendar is missing."""

import datetime as dt

import pytest

from clm.lifecycle.terms import merged
from clm.lifecycle.world import Refused
from tests.lifecycle.life import FULL, Life, at, plain, uid

RENEWS = {
    "automatic": True,
    "period": {"length": 12, "unit": "month"},
    "objection": {"period": {"length": 30, "unit": "day"}},
}
DAY = dt.date.fromisoformat


def renewing(**more):
    life = Life({"term": {"end": "2026-12-31", "renewal": RENEWS | more}})
    life.sign()
    return life


def test_a_term_that_does_not_renew_ends_and_one_that_does_goes_on():
    plainly = Life({"term": {"end": "2026-12-31", "renewal": RENEWS | {"automatic": False}}})
    plainly.sign()
    assert [timer.kind for timer in plainly.timers] == ["term"]
    life = renewing()
    assert [(timer.kind, timer.legal_date) for timer in life.timers] == [("renewal", DAY("2026-12-01"))]
    life.until("2027-06-01")
    assert life.state.in_force
    renewed = life.told("contract.renewed")
    assert (renewed.at, renewed.transition, renewed.data["renewal_no"]) == (at("2026-12-02"), "T40", 1)
    assert life.timer("renewal").legal_date == DAY("2027-12-01")


def test_the_default_renewal_is_twelve_months_with_thirty_days_to_object():
    life = Life({"term": {"end": "2026-12-31", "renewal": {"automatic": True}}}, env=FULL)
    life.sign()
    assert life.timer("renewal").legal_date == DAY("2026-12-01")
    life.until("2026-12-02")
    assert life.timer("renewal").legal_date == DAY("2027-12-01")
    _, assumed = merged(life.terms, FULL.defaults, FULL.alternatives)
    assert {"/terms/term/renewal/period", "/terms/term/renewal/objection"} <= set(assumed)


@pytest.mark.parametrize(("arrives", "in_time"), [("2026-12-01T23:59:59", True), ("2026-12-02", False)])
def test_an_objection_counts_when_it_arrives_by_the_end_of_the_day(arrives, in_time):
    life = renewing()
    life.notice(9, "renewal_objection", arrives)
    life.until("2027-01-02")
    assert life.state.in_force is not in_time
    assert life.state.renewal_no == (0 if in_time else 1)


def test_an_objection_told_late_but_arrived_in_time_undoes_the_renewal():
    life = renewing()
    life.until("2027-03-01")
    assert life.state.renewal_no == 1
    life.notice(9, "renewal_objection", "2026-11-30T10:00")
    assert (life.state.outcome, life.state.ended_at) == ("expired", at("2027-01-01"))
    assert [one.type for one in life.superseded] == ["contract.renewed"]


def test_an_objection_against_the_renewed_term_ends_that_term():
    life = renewing()
    life.until("2027-03-01")
    life.notice(9, "renewal_objection", "2027-11-30T10:00")
    life.until("2028-01-02")
    assert (life.state.outcome, life.state.ended_at) == ("expired", at("2028-01-01"))


def test_renewals_come_to_an_end_where_their_number_is_agreed():
    life = renewing(max_renewals=2)
    life.until("2030-01-01")
    assert (life.state.renewal_no, life.state.ended_at) == (2, at("2029-01-01"))
    assert life.types().count("contract.renewed") == 2


def test_a_renewed_month_is_counted_from_the_first_end():
    life = Life(
        {"term": {"end": "2026-01-31", "renewal": RENEWS | {"period": {"length": 1, "unit": "month"}}}},
        now=at("2025-12-01"),
    )
    life.sign("2025-12-02", "2025-12-03")
    life.until("2026-03-15")
    assert life.state.renewal_no == 3
    assert life.timer("renewal").legal_date == DAY("2026-03-31")
    assert life.timer("renewal").basis.anchor == {"event": "2026-04-30"}


@pytest.mark.parametrize(
    ("term", "last"),
    [
        ({"period": {"length": 1, "unit": "year"}}, "2027-01-08"),
        ({"period": {"length": 1, "unit": "year"}, "start": "2026-02-01"}, "2027-02-01"),
        ({"period": {"length": 1, "unit": "year"}, "start": "2026-02-01", "count_start_day": True}, "2027-01-31"),
    ],
)
def test_a_term_of_a_period_runs_from_effect_or_from_its_start(term, last):
    life = Life({"term": term})
    life.sign()
    assert life.timer("term").legal_date == DAY(last)


def test_an_indefinite_contract_has_no_end_of_its_own():
    life = Life({"term": {"indefinite": True}})
    life.sign()
    assert life.timers == []


def test_t03_an_offer_lapses_when_its_period_is_over():
    life = Life({"effectiveness": {"acceptance_period": {"length": 10, "unit": "day"}}}, now=at("2026-04-01T10:00"))
    life.record("submit")
    life.record("approve")
    assert life.timer("acceptance").legal_date == DAY("2026-04-13")
    assert [step.date for step in life.timer("acceptance").basis.steps[:2]] == [DAY("2026-04-01"), DAY("2026-04-11")]
    life.record("execute", "2026-04-02", party="A", method="seal")
    life.until("2026-04-14")
    assert (life.state.outcome, life.told("contract.lapsed").at) == ("lapsed", at("2026-04-14"))
    with pytest.raises(Refused):
        life.record("execute", "2026-04-14T09:00", party="B", method="seal")


def test_t03_an_acceptance_in_time_that_is_told_late_still_forms_the_contract():
    life = Life({"effectiveness": {"acceptance_period": {"length": 10, "unit": "day"}}}, now=at("2026-04-01T10:00"))
    life.record("submit")
    life.record("approve")
    life.record("execute", "2026-04-02", party="A", method="seal")
    life.until("2026-04-20")
    life.record("execute", "2026-04-13T23:00", party="B", method="seal")
    assert life.state.effective_at == at("2026-04-13T23:00")
    assert [one.type for one in life.superseded] == ["contract.lapsed"]


def test_a_date_in_a_year_without_a_calendar_waits():
    terms = {"term": {"end": "2027-01-31"}, "termination": {"procedure": {"settlement": {"length": 30, "unit": "day"}}}}
    life = Life(terms)
    life.sign()
    life.until("2030-01-01")
    timer = life.timer("settlement")
    assert not timer.certain
    assert timer.legal_date is None
    assert timer.due_at == at("2027-03-03")
    assert timer.basis.status == "provisional"
    assert "winding_down.overdue" not in life.types()


def test_an_amendment_of_the_end_moves_the_timer():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    change = {"op": "replace", "path": "/terms/term/end", "value": "2027-06-30"}
    life.record("amendment.propose", "2026-04-01", amendment_id=str(uid(1)), changes=[change])
    assert life.timer("term").legal_date == DAY("2026-12-31")
    for party in "AB":
        life.record("amendment.execute", "2026-04-02", amendment_id=str(uid(1)), party=party, method="seal")
    assert life.timer("term").legal_date == DAY("2027-06-30")


def test_an_end_amended_into_the_past_ends_the_contract_when_the_amendment_applies():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    change = {"op": "replace", "path": "/terms/term/end", "value": "2026-03-31"}
    life.record("amendment.propose", "2026-03-20", amendment_id=str(uid(1)), changes=[change])
    for party in "AB":
        life.record("amendment.execute", "2026-04-02", amendment_id=str(uid(1)), party=party, method="seal")
    assert life.state.ended_at == at("2026-04-02")
    assert life.happenings[-1].at == at("2026-04-02")


def test_a_contract_signed_after_its_term_ends_with_its_effect_and_not_before():
    life = Life({"term": {"end": "2026-01-06"}})
    life.sign(b="2026-01-08T09:30")
    assert life.told("contract.term_passed").at == at("2026-01-07")
    assert (life.state.effective_at, life.state.ended_at) == (at("2026-01-08T09:30"), at("2026-01-08T09:30"))


def test_a_renewal_whose_objection_day_was_over_at_signature_happens_with_effect():
    life = Life({"term": {"end": "2026-01-20", "renewal": RENEWS}})
    life.sign(b="2026-01-08T09:30")
    assert life.told("contract.renewed").at == at("2026-01-08T09:30")


def test_the_right_lapses_by_the_ground_s_own_period_or_a_year():
    ground = {"key": "late_payment", "holder": "A", "immediate": True, "exercise_within": {"length": 30, "unit": "day"}}
    life = Life({"termination": {"grounds": [ground]}})
    life.sign()
    life.record("record-ground", "2026-03-02", ground="late_payment")
    assert life.timer("right_lapse").legal_date == DAY("2026-04-01")
    life.until("2026-04-02")
    assert (life.state.grounds[0].ended, life.told("ground.lost").transition) == ("lapsed", "T36")


def test_every_timer_names_its_rule_and_shows_its_steps():
    life = Life({"term": {"end": "2026-12-31"}}, env=FULL)
    life.record("item.disclose", item_id=str(uid(7)), name="名单", item_class="ordinary")
    life.sign()
    life.notice(9, "cure_notice", "2026-04-16T11:00", ground="material_breach")
    life.record("terminate-by-agreement", "2026-04-17T11:00", effective={"on": "2026-05-10"})
    assert {timer.kind for timer in life.timers} == {"term", "cure", "right_lapse", "agreed_end"}
    for timer in life.timers:
        assert timer.rule
        assert timer.basis.steps
        assert timer.basis.anchor
        assert plain(timer.basis)["status"] == ("provisional" if timer.kind == "right_lapse" else "final")
    assert len({timer.key for timer in life.timers}) == len(life.timers)
    life.until("2026-05-11")
    assert {timer.kind for timer in life.timers} == {"settlement", "data_return", "confidentiality"}
