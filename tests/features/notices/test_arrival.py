"""Notices arrive: by proof, by the contract's own rules, or not at all."""

import pytest

from tests.features.notices.driving import Driven, in_force, terms


@pytest.fixture
async def contract(clocked):
    """The sample contract on 20 April 2026."""
    contract = await in_force(clocked)
    await contract.until("2026-04-20")
    return contract


async def test_a_signature_is_arrival_and_the_cure_period_runs(contract):
    notice = await contract.notice()
    assert notice["status"] == "draft"
    assert notice["arrival"]["status"] == "pending"
    arrived = await contract.event(notice, "signed", "2026-04-16T11:00")
    assert arrived["status"] == "arrived"
    arrival = arrived["arrival"]
    assert (arrival["status"], arrival["at"]) == ("arrived", "2026-04-16T11:00:00+08:00")
    assert (arrival["certainty"], arrival["legal_date"], arrival["assumed"]) == ("proven", "2026-04-16", False)
    assert arrival["basis"]["rule"] == "R-N1"
    [cure] = await contract.timers("cure")
    assert (cure["due_at"], cure["legal_date"]) == ("2026-05-07T00:00:00+08:00", "2026-05-06")
    assert "cure" in [timer["kind"] for timer in arrived["decision"]["armed"]]
    assert (await contract.contract())["configuration"][-1] == "termination.demand_running"


async def test_a_cure_period_that_runs_out_rescinds_automatically(contract):
    await contract.event(await contract.notice(), "signed", "2026-04-16T11:00")
    await contract.until("2026-05-07")
    ended = await contract.contract()
    assert (ended["status"], ended["outcome"]) == ("terminated", "rescinded_automatically")
    assert ended["ended_at"] == "2026-05-07T00:00:00+08:00"


async def test_what_is_posted_arrives_on_the_day_the_clause_deems(contract):
    notice = await contract.notice()
    sent = await contract.event(notice, "posted", "2026-04-18T09:00")
    assert sent["status"] == "sent"
    assert (sent["arrival"]["status"], sent["arrival"]["at"]) == ("pending", "2026-04-22T00:00:00+08:00")
    assert (sent["arrival"]["legal_date"], sent["arrival"]["certainty"]) == ("2026-04-21", "deemed_by_clause")
    [timer] = await contract.timers("arrival")
    assert (timer["due_at"], timer["legal_date"]) == ("2026-04-22T00:00:00+08:00", "2026-04-21")
    assert timer["subject"] == {"notice_id": notice["id"], "type": "cure_notice"}
    fired = (await contract.until("2026-04-22"))["fired"]
    assert [one["kind"] for one in fired] == ["arrival"]
    arrived = await contract.read(notice)
    assert (arrived["status"], arrived["arrival"]["status"]) == ("arrived", "arrived")
    [cure] = await contract.timers("cure")
    assert cure["legal_date"] == "2026-05-06"


async def test_a_signature_before_the_deemed_day_brings_arrival_forward(contract):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-18T09:00")
    arrived = await contract.event(notice, "signed", "2026-04-19T15:00")
    assert (arrived["status"], arrived["arrival"]["at"]) == ("arrived", "2026-04-19T15:00:00+08:00")
    assert [timer["kind"] for timer in arrived["decision"]["cancelled"]] == ["arrival"]
    assert [event["type"] for event in arrived["decision"]["superseded"]] == ["notice.arriving"]


async def test_a_signature_reported_late_changes_the_past(contract):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-18T09:00")
    await contract.until("2026-04-30")
    assert (await contract.read(notice))["arrival"]["at"] == "2026-04-22T00:00:00+08:00"
    late = await contract.event(notice, "signed", "2026-04-18T17:00")
    assert late["arrival"]["at"] == "2026-04-18T17:00:00+08:00"
    assert {"notice.arriving", "notice.arrived", "ground.demanded"} <= {
        e["type"] for e in late["decision"]["superseded"]
    }
    [demand] = await contract.told("ground.demanded")
    assert demand["at"] == "2026-04-18T17:00:00+08:00"
    [cure] = await contract.timers("cure")
    assert cure["legal_date"] == "2026-05-06"


async def test_a_later_event_leaves_an_arrival_as_it_is(contract):
    notice = await contract.notice()
    await contract.event(notice, "signed", "2026-04-16T11:00")
    again = await contract.event(notice, "acknowledged", "2026-04-17T11:00")
    assert again["arrival"]["at"] == "2026-04-16T11:00:00+08:00"
    assert "decision" not in again
    assert [d["event"] for d in again["deliveries"]] == ["signed", "acknowledged"]


