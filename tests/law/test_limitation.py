import datetime as dt
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clm.law.calendars import china
from clm.law.limitation import (
    Claim,
    Interruption,
    InvalidLimitation,
    Suspension,
    limitation,
    of_instalments,
    of_periodic,
)
from clm.law.periods import Period, Unit

VECTORS = json.loads((Path(__file__).parents[1] / "data/vectors/limitation.json").read_text())
H01 = {"due": "2023-06-30"}
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2030, 12, 31))


def claim(**wire):
    return msgspec.convert(H01 | wire, Claim)


def found(**wire):
    return limitation(claim(**wire), calendar=china())


def event(kind, on, **more):
    return {"kind": kind, "on": on} | more


def obstacle(start, end):
    return {"from": start, "to": end}


def rules_of(result):
    return [step.rule for step in result.basis.steps]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_vectors(vector):
    wire = {name: value for name, value in vector["request"].items() if name != "jurisdiction"}
    answer = msgspec.to_builtins(limitation(msgspec.convert(wire, Claim), calendar=china()))
    assert {key: answer[key] for key in vector["expect"]} == vector["expect"]


def test_three_years_after_the_due_date():
    answer = found()
    assert (str(answer.last_day), answer.status, answer.flags, answer.assumed) == ("2026-06-30", "final", (), False)
    assert answer.expires_at.isoformat() == "2026-07-01T00:00:00+08:00"
    assert answer.basis.anchor == {"due": "2023-06-30"}
    assert "no court and no timer applies" in answer.basis.steps[-1].text


def test_a_last_day_of_rest_rolls():
    assert str(found(due="2021-10-03").last_day) == "2024-10-08"


def test_a_claim_without_a_due_date_runs_from_knowing():
    wire = {"due": None, "known_on": "2023-05-10"}
    assert str(found(**wire).last_day) == "2026-05-11"  # the tenth is a Sunday
    assert str(found(known_on="2023-05-10").last_day) == "2026-06-30"  # nothing is barred before it is due
    assert str(found(known_on="2023-07-10").last_day) == "2026-07-10"


@pytest.mark.parametrize("kind", ["demand", "acknowledgement", "part_payment", "suit", "arbitration", "equivalent"])
def test_whatever_interrupts_starts_the_period_anew(kind):
    answer = found(due="2021-06-30", interruptions=[event(kind, "2022-11-18")])
    assert str(answer.last_day) == "2025-11-18"
    assert (answer.basis.rule, str(answer.runs_from)) == ("R-L2", "2022-11-18")
    assert answer.assumed is (kind in ("suit", "arbitration", "equivalent"))


def test_interruptions_count_in_their_order_and_on_the_last_day_still():
    first, second = event("demand", "2023-06-30"), event("demand", "2025-06-16")
    assert found(due="2020-06-30", interruptions=[second, first]).nominal_last_day == dt.date(2028, 6, 16)
    late = event("demand", "2023-07-01")
    answer = found(due="2020-06-30", interruptions=[late])
    assert (str(answer.last_day), answer.flags) == ("2023-06-30", ("LATE_INTERRUPTION",))


def test_an_interruption_on_a_rolled_last_day_is_in_time():
    assert str(found(due="2021-10-03", interruptions=[event("demand", "2024-10-08")]).nominal_last_day) == "2027-10-08"


def test_after_proceedings_it_runs_from_their_end():
    answer = found(due="2020-06-30", interruptions=[event("suit", "2021-03-01", ended_on="2023-03-15")])
    assert (str(answer.last_day), answer.assumed, answer.flags) == ("2026-03-16", False, ())
    open_ended = found(due="2020-06-30", interruptions=[event("suit", "2023-03-01")])
    assert (str(open_ended.last_day), open_ended.assumed) == ("2026-03-02", True)
    assert open_ended.flags == ("PROCEEDINGS_OPEN",)
    meanwhile = [event("suit", "2021-03-01", ended_on="2023-03-15"), event("demand", "2022-01-04")]
    assert str(found(due="2020-06-30", interruptions=meanwhile).last_day) == "2026-03-16"


def test_after_the_end_an_acknowledgement_costs_the_defence():
    answer = found(interruptions=[event("acknowledgement", "2026-08-01")])
    assert (str(answer.last_day), answer.defence_lost) == ("2026-06-30", True)
    assert answer.flags == ("LATE_INTERRUPTION", "DEFENCE_LOST")
    demanded = found(interruptions=[event("demand", "2026-08-01")])
    assert (demanded.defence_lost, demanded.flags) == (False, ("LATE_INTERRUPTION",))
    paid = found(interruptions=[event("part_payment", "2026-08-01")])
    assert (paid.defence_lost, paid.flags) == (False, ("LATE_INTERRUPTION", "PAID_AFTER_EXPIRY"))


