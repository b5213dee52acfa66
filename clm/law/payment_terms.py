"""When a payment is due: by the clause, and at the latest where a small enterprise is owed (R-M7).

A public body pays a small or medium enterprise within 30 days, 60 at the most; a large enterprise within 60 days unless
another reasonable term is agreed; and no clause makes it wait for a third party's payment.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from clm.law.basis import Basis, LawError, Status, Step
from clm.law.calendars import Calendar, check_day
from clm.law.interest_rates import NOBODY, Relation
from clm.law.periods import Deadline, InvalidPeriod, Period, Roll, Unit, deadline

Anchor = Literal[
    "signing",
    "effective",
    "delivery",
    "delivery_accepted",
    "statement_issued",
    "statement_confirmed",
    "invoice_received",
    "termination",
]

PUBLIC_BODY_DAYS = Period(30, Unit.DAY)
LONGEST_DAYS = Period(60, Unit.DAY)

_STATUTORY_STARTS: tuple[Anchor, ...] = ("statement_confirmed", "delivery_accepted", "delivery")
_REGULATION = "Regulation on Payments to SMEs 9, 10"
_ONE_DAY = dt.timedelta(days=1)


class AfterAnchor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A period after an event; `roll` says whether a last day of rest moves (forward, if left out)."""

    anchor: Anchor
    period: Period
    roll: Roll | None = None


