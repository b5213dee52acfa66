"""How long a duty of confidence lasts, as the contract lives and ends (8.3)."""

import pytest

from tests.features.confidentiality.driving import action, disclose, duties, end_by_agreement
from tests.features.notices.driving import Driven, in_force, terms

OVER_SOON = {"class": "ordinary", "end": {"date": "2026-01-15"}}


@pytest.fixture
async def contract(clocked):
    contract = await in_force(clocked)
    await contract.until("2026-03-10")
    return contract


async def test_the_duty_is_open_until_its_anchor_is_reached(contract):
    item = await disclose(contract)
    assert item["disclosed_at"] == "2026-03-05T10:00:00+08:00"
    [duty] = await duties(contract)
    assert {**item, "version": duty["version"]} == {**duty, "decision": item["decision"]}
    assert (duty["status"], duty["ends_on"], duty["ends_at"], duty["residual"]) == ("active_open", None, None, None)
    assert (duty["assumed"], duty["flags"], duty["basis"]["rule"]) == (False, [], "R-C3")
    assert await contract.timers("confidentiality") == []


async def test_three_years_after_termination(contract):
    item = await disclose(contract)
    await contract.until("2026-05-20T10:00")
    await end_by_agreement(contract, "2026-05-20")
    await contract.until("2026-05-21")
    assert (await contract.contract())["outcome"] == "mutual"
    [duty] = await duties(contract)
    assert (duty["status"], duty["ends_on"]) == ("active_running", "2029-05-20")
    assert (duty["ends_at"], duty["residual"]) == ("2029-05-21T00:00:00+08:00", None)
    [timer] = await contract.timers("confidentiality")
    assert (timer["due_at"], timer["legal_date"]) == ("2029-05-21T00:00:00+08:00", "2029-05-20")
    assert timer["subject"] == {"item_id": item["id"], "name": "客户名单"}
    await contract.until("2029-05-20T23:59:59")
    assert (await duties(contract))[0]["status"] == "active_running"
    await contract.until("2029-05-21T00:00:00")
    [over] = await duties(contract)
    assert (over["status"], over["ends_on"], over["residual"]) == ("expired", "2029-05-20", "post_contract")
    [told] = await contract.told("confidentiality.expired")
    assert told["data"]["confirm"] is True


async def test_expiry_at_midnight_anchors_on_the_last_day(contract):
    await disclose(contract)
    await contract.until("2027-01-02")
    assert (await contract.contract())["outcome"] == "expired"
    [duty] = await duties(contract)
    assert duty["ends_on"] == "2029-12-31"


async def test_a_trade_secret_has_no_end_by_default(clocked):
    agreed = terms()
    del agreed["confidentiality"]
    contract = await in_force(clocked, agreed)
    await disclose(contract, disclosed_at=None, **{"class": "trade_secret"})
    await contract.until("2030-01-02")
    [duty] = await duties(contract)
    assert (duty["status"], duty["ends_on"]) == ("active_open", None)


async def test_a_trade_secret_stays_protected_when_the_agreed_term_is_over(clocked):
    rule = {"class": "all", "end": {"after": {"anchor": "termination", "period": {"length": 3, "unit": "year"}}}}
    contract = await in_force(clocked, terms(confidentiality={"rules": [rule]}))
    await disclose(contract, disclosed_at=None, **{"class": "trade_secret"})
    await contract.until("2026-05-20T10:00")
    await end_by_agreement(contract, "2026-05-20")
    await contract.until("2030-01-01")
    [duty] = await duties(contract)
    assert (duty["status"], duty["ends_on"], duty["residual"]) == ("expired", "2029-05-20", "trade_secret")


async def test_personal_information_does_not_depend_on_the_term(contract):
    await disclose(contract, **{"class": "personal_info"})
    await contract.until("2027-01-02")
    [duty] = await duties(contract)
    assert (duty["status"], duty["ends_on"], duty["basis"]["rule"]) == ("active_open", None, "R-C7")
    assert duty["assumed"] is True
    assert ["no end date" in step["text"] for step in duty["basis"]["steps"]] == [False, True]


