"""The rules of arrival, each with the neighbour that it could be mistaken for."""

import datetime as dt

import msgspec

from clm.law import arrival
from clm.law.arrival import ArrivalRule, BusinessHours, Delivery, judge
from clm.law.calendars import china
from tests.law.holding import holds, neighbour

HOURS = BusinessHours("09:00", "18:00", "next_working_day")
THREE_DAYS = {"channel": "courier", "trigger": "posted", "offset": {"length": 3, "unit": "day"}}


def judged(rules, *deliveries, **choices):
    happened = [Delivery(channel, event, dt.datetime.fromisoformat(f"{at}+08:00")) for channel, event, at in deliveries]
    return judge(msgspec.convert(rules, tuple[ArrivalRule, ...]), happened, calendar=china(), **choices)


def told(found):
    return found.status, found.at and found.at.isoformat()[:16], found.legal_date and str(found.legal_date)


def last_way(_original):
    """The latest of all ways in the place of the earliest."""
    return lambda ways, key: max(ways, key=key)


@holds("R-N1", neighbour=neighbour("clm.law.arrival.min", last_way, "the latest of the ways"))
def test_the_earliest_way_counts():
    found = judged([], ("courier", "signed", "2026-03-05T10:00"), ("email", "entered", "2026-03-02T09:00"))
    assert told(found) == ("arrived", "2026-03-02T09:00", "2026-03-02")


@holds(
    "R-N1",
    neighbour=neighbour(
        "clm.law.arrival_ways._BY_LAW", lambda original: original | {"posted": "presumed"}, "posting is arrival"
    ),
)
def test_posting_alone_is_no_arrival():
    assert told(judged([], ("courier", "posted", "2026-04-30T10:00"))) == ("pending", None, None)


def _ends_a_day_later(original):
    def deemed(desk, cause, rule, source, offset, counts):
        way = original(desk, cause, rule, source, offset, counts)
        return way._replace(at=way.at + dt.timedelta(days=1), legal_date=way.legal_date + dt.timedelta(days=1))

    return deemed


def _rolled(original):
    def deemed(desk, cause, rule, source, offset, counts):
        way = original(desk, cause, rule, source, offset, counts)
        day = china().working_day_from(way.legal_date)
        return way._replace(at=way.at + (day - way.legal_date), legal_date=day)

    return deemed


@holds("R-N2", neighbour=neighbour("clm.law.arrival_ways.Desk._deemed", _ends_a_day_later, "the day after"))
@holds("R-N2", neighbour=neighbour("clm.law.arrival_ways.Desk._deemed", _rolled, "rolled to a working day"))
def test_a_deemed_day_does_not_roll():
    found = judged([THREE_DAYS], ("courier", "posted", "2026-04-30T10:00"))
    assert told(found) == ("arrived", "2026-05-04T00:00", "2026-05-03")


@holds(
    "R-N3",
    neighbour=neighbour(
        "clm.law.arrival_ways.Desk._hours_for_all", lambda _: property(lambda _desk: HOURS), "business hours by law"
    ),
)
def test_nothing_moves_to_business_hours_unless_agreed():
    assert told(judged([], ("email", "entered", "2026-02-16T23:58"))) == ("arrived", "2026-02-16T23:58", "2026-02-16")


@holds(
    "R-N3",
    neighbour=neighbour("clm.law.arrival_ways.Desk._in_hours", lambda _: lambda _desk, way, *_, **__: way, "no shift"),
)
def test_agreed_hours_move_what_comes_after_them():
    found = judged([], ("email", "entered", "2026-02-13T18:00"), business_hours=HOURS)
    assert told(found) == ("arrived", "2026-02-14T09:00", "2026-02-14")


def _a_day_later(original):
    def refused(desk, cause):
        way = original(desk, cause)
        return way._replace(at=way.at + dt.timedelta(days=1))

    return refused


@holds("R-N4", neighbour=neighbour("clm.law.arrival_ways.Desk.refused", _a_day_later, "the day after"))
@holds(
    "R-N4",
    neighbour=neighbour(
        "clm.law.arrival_ways.Desk.refused",
        lambda original: lambda *given: original(*given)._replace(assumed=False),
        "law",
    ),
)
def test_a_refusal_without_a_clause_is_arrival_by_policy():
    found = judged([], ("courier", "refused", "2026-03-04T10:00"))
    assert (told(found), found.assumed) == (("arrived", "2026-03-04T10:00", "2026-03-04"), True)


@holds(
    "R-N6",
    neighbour=neighbour(
        "clm.law.arrival_ways.Track._bounced_after", lambda _: lambda _track, _at: False, "sent is sent"
    ),
)
def test_what_bounced_was_never_sent():
    found = judged(
        [{"channel": "email", "trigger": "sent"}],
        ("email", "sent", "2026-03-02T10:00"),
        ("email", "bounced", "2026-03-02T10:01"),
    )
    assert told(found) == ("failed", None, None)


@holds(
    "R-N6",
    neighbour=neighbour("clm.law.arrival_ways._UNDELIVERABLE", lambda _: frozenset(), "still under way"),
)
def test_what_came_back_has_failed():
    found = judged([], ("courier", "posted", "2026-03-02T10:00"), ("courier", "returned", "2026-03-09T10:00"))
    assert told(found) == ("failed", None, None)


def _strictly_before(_original):
    return lambda original, withdrawal: withdrawal.at < original.at


@holds("R-N7", neighbour=neighbour("clm.law.arrival.withdrawn", _strictly_before, "only before"))
def test_a_withdrawal_that_arrives_with_the_notice_is_in_time():
    notice, withdrawal = (judged([], ("email", "entered", "2026-03-02T09:00")) for _ in "ab")
    assert arrival.withdrawn(notice, withdrawal) is True
    late = judged([], ("email", "entered", "2026-03-02T09:01"))
    assert arrival.withdrawn(notice, late) is False


def _entry_counts_too(original):
    def track(self, desk, channel, rules, deliveries):
        original(self, desk, channel, rules, deliveries)
        self._only_acknowledged = False

    return track


@holds("R-N8", neighbour=neighbour("clm.law.arrival_ways.Track.__init__", _entry_counts_too, "entry too"))
def test_an_agreed_acknowledgement_replaces_entry():
    found = judged(
        [{"channel": "email", "trigger": "acknowledged"}],
        ("email", "entered", "2026-03-02T09:00"),
        ("email", "acknowledged", "2026-03-04T11:00"),
    )
    assert told(found) == ("arrived", "2026-03-04T11:00", "2026-03-04")


@holds(
    "R-N6",
    neighbour=neighbour(
        "clm.law.arrival_ways._UNDONE_BY_A_BOUNCE", lambda _: frozenset({"sent", "posted"}), "what entered has arrived"
    ),
)
def test_what_entered_and_then_bounced_has_not_arrived():
    bounced = ("email", "bounced", "2026-03-03T10:00")
    assert told(judged([], ("email", "entered", "2026-03-02T10:00"), bounced)) == ("failed", None, None)
    again = judged([], ("email", "entered", "2026-03-02T10:00"), bounced, ("email", "entered", "2026-03-04T10:00"))
    assert told(again) == ("arrived", "2026-03-04T10:00", "2026-03-04")
    acknowledged = judged([], ("email", "acknowledged", "2026-03-02T10:00"), bounced)
    assert told(acknowledged) == ("arrived", "2026-03-02T10:00", "2026-03-02")
