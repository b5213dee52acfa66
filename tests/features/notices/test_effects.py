"""What an arrival brings about, and what it does not."""

import datetime as dt
from uuid import UUID

import pytest

from clm.features.parties import service as parties
from tests.conftest import caller
from tests.features.notices.driving import in_force, terms


@pytest.fixture
async def contract(clocked):
    contract = await in_force(clocked)
    await contract.until("2026-04-20")
    return contract


async def test_a_rescission_that_names_no_ground_is_defective_and_moves_nothing(contract):
    notice = await contract.rescission(ground=None)
    assert notice["validity"] == "defective"
    [defect] = notice["defects"]
    assert (defect["pointer"], defect["rule"]) == ("/ground", "R-N11")
    arrived = await contract.event(notice, "signed", "2026-04-16T11:00")
    assert arrived["status"] == "arrived"
    assert (await contract.contract())["status"] == "effective"
    [without] = await contract.told("notice.without_effect")
    assert without["rule"] == "R-N11"


async def test_a_cure_notice_without_a_ground_is_defective(contract):
    notice = await contract.notice(ground=None)
    assert notice["validity"] == "defective"
    await contract.event(notice, "signed", "2026-04-16T11:00")
    assert await contract.timers("cure") == []


async def test_a_demand_that_names_a_ground_works_like_a_cure_notice(contract):
    notice = await contract.notice(type="demand", cure={"automatic": True})
    assert notice["clause"] == (await contract.notice())["clause"]
    await contract.event(notice, "signed", "2026-04-16T11:00")
    [cure] = await contract.timers("cure")
    assert (cure["legal_date"], cure["subject"]["automatic"]) == ("2026-05-06", True)
    await contract.until("2026-05-07")
    assert (await contract.contract())["outcome"] == "rescinded_automatically"


async def test_a_demand_without_a_ground_is_valid_and_moves_nothing(contract):
    notice = await contract.notice(type="demand", ground=None, cure=None)
    assert (notice["validity"], notice["defects"]) == ("valid", [])
    arrived = await contract.event(notice, "signed", "2026-04-16T11:00")
    assert [event["type"] for event in arrived["decision"]["events"]] == ["notice.arrived"]
    assert (await contract.contract())["configuration"][-1] == "termination.none"


@pytest.mark.parametrize("kind", ["cure_notice", "demand"])
async def test_a_cure_notice_on_a_ground_without_demand_points_to_the_rescission(contract, kind):
    notice = await contract.notice(**{"type": kind, "from": "B", "to": "A", "ground": "late_payment"})
    await contract.event(notice, "signed", "2026-04-16T11:00")
    [without] = await contract.told("notice.without_effect")
    assert without["rule"] == "T31"
    assert "needs no demand" in without["explanation"]
    assert "a rescission notice may follow" in without["explanation"]
    rescission = await contract.rescission(**{"from": "B", "to": "A", "ground": "late_payment"})
    await contract.event(rescission, "signed", "2026-04-17T11:00")
    assert (await contract.contract())["outcome"] == "rescinded_by_notice"


@pytest.mark.parametrize("asserted", [True, False])
async def test_a_demand_on_the_other_partys_ground_has_no_effect(contract, asserted):
    if asserted:
        await contract.act("record-ground", ground="late_payment", holder="B", at="2026-04-10T09:00:00+08:00")
    notice = await contract.notice(ground="late_payment")
    await contract.event(notice, "signed", "2026-04-16T11:00")
    [without] = await contract.told("notice.without_effect")
    assert "late_payment belongs to" in without["explanation"]
    assert "needs no demand" not in without["explanation"]


async def test_a_rescission_before_the_demand_has_no_effect(contract):
    notice = await contract.rescission(ground="material_breach")
    assert notice["validity"] == "valid"
    await contract.event(notice, "signed", "2026-04-16T11:00")
    assert (await contract.contract())["status"] == "effective"
    [without] = await contract.told("notice.without_effect")
    assert without["rule"] == "T35"


async def test_once_the_cure_period_ran_out_a_notice_rescinds(contract):
    cure = await contract.notice(cure={"automatic": False})
    await contract.event(cure, "signed", "2026-04-16T11:00")
    await contract.until("2026-05-08")
    assert (await contract.contract())["configuration"][-1] == "termination.right_exercisable"
    rescission = await contract.rescission()
    arrived = await contract.event(rescission, "signed", "2026-05-07T10:05")
    ended = await contract.contract()
    assert (ended["status"], ended["outcome"]) == ("terminated", "rescinded_by_notice")
    assert ended["ended_at"] == "2026-05-07T10:05:00+08:00"
    assert "T35" in [event["transition"] for event in arrived["decision"]["events"]]