async def test_a_term_from_signing_ends_while_the_contract_runs(clocked):
    rule = {"class": "ordinary", "end": {"after": {"anchor": "signing", "period": {"length": 2, "unit": "month"}}}}
    contract = await in_force(clocked, terms(confidentiality={"rules": [rule]}))
    await disclose(contract, disclosed_at=None)
    assert (await duties(contract))[0]["ends_on"] == "2026-03-08"
    await contract.until("2026-03-09")
    assert (await contract.contract())["status"] == "effective"
    assert (await duties(contract))[0]["status"] == "expired"


async def test_an_item_of_an_agreed_term_that_is_over_already_expires_at_once(clocked):
    rule = {"class": "ordinary", "end": {"after": {"anchor": "disclosure", "period": {"length": 10, "unit": "day"}}}}
    contract = await in_force(clocked, terms(confidentiality={"rules": [rule]}))
    item = await disclose(contract, disclosed_at="2026-01-05T10:00:00+08:00")
    assert (item["status"], item["ends_on"]) == ("expired", "2026-01-15")
    assert "confidentiality.expired" in [event["type"] for event in item["decision"]["events"]]


async def test_an_item_disclosed_when_the_agreed_term_was_over_says_so(contract):
    await disclose(contract)
    await contract.until("2026-05-20T10:00")
    await end_by_agreement(contract, "2026-05-20")
    await contract.until("2029-06-01")
    await disclose(contract, name="最后时刻", disclosed_at="2029-05-20T23:59:59+08:00")
    await disclose(contract, name="迟到资料", disclosed_at="2029-05-21T00:00:00+08:00")
    found = [(duty["status"], duty["ends_on"], duty["flags"]) for duty in await duties(contract)]
    assert found == [("expired", "2029-05-20", flags) for flags in ([], [], ["DISCLOSED_AFTER_TERM"])]


async def test_a_default_of_the_type_is_named_as_such(clocked):
    agreed = terms()
    del agreed["confidentiality"]
    contract = await in_force(clocked, agreed)
    await disclose(contract, disclosed_at=None)
    await contract.until("2027-01-02")
    [duty] = await duties(contract)
    [timer] = await contract.timers("confidentiality")
    for shown in (duty, timer):
        assert shown["assumed"] is True
        assert shown["basis"]["source"].startswith("default of the contract type (policy 3.12)")


async def test_a_silent_clause_lasts_until_the_secret_is_out(clocked):
    contract = await in_force(clocked, terms(confidentiality={"rules": [{"class": "ordinary"}]}))
    await disclose(contract, disclosed_at=None)
    [duty] = await duties(contract)
    assert (duty["status"], duty["flags"], duty["assumed"]) == ("active_open", ["AMBIGUOUS", "SILENT"], True)


async def test_the_duty_exists_before_and_without_a_contract(clocked):
    contract = await Driven(clocked).draft()
    await contract.until("2026-02-01")
    item = await disclose(contract, disclosed_at="2026-01-15T10:00:00+08:00")
    assert (item["status"], item["ends_on"]) == ("active_open", None)
    await contract.act("withdraw")
    await contract.until("2030-01-01")
    [duty] = await duties(contract)
    assert (duty["status"], duty["ends_on"]) == ("active_open", None)


