"""Amendments decided without a database: how they are agreed on, lapse, wait, fall, and move timers."""

import pytest

from clm.lifecycle.terms import BadChange
from clm.lifecycle.world import Refused
from tests.lifecycle.life import FULL, Life, at, plain, uid

ID = str(uid(1))
TITLE = {"op": "replace", "path": "/title", "value": "新合同"}
END = {"op": "replace", "path": "/terms/term/end", "value": "2027-06-30"}
TERMS = {"term": {"end": "2026-12-31"}}
TEN_DAYS = {"length": 10, "unit": "day"}


def signed(**terms):
    life = Life({**TERMS, **terms})
    life.sign()
    return life


def propose(life, when, *changes, **more):
    life.record("amendment.propose", when, amendment_id=ID, changes=list(changes) or [TITLE], **more)


def execute(life, when, party, method="seal", **more):
    life.record("amendment.execute", when, amendment_id=ID, party=party, method=method, **more)


def agree(life, when, *changes, **more):
    propose(life, when, *changes, **more)
    execute(life, when, "A")
    execute(life, when, "B")


def amendment(life):
    (found,) = life.state.amendments
    return found


@pytest.mark.parametrize(
    ("contract", "asked", "enough"),
    [
        ("signature_or_seal", "same_as_contract", {"seal"}),
        ("signature_or_seal", "signature_and_seal", {"seal", "signature"}),
        ("signature_and_seal", "signature_or_seal", {"seal", "signature"}),
        ("signature_and_seal", "reliable_e_signature", {"seal", "signature", "reliable_e_signature"}),
    ],
)
def test_an_amendment_is_executed_by_the_contract_s_rule_and_by_its_own(contract, asked, enough):
    life = Life({**TERMS, "effectiveness": {"execution": contract}, "amendments": {"execution": asked}})
    life.record("submit")
    life.record("approve")
    for party in "AB":
        for method in ("seal", "signature"):
            if life.state.formed_at is None:
                life.record("execute", "2026-01-08", party=party, method=method)
    propose(life, "2026-04-01")
    done = [(party, method) for party in "AB" for method in ("seal", "signature", "reliable_e_signature")]
    for party, method in [one for one in done if one[1] in enough]:
        assert amendment(life).status == "proposed"
        execute(life, "2026-04-02", party, method)
    assert amendment(life).status == "applied"


def test_d03_a_proposal_lapses_when_nobody_answers_and_silence_changes_nothing():
    life = signed()
    propose(life, "2026-04-01T10:00", proposed_by="A", answer_within=TEN_DAYS)
    timer = life.timer("amendment_answer")
    assert (timer.due_at, str(timer.legal_date), timer.rule) == (at("2026-04-14"), "2026-04-13", "T13")
    assert timer.assumed, "that an act-period rolls is the default of R-T8"
    assert [step.rule for step in timer.basis.steps] == ["R-T1", "R-T3", "R-T5", "R-T6"]
    execute(life, "2026-04-01T10:00", "A")
    life.until("2026-04-13T23:59:59")
    assert life.state.status == "amendment"
    life.until("2026-04-14")
    assert (amendment(life).status, life.state.status, life.state.current.no) == ("lapsed", "effective", 1)
    told = life.told("amendment.lapsed")
    assert (told.transition, told.at, told.data["missing"]) == ("T13", at("2026-04-14"), ["B"])
    assert "by the end of 2026-04-13" in told.explanation
    assert "Silence is no consent (140(2)): an amendment is executed by every party (543)" in told.explanation


def test_silence_is_no_consent_where_the_terms_say_so_either():
    life = signed(amendments={"silence_is_consent": True, "answer_within": TEN_DAYS})
    propose(life, "2026-04-01T10:00")
    life.until("2026-04-14")
    assert amendment(life).status == "lapsed"
    assert "also where the terms let it count as such" in life.told("amendment.lapsed").explanation