async def test_a_ground_that_needs_no_demand_is_exercised_by_one_notice(contract):
    rescission = await contract.rescission(**{"from": "B", "to": "A", "ground": "late_payment"})
    assert rescission["clause"] == "7.4"
    await contract.event(rescission, "signed", "2026-04-16T11:00")
    assert (await contract.contract())["outcome"] == "rescinded_by_notice"


async def test_a_right_of_the_other_party_is_not_exercised(contract):
    rescission = await contract.rescission(ground="late_payment")
    await contract.event(rescission, "signed", "2026-04-16T11:00")
    assert (await contract.contract())["status"] == "effective"


async def test_a_notice_may_set_a_longer_cure_period(contract):
    notice = await contract.notice(cure={"period": {"length": 30, "unit": "day"}, "automatic": True})
    assert notice["cure"] == {"period": {"length": 30, "unit": "day"}, "automatic": True}
    await contract.event(notice, "signed", "2026-04-16T11:00")
    [cure] = await contract.timers("cure")
    assert cure["legal_date"] == "2026-05-18"


async def test_performance_in_time_ends_the_demand(contract):
    await contract.event(await contract.notice(), "signed", "2026-04-16T11:00")
    await contract.until("2026-05-06T23:30")
    await contract.act("record-performance", at="2026-05-06T23:00:00+08:00")
    await contract.until("2026-06-01")
    assert (await contract.contract())["status"] == "effective"


async def test_an_objection_that_arrives_in_time_stops_the_renewal(clocked):
    renewing = {"end": "2026-12-31", "renewal": {"automatic": True}}
    contract = await in_force(clocked, terms(term=renewing))
    await contract.until("2026-11-30")
    notice = await contract.notice(type="renewal_objection", ground=None, cure=None, channel="email")
    await contract.event(notice, "entered", "2026-11-29T10:00")
    await contract.until("2027-01-02")
    assert (await contract.contract())["outcome"] == "expired"


async def test_an_address_change_operates_after_its_lead_days(contract):
    address = {"channel": "courier", "address": "上海市示例路2号", "recipient": "李雷"}
    old = {"channel": "courier", "address": "上海市示例路1号", "operates_from": "2026-01-01"}
    party = f"/v1/parties/{contract.parties['B']}"
    await contract.post(f"{party}/addresses", old, 201)
    change = await contract.notice(
        **{"type": "address_change", "from": "B", "to": "A", "ground": None, "cure": None, "details": address}
    )
    await contract.event(change, "signed", "2026-03-03T10:00")
    book = (await contract.get(party))["addresses"]
    assert [(row["address"], row["operates_from"]) for row in book] == [
        ("上海市示例路1号", "2026-01-01"),
        ("上海市示例路2号", "2026-03-08"),
    ]
    before = await contract.event(await contract.notice(), "posted", "2026-03-04T10:00")
    assert before["address"]["address"] == "上海市示例路1号"
    after = await contract.event(await contract.notice(), "posted", "2026-03-08T10:00")
    assert after["address"]["address"] == "上海市示例路2号"


async def test_a_notice_of_withdrawal_takes_back_what_it_overtakes(contract):
    """Civil Code 141: it arrives before the notice, or together with it."""
    taken_back, kept = await contract.notice(), await contract.notice()
    await contract.event(taken_back, "posted", "2026-04-10T10:00")
    await contract.event(kept, "signed", "2026-04-11T10:00")
    for notice, at in ((taken_back, "2026-04-10T15:00"), (kept, "2026-04-11T15:00")):
        withdrawal = await contract.notice(
            type="withdrawal", ground=None, cure=None, details={"withdraws": notice["id"]}, channel="personal"
        )
        await contract.event(withdrawal, "handed_over", at)
    await contract.event(taken_back, "signed", "2026-04-12T10:00", status=409)
    assert [(await contract.read(one))["status"] for one in (taken_back, kept)] == ["withdrawn", "arrived"]
    (step,) = [one for one in (await contract.read(taken_back))["deliveries"] if one["event"] == "withdrawn"]
    assert (step["at"], step["channel"]) == ("2026-04-10T15:00:00+08:00", "personal")


async def test_a_withdrawal_of_what_another_sent_or_of_nothing_takes_nothing_back(contract):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-10T10:00")
    sender = {"A": "B", "B": "A"}[notice["from"]]
    for named, side in ((notice["id"], {"from": sender, "to": notice["from"]}), ("nothing", {})):
        withdrawal = await contract.notice(
            **{"type": "withdrawal", "ground": None, "cure": None, "details": {"withdraws": named}, **side}
        )
        await contract.event(withdrawal, "signed", "2026-04-10T15:00")
    assert (await contract.read(notice))["status"] == "arrived"


