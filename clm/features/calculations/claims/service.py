"""Limitation, service levels and terms of confidentiality: a request in, what the law says out."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, UnsetType

from clm.features.calculations.claims.models import (
    ConfidentialityAnswer,
    ConfidentialityRequest,
    CycleAnswer,
    GroundAnswer,
    LimitationAnswer,
    LimitationRequest,
    ServiceLevelAnswer,
    ServiceLevelRequest,
)
from clm.features.calculations.service import told
from clm.features.legal_data.service import LegalData, zone_of
from clm.kit.problems import invalid
from clm.law import confidentiality, limitation, service_levels
from clm.law.calendars import Calendar, check_day
from clm.law.limitation import Limitation
from clm.law.money import Money
from clm.law.periods import start_of
from clm.law.service_levels import Credit, Credits, Ground, Judged, Level, Measurement

_ONE_DAY = dt.timedelta(days=1)


def compute_limitation(asked: LimitationRequest, law: LegalData) -> LimitationAnswer:
    """When a claim's limitation period is over; raises Problem 422 for facts that cannot be."""
    if asked.due is not None and asked.instalments is not None:
        raise invalid("/instalments", "Give one due date, or those of the instalments.")
    if asked.periodic and asked.instalments is None:
        raise invalid("/periodic", "Give the due dates of the periodic debts: /instalments.")
    claim = limitation.Claim(
        due=asked.due,
        known_on=asked.known_on,
        arose=asked.arose,
        interruptions=asked.interruptions,
        suspensions=asked.suspensions,
        agreed_period=asked.agreed_period,
        as_of=asked.as_of,
    )
    with told():
        return _limitation(claim, asked, law.calendar(asked.jurisdiction))


def _limitation(claim: limitation.Claim, asked: LimitationRequest, calendar: Calendar) -> LimitationAnswer:
    if asked.instalments is None:
        return _limitation_answer(limitation.limitation(claim, calendar=calendar), claim)
    if not asked.periodic:
        return _limitation_answer(limitation.of_instalments(claim, asked.instalments, calendar=calendar), claim)
    each = limitation.of_periodic(claim, asked.instalments, calendar=calendar)
    first = _limitation_answer(each[0], claim)
    first.periods = [
        _limitation_answer(one, claim, due) for one, due in zip(each, sorted(asked.instalments), strict=True)
    ]
    return first


def _limitation_answer(
    found: Limitation, claim: limitation.Claim, due: dt.date | UnsetType = UNSET
) -> LimitationAnswer:
    return LimitationAnswer(
        nominal_last_day=found.nominal_last_day,
        expires_at=found.expires_at,
        status=found.status,
        runs_from=found.runs_from,
        defence_lost=found.defence_lost,
        assumed=found.assumed,
        flags=found.flags,
        basis=found.basis,
        last_day=_said(found.last_day),
        expired=UNSET if claim.as_of is None else found.expired,
        due=due,
    )


def compute_service_level(asked: ServiceLevelRequest, law: LegalData) -> ServiceLevelAnswer:
    """The cycles judged against the agreed level; raises Problem 422 for what cannot be judged."""
    zone = zone_of("none", asked.time_zone)
    level = Level(
        metric=asked.metric,
        cycle=asked.cycle or "month",
        threshold=_share(asked.threshold),
        ceiling=_share(asked.ceiling),
        floor=_share(asked.floor),
    )
    default = asked.consecutive is UNSET
    with told():
        found = service_levels.judge(
            level,
            _measurements(asked),
            calendar=law.calendar("CN"),
            consecutive=service_levels.DEFAULT_MISSES if asked.consecutive is UNSET else asked.consecutive,
            consecutive_assumed=default,
            gap=asked.not_evaluable,
            credit_terms=_credits(asked),
            time_zone=zone,
        )
    return ServiceLevelAnswer(
        metric=level.metric,
        cycle=level.cycle,
        cycles=[_cycle(one, _currency(asked), zone) for one in found.cycles],
        longest_run=found.longest_run,
        current_run=found.current_run,
        ground=_ground(found.ground) if found.ground else None,
        status=found.basis.status,
        assumed=found.assumed or asked.cycle is None,
        basis=found.basis,
    )