@pytest.mark.parametrize("how", ["withdraw", "reject"])
async def test_f10_talks_that_led_to_no_contract_leave_the_duty_of_the_law_and_ask_for_return(clocked, how):
    contract = await Driven(clocked).draft(terms(confidentiality={"rules": [OVER_SOON]}))
    item = await disclose(contract, disclosed_at="2026-01-01T00:00:00+08:00")
    if how == "reject":
        await contract.act("submit")
        await contract.act("approve")
    await contract.until("2026-01-20")
    assert (await duties(contract))[0]["status"] == "expired"
    await contract.act(how, **({"party": "B"} if how == "reject" else {}))
    [duty] = await duties(contract)
    assert (duty["status"], duty["ends_on"], duty["assumed"]) == ("active_open", None, False)
    assert (duty["basis"]["rule"], duty["basis"]["source"]) == ("R-C1", "Civil Code 501")
    asked = duty["return_confirmation"]
    assert (asked["cause"], asked["since"], asked["due_on"]) == ("not_formed", "2026-01-20", "2026-02-04")
    assert (asked["status"], asked["missing"], asked["assumed"]) == ("due", ["B"], True)
    await contract.until("2026-02-05")
    assert (await duties(contract))[0]["return_confirmation"]["status"] == "overdue"
    done = await contract.post(action(item, "confirm-return"), {"party": "B", "method": "destroyed"})
    assert done["return_confirmation"]["status"] == "done"
    assert done["status"] == "active_open"


async def test_an_item_of_the_draft_lives_on_in_the_contract(clocked):
    contract = await Driven(clocked).draft()
    await disclose(contract, disclosed_at=None)
    await contract.to_effect()
    await contract.until("2027-01-02")
    assert (await duties(contract))[0]["ends_on"] == "2029-12-31"


async def test_an_agreed_extension_moves_the_end(contract):
    await disclose(contract)
    longer = [{**terms()["confidentiality"]["rules"][0]}]
    longer[0]["end"] = {"after": {"anchor": "termination", "period": {"length": 5, "unit": "year"}}}
    changes = [{"op": "replace", "path": "/terms/confidentiality/rules", "value": longer}]
    amendment = await contract.post(f"{contract.url}/amendments", {"changes": changes}, 201)
    for role in ("A", "B"):
        await contract.post(f"/v1/amendments/{amendment['id']}/actions/execute", {"party": role, "method": "seal"})
    await contract.until("2026-05-20T10:00")
    await end_by_agreement(contract, "2026-05-20")
    await contract.until("2026-05-21")
    assert (await duties(contract))[0]["ends_on"] == "2031-05-20"


async def test_a_proposal_of_one_side_moves_nothing(contract):
    await disclose(contract)
    longer = [{"class": "ordinary", "end": {"perpetual": True}}]
    changes = [{"op": "replace", "path": "/terms/confidentiality/rules", "value": longer}]
    await contract.post(f"{contract.url}/amendments", {"changes": changes, "proposed_by": "A"}, 201)
    await contract.until("2027-01-02")
    assert (await duties(contract))[0]["ends_on"] == "2029-12-31"


async def test_a_withdrawn_rescission_takes_the_anchor_back(contract):
    await disclose(contract)
    rescission = await contract.rescission(**{"from": "B", "to": "A", "ground": "late_payment", "channel": "email"})
    await contract.event(rescission, "entered", "2026-03-09T09:00")
    assert (await duties(contract))[0]["status"] == "active_running"
    body = {"arrived_at": "2026-03-09T08:59:59+08:00"}
    await contract.post(f"/v1/notices/{rescission['id']}/actions/withdraw", body)
    [duty] = await duties(contract)
    assert (duty["status"], duty["ends_on"]) == ("active_open", None)
    assert await contract.timers("confidentiality") == []


async def test_a_mark_that_the_terms_ask_for_is_missed(clocked):
    confidentiality = {**terms()["confidentiality"], "marking_required": True}
    contract = await in_force(clocked, terms(confidentiality=confidentiality))
    await disclose(contract, disclosed_at=None)
    await disclose(contract, disclosed_at=None, marked=True, carrier="U盘")
    assert [duty["flags"] for duty in await duties(contract)] == [["UNMARKED"], []]


async def test_agreed_tolling_is_pointed_out(clocked):
    toll = {"on": ["breach"], "add": "duration"}
    contract = await in_force(clocked, terms(confidentiality={**terms()["confidentiality"], "toll": toll}))
    assert (await disclose(contract, disclosed_at=None))["flags"] == ["TOLLING"]
