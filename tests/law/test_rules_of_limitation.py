"""The rules of limitation, each with the neighbour that it could be mistaken for."""

import datetime as dt

import msgspec

from clm.law.calendars import china
from clm.law.limitation import Claim, limitation, of_instalments, of_periodic
from clm.law.periods import Period, Unit
from tests.law.holding import holds, neighbour

DUES = [dt.date(2022, 3, 31), dt.date(2022, 9, 30), dt.date(2023, 3, 31)]


def found(**wire):
    return limitation(msgspec.convert({"due": "2023-06-30"} | wire, Claim), calendar=china())


def no_roll(original):
    return lambda start, period, **choices: original(start, period, **choices | {"roll": "none"})


def day_counted(original):
    return lambda start, period, **choices: original(start, period, **choices | {"count_start_day": True})


@holds(
    "R-L1",
    neighbour=neighbour("clm.law.limitation.BASE", lambda _: Period(2, Unit.YEAR), "the two years of the old law"),
)
@holds("R-L1", neighbour=neighbour("clm.law.limitation.deadline", no_roll, "no roll"))
@holds("R-L1", neighbour=neighbour("clm.law.limitation.deadline", day_counted, "the due day counted"))
def test_a_claim_is_barred_three_years_after_its_due_date():
    assert str(found().last_day) == "2026-06-30"
    assert str(found(due="2021-10-03").last_day) == "2024-10-08"


def _only_before_the_last_day(original):
    return lambda run, one, end: original(run, one, end) or one.on == end.latest_known


def _from_the_beginning(original):
    return lambda run, one: original(run, msgspec.structs.replace(one, ended_on=None))


def _always_in_time(_original):
    return lambda _run, _one, _end: False


@holds(
    "R-L2",
    neighbour=neighbour("clm.law.limitation._Run._is_late", _only_before_the_last_day, "only before the last day"),
)
@holds("R-L2", neighbour=neighbour("clm.law.limitation._Run._is_late", _always_in_time, "after the end too"))
@holds(
    "R-L2",
    neighbour=neighbour("clm.law.limitation._Run._restart", _from_the_beginning, "from the beginning of the suit"),
)
def test_an_interruption_starts_the_period_anew_while_it_runs():
    in_time, late = {"kind": "demand", "on": "2022-06-30"}, {"kind": "demand", "on": "2022-07-01"}
    assert str(found(due="2019-06-30", interruptions=[in_time]).last_day) == "2025-06-30"
    assert str(found(due="2019-06-30", interruptions=[late]).last_day) == "2022-06-30"
    suit = {"kind": "suit", "on": "2021-03-01", "ended_on": "2022-06-16"}
    assert str(found(due="2019-06-30", interruptions=[suit]).last_day) == "2025-06-16"


def _whenever(_original):
    return lambda _run, obstacle, start, _end: obstacle.end > start


@holds(
    "R-L3",
    neighbour=neighbour("clm.law.limitation._Run._in_the_last_six_months", _whenever, "an obstacle at any time"),
)
@holds(
    "R-L3",
    neighbour=neighbour("clm.law.limitation.FINAL_MONTHS", lambda _: Period(3, Unit.MONTH), "three months after it"),
)
@holds(
    "R-L3",
    neighbour=neighbour(
        "clm.law.limitation._Run._in_the_last_six_months", lambda _: lambda *_given: False, "no suspension"
    ),
)
def test_an_obstacle_in_the_last_six_months_puts_the_end_off():
    early, late = {"from": "2025-01-01", "to": "2025-12-30"}, {"from": "2026-02-01", "to": "2026-02-20"}
    assert str(found(suspensions=[early]).last_day) == "2026-06-30"
    assert str(found(suspensions=[late]).last_day) == "2026-08-20"
    afterwards = {"from": "2026-07-01", "to": "2026-07-31"}
    assert str(found(suspensions=[afterwards]).last_day) == "2026-06-30"


@holds(
    "R-L4",
    neighbour=neighbour("clm.law.limitation.LONG_STOP", lambda _: Period(21, Unit.YEAR), "twenty-one years"),
)
@holds(
    "R-L4",
    neighbour=neighbour(
        "clm.law.limitation._Run._within_the_long_stop", lambda _: lambda _run, *given: given, "no long stop"
    ),
)
def test_twenty_years_from_the_injury_end_it():
    answer = found(due=None, known_on="2022-06-30", arose="2003-06-30")
    assert (str(answer.last_day), answer.flags) == ("2023-06-30", ("LONG_STOP",))


def _as_agreed(original):
    def computed(run, field, start, period):
        return original(run, field, start, run._claim.agreed_period or period)

    return computed


@holds("R-L5", neighbour=neighbour("clm.law.limitation._Run._deadline", _as_agreed, "as agreed"))
def test_an_agreed_period_is_void():
    answer = found(agreed_period={"length": 1, "unit": "year"})
    assert (str(answer.last_day), answer.flags) == ("2026-06-30", ("AGREED_PERIOD_VOID",))


def _lost_by_any_payment(original):
    def late(run, one, end):
        return original(run, msgspec.structs.replace(one, kind="acknowledgement"), end)

    return late


def _applied_by_itself(_original):
    return lambda end, as_of: (as_of or dt.date(2026, 11, 22)) > end.latest_known


@holds(
    "R-L6",
    neighbour=neighbour("clm.law.limitation._Run._is_late", _lost_by_any_payment, "lost by a part payment or demand"),
)
@holds("R-L6", neighbour=neighbour("clm.law.limitation._expired", _applied_by_itself, "applied unasked"))
def test_only_an_agreement_to_pay_costs_the_defence_and_nobody_applies_it_unasked():
    paid = found(interruptions=[{"kind": "part_payment", "on": "2026-08-01"}])
    agreed = found(interruptions=[{"kind": "acknowledgement", "on": "2026-08-01"}])
    assert (paid.defence_lost, agreed.defence_lost) == (False, True)
    assert paid.expired is None


def _from_the_first(original):
    return lambda claim, due: original(claim, min(DUES[0], due))


@holds("R-L7", neighbour=neighbour("clm.law.limitation._due_on", _from_the_first, "all from the first due date"))
def test_instalments_run_from_the_last_and_periodic_debts_one_by_one():
    assert str(of_instalments(Claim(), DUES, calendar=china()).last_day) == "2026-03-31"
    ends = [str(one.last_day) for one in of_periodic(Claim(), DUES, calendar=china())]
    assert ends == ["2025-03-31", "2025-09-30", "2026-03-31"]
