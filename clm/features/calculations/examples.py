"""The examples of the document: requests, with the answers that they get."""

from clm.kit.openapi import Example

DEADLINE = Example(
    request={"event": "2024-01-11", "period": {"length": 30, "unit": "day"}, "roll": "forward", "jurisdiction": "CN"},
    response={
        "expires_at": "2024-02-19T00:00:00+08:00",
        "status": "final",
        "roll": "forward",
        "assumed": False,
        "basis": {
            "rule": "R-T3",
            "source": "Civil Code 200, 201(1), 203",
            "anchor": {"event": "2024-01-11"},
            "steps": [
                {"rule": "R-T3", "text": "30 days from 2024-01-11, that day itself not counted", "date": "2024-02-10"},
                {
                    "rule": "R-T5",
                    "text": "2024-02-10 is a day of rest, so the next working day "
                    "(https://www.gov.cn/zhengce/zhengceku/202310/content_6911528.htm)",
                    "date": "2024-02-18",
                },
                {"rule": "R-T6", "text": "the end of that day", "at": "2024-02-19T00:00:00+08:00"},
            ],
            "status": "final",
        },
        "last_day": "2024-02-18",
        "nominal_last_day": "2024-02-10",
    },
)
ARRIVAL = Example(
    request={
        "rules": [{"channel": "courier", "trigger": "posted", "offset": {"length": 3, "unit": "day"}}],
        "deliveries": [{"channel": "courier", "event": "signed", "at": "2026-04-16T11:00:00+08:00"}],
    },
    response={
        "status": "arrived",
        "at": "2026-04-16T11:00:00+08:00",
        "legal_date": "2026-04-16",
        "certainty": "proven",
        "assumed": False,
        "basis": {
            "rule": "R-N1",
            "source": "Civil Code 137(2)",
            "anchor": {"channel": "courier", "event": "signed", "at": "2026-04-16T11:00:00+08:00"},
            "steps": [
                {
                    "rule": "R-N1",
                    "text": "signed by courier is arrival",
                    "date": "2026-04-16",
                    "at": "2026-04-16T11:00:00+08:00",
                }
            ],
            "status": "final",
        },
    },
)
