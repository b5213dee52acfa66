"""Calculations over HTTP."""

from clm.features.calculations import service
from clm.features.calculations.claims import routes as claims
from clm.features.calculations.models import ArrivalAnswer, ArrivalRequest, DeadlineAnswer, DeadlineRequest
from clm.features.calculations.money import routes as money
from clm.features.legal_data import service as legal_data
from clm.kit.auth import scope
from clm.kit.given import Database, JSONBody
from clm.kit.handlers import post
from clm.kit.openapi import Example

TAGS = ["Calculations"]
_DEADLINE = Example(
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
                {"rule": "R-T5", "text": "2024-02-10 is a day of rest, so the next working day", "date": "2024-02-18"},
                {"rule": "R-T6", "text": "the end of that day", "at": "2024-02-19T00:00:00+08:00"},
            ],
            "status": "final",
        },
        "last_day": "2024-02-18",
        "nominal_last_day": "2024-02-10",
    },
)
_ARRIVAL = Example(
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


@post(
    "/calculations/deadline",
    operation_id="computeDeadline",
    summary="Compute when a period ends",
    description="Civil Code 200-204 with the holidays of a jurisdiction: `CN` (the State Council's notices), `SG`, or "
    "`none` for weekends alone. A year without a notice gives a provisional answer. Without `roll` the `class` of "
    "the period decides whether the last day moves off a day of rest (without one it does), and the answer is assumed. "
    "`act_at` asks whether an act is in time.",
    tags=TAGS,
    guards=[scope("calculations:read")],
    status_code=200,
    example=_DEADLINE,
)
async def compute_deadline(database: Database, data: JSONBody[DeadlineRequest]) -> DeadlineAnswer:
    return service.compute_deadline(data, legal_data.current(database))


@post(
    "/calculations/arrival",
    operation_id="computeArrival",
    summary="Judge when a notice arrived",
    description="By the agreed rules and, where they say nothing, by Civil Code 137. An empty list of rules means the "
    "law alone; no list at all means the default rules, and the answer is assumed. `addresses` holds the addressee's "
    "address book by date, `withdrawal` what happened to the notice that takes this one back.",
    tags=TAGS,
    guards=[scope("calculations:read")],
    status_code=200,
    example=_ARRIVAL,
)
async def compute_arrival(database: Database, data: JSONBody[ArrivalRequest]) -> ArrivalAnswer:
    return service.compute_arrival(data, legal_data.current(database))


routes = [compute_deadline, compute_arrival, *claims.routes, *money.routes]