def _measurements(asked: ServiceLevelRequest) -> list[Measurement]:
    return [
        Measurement(
            period=one.period,
            met=Fraction(one.met),
            of=Fraction(one.of),
            published_on=one.published_on,
            fee=Decimal(one.fee.amount) if one.fee else None,
        )
        for one in asked.results
    ]


def _credits(asked: ServiceLevelRequest) -> Credits | None:
    if not asked.credits and asked.deduction_per_point is None:
        return None
    tiers = tuple(Credit(below=Fraction(one.below), share_of_fee=Fraction(one.share_of_fee)) for one in asked.credits)
    return Credits(tiers=tiers, per_point=_share(asked.deduction_per_point))


def _currency(asked: ServiceLevelRequest) -> str:
    """The currency of the fees; raises Problem 422 where there are several."""
    fees = [(number, one.fee.currency) for number, one in enumerate(asked.results) if one.fee]
    for number, currency in fees:
        if currency != fees[0][1]:
            raise invalid(f"/results/{number}/fee/currency", f"The other fees are in {fees[0][1]}.")
    return fees[0][1] if fees else ""


def _cycle(one: Judged, currency: str, zone: ZoneInfo) -> CycleAnswer:
    return CycleAnswer(
        period=one.cycle.name,
        starts_at=one.cycle.starts_at(zone),
        ends_at=one.cycle.ends_at(zone),
        outcome=one.outcome,
        share=None if one.share is None else str(one.share),
        decimal=None if one.share is None else service_levels.shown(one.share),
        misses=one.misses,
        credit=UNSET if one.credit is None else Money(str(one.credit), currency),
    )


def _ground(found: Ground) -> GroundAnswer:
    answer = GroundAnswer(kind=found.kind, cycles=found.cycles, arose_on=found.arose_on)
    if found.exercise is not None:
        answer.last_day = _said(found.exercise.last_day)
        answer.nominal_last_day = _said(found.exercise.nominal_last_day)
    return answer


def compute_confidentiality_term(asked: ConfidentialityRequest, law: LegalData) -> ConfidentialityAnswer:
    """How long an agreed duty of confidence lasts; raises Problem 422 for what cannot be computed."""
    anchors: dict[str, dt.date | None] = msgspec.structs.asdict(asked.anchors)
    dates = {f"/anchors/{name}": day for name, day in anchors.items()} | {"/as_of": asked.as_of}
    with told():
        for pointer, day in dates.items():
            if day is not None:
                check_day(pointer, day)
        term = confidentiality.term_of(
            asked.rules,
            item_class=asked.item_class,
            anchors=anchors,
            calendar=law.calendar("CN"),
            item=asked.item,
            owner=asked.owner,
            attachment_kinds=asked.attachment_kinds,
            toll_days=asked.toll_days,
        )
    return ConfidentialityAnswer(
        ends_on=term.ends_on,
        ends_at=term.ends_at,
        open=term.open,
        residual_on_expiry=term.residual_on_expiry,
        status=term.basis.status,
        assumed=term.assumed,
        flags=term.flags,
        basis=term.basis,
        duty=UNSET if asked.as_of is None else _duty_on(term, asked.as_of),
    )


def _duty_on(term: confidentiality.Term, day: dt.date) -> confidentiality.DutyStatus:
    """How the duty stands in the last instant of a day: it has expired where the day after its last has begun."""
    return confidentiality.status_at(term, start_of(day + _ONE_DAY) - dt.timedelta(microseconds=1))


def _share(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _said(day: dt.date | None) -> dt.date | UnsetType:
    return UNSET if day is None else day
