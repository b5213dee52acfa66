"""The basis of every answer about money: rule, source, anchor, and each step with its rule and date."""

import pytest

from clm.law.allocation import OpenDebt, allocate
from clm.law.calendars import china
from clm.law.deposits import Adjustment, deposit, penalty
from clm.law.enforcement import enforcement_interest
from clm.law.interest import Cap, Payment
from clm.law.interest_rates import Relation
from clm.law.offset import offset
from clm.law.payment_terms import AfterAnchor, DueClause, due_date
from clm.law.periods import Period, Unit
from clm.law.words import elapsed
from tests.law.sums import day, interest, rate, relation, yuan

G01 = ("100000.00", "2026-03-31", "2026-04-20")
FLOATING = {"multiplier": "1.5", "method": "floating"}
SME = relation("large", "small", "2025-06-02")
WAITING = relation("large", "small", "2025-06-02", pay_when_paid=True)
PART = {"payments": [Payment(day("2026-04-10"), yuan("50500.00"))], "costs": yuan("200.00")}
BOTH = [OpenDebt("a", yuan("10"), due=day("2026-01-01")), OpenDebt("b", yuan("10"), due=day("2026-02-01"))]


def due(who, length=None, **clause):
    agreed = DueClause(**clause)
    if length:
        agreed = DueClause(after=AfterAnchor("delivery", Period(length, Unit.DAY), "none"))
    return due_date(
        agreed if length or clause else None, {"delivery": day("2026-03-01")}, calendar=china(), relation=who
    )


def set_off(due="2026-04-10", **choices):
    return offset(yuan("1"), day(due), yuan("2"), day("2026-04-20"), **choices)


