"""What a decision is: pure, explained, the same in whatever order its facts came to be known."""

import copy
import datetime as dt

import pytest

from clm.lifecycle import engine
from clm.lifecycle.actions import REGISTER, allowed, obstacles
from clm.lifecycle.facts import Fact
from clm.lifecycle.world import Refused, World
from tests.lifecycle.life import BARE, FULL, Life, at, plain, uid

CONDITION = {"effectiveness": {"conditions": [{"key": "licence", "description": "许可证"}]}}
BREACH = {
    "term": {"end": "2026-12-31"},
    "termination": {
        "grounds": [
            {"key": "material_breach", "holder": "A", "demand_required": True},
            {"key": "late_payment", "holder": "B", "immediate": True},
        ]
    },
}


def fact(kind, when, no=50, **data):
    return Fact(id=uid(no), no=no, kind=kind, at=at(when), recorded_at=at(when), data=data)


def test_a_decision_leaves_its_input_alone():
    life = Life(BREACH)
    life.sign()
    before, origin = copy.deepcopy(life.state), copy.deepcopy(life._origin[0])
    engine.decide(life.state, fact("suspend", "2026-02-01", reason="agreed"), BARE, at("2026-06-01"))
    engine.advance(life.state, BARE, at("2028-01-01"))
    late = fact("withdraw", "2026-01-04")
    engine.decide_anew(life._origin[0], life.facts[2:], late, BARE, at("2026-06-01"))
    assert life.state == before
    assert life._origin[0] == origin


def test_the_same_input_gives_the_same_decision():
    life = Life(BREACH, env=FULL)
    life.sign()
    asked = (life.state, fact("record-ground", "2026-02-01", ground="late_payment"), FULL, at("2028-01-01"))
    first, again = engine.decide(*asked), engine.decide(*asked)
    assert plain(first) == plain(again)
    assert first.state.outcome == "expired"


def test_a_refused_fact_leaves_no_trace():
    life = Life()
    before = copy.deepcopy(life.state)
    with pytest.raises(Refused) as refused:
        life.record("execute", party="A", method="seal")
    assert life.state == before
    (reason,) = refused.value.reasons
    assert reason.rule == "T04"
    assert (reason.missing, reason.who) == ("submit", "drafter")
    assert reason.message == (
        "The contract is being drafted; execute is for one out for signature. First comes submit."
    )


def test_every_happening_says_by_which_rule_and_how_the_contract_then_stood():
    life = Life(BREACH | CONDITION, env=FULL)
    life.sign()
    life.record("satisfy-condition", "2026-01-20", condition="licence")
    life.record("suspend", "2026-02-01", reason="agreed")
    life.record("resume", "2026-02-02")
    life.record("item.disclose", "2026-02-03", item_id=str(uid(7)), name="名单", item_class="ordinary")
    life.notice(9, "cure_notice", "2026-04-16T11:00", ground="material_breach")
    life.until("2031-01-01")
    assert len(life.happenings) > 14
    for one in life.happenings:
        assert one.rule, one.type
        assert one.explanation.endswith("."), one.explanation
        assert one.configuration, one.type
        assert one.status in {"draft", "effective", "amendment", "terminated"}
        assert (one.fact_id is None) != (one.timer_key is None) or one.type == "contract.created"
    assert {one.timer_key for one in life.happenings if one.type == "contract.terminated"} == {"term"}


def test_what_is_due_fires_before_the_fact_that_comes_after_it():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    with pytest.raises(Refused) as refused:
        life.record("suspend", "2027-01-01", reason="agreed")
    assert "ended and being wound down" in refused.value.reasons[0].message


def test_a_fact_on_the_last_day_comes_before_what_ends_with_it():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    life.until("2027-02-01")
    life.record("suspend", "2026-12-31T23:59:59", reason="agreed")
    assert life.types()[-2:] == ["performance.suspended", "contract.terminated"]
    assert not life.superseded


def test_advance_can_stop_after_one_timer():
    one_day = {"settlement": {"length": 1, "unit": "day"}}
    life = Life({"term": {"end": "2026-06-30"}, "termination": {"procedure": one_day}})
    life.sign()
    one = engine.advance(life.state, BARE, at("2028-01-01"), at_most=1)
    assert [h.type for h in one.happenings] == ["contract.terminated"]
    two = engine.advance(one.state, BARE, at("2028-01-01"), at_most=1)
    assert [h.type for h in two.happenings] == ["winding_down.overdue"]
    assert engine.advance(two.state, BARE, at("2028-01-01"), at_most=1).happenings == []