class DueClause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was agreed about the due date: exactly one of a period after an event and a fixed date."""

    after: AfterAnchor | None = None
    date: dt.date | None = None


class DueDate(msgspec.Struct, frozen=True, kw_only=True):
    """The last day to pay, and the first day of delay.

    `status` `provisional`: a holiday notice is missing; then both are None and `nominal_due` is the earliest the last
    day can be. `assumed`: a default or a policy decided. `flags`: CAPPED_AT_60_DAYS (a public body may not agree on
    more), REASONABLE_TERM (a large enterprise agreed on more than 60 days: whether that is reasonable is for a court),
    BACK_TO_BACK_VOID.
    """

    due: dt.date | None
    nominal_due: dt.date
    overdue_from: dt.date | None
    status: Status
    assumed: bool
    flags: tuple[str, ...]
    basis: Basis


def due_date(
    clause: DueClause | None, anchors: Mapping[Anchor, dt.date], *, calendar: Calendar, relation: Relation = NOBODY
) -> DueDate:
    """When a payment is due under a clause, by the legal dates of what happened (`anchors`).

    For a small enterprise's claim the statutory period starts with the confirmed statement, else with acceptance, else
    with delivery. Raises `LawError` where an event that is needed has no date, nothing was agreed and no statute fills
    the gap, or a date lies outside 1990-2100.
    """
    for name, day in anchors.items():
        check_day(f"/anchors/{name}", day)
    agreed = _agreed(clause, anchors, calendar)
    if relation.protects_an_sme:
        return _protected(agreed, anchors, calendar, relation)
    if agreed is None:
        raise LawError("due", "nothing is agreed: payable on demand, after time to prepare (Civil Code 511(4))")
    return _told(agreed)


class _Found(NamedTuple):
    """A due date on its way to become the answer."""

    last: dt.date | None
    nominal: dt.date
    status: Status
    steps: tuple[Step, ...]
    rule: str
    source: str
    anchor: dict[str, str]
    assumed: bool = False


def _agreed(clause: DueClause | None, anchors: Mapping[Anchor, dt.date], calendar: Calendar) -> _Found | None:
    if clause is None:
        return None
    if (clause.after is None) == (clause.date is None):
        raise LawError("due", "a due date is exactly one of after and date")
    if clause.date is not None:
        check_day("/due/date", clause.date)
        step = Step("R-M7", "the agreed date, which does not roll", clause.date)
        anchor = {"date": clause.date.isoformat()}
        return _Found(clause.date, clause.date, "final", (step,), "R-M7", "the clause; Civil Code 509", anchor)
    return _after(clause.after, anchors, calendar) if clause.after else None


def _after(after: AfterAnchor, anchors: Mapping[Anchor, dt.date], calendar: Calendar) -> _Found:
    if after.anchor not in anchors:
        raise LawError(f"/anchors/{after.anchor}", f"the clause counts from {after.anchor}: say when that was")
    if after.period.unit is Unit.HOUR:
        raise LawError("/due/after/period/unit", "a payment is due on a day, not at an hour")
    try:
        return _counted(anchors[after.anchor], after.anchor, after.period, after.roll, calendar)
    except InvalidPeriod as error:
        raise LawError("/due/after/period", error.message) from None


def _counted(start: dt.date, name: str, period: Period, roll: Roll | None, calendar: Calendar) -> _Found:
    found: Deadline = deadline(start, period, calendar=calendar, roll=roll or "forward", roll_assumed=roll is None)
    basis, anchor = found.basis, {name: start.isoformat()}
    nominal = found.nominal_last_day or start  # only hours have none, and those are refused
    return _Found(found.last_day, nominal, found.status, basis.steps, basis.rule, basis.source, anchor, found.assumed)


def _protected(
    agreed: _Found | None, anchors: Mapping[Anchor, dt.date], calendar: Calendar, relation: Relation
) -> DueDate:
    """The due date of what a public body or a large enterprise owes a small one."""
    void = _void(relation)
    flags = ("BACK_TO_BACK_VOID",) if void else ()
    name = next((one for one in _STATUTORY_STARTS if one in anchors), None)
    if name is None and agreed is not None:
        step = Step("R-M7", "no delivery or confirmation is given: whether the term is too long is not checked")
        return _told(agreed, before=void, after=(step,), flags=(*flags, "LIMIT_NOT_CHECKED"))
    if name is None:
        raise LawError("/anchors/delivery", "the statutory period starts with delivery: say when that was")
    is_public = relation.debtor == "public_body"
    if agreed is None:
        days = PUBLIC_BODY_DAYS if is_public else LONGEST_DAYS
        by_law = _by_statute(anchors[name], name, days, calendar)
        by_law = by_law._replace(assumed=by_law.assumed or relation.pay_when_paid)
        step = Step("R-M7", f"no term is agreed: {days} from {name}", by_law.last)
        return _told(by_law, before=(*void, step), flags=flags)
    latest = _by_statute(anchors[name], name, LONGEST_DAYS, calendar)
    if agreed.nominal <= latest.nominal:
        step = Step("R-M7", f"not later than {LONGEST_DAYS} from {name}", latest.nominal)
        return _told(agreed, before=void, after=(step,), flags=flags)
    if is_public:
        step = Step("R-M7", f"a public body agrees on {LONGEST_DAYS} from {name} at the most", latest.nominal)
        return _told(latest, before=(*void, *agreed.steps, step), flags=(*flags, "CAPPED_AT_60_DAYS"))
    step = Step("R-M7", f"later than {LONGEST_DAYS} from {name}: good if reasonable for the trade", latest.nominal)
    agreed = agreed._replace(assumed=True)
    return _told(agreed, before=void, after=(step,), flags=(*flags, "REASONABLE_TERM"))


def _by_statute(start: dt.date, name: Anchor, days: Period, calendar: Calendar) -> _Found:
    try:
        return _counted(start, name, days, None, calendar)
    except InvalidPeriod as error:
        raise LawError(f"/anchors/{name}", error.message) from None


def _void(relation: Relation) -> tuple[Step, ...]:
    if not relation.pay_when_paid:
        return ()
    return (Step("R-M7", "a clause that waits for a third party's payment is void (regulation 9(2))"),)


def _told(
    found: _Found,
    *,
    before: tuple[Step, ...] = (),
    after: tuple[Step, ...] = (),
    flags: tuple[str, ...] = (),
) -> DueDate:
    overdue = None if found.last is None else found.last + _ONE_DAY
    is_statutory = bool(before or after)
    rule, source = ("R-M7", _REGULATION) if is_statutory else (found.rule, found.source)
    return DueDate(
        due=found.last,
        nominal_due=found.nominal,
        overdue_from=overdue,
        status=found.status,
        assumed=found.assumed,
        flags=flags,
        basis=Basis(rule, source, found.anchor, (*before, *found.steps, *after), found.status),
    )