async def test_an_announced_address_operates_toward_who_was_told(app, database, clocked_tenancy):
    """Who got no notice of it writes to the old address still (137(2), 529)."""
    contract = await in_force(caller(app, clocked_tenancy.key))
    await contract.until("2026-04-20")
    party = f"/v1/parties/{contract.parties['B']}"
    old = {"channel": "courier", "address": "上海市示例路1号", "operates_from": "2026-01-01"}
    await contract.post(f"{party}/addresses", old, 201)
    address = {"channel": "courier", "address": "上海市示例路2号"}
    change = await contract.notice(
        **{"type": "address_change", "from": "B", "to": "A", "ground": None, "cure": None, "details": address}
    )
    await contract.event(change, "signed", "2026-03-03T10:00")
    assert [row["told"] for row in (await contract.get(party))["addresses"]] == [None, contract.parties["A"]]
    stranger = await contract.post("/v1/parties", {"legal_name": "丙公司", "kind": "legal_person"}, 201)
    reads, day = database.reads(clocked_tenancy.tenant), dt.date(2026, 3, 10)
    for toward, expected in ((contract.parties["A"], "上海市示例路2号"), (stranger["id"], "上海市示例路1号")):
        found = await parties.address_on(reads, UUID(contract.parties["B"]), "courier", day, UUID(toward))
        assert found.address == expected


async def test_an_address_change_that_arrives_by_itself_counts_at_the_next_dispatch(contract):
    address = {"channel": "courier", "address": "上海市示例路2号"}
    change = await contract.notice(
        **{"type": "address_change", "from": "B", "to": "A", "ground": None, "cure": None, "details": address}
    )
    await contract.event(change, "posted", "2026-04-20T00:00:01")
    await contract.until("2026-04-30")
    sent = await contract.event(await contract.notice(), "posted", "2026-04-29T10:00")
    assert sent["address"]["address"] == "上海市示例路2号"
    assert sent["address"]["operates_from"] == "2026-04-28"


async def test_a_ground_that_was_taken_out_since_can_be_named_by_a_notice_from_before(contract):
    removal = {
        "changes": [{"op": "remove", "path": "/terms/termination/grounds/1"}],
        "effective": {"on": "2026-05-01"},
    }
    amendment = await contract.post(f"{contract.url}/amendments", removal, 201)
    for role in ("A", "B"):
        await contract.post(f"/v1/amendments/{amendment['id']}/actions/execute", {"party": role, "method": "seal"})
    await contract.until("2026-06-01")
    agreed = (await contract.get(f"{contract.url}/terms"))["agreed"]
    assert [one["key"] for one in agreed["termination"]["grounds"]] == ["material_breach"]
    late = {"from": "B", "to": "A", "ground": "late_payment", "channel": "email"}
    notice = await contract.rescission(**late)
    await contract.event(notice, "entered", "2026-04-15T09:00")
    ended = await contract.contract()
    assert (ended["outcome"], ended["ended_at"]) == ("rescinded_by_notice", "2026-04-15T09:00:00+08:00")


async def test_a_ground_that_was_taken_out_before_the_notice_arrived_does_nothing(contract):
    removal = {"changes": [{"op": "remove", "path": "/terms/termination/grounds/1"}]}
    amendment = await contract.post(f"{contract.url}/amendments", removal, 201)
    for role in ("A", "B"):
        await contract.post(f"/v1/amendments/{amendment['id']}/actions/execute", {"party": role, "method": "seal"})
    await contract.until("2026-06-01")
    notice = await contract.rescission(**{"from": "B", "to": "A", "ground": "late_payment", "channel": "email"})
    await contract.event(notice, "entered", "2026-05-15T09:00")
    assert (await contract.contract())["status"] == "effective"
    assert len(await contract.told("notice.without_effect")) == 1


@pytest.mark.parametrize(
    ("channel", "event", "pointer"),
    [("courier", "bounced", "/event"), ("email", "signed", "/event"), ("email", "bounced", "/channel")],
)
async def test_what_cannot_happen_to_a_notice_is_refused(contract, channel, event, pointer):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-10T10:00")
    refused = await contract.event(notice, event, "2026-04-11T10:00", status=422, channel=channel)
    assert refused["errors"][0]["pointer"] == pointer


async def test_an_announced_address_is_one(contract):
    details = {"channel": "email", "address": "not-an-email"}
    refused = await contract.notice(
        422, **{"type": "address_change", "from": "B", "to": "A", "ground": None, "cure": None, "details": details}
    )
    assert refused["errors"][0]["pointer"] == "/details/address"