async def test_a_bounce_is_a_failure_and_triggers_nothing(contract):
    notice = await contract.notice(channel="email")
    await contract.event(notice, "sent", "2026-04-18T09:00")
    failed = await contract.event(notice, "bounced", "2026-04-18T09:01")
    assert (failed["status"], failed["arrival"]["status"]) == ("failed", "failed")
    assert (await contract.contract())["configuration"][-1] == "termination.none"
    assert await contract.timers("cure") == []
    assert len(await contract.told("notice.failed")) == 1


async def test_a_bounce_undoes_what_counted_as_sent(clocked):
    agreed = terms(notices={"rules": [{"channel": "email", "trigger": "sent"}]})
    contract = await in_force(clocked, agreed)
    await contract.until("2026-04-20")
    notice = await contract.notice(channel="email")
    arrived = await contract.event(notice, "sent", "2026-04-18T09:00")
    assert arrived["arrival"]["certainty"] == "deemed_by_clause"
    assert len(await contract.timers("cure")) == 1
    bounced = await contract.event(notice, "bounced", "2026-04-18T09:01")
    assert bounced["status"] == "failed"
    assert "ground.demanded" in [event["type"] for event in bounced["decision"]["superseded"]]
    assert await contract.timers("cure") == []
    assert (await contract.contract())["configuration"][-1] == "termination.none"


async def test_what_bounced_may_be_sent_again_by_another_channel(contract):
    notice = await contract.notice(channel="email")
    await contract.post(f"/v1/notices/{notice['id']}/actions/send", {"at": "2026-04-17T09:00:00+08:00"})
    await contract.event(notice, "bounced", "2026-04-17T09:01")
    again = await contract.post(
        f"/v1/notices/{notice['id']}/actions/send", {"at": "2026-04-17T10:00:00+08:00", "channel": "courier"}
    )
    assert (again["status"], again["arrival"]["at"]) == ("sent", "2026-04-21T00:00:00+08:00")
    assert again["sent_at"] == "2026-04-17T09:00:00+08:00"
    assert [(d["channel"], d["event"]) for d in again["deliveries"]] == [
        ("email", "sent"),
        ("email", "bounced"),
        ("courier", "posted"),
    ]


async def test_a_refusal_without_a_clause_counts_on_its_date_and_says_so(contract):
    notice = await contract.notice()
    refused = await contract.event(notice, "refused", "2026-04-17T10:00")
    arrival = refused["arrival"]
    assert (refused["status"], arrival["at"], arrival["assumed"]) == ("arrived", "2026-04-17T10:00:00+08:00", True)
    assert arrival["certainty"] == "presumed"
    assert "REFUSAL_POLICY_ASSUMED" in arrival["basis"]["steps"][0]["text"]


async def test_a_refusal_clause_for_all_channels_counts_the_return(clocked):
    agreed = terms(notices={"rules": [], "refusal": "return_date"})
    contract = await in_force(clocked, agreed)
    await contract.until("2026-04-20")
    notice = await contract.notice()
    refused = await contract.event(notice, "refused", "2026-04-15T10:00")
    assert refused["status"] == "sent"
    returned = await contract.event(notice, "returned", "2026-04-18T10:00")
    assert (returned["status"], returned["arrival"]["at"]) == ("arrived", "2026-04-18T10:00:00+08:00")
    assert (returned["arrival"]["assumed"], returned["arrival"]["certainty"]) == (False, "deemed_by_clause")


async def test_rules_that_nobody_agreed_are_assumed(clocked):
    agreed = terms()
    del agreed["notices"]
    contract = await in_force(clocked, agreed)
    await contract.until("2026-04-20")
    sent = await contract.event(await contract.notice(), "posted", "2026-04-16T09:00")
    assert sent["rules_assumed"] is True
    assert (sent["arrival"]["at"], sent["arrival"]["assumed"]) == ("2026-04-20T00:00:00+08:00", True)
    assert "default notice clause" in sent["arrival"]["basis"]["source"]


@pytest.mark.parametrize("assumed", [True, False])
async def test_the_timer_of_an_arrival_says_whether_it_is_assumed(clocked, assumed):
    agreed = terms()
    if assumed:
        del agreed["notices"]
    contract = await in_force(clocked, agreed)
    await contract.until("2026-04-20")
    sent = await contract.event(await contract.notice(), "posted", "2026-04-19T09:00")
    [timer] = await contract.timers("arrival")
    assert (sent["arrival"]["assumed"], timer["assumed"]) == (assumed, assumed)
    assert timer["basis"] == sent["arrival"]["basis"]