def test_an_interruption_that_a_missing_notice_decides_on_is_left_open():
    facts = [event("demand", "2024-10-01"), event("demand", "2027-10-04")]
    answer = found(interruptions=facts)
    assert (answer.status, answer.flags) == ("provisional", ("INTERRUPTION_UNSETTLED",))
    late = found(interruptions=[facts[0], event("acknowledgement", "2027-11-02")])
    assert late.defence_lost


@pytest.mark.parametrize(
    ("start", "end", "last_day"),
    [
        ("2025-01-01", "2025-02-01", "2026-06-30"),  # H04
        ("2025-01-01", "2025-12-30", "2026-06-30"),
        ("2025-01-01", "2026-01-15", "2026-07-15"),
        ("2026-02-01", "2026-02-20", "2026-08-20"),
        ("2026-06-30", "2026-07-31", "2027-01-31"),
        ("2026-07-01", "2026-07-31", "2026-06-30"),
    ],
)
def test_an_obstacle_counts_in_the_last_six_months_only(start, end, last_day):
    answer = found(suspensions=[obstacle(start, end)])
    assert str(answer.nominal_last_day) == last_day
    assert answer.basis.rule == ("R-L1" if last_day == "2026-06-30" else "R-L3")
    assert "R-L3" in rules_of(answer)


def test_obstacles_that_overlap_are_one_and_one_in_the_added_months_counts_again():
    parts = [obstacle("2026-03-01", "2026-03-20"), obstacle("2025-06-01", "2026-03-05")]
    assert str(found(suspensions=parts).last_day) == "2026-09-20"
    again = [obstacle("2026-02-01", "2026-02-20"), obstacle("2026-08-01", "2026-08-10")]
    assert str(found(suspensions=again).nominal_last_day) == "2027-02-10"


def test_a_suspension_keeps_the_period_open_for_an_interruption():
    facts = {"suspensions": [obstacle("2026-02-01", "2026-02-20")], "interruptions": [event("demand", "2026-08-20")]}
    assert str(found(**facts).nominal_last_day) == "2029-08-20"


def test_twenty_years_from_the_injury_end_it():
    demands = [event("demand", f"{year}-06-01") for year in range(2006, 2024, 2)]
    answer = found(due=None, known_on="2004-06-30", arose="2003-06-30", interruptions=demands)
    assert (str(answer.last_day), answer.flags, answer.basis.rule) == ("2023-06-30", ("LONG_STOP",), "R-L4")
    assert found(arose="2023-06-30").flags == ()
    late = found(due=None, known_on="2022-06-30", arose="2003-06-30")
    assert str(late.last_day) == "2023-06-30"
    suspended = found(
        due=None, known_on="2022-06-30", arose="2003-06-30", suspensions=[obstacle("2023-06-01", "2023-07-01")]
    )
    assert str(suspended.last_day) == "2023-06-30"


def test_an_agreed_period_changes_nothing():
    answer = found(agreed_period={"length": 1, "unit": "year"})
    assert (str(answer.last_day), answer.flags) == ("2026-06-30", ("AGREED_PERIOD_VOID",))
    assert "R-L5" in rules_of(answer)


@pytest.mark.parametrize(
    ("wire", "as_of", "expired"),
    [
        ({}, None, None),
        ({}, "2026-06-30", False),
        ({}, "2026-07-01", True),
        ({"due": "2024-10-01"}, "2027-10-01", False),
        ({"due": "2024-10-01"}, "2027-10-05", None),
        ({"due": "2024-10-01"}, "2027-12-05", True),
    ],
)
def test_whether_it_is_over_is_said_only_where_asked(wire, as_of, expired):
    assert found(**wire, as_of=as_of).expired is expired


def test_one_debt_in_instalments_runs_from_the_last():
    dues = [dt.date(2023, 3, 31), dt.date(2024, 3, 31), dt.date(2023, 9, 30)]
    answer = of_instalments(Claim(), dues, calendar=china())
    assert (str(answer.nominal_last_day), answer.status, answer.assumed) == ("2027-03-31", "provisional", False)
    early = Claim(interruptions=[Interruption("demand", dt.date(2023, 5, 1))])
    assert of_instalments(early, dues, calendar=china()).nominal_last_day == answer.nominal_last_day


def test_monthly_fees_run_one_by_one():
    dues = [dt.date(2023, 7, 31), dt.date(2023, 6, 30)]
    demand = Claim(interruptions=[Interruption("demand", dt.date(2023, 7, 14))])
    first, second = of_periodic(Claim(), dues, calendar=china())
    assert [str(one.last_day) for one in (first, second)] == ["2026-06-30", "2026-07-31"]
    assert all(one.flags == ("PRACTICE_SPLIT",) and one.assumed for one in (first, second))
    first, second = of_periodic(demand, dues, calendar=china())
    assert [str(one.last_day) for one in (first, second)] == ["2026-07-14", "2026-07-31"]


