"""How long a record must be kept (保存期限; rules R-A1 to R-A5).

What is computed is a floor: until its last day is over a record is not deleted. Personal information has no floor of
its own but a ceiling, the purpose it was handled for (Personal Information Protection Law 19, 47).
"""

import datetime as dt
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from clm.law.basis import Basis, Step
from clm.law.calendars import Calendar
from clm.law.limitation import BASE
from clm.law.periods import SHANGHAI, Period, Unit, deadline

RetentionClass = Literal["contract_record", "call_recording", "sms_record", "processing_record", "personal_data"]
"""What a kind of attachment is to the rules: a document of the contract, a recording of calls (通话录音), a log of
messages sent (短信发送记录), a record of how personal information was handled (处理情况记录), that information itself.
"""

_GRACE = Period(3, Unit.YEAR)


class _Floor(msgspec.Struct, frozen=True):
    rule: str
    source: str
    period: Period


_FLOORS: dict[RetentionClass, _Floor] = {
    "call_recording": _Floor("R-A1", "MIIT notice on call centres (2020)", Period(30, Unit.DAY)),
    "sms_record": _Floor("R-A2", "Provisions on Short Message Services, in force 2026-05-01", Period(6, Unit.MONTH)),
    "processing_record": _Floor(
        "R-A3", "Personal Information Protection Law 56; Network Data Security Regulation 12", Period(3, Unit.YEAR)
    ),
}


_SMS_REVISED = dt.date(2026, 5, 1)
_SMS_BEFORE = _Floor("R-A2", "Provisions on Short Message Services (2015)", Period(5, Unit.MONTH))


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """How long a record is kept at least.

    `standing`: `none` (no floor holds it), `open` (the contract has not ended, so the end is not known), `running`
    (until `keep_until`, its last day, is over at `ends_at`), `over`. `assumed`: the floor is the service's own policy.
    """

    retention_class: RetentionClass
    standing: Literal["none", "open", "running", "over"]
    keep_until: dt.date | None
    ends_at: dt.datetime | None
    assumed: bool
    basis: Basis


def retention(
    retention_class: RetentionClass,
    *,
    made_on: dt.date,
    formed: bool,
    ended_on: dt.date | None,
    wanted: Period | None,
    agreed: bool = True,
    calendar: Calendar,
    time_zone: ZoneInfo = SHANGHAI,
) -> Retention:
    """The floor under a record made on a legal date, under a contract that has formed or not, and ended or not.

    `wanted` is the period for records of this class that the contract names, or, not `agreed`, the default of its type;
    it counts where it is longer than the statute's. Raises InvalidPeriod for days outside 1990-2100.
    """
    if retention_class == "personal_data":
        return _none(
            retention_class, "R-A5", "Personal Information Protection Law 19, 47", "kept no longer than needed"
        )
    if retention_class == "contract_record":
        return _of_contract(formed=formed, ended_on=ended_on, calendar=calendar, time_zone=time_zone)
    floor = _floor_of(retention_class, made_on)
    legal = deadline(made_on, floor.period, calendar=calendar, time_zone=time_zone)
    steps = (Step(floor.rule, f"{floor.period} at least", legal.last_day), *legal.basis.steps)
    longest, whose = legal, "as agreed" if agreed else "by the contract type's default"
    if wanted is not None:
        other = deadline(made_on, wanted, calendar=calendar, time_zone=time_zone)
        if _later(other.expires_at, legal.expires_at):
            longest = other
            steps = (*steps, Step(floor.rule, f"{wanted} {whose}, which is longer", other.last_day))
        else:
            steps = (*steps, Step(floor.rule, f"{wanted} {whose}, which is not longer"))
    basis = Basis(floor.rule, floor.source, {"made_on": made_on.isoformat()}, steps, longest.status)
    return Retention(
        retention_class=retention_class,
        standing="running",
        keep_until=longest.last_day or longest.nominal_last_day,
        ends_at=longest.expires_at,
        assumed=longest is not legal and not agreed,
        basis=basis,
    )


def _floor_of(retention_class: RetentionClass, made_on: dt.date) -> _Floor:
    """The statute's period for a record of that day."""
    if retention_class == "sms_record" and made_on < _SMS_REVISED:
        return _SMS_BEFORE
    return _FLOORS[retention_class]


def _of_contract(*, formed: bool, ended_on: dt.date | None, calendar: Calendar, time_zone: ZoneInfo) -> Retention:
    """Limitation and a margin behind it: until then somebody may still have to prove what was agreed."""
    source = "default of the service; Civil Code 188"
    if not formed:
        return _none("contract_record", "R-A4", source, "no contract has formed, so there is nothing to prove")
    if ended_on is None:
        open_step = Step("R-A4", "the contract has not ended; claims can still arise")
        basis = Basis("R-A4", source, {}, (open_step,), "final")
        return Retention(
            retention_class="contract_record", standing="open", keep_until=None, ends_at=None, assumed=True, basis=basis
        )
    limitation = deadline(ended_on, BASE, calendar=calendar, time_zone=time_zone)
    barred = limitation.nominal_last_day or ended_on
    end = deadline(barred, _GRACE, calendar=calendar, time_zone=time_zone)
    steps = (
        Step("R-L1", f"limitation: {BASE} from the end of the contract", barred),
        Step("R-A4", f"and {_GRACE} more", end.last_day),
    )
    return Retention(
        retention_class="contract_record",
        standing="running",
        keep_until=end.last_day or end.nominal_last_day,
        ends_at=end.expires_at,
        assumed=True,
        basis=Basis("R-A4", source, {"ended_on": ended_on.isoformat()}, steps, "final"),
    )


def _none(retention_class: RetentionClass, rule: str, source: str, why: str) -> Retention:
    basis = Basis(rule, source, {}, (Step(rule, why),), "final")
    return Retention(
        retention_class=retention_class, standing="none", keep_until=None, ends_at=None, assumed=False, basis=basis
    )


def _later(one: dt.datetime | None, other: dt.datetime | None) -> bool:
    return one is not None and other is not None and one > other
