"""What courts decide: undone terminations (T45), ends by judgment (T43), contracts without force (T08), 159."""

import pytest

from clm.lifecycle.terms import BadChange
from clm.lifecycle.world import Refused
from tests.lifecycle.life import FULL, Life, at, uid

COURT = {"authority": "上海市浦东新区人民法院", "case_no": "（2026）沪0115民初1号"}
IMMEDIATE = {"grounds": [{"key": "late_payment", "holder": "A", "immediate": True}]}
CONDITION = {"effectiveness": {"conditions": [{"key": "licence", "description": "许可证"}]}}
AFTER_END = {
    "rules": [
        {"class": "ordinary", "end": {"after": {"anchor": "termination", "period": {"length": 3, "unit": "year"}}}}
    ]
}


def rescinded(**more):
    """Rescinded by notice on 2026-05-20 at 10:05."""
    life = Life({"term": {"end": "2026-12-31"}, "termination": IMMEDIATE, **more})
    life.sign()
    life.record("item.disclose", "2026-01-15", item_id=str(uid(7)), name="名单", item_class="ordinary")
    life.notice(9, "rescission", "2026-05-20T10:05", ground="late_payment")
    assert life.state.outcome == "rescinded_by_notice"
    return life


def test_f11_a_groundless_rescission_is_undone_for_the_whole_interval():
    life = rescinded(confidentiality=AFTER_END)
    assert str(life.timer("confidentiality").legal_date) == "2029-05-20"
    life.until("2026-09-01")
    life.record("record-decision", "2026-09-01T09:00", ruling="termination_groundless", **COURT)
    assert (life.state.status, life.state.outcome, life.state.ended_at) == ("effective", None, None)
    assert [timer.kind for timer in life.timers] == ["term"]
    restored = life.told("contract.restored")
    assert (restored.transition, restored.at) == ("T45", at("2026-09-01T09:00"))
    assert restored.data["annulled_transition"] == "T35"
    assert restored.data["ended_at"] == "2026-05-20T10:05:00+08:00"
    assert life.told("termination.annulled").at == at("2026-05-20T10:05")
    assert "contract.terminated" not in life.types()
    assert "contract.terminated" in [one.type for one in life.superseded]
    assert life.state.grounds[0].ended == "groundless"


def test_what_would_have_fired_in_the_restored_interval_fires_in_order():
    renewal = {
        "automatic": True,
        "period": {"length": 6, "unit": "month"},
        "objection": {"period": {"length": 30, "unit": "day"}},
        "max_renewals": 1,
    }
    life = rescinded(term={"end": "2026-12-31", "renewal": renewal})
    life.record("record-decision", "2027-09-01", ruling="termination_groundless", **COURT)
    assert (life.state.outcome, life.state.ended_at) == ("expired", at("2027-07-01"))
    assert life.types()[-3:] == ["contract.renewed", "contract.terminated", "contract.restored"]


def test_what_was_done_about_the_end_is_moot_when_the_end_is_undone():
    life = rescinded()
    for duty in ("settlement", "handover", "report"):
        life.record("record-performance", "2026-06-01", duty=duty)
    life.record("record-performance", "2026-06-01", duty="data_return", evidence=[str(uid(5))])
    life.record("close", "2026-06-02")
    life.record("record-decision", "2026-09-01", ruling="termination_groundless", **COURT)
    assert life.state.status == "effective"
    assert life.told("fact.moot").data["fact_kind"] == "close"


def test_an_automatic_rescission_can_be_undone_too():
    grounds = [{"key": "material_breach", "holder": "A", "cure": {"period": {"length": 15, "unit": "day"}}}]
    life = Life({"term": {"end": "2026-12-31"}, "termination": {"grounds": grounds}})
    life.sign()
    life.notice(9, "cure_notice", "2026-04-16T11:00", ground="material_breach", cure={"automatic": True})
    life.until("2026-06-01")
    assert life.state.outcome == "rescinded_automatically"
    life.record("record-decision", "2026-06-01", ruling="termination_groundless", **COURT)
    assert life.state.in_force
    assert life.told("contract.restored").data["annulled_transition"] == "T33"