async def test_an_agreed_refusal_among_default_rules_is_not_assumed(clocked):
    contract = await in_force(clocked, terms(notices={"refusal": "refusal_date"}))
    await contract.until("2026-04-20")
    refused = await contract.event(await contract.notice(), "refused", "2026-04-17T10:00")
    assert (refused["rules_assumed"], refused["arrival"]["assumed"]) == (True, False)
    assert "the contract's notice clause" in refused["arrival"]["basis"]["source"]


async def test_a_return_does_not_undo_days_counted_from_posting(contract):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-15T09:00")
    returned = await contract.event(notice, "returned", "2026-04-19T09:00")
    assert (returned["status"], returned["arrival"]["legal_date"]) == ("arrived", "2026-04-18")
    assert "the return does not undo it" in returned["arrival"]["basis"]["steps"][-1]["text"]


async def test_a_channel_that_is_not_allowed_for_the_type_is_ignored(clocked):
    notices = {**terms()["notices"], "channels_allowed": {"cure_notice": ["courier"]}}
    contract = await in_force(clocked, terms(notices=notices))
    await contract.until("2026-04-20")
    notice = await contract.notice(channel="email")
    entered = await contract.event(notice, "entered", "2026-04-16T09:00")
    assert entered["status"] == "sent"
    assert "not a channel allowed" in entered["arrival"]["basis"]["steps"][0]["text"]
    signed = await contract.event(notice, "signed", "2026-04-17T09:00", channel="courier")
    assert signed["arrival"]["at"] == "2026-04-17T09:00:00+08:00"


async def test_working_days_of_an_unpublished_year_leave_arrival_open(clocked):
    rules = [{"channel": "courier", "trigger": "posted", "offset": {"length": 3, "unit": "working_day"}}]
    contract = await in_force(clocked, terms(notices={"rules": rules}, term={"end": "2028-12-31"}))
    await contract.until("2027-03-20")
    notice = await contract.notice()
    sent = await contract.event(notice, "posted", "2027-03-01T09:00")
    assert (sent["status"], sent["arrival"]["status"], sent["arrival"]["legal_date"]) == ("sent", "pending", None)
    assert sent["arrival"]["basis"]["status"] == "provisional"
    assert await contract.timers("cure") == []


async def test_the_clause_of_the_day_of_dispatch_governs(contract):
    notice = await contract.notice()
    await contract.post(f"/v1/notices/{notice['id']}/actions/send", {"at": "2026-04-19T16:00:00+08:00"})
    slower = [{"channel": "courier", "trigger": "posted", "offset": {"length": 30, "unit": "day"}}]
    changes = [{"op": "replace", "path": "/terms/notices/rules", "value": slower}]
    amendment = await contract.post(f"{contract.url}/amendments", {"changes": changes}, 201)
    for role in ("A", "B"):
        await contract.post(f"/v1/amendments/{amendment['id']}/actions/execute", {"party": role, "method": "seal"})
    kept = await contract.event(notice, "acknowledged", "2026-04-20T00:00:01", channel="im")
    assert kept["terms_version"] == 1
    assert kept["arrival"]["at"] == "2026-04-20T00:00:01+08:00"
    await contract.until("2026-04-21")
    new = await contract.event(await contract.notice(), "posted", "2026-04-20T09:00")
    assert (new["terms_version"], new["arrival"]["legal_date"]) == (2, "2026-05-20")


async def test_an_instant_has_the_offset_of_the_contracts_time_zone(contract):
    notice = await contract.notice(channel="email")
    body = {"event": "entered", "at": "2026-03-31T16:30:00Z"}
    arrived = await contract.post(f"/v1/notices/{notice['id']}/delivery-events", body)
    assert arrived["arrival"]["at"] == "2026-04-01T00:30:00+08:00"
    assert arrived["arrival"]["legal_date"] == "2026-04-01"


async def test_a_notice_arrives_in_a_draft_too_and_moves_nothing(clocked):
    contract = await Driven(clocked).draft()
    await contract.until("2026-01-03")
    arrived = await contract.event(await contract.notice(), "signed", "2026-01-02T10:00")
    assert arrived["status"] == "arrived"
    assert [e["type"] for e in arrived["decision"]["events"]] == ["notice.arrived", "notice.without_effect"]
    assert (await contract.contract())["configuration"] == ["draft.drafting"]
