"""A mistaken fact is put right by another; nothing is deleted, and what followed is superseded."""

import pytest

from clm.lifecycle.terms import BadChange
from clm.lifecycle.world import Refused
from tests.lifecycle.life import Life, at, uid

TERM = {"term": {"end": "2026-12-31"}}


def signed():
    life = Life(TERM)
    life.sign()
    return life


def fact_of(life, kind, n=-1):
    return str([fact for fact in life.facts if fact.kind == kind][n].id)


def test_a_fact_that_never_happened_counts_no_longer():
    life = signed()
    life.record("terminate-by-agreement", "2026-03-01", effective={"on": "2026-03-31"})
    life.until("2026-06-01")
    assert life.state.outcome == "mutual"
    mistaken = fact_of(life, "terminate-by-agreement")
    life.record("correct", "2026-06-02", fact_id=mistaken, reason="另一份合同的解除协议")
    assert (life.state.status, life.state.agreed_end) == ("effective", None)
    assert life.told("fact.corrected").at == at("2026-03-01")
    assert {one.type for one in life.superseded} == {"termination.agreed", "contract.terminated"}
    assert [timer.kind for timer in life.timers] == ["term"]


def test_a_fact_of_another_day_counts_on_that_day():
    life = signed()
    seal = {"party": "B", "method": "seal", "at": "2026-01-10T09:00:00+08:00"}
    life.record("correct", "2026-06-02", fact_id=fact_of(life, "execute"), reason="日期录错", replacement=seal)
    assert life.state.formed_at == life.state.effective_at == at("2026-01-10T09:00")


def test_a_correction_may_be_taken_back():
    life = signed()
    life.record("suspend", "2026-03-01", reason="agreed")
    life.record("correct", "2026-03-02", fact_id=fact_of(life, "suspend"), reason="误录")
    assert life.state.performance == "performing"
    life.record("correct", "2026-03-03", fact_id=fact_of(life, "correct"), reason="确有其事")
    assert life.state.performance == "suspended"
    assert life.told("fact.corrected").data["reason"] == "确有其事"
    assert "fact.corrected" in [one.type for one in life.superseded]


def test_what_no_longer_fits_after_a_correction_is_moot():
    life = signed()
    life.record("suspend", "2026-03-01", reason="agreed")
    life.record("resume", "2026-03-05")
    life.record("correct", "2026-03-06", fact_id=fact_of(life, "suspend"), reason="误录")
    assert life.told("fact.moot").data["fact_kind"] == "resume"


def test_a_replacement_that_does_not_fit_changes_nothing():
    life = signed()
    before = life.state
    with pytest.raises(BadChange) as bad:
        life.record("correct", fact_id=fact_of(life, "execute"), reason="x", replacement={"party": "B"})
    assert bad.value.pointer == "/replacement"
    with pytest.raises(Refused, match="There is no party C"):
        life.record(
            "correct", fact_id=fact_of(life, "execute"), reason="x", replacement={"party": "C", "method": "seal"}
        )
    late = {"party": "B", "method": "seal", "at": "2027-01-01T00:00:00+08:00"}
    with pytest.raises(BadChange) as bad:
        life.record("correct", fact_id=fact_of(life, "execute"), reason="x", replacement=late)
    assert bad.value.pointer == "/replacement/at"
    assert life.state is before


def test_a_draft_is_edited_not_corrected():
    life = signed()
    with pytest.raises(BadChange) as bad:
        life.record("correct", fact_id=str(uid(1)), reason="x")
    assert bad.value.pointer == "/fact_id"
    fresh = Life(TERM)
    fresh.record("submit")
    with pytest.raises(Refused):
        fresh.record("correct", fact_id=str(uid(1)), reason="x")


def test_notices_and_items_are_put_right_where_they_are_kept():
    life = signed()
    life.record("item.disclose", "2026-02-01", item_id=str(uid(7)), name="名单", item_class="ordinary")
    with pytest.raises(Refused, match="own actions"):
        life.record("correct", fact_id=fact_of(life, "item.disclose"), reason="x")
    life.notice(9, "complaint", "2026-02-03")
    with pytest.raises(Refused, match="delivery events"):
        life.record("correct", fact_id=fact_of(life, "notice.judged"), reason="x")


def test_a_judgment_may_be_recorded_by_mistake_too():
    life = signed()
    life.record("record-decision", "2026-06-01", ruling="void", authority="法院")
    assert life.state.outcome == "void"
    life.record("correct", "2026-06-02", fact_id=fact_of(life, "record-decision"), reason="他案判决")
    assert life.state.status == "effective"
    assert life.state.effective_at == at("2026-01-08T09:30")