def test_a_late_fact_is_decided_in_its_place_and_what_no_longer_follows_goes():
    life = Life()
    life.sign()
    decision = life.record("reject", "2026-01-06", reason="too dear")
    assert decision.anew
    assert (life.state.outcome, life.state.effective_at) == ("lapsed", None)
    assert [one.type for one in life.superseded] == ["contract.executed", "contract.formed", "contract.effective"]
    moot = life.told("fact.moot")
    assert (moot.fact_id, moot.at, moot.data["fact_kind"]) == (life.facts[3].id, at("2026-01-08T09:30"), "execute")
    assert "a lapsed offer" in moot.explanation


def test_a_late_fact_that_was_not_allowed_in_its_place_is_refused_and_changes_nothing():
    life = Life()
    life.sign()
    before = copy.deepcopy(life.state)
    with pytest.raises(Refused):
        life.record("suspend", "2026-01-07", reason="agreed")
    assert life.state == before


def test_facts_from_before_the_approval_count_when_signatures_are_dated_back():
    life = Life(now=at("2026-02-01"))
    life.sign("2026-01-05T10:00", "2026-01-08T09:30")
    assert life.state.approved_at == at("2026-02-01")
    assert life.state.effective_at == at("2026-01-08T09:30")


def test_a_return_lets_earlier_signatures_lapse_and_the_order_begin_anew():
    life = Life()
    life.record("submit")
    life.record("approve")
    life.record("execute", "2026-01-10", party="A", method="seal")
    life.record("return", "2026-01-12", reason="a clause is missing")
    assert life.state.configuration == ["draft.drafting"]
    assert life.told("contract.returned").data["executions_lapsed"] == ["A"]
    life.record("submit")
    life.record("approve")
    life.record("execute", "2026-01-13", party="B", method="seal")
    assert life.state.formed_at is None
    life.record("execute", "2026-01-14", party="A", method="seal")
    assert life.state.formed_at == at("2026-01-14")


def test_a_draft_that_waits_for_a_party_is_not_submitted():
    life = Life(roles_missing=["B"])
    with pytest.raises(Refused, match="No party has role B"):
        life.record("submit")


@pytest.mark.parametrize("again", ["A", "C"])
def test_a_party_executes_once_and_must_be_one(again):
    life = Life()
    life.record("submit")
    life.record("approve")
    life.record("execute", party="A", method="seal")
    with pytest.raises(Refused):
        life.record("execute", party=again, method="seal")


def test_what_is_allowed_is_what_is_not_in_the_way():
    life = Life(CONDITION)
    life.sign()
    world = World(life.state, BARE)
    assert {*allowed(world)} == {
        "satisfy-condition",
        "fail-condition",
        "terminate-by-agreement",
        "record-suit",
        "record-decision",
        "correct",
    }
    for what in REGISTER.values():
        if what.public:
            assert (obstacles(world, what.name) == []) == (what.name in allowed(world))
    life.record("satisfy-condition", condition="licence")
    assert "satisfy-condition" not in allowed(World(life.state, BARE))


def test_suspension_and_resumption_are_told_with_their_reason():
    life = Life()
    life.sign()
    life.record("suspend", "2026-02-01", reason="unstable", party="A", evidence=[str(uid(5))])
    assert life.state.configuration[1] == "suspended"
    with pytest.raises(Refused):
        life.record("suspend", "2026-02-02", reason="agreed")
    life.record("resume", "2026-02-03")
    assert life.state.configuration[1] == "performing"


def test_a_rejected_and_a_withdrawn_offer_end_differently():
    for kind, outcome, configuration in (
        ("reject", "lapsed", "never_in_force.lapsed"),
        ("withdraw", "withdrawn", "never_in_force.withdrawn"),
    ):
        life = Life()
        life.record("submit")
        life.record("approve")
        life.record(kind, "2026-01-09", reason="no")
        assert (life.state.outcome, life.state.configuration) == (outcome, [configuration])
        assert life.timers == []


def test_a_formed_contract_is_withdrawn_by_nobody():
    life = Life(CONDITION)
    life.sign()
    with pytest.raises(Refused):
        life.record("withdraw")


def test_waiving_a_ground_spends_it_and_a_notice_does_not_bring_it_back():
    life = Life(BREACH)
    life.sign()
    life.record("record-ground", "2026-02-01", ground="late_payment")
    assert life.state.terminating == "termination.right_exercisable"
    life.record("waive", "2026-02-02", ground="late_payment")
    assert (life.state.terminating, life.state.grounds[0].ended) == ("termination.none", "waived")
    life.notice(9, "rescission", "2026-02-03", ground="late_payment")
    assert life.state.in_force
    life.record("record-ground", "2026-02-04", ground="late_payment")
    assert life.state.terminating == "termination.right_exercisable"


