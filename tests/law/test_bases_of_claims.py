"""The bases of limitation, service levels and addresses, step by step, and the time zone of their days."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import msgspec
import pytest

from clm.law.addresses import AddressBook, Addresses
from clm.law.arrival import Delivery
from clm.law.calendars import china
from clm.law.cycles import cycle_of
from clm.law.limitation import Claim, limitation
from clm.law.rolling import step_of
from clm.law.service_levels import Credit, Credits, Level, Measurement, judge

UTC = ZoneInfo("UTC")


def told(basis):
    return [(step.rule, step.date and str(step.date), step.at and step.at.isoformat()) for step in basis.steps]


def limited(**wire):
    return limitation(msgspec.convert({"due": "2020-06-30"} | wire, Claim), calendar=china())


def test_a_limitation_tells_every_fact_in_its_order():
    suit = {"kind": "suit", "on": "2021-03-01", "ended_on": "2022-02-10"}
    late = {"kind": "acknowledgement", "on": "2025-09-01"}
    obstacles = [{"from": "2022-03-01", "to": "2022-03-05"}, {"from": "2025-01-01", "to": "2025-02-06"}]
    answer = limited(interruptions=[late, suit], suspensions=obstacles, agreed_period={"length": 1, "unit": "year"})
    assert told(answer.basis) == [
        ("R-L1", "2020-06-30", None),
        ("R-L2", "2021-03-01", None),
        ("R-L2", "2022-02-10", None),
        ("R-L2", "2025-09-01", None),
        ("R-L6", "2025-09-01", None),
        ("R-T3", "2025-02-10", None),
        ("R-T5", "2025-02-10", None),
        ("R-L3", None, None),
        ("R-L3", "2025-02-06", None),
        ("R-T3", "2025-08-06", None),
        ("R-T5", "2025-08-06", None),
        ("R-L5", None, None),
        ("R-T6", None, "2025-08-07T00:00:00+08:00"),
        ("R-L6", None, None),
    ]
    assert (answer.basis.rule, answer.basis.source) == ("R-L3", "Civil Code 194, 201-203")
    assert (str(answer.runs_from), answer.assumed) == ("2022-02-10", False)


def test_the_long_stop_tells_where_it_comes_from():
    answer = limited(due=None, known_on="2022-06-30", arose="2003-06-30")
    assert told(answer.basis)[-5:] == [
        ("R-L4", "2003-06-30", None),
        ("R-T3", "2023-06-30", None),
        ("R-T5", "2023-06-30", None),
        ("R-T6", None, "2023-07-01T00:00:00+08:00"),
        ("R-L6", None, None),
    ]
    assert (answer.basis.source, answer.basis.anchor) == (
        "Civil Code 188(2)",
        {"known_on": "2022-06-30", "arose": "2003-06-30"},
    )


def test_limitation_ends_with_the_local_day():
    answer = limitation(Claim(due=dt.date(2020, 6, 30)), calendar=china(), time_zone=UTC)
    assert answer.expires_at.isoformat() == "2023-07-01T00:00:00+00:00"


LEVEL = Level(metric="connect_rate", cycle="month", threshold=Fraction(95, 100))
CREDITS = Credits(tiers=(Credit(below=Fraction(95, 100), share_of_fee=Fraction(1, 10)),))


def measured(period, met, of, **more):
    return Measurement(period=period, met=Fraction(met), of=Fraction(of), fee=Decimal(10), **more)


def test_service_levels_tell_every_cycle_and_the_ground():
    reported = measured("2026-05", 94, 100, published_on=dt.date(2026, 6, 5))
    cycles = [measured("2026-03", 0, 0), measured("2026-04", 94, 100), reported]
    answer = judge(LEVEL, cycles, calendar=china(), consecutive=2, credit_terms=CREDITS)
    assert told(answer.basis) == [
        ("R-S2", "2026-03-31", None),
        ("R-S1", "2026-04-30", None),
        ("R-S6", "2026-04-30", None),
        ("R-S1", "2026-05-31", None),
        ("R-S6", "2026-05-31", None),
        ("R-S4", "2026-06-05", None),
        ("R-S4", "2026-06-05", None),
        ("R-T3", "2027-06-05", None),
        ("R-T10", None, None),
        ("R-T6", None, "2027-06-06T00:00:00+08:00"),
    ]
    assert answer.basis.anchor == {"metric": "connect_rate", "cycle": "month", "consecutive": 2}
    assert (answer.basis.rule, "562(2)" in answer.basis.source) == ("R-S4", True)
    assert "47/50" in answer.basis.steps[1].text


def test_without_a_ground_the_shares_decide_and_defaults_are_told():
    gap = [measured("2026-03", 94, 100), measured("2026-04", 0, 0), measured("2026-05", 94, 100)]
    answer = judge(LEVEL, gap, calendar=china(), consecutive_assumed=True)
    assert [rule for rule, _, _ in told(answer.basis)] == ["R-S1", "R-S2", "R-S1", "R-S5", "R-S4", "R-S4"]
    assert answer.basis.rule == "R-S1"


@pytest.mark.parametrize("bound", [Fraction(0), Fraction(1)])
def test_the_bounds_of_a_share_are_shares(bound):
    level = Level(metric="m", cycle="month", threshold=bound, floor=bound)
    assert judge(level, [measured("2026-03", 1, 1)], calendar=china()).cycles[0].outcome == "met"


def test_a_report_is_published_after_the_cycle_in_its_time_zone():
    at_once = [measured("2026-03", 1, 1, published_on=dt.date(2026, 4, 1))]
    assert judge(LEVEL, at_once, calendar=china(), time_zone=UTC).cycles[0].measurement.published_on


@pytest.mark.parametrize(
    ("kind", "name", "day"),
    [
        ("day", "2026-03-05", "2026-03-05"),
        ("week", "2026-W10", "2026-03-02"),
        ("month", "1990-01", "1990-01-01"),
        ("quarter", "2026-Q3", "2026-07-01"),
        ("year", "2100", "2100-01-01"),
        ("day", "2100-12-31", "2100-12-31"),
    ],
)
def test_a_cycle_knows_its_kind_and_its_instants(kind, name, day):
    cycle = cycle_of(kind, name)
    assert (cycle.kind, cycle.starts_at(UTC).isoformat()) == (kind, f"{day}T00:00:00+00:00")
    assert cycle.ends_at(UTC).tzinfo is UTC


def addresses(zone=UTC, **change):
    wire = {"address": "new", "arrived_at": "2026-03-02T16:30:00Z"} | change
    book = {"book": [{"address": "old"}, {"address": "a@b.example", "channel": "email"}], "changes": [wire]}
    return Addresses(msgspec.convert(book, AddressBook), calendar=china(), time_zone=zone)


def sent(event, at, address=None, channel="courier"):
    return Delivery(channel, event, dt.datetime.fromisoformat(f"2026-{at}:00+00:00"), address)


def test_the_days_of_an_address_book_are_local():
    assert str(addresses(channel="courier").operating("courier", dt.date(2026, 3, 7)).since) == "2026-03-07"
    assert addresses(ZoneInfo("Asia/Shanghai")).operating("courier", dt.date(2026, 3, 7)).address == "old"
    assert addresses().operating("courier", dt.date(2026, 3, 2)).assumed
    assert not addresses().operating("courier", dt.date(2026, 3, 1)).assumed
    assert not addresses(ZoneInfo("Asia/Shanghai")).operating("courier", dt.date(2026, 3, 2)).assumed


def test_a_delivery_goes_where_its_last_dispatch_went():
    first, again = sent("posted", "03-01T10:00", "old"), sent("posted", "03-08T10:00", "new")
    signed = sent("signed", "03-09T10:00")
    step, assumed = addresses().step_for(signed, [first, again, signed])
    assert (step.text.startswith("dispatched to new"), str(step.date), assumed) == (True, "2026-03-08", True)
    to_old = sent("returned", "03-09T10:00", "old")
    step, assumed = addresses().step_for(to_old, [first, again, to_old])
    assert (str(step.date), assumed) == ("2026-03-01", False)
    assert addresses().step_for(sent("signed", "03-09T10:00"), []) == (None, False)


def test_what_goes_astray_is_told_and_the_rest_is_heard():
    astray, good = sent("posted", "03-08T10:00", "old"), sent("posted", "03-08T11:00", "new")
    mail = sent("entered", "03-08T12:00", "a@b.example", "email")
    found = addresses().sort([astray, good, mail])
    assert (found.heard, found.settled) == ((good, mail), True)
    assert [(step.rule, str(step.date), step.at) for step in found.astray] == [("R-N5", "2026-03-08", astray.at)]


@pytest.mark.parametrize(("period_class", "word"), [("cure", "rolls forward"), ("licence", "does not roll")])
def test_the_step_of_a_class_says_what_it_does(period_class, word):
    assert word in step_of(period_class).text
