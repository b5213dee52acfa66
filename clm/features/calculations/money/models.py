"""Money on the wire. What the law answers is answered as it is: see clm/law."""

import datetime as dt
from typing import Annotated

import msgspec
from msgspec import Meta

from clm.features.calculations.models import Jurisdiction
from clm.law.allocation import OpenDebt, Part
from clm.law.deposits import Adjustment, Breach
from clm.law.interest import Base, Cap, Payment
from clm.law.interest_rates import AgreedRate, DayBasis, SizeClass
from clm.law.money import Money
from clm.law.payment_terms import DueClause
from clm.law.periods import Period

Order = Annotated[
    list[Part], Meta(min_length=3, max_length=3, description="The order in which a payment pays; by law if left out")
]
Key = Annotated[str, Meta(min_length=1, max_length=100)]


class RelationRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Who owes whom: sizes as declared at conclusion, null where unknown. They decide on the rules that protect small
    and medium enterprises. `pay_when_paid`: the clause makes payment wait for a third party's.
    """

    debtor: SizeClass | None = None
    creditor: SizeClass | None = None
    concluded_on: dt.date | None = None
    pay_when_paid: bool = False


class LateInterestRequest(RelationRequest, kw_only=True):
    """A debt, when it was due and paid, and what was agreed about interest.

    `due` is the last day to pay; `paid` the day of payment, or up to which to count. Without `rate` the law's applies.
    `payments` are parts paid on the way: costs first, then interest, then principal, unless another `order` is agreed.
    `day_basis` is 365 if left out, and assumed where a rate is one of a year or a month. `base` `contract_total`, and a
    cap as `share_of_contract`, need `contract_total`.
    """

    principal: Money
    due: dt.date
    paid: dt.date | None = None
    rate: AgreedRate | None = None
    day_basis: DayBasis | None = None
    cap: Cap | None = None
    base: Base = "overdue"
    contract_total: Money | None = None
    payments: Annotated[list[Payment], Meta(max_length=200)] = []
    costs: Money | None = None
    order: Order | None = None


class EnforcementInterestRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A judgment debt without the interest in it, the last day that the judgment left to pay it, the day of payment."""

    principal: Money
    due: dt.date
    paid: dt.date


class Anchors(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The legal dates of what happened, as far as it did."""

    signing: dt.date | None = None
    effective: dt.date | None = None
    delivery: dt.date | None = None
    delivery_accepted: dt.date | None = None
    statement_issued: dt.date | None = None
    statement_confirmed: dt.date | None = None
    invoice_received: dt.date | None = None
    termination: dt.date | None = None


class PaymentDeadlineRequest(RelationRequest, kw_only=True):
    """A payment clause as in a contract's terms (`due`), and the legal dates of what happened (`anchors`)."""

    due: DueClause | None = None
    anchors: Anchors = Anchors()
    jurisdiction: Jurisdiction = "CN"


class AllocationRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A payment and the debts that it may pay; of several debts, `on` and each one's `due` say which are due.

    `designated` are the keys of the debts that the debtor named when paying.
    """

    payment: Money
    debts: Annotated[list[OpenDebt], Meta(min_length=1, max_length=200)]
    on: dt.date | None = None
    designated: Annotated[list[Key], Meta(max_length=200)] = []
    order: Order | None = None


class DepositRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The price of the main contract and what was paid as deposit; after a breach, by whom, and what was agreed."""

    price: Money
    paid: Money
    breach_by: Breach | None = None
    penalty: Money | None = None
    loss: Money | None = None


class PenaltyRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An agreed penalty and the loss that the breach caused."""

    agreed: Money
    loss: Money
    malicious: bool = False
    excludes_adjustment: bool = False
    adjustment: Adjustment | None = None


class OffsetRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A claim against the other side, its last day to be paid, a debt to it, and when the notice of offset arrived."""

    claim: Money
    claim_due: dt.date
    debt: Money
    arrived_on: dt.date
    conditional: bool = False


class ElapsedRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A limit in words, such as 超过 30 days `since` a day, and the day `on` which one asks."""

    since: dt.date
    on: dt.date
    word: Annotated[
        str, Meta(min_length=1, max_length=20, description="超过, 以内, 届满, exceeds, within and the like")
    ]
    period: Period
    jurisdiction: Jurisdiction = "CN"
