"""Limitation, service levels and terms of confidentiality over HTTP."""

from clm.features.calculations.claims import service
from clm.features.calculations.claims.examples import CONFIDENTIALITY, LIMITATION, SERVICE_LEVEL
from clm.features.calculations.claims.models import (
    ConfidentialityAnswer,
    ConfidentialityRequest,
    LimitationAnswer,
    LimitationRequest,
    ServiceLevelAnswer,
    ServiceLevelRequest,
)
from clm.features.calculations.settings import CALCULATION
from clm.features.legal_data import service as legal_data
from clm.kit.given import Database, JSONBody
from clm.kit.handlers import post


@post(
    "/calculations/limitation",
    operation_id="computeLimitation",
    summary="Compute when a claim is barred",
    description="Civil Code 188-197: three years, interruptions, obstacles in the last six months, the long stop of "
    "twenty years. It is a defence for the debtor, who may plead it or not; nothing applies it by itself (193).",
    example=LIMITATION,
    **CALCULATION,
)
async def compute_limitation(database: Database, data: JSONBody[LimitationRequest]) -> LimitationAnswer:
    return service.compute_limitation(data, legal_data.current(database))


@post(
    "/calculations/service-level",
    operation_id="computeServiceLevel",
    summary="Judge what was measured against a service level",
    description="Shares are exact fractions and nothing is rounded; a cycle without a sample is not evaluable. Enough "
    "misses in a row, or one cycle below the floor, give a right to rescind once the last report is published.",
    example=SERVICE_LEVEL,
    **CALCULATION,
)
async def compute_service_level(database: Database, data: JSONBody[ServiceLevelRequest]) -> ServiceLevelAnswer:
    return service.compute_service_level(data, legal_data.current(database))


@post(
    "/calculations/confidentiality-term",
    operation_id="computeConfidentialityTerm",
    summary="Compute how long a duty of confidence lasts",
    description="By the clause's rule for the item, for its class, or for all. A clause that is silent, contradicts "
    "itself or names no anchor leaves the duty open and is flagged; without any rule the default of the class applies.",
    example=CONFIDENTIALITY,
    **CALCULATION,
)
async def compute_confidentiality_term(
    database: Database, data: JSONBody[ConfidentialityRequest]
) -> ConfidentialityAnswer:
    return service.compute_confidentiality_term(data, legal_data.current(database))


routes = [compute_limitation, compute_service_level, compute_confidentiality_term]