@pytest.mark.parametrize(
    ("own", "agreed", "due"),
    [
        ({"length": 3, "unit": "day"}, TEN_DAYS, "2026-04-08"),
        (None, TEN_DAYS, "2026-04-14"),
        ({"length": 36, "unit": "hour"}, None, "2026-04-02T22:00"),
        ({"length": 2, "unit": "working_day"}, None, "2026-04-04"),
        (None, None, None),
    ],
)
def test_the_time_to_answer_is_the_proposal_s_own_or_that_of_the_terms(own, agreed, due):
    life = signed(**({"amendments": {"answer_within": agreed}} if agreed else {}))
    propose(life, "2026-04-01T10:00", **({"answer_within": own} if own else {}))
    found = [timer.due_at for timer in life.timers if timer.kind == "amendment_answer"]
    assert found == ([at(due)] if due else [])


def test_an_execution_told_late_counts_where_it_came_in_time():
    life = signed()
    propose(life, "2026-04-01T10:00", answer_within=TEN_DAYS)
    execute(life, "2026-04-02", "A")
    life.until("2026-04-20")
    assert amendment(life).status == "lapsed"
    execute(life, "2026-04-13T23:00", "B")
    assert (amendment(life).status, amendment(life).agreed_at) == ("applied", at("2026-04-13T23:00"))
    assert "amendment.lapsed" in [one.type for one in life.superseded]


@pytest.mark.parametrize("when", ["2026-04-14T00:00", "2026-04-15T10:00"])
def test_an_execution_after_the_time_to_answer_comes_too_late(when):
    life = signed()
    propose(life, "2026-04-01T10:00", answer_within=TEN_DAYS)
    execute(life, "2026-04-02", "A")
    with pytest.raises(Refused) as refused:
        execute(life, when, "B")
    assert (refused.value.reasons[0].rule, "is lapsed" in refused.value.reasons[0].message) == ("T11", True)


def test_an_agreed_amendment_lapses_no_more():
    life = signed()
    agree(life, "2026-04-01T10:00", answer_within=TEN_DAYS, effective={"on": "2026-06-01"})
    assert [timer.kind for timer in life.timers if timer.kind.startswith("amendment")] == ["amendment"]
    life.until("2026-06-01")
    assert amendment(life).status == "applied"


def test_an_execution_before_the_proposal_is_refused_also_when_told_late():
    life = signed()
    propose(life, "2026-04-01T10:00")
    life.until("2026-05-01")
    with pytest.raises(Refused) as refused:
        execute(life, "2026-03-31T10:00", "A")
    assert "was not proposed by then" in refused.value.reasons[0].message
    assert amendment(life).executions == []


def test_it_applies_with_the_last_of_agreement_day_and_condition():
    life = signed()
    propose(life, "2026-04-01", effective={"on": "2026-05-01", "condition": {"key": "budget"}})
    execute(life, "2026-04-02", "A")
    execute(life, "2026-04-03", "B")
    assert life.told("amendment.agreed").data["conditions"] == ["budget"]
    life.until("2026-05-10")
    assert (life.state.status, [timer.kind for timer in life.timers]) == ("amendment", ["term"])
    life.record("amendment.satisfy-condition", "2026-05-12T09:00", amendment_id=ID, condition="budget")
    assert (amendment(life).status, amendment(life).applies_at) == ("applied", at("2026-05-12T09:00"))
    assert life.told("amendment.condition_satisfied").rule == "Civil Code 158"
    assert life.state.versions[1].valid_from == at("2026-05-12T09:00")


def test_a_condition_may_be_met_before_the_last_execution():
    life = signed()
    propose(life, "2026-04-01", effective={"on": "2026-05-01", "condition": {"key": "budget"}})
    life.record("amendment.satisfy-condition", "2026-04-02", amendment_id=ID, condition="budget")
    execute(life, "2026-04-03", "A")
    execute(life, "2026-04-04", "B")
    timer = life.timer("amendment")
    assert (timer.due_at, str(timer.legal_date)) == (at("2026-05-01"), "2026-05-01")
    assert [(step.rule, step.at) for step in timer.basis.steps] == [
        ("T11", at("2026-04-04")),
        ("T12", at("2026-04-02")),
        ("T12", at("2026-05-01")),
    ]