def test_e12_consent_counts_where_the_rescission_proves_groundless():
    life = rescinded()
    life.record("terminate-by-agreement", "2026-05-25", consents_to=str(uid(9)))
    assert life.state.ended_at == at("2026-05-20T10:05")
    life.record("record-decision", "2026-09-01", ruling="termination_groundless", **COURT)
    assert (life.state.outcome, life.state.ended_at) == ("mutual", at("2026-05-25"))


def test_a_second_notice_takes_effect_when_the_first_proves_groundless():
    life = rescinded()
    life.notice(10, "rescission", "2026-06-20", ground="fundamental_breach")
    life.record("record-decision", "2026-09-01", ruling="termination_groundless", **COURT)
    assert (life.state.outcome, life.state.ended_at) == ("rescinded_by_notice", at("2026-06-20"))
    life.record("record-decision", "2026-10-01", ruling="termination_groundless", **COURT)
    assert life.state.in_force
    assert [one.data["annulled"] for one in life.happenings if one.type == "contract.restored"] == [
        f"notice:{uid(9)}",
        f"notice:{uid(10)}",
    ]


def test_a_late_fact_after_a_judgment_is_still_put_in_its_place():
    life = rescinded()
    life.record("record-decision", "2026-09-01", ruling="termination_groundless", **COURT)
    life.record("suspend", "2026-07-01", reason="agreed")
    assert life.state.configuration[1] == "suspended"
    assert life.told("contract.restored").at == at("2026-09-01")


def test_t46_an_objection_contests_and_stops_nothing():
    life = rescinded()
    life.notice(11, "objection", "2026-05-24")
    assert life.state.contest is None
    objects(life, "2026-05-25")
    assert life.state.contest.how == "objection"
    assert life.state.outcome == "rescinded_by_notice"
    assert life.told("termination.contested").transition == "T46"
    life.record("record-decision", "2026-09-01", ruling="termination_upheld", **COURT)
    assert life.state.contest is None
    assert life.state.outcome == "rescinded_by_notice"


def objects(life, when):
    """Party B objects to what A has declared."""
    objection = {"notice_id": str(uid(10)), "type": "objection", "sender": "B", "arrives_at": at(when).isoformat()}
    life.record("notice.judged", when, **objection)


def test_an_objection_stays_one_when_a_court_agrees_with_it():
    life = rescinded()
    objects(life, "2026-05-25")
    life.record("record-decision", "2026-09-01", ruling="termination_groundless", **COURT)
    assert life.told("termination.contested").at == at("2026-05-25")
    assert life.state.contest is None


def test_an_objection_to_nothing_has_no_effect():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    life.notice(10, "objection", "2026-05-25")
    assert life.told("notice.without_effect").rule == "T46"


def test_e09_rescission_by_suit_takes_effect_when_the_complaint_is_served():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    with pytest.raises(BadChange, match="not in the future"):
        life.record("record-suit", "2026-06-10", suit="first", party="A", claim="rescission", served_at=served())
    life.until("2026-06-19")
    life.record("record-suit", "2026-06-10", suit="first", party="A", claim="rescission", served_at=served())
    life.record("record-decision", "2026-11-02", ruling="rescinded", suit="first", **COURT)
    assert (life.state.outcome, life.state.ended_at) == ("rescinded_by_suit", at("2026-06-18T15:00"))
    assert life.told("contract.terminated").transition == "T43"
    assert life.state.suits[0].decided_at == at("2026-11-02")


def served():
    return at("2026-06-18T15:00").isoformat()


def test_e18_a_deadlock_ends_on_service_and_change_of_circumstances_on_the_judgment():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    life.record("record-decision", "2026-11-02", ruling="deadlock", served_at=served(), **COURT)
    assert (life.state.outcome, life.state.ended_at) == ("deadlock", at("2026-06-18T15:00"))
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    life.record("record-decision", "2026-11-02", ruling="change_of_circumstances", **COURT)
    assert (life.state.outcome, life.state.ended_at) == ("change_of_circumstances", at("2026-11-02"))


