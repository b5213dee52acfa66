"""How long records are kept: the statutes' floors, what is agreed above them, and the contract's own."""

import datetime as dt

import pytest

from clm.law import retention as law
from clm.law.calendars import china
from clm.law.periods import Period, Unit
from tests.law.holding import holds, neighbour

MADE = dt.date(2026, 6, 1)


def kept(retention_class, *, made_on=MADE, formed=True, ended_on=None, wanted=None, agreed=True):
    return law.retention(
        retention_class,
        made_on=made_on,
        formed=formed,
        ended_on=ended_on,
        wanted=wanted,
        agreed=agreed,
        calendar=china(),
    )


def shorter(retention_class, period):
    """The floors with one of them replaced."""
    return lambda floors: floors | {retention_class: law._Floor("R-A0", "neighbour", period)}


@holds(
    "R-A1",
    neighbour=neighbour("clm.law.retention._FLOORS", shorter("call_recording", Period(29, Unit.DAY)), "29 days"),
)
def test_a_recording_is_kept_for_thirty_days():
    found = kept("call_recording")
    assert (str(found.keep_until), found.ends_at.isoformat()) == ("2026-07-01", "2026-07-02T00:00:00+08:00")
    assert (found.standing, found.assumed, found.basis.rule) == ("running", False, "R-A1")


@holds(
    "R-A2", neighbour=neighbour("clm.law.retention._FLOORS", shorter("sms_record", Period(5, Unit.MONTH)), "5 months")
)
def test_a_log_of_messages_is_kept_for_six_months():
    assert str(kept("sms_record").keep_until) == "2026-12-01"


@holds(
    "R-A3",
    neighbour=neighbour("clm.law.retention._FLOORS", shorter("processing_record", Period(30, Unit.MONTH)), "30 months"),
)
def test_a_record_of_processing_is_kept_for_three_years():
    assert str(kept("processing_record").keep_until) == "2029-06-01"


@holds(
    "R-A4",
    neighbour=neighbour("clm.law.retention._GRACE", lambda _: Period(1, Unit.DAY), "limitation alone"),
)
def test_a_document_is_kept_for_limitation_and_three_years_from_the_end_of_the_contract():
    found = kept("contract_record", ended_on=dt.date(2026, 12, 31))
    assert (str(found.keep_until), found.standing, found.assumed) == ("2032-12-31", "running", True)
    assert [step.rule for step in found.basis.steps] == ["R-L1", "R-A4"]


@holds(
    "R-A5",
    neighbour=neighbour(
        "clm.law.retention._none",
        lambda _: lambda *_: kept("contract_record"),
        "personal information is kept as the documents are",
    ),
)
def test_personal_information_has_no_floor():
    assert (kept("personal_data").standing, kept("personal_data").keep_until) == ("none", None)


@pytest.mark.parametrize(
    ("agreed", "until"),
    [
        (Period(180, Unit.DAY), "2026-11-28"),
        (Period(10, Unit.DAY), "2026-07-01"),
        (Period(30, Unit.DAY), "2026-07-01"),
        (Period(1, Unit.YEAR), "2027-06-01"),
    ],
)
def test_an_agreed_period_counts_where_it_is_longer(agreed, until):
    assert str(kept("call_recording", wanted=agreed).keep_until) == until


def test_a_default_that_nobody_agreed_is_told_as_one():
    agreed, assumed = (kept("call_recording", wanted=Period(180, Unit.DAY), agreed=each) for each in (True, False))
    assert (agreed.assumed, assumed.assumed) == (False, True)
    assert agreed.keep_until == assumed.keep_until
    assert "as agreed" in str(agreed.basis.steps)
    assert "as agreed" not in str(assumed.basis.steps)
    assert not kept("call_recording", wanted=Period(10, Unit.DAY), agreed=False).assumed


@pytest.mark.parametrize(
    ("made", "until", "source"),
    [("2026-04-30", "2026-09-30", "2015"), ("2026-05-01", "2026-11-01", "in force 2026-05-01")],
)
def test_logs_of_messages_are_kept_by_the_rule_of_their_day(made, until, source):
    found = kept("sms_record", made_on=dt.date.fromisoformat(made))
    assert (str(found.keep_until), source in found.basis.source) == (until, True)


def test_while_the_contract_lasts_the_end_is_open():
    found = kept("contract_record")
    assert (found.standing, found.keep_until, found.ends_at) == ("open", None, None)


def test_what_no_contract_ever_formed_on_is_not_held():
    assert kept("contract_record", formed=False, ended_on=dt.date(2026, 6, 2)).standing == "none"
