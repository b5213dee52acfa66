"""Service levels: measured shares against agreed thresholds, cycle by cycle (3.2, 6; rules R-S1 to R-S6).

A share is an exact fraction, and it is compared as one: 0.9499999 is not 95 %, however it is printed.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from clm.law.basis import Basis, LawError, Step
from clm.law.calendars import Calendar, check_day
from clm.law.cycles import Cycle, CycleKind, cycle_of, follows
from clm.law.periods import SHANGHAI, Deadline, InvalidPeriod, Period, Unit, deadline, start_of

Outcome = Literal["met", "missed", "not_evaluable"]
Gap = Literal["breaks", "skips"]

DEFAULT_MISSES = 3
"""How many misses in a row give a right to rescind where the contract does not say (policy 3.12)."""
EXERCISE = Period(1, Unit.YEAR)
_DIGITS_SHOWN = 6


class InvalidServiceLevel(LawError):
    """Measurements or levels that cannot be judged; `field` is a JSON pointer to the place."""


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """An agreed level of a metric: reached at `threshold` or above, or kept at `ceiling` or below.

    One cycle below `floor` is a ground by itself.
    """

    metric: str
    cycle: CycleKind
    threshold: Fraction | None = None
    ceiling: Fraction | None = None
    floor: Fraction | None = None


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """A credit (服务抵扣): below `below`, `share_of_fee` of the cycle's fee."""

    below: Fraction
    share_of_fee: Fraction