ANSWERS = [
    (
        lambda: interest("1.00", "2026-03-31", "2026-03-01"),
        ("R-M1", "Civil Code 579", {"due": "2026-03-31", "paid": "2026-03-01"}, "final", "R-M1@2026-03-31"),
    ),
    (
        lambda: interest(*G01, rate(per_day="0.0005")),
        (
            "R-M2",
            "the clause; Civil Code 585(1)",
            {"due": "2026-03-31", "paid": "2026-04-20"},
            "final",
            "R-M2@- R-M1@2026-04-20 R-M1@2026-04-20",
        ),
    ),
    (
        lambda: interest(*G01, rate(per_year="0.05"), cap=Cap(share_of_overdue="0.001")),
        (
            "R-M2",
            "the clause; Civil Code 585(1)",
            {"due": "2026-03-31", "paid": "2026-04-20"},
            "final",
            "R-M2@- R-M-BASIS@- R-M1@2026-04-20 R-M5@2026-04-20",
        ),
    ),
    (
        lambda: interest("100.00", "2024-09-30", "2024-10-31", rate(lpr=FLOATING), day_basis=365),
        (
            "R-M2",
            "Sales interpretation 18(4) through Civil Code 646",
            {"due": "2024-09-30", "paid": "2024-10-31"},
            "final",
            "R-M2@- R-M3@2024-07-22 R-M3@2024-10-21 R-M1@2024-10-20 R-M1@2024-10-31 R-M1@2024-10-31",
        ),
    ),
    (
        lambda: interest(*G01, rate(lpr={}), day_basis=360),
        (
            "R-M2",
            "Sales interpretation 18(4) through Civil Code 646",
            {"due": "2026-03-31", "paid": "2026-04-20"},
            "final",
            "R-M2@- R-M-LPR@- R-M3@2025-05-20 R-M1@2026-04-20 R-M1@2026-04-20",
        ),
    ),
    (
        lambda: interest(*G01),
        (
            "R-M2",
            "Sales interpretation 18(4) through Civil Code 646",
            {"due": "2026-03-31", "paid": "2026-04-20"},
            "final",
            "R-M-LPR@2026-04-01 R-M3@2025-05-20 R-M-BASIS@- R-M1@2026-04-20 R-M1@2026-04-20",
        ),
    ),
    (
        lambda: interest(*G01, relation=SME),
        (
            "R-M2",
            "Regulation on Payments to SMEs 17",
            {"due": "2026-03-31", "paid": "2026-04-20"},
            "final",
            "R-M2@- R-M1@2026-04-20 R-M1@2026-04-20",
        ),
    ),
    (
        lambda: interest(*G01, relation=WAITING),
        (
            "R-M2",
            "Fa Shi (2024) No. 11, 2",
            {"due": "2026-03-31", "paid": "2026-04-20"},
            "final",
            "R-M2@2026-04-01 R-M3@2025-05-20 R-M-BASIS@- R-M1@2026-04-20 R-M1@2026-04-20",
        ),
    ),
    (
        lambda: interest(*G01, rate(per_day="0.0005"), relation=WAITING),
        (
            "R-M2",
            "the clause; Civil Code 585(1); Regulation on Payments to SMEs 17",
            {"due": "2026-03-31", "paid": "2026-04-20"},
            "final",
            "R-M2@- R-M2@- R-M2@2025-06-02 R-M1@2026-04-20 R-M1@2026-04-20",
        ),
    ),
    (
        lambda: interest(*G01, rate(per_month="0.001"), relation=SME),
        (
            "R-M-FLOOR",
            "Regulation on Payments to SMEs 17",
            {"due": "2026-03-31", "paid": "2026-04-20"},
            "final",
            "R-M2@- R-M-FLOOR@2025-06-02 R-M-BASIS@- R-M1@2026-04-20 R-M1@2026-04-20",
        ),
    ),
    (
        lambda: interest(*G01, rate(per_day="0.0005"), debt=PART),
        (
            "R-M2",
            "the clause; Civil Code 585(1)",
            {"due": "2026-03-31", "paid": "2026-04-20"},
            "final",
            "R-M2@- R-M1@2026-04-10 R-M1@2026-04-20 R-M4@2026-04-10 R-M1@2026-04-20",
        ),
    ),
    (
        lambda: enforcement_interest(yuan("1.00"), day("2026-03-31"), day("2026-04-30")),
        (
            "R-M9",
            "Civil Procedure Law 264; Fa Shi (2014) No. 8, 1",
            {"due": "2026-03-31", "paid": "2026-04-30"},
            "final",
            "R-M9@2026-04-30",
        ),
    ),
    (
        lambda: due(Relation(), date=day("2026-05-02")),
        ("R-M7", "the clause; Civil Code 509", {"date": "2026-05-02"}, "final", "R-M7@2026-05-02"),
    ),
    (
        lambda: due(Relation(), 10),
        ("R-T3", "Civil Code 200, 201(1), 203", {"delivery": "2026-03-01"}, "final", "R-T3@2026-03-11 R-T6@-"),
    ),
    (
        lambda: due(SME),
        (
            "R-M7",
            "Regulation on Payments to SMEs 9, 10",
            {"delivery": "2026-03-01"},
            "final",
            "R-M7@2026-04-30 R-T3@2026-04-30 R-T5@2026-04-30 R-T6@-",
        ),
    ),
    (
        lambda: due(SME, 30),
        (
            "R-M7",
            "Regulation on Payments to SMEs 9, 10",
            {"delivery": "2026-03-01"},
            "final",
            "R-T3@2026-03-31 R-T6@- R-M7@2026-04-30",
        ),
    ),
    (
        lambda: due(SME, 75),
        (
            "R-M7",
            "Regulation on Payments to SMEs 9, 10",
            {"delivery": "2026-03-01"},
            "final",
            "R-T3@2026-05-15 R-T6@- R-M7@2026-04-30",
        ),
    ),
    (
        lambda: due(WAITING, 30),
        (
            "R-M7",
            "Regulation on Payments to SMEs 9, 10",
            {"delivery": "2026-03-01"},
            "final",
            "R-M7@- R-T3@2026-03-31 R-T6@- R-M7@2026-04-30",
        ),
    ),
    (
        lambda: due(WAITING, 75),
        (
            "R-M7",
            "Regulation on Payments to SMEs 9, 10",
            {"delivery": "2026-03-01"},
            "final",
            "R-M7@- R-T3@2026-05-15 R-T6@- R-M7@2026-04-30",
        ),
    ),
    (
        lambda: due(WAITING),
        (
            "R-M7",
            "Regulation on Payments to SMEs 9, 10",
            {"delivery": "2026-03-01"},
            "final",
            "R-M7@- R-M7@2026-04-30 R-T3@2026-04-30 R-T5@2026-04-30 R-T6@-",
        ),
    ),
    (
        lambda: due(relation("public_body", "small"), 75),
        (
            "R-M7",
            "Regulation on Payments to SMEs 9, 10",
            {"delivery": "2026-03-01"},
            "final",
            "R-T3@2026-05-15 R-T6@- R-M7@2026-04-30 R-T3@2026-04-30 R-T5@2026-04-30 R-T6@-",
        ),
    ),
    (
        lambda: allocate(yuan("15"), BOTH, on=day("2026-03-01")),
        ("R-M4", "Civil Code 560, 561", {"payment": "CNY 15", "on": "2026-03-01"}, "final", "R-M4@- R-M4@- R-M4@-"),
    ),
    (
        lambda: allocate(yuan("15"), BOTH[:1]),
        ("R-M4", "Civil Code 560, 561", {"payment": "CNY 15", "on": None}, "final", "R-M4@- R-M4@-"),
    ),
    (
        set_off,
        (
            "R-M8",
            "Civil Code 568; contract interpretation (Fa Shi (2023) No. 13) 55",
            {"claim_due": "2026-04-10", "arrived_on": "2026-04-20"},
            "final",
            "R-M8@2026-04-20",
        ),
    ),
    (
        lambda: set_off("2026-04-20", conditional=True),
        (
            "R-M8",
            "Civil Code 568; contract interpretation (Fa Shi (2023) No. 13) 55",
            {"claim_due": "2026-04-20", "arrived_on": "2026-04-20"},
            "final",
            "R-M8@2026-04-20 R-M8@2026-04-20",
        ),
    ),
    (
        lambda: deposit(yuan("100"), yuan("20")),
        ("R-M6", "Civil Code 586, 587, 588", {"price": "CNY 100", "paid": "CNY 20"}, "final", "R-M6@-"),
    ),
    (
        lambda: deposit(yuan("100"), yuan("21"), breach_by="giver"),
        ("R-M6", "Civil Code 586, 587, 588", {"price": "CNY 100", "paid": "CNY 21"}, "final", "R-M6@- R-M6@- R-M6@-"),
    ),
    (
        lambda: penalty(yuan("1"), yuan("1")),
        (
            "R-M5",
            "Civil Code 585(2); contract interpretation (Fa Shi (2023) No. 13) 64, 65",
            {"agreed": "CNY 1", "loss": "CNY 1"},
            "final",
            "R-M5@- R-M5@-",
        ),
    ),
    (
        lambda: penalty(yuan("2"), yuan("1"), malicious=True, excludes_adjustment=True),
        (
            "R-M5",
            "Civil Code 585(2); contract interpretation (Fa Shi (2023) No. 13) 64, 65",
            {"agreed": "CNY 2", "loss": "CNY 1"},
            "final",
            "R-M5@- R-M5@- R-M5@- R-M5@-",
        ),
    ),
    (
        lambda: penalty(yuan("2"), yuan("1"), adjustment=Adjustment("agreement", yuan("1"))),
        (
            "R-M5",
            "Civil Code 585(2); contract interpretation (Fa Shi (2023) No. 13) 64, 65",
            {"agreed": "CNY 2", "loss": "CNY 1"},
            "final",
            "R-M5@- R-M5@-",
        ),
    ),
    (
        lambda: elapsed(day("2026-03-31"), day("2026-04-30"), "超过", Period(30, Unit.DAY), calendar=china()),
        (
            "R-T9",
            "Civil Code 1259",
            {"since": "2026-03-31", "on": "2026-04-30"},
            "final",
            "R-T3@2026-04-30 R-T9@2026-04-30",
        ),
    ),
]


def shown(answer):
    """What a basis says, without its words."""
    basis = answer.basis
    steps = " ".join(f"{step.rule}@{step.date or '-'}" for step in basis.steps)
    return basis.rule, basis.source, basis.anchor, basis.status, steps


@pytest.mark.parametrize(("compute", "expected"), ANSWERS)
def test_the_basis_is_told_step_by_step(compute, expected):
    answer = compute()
    assert shown(answer) == expected
    steps = answer.basis.steps
    assert all(step.text and "None" not in step.text and "XX" not in step.text for step in steps)