def approved():
    life = Life({**TERMS, "effectiveness": {"approval": {"authority": "商务部"}}})
    life.sign()
    life.record("satisfy-condition", "2026-01-20", condition="approval")
    return life


def test_where_the_contract_needs_approval_so_does_its_amendment():
    life = approved()
    agree(life, "2026-04-01", effective={"condition": {"key": "budget"}})
    assert amendment(life).conditions == {"budget": None, "approval": None}
    life.record("amendment.satisfy-condition", "2026-04-05", amendment_id=ID, condition="budget")
    assert amendment(life).applies_at is None
    life.record("amendment.satisfy-condition", "2026-04-20", amendment_id=ID, condition="approval")
    assert amendment(life).applies_at == at("2026-04-20")
    assert life.happenings[-2].rule == "Civil Code 502(3)"


@pytest.mark.parametrize(
    ("condition", "words"),
    [("approval", "Its approval was refused (502(3)): 不批准"), ("budget", "Its condition budget cannot be met (158)")],
)
def test_an_amendment_whose_condition_fails_is_void(condition, words):
    life = approved()
    agree(life, "2026-04-01", effective={"condition": {"key": "budget"}})
    life.record("amendment.fail-condition", "2026-04-20", amendment_id=ID, condition=condition, reason="不批准")
    told = life.told("amendment.void")
    assert (amendment(life).status, life.state.status, told.transition) == ("void", "effective", "T13")
    assert words in told.explanation


def test_only_an_open_condition_of_the_amendment_can_be_met_or_fail():
    life = signed()
    propose(life, "2026-04-01", effective={"condition": {"key": "budget"}})
    life.record("amendment.satisfy-condition", "2026-04-02", amendment_id=ID, condition="budget")
    for kind, condition, words in (
        ("amendment.satisfy-condition", "budget", "was met at"),
        ("amendment.fail-condition", "budget", "was met at"),
        ("amendment.satisfy-condition", "approval", "is no condition of this amendment"),
    ):
        with pytest.raises(Refused, match=words):
            life.record(kind, "2026-04-03", amendment_id=ID, condition=condition)


@pytest.mark.parametrize("executed", ["", "A", "AB"])
def test_d02_an_unclear_amendment_is_presumed_to_change_nothing(executed):
    life = signed()
    propose(life, "2026-04-01", effective={"on": "2026-06-01"})
    for party in executed:
        execute(life, "2026-04-02", party)
    life.record("amendment.declare-unclear", "2026-04-10", amendment_id=ID, reason="价格酌情调整")
    told = life.told("amendment.unclear")
    assert (amendment(life).status, life.state.status, told.transition) == ("unclear", "effective", "T13")
    assert "价格酌情调整; presumed not changed (544); version 1 stays." in told.explanation
    life.until("2026-06-02")
    assert life.state.current.no == 1


def test_an_applied_amendment_is_declared_unclear_by_nobody_but_a_court_may_take_it_back():
    life = signed()
    agree(life, "2026-04-01")
    for kind in ("amendment.declare-unclear", "amendment.withdraw", "amendment.reject", "amendment.execute"):
        more = {"party": "A", "method": "signature"} if kind.endswith("execute") else {"reason": "不明确"}
        with pytest.raises(Refused) as refused:
            life.record(kind, "2026-04-10", amendment_id=ID, **more)
        (reason,) = refused.value.reasons
        assert "is applied, and stays as it is" in reason.message
        assert "amendment_invalid" in reason.missing
    body = {"ruling": "amendment_invalid", "authority": "人民法院", "amendment_id": ID}
    life.record("record-decision", "2026-06-01", **body)
    assert (amendment(life).status, life.state.current.no) == ("void", 1)


