"""Confidential items as decisions see them: tolling, extension after the end, return, mistakes; no database."""

import pytest

from clm.lifecycle import engine
from clm.lifecycle.world import Refused
from tests.lifecycle.life import Life, at, plain, uid
from tests.lifecycle.test_changing import agree

ITEM = uid(7)
DAYS = {"length": 15, "unit": "day"}


def rules(years=3, **more):
    end = {"after": {"anchor": "termination", "period": {"length": years, "unit": "year"}}}
    return {"rules": [{"class": "ordinary", "end": end}], **more}


def terms(years=3, **more):
    procedure = {"procedure": {"data_return": DAYS}}
    return {"confidentiality": rules(years, **more), "term": {"end": "2027-12-31"}, "termination": procedure}


def disclosed(life, when="2026-03-05", item_class="ordinary", **more):
    return life.record(
        "item.disclose",
        when,
        item_id=str(ITEM),
        name="名单",
        item_class=item_class,
        owner="A",
        recipients=more.pop("recipients", ["B"]),
        **more,
    )


def running(**agreed):
    """Signed, the item disclosed, ended on 20 May 2026."""
    life = Life(terms(**agreed))
    life.sign()
    disclosed(life)
    life.record("terminate-by-agreement", "2026-05-20T10:00")
    return life


def tolled(life, began, ended=None, number=50, cause="breach"):
    more = {"ended_at": at(ended).isoformat()} if ended else {}
    return life.record("item.toll", began, item_id=str(ITEM), toll_id=str(uid(number)), cause=cause, **more)


def item_of(life):
    return life.state.items[0]


def last_day(life):
    return str(life.timer("confidentiality").legal_date)


TOLL = {"toll": {"on": ["breach"], "add": "duration"}}


def test_f08_a_breach_of_ninety_days_moves_the_end():
    life = running(**TOLL)
    assert last_day(life) == "2029-05-20"
    tolled(life, "2028-01-01", "2028-03-31")
    assert last_day(life) == "2029-08-18"
    assert life.told("confidentiality.tolled").data["adds"] is True


@pytest.mark.parametrize(("agreed", "cause"), [({}, "breach"), (TOLL, "dispute")])
def test_without_a_clause_for_it_nothing_moves(agreed, cause):
    life = running(**agreed)
    tolled(life, "2028-01-01", "2028-03-31", cause=cause)
    assert last_day(life) == "2029-05-20"
    assert "no clause" in life.told("confidentiality.tolled").explanation


def test_while_a_breach_lasts_the_duty_does_not_end():
    life = running(**TOLL)
    tolled(life, "2029-05-01")
    assert [timer.kind for timer in life.timers if timer.kind == "confidentiality"] == []
    life.until("2029-07-30")
    assert item_of(life).expired_at is None
    life.record("item.end-toll", "2029-07-30", item_id=str(ITEM), toll_id=str(uid(50)))
    assert last_day(life) == "2029-08-18"
    with pytest.raises(Refused):
        life.record("item.end-toll", "2029-07-30", item_id=str(ITEM), toll_id=str(uid(50)))


def test_a_breach_told_late_takes_the_end_back():
    life = running(**TOLL)
    life.until("2029-06-01")
    assert item_of(life).expired_at == at("2029-05-21")
    tolled(life, "2029-05-01", "2029-05-11")
    assert item_of(life).expired_at == at("2029-05-31")
    assert "confidentiality.expired" in [one.type for one in life.superseded]


def test_a_breach_after_the_end_tolls_nothing():
    life = running(**TOLL)
    life.until("2029-06-01")
    with pytest.raises(Refused) as refused:
        tolled(life, "2029-05-30")
    assert refused.value.reasons[0].rule == "R-C4"


def longer(years):
    return {"op": "replace", "path": "/terms/confidentiality/rules", "value": rules(years)["rules"]}


def test_an_extension_after_the_end_is_a_new_duty_with_a_gap():
    life = running()
    life.until("2029-06-01")
    agree(life, "2030-01-10T10:00", longer(5))
    item = item_of(life)
    assert (item.expired_at, item.gap_since, item.gap_until) == (None, at("2029-05-21"), at("2030-01-10T10:00"))
    assert last_day(life) == "2031-05-20"
    told = life.told("confidentiality.extended")
    assert (told.rule, told.at) == ("R-C5", at("2030-01-10T10:00"))
    assert f"confidentiality:{ITEM}" in life.told("amendment.applied").data["armed"]
    life.until("2031-05-21")
    assert item_of(life).expired_at == at("2031-05-21")


def test_terms_that_were_over_by_then_too_extend_nothing():
    life = running()
    life.until("2029-06-01")
    agree(life, "2030-01-10T10:00", longer(2))
    assert item_of(life).expired_at == at("2029-05-21")
    assert "confidentiality.extended" not in life.types()


def test_an_extension_in_time_has_no_gap():
    life = running()
    agree(life, "2028-01-10T10:00", longer(5))
    assert (item_of(life).gap_since, last_day(life)) == (None, "2031-05-20")


def returned(life, when, party="B"):
    return life.record("item.return", when, item_id=str(ITEM), party=party, method="destroyed")


def over_in_may(recipients=("B",)):
    """The duty is over with 20 May 2026, a year whose days of rest are known, and the contract goes on."""
    agreed = terms() | {"confidentiality": {"rules": [{"class": "ordinary", "end": {"date": "2026-05-20"}}]}}
    life = Life(agreed)
    life.sign()
    disclosed(life, recipients=list(recipients))
    return life


