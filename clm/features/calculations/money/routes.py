"""Sums of money over HTTP."""

from clm.features.calculations.money import service
from clm.features.calculations.money.examples import (
    ALLOCATION,
    DEPOSIT,
    ELAPSED,
    ENFORCEMENT,
    LATE_INTEREST,
    OFFSET,
    PAYMENT_DEADLINE,
    PENALTY,
)
from clm.features.calculations.money.models import (
    AllocationRequest,
    DepositRequest,
    ElapsedRequest,
    EnforcementInterestRequest,
    LateInterestRequest,
    OffsetRequest,
    PaymentDeadlineRequest,
    PenaltyRequest,
)
from clm.features.calculations.settings import CALCULATION
from clm.features.legal_data import service as legal_data
from clm.kit.given import Database, JSONBody
from clm.kit.handlers import post
from clm.law.allocation import Allocation
from clm.law.deposits import Deposit, Penalty
from clm.law.enforcement import EnforcementInterest
from clm.law.interest import LateInterest
from clm.law.offset import Offset
from clm.law.payment_terms import DueDate
from clm.law.words import Elapsed


@post(
    "/calculations/late-interest",
    operation_id="computeLateInterest",
    summary="Compute interest for late payment",
    description="From the day after `due` up to and including `paid`, simple, rounded half up once. Without a rate: "
    "0.05 % a day where a public body or a large enterprise owes an SME, otherwise the one-year LPR as on the first "
    "overdue day times 1.5, assumed. A day whose LPR may not be loaded yet makes the answer provisional. Paid in time, "
    "the interest is zero.",
    example=LATE_INTEREST,
    **CALCULATION,
)
async def compute_late_interest(database: Database, data: JSONBody[LateInterestRequest]) -> LateInterest:
    return service.late_interest(data, legal_data.current(database))


@post(
    "/calculations/enforcement-interest",
    operation_id="computeEnforcementInterest",
    summary="Compute the doubled interest on a judgment debt",
    description="0.0175 % a day on what was adjudged, beside any other interest (Civil Procedure Law 264).",
    example=ENFORCEMENT,
    **CALCULATION,
)
async def compute_enforcement_interest(data: JSONBody[EnforcementInterestRequest]) -> EnforcementInterest:
    return service.enforcement_interest(data)


@post(
    "/calculations/payment-deadline",
    operation_id="computePaymentDeadline",
    summary="Compute when a payment is due",
    description="By the clause; where a public body or a large enterprise owes an SME, within the limits of the "
    "regulation: 30 days from delivery (60 if agreed) for a public body, 60 days unless agreed for a large enterprise.",
    example=PAYMENT_DEADLINE,
    **CALCULATION,
)
async def compute_payment_deadline(database: Database, data: JSONBody[PaymentDeadlineRequest]) -> DueDate:
    return service.payment_deadline(data, legal_data.current(database))


@post(
    "/calculations/allocation",
    operation_id="computeAllocation",
    summary="Allocate a payment to debts",
    description="Debts that the debtor named, then those due, the least secured, the heaviest, the earliest due, then "
    "by amount (Civil Code 560); of each debt costs, interest, principal (561).",
    example=ALLOCATION,
    **CALCULATION,
)
async def compute_allocation(data: JSONBody[AllocationRequest]) -> Allocation:
    return service.allocate(data)


@post(
    "/calculations/deposit",
    operation_id="computeDeposit",
    summary="Compute the effect of a deposit",
    description="A deposit has effect up to a fifth of the price (Civil Code 586). After a breach either the deposit "
    "or the penalty is claimed, and loss above the deposit beside it (587, 588).",
    example=DEPOSIT,
    **CALCULATION,
)
async def compute_deposit(data: JSONBody[DepositRequest]) -> Deposit:
    return service.deposit(data)


@post(
    "/calculations/penalty",
    operation_id="computePenalty",
    summary="Hold a penalty against the loss",
    description="Above 130 % of the loss a penalty is presumed excessive. It is never cut here: only a tribunal or an "
    "agreement adjusts it, and a clause that excludes adjustment has no effect.",
    example=PENALTY,
    **CALCULATION,
)
async def compute_penalty(data: JSONBody[PenaltyRequest]) -> Penalty:
    return service.penalty(data)


@post(
    "/calculations/offset",
    operation_id="computeOffset",
    summary="Set two claims off against each other",
    description="By a notice, when it arrives, once the claim is due; a notice under a condition or a time limit has "
    "no effect (Civil Code 568).",
    example=OFFSET,
    **CALCULATION,
)
async def compute_offset(data: JSONBody[OffsetRequest]) -> Offset:
    return service.set_off(data)


@post(
    "/calculations/elapsed",
    operation_id="computeElapsed",
    summary="Judge a limit of time in words",
    description="超过 30 days begins on day 31, 届满 on day 30 (Civil Code 1259). Words that do not say whether the "
    "limit is included, such as 前 and 左右, are refused.",
    example=ELAPSED,
    **CALCULATION,
)
async def compute_elapsed(database: Database, data: JSONBody[ElapsedRequest]) -> Elapsed:
    return service.elapsed(data, legal_data.current(database))


routes = [
    compute_late_interest,
    compute_enforcement_interest,
    compute_payment_deadline,
    compute_allocation,
    compute_deposit,
    compute_penalty,
    compute_offset,
    compute_elapsed,
]