def test_a_ground_belongs_to_its_holder():
    life = Life(BREACH)
    life.sign()
    with pytest.raises(Refused, match="belongs to party B"):
        life.record("record-ground", ground="late_payment", holder="A")
    life.record("record-ground", "2026-02-01", ground="late_payment")
    life.notice(9, "rescission", "2026-02-03", ground="late_payment")
    assert life.state.in_force
    assert "belongs to B" in life.told("notice.without_effect").explanation


def test_a_ground_that_neither_contract_nor_law_knows_is_refused_with_those_that_are():
    life = Life(BREACH)
    life.sign()
    with pytest.raises(Refused, match="material_breach, late_payment, force_majeure"):
        life.record("record-ground", ground="bad_weather")


def test_a_notice_that_failed_triggers_nothing():
    life = Life(BREACH)
    life.sign()
    life.notice(9, "cure_notice", "2026-04-20", recorded="2026-04-16", ground="material_breach")
    assert life.timer("arrival").due_at == at("2026-04-20")
    life.record("notice.judged", "2026-04-17", notice_id=str(uid(9)), type="cure_notice", sender="A", arrives_at=None)
    life.until("2026-06-01")
    assert life.state.grounds == []
    assert life.told("notice.failed").rule == "Civil Code 137"


def test_a_notice_after_the_end_arrives_without_effect():
    life = Life(BREACH)
    life.sign()
    life.until("2027-02-01")
    life.notice(9, "cure_notice", "2027-02-02", ground="material_breach")
    assert life.state.grounds == []
    assert "not in force" in life.told("notice.without_effect").explanation


def test_a_state_survives_its_journey_through_json():
    life = Life(BREACH, env=FULL)
    life.sign()
    life.notice(9, "cure_notice", "2026-04-16T11:00", ground="material_breach")
    assert life.state.copy() == life.state
    assert life.state.copy() is not life.state
    assert life.state.copy().grounds[0].demand.arrived_on == dt.date(2026, 4, 16)


def test_winding_down_closes_when_every_duty_is_done():
    life = Life({"termination": {"procedure": {"settlement": {"length": 30, "unit": "day"}}}})
    life.sign()
    life.record("terminate-by-agreement", "2026-03-02T10:00")
    assert life.timer("settlement").legal_date == dt.date(2026, 4, 1)
    with pytest.raises(Refused) as refused:
        life.record("close", "2026-03-03")
    assert len(refused.value.reasons) == 4
    for duty in ("settlement", "data_return", "handover", "report"):
        life.record("record-performance", "2026-03-04", duty=duty)
    with pytest.raises(Refused, match="certificate"):
        life.record("close", "2026-03-05")
    life.record("record-performance", "2026-03-05", duty="data_return", evidence=[str(uid(5))])
    assert life.timers == []
    life.record("close", "2026-03-05")
    assert life.state.configuration == ["terminated.closed"]
    assert life.told("contract.closed").transition == "T50"


def test_an_offer_with_a_period_for_its_acceptance_cannot_be_revoked():
    life = Life({"effectiveness": {"acceptance_period": {"length": 30, "unit": "day"}}})
    life.record("submit")
    life.record("approve")
    life.record("execute", "2026-01-05", party="A", method="seal")
    with pytest.raises(Refused, match="476"):
        life.record("withdraw", "2026-01-06")
    with pytest.raises(Refused, match="has executed"):
        life.record("reject", "2026-01-06", party="A")
    life.record("reject", "2026-01-07", party="B")
    assert life.state.outcome == "lapsed"


def test_a_ground_that_was_amended_away_leads_to_no_right():
    life = Life(BREACH)
    life.sign()
    life.notice(9, "cure_notice", "2026-04-16T11:00", ground="material_breach", cure={"automatic": True})
    change = {"op": "remove", "path": "/terms/termination/grounds/0"}
    life.record("amendment.propose", "2026-04-20", amendment_id=str(uid(1)), changes=[change])
    for party in "AB":
        life.record("amendment.execute", "2026-04-20T10:00", amendment_id=str(uid(1)), party=party, method="seal")
    life.until("2026-05-07")
    assert life.state.in_force
    assert "no longer among the terms" in life.told("ground.lost").explanation
