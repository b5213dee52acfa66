"""The rules of confidentiality, each with the neighbour that it could be mistaken for."""

import datetime as dt

from clm.law import confidentiality
from clm.law.basis import Step
from clm.law.calendars import china
from clm.law.confidentiality import term_of, validate
from clm.law.confidentiality_terms import About
from clm.law.periods import deadline
from tests.law.holding import holds, neighbour

ENDED = {"termination": dt.date(2026, 5, 20), "disclosure": dt.date(2026, 1, 15)}
THREE_YEARS = {"after": {"anchor": "termination", "period": {"length": 3, "unit": "year"}}}
FIVE_YEARS = {"after": {"anchor": "termination", "period": {"length": 5, "unit": "year"}, "roll": "none"}}


def found(*rules, item_class="ordinary", anchors=None, **choices):
    return term_of(
        validate(list(rules)),
        item_class=item_class,
        anchors=ENDED if anchors is None else anchors,
        calendar=china(),
        **choices,
    )


def ordinary(end, **more):
    return {"class": "ordinary", "end": end} | more


def _from_the_agreed_start(_original):
    return lambda reading, anchors: (Step("R-C1", "the agreed start", anchors.get(reading.start)),)


@holds(
    "R-C1",
    neighbour=neighbour("clm.law.confidentiality._start_steps", _from_the_agreed_start, "from the agreed start"),
)
def test_the_duty_begins_with_the_disclosure_whatever_start_is_agreed():
    first = found(ordinary(THREE_YEARS, start="termination")).basis.steps[0]
    assert (first.rule, str(first.date)) == ("R-C1", "2026-01-15")


def _from_the_disclosure(original):
    def after(clock, one):
        anchors = clock.anchors | {"termination": clock.anchors.get("disclosure")}
        return original(clock._replace(anchors=anchors), one)

    return after


@holds(
    "R-C2", neighbour=neighbour("clm.law.confidentiality._Clock._after", _from_the_disclosure, "from the disclosure")
)
def test_a_period_after_the_end_waits_for_the_end():
    assert found(ordinary(THREE_YEARS), anchors={"disclosure": dt.date(2026, 1, 15)}).open
    assert str(found(ordinary(THREE_YEARS)).ends_on) == "2029-05-20"


def _rolled(_original):
    return lambda day, period, **choices: deadline(day, period, **choices | {"roll": "forward", "roll_assumed": False})


def _counted(_original):
    return lambda day, period, **choices: deadline(day, period, **choices | {"count_start_day": True})


@holds("R-C3", neighbour=neighbour("clm.law.confidentiality.deadline", _rolled, "rolled to a working day"))
@holds("R-C3", neighbour=neighbour("clm.law.confidentiality.deadline", _counted, "the day before"))
def test_the_agreed_term_ends_on_its_day_be_it_a_sunday():
    in_two_months = {"after": {"anchor": "termination", "period": {"length": 2, "unit": "month"}}}
    on_a_saturday = found(ordinary(in_two_months), anchors={"termination": dt.date(2026, 4, 11)})
    assert (on_a_saturday.ends_on.weekday(), str(on_a_saturday.ends_on)) == (3, "2026-06-11")
    days = {"after": {"anchor": "termination", "period": {"length": 10, "unit": "day"}}}
    assert str(found(ordinary(days), anchors={"termination": dt.date(2026, 4, 9)}).ends_on) == "2026-04-19"


def _as_proposed(original):
    return lambda item_class: confidentiality._read(
        validate([ordinary(THREE_YEARS)]), About(item_class), rules_assumed=False
    )


@holds(
    "R-C1",
    neighbour=neighbour("clm.law.confidentiality._without_contract", _as_proposed, "as the clause that was proposed"),
)
def test_f10_talks_without_a_contract_leave_the_duty_of_the_law_and_no_clause():
    term = found(ordinary(THREE_YEARS), formed=False)
    assert (term.open, term.ends_on, term.basis.rule, term.basis.source) == (True, None, "R-C1", "Civil Code 501")
    assert (term.assumed, term.flags, term.residual_on_expiry) == (False, (), None)
    personal = found(ordinary(THREE_YEARS), item_class="personal_info", formed=False)
    assert (personal.open, "Personal Information" in personal.basis.source) == (True, True)


@holds(
    "R-C4", neighbour=neighbour("clm.law.confidentiality._tolled", lambda _: lambda ending, *_: ending, "no tolling")
)
def test_an_agreed_tolling_adds_its_days():
    assert str(found(ordinary(THREE_YEARS), toll_days=90).ends_on) == "2029-08-18"


@holds(
    "R-C7",
    neighbour=neighbour(
        "clm.law.confidentiality._default", lambda original: lambda _class: original("ordinary"), "3 years"
    ),
)
def test_personal_information_is_protected_without_end():
    term = found({"class": "all", "end": {"perpetual": True}}, item_class="personal_info")
    assert (term.open, term.residual_on_expiry, term.basis.rule) == (True, "personal_info", "R-C3")
    assert found(item_class="personal_info").basis.rule == "R-C7"
    assert found(item_class="personal_info").open


@holds(
    "R-C10",
    neighbour=neighbour(
        "clm.law.confidentiality._unclear",
        lambda _: lambda *_given: confidentiality._default("ordinary"),
        "three years after the end",
    ),
)
def test_a_silent_clause_leaves_the_duty_open():
    term = found({"class": "ordinary", "start": "disclosure"})
    assert (term.open, term.flags, term.assumed) == (True, ("AMBIGUOUS", "SILENT"), True)


@holds(
    "R-C-DEFAULT",
    neighbour=neighbour(
        "clm.law.confidentiality._THREE_YEARS", lambda _: validate([ordinary(FIVE_YEARS)])[0].end, "5 years"
    ),
)
def test_without_a_clause_ordinary_information_is_kept_three_years():
    term = found()
    assert (str(term.ends_on), term.flags, term.assumed) == ("2029-05-20", ("DEFAULTED",), True)
