import datetime as dt
import json
from pathlib import Path

import msgspec
import pytest

from clm.law.arrival import (
    Arrival,
    ArrivalRule,
    BusinessHours,
    Delivery,
    InvalidArrival,
    called_off,
    default_rules,
    judge,
    rule_sets,
    withdrawn,
)
from clm.law.calendars import china

VECTORS = json.loads((Path(__file__).parents[1] / "data/vectors/arrival.json").read_text())
HOURS = BusinessHours("09:00", "18:00", "next_working_day")


def delivery(channel, event, at):
    return Delivery(channel, event, dt.datetime.fromisoformat(at if len(at) > 16 else f"{at}:00+08:00"))


def rules(*wire):
    return msgspec.convert(wire, tuple[ArrivalRule, ...])


def judged(agreed, *deliveries, **choices):
    events = [delivery(*one) for one in deliveries]
    return judge(agreed, events, calendar=china(), **choices)


def at(arrival):
    return arrival.at.strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_vectors(vector):
    request = vector["request"]
    agreed = msgspec.convert(request["rules"], list[ArrivalRule])
    deliveries = msgspec.convert(request["deliveries"], list[Delivery])
    answer = msgspec.to_builtins(judge(agreed, deliveries, calendar=china()))
    assert {key: answer[key] for key in vector["expect"]} == vector["expect"]


def test_a_deemed_day_arrives_at_its_end():
    answer = judged(rule_sets()["V5"].rules, ("courier", "posted", "2026-04-30T10:00"))
    assert (at(answer), answer.legal_date) == ("2026-05-04T00:00", dt.date(2026, 5, 3))
    assert answer.basis.anchor == {"channel": "courier", "event": "posted", "at": "2026-04-30T10:00:00+08:00"}


@pytest.mark.parametrize(
    ("deliveries", "expected", "certainty"),
    [
        pytest.param(
            [("posted", "03-02T10:00"), ("signed", "03-03T11:00")], "03-03T11:00", "proven", id="signed first"
        ),
        pytest.param(
            [("posted", "03-02T10:00"), ("signed", "03-09T11:00")], "03-06T00:00", "deemed_by_clause", id="deemed first"
        ),
        pytest.param(
            [("posted", "03-02T10:00"), ("returned", "03-09T11:00")], "03-06T00:00", "deemed_by_clause", id="returned"
        ),
    ],
)
def test_arrival_is_the_earliest_of_the_agreed_and_the_proven_way(deliveries, expected, certainty):
    agreed = rules({"channel": "courier", "trigger": "posted", "offset": {"length": 3, "unit": "day"}})
    answer = judged(agreed, *[("courier", event, f"2026-{day}") for event, day in deliveries])
    assert (at(answer), answer.certainty) == (f"2026-{expected}", certainty)


def test_a_rule_replaces_the_law_for_its_trigger_on_its_channel():
    agreed = rule_sets()["V8"].rules
    answer = judged(agreed, ("courier", "signed", "2026-03-05T10:00"))
    assert (answer.legal_date, answer.certainty) == (dt.date(2026, 3, 10), "deemed_by_clause")
    assert judged(agreed, ("personal", "signed", "2026-03-05T10:00")).certainty == "proven"


def test_an_acknowledgement_rule_replaces_every_other_way_of_its_channel():
    agreed = rules({"channel": "email", "trigger": "acknowledged"}, {"channel": "email", "trigger": "sent"})
    assert (
        judged(agreed, ("email", "sent", "2026-03-02T09:00"), ("email", "entered", "2026-03-02T09:01")).status
        == "pending"
    )
    answer = judged(agreed, ("email", "entered", "2026-03-02T09:01"), ("email", "acknowledged", "2026-03-04T11:00"))
    assert (at(answer), answer.certainty, answer.basis.rule) == ("2026-03-04T11:00", "proven", "R-N8")


def test_channels_that_are_not_allowed_are_ignored_and_said_so():
    answer = judged((), ("email", "entered", "2026-03-02T09:00"), channels_allowed=["courier"])
    assert (answer.status, answer.at) == ("pending", None)
    assert "ignored" in answer.basis.steps[0].text
    both = [("email", "entered", "2026-03-02T09:00"), ("courier", "signed", "2026-03-05T09:00")]
    assert at(judged((), *both, channels_allowed=["courier"])) == "2026-03-05T09:00"


