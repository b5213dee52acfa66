"""Requests and answers that the API document shows; a test computes each of them."""

from clm.kit.openapi import Example

LATE_INTEREST = Example(
    request={
        "principal": {"amount": "200000.00", "currency": "CNY"},
        "due": "2025-03-31",
        "paid": "2025-06-30",
        "rate": {"lpr": {"multiplier": "1.5", "method": "fixed"}},
        "day_basis": 365,
    },
    response={
        "days": 91,
        "interest": {"amount": "2318.63", "currency": "CNY"},
        "status": "final",
        "assumed": False,
        "flags": [],
        "segments": [
            {
                "from": "2025-04-01",
                "to": "2025-06-30",
                "days": 91,
                "base": {"amount": "200000.00", "currency": "CNY"},
                "rate": "0.0465",
                "per": "year",
                "interest": "2318.630137",
            }
        ],
        "basis": {
            "rule": "R-M2",
            "source": "Sales interpretation 18(4) through Civil Code 646",
            "anchor": {"due": "2025-03-31", "paid": "2025-06-30"},
            "steps": [
                {"rule": "R-M2", "text": "the LPR as on the first overdue day, times 1.5"},
                {
                    "rule": "R-M3",
                    "text": "the LPR of 2024-10-21 is 0.031 a year (National Interbank Funding Center)",
                    "date": "2024-10-21",
                },
                {
                    "rule": "R-M1",
                    "text": "91 days from 2025-04-01 to 2025-06-30, both counted: CNY 200000.00 x 0.0465 a year",
                    "date": "2025-06-30",
                },
                {"rule": "R-M1", "text": "the sum, rounded half up once", "date": "2025-06-30"},
            ],
            "status": "final",
        },
    },
)
ENFORCEMENT = Example(
    request={"principal": {"amount": "100000.00", "currency": "CNY"}, "due": "2026-03-31", "paid": "2026-04-30"},
    response={
        "days": 30,
        "interest": {"amount": "525.00", "currency": "CNY"},
        "basis": {
            "rule": "R-M9",
            "source": "Civil Procedure Law 264; Fa Shi (2014) No. 8, 1",
            "anchor": {"due": "2026-03-31", "paid": "2026-04-30"},
            "steps": [
                {
                    "rule": "R-M9",
                    "text": "CNY 100000.00 x 0.000175 x 30 days = CNY 525.00, rounded half up once",
                    "date": "2026-04-30",
                }
            ],
            "status": "final",
        },
    },
)
PAYMENT_DEADLINE = Example(
    request={
        "debtor": "public_body",
        "creditor": "small",
        "due": {"after": {"anchor": "delivery", "period": {"length": 75, "unit": "day"}, "roll": "forward"}},
        "anchors": {"delivery": "2026-03-01"},
    },
    response={
        "due": "2026-04-30",
        "nominal_due": "2026-04-30",
        "overdue_from": "2026-05-01",
        "status": "final",
        "assumed": True,
        "flags": ["CAPPED_AT_60_DAYS"],
        "basis": {
            "rule": "R-M7",
            "source": "Regulation on Payments to SMEs 9, 10",
            "anchor": {"delivery": "2026-03-01"},
            "steps": [
                {"rule": "R-T3", "text": "75 days from 2026-03-01, that day itself not counted", "date": "2026-05-15"},
                {"rule": "R-T5", "text": "2026-05-15 is a working day", "date": "2026-05-15"},
                {"rule": "R-T6", "text": "the end of that day", "at": "2026-05-16T00:00:00+08:00"},
                {
                    "rule": "R-M7",
                    "text": "a public body agrees on 60 days from delivery at the most",
                    "date": "2026-04-30",
                },
                {"rule": "R-T3", "text": "60 days from 2026-03-01, that day itself not counted", "date": "2026-04-30"},
                {"rule": "R-T5", "text": "2026-04-30 is a working day", "date": "2026-04-30"},
                {"rule": "R-T6", "text": "the end of that day", "at": "2026-05-01T00:00:00+08:00"},
            ],
            "status": "final",
        },
    },
)
ALLOCATION = Example(
    request={
        "payment": {"amount": "50000.00", "currency": "CNY"},
        "debts": [
            {
                "key": "INV-7",
                "principal": {"amount": "60000.00", "currency": "CNY"},
                "costs": {"amount": "2000.00", "currency": "CNY"},
                "interest": {"amount": "1500.00", "currency": "CNY"},
            }
        ],
    },
    response={
        "allocations": [
            {
                "key": "INV-7",
                "paid": {
                    "costs": {"amount": "2000.00", "currency": "CNY"},
                    "interest": {"amount": "1500.00", "currency": "CNY"},
                    "principal": {"amount": "46500.00", "currency": "CNY"},
                },
                "left": {
                    "costs": {"amount": "0.00", "currency": "CNY"},
                    "interest": {"amount": "0.00", "currency": "CNY"},
                    "principal": {"amount": "13500.00", "currency": "CNY"},
                },
            }
        ],
        "surplus": {"amount": "0.00", "currency": "CNY"},
        "assumed": False,
        "basis": {
            "rule": "R-M4",
            "source": "Civil Code 560, 561",
            "anchor": {"payment": "CNY 50000.00", "on": None},
            "steps": [
                {"rule": "R-M4", "text": "INV-7: due; CNY 50000.00"},
                {"rule": "R-M4", "text": "of each debt costs, then interest, then principal"},
            ],
            "status": "final",
        },
    },
)
DEPOSIT = Example(
    request={"price": {"amount": "500000.00", "currency": "CNY"}, "paid": {"amount": "120000.00", "currency": "CNY"}},
    response={
        "effective": {"amount": "100000.00", "currency": "CNY"},
        "excess": {"amount": "20000.00", "currency": "CNY"},
        "flags": ["DEPOSIT_ABOVE_CAP"],
        "basis": {
            "rule": "R-M6",
            "source": "Civil Code 586, 587, 588",
            "anchor": {"price": "CNY 500000.00", "paid": "CNY 120000.00"},
            "steps": [
                {"rule": "R-M6", "text": "a deposit has effect up to a fifth of CNY 500000.00: CNY 100000.00"},
                {"rule": "R-M6", "text": "CNY 20000.00 above it is an ordinary payment"},
            ],
            "status": "final",
        },
    },
)
PENALTY = Example(
    request={"agreed": {"amount": "130000.01", "currency": "CNY"}, "loss": {"amount": "100000.00", "currency": "CNY"}},
    response={
        "payable": {"amount": "130000.01", "currency": "CNY"},
        "excessive_presumed": True,
        "threshold": {"amount": "130000.00", "currency": "CNY"},
        "flags": ["EXCESSIVE_PRESUMED"],
        "basis": {
            "rule": "R-M5",
            "source": "Civil Code 585(2); contract interpretation (Fa Shi (2023) No. 13) 64, 65",
            "anchor": {"agreed": "CNY 130000.01", "loss": "CNY 100000.00"},
            "steps": [
                {"rule": "R-M5", "text": "CNY 130000.01 is above 130 % of CNY 100000.00, which is CNY 130000.00"},
                {
                    "rule": "R-M5",
                    "text": "payable is CNY 130000.01, as agreed; only a tribunal or an agreement adjusts it",
                },
            ],
            "status": "final",
        },
    },
)
OFFSET = Example(
    request={
        "claim": {"amount": "8000.00", "currency": "CNY"},
        "claim_due": "2026-04-10",
        "debt": {"amount": "60000.00", "currency": "CNY"},
        "arrived_on": "2026-04-20",
    },
    response={
        "effective": True,
        "on": "2026-04-20",
        "amount": {"amount": "8000.00", "currency": "CNY"},
        "claim_left": {"amount": "0.00", "currency": "CNY"},
        "debt_left": {"amount": "52000.00", "currency": "CNY"},
        "flags": [],
        "basis": {
            "rule": "R-M8",
            "source": "Civil Code 568; contract interpretation (Fa Shi (2023) No. 13) 55",
            "anchor": {"claim_due": "2026-04-10", "arrived_on": "2026-04-20"},
            "steps": [
                {"rule": "R-M8", "text": "both go down by CNY 8000.00 when the notice arrives", "date": "2026-04-20"}
            ],
            "status": "final",
        },
    },
)
ELAPSED = Example(
    request={"since": "2026-03-31", "on": "2026-05-01", "word": "超过", "period": {"length": 30, "unit": "day"}},
    response={
        "holds": True,
        "comparison": "more_than",
        "elapsed_days": 31,
        "limit_day": "2026-04-30",
        "holds_from": "2026-05-01",
        "holds_until": None,
        "status": "final",
        "basis": {
            "rule": "R-T9",
            "source": "Civil Code 1259",
            "anchor": {"since": "2026-03-31", "on": "2026-05-01"},
            "steps": [
                {"rule": "R-T3", "text": "30 days from 2026-03-31, that day itself not counted", "date": "2026-04-30"},
                {
                    "rule": "R-T9",
                    "text": "超过: more than 30 days; 2026-05-01 is day 31 after 2026-03-31",
                    "date": "2026-05-01",
                },
            ],
            "status": "final",
        },
    },
)
