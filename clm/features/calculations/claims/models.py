"""Limitation, service levels and terms of confidentiality on the wire."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from clm.law.basis import Basis, Status
from clm.law.confidentiality import DutyStatus, ItemClass, Residual, Rule
from clm.law.cycles import CycleKind
from clm.law.limitation import Interruption, Suspension
from clm.law.money import Money
from clm.law.periods import Period
from clm.law.service_levels import Gap, Outcome

Share = Annotated[
    str, Meta(pattern=r"^(0|1)(\.[0-9]{1,12})?$(?!\n)", description="A share from 0 to 1, as a decimal string: 0.95")
]
CountText = Annotated[
    str, Meta(pattern=r"^[0-9]{1,15}(\.[0-9]{1,6})?$(?!\n)", description="A count, as a decimal string or an integer")
]
Count = Annotated[int, Meta(ge=0, le=10**15)] | CountText
TimeZone = Annotated[str, Meta(min_length=1, max_length=64, description="Where legal dates are read")]


class LimitationRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A claim and what happened to it, in legal dates.

    `due`: its due date. `known_on`: the day on which the creditor knew, or should have known, of the injury and of the
    debtor; the later of the two counts. `arose`: the day of the injury, for the long stop of twenty years.
    `instalments`: the due dates of one debt paid in parts, in the place of `due`; with `periodic` each is a debt of its
    own, such as a monthly fee. `agreed_period`: what the contract says instead (void). `as_of`: is it over by then?
    """

    due: dt.date | None = None
    known_on: dt.date | None = None
    arose: dt.date | None = None
    interruptions: Annotated[list[Interruption], Meta(max_length=200)] = []
    suspensions: Annotated[list[Suspension], Meta(max_length=200)] = []
    instalments: Annotated[list[dt.date], Meta(max_length=400)] | None = None
    periodic: bool = False
    agreed_period: Period | None = None
    as_of: dt.date | None = None
    jurisdiction: Literal["CN"] = "CN"


class LimitationAnswer(msgspec.Struct, kw_only=True):
    """When the claim's limitation period is over: a defence for the debtor (193), which nothing applies by itself.

    `last_day` is left out while a holiday notice is missing, and `nominal_last_day` is the earliest it can be then.
    `expired` is there where `as_of` was asked about; null while a missing notice leaves it open. For `periodic` debts
    `periods` has each of them, and the answer is that of the first.
    """

    nominal_last_day: dt.date
    expires_at: dt.datetime
    status: Status
    runs_from: dt.date
    defence_lost: bool
    assumed: bool
    flags: tuple[str, ...]
    basis: Basis
    last_day: dt.date | UnsetType = UNSET
    expired: bool | UnsetType | None = UNSET
    due: dt.date | UnsetType = UNSET
    periods: "list[LimitationAnswer] | UnsetType" = UNSET


class CycleResult(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What one cycle brought: `met` of `of`. `period` names it: 2026-03-05, 2026-W10, 2026-03, 2026-Q1 or 2026."""

    period: Annotated[str, Meta(min_length=1, max_length=10)]
    met: Count
    of: Count
    published_on: dt.date | None = None
    fee: Money | None = None


class CreditTier(msgspec.Struct, forbid_unknown_fields=True):
    """Below `below`, `share_of_fee` of the cycle's fee is credited."""

    below: Share
    share_of_fee: Share


class ServiceLevelRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An agreed level and what was measured.

    It is reached at `threshold` or above, or kept at `ceiling` or below; one cycle below `floor` is a ground by itself.
    `cycle` is a month, assumed, where it is left out. `consecutive` misses in a row give a right to rescind: three,
    assumed, where it is left out; null: misses give none. `not_evaluable`: whether a cycle without a sample, or without
    a result, breaks a run of misses (assumed where left out) or is passed over.
    """

    metric: Annotated[str, Meta(min_length=1, max_length=80)]
    threshold: Share | None = None
    ceiling: Share | None = None
    floor: Share | None = None
    cycle: CycleKind | None = None
    results: Annotated[list[CycleResult], Meta(min_length=1, max_length=400)]
    consecutive: int | UnsetType | None = UNSET
    not_evaluable: Gap | None = None
    credits: Annotated[list[CreditTier], Meta(max_length=200)] = []
    deduction_per_point: Share | None = None
    time_zone: TimeZone | None = None


class CycleAnswer(msgspec.Struct, kw_only=True):
    """One cycle, from `starts_at` to before `ends_at`.

    `share` is the exact fraction, as in 17/20, and `decimal` its beginning, cut off after six places; null without a
    sample. `misses` counts the misses in a row up to here. `credit` is there where a fee and credits were given.
    """

    period: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    outcome: Outcome
    share: str | None
    decimal: str | None
    misses: int
    credit: Money | UnsetType = UNSET


class GroundAnswer(msgspec.Struct, kw_only=True):
    """A right to rescind: since `arose_on`, the day of the last report, where it is said when that was published.

    It is lost after `last_day`, a year later (564); `nominal_last_day` alone while a holiday notice is missing.
    """

    kind: Literal["consecutive_misses", "below_floor"]
    cycles: tuple[str, ...]
    arose_on: dt.date | None
    last_day: dt.date | UnsetType = UNSET
    nominal_last_day: dt.date | UnsetType = UNSET


class ServiceLevelAnswer(msgspec.Struct, kw_only=True):
    """Every cycle in order, the runs of misses, and the first ground, null where there is none."""

    metric: str
    cycle: CycleKind
    cycles: list[CycleAnswer]
    longest_run: int
    current_run: int
    ground: GroundAnswer | None
    status: Status
    assumed: bool
    basis: Basis


class Anchors(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Legal dates of what terms are counted from; left out or null: it has not happened."""

    disclosure: dt.date | None = None
    negotiation: dt.date | None = None
    signing: dt.date | None = None
    effective: dt.date | None = None
    termination: dt.date | None = None
    return_of_data: dt.date | None = None


class ConfidentialityRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A confidentiality clause as rules, and the information asked about.

    `owner` and `attachment_kinds` matter where a rule names them. `toll_days` are days that an agreed tolling adds.
    `as_of` asks how the duty stands at the end of that day.
    """

    rules: Annotated[list[Rule], Meta(max_length=100)]
    item_class: ItemClass = msgspec.field(name="class")
    anchors: Anchors = msgspec.field(default_factory=Anchors)
    item: Annotated[str, Meta(min_length=1, max_length=300)] | None = None
    owner: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    attachment_kinds: Annotated[list[str], Meta(max_length=50)] = []
    toll_days: Annotated[int, Meta(ge=0, le=36_500)] = 0
    as_of: dt.date | None = None


class ConfidentialityAnswer(msgspec.Struct, kw_only=True):
    """How long the agreed duty lasts.

    `ends_on` is its last day and `ends_at` the instant after it. `open`: no end is known, because its anchor has not
    happened, or because only an event can end it. `status` `provisional`: a holiday notice is missing, `ends_on` is
    null and `ends_at` the earliest possible end. `residual_on_expiry` is the duty that stays after it. `duty` is there
    where `as_of` was asked about.
    """

    ends_on: dt.date | None
    ends_at: dt.datetime | None
    open: bool
    residual_on_expiry: Residual | None
    status: Status
    assumed: bool
    flags: tuple[str, ...]
    basis: Basis
    duty: DutyStatus | UnsetType = UNSET
