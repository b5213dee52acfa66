"""A copy that facts are tried on: what it says is what a life then goes through, and it stays a copy."""

import pytest

from clm.lifecycle import simulating
from clm.lifecycle.firing import HANDLERS
from clm.lifecycle.simulating import Copy, TooLong, kind_of
from clm.lifecycle.world import Refused
from tests.lifecycle.life import FULL, Life, at, plain, uid

BREACH = {
    "term": {"end": "2026-12-31"},
    "termination": {
        "grounds": [
            {
                "key": "material_breach",
                "holder": "either",
                "cure": {"period": {"length": 15, "unit": "day"}, "automatic": True},
            }
        ],
        "procedure": {"settlement": {"length": 10, "unit": "day"}},
    },
}
CURED = {"ground": "material_breach"}


def signed(**more):
    life = Life(terms=BREACH, **more)
    life.sign()
    return life


def copy_of(life):
    """The life as it stands, as a copy made from what is on record."""
    origin, facts, told = life._origin or (None, len(life.facts), len(life.happenings))
    record = [{**plain(one), "at": one.at, "id": number} for number, one in enumerate(life.happenings[told:])]
    since = life.facts[facts:]
    return Copy(life.state, life.env, life.now, origin=origin, facts=since, fact_no=len(life.facts), record=record)


def tried(copy, kind, when, /, **data):
    return copy.record(uid(1000 + len(copy.events)), kind, data, at(when))


def told(events):
    return [one["type"] for one in events]


def test_a_copy_goes_the_way_of_the_contract_and_leaves_it_alone():
    life = signed()
    copy, before = copy_of(life), plain(life.state)
    life.record("record-ground", "2026-03-01", ground="fundamental_breach", holder="A")
    tried(copy, "record-ground", "2026-03-01", ground="fundamental_breach", holder="A")
    life.record("terminate-by-agreement", "2026-04-01", effective={"on": "2026-04-30"})
    tried(copy, "terminate-by-agreement", "2026-04-01", effective={"on": "2026-04-30"})
    life.until("2026-07-01")
    copy.until(at("2026-07-01"))
    assert plain(copy.state) == plain(life.state) != before
    assert plain(copy.timers) == plain(life.timers)
    new = [plain(one) | {"fact_id": None} for one in life.happenings[-len(copy.events) :]]
    assert [plain(one) | {"fact_id": None} for one in copy.events] == new
    assert [(one.kind, one.key) for one in copy.fired[:1]] == [("agreed_end", "agreed_end")]
    assert [one.due_at for one in copy.fired] == sorted(one.due_at for one in copy.fired)


def test_a_late_fact_supersedes_what_is_on_record_and_what_was_only_tried():
    life = signed()
    life.notice(9, "cure_notice", "2026-04-16T11:00", ground="material_breach")
    life.until("2026-05-08")
    assert life.state.outcome == "rescinded_automatically"
    copy = copy_of(life)
    tried(copy, "record-performance", "2026-05-09", duty="report")
    assert told(copy.events) == ["winding_down.done"]
    step = tried(copy, "record-performance", "2026-05-06T23:00", **CURED)
    assert step.events[0]["type"] == "ground.cured"
    assert "contract.terminated" in told(copy.superseded)
    assert all("id" in one for one in copy.superseded)
    assert {"contract.terminated", "winding_down.done"} <= set(told(step.superseded))
    assert "winding_down.done" not in told(copy.events)
    assert copy.state.in_force
    life.record("record-performance", "2026-05-09", duty="report")
    life.record("record-performance", "2026-05-06T23:00", **CURED)
    assert plain(copy.state) == plain(life.state)


def test_what_is_refused_changes_nothing_but_the_time():
    copy = copy_of(signed())
    before = plain(copy.state)
    with pytest.raises(Refused):
        tried(copy, "resume", "2026-02-01")
    assert (plain(copy.state), copy.events, copy.now) == (before, [], at("2026-02-01"))
    tried(copy, "suspend", "2026-02-01", reason="agreed")
    assert copy.state.performance == "suspended"


def test_branches_go_their_own_ways():
    stem = copy_of(signed())
    tried(stem, "suspend", "2026-02-01", reason="agreed")
    branch = stem.branch()
    tried(branch, "resume", "2026-02-02")
    late = tried(branch, "record-performance", "2026-02-01T12:00")
    assert told(late.events) == ["performance.recorded"]
    assert (stem.state.performance, branch.state.performance) == ("suspended", "performing")
    assert (told(stem.events), stem.now) == (["performance.suspended"], at("2026-02-01"))
    again = stem.branch()
    tried(again, "record-performance", "2026-01-20")
    assert told(again.superseded) == []
    assert told(again.events) == ["performance.recorded", "performance.suspended"], "by legal time"


def test_a_draft_is_tried_from_its_submission_and_again_after_it_comes_back():
    life = Life(terms=BREACH)
    copy = copy_of(life)
    for action in ("submit", "approve"):
        tried(copy, action, "2026-01-02")
    tried(copy, "execute", "2026-01-05", party="A", method="seal")
    tried(copy, "return", "2026-01-06")
    assert copy.state.phase == "draft.drafting"
    for action in ("submit", "approve"):
        tried(copy, action, "2026-01-10")
    tried(copy, "execute", "2026-01-12", party="B", method="seal")
    step = tried(copy, "execute", "2026-01-11", party="A", method="seal")
    assert copy.state.formed_at == at("2026-01-12")
    assert told(step.events)[0] == "contract.executed"
    signed_anew = ["contract.submitted", "contract.approved", "contract.executed", "contract.executed"]
    told_first = ["contract.submitted", "contract.approved", "contract.executed", "contract.returned"]
    assert told(copy.events)[:8] == told_first + signed_anew
    assert told(copy.superseded) == []


def test_time_never_goes_back():
    copy = copy_of(signed())
    copy.until(at("2026-03-01"))
    copy.until(at("2026-02-01"))
    assert copy.now == at("2026-03-01")


def test_a_trial_comes_to_an_end(monkeypatch):
    day = {"length": 1, "unit": "day"}
    renewal = {"automatic": True, "period": day, "objection": {"period": day}}
    life = Life(terms={"term": {"end": "2026-02-01", "renewal": renewal}})
    life.sign()
    monkeypatch.setattr(simulating, "FIRED_AT_MOST", 9)
    copy = copy_of(life)
    copy.until(at("2026-02-09"))
    assert len(copy.fired) == 9
    with pytest.raises(TooLong):
        copy.until(at("2026-02-10"))
    with pytest.raises(TooLong):
        tried(copy, "record-performance", "2026-01-20")


def test_the_kind_of_every_timer_is_told_by_its_key():
    life = Life(terms=BREACH, env=FULL)
    seen = list(copy_of(life).timers)
    life.sign()
    seen += life.timers
    life.notice(9, "cure_notice", "2026-04-16T11:00", ground="material_breach", recorded="2026-04-15")
    seen += life.timers
    life.until("2026-04-17")
    seen += life.timers
    life.until("2026-05-08")
    seen += life.timers
    assert {one.kind for one in seen} >= {"term", "arrival", "cure", "right_lapse", "settlement"}
    assert {(one.key, kind_of(one.key)) for one in seen} == {(one.key, one.kind) for one in seen}
    assert {kind_of(kind) for kind in HANDLERS} == set(HANDLERS)
    assert kind_of("unheard:of") == "unheard"