def test_without_a_day_of_service_nothing_is_decided():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    with pytest.raises(BadChange) as bad:
        life.record("record-decision", "2026-11-02", ruling="rescinded", **COURT)
    assert bad.value.pointer == "/served_at"
    assert life.state.in_force


@pytest.mark.parametrize(("ruling", "transition"), [("void", "T08"), ("revoked", "T08b")])
def test_t08_a_contract_without_force_never_had_it(ruling, transition):
    life = Life({"term": {"end": "2026-12-31"}, "confidentiality": AFTER_END})
    life.sign()
    life.record("item.disclose", "2026-01-15", item_id=str(uid(7)), name="名单", item_class="ordinary")
    life.record("suspend", "2026-02-01", reason="agreed")
    life.record("record-decision", "2026-09-01", ruling=ruling, **COURT)
    assert (life.state.status, life.state.outcome) == ("terminated", ruling)
    assert life.state.configuration == [f"never_in_force.{ruling}"]
    assert life.state.effective_at is None
    assert [version.valid_from for version in life.state.versions] == [None]
    told = life.told(f"contract.{ruling}")
    assert (told.transition, told.at) == (transition, at("2026-01-08T09:30"))
    assert life.told("fact.moot").data["fact_kind"] == "suspend"
    assert str(life.timer("confidentiality").legal_date) == "2029-09-01"
    life.record("record-performance", "2026-09-02", duty="restitution")
    with pytest.raises(Refused, match="that was formed"):
        life.record("record-decision", "2026-09-03", ruling=ruling, **COURT)


def test_a_void_contract_gives_back_what_was_given_in_time():
    life = Life(env=FULL)
    life.sign()
    life.record("record-decision", "2026-09-01", ruling="void", **COURT)
    assert {timer.kind: str(timer.legal_date) for timer in life.timers} == {
        "data_return": "2026-09-16",
        "restitution": "2026-10-08",
    }


def test_c06_a_condition_prevented_in_bad_faith_counts_as_met_when_it_was_prevented():
    life = Life(CONDITION)
    life.sign()
    prevented = at("2026-01-18T12:00").isoformat()
    life.record(
        "record-decision", "2026-06-01", ruling="condition_met", condition="licence", effective_at=prevented, **COURT
    )
    assert life.state.effective_at == at("2026-01-18T12:00")
    assert life.told("contract.condition_satisfied").rule == "Civil Code 159"


def test_a_condition_brought_about_in_bad_faith_counts_as_not_met():
    life = Life(CONDITION)
    life.sign()
    life.record("satisfy-condition", "2026-01-20", condition="licence")
    assert life.state.in_force
    life.record("record-decision", "2026-06-01", ruling="condition_not_met", condition="licence", **COURT)
    assert life.state.configuration == ["draft.formed_pending"]
    assert life.told("contract.condition_disregarded").at == at("2026-01-20")


def test_nothing_to_undo_is_a_refusal():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    with pytest.raises(Refused, match="No notice"):
        life.record("record-decision", "2026-06-01", ruling="termination_groundless", **COURT)
    life.until("2027-02-01")
    with pytest.raises(Refused, match="No notice"):
        life.record("record-decision", "2027-02-01", ruling="termination_groundless", **COURT)


def test_a_suit_is_decided_once_and_keeps_winding_down_open():
    life = rescinded()
    life.record("record-suit", "2026-06-01", suit="first", party="B", claim="termination_groundless")
    assert life.state.contest.how == "suit"
    with pytest.raises(Refused, match="recorded already"):
        life.record("record-suit", "2026-06-01", suit="first", party="B", claim="other")
    with pytest.raises(Refused, match="Suit first is not decided"):
        life.record("close", "2026-06-02")
    with pytest.raises(Refused, match="No suit second"):
        life.record("record-decision", "2026-09-01", ruling="dismissed", suit="second", **COURT)
    life.record("record-decision", "2026-09-01", ruling="dismissed", suit="first", **COURT)
    assert life.state.contest is None
    with pytest.raises(Refused, match="was decided"):
        life.record("record-decision", "2026-09-02", ruling="dismissed", suit="first", **COURT)