def test_the_end_of_the_duty_asks_every_recipient_within_the_period_for_data():
    life = over_in_may(["B", "C"])
    life.until("2026-05-21")
    timer = life.timer("confidential_return")
    assert (str(timer.legal_date), timer.rule) == ("2026-06-04", "R-C6")
    returned(life, "2026-05-25")
    assert life.timer("confidential_return").legal_date == timer.legal_date
    life.until("2026-06-05")
    told = life.told("confidentiality.return_overdue")
    assert (told.at, told.data["left"]) == (at("2026-06-05"), ["C"])
    returned(life, "2026-06-10", "C")
    assert life.happenings[-1].data["left"] == []


def test_whoever_has_returned_it_is_not_asked():
    life = over_in_may()
    returned(life, "2026-04-01")
    life.until("2026-06-30")
    assert "confidentiality.return_overdue" not in life.types()


def test_in_a_year_whose_days_of_rest_are_not_known_the_question_waits():
    life = running()
    life.until("2029-06-30")
    assert not life.timer("confidential_return").certain


def test_f07_personal_information_is_asked_for_at_the_end_of_the_contract():
    life = Life(terms())
    life.sign()
    disclosed(life, item_class="personal_info")
    life.record("terminate-by-agreement", "2026-05-20T10:00")
    timer = life.timer("confidential_return")
    assert (str(timer.legal_date), timer.rule) == ("2026-06-04", "R-C7")
    life.record("record-performance", "2026-06-01", duty="data_return", evidence=[str(uid(5))])
    assert [one.kind for one in life.timers if one.kind == "confidential_return"] == []


def test_a_return_told_late_was_in_time():
    life = over_in_may()
    life.until("2026-06-30")
    assert item_of(life).return_missed
    returned(life, "2026-06-01")
    assert not item_of(life).return_missed
    assert "confidentiality.return_overdue" in [one.type for one in life.superseded]


def test_a_release_by_the_breach_of_an_obligor_is_none():
    life = running()
    with pytest.raises(Refused) as refused:
        life.record("item.release", "2026-06-01", item_id=str(ITEM), reason="public", published_by="B")
    assert refused.value.reasons[0].rule == "R-C8"
    life.record("item.release", "2026-06-01", item_id=str(ITEM), reason="public", published_by="A")
    assert item_of(life).released_at == at("2026-06-01")


def correct(life, kind, fact, **more):
    return life.record("item.correct", item_id=str(ITEM), kind=kind, fact_id=str(fact.id), reason="录入错误", **more)


def fact(life, kind):
    return next(one for one in life.facts if one.kind == kind)


def test_a_release_by_mistake_is_taken_back_and_the_duty_ends_when_it_would_have():
    life = running()
    life.record("item.release", "2027-01-01", item_id=str(ITEM), reason="consent")
    life.until("2029-06-01")
    correct(life, "release", fact(life, "item.release"))
    assert (item_of(life).released_at, item_of(life).expired_at) == (None, at("2029-05-21"))
    assert "confidentiality.released" in [one.type for one in life.superseded]


def test_another_day_of_disclosure_stands_in_the_place_of_the_mistake():
    end = {"after": {"anchor": "disclosure", "period": {"length": 5, "unit": "year"}}}
    life = Life({"confidentiality": {"rules": [{"class": "ordinary", "end": end}]}})
    life.sign()
    disclosed(life)
    assert last_day(life) == "2031-03-05"
    again = {"name": "名单", "item_class": "ordinary", "recipients": ["B"], "at": at("2026-02-05").isoformat()}
    correct(life, "disclose", fact(life, "item.disclose"), replacement=again)
    assert last_day(life) == "2031-02-05"
    correct(life, "disclose", fact(life, "item.disclose"))
    assert life.state.items == []


def test_what_followed_a_disclosure_that_was_none_is_moot():
    life = running()
    returned(life, "2026-06-01")
    correct(life, "disclose", fact(life, "item.disclose"))
    assert life.told("fact.moot").data["fact_kind"] == "item.return"


@pytest.mark.parametrize("signed", [False, True], ids=["in the draft", "after it"])
def test_what_the_draft_knew_is_put_right(signed):
    life = Life(terms())
    disclosed(life, "2026-01-02")
    life.record("item.release", "2026-01-03", item_id=str(ITEM), reason="consent")
    if signed:
        life.sign()
    correct(life, "release", fact(life, "item.release"), drafted=True)
    assert item_of(life).released_at is None
    back = {"item_id": str(ITEM), "reason": "consent", "at": at("2026-01-04").isoformat()}
    correct(life, "release", fact(life, "item.release"), drafted=True, replacement=back)
    assert item_of(life).released_at == at("2026-01-04")
    correct(life, "disclose", fact(life, "item.disclose"), drafted=True)
    assert life.state.items == []
    if signed:
        origin, since, _ = life._origin
        again = engine.decide_again(origin, life.facts[since:], life.env, life.now)
        assert plain(again.state) == plain(life.state)


def test_f11_a_groundless_end_takes_the_question_for_its_return_back():
    agreed = terms()
    agreed["termination"]["grounds"] = [{"key": "late_payment", "holder": "A", "immediate": True}]
    life = Life(agreed)
    life.sign()
    disclosed(life, item_class="personal_info")
    life.notice(9, "rescission", "2026-05-20T10:00", sender="A", ground="late_payment")
    assert life.timer("confidential_return").rule == "R-C7"
    life.until("2026-06-10")
    assert item_of(life).return_missed
    life.record(
        "record-decision", "2026-06-30", ruling="termination_groundless", authority="法院", notice_id=str(uid(9))
    )
    assert [one.kind for one in life.timers if one.kind == "confidential_return"] == []
    assert not item_of(life).return_missed
