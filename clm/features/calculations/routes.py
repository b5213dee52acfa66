"""Calculations over HTTP."""

from clm.features.calculations import service
from clm.features.calculations.claims import routes as claims
from clm.features.calculations.examples import ARRIVAL, DEADLINE
from clm.features.calculations.models import ArrivalAnswer, ArrivalRequest, DeadlineAnswer, DeadlineRequest
from clm.features.calculations.money import routes as money
from clm.features.calculations.settings import CALCULATION
from clm.features.legal_data import service as legal_data
from clm.kit.given import Database, JSONBody
from clm.kit.handlers import post


@post(
    "/calculations/deadline",
    operation_id="computeDeadline",
    summary="Compute when a period ends",
    description="Civil Code 200-204 with the holidays of a jurisdiction: `CN` (the State Council's notices), `SG`, or "
    "`none` for weekends alone. A year without a notice gives a provisional answer. Without `roll` the `class` of "
    "the period decides whether the last day moves off a day of rest (without one it does), and the answer is assumed. "
    "`act_at` asks whether an act is in time.",
    example=DEADLINE,
    **CALCULATION,
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
    example=ARRIVAL,
    **CALCULATION,
)
async def compute_arrival(database: Database, data: JSONBody[ArrivalRequest]) -> ArrivalAnswer:
    return service.compute_arrival(data, legal_data.current(database))


routes = [compute_deadline, compute_arrival, *claims.routes, *money.routes]