def test_a_correction_of_a_correction_of_a_correction():
    life = signed()
    life.record("suspend", "2026-03-01", reason="agreed")
    life.record("correct", "2026-03-02", fact_id=fact_of(life, "suspend"), reason="误录")
    life.record("correct", "2026-03-03", fact_id=fact_of(life, "correct", 0), reason="确有其事")
    life.record("correct", "2026-03-04", fact_id=fact_of(life, "correct", 1), reason="仍是误录")
    assert life.state.performance == "performing"


def test_of_two_corrections_the_one_that_is_not_taken_back_holds():
    life = signed()
    life.record("suspend", "2026-03-01", reason="agreed")
    for _ in range(2):
        life.record("correct", "2026-03-02", fact_id=fact_of(life, "suspend"), reason="误录")
    life.record("correct", "2026-03-03", fact_id=fact_of(life, "correct", 0), reason="重复")
    assert life.state.performance == "performing"


def test_what_was_put_in_place_is_there_again_when_its_removal_is_taken_back():
    life = signed()
    seal = {"party": "B", "method": "seal", "at": "2026-01-20T09:00:00+08:00"}
    sealed = fact_of(life, "execute")
    life.record("correct", "2026-03-01", fact_id=sealed, reason="日期录错", replacement=seal)
    life.record("correct", "2026-03-02", fact_id=sealed, reason="未曾盖章")
    assert life.state.formed_at is None
    life.record("correct", "2026-03-03", fact_id=fact_of(life, "correct"), reason="确已盖章")
    assert life.state.formed_at == at("2026-01-20T09:00")


def test_a_correction_of_an_older_correction_stays_in_the_older_ones_place():
    life = signed()
    sealed = fact_of(life, "execute")
    for day in ("20", "25"):
        seal = {"party": "B", "method": "seal", "at": f"2026-01-{day}T09:00:00+08:00"}
        life.record("correct", "2026-03-01", fact_id=sealed, reason="日期录错", replacement=seal)
    seal = {"party": "B", "method": "seal", "at": "2026-01-12T09:00:00+08:00"}
    life.record("correct", "2026-03-02", fact_id=fact_of(life, "correct", 0), reason="再更正", replacement=seal)
    assert life.state.formed_at == at("2026-01-25T09:00")


def test_a_correction_does_not_push_a_judgment_aside():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    signed = life.facts[-1].id
    life.record("record-decision", "2026-09-01", ruling="void", authority="法院")
    later = {"party": "B", "method": "seal", "at": "2026-10-01T10:00:00+08:00"}
    life.until("2026-10-05")
    with pytest.raises(Refused, match="of a court would count for nothing; correct that first"):
        life.record("correct", fact_id=str(signed), reason="日期有误", replacement=later)
    decision = next(one for one in life.facts if one.kind == "record-decision")
    life.record("correct", fact_id=str(decision.id), reason="并非本合同")
    life.record("correct", fact_id=str(signed), reason="日期有误", replacement=later)
    assert life.state.effective_at == at("2026-10-01T10:00")


def test_what_a_judgment_no_longer_did_stands_in_no_correction_s_way():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    served = {"served_at": "2026-08-20T10:00:00+08:00"}
    life.record("suspend", "2026-03-01", reason="agreed")
    life.record("record-decision", "2026-11-02", ruling="rescinded", authority="法院", **served)
    life.record("terminate-by-agreement", "2026-06-01")
    suspended = next(one for one in life.facts if one.kind == "suspend")
    life.record("correct", fact_id=str(suspended.id), reason="没有中止")
    assert "performance.suspended" not in life.types()


def test_a_replaced_judgment_keeps_to_what_a_judgment_keeps_to():
    life = Life({"term": {"end": "2026-12-31"}})
    life.sign()
    served = {"served_at": "2026-08-20T10:00:00+08:00"}
    life.record("record-decision", "2026-11-02", ruling="rescinded", authority="法院", **served)
    decision = life.facts[-1].id
    before = {
        "ruling": "rescinded",
        "authority": "法院",
        "served_at": "2026-01-02T10:00:00+08:00",
    }
    with pytest.raises(Refused, match="out for signature"):
        life.record("correct", fact_id=str(decision), reason="送达日有误", replacement=before)


def test_a_replaced_judgment_stays_about_its_notice():
    life = Life(
        {"term": {"end": "2026-12-31"}, "termination": {"grounds": [{"key": "x", "holder": "A", "immediate": True}]}}
    )
    life.sign()
    life.notice(100, "rescission", "2026-05-20T10:05", ground="x")
    groundless = {"ruling": "termination_groundless", "authority": "法院"}
    life.record("record-decision", "2026-09-01", notice_id=str(uid(100)), **groundless)
    decision = life.facts[-1].id
    other = {**groundless, "authority": "仲裁委员会"}
    life.record("correct", fact_id=str(decision), reason="机构有误", replacement=other)
    life.notice(101, "rescission", "2026-06-01T10:05", recorded="2026-06-01T10:05", ground="fundamental_breach")
    assert life.state.ended_by == f"notice:{uid(101)}"