class Credits(msgspec.Struct, frozen=True, kw_only=True):
    """What is credited for a miss: the tier with the lowest `below` that the share is under, and, for each percentage
    point missed, `per_point` of the fee; together at most the fee.
    """

    tiers: tuple[Credit, ...] = ()
    per_point: Fraction | None = None


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """What one cycle brought: `met` of `of`. `published_on` is the legal date on which the report was published."""

    period: str
    met: Fraction
    of: Fraction
    published_on: dt.date | None = None
    fee: Decimal | None = None


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One cycle, judged. `share` is None without a sample; `misses` counts the misses in a row up to here.

    `credit` is in the fee's currency, rounded half up to the cent, once; None where no fee was given.
    """

    cycle: Cycle
    measurement: Measurement
    outcome: Outcome
    share: Fraction | None
    misses: int
    below_floor: bool
    credit: Decimal | None
    credited_share: Fraction


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """A right to rescind on a ground agreed for misses (562(2)).

    It arises on the publication of the report on the last of `cycles`: `arose_on`, None where that is not said.
    `exercise` is the year within which it must be used (564), counted from then.
    """

    kind: Literal["consecutive_misses", "below_floor"]
    cycles: tuple[str, ...]
    arose_on: dt.date | None
    exercise: Deadline | None


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """All cycles in order, the longest run of misses and the one that is still going on, and the first ground.

    `assumed`: the number of misses is a default, or the result rests on how a cycle without a sample counts.
    """

    cycles: tuple[Judged, ...]
    longest_run: int
    current_run: int
    ground: Ground | None
    assumed: bool
    basis: Basis


def judge(
    level: Level,
    measurements: Sequence[Measurement],
    *,
    calendar: Calendar,
    consecutive: int | None = DEFAULT_MISSES,
    consecutive_assumed: bool = False,
    gap: Gap | None = None,
    credit_terms: Credits | None = None,
    time_zone: ZoneInfo = SHANGHAI,
) -> Judgement:
    """The cycles judged against the level, and whether their misses give a right to rescind.

    `consecutive` is the number of misses in a row that does (None: misses give none); `consecutive_assumed` marks one
    that nobody agreed. `gap` says what a cycle without a
    sample, or without a result, does to a run of misses: it `breaks` it (the default, a policy: the clause asks for
    misses in a row, and what could not be evaluated is no miss) or is passed over (`skips`).

    Raises `InvalidServiceLevel` for no measurement, one cycle twice, more met than measured, a level without or with
    both threshold and ceiling, shares outside 0 to 1, and dates outside 1990-2100.
    """
    _check_level(level, credit_terms)
    if consecutive is not None and not 1 <= consecutive <= 100:
        raise InvalidServiceLevel("/consecutive", "runs from 1 to 100")
    ordered = _ordered(level, measurements, time_zone)
    judged = _judged(level, ordered, gap or "breaks", credit_terms)
    ground = _ground(judged, consecutive, calendar, time_zone)
    other = _judged(level, ordered, "skips" if gap in (None, "breaks") else "breaks", credit_terms)
    rests_on_gap = gap is None and [one.misses for one in judged] != [one.misses for one in other]
    counts = consecutive_assumed and any(one.outcome == "missed" for one in judged)
    by_floor = ground is not None and ground.kind == "below_floor"
    return Judgement(
        cycles=judged,
        longest_run=max(one.misses for one in judged),
        current_run=judged[-1].misses,
        ground=ground,
        assumed=rests_on_gap or (counts and not by_floor),
        basis=_basis(level, judged, ground, consecutive, assumed=consecutive_assumed, rests_on_gap=rests_on_gap),
    )


def outcome_of(level: Level, met: Fraction, of: Fraction) -> tuple[Outcome, Fraction | None]:
    """Met, missed or not evaluable, and the exact share (R-S1, R-S2)."""
    if of == 0:
        return "not_evaluable", None
    share = met / of
    if level.threshold is not None:
        return ("met" if share >= level.threshold else "missed"), share
    if level.ceiling is not None:
        return ("met" if share <= level.ceiling else "missed"), share
    raise InvalidServiceLevel("/threshold", "a level has a threshold or a ceiling")


def credited(level: Level, share: Fraction, terms: Credits) -> Fraction:
    """The share of the fee that a miss is credited with (R-S6); 0 where the level is met."""
    tiers = [tier for tier in terms.tiers if share < tier.below]
    by_tier = min(tiers, key=lambda tier: tier.below).share_of_fee if tiers else Fraction(0)
    missed_by = max(level.threshold - share if level.threshold is not None else Fraction(0), Fraction(0))
    by_point = missed_by * 100 * terms.per_point if terms.per_point is not None else Fraction(0)
    return min(by_tier + by_point, Fraction(1))


def amount_of(fee: Decimal, share: Fraction) -> Decimal:
    """That share of a fee, rounded half up to the cent once, at the end."""
    exact = Fraction(fee) * share * 100
    return Decimal((exact.numerator * 2 + exact.denominator) // (exact.denominator * 2)).scaleb(-2)


def shown(share: Fraction) -> str:
    """The share as a decimal of at most six places, cut off and not rounded: no miss ever looks like a hit."""
    scaled = share.numerator * 10**_DIGITS_SHOWN // share.denominator
    whole, rest = divmod(scaled, 10**_DIGITS_SHOWN)
    return f"{whole}.{rest:0{_DIGITS_SHOWN}}".rstrip("0").rstrip(".")


class _Measured(NamedTuple):
    cycle: Cycle
    measurement: Measurement


def _ordered(level: Level, measurements: Sequence[Measurement], time_zone: ZoneInfo) -> list[_Measured]:
    if not measurements:
        raise InvalidServiceLevel("/results", "names at least one cycle")
    seen: dict[str, int] = {}
    found = []
    for number, one in enumerate(measurements):
        cycle = cycle_of(level.cycle, one.period, field=f"/results/{number}/period")
        if cycle.name in seen:
            raise InvalidServiceLevel(f"/results/{number}/period", f"{cycle.name} is there twice")
        seen[cycle.name] = number
        _check_measurement(f"/results/{number}", one, cycle, time_zone)
        found.append(_Measured(cycle, one))
    return sorted(found, key=lambda one: one.cycle.first_day)


def _check_measurement(pointer: str, one: Measurement, cycle: Cycle, time_zone: ZoneInfo) -> None:
    if one.met < 0 or one.of < 0:
        raise InvalidServiceLevel(f"{pointer}/met" if one.met < 0 else f"{pointer}/of", "a count is 0 or more")
    if one.met > one.of:
        raise InvalidServiceLevel(f"{pointer}/met", f"{one.met} of {one.of}: more than was measured")
    if one.fee is not None and one.fee < 0:
        raise InvalidServiceLevel(f"{pointer}/fee", "a fee is 0 or more")
    if one.published_on is None:
        return
    check_day(f"{pointer}/published_on", one.published_on, InvalidServiceLevel)
    if start_of(one.published_on, time_zone) < cycle.ends_at(time_zone):
        raise InvalidServiceLevel(f"{pointer}/published_on", f"{cycle.name} is not over on {one.published_on}")


def _judged(level: Level, ordered: Sequence[_Measured], gap: Gap, terms: Credits | None) -> tuple[Judged, ...]:
    run, before, found = 0, None, []
    for cycle, one in ordered:
        outcome, share = outcome_of(level, one.met, one.of)
        if before is not None and not follows(before, cycle) and gap == "breaks":
            run = 0
        run = run + 1 if outcome == "missed" else run if outcome == "not_evaluable" and gap == "skips" else 0
        credit = credited(level, share, terms) if terms and share is not None and outcome == "missed" else Fraction(0)
        found.append(
            Judged(
                cycle=cycle,
                measurement=one,
                outcome=outcome,
                share=share,
                misses=run,
                below_floor=level.floor is not None and share is not None and share < level.floor,
                credit=amount_of(one.fee, credit) if one.fee is not None and terms is not None else None,
                credited_share=credit,
            )
        )
        before = cycle
    return tuple(found)


def _ground(judged: Sequence[Judged], wanted: int | None, calendar: Calendar, time_zone: ZoneInfo) -> Ground | None:
    """The first ground: a cycle below the floor, or the miss that makes the run long enough (R-S4)."""
    for number, one in enumerate(judged):
        if one.below_floor:
            return _arisen("below_floor", [one], calendar, time_zone)
        if wanted is not None and one.outcome == "missed" and one.misses >= wanted:
            missed = [each for each in judged[: number + 1] if each.outcome == "missed"]
            return _arisen("consecutive_misses", missed[-wanted:], calendar, time_zone)
    return None


def _arisen(
    kind: Literal["consecutive_misses", "below_floor"],
    cycles: Sequence[Judged],
    calendar: Calendar,
    time_zone: ZoneInfo,
) -> Ground:
    on = cycles[-1].measurement.published_on
    names = tuple(one.cycle.name for one in cycles)
    try:
        within = deadline(on, EXERCISE, calendar=calendar, roll="forward", time_zone=time_zone) if on else None
    except InvalidPeriod as error:
        raise InvalidServiceLevel("/results", f"a year after {on}: {error.message}") from error
    return Ground(kind=kind, cycles=names, arose_on=on, exercise=within)


def _basis(
    level: Level,
    judged: Sequence[Judged],
    ground: Ground | None,
    wanted: int | None,
    *,
    assumed: bool,
    rests_on_gap: bool,
) -> Basis:
    limit = level.threshold if level.threshold is not None else level.ceiling
    word = "at least" if level.threshold is not None else "at most"
    steps = [step for one in judged for step in _steps(one, f"{word} {limit}")]
    if rests_on_gap:
        steps.append(Step("R-S5", "a cycle that is not evaluable, or has no result, breaks the run (policy)"))
    if assumed:
        steps.append(Step("R-S4", f"no number of misses is agreed: {wanted} in a row give a right (policy 3.12)"))
    if ground is None:
        why = f"no run of {wanted} misses" if wanted is not None else "misses give no right by themselves"
        steps.append(Step("R-S4", f"{why}: no right to rescind arises"))
    else:
        which = f"{len(ground.cycles)} misses in a row" if ground.kind == "consecutive_misses" else "below the floor"
        text = f"{which}: the right to rescind arises when the report on {ground.cycles[-1]} is published"
        steps += [Step("R-S4", text, ground.arose_on), *_exercise_steps(ground)]
    source = "the service level clause; Civil Code 562(2), 564(2)"
    status = ground.exercise.status if ground is not None and ground.exercise is not None else "final"
    anchor = {"metric": level.metric, "cycle": level.cycle, "consecutive": wanted}
    return Basis("R-S4" if ground is not None else "R-S1", source, anchor, tuple(steps), status)


def _steps(one: Judged, limit: str) -> Iterator[Step]:
    name, day = one.cycle.name, one.cycle.last_day
    if one.share is None:
        yield Step("R-S2", f"{name}: no sample, so neither met nor missed", day)
        return
    text = f"{name}: {one.measurement.met} of {one.measurement.of} = {one.share}, {limit} is asked for: {one.outcome}"
    yield Step("R-S1", text, day)
    if one.credited_share:
        yield Step("R-S6", f"{name}: {one.credited_share} of the fee is credited", day)


def _exercise_steps(ground: Ground) -> tuple[Step, ...]:
    if ground.exercise is None:
        return ()
    return (Step("R-S4", "the right is lost a year after (564(2))", ground.arose_on), *ground.exercise.basis.steps)


def _check_level(level: Level, credit_terms: Credits | None) -> None:
    if (level.threshold is None) == (level.ceiling is None):
        raise InvalidServiceLevel("/threshold", "a level has either a threshold or a ceiling")
    tiers = [(f"/credits/{number}", tier) for number, tier in enumerate(credit_terms.tiers)] if credit_terms else []
    shares = [(f"/{name}", getattr(level, name)) for name in ("threshold", "ceiling", "floor")]
    shares += [(f"{at}/{name}", getattr(tier, name)) for at, tier in tiers for name in ("below", "share_of_fee")]
    shares.append(("/deduction_per_point", credit_terms.per_point if credit_terms else None))
    for pointer, share in shares:
        if share is not None and not 0 <= share <= 1:
            raise InvalidServiceLevel(pointer, "a share runs from 0 to 1")
    if level.floor is not None and level.threshold is not None and level.floor > level.threshold:
        raise InvalidServiceLevel("/floor", "lies above the threshold")
    if credit_terms and level.threshold is None:
        raise InvalidServiceLevel("/credits", "credits are counted below a threshold; this level has none")
    for number, (at, tier) in enumerate(tiers):
        for _, earlier in tiers[:number]:
            if tier.below == earlier.below and tier.share_of_fee != earlier.share_of_fee:
                raise InvalidServiceLevel(at, f"another credit below {shown(tier.below)} says something else")
