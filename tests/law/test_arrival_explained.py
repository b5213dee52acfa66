import datetime as dt

from clm.law.arrival import ArrivalRule, Delivery, explain, judge
from clm.law.calendars import china
from clm.law.periods import Period, Unit

THREE_DAYS = ArrivalRule("courier", "posted", Period(3, Unit.DAY))


def _on(day, event, channel="courier"):
    return Delivery(channel, event, dt.datetime.fromisoformat(f"2026-04-{day:02}T10:00:00+08:00"))


def _explained(rules, deliveries, **more):
    found = explain(rules, deliveries, calendar=china(), **more)
    assert found.arrival == judge(rules, deliveries, calendar=china(), **more)
    return found


def test_every_way_is_weighed_and_the_earliest_counts():
    found = _explained([THREE_DAYS], [_on(13, "posted"), _on(15, "signed")])
    assert [(way.event, way.legal_date.day, way.counts) for way in found.ways] == [
        ("signed", 15, True),
        ("posted", 16, False),
    ]
    assert found.passed == ()


def test_what_bounced_and_what_went_before_it_is_passed_over_by_its_rule():
    found = _explained([], [_on(13, "sent", "email"), _on(13, "bounced", "email")])
    assert found.arrival.status == "failed"
    assert found.ways == ()
    assert [(one.event, one.rule) for one in found.passed] == [("sent", "R-N6"), ("bounced", "R-N6")]
    assert found.passed[0].why != found.passed[1].why


def test_a_channel_that_is_not_agreed_is_passed_over():
    found = _explained([], [_on(13, "entered", "email"), _on(14, "signed")], channels_allowed=["courier"])
    assert [(one.channel, one.rule) for one in found.passed] == [("email", "R-N1")]
    assert "courier" in found.passed[0].why
    assert [way.event for way in found.ways] == ["signed"]


def test_an_acknowledgement_clause_passes_over_what_merely_entered():
    rules = [ArrivalRule("email", "acknowledged")]
    found = _explained(rules, [_on(13, "entered", "email"), _on(14, "acknowledged", "email")])
    assert [(one.event, one.rule) for one in found.passed] == [("entered", "R-N8")]


def test_what_is_on_its_way_has_not_arrived():
    found = _explained([], [_on(13, "posted")])
    assert [(one.event, one.rule) for one in found.passed] == [("posted", "R-N1")]
    assert "under way" in found.passed[0].why
