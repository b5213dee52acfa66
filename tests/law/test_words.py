from decimal import Decimal

import pytest

from clm.law.basis import LawError
from clm.law.calendars import china
from clm.law.periods import Period, Unit
from clm.law.words import AMBIGUOUS, WORDS, elapsed, holds
from tests.law.sums import day

THIRTY = Period(30, Unit.DAY)


def judged(on, word, period=THIRTY, since="2026-03-31"):
    return elapsed(day(since), day(on), word, period, calendar=china())


@pytest.mark.parametrize(
    ("word", "around_30"),
    [
        ("超过", [False, False, True]),
        ("以外", [False, False, True]),
        ("more_than", [False, False, True]),
        ("exceeds", [False, False, True]),
        ("届满", [False, True, True]),
        ("以上", [False, True, True]),
        ("不低于", [False, True, True]),
        ("不少于", [False, True, True]),
        ("at_least", [False, True, True]),
        ("以内", [True, True, False]),
        ("之内", [True, True, False]),
        ("以下", [True, True, False]),
        ("不超过", [True, True, False]),
        ("不高于", [True, True, False]),
        ("within", [True, True, False]),
        ("at_most", [True, True, False]),
        ("不满", [True, False, False]),
        ("不足", [True, False, False]),
        ("less_than", [True, False, False]),
    ],
)
def test_a16_what_each_word_includes(word, around_30):
    days = ("2026-04-29", "2026-04-30", "2026-05-01")
    found = [judged(on, word) for on in days]
    assert [one.holds for one in found] == around_30
    assert [one.elapsed_days for one in found] == [29, 30, 31]
    assert [holds(Decimal(number), word, Decimal(30)) for number in (29, 30, 31)] == around_30
    for one, on in zip(found, days, strict=True):
        inside = (one.holds_from is None or one.holds_from <= day(on)) and (
            one.holds_until is None or day(on) <= one.holds_until
        )
        assert inside is one.holds


def test_every_word_is_tried():
    (marked,) = test_a16_what_each_word_includes.pytestmark
    assert {word for word, _ in marked.args[1]} == set(WORDS)
    assert not AMBIGUOUS & WORDS.keys()


def test_months_end_on_the_corresponding_day_and_do_not_roll():
    month = Period(1, Unit.MONTH)
    assert str(judged("2026-03-01", "超过", month, since="2026-01-31").limit_day) == "2026-02-28"
    assert judged("2026-02-28", "超过", month, since="2026-01-31").holds is False
    assert judged("2026-03-01", "超过", month, since="2026-01-31").holds is True


def test_working_days_of_an_unknown_year_leave_it_open():
    found = judged("2027-03-31", "超过", Period(10, Unit.WORKING_DAY), since="2027-03-01")
    assert (found.holds, found.status) == (None, "provisional")


@pytest.mark.parametrize("word", ["前", "之前", "左右", "before", "about", "jüngst", ""])
def test_words_that_do_not_say_are_refused(word):
    with pytest.raises(LawError) as refused:
        judged("2026-04-30", word)
    assert refused.value.field == "word"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"on": "2026-03-30"}, "on"),
        ({"on": "2101-01-01"}, "on"),
        ({"since": "1989-12-31"}, "since"),
        ({"period": Period(3, Unit.HOUR)}, "/period/unit"),
        ({"period": Period(10**9, Unit.DAY)}, "period"),
    ],
)
def test_time_that_cannot_be_measured_is_refused(given, field):
    with pytest.raises(LawError) as refused:
        judged(**({"on": "2026-04-30", "word": "超过"} | given))
    assert refused.value.field == field