def test_t37_where_both_claim_the_end_without_a_right_it_ends_as_if_agreed():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    life.record("record-decision", "2026-11-02", ruling="both_claimed", served_at=served(), **COURT)
    assert (life.state.outcome, life.told("contract.terminated").transition) == ("mutual", "T37")
    assert life.state.ended_at == at("2026-06-18T15:00")


def test_a_judgment_says_nothing_of_what_came_after_it():
    life = Life(CONDITION)
    life.sign()
    life.record("satisfy-condition", "2026-01-20", condition="licence")
    life.record("record-decision", "2026-06-01", ruling="condition_not_met", condition="licence", **COURT)
    life.record("satisfy-condition", "2026-07-01", condition="licence")
    assert life.state.effective_at == at("2026-07-01")
    life.record("item.disclose", "2026-02-01", item_id=str(uid(7)), name="名单", item_class="ordinary")
    assert life.state.effective_at == at("2026-07-01")


def test_the_judgment_concerns_the_notice_that_it_names():
    life = rescinded()
    life.notice(10, "rescission", "2026-06-20", ground="fundamental_breach")
    life.record("record-decision", "2026-09-01", ruling="termination_groundless", notice_id=str(uid(10)), **COURT)
    assert (life.state.outcome, life.state.ended_at) == ("rescinded_by_notice", at("2026-05-20T10:05"))
    life.record("record-decision", "2026-10-01", ruling="termination_groundless", **COURT)
    assert life.state.in_force
    with pytest.raises(Refused, match="No notice"):
        life.record("record-decision", "2026-10-02", ruling="termination_groundless", notice_id=str(uid(99)), **COURT)


def test_what_both_agreed_on_is_no_one_sided_end():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    life.record("terminate-by-agreement", "2026-03-01")
    with pytest.raises(Refused, match="No notice"):
        life.record("record-decision", "2026-06-01", ruling="termination_groundless", **COURT)


def test_an_end_by_its_condition_is_judged_by_its_condition():
    conditions = [{"key": "licence_lost", "description": "许可证被吊销"}]
    life = Life({"term": {"end": "2026-12-31"}, "effectiveness": {"ending_conditions": conditions}})
    life.sign()
    life.record("satisfy-condition", "2026-05-04", condition="licence_lost")
    with pytest.raises(Refused, match="No notice"):
        life.record("record-decision", "2026-06-01", ruling="termination_groundless", **COURT)
    life.record("record-decision", "2026-06-01", ruling="condition_not_met", condition="licence_lost", **COURT)
    assert life.state.in_force


def test_a_suit_may_end_with_the_contract_being_void():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    life.record("record-suit", "2026-06-01", suit="first", party="B", claim="void")
    life.record("record-decision", "2026-09-01", ruling="void", suit="first", **COURT)
    assert life.state.outcome == "void"
    assert life.state.suits[0].decided_at == at("2026-09-01")


def test_what_is_no_notice_of_an_end_is_not_judged_as_one():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    life.notice(9, "complaint", "2026-05-20")
    with pytest.raises(Refused, match="No notice"):
        life.record("record-decision", "2026-06-01", ruling="termination_groundless", notice_id=str(uid(9)), **COURT)


def test_consent_names_a_notice_that_has_arrived():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    with pytest.raises(BadChange) as bad:
        life.record("terminate-by-agreement", "2026-03-01", consents_to=str(uid(9)))
    assert bad.value.pointer == "/consents_to"
    life.notice(9, "rescission", "2026-03-01", ground="material_breach")
    life.record("terminate-by-agreement", "2026-03-02", consents_to=str(uid(9)))
    assert life.state.outcome == "mutual"


