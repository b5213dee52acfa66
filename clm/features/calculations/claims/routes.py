"""Limitation, service levels and terms of confidentiality over HTTP."""

from clm.features.calculations.claims import service
from clm.features.calculations.claims.models import (
    ConfidentialityAnswer,
    ConfidentialityRequest,
    LimitationAnswer,
    LimitationRequest,
    ServiceLevelAnswer,
    ServiceLevelRequest,
)
from clm.features.legal_data import service as legal_data
from clm.kit.auth import scope
from clm.kit.given import Database, JSONBody
from clm.kit.handlers import post
from clm.kit.openapi import Example

TAGS = ["Calculations"]
_LIMITATION = Example(
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
_SERVICE_LEVEL = Example(
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
_CONFIDENTIALITY = Example(
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
                {"rule": "R-C1", "text": "the duty runs from disclosure", "date": "2026-01-15"},
                {"rule": "R-C2", "text": "termination happened", "date": "2026-05-20"},
                {"rule": "R-T3", "text": "3 years from 2026-05-20, that day itself not counted", "date": "2029-05-20"},
                {"rule": "R-T6", "text": "the end of that day", "at": "2029-05-21T00:00:00+08:00"},
            ],
            "status": "final",
        },
        "duty": "expired",
    },
)


@post(
    "/calculations/limitation",
    operation_id="computeLimitation",
    summary="Compute when a claim is barred",
    description="Civil Code 188-197: three years, interruptions, obstacles in the last six months, the long stop of "
    "twenty years. It is a defence for the debtor, who may plead it or not; nothing applies it by itself (193).",
    tags=TAGS,
    guards=[scope("calculations:read")],
    status_code=200,
    example=_LIMITATION,
)
async def compute_limitation(database: Database, data: JSONBody[LimitationRequest]) -> LimitationAnswer:
    return service.compute_limitation(data, legal_data.current(database))


@post(
    "/calculations/service-level",
    operation_id="computeServiceLevel",
    summary="Judge what was measured against a service level",
    description="Shares are exact fractions and nothing is rounded; a cycle without a sample is not evaluable. Enough "
    "misses in a row, or one cycle below the floor, give a right to rescind once the last report is published.",
    tags=TAGS,
    guards=[scope("calculations:read")],
    status_code=200,
    example=_SERVICE_LEVEL,
)
async def compute_service_level(database: Database, data: JSONBody[ServiceLevelRequest]) -> ServiceLevelAnswer:
    return service.compute_service_level(data, legal_data.current(database))


@post(
    "/calculations/confidentiality-term",
    operation_id="computeConfidentialityTerm",
    summary="Compute how long a duty of confidence lasts",
    description="By the clause's rule for the item, for its class, or for all. A clause that is silent, contradicts "
    "itself or names no anchor leaves the duty open and is flagged; without any rule the default of the class applies.",
    tags=TAGS,
    guards=[scope("calculations:read")],
    status_code=200,
    example=_CONFIDENTIALITY,
)
async def compute_confidentiality_term(
    database: Database, data: JSONBody[ConfidentialityRequest]
) -> ConfidentialityAnswer:
    return service.compute_confidentiality_term(data, legal_data.current(database))


routes = [compute_limitation, compute_service_level, compute_confidentiality_term]
