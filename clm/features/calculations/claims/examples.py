"""The examples of the document: requests, with the answers that they get."""

from clm.kit.openapi import Example

LIMITATION = Example(
    request={"due": "2023-06-30", "interruptions": [{"kind": "demand", "on": "2023-07-14"}], "as_of": "2026-07-14"},
    response={
        "nominal_last_day": "2026-07-14",
        "expires_at": "2026-07-15T00:00:00+08:00",
        "status": "final",
        "runs_from": "2023-07-14",
        "defence_lost": False,
        "assumed": False,
        "flags": [],
        "basis": {
            "rule": "R-L2",
            "source": "Civil Code 195, 188(1), 201-203",
            "anchor": {"due": "2023-06-30"},
            "steps": [
                {"rule": "R-L1", "text": "the period runs from the day after this", "date": "2023-06-30"},
                {"rule": "R-L2", "text": "the demand starts the period anew (195)", "date": "2023-07-14"},
                {"rule": "R-T3", "text": "3 years from 2023-07-14, that day itself not counted", "date": "2026-07-14"},
                {"rule": "R-T5", "text": "2026-07-14 is a working day", "date": "2026-07-14"},
                {"rule": "R-T6", "text": "the end of that day", "at": "2026-07-15T00:00:00+08:00"},
                {
                    "rule": "R-L6",
                    "text": "a defence for the debtor, which no court and no timer applies of its own motion (193)",
                },
            ],
            "status": "final",
        },
        "last_day": "2026-07-14",
        "expired": False,
    },
)
SERVICE_LEVEL = Example(
    request={
        "metric": "connect_rate",
        "threshold": "0.95",
        "cycle": "month",
        "consecutive": 2,
        "results": [
            {"period": "2026-03", "met": "949", "of": "1000"},
            {"period": "2026-04", "met": "1899", "of": "2000", "published_on": "2026-05-08"},
        ],
    },
    response={
        "metric": "connect_rate",
        "cycle": "month",
        "cycles": [
            {
                "period": "2026-03",
                "starts_at": "2026-03-01T00:00:00+08:00",
                "ends_at": "2026-04-01T00:00:00+08:00",
                "outcome": "missed",
                "share": "949/1000",
                "decimal": "0.949",
                "misses": 1,
            },
            {
                "period": "2026-04",
                "starts_at": "2026-04-01T00:00:00+08:00",
                "ends_at": "2026-05-01T00:00:00+08:00",
                "outcome": "missed",
                "share": "1899/2000",
                "decimal": "0.9495",
                "misses": 2,
            },
        ],
        "longest_run": 2,
        "current_run": 2,
        "ground": {
            "kind": "consecutive_misses",
            "cycles": ["2026-03", "2026-04"],
            "arose_on": "2026-05-08",
            "nominal_last_day": "2027-05-08",
        },
        "status": "provisional",
        "assumed": False,
        "basis": {
            "rule": "R-S4",
            "source": "the service level clause; Civil Code 562(2), 564(2)",
            "anchor": {"metric": "connect_rate", "cycle": "month", "consecutive": 2},
            "steps": [
                {
                    "rule": "R-S1",
                    "text": "2026-03: 949 of 1000 = 949/1000, at least 19/20 is asked for: missed",
                    "date": "2026-03-31",
                },
                {
                    "rule": "R-S1",
                    "text": "2026-04: 1899 of 2000 = 1899/2000, at least 19/20 is asked for: missed",
                    "date": "2026-04-30",
                },
                {
                    "rule": "R-S4",
                    "text": "2 misses in a row: the right to rescind arises when the report on 2026-04 is published",
                    "date": "2026-05-08",
                },
                {"rule": "R-S4", "text": "the right is lost a year after (564(2))", "date": "2026-05-08"},
                {"rule": "R-T3", "text": "1 year from 2026-05-08, that day itself not counted", "date": "2027-05-08"},
                {"rule": "R-T10", "text": "no holiday notice is loaded for 2027: the last day can still move"},
                {"rule": "R-T6", "text": "the end of that day", "at": "2027-05-09T00:00:00+08:00"},
            ],
            "status": "provisional",
        },
    },
)
CONFIDENTIALITY = Example(
    request={
        "rules": [
            {
                "class": "ordinary",
                "start": "disclosure",
                "end": {"after": {"anchor": "termination", "period": {"length": 3, "unit": "year"}, "roll": "none"}},
            }
        ],
        "class": "ordinary",
        "anchors": {"disclosure": "2026-01-15", "termination": "2026-05-20"},
        "as_of": "2029-05-21",
    },
    response={
        "ends_on": "2029-05-20",
        "ends_at": "2029-05-21T00:00:00+08:00",
        "open": False,
        "residual_on_expiry": "post_contract",
        "status": "final",
        "assumed": False,
        "flags": [],
        "basis": {
            "rule": "R-C3",
            "source": "the contract's confidentiality clause (Civil Code 201-204, 509)",
            "anchor": {"termination": "2026-05-20"},
            "steps": [
                {
                    "rule": "R-C1",
                    "text": "the duty begins with what was learned, disclosed or in negotiation, contract or not",
                    "date": "2026-01-15",
                },
                {"rule": "R-C3", "text": "the agreed duty runs from disclosure", "date": "2026-01-15"},
                {"rule": "R-C2", "text": "termination happened", "date": "2026-05-20"},
                {"rule": "R-T3", "text": "3 years from 2026-05-20, that day itself not counted", "date": "2029-05-20"},
                {"rule": "R-T6", "text": "the end of that day", "at": "2029-05-21T00:00:00+08:00"},
            ],
            "status": "final",
        },
        "duty": "expired",
    },
)