def test_a_judgment_that_a_late_fact_overtakes_is_told_once_with_what_it_no_longer_does():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    life.record("record-decision", "2026-11-02", ruling="rescinded", served_at="2026-08-20T10:00:00+08:00", **COURT)
    assert life.state.outcome == "rescinded_by_suit"
    life.record("terminate-by-agreement", "2026-06-01")
    assert life.state.outcome == "mutual"
    assert "fact.moot" not in life.types()
    told = life.told("decision.recorded")
    assert told.at == at("2026-11-02")
    assert "By the other facts on record it changes nothing: The contract is ended" in told.explanation
    assert told.data["without_effect"] in told.explanation


@pytest.mark.parametrize("fixed", ["2026-01-18T10:00", "2026-02-01T09:00"])
def test_a_condition_that_failed_since_it_was_prevented_counts_as_met_all_the_same(fixed):
    life = Life(CONDITION)
    life.sign()
    life.record("fail-condition", "2026-01-18T10:00", condition="licence")
    assert life.state.outcome == "ineffective"
    instant = at(fixed)
    life.record(
        "record-decision",
        "2026-06-01",
        ruling="condition_met",
        condition="licence",
        effective_at=instant.isoformat(),
        **COURT,
    )
    assert (life.state.outcome, life.state.effective_at) == (None, instant)
    assert life.told("contract.condition_disregarded").at == at("2026-01-18T10:00")


def test_a_contract_that_was_given_up_is_not_brought_into_force_by_its_condition():
    life = Life(CONDITION)
    life.sign()
    life.record("terminate-by-agreement", "2026-01-12")
    given = {"ruling": "condition_met", "condition": "licence", "effective_at": at("2026-01-18").isoformat()}
    with pytest.raises(Refused, match="withdrawn before it took effect"):
        life.record("record-decision", "2026-06-01", **given, **COURT)


def test_the_restored_interval_shows_no_right_that_a_court_has_denied():
    life = rescinded()
    life.record("record-decision", "2026-09-20", ruling="termination_groundless", **COURT)
    told = life.told("termination.annulled")
    assert told.configuration == ["in_force", "performing", "amendment.none", "termination.none"]
    assert [one.ended for one in life.state.grounds] == ["groundless"]


def test_a_ground_whose_notice_with_a_period_was_groundless_is_spent():
    ground = {"key": "late_payment", "holder": "A", "immediate": True, "notice": {"length": 10, "unit": "day"}}
    life = Life({"term": {"end": "2026-12-31"}, "termination": {"grounds": [ground]}})
    life.sign()
    life.notice(9, "rescission", "2026-05-20T10:05", ground="late_payment")
    life.record("record-decision", "2026-05-25", ruling="termination_groundless", **COURT)
    life.until("2026-06-10")
    assert life.state.configuration[-1] == "termination.none"
    assert [one.ended for one in life.state.grounds] == ["groundless"]
    assert "contract.restored" not in life.types()
    assert life.told("decision.recorded").explanation.endswith("The notice ends nothing.")


def test_the_same_decision_counts_once():
    life = rescinded()
    named = {"ruling": "termination_groundless", "notice_id": str(uid(9))}
    life.record("record-decision", "2026-09-20", **named, **COURT)
    with pytest.raises(Refused, match="decided that already"):
        life.record("record-decision", "2026-09-21", **named, **COURT)
    life.told("contract.restored")


def test_t37_that_both_claim_the_end_says_that_the_notice_of_one_ended_nothing():
    life = rescinded()
    served = at("2026-08-20T10:00").isoformat()
    life.record("record-decision", "2026-11-02", ruling="both_claimed", served_at=served, **COURT)
    assert (life.state.outcome, life.state.ended_at) == ("mutual", at("2026-08-20T10:00"))
    assert life.told("termination.annulled").at == at("2026-05-20T10:05")


