"""The rules of service levels, each with the neighbour that it could be mistaken for."""

import datetime as dt
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

import msgspec

from clm.law.calendars import china
from clm.law.cycles import Cycle, cycle_of
from clm.law.periods import Period, Unit
from clm.law.service_levels import Credit, Credits, Level, Measurement, judge
from tests.law.holding import holds, neighbour

LEVEL = Level(metric="connect_rate", cycle="month", threshold=Fraction(95, 100))
TIERS = Credits(
    tiers=(
        Credit(below=Fraction(95, 100), share_of_fee=Fraction(1, 10)),
        Credit(below=Fraction(90, 100), share_of_fee=Fraction(1, 4)),
    )
)


def judged(*results, **choices):
    """(met, of) of the months from March 2026 on, each published on the 8th of the month after."""
    cycles = [
        Measurement(
            period=f"2026-{month:02}",
            met=Fraction(met),
            of=Fraction(of),
            published_on=dt.date(2026, month + 1, 8),
            fee=Decimal("1000.50"),
        )
        for month, (met, of) in enumerate(results, 3)
    ]
    return judge(LEVEL, cycles, calendar=china(), **choices)


def outcomes(*results):
    return [one.outcome for one in judged(*results).cycles]


def _above_only(original):
    def outcome(level, met, of):
        found, share = original(level, met, of)
        return ("missed" if share == level.threshold else found), share

    return outcome


def _rounded(original):
    def outcome(level, met, of):
        found, share = original(level, met, of)
        return ("met" if share is not None and round(share, 2) >= level.threshold else found), share

    return outcome


@holds("R-S1", neighbour=neighbour("clm.law.service_levels.outcome_of", _above_only, "above the threshold only"))
@holds("R-S1", neighbour=neighbour("clm.law.service_levels.outcome_of", _rounded, "rounded to whole percent"))
def test_a_share_reaches_its_threshold_exactly():
    assert outcomes((95, 100), (94_999, 100_000)) == ["met", "missed"]


def _missed(original):
    return lambda level, met, of: original(level, met, of) if of else ("missed", Fraction(0))


@holds("R-S2", neighbour=neighbour("clm.law.service_levels.outcome_of", _missed, "no sample is a miss"))
def test_a_cycle_without_a_sample_is_not_evaluable():
    assert outcomes((0, 0)) == ["not_evaluable"]


def _through_its_end(_original):
    return lambda cycle, instant: cycle.starts_at() <= instant <= cycle.ends_at()


def _in_utc(_original):
    return lambda cycle, instant: cycle.first_day <= instant.astimezone(dt.UTC).date() <= cycle.last_day


@holds("R-S3", neighbour=neighbour("clm.law.cycles.Cycle.holds", _through_its_end, "its end included"))
@holds("R-S3", neighbour=neighbour("clm.law.cycles.Cycle.holds", _in_utc, "days of UTC"))
def test_a_cycle_holds_its_local_days():
    march = cycle_of("month", "2026-03")
    instants = ("2026-03-01T00:00:00+08:00", "2026-03-31T23:59:59+08:00", "2026-04-01T00:00:00+08:00")
    assert [Cycle.holds(march, dt.datetime.fromisoformat(one)) for one in instants] == [True, True, False]


def _one_more(original):
    return lambda judged, wanted, *given: original(judged, wanted + 1, *given)


def _at_the_cycles_end(original):
    def arisen(kind, cycles, *given):
        ground = original(kind, cycles, *given)
        return msgspec.structs.replace(ground, arose_on=cycles[-1].cycle.last_day)

    return arisen


@holds("R-S4", neighbour=neighbour("clm.law.service_levels._ground", _one_more, "one miss more"))
@holds("R-S4", neighbour=neighbour("clm.law.service_levels._arisen", _at_the_cycles_end, "at the cycle's end"))
@holds("R-S4", neighbour=neighbour("clm.law.service_levels.EXERCISE", lambda _: Period(2, Unit.YEAR), "for two years"))
def test_the_third_miss_gives_a_right_when_it_is_published():
    ground = judged((94, 100), (94, 100), (94, 100)).ground
    assert ground is not None
    assert (str(ground.arose_on), str(ground.exercise.nominal_last_day)) == ("2026-06-08", "2027-06-08")
    assert judged((94, 100), (94, 100)).ground is None


def _passed_over(original):
    return lambda level, ordered, _gap, terms: original(level, ordered, "skips", terms)


@holds("R-S5", neighbour=neighbour("clm.law.service_levels._judged", _passed_over, "passed over"))
def test_a_cycle_without_a_sample_breaks_the_run():
    found = judged((94, 100), (94, 100), (0, 0), (94, 100))
    assert (found.current_run, found.ground, found.assumed) == (1, None, True)


def _first_tier(original):
    def credited(level, share, terms):
        return original(level, share, Credits(tiers=terms.tiers[:1]))

    return credited


def _rounded_down(_original):
    return lambda fee, share: (fee * share.numerator / share.denominator).quantize(Decimal("0.01"), ROUND_DOWN)


@holds("R-S6", neighbour=neighbour("clm.law.service_levels.credited", _first_tier, "the first tier that fits"))
@holds("R-S6", neighbour=neighbour("clm.law.service_levels.amount_of", _rounded_down, "rounded down"))
def test_the_deepest_tier_is_credited_rounded_half_up():
    found = judged((94, 100), (89, 100), credit_terms=TIERS)
    assert [one.credit for one in found.cycles] == [Decimal("100.05"), Decimal("250.13")]
