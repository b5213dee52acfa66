"""Sums of money: a request in, what the law says out."""

import datetime as dt
from typing import get_args

import msgspec

from clm.features.calculations.money.models import (
    AllocationRequest,
    DepositRequest,
    ElapsedRequest,
    EnforcementInterestRequest,
    LateInterestRequest,
    OffsetRequest,
    PaymentDeadlineRequest,
    PenaltyRequest,
    RelationRequest,
)
from clm.features.calculations.service import told
from clm.features.legal_data.service import LegalData
from clm.law import allocation, deposits, enforcement, interest, offset, payment_terms, words
from clm.law.allocation import STATUTORY_ORDER, Allocation
from clm.law.deposits import Deposit, Penalty
from clm.law.enforcement import EnforcementInterest
from clm.law.interest import Debt, LateInterest
from clm.law.interest_rates import Relation
from clm.law.offset import Offset
from clm.law.payment_terms import Anchor, DueDate
from clm.law.words import Elapsed


def late_interest(asked: LateInterestRequest, law: LegalData) -> LateInterest:
    """Interest for late payment; raises Problem 422 where it has no basis."""
    debt = Debt(
        principal=asked.principal,
        due=asked.due,
        paid=asked.paid,
        payments=asked.payments,
        costs=asked.costs,
        order=asked.order or STATUTORY_ORDER,
        base=asked.base,
        contract_total=asked.contract_total,
    )
    with told():
        return interest.late_interest(
            debt, asked.rate, rates=law.rates, relation=_relation(asked), day_basis=asked.day_basis, cap=asked.cap
        )


def enforcement_interest(asked: EnforcementInterestRequest) -> EnforcementInterest:
    """Interest on a judgment debt; raises Problem 422 for dates that cannot be."""
    with told():
        return enforcement.enforcement_interest(asked.principal, asked.due, asked.paid)


def payment_deadline(asked: PaymentDeadlineRequest, law: LegalData) -> DueDate:
    """When a payment is due; raises Problem 422 where that cannot be said."""
    dates = msgspec.structs.asdict(asked.anchors)
    anchors: dict[Anchor, dt.date] = {name: dates[name] for name in get_args(Anchor) if dates[name] is not None}
    with told():
        return payment_terms.due_date(
            asked.due, anchors, calendar=law.calendar(asked.jurisdiction), relation=_relation(asked)
        )


def allocate(asked: AllocationRequest) -> Allocation:
    """What a payment pays; raises Problem 422 for debts that contradict each other."""
    with told():
        return allocation.allocate(
            asked.payment, asked.debts, on=asked.on, designated=asked.designated, order=asked.order or STATUTORY_ORDER
        )


def deposit(asked: DepositRequest) -> Deposit:
    """The effect of a deposit; raises Problem 422 for sums in several currencies."""
    with told():
        return deposits.deposit(
            asked.price, asked.paid, breach_by=asked.breach_by, penalty=asked.penalty, loss=asked.loss
        )


def penalty(asked: PenaltyRequest) -> Penalty:
    """What a penalty comes to; raises Problem 422 for sums in several currencies."""
    with told():
        return deposits.penalty(
            asked.agreed,
            asked.loss,
            malicious=asked.malicious,
            excludes_adjustment=asked.excludes_adjustment,
            adjustment=asked.adjustment,
        )


def set_off(asked: OffsetRequest) -> Offset:
    """What a notice of offset did; raises Problem 422 for sums in several currencies."""
    with told():
        return offset.offset(asked.claim, asked.claim_due, asked.debt, asked.arrived_on, conditional=asked.conditional)


def elapsed(asked: ElapsedRequest, law: LegalData) -> Elapsed:
    """Whether a limit in words holds; raises Problem 422 for words that do not say what they include."""
    with told():
        return words.elapsed(asked.since, asked.on, asked.word, asked.period, calendar=law.calendar(asked.jurisdiction))


def _relation(asked: RelationRequest) -> Relation:
    return Relation(asked.debtor, asked.creditor, asked.concluded_on, asked.pay_when_paid)