@pytest.mark.parametrize(
    ("wire", "pointer"),
    [
        ({"due": None}, "/due"),
        ({"due": "1989-12-31"}, "/due"),
        ({"due": "2099-01-01"}, "/due"),
        ({"known_on": "2101-01-01"}, "/known_on"),
        ({"known_on": "2099-01-01"}, "/known_on"),
        ({"due": "2095-01-01", "interruptions": [event("demand", "2098-01-01")]}, "/interruptions"),
        ({"suspensions": [obstacle("2026-06-01", "2100-12-01")]}, "/suspensions"),
        ({"due": "2081-01-01", "arose": "2081-01-01"}, "/arose"),
        ({"arose": "2023-07-02"}, "/arose"),
        ({"arose": "2023-06-20", "known_on": "2023-06-19"}, "/known_on"),
        ({"as_of": "1900-01-01"}, "/as_of"),
        ({"interruptions": [event("demand", "2023-06-29")]}, "/interruptions/0/on"),
        ({"interruptions": [event("demand", "2024-06-29"), event("demand", "2300-01-01")]}, "/interruptions/1/on"),
        ({"interruptions": [event("demand", "2024-06-29", ended_on="2024-07-01")]}, "/interruptions/0/ended_on"),
        ({"interruptions": [event("suit", "2024-06-29", ended_on="2024-06-01")]}, "/interruptions/0/ended_on"),
        ({"interruptions": [event("suit", "2024-06-29", ended_on="3000-06-01")]}, "/interruptions/0/ended_on"),
        ({"suspensions": [obstacle("2025-02-01", "2025-01-01")]}, "/suspensions/0/to"),
        ({"suspensions": [obstacle("1980-02-01", "2025-01-01")]}, "/suspensions/0/from"),
    ],
)
def test_facts_that_cannot_be_are_refused_at_their_place(wire, pointer):
    with pytest.raises(InvalidLimitation) as caught:
        found(**wire)
    assert (caught.value.field, bool(caught.value.message)) == (pointer, True)


@pytest.mark.parametrize("compute", [of_instalments, of_periodic])
def test_due_dates_are_there_and_there_once(compute):
    for dues, pointer in (
        ([], "/instalments"),
        ([dt.date(2023, 1, 1)] * 2, "/instalments/1"),
        ([dt.date(1980, 1, 1)], "/instalments/0"),
        ([dt.date(2099, 1, 1)], "/instalments"),
    ):
        with pytest.raises(InvalidLimitation) as caught:
            compute(Claim(), dues, calendar=china())
        assert caught.value.field == pointer


@given(DAYS, st.integers(0, 900))
def test_an_interruption_in_time_never_brings_the_end_forward(due, later):
    demand = Interruption("demand", due + dt.timedelta(days=later))
    plain = limitation(Claim(due=due), calendar=china())
    again = limitation(Claim(due=due, interruptions=[demand]), calendar=china())
    assert again.nominal_last_day >= plain.nominal_last_day
    assert again.runs_from == demand.on


@given(DAYS, st.integers(-400, 1600), st.integers(0, 400))
def test_an_obstacle_only_ever_adds_and_ends_six_months_after_it_at_most(due, offset, length):
    start = due + dt.timedelta(days=offset)
    end = start + dt.timedelta(days=length)
    plain = limitation(Claim(due=due), calendar=china())
    held = limitation(Claim(due=due, suspensions=[Suspension(start, end)]), calendar=china())
    assert held.nominal_last_day >= plain.nominal_last_day
    if held.nominal_last_day > plain.nominal_last_day:
        assert 181 <= (held.nominal_last_day - end).days <= 184


@given(DAYS)
def test_what_was_agreed_never_matters(due):
    agreed = limitation(Claim(due=due, agreed_period=Period(1, Unit.MONTH)), calendar=china())
    assert agreed.last_day == limitation(Claim(due=due), calendar=china()).last_day


def test_nothing_is_called_over_while_proceedings_may_go_on():
    late = {"due": "2020-01-06", "as_of": "2024-01-01"}
    answer = found(**late, interruptions=[event("suit", "2020-01-07")])
    assert (answer.expired, answer.assumed, answer.flags) == (None, True, ("PROCEEDINGS_OPEN",))
    assert found(**late, interruptions=[event("suit", "2020-01-07", ended_on="2020-03-02")]).expired is True


def test_what_comes_after_open_proceedings_is_neither_late_nor_in_time():
    answer = found(
        due="2020-01-02", interruptions=[event("suit", "2021-03-01"), event("acknowledgement", "2025-03-03")]
    )
    assert (answer.defence_lost, answer.flags) == (False, ("PROCEEDINGS_OPEN", "INTERRUPTION_UNSETTLED"))
    ended = event("suit", "2021-03-01", ended_on="2023-03-01")
    in_time = found(due="2020-01-02", interruptions=[ended, event("acknowledgement", "2025-03-03")])
    assert (str(in_time.nominal_last_day), in_time.flags) == ("2028-03-03", ())