@pytest.mark.parametrize("effective", [{"on": "2026-08-01"}, {"condition": {"key": "budget"}}])
def test_what_a_court_finds_invalid_before_its_day_never_applies(effective):
    life = signed()
    agree(life, "2026-04-01", effective=effective)
    body = {"ruling": "amendment_invalid", "authority": "人民法院", "amendment_id": ID}
    life.record("record-decision", "2026-06-01", **body)
    assert (amendment(life).status, life.state.status) == ("void", "effective")
    told = life.told("amendment.void")
    assert (told.at, told.fact_id) == (at("2026-04-01"), life.facts[-1].id)
    life.until("2026-08-02")
    assert life.state.current.no == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"op": "replace", "path": "/parties", "value": []}, "assignment or transfer"),
        ({"op": "replace", "path": "/parties/0/party_id", "value": "x"}, "assignment or transfer"),
        ({"op": "replace", "path": "/terms/currency", "value": "USD"}, "what was owed in it"),
        ({"op": "remove", "path": "/terms/currency"}, "what was owed in it"),
        ({"op": "move", "from": "/terms/currency", "path": "/terms/term/note"}, "what was owed in it"),
        ({"op": "replace", "path": "/terms/parties/size_class/A", "value": "small"}, "day of conclusion"),
        ({"op": "replace", "path": "/terms/parties", "value": {"size_class": {"A": "small"}}}, "day of conclusion"),
        ({"op": "remove", "path": "/terms/parties"}, "day of conclusion"),
    ],
)
def test_what_no_amendment_changes(change, words):
    life = signed(currency="CNY", parties={"size_class": {"A": "large"}})
    with pytest.raises(BadChange, match=words) as refused:
        propose(life, "2026-04-01", TITLE, change)
    assert refused.value.pointer == "/changes/1/path"
    assert life.state.amendments == []


def test_what_surrounds_the_sizes_may_change_around_them():
    same = {"op": "test", "path": "/terms/currency", "value": "CNY"}
    life = signed(currency="CNY", parties={"size_class": {"A": "large"}})
    note = {"op": "add", "path": "/terms/parties", "value": {"size_class": {"A": "large"}, "contacts": []}}
    agree(life, "2026-04-01", same, note)
    assert life.state.current.terms["parties"] == {"size_class": {"A": "large"}, "contacts": []}


def test_the_event_lists_the_timers_that_moved():
    life = Life({**TERMS, "amendments": {"answer_within": TEN_DAYS}}, env=FULL)
    life.sign()
    agree(life, "2026-04-01", END, effective={"on": "2026-05-01"})
    life.until("2026-05-01")
    told = life.told("amendment.applied")
    moved = {"before": {"due_at": "2027-01-01T00:00:00+08:00"}, "after": {"due_at": "2027-07-01T00:00:00+08:00"}}
    assert told.data["timers"] == [{"key": "term", "kind": "term", **moved}]
    assert (told.data["armed"], told.data["cancelled"]) == ([], [])


def test_the_event_lists_the_timers_that_come_and_go():
    life = signed()
    month = {"length": 1, "unit": "month"}
    renewal = {"automatic": True, "period": month, "objection": {"period": {"length": 5, "unit": "day"}}}
    agree(life, "2026-04-01", {"op": "add", "path": "/terms/term/renewal", "value": renewal})
    told = life.told("amendment.applied")
    assert (told.data["timers"], told.data["armed"], told.data["cancelled"]) == ([], ["renewal:1"], ["term"])


def test_an_execution_recorded_by_mistake_is_taken_back():
    life = signed()
    agree(life, "2026-04-01", END)
    assert life.state.current.no == 2
    mistaken = life.facts[-1].id
    life.now = at("2026-04-10")
    life.record("correct", fact_id=str(mistaken), reason="乙方未盖章")
    assert (amendment(life).status, life.state.current.no, life.state.status) == ("proposed", 1, "amendment")
    assert life.timer("term").due_at == at("2027-01-01")
    life.record("correct", fact_id=str(life.facts[-1].id), reason="乙方盖过章")
    assert (amendment(life).status, life.state.current.no) == ("applied", 2)