@pytest.mark.parametrize(
    ("entered", "expected", "certainty"),
    [
        ("2026-03-02T10:00", "2026-03-02T10:00", "proven"),
        ("2026-03-02T07:30", "2026-03-02T09:00", "deemed_by_clause"),
        ("2026-03-02T18:00", "2026-03-03T09:00", "deemed_by_clause"),
        ("2026-02-14T11:00", "2026-02-14T11:00", "proven"),  # a worked Saturday
        ("2026-02-14T20:00", "2026-02-24T09:00", "deemed_by_clause"),  # over Spring Festival
    ],
)
def test_agreed_business_hours_move_what_comes_outside_them(entered, expected, certainty):
    answer = judged((), ("email", "entered", entered), business_hours=HOURS)
    assert (at(answer), answer.certainty, answer.assumed) == (expected, certainty, False)
    assert answer.legal_date.isoformat() == expected[:10]


def test_business_hours_alone_move_only_what_a_rule_sends_to_them():
    hours = BusinessHours("08:30", "17:00")
    late = ("email", "entered", "2026-03-02T20:00")
    assert at(judged((), late, business_hours=hours)) == "2026-03-02T20:00"
    agreed = rules({"channel": "email", "trigger": "entered", "after_hours": "next_workday_start"})
    answer = judged(agreed, late, business_hours=hours)
    assert (at(answer), answer.assumed) == ("2026-03-03T08:30", False)


def test_a_rule_may_keep_the_instant_or_ask_for_hours_nobody_agreed():
    email = {"channel": "email", "trigger": "entered"}
    late = ("email", "entered", "2026-03-02T20:00")
    assert at(judged(rules({**email, "after_hours": "same_instant"}), late, business_hours=HOURS)) == "2026-03-02T20:00"
    answer = judged(rules({**email, "after_hours": "next_workday_start"}), late)
    assert (at(answer), answer.assumed) == ("2026-03-03T09:00", True)


def test_working_days_of_an_unpublished_year_are_provisional():
    agreed = rule_sets()["V12"].rules
    answer = judged(agreed, ("courier", "posted", "2026-12-30T10:00"))
    assert (answer.status, answer.basis.status, answer.legal_date) == ("arrived", "provisional", None)
    assert at(answer) == "2027-01-03T00:00"
    proven = judged(agreed, ("courier", "posted", "2026-12-30T10:00"), ("courier", "signed", "2026-12-31T10:00"))
    assert (at(proven), proven.basis.status) == ("2026-12-31T10:00", "final")
    shifted = judged((), ("email", "entered", "2026-12-25T20:00"), business_hours=HOURS)
    assert (shifted.basis.status, shifted.legal_date) == ("provisional", None)


@pytest.mark.parametrize(
    ("deliveries", "status"),
    [
        ([("email", "sent", "2026-03-02T09:00"), ("email", "bounced", "2026-03-02T09:01")], "failed"),
        ([("courier", "posted", "2026-03-02T09:00"), ("courier", "returned", "2026-03-09T09:00")], "failed"),
        ([("email", "bounced", "2026-03-02T09:00"), ("email", "sent", "2026-03-02T10:00")], "pending"),
        ([("email", "bounced", "2026-03-02T09:00"), ("courier", "posted", "2026-03-01T10:00")], "pending"),
        ([("email", "refused", "2026-03-02T09:00")], "failed"),
        ([("platform", "published", "2026-03-02T09:00")], "pending"),
        ([], "pending"),
    ],
)
def test_what_did_not_arrive_by_law(deliveries, status):
    answer = judged((), *deliveries)
    assert answer.status == status
    assert (answer.at, answer.legal_date, answer.certainty, answer.assumed) == (None, None, None, False)


def test_a_bounced_sending_counts_for_nothing_unless_the_clause_says_so():
    events = [("email", "sent", "2026-03-02T09:00"), ("email", "bounced", "2026-03-02T09:01")]
    assert judged(rule_sets()["V6"].rules, *events).status == "failed"
    answer = judged(rule_sets()["V7"].rules, *events)
    assert (at(answer), answer.certainty) == ("2026-03-02T09:01", "deemed_by_clause")


def test_a_refusal_follows_its_clause_and_else_the_policy():
    refused = [("courier", "posted", "2026-03-02T10:00"), ("courier", "refused", "2026-03-04T10:00")]
    by_policy = judged((), *refused)
    assert (at(by_policy), by_policy.certainty, by_policy.assumed) == ("2026-03-04T10:00", "presumed", True)
    assert "REFUSAL_POLICY_ASSUMED" in by_policy.basis.steps[0].text
    fifth_day = judged(rule_sets()["V4"].rules, *refused)
    assert (fifth_day.legal_date, fifth_day.assumed) == (dt.date(2026, 3, 7), False)
    on_refusal = judged(rule_sets()["V7"].rules, *refused)
    assert (at(on_refusal), on_refusal.certainty) == ("2026-03-04T10:00", "deemed_by_clause")
    assert judged(rule_sets()["V9"].rules, *refused).status == "pending"
    returned = judged(rule_sets()["V9"].rules, *refused, ("courier", "returned", "2026-03-09T10:00"))
    assert returned.legal_date == dt.date(2026, 3, 9)