CURED = {"key": "delay", "holder": "A", "demand_required": True, "cure": {"automatic": True}}


@pytest.mark.parametrize("kind", ["cure_notice", "demand"])
@pytest.mark.parametrize("named", [{}, {"notice_id": str(uid(9))}])
def test_a_judgment_while_the_cure_period_runs_stops_what_would_follow(kind, named):
    life = Life({"term": {"end": "2026-12-31"}, "termination": {"grounds": [CURED]}})
    life.sign()
    life.notice(9, kind, "2026-02-01T10:00", ground="delay")
    assert life.timer("cure").due_at == at("2026-02-25")
    life.record("record-decision", "2026-02-10", ruling="termination_groundless", **named, **COURT)
    life.until("2026-03-10")
    assert life.state.configuration == ["in_force", "performing", "amendment.none", "termination.none"]
    assert life.told("termination.annulled").at == at("2026-02-01T10:00")


def test_an_automatic_end_by_a_demand_can_be_contested_and_undone():
    life = Life({"term": {"end": "2026-12-31"}, "termination": {"grounds": [CURED]}})
    life.sign()
    life.notice(9, "demand", "2026-02-01T10:00", ground="delay")
    life.until("2026-03-01")
    assert life.state.outcome == "rescinded_automatically"
    life.notice(8, "objection", "2026-03-02T10:00", sender="B")
    assert life.state.contest.by == "B"
    life.record("record-decision", "2026-09-01", ruling="termination_groundless", **COURT)
    assert life.state.in_force
    assert life.told("contract.restored").data["ended_at"] == at("2026-02-25").isoformat()


def test_a_later_genuine_fulfilment_is_not_the_one_that_was_brought_about():
    life = Life(CONDITION)
    life.sign()
    life.record("satisfy-condition", "2026-02-01", condition="licence")
    life.record("record-decision", "2026-04-01", ruling="condition_not_met", condition="licence", **COURT)
    assert not life.state.in_force
    life.record("satisfy-condition", "2026-03-15", condition="licence")
    assert life.state.effective_at == at("2026-03-15")


@pytest.mark.parametrize(
    ("ruling", "member", "value"),
    [
        ("dismissed", "served_at", "2026-02-01T10:00:00+08:00"),
        ("void", "notice_id", str(uid(9))),
        ("rescinded", "condition", "licence"),
        ("termination_upheld", "amendment_id", str(uid(5))),
    ],
)
def test_a_ruling_says_only_what_it_speaks_of(ruling, member, value):
    life = rescinded()
    with pytest.raises(BadChange, match=f"{ruling} says nothing of it") as bad:
        life.record("record-decision", "2026-09-01", ruling=ruling, **{member: value}, **COURT)
    assert bad.value.pointer == f"/{member}"


def test_a_termination_agreement_that_a_court_undoes_ended_nothing():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    with pytest.raises(Refused, match="No termination agreement is on record"):
        life.record("record-decision", "2026-02-01", ruling="agreement_invalid", **COURT)
    life.record("terminate-by-agreement", "2026-05-01", effective={"on": "2026-06-30"})
    life.until("2026-07-15")
    assert life.state.outcome == "mutual"
    life.record("record-decision", "2026-09-01", ruling="agreement_invalid", **COURT)
    assert life.state.in_force
    assert life.told("contract.restored").data["ended_at"] == at("2026-07-01").isoformat()
    assert life.told("termination.annulled").data["prevented"] == "T37"
    life.record("terminate-by-agreement", "2026-10-01")
    assert (life.state.outcome, life.state.ended_at) == ("mutual", at("2026-10-01"))


def test_an_agreement_that_is_undone_before_its_day_does_not_end_the_contract():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    life.record("terminate-by-agreement", "2026-05-01", effective={"on": "2026-06-30"})
    life.record("record-decision", "2026-05-20", ruling="agreement_invalid", **COURT)
    life.until("2026-08-01")
    assert life.state.in_force
    assert "contract.restored" not in life.types()
    life.told("decision.recorded")