def test_the_states_of_a_replay_are_those_of_the_first_time():
    life = signed()
    agree(life, "2026-04-01", END, answer_within=TEN_DAYS, effective={"on": "2026-05-01"})
    life.until("2026-06-01")
    before = plain(life.state.amendments)
    life.record("record-performance", "2026-03-01", duty="report")
    assert plain(life.state.amendments) == before
    assert life.superseded == []


def test_a_term_that_is_agreed_on_anew_is_not_lengthened_by_past_renewals():
    renewal = {
        "automatic": True,
        "period": {"length": 6, "unit": "month"},
        "objection": {"period": {"length": 30, "unit": "day"}},
    }
    life = Life({"term": {"end": "2026-03-31", "renewal": renewal}})
    life.sign()
    life.until("2026-05-10T09:00")
    assert life.state.renewal_no == 1
    change = {"op": "replace", "path": "/terms/term/end", "value": "2026-12-31"}
    life.record("amendment.propose", "2026-05-10T10:00", amendment_id=str(uid(1)), changes=[change])
    for party in "AB":
        life.record("amendment.execute", "2026-05-10T11:00", amendment_id=str(uid(1)), party=party, method="seal")
    assert str(life.timer("renewal").legal_date) == "2026-12-01"
    life.until("2026-12-02")
    assert str(life.timer("renewal").legal_date) == "2027-05-31"


def test_a_proposal_of_an_earlier_day_undoes_no_amendment_that_both_executed():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    change = {"op": "replace", "path": "/terms/term/end", "value": "2027-03-31"}
    life.record("amendment.propose", "2026-03-01", amendment_id=str(uid(1)), changes=[change])
    for party in "AB":
        life.record("amendment.execute", "2026-03-10", amendment_id=str(uid(1)), party=party, method="seal")
    title = {"op": "replace", "path": "/title", "value": "新合同"}
    with pytest.raises(Refused, match="one at a time"):
        life.record("amendment.propose", "2026-02-01", amendment_id=str(uid(2)), changes=[title])
    assert life.state.current.no == 2


def test_another_period_of_renewal_leaves_the_running_term_as_it_is():
    renewal = {
        "automatic": True,
        "period": {"length": 1, "unit": "year"},
        "objection": {"period": {"length": 30, "unit": "day"}},
    }
    life = Life({"term": {"end": "2026-01-31", "renewal": renewal}})
    life.sign("2026-01-01T10:00", "2026-01-01T10:00")
    life.until("2026-06-01")
    assert life.state.renewal_no == 1
    change = {"op": "replace", "path": "/terms/term/renewal/period", "value": {"length": 1, "unit": "month"}}
    life.record("amendment.propose", "2026-06-01T10:00", amendment_id=str(uid(1)), changes=[change])
    for party in "AB":
        life.record("amendment.execute", "2026-06-01T11:00", amendment_id=str(uid(1)), party=party, method="seal")
    assert life.state.renewal_no == 1
    assert str(life.timer("renewal").legal_date) == "2027-01-01"


def test_renewal_agreed_on_when_nobody_could_object_any_more_does_not_renew_this_term():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    renewal = {
        "automatic": True,
        "period": {"length": 6, "unit": "month"},
        "objection": {"period": {"length": 30, "unit": "day"}},
    }
    change = {"op": "add", "path": "/terms/term/renewal", "value": renewal}
    life.record("amendment.propose", "2026-12-10T10:00", amendment_id=str(uid(1)), changes=[change])
    for party in "AB":
        life.record("amendment.execute", "2026-12-11T11:00", amendment_id=str(uid(1)), party=party, method="seal")
    assert life.state.renewal_no == 0
    life.until("2027-01-01")
    assert life.state.outcome == "expired"


def test_what_the_effect_waited_for_is_not_amended_in_force():
    life = Life(TERMS)
    life.sign()
    for path, value in (("conditions", [{"key": "licence", "description": "许可证"}]), ("not_before", "2026-09-01")):
        change = {"op": "add", "path": "/terms/effectiveness", "value": {path: value}}
        with pytest.raises(BadChange, match="its effect waited for is past"):
            life.record("amendment.propose", "2026-03-01", amendment_id=str(uid(5)), changes=[change])