def test_a_fallback_holds_only_where_no_arrival_is_known():
    agreed = rule_sets()["V4"].rules
    sent = ("email", "sent", "2026-03-02T09:00")
    assert judged(agreed, sent).legal_date == dt.date(2026, 3, 4)
    assert at(judged(agreed, sent, ("email", "entered", "2026-03-06T09:00"))) == "2026-03-06T09:00"
    assert judged(agreed, sent, ("email", "bounced", "2026-03-02T09:05")).status == "failed"


def test_defaults_make_the_result_assumed_only_where_they_decide():
    posted, signed = ("courier", "posted", "2026-03-02T10:00"), ("courier", "signed", "2026-03-03T10:00")
    assert judged(default_rules(), posted, rules_assumed=True).assumed
    assert not judged(default_rules(), posted, signed, rules_assumed=True).assumed


def test_a_default_rule_is_not_called_the_contracts_clause():
    posted = ("courier", "posted", "2026-03-02T10:00")
    agreed = judged(default_rules(), posted)
    assert agreed.basis.source.startswith("the contract's notice clause")
    assert agreed.basis.steps[0].text.startswith("the clause counts 3 days after posted")
    default = judged(default_rules(), posted, rules_assumed=True)
    assert default.basis.source.startswith("the default notice clause applies (policy 1.9 V13)")
    assert default.basis.steps[0].text.startswith("the default clause counts 3 days after posted")


def test_an_agreed_word_on_refusals_is_agreed_among_default_rules():
    refused = [("courier", "posted", "2026-03-02T10:00"), ("courier", "refused", "2026-03-04T10:00")]
    default = judged(default_rules(), *refused, rules_assumed=True)
    agreed = judged(default_rules(), *refused, rules_assumed=True, refusal_agreed=True)
    assert (at(default), default.assumed) == (at(agreed), True) == ("2026-03-04T10:00", True)
    assert (agreed.assumed, agreed.basis.source.startswith("the contract's notice clause")) == (False, True)
    assert judged(default_rules(), refused[0], rules_assumed=True, refusal_agreed=True).assumed


@pytest.mark.parametrize("known", ["V2", "V3", "V5", "V6", "V13"])
@pytest.mark.parametrize(("event", "word"), [("returned", "return"), ("refused", "refusal")])
def test_days_from_posting_count_whatever_becomes_of_the_item_and_say_so(known, event, word):
    posted = ("courier", "posted", "2026-03-02T10:00")
    alone = judged(rule_sets()[known].rules, posted)
    answer = judged(rule_sets()[known].rules, posted, ("courier", event, "2026-03-09T10:00"))
    assert (answer.at, answer.certainty) == (alone.at, "deemed_by_clause")
    step = answer.basis.steps[-1]
    assert (step.rule, step.text) == ("R-N6", f"the clause counts from posting; the {word} does not undo it")
    assert "R-N6" not in [step.rule for step in alone.basis.steps]


@pytest.mark.parametrize(
    ("known", "channel", "event", "expected"),
    [
        ("V1", "courier", "returned", "2026-03-04T10:00"),
        ("V4", "courier", "refused", "2026-03-08T00:00"),
        ("V4", "courier", "returned", "2026-03-08T00:00"),
        ("V7", "courier", "refused", "2026-03-04T10:00"),
        ("V9", "registered_mail", "returned", "2026-03-04T10:00"),
    ],
)
def test_a_rule_for_returns_refusals_or_the_unclear_governs_them(known, channel, event, expected):
    events = [(channel, "posted", "2026-03-02T10:00"), (channel, event, "2026-03-04T10:00")]
    answer = judged(rule_sets()[known].rules, *events)
    assert at(answer) == expected
    assert "R-N6" not in [step.rule for step in answer.basis.steps]


def test_a_notice_called_off_does_not_arrive():
    original = judged(rule_sets()["V5"].rules, ("courier", "posted", "2026-03-02T10:00"))
    instant = dt.datetime.fromisoformat("2026-03-03T09:00:00+08:00")
    answer = called_off(original, instant)
    assert (answer.status, answer.at, answer.legal_date, answer.certainty) == ("failed", None, None, None)
    assert (answer.basis.rule, answer.basis.source) == ("R-N7", "Civil Code 141")
    assert answer.basis.steps[:-1] == original.basis.steps
    assert (answer.basis.steps[-1].rule, answer.basis.steps[-1].at) == ("R-N7", instant)


