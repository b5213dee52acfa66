"""The rules of what interrupts, ends or outlives a duty of confidence, each with its neighbour."""

import datetime as dt

import pytest

from clm.law import confidentiality_exceptions as law
from clm.law.confidentiality_exceptions import Gap, Interval, ReturnAsked
from clm.law.periods import SHANGHAI
from tests.law.holding import holds, neighbour

MODULE = "clm.law.confidentiality_exceptions"


def day(text):
    return dt.date.fromisoformat(text)


def at(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def interval(began, ended=None, cause="breach"):
    return Interval(cause=cause, began=day(began), ended=day(ended) if ended else None)


BREACH = interval("2028-01-01", "2028-03-31")
DISPUTE = interval("2028-03-01", "2028-04-10", "dispute")


def _every_cause(original):
    return lambda intervals, on: original(intervals, [*on, "breach", "dispute"])


def _each_by_itself(original):
    return lambda intervals, on: law.Tolling(sum(original([one], on).days for one in intervals), None)


@holds("R-C4", neighbour=neighbour(f"{MODULE}.tolled", _every_cause, "by law, without a clause"))
@holds("R-C4", neighbour=neighbour(f"{MODULE}.tolled", _each_by_itself, "a day counted twice"))
def test_days_are_added_once_and_for_what_the_clause_names():
    assert law.tolled([BREACH], ["breach"]) == (90, None)
    assert law.tolled([BREACH], []) == (0, None)
    assert law.tolled([BREACH, DISPUTE], ["breach"]) == (90, None)
    assert law.tolled([DISPUTE, BREACH], ["dispute", "breach"]) == (100, None)


def test_an_interval_within_another_adds_nothing():
    assert law.tolled([BREACH, interval("2028-02-01", "2028-02-20")], ["breach"]) == (90, None)
    assert law.tolled([interval("2028-01-01", "2028-01-01")], ["breach"]) == (0, None)


def test_one_that_lasts_is_told():
    assert law.tolled([BREACH, interval("2028-06-01")], ["breach"]) == (90, day("2028-06-01"))
    assert law.tolled([interval("2028-06-01")], ["dispute"]) == (0, None)


def _as_if_it_had_never_ended(_original):
    return lambda _expired, _ends, agreed: Gap(agreed, agreed)


@holds("R-C5", neighbour=neighbour(f"{MODULE}.extension", _as_if_it_had_never_ended, "without a gap"))
def test_an_extension_after_the_end_is_a_new_duty_with_a_gap():
    ended, agreed = at("2029-05-21"), at("2030-01-10")
    assert law.extension(ended, at("2031-05-21"), agreed) == Gap(ended, agreed)
    assert law.extension(ended, None, agreed) == Gap(ended, agreed)
    assert law.extension(ended, agreed, agreed) is None


def _not_at_all(_original):
    return lambda *_asked, **_more: None


@holds("R-C6", neighbour=neighbour(f"{MODULE}.return_asked", _not_at_all, "nothing is asked"))
def test_the_end_of_the_agreed_duty_asks_for_return():
    asked = law.return_asked("ordinary", expired_on=day("2029-05-20"), ended_on=day("2026-05-20"))
    assert asked == ReturnAsked("expired", "R-C6", day("2029-05-20"))
    assert law.return_asked("trade_secret", expired_on=None, ended_on=day("2026-05-20")) is None


def _with_the_term(original):
    return lambda item_class, **days: original("ordinary", **days)


@holds("R-C7", neighbour=neighbour(f"{MODULE}.return_asked", _with_the_term, "with the agreed term"))
def test_the_end_of_the_contract_asks_for_personal_information():
    asked = law.return_asked("personal_info", expired_on=None, ended_on=day("2026-05-20"))
    assert asked == ReturnAsked("ended", "R-C7", day("2026-05-20"))
    assert law.return_asked("personal_info", expired_on=None, ended_on=None) is None


def test_talks_that_led_to_nothing_ask_for_return():
    day_of_it, no = day("2026-02-01"), {"expired_on": None, "ended_on": None}
    assert law.return_asked("ordinary", **no, given_up_on=day_of_it) == ReturnAsked("not_formed", "R-C1", day_of_it)
    assert law.return_asked("personal_info", **no, given_up_on=day_of_it).rule == "R-C7"


def _whoever(_original):
    return lambda *_said: False


@holds("R-C8", neighbour=neighbour(f"{MODULE}.published_in_breach", _whoever, "public by whomever"))
def test_what_an_obligor_published_is_not_released():
    assert law.published_in_breach("public", "B", ["B", "C"])
    assert not law.published_in_breach("public", "A", ["B", "C"])
    assert not law.published_in_breach("public", None, ["B"])
    assert not law.published_in_breach("consent", "B", ["B"])


def _taken_on_trust(_original):
    return lambda **_given: ()


@holds("R-C8", neighbour=neighbour(f"{MODULE}.unproven", _taken_on_trust, "taken on trust"))
def test_a_release_is_proved_and_reviewed():
    assert law.unproven(evidence=0, reviewed=False) == ("NO_EVIDENCE", "NOT_REVIEWED")
    assert law.unproven(evidence=1, reviewed=True) == ()


def _told_at_any_time(original):
    return lambda at, told_at, *, forbidden: original(at, told_at and min(at, told_at), forbidden=forbidden)


@holds("R-C9", neighbour=neighbour(f"{MODULE}.told_before", _told_at_any_time, "at any time"))
def test_the_owner_is_told_before_a_compelled_disclosure():
    ordered = at("2027-05-10T09:00:00")
    assert law.told_before(ordered, at("2027-05-10T08:00:00"), forbidden=False) is None
    assert law.told_before(ordered, ordered, forbidden=False) is None
    assert law.told_before(ordered, at("2027-05-10T10:00:00"), forbidden=False) == "OWNER_TOLD_LATE"
    assert law.told_before(ordered, None, forbidden=False) == "OWNER_NOT_TOLD"
    assert law.told_before(ordered, None, forbidden=True) is None


@pytest.mark.parametrize("residual", ["post_contract", "trade_secret", "personal_info"])
def test_what_outlives_the_agreed_duty_has_its_law(residual):
    assert law.residual_source(residual)
