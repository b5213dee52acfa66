"""Amendments of what survives the end of a contract, decided without a database (T14, T15)."""

import pytest

from clm.lifecycle.world import Refused
from tests.lifecycle.life import Life, at, uid
from tests.lifecycle.test_changing import END, ID, TEN_DAYS, TERMS, TITLE, agree, amendment, execute, propose


def secret(years):
    period = {"length": years, "unit": "year"}
    return [{"class": "ordinary", "start": "disclosure", "end": {"after": {"anchor": "termination", "period": period}}}]


def confidential(years, **more):
    return {**TERMS, "confidentiality": {"rules": secret(years)}, **more}


LONGER = {"op": "replace", "path": "/terms/confidentiality/rules", "value": secret(5)}


def ended(**terms):
    """F01: ended on 20 May 2026, with a list disclosed before."""
    life = Life(confidential(3, **terms))
    life.sign()
    life.record("item.disclose", "2026-03-05", item_id=str(uid(9)), name="客户名单", item_class="ordinary")
    life.record("terminate-by-agreement", "2026-05-20T10:00")
    return life


def test_f12_what_survives_is_amended_after_the_end():
    life = ended()
    assert life.timer("confidentiality").due_at == at("2029-05-21")
    agree(life, "2028-01-10T10:00", LONGER)
    timer = life.timer("confidentiality")
    assert (timer.due_at, str(timer.legal_date)) == (at("2031-05-21"), "2031-05-20")
    told = life.told("amendment.applied")
    assert (told.transition, told.status, told.configuration) == ("T15", "terminated", ["terminated.winding_down"])
    assert [one["key"] for one in told.data["timers"]] == [f"confidentiality:{uid(9)}"]
    first, second = life.state.versions
    assert first.valid_to == second.valid_from == at("2028-01-10T10:00")
    assert (life.state.outcome, life.state.ended_at) == ("mutual", at("2026-05-20T10:00"))
    around = [one for one in life.happenings if one.type in ("amendment.proposed", "amendment.agreed")]
    assert [one.transition for one in around] == [None, None], "the amending region ended with the contract"


def test_f13_one_party_alone_prolongs_nothing():
    life = ended()
    propose(life, "2028-01-10T10:00", LONGER, proposed_by="A")
    execute(life, "2028-01-10T10:00", "A")
    life.until("2029-05-21")
    assert life.state.items[0].expired_at == at("2029-05-21")
    assert (life.state.current.no, amendment(life).status) == (1, "proposed")


def test_after_closing_too_what_survives_is_amended():
    life = ended()
    life.record("record-performance", "2026-06-01", duty="data_return", evidence=[str(uid(5))])
    for duty in ("settlement", "handover", "report"):
        life.record("record-performance", "2026-06-01", duty=duty)
    life.record("close", "2026-06-02")
    agree(life, "2028-01-10", LONGER)
    assert (life.state.phase, life.state.current.no) == ("terminated.closed", 2)


@pytest.mark.parametrize("change", [TITLE, END, {"op": "move", "from": "/terms/term", "path": "/terms/disputes"}])
def test_after_the_end_nothing_else_is_amended(change):
    life = ended()
    with pytest.raises(Refused) as refused:
        propose(life, "2026-06-01", change)
    (reason,) = refused.value.reasons
    assert reason.rule == "T15"
    assert "/terms/confidentiality" in reason.message


def test_after_the_end_an_amendment_falls_as_before_it():
    for kind, status in (
        ("reject", "rejected"),
        ("withdraw", "withdrawn"),
        ("declare-unclear", "unclear"),
        ("fail-condition", "void"),
    ):
        life = ended()
        propose(life, "2026-06-01", LONGER, effective={"condition": {"key": "budget"}})
        more = {"condition": "budget"} if kind == "fail-condition" else {"reason": "因故"}
        life.record(f"amendment.{kind}", "2026-06-02", amendment_id=ID, **more)
        assert (amendment(life).status, life.state.phase) == (status, "terminated.winding_down")
        assert life.told(f"amendment.{status}").transition is None


def test_after_the_end_a_proposal_lapses_too():
    life = ended()
    propose(life, "2026-06-01", LONGER, answer_within=TEN_DAYS)
    life.until("2026-06-12")
    assert amendment(life).status == "lapsed"


def test_t14_an_open_amendment_of_what_survives_outlives_the_contract():
    life = Life(confidential(3))
    life.sign()
    agree(life, "2026-05-01", LONGER, effective={"on": "2026-08-01"})
    life.record("terminate-by-agreement", "2026-05-20T10:00")
    assert (amendment(life).status, amendment(life).surviving) == ("agreed_pending", True)
    assert life.timer("amendment").rule == "T15"
    life.until("2026-08-01")
    assert (life.told("amendment.applied").transition, life.state.current.no) == ("T15", 2)


def test_a_settlement_prolonged_after_the_end_moves_its_timer():
    procedure = {"settlement": {"length": 30, "unit": "day"}}
    life = ended(termination={"procedure": procedure})
    assert life.timer("settlement").due_at == at("2026-06-23")
    path = "/terms/termination/procedure/settlement/length"
    agree(life, "2026-06-01", {"op": "replace", "path": path, "value": 60})
    assert life.timer("settlement").due_at == at("2026-07-21")
    assert [one["key"] for one in life.told("amendment.applied").data["timers"]] == ["settlement"]


def test_a_proposal_between_end_and_judgment_counts_as_one_of_a_contract_in_force():
    ground = {"key": "material_breach", "holder": "either"}
    life = Life(confidential(3, termination={"grounds": [ground]}))
    life.sign()
    life.record("record-ground", "2026-05-01", ground="material_breach", holder="A")
    life.notice(7, "rescission", "2026-05-20T10:00", ground="material_breach")
    assert life.state.status == "terminated"
    agree(life, "2026-06-01", LONGER)
    assert life.told("amendment.applied").transition == "T15"
    life.record("record-decision", "2026-09-01", ruling="termination_groundless", authority="人民法院")
    assert (life.state.status, life.state.current.no) == ("effective", 2)
    assert life.told("amendment.applied").transition == "T12"