@pytest.mark.parametrize(
    ("known", "deliveries", "expected"),
    [
        ("V1", [("courier", "posted", "03-02T10:00"), ("courier", "refused", "03-03T10:00")], "03-03T10:00"),
        ("V1", [("sms", "sent", "03-02T10:00")], "03-02T10:00"),
        ("V2", [("im", "delivered", "03-02T10:00")], "03-02T10:00"),
        ("V3", [("courier", "posted", "03-02T10:00")], "03-07T00:00"),
        ("V4", [("registered_mail", "posted", "03-02T10:00")], "03-08T00:00"),
        ("V6", [("platform", "published", "03-02T10:00")], "03-02T10:00"),
        ("V8", [("im", "delivered", "03-02T10:00"), ("im", "acknowledged", "03-02T12:00")], "03-02T12:00"),
        ("V9", [("registered_mail", "returned", "03-09T10:00")], "03-09T10:00"),
        ("V10", [("email", "sent", "03-02T10:00")], "03-02T10:00"),
        ("V11", [("email", "entered", "03-02T10:00")], "03-02T10:00"),
        ("V12", [("registered_mail", "posted", "03-02T10:00")], "03-12T00:00"),
        ("V13", [("registered_mail", "posted", "03-02T10:00")], "03-10T00:00"),
        ("V13", [("fax", "delivered", "03-06T19:00")], "03-09T09:00"),
        ("V13", [("sms", "delivered", "03-06T19:00")], "03-06T19:00"),
    ],
)
def test_observed_clauses(known, deliveries, expected):
    events = [(channel, event, f"2026-{day}") for channel, event, day in deliveries]
    assert at(judged(rule_sets()[known].rules, *events)) == f"2026-{expected}"


def test_all_thirteen_clauses_load():
    assert list(rule_sets()) == [f"V{number}" for number in range(1, 14)]
    assert default_rules() == rule_sets()["V13"].rules
    assert all(one.note for one in rule_sets().values())


def test_an_offset_in_hours_is_exact():
    agreed = rules({"channel": "email", "trigger": "sent", "offset": {"length": 24, "unit": "hour"}})
    answer = judged(agreed, ("email", "sent", "2026-03-31T16:30:00+00:00"))
    assert (at(answer), answer.legal_date) == ("2026-04-02T00:30", dt.date(2026, 4, 2))


@pytest.mark.parametrize(
    ("withdrawal", "in_time"),
    [("2026-03-02T08:59:59+08:00", True), ("2026-03-02T09:00:00+08:00", True), ("2026-03-02T09:00:01+08:00", False)],
)
def test_a_withdrawal_arrives_before_or_together(withdrawal, in_time):
    original = judged((), ("email", "entered", "2026-03-02T09:00"))
    assert withdrawn(original, judged((), ("email", "entered", withdrawal))) is in_time


def test_a_withdrawal_of_what_is_on_its_way_and_one_that_never_arrives():
    arrived = judged((), ("email", "entered", "2026-03-02T09:00"))
    pending = judged((), ("courier", "posted", "2026-03-02T09:00"))
    assert withdrawn(pending, arrived) is True
    assert withdrawn(arrived, pending) is False
    provisional = judged(rule_sets()["V12"].rules, ("courier", "posted", "2026-12-30T10:00"))
    later = judged((), ("email", "entered", "2027-01-20T09:00"))
    assert withdrawn(provisional, later) is None
    assert withdrawn(provisional, arrived) is True


@pytest.mark.parametrize(
    "wire",
    [
        {"channel": "pigeon", "trigger": "sent"},
        {"channel": "email", "trigger": "read"},
        {"channel": "email", "trigger": "sent", "offset": {"length": 0, "unit": "day"}},
        {"channel": "email", "trigger": "sent", "after_hours": "never"},
        {"channel": "email", "trigger": "sent", "refusal_rule": {"trigger": "posted", "days": 3}},
        {"channel": "email", "trigger": "sent", "more": 1},
    ],
)
def test_rules_that_say_something_else_are_refused(wire):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wire, ArrivalRule)


def test_instants_need_an_offset_and_hours_close_after_they_open():
    with pytest.raises(InvalidArrival, match="offset"):
        Delivery("email", "sent", dt.datetime(2026, 3, 2, 9))  # noqa: DTZ001 - the missing offset is the point
    with pytest.raises(msgspec.ValidationError, match="offset"):
        msgspec.convert({"channel": "email", "event": "sent", "at": "2026-03-02T09:00:00"}, Delivery)
    with pytest.raises(InvalidArrival, match="1990"):
        Delivery("email", "sent", dt.datetime(1980, 3, 2, 9, tzinfo=dt.UTC))
    with pytest.raises(InvalidArrival, match="close"):
        BusinessHours("18:00", "09:00")
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"opens": "9", "closes": "18:00"}, BusinessHours)


def test_an_arrival_travels_as_json():
    answer = judged((), ("email", "entered", "2026-03-02T09:00"))
    assert msgspec.json.decode(msgspec.json.encode(answer), type=Arrival).at == answer.at
