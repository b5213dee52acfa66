"""What the end of a duty or of a contract asks of the recipients (R-C6, R-C7), and breaches that make terms longer."""

import pytest

from tests.features.confidentiality.driving import act, disclose, duty, end_by_agreement, file, of_one_key
from tests.features.notices.driving import Driven, in_force, terms

OVER_IN_MAY = {"rules": [{"class": "ordinary", "end": {"date": "2026-05-20"}}]}
FIFTEEN = {"length": 15, "unit": "day"}


async def running(client, confidentiality=None, **termination):
    agreed = terms(confidentiality=confidentiality or OVER_IN_MAY)
    agreed["termination"] |= termination
    contract = await in_force(client, agreed)
    await contract.until("2026-03-10")
    return contract


async def confirmation(contract):
    return (await duty(contract))["return_confirmation"]


async def test_the_end_of_the_duty_asks_for_return_and_its_day_passes(clocked):
    contract = await running(clocked)
    item = await disclose(contract)
    assert item["return_confirmation"] is None
    await contract.until("2026-05-21")
    asked = await confirmation(contract)
    assert (asked["cause"], asked["since"], asked["due_on"]) == ("expired", "2026-05-20", "2026-06-04")
    assert (asked["status"], asked["missing"], asked["assumed"]) == ("due", ["B"], True)
    [timer] = await contract.timers("confidential_return")
    assert (timer["legal_date"], timer["rule"]) == ("2026-06-04", "R-C6")
    await contract.until("2026-06-04T23:59:59")
    assert (await confirmation(contract))["status"] == "due"
    await contract.until("2026-06-05")
    assert (await confirmation(contract))["status"] == "overdue"
    [told] = await contract.told("confidentiality.return_overdue")
    assert (told["rule"], told["data"]["left"]) == ("R-C6", ["B"])
    proof = await file(contract, "销毁证明.txt", "destruction_certificate")
    done = await act(contract, item, "confirm-return", party="B", method="destroyed", evidence=[proof])
    assert done["return_confirmation"]["status"] == "done"
    assert done["returns"][0]["evidence"] == [proof]
    assert done["status"] == "expired"


async def test_a_return_in_time_that_is_told_late_was_in_time(clocked):
    contract = await running(clocked)
    item = await disclose(contract)
    await contract.until("2026-06-30")
    done = await act(contract, item, "confirm-return", party="B", method="destroyed", at="2026-06-01T10:00")
    assert done["return_confirmation"]["status"] == "done"
    assert [event["type"] for event in done["decision"]["superseded"]] == ["confidentiality.return_overdue"]


async def test_another_period_for_data_is_another_day(clocked):
    contract = await running(clocked, procedure={"data_return": {"length": 5, "unit": "day"}})
    await disclose(contract)
    await contract.until("2026-05-21")
    asked = await confirmation(contract)
    assert (asked["due_on"], asked["assumed"]) == ("2026-05-25", False)


async def test_f07_personal_information_is_due_after_the_end_of_the_contract(clocked):
    contract = await running(clocked, terms()["confidentiality"])
    item = await disclose(contract, **{"class": "personal_info"})
    await contract.until("2026-05-20T10:00")
    await end_by_agreement(contract, "2026-05-20")
    await contract.until("2026-05-21")
    found = await duty(contract)
    asked = found["return_confirmation"]
    assert (found["status"], asked["cause"], asked["due_on"]) == ("active_open", "ended", "2026-06-04")
    assert asked["records_until"] == "2029-06-04"
    [timer] = await contract.timers("confidential_return")
    assert timer["rule"] == "R-C7"
    bare = await act(contract, item, "confirm-return", party="B", method="deleted")
    asked = bare["return_confirmation"]
    assert (asked["status"], asked["missing"], asked["uncertified"]) == ("due", [], ["B"])
    assert bare["returns"][0]["lacks"] == ["NO_CERTIFICATE"]
    assert len(await contract.timers("confidential_return")) == 1
    proof = await file(contract, "销毁证明.txt", "destruction_certificate")
    done = await act(contract, item, "confirm-return", party="B", method="deleted", evidence=[proof])
    assert (done["return_confirmation"]["status"], done["status"]) == ("done", "active_open")
    assert [one["lacks"] for one in done["returns"]] == [["NO_CERTIFICATE"], []]
    assert done["return_confirmation"]["records_until"] == "2029-05-21"
    assert await contract.timers("confidential_return") == []


async def test_a_certified_return_of_all_data_is_one_of_the_item(clocked):
    contract = await running(clocked, terms()["confidentiality"])
    await disclose(contract, **{"class": "personal_info"})
    await contract.until("2026-05-20T10:00")
    await end_by_agreement(contract, "2026-05-20")
    await contract.until("2026-06-01")
    certificate = await file(contract, "销毁证明.txt", "destruction_certificate")
    await contract.act("record-performance", duty="data_return", evidence=[certificate])
    assert (await confirmation(contract))["status"] == "done"


RETURNED = {"after": {"anchor": "return_of_data", "period": {"length": 2, "unit": "year"}}}


async def test_a_period_after_the_return_runs_from_that_of_the_item_itself(clocked):
    contract = await running(clocked, {"rules": [{"class": "all", "end": RETURNED}]})
    item, other = await disclose(contract), await disclose(contract, name="话术", **{"class": "personal_info"})
    assert "every recipient confirms" in item["basis"]["steps"][-1]["text"]
    await contract.until("2026-06-12")
    back = await act(contract, item, "confirm-return", party="B", method="returned", at="2026-06-10T10:00")
    assert (back["status"], back["ends_on"]) == ("active_running", "2028-06-10")
    [timer] = await contract.timers("confidentiality")
    assert timer["legal_date"] == "2028-06-10"
    bare = await act(contract, other, "confirm-return", party="B", method="deleted", at="2026-06-10T10:00")
    assert bare["ends_on"] is None
    proof = await file(contract, "销毁证明.txt", "destruction_certificate")
    sure = await act(contract, other, "confirm-return", party="B", method="deleted", evidence=[proof])
    assert sure["ends_on"] == "2028-06-10"
    gone = await act(contract, item, "correct", no=2, reason="另一份")
    assert (gone["status"], gone["ends_on"]) == ("active_open", None)


async def test_a_period_after_the_return_runs_from_that_of_all_data(clocked):
    contract = await running(clocked, {"rules": [{"class": "all", "end": RETURNED}]})
    item = await disclose(contract)
    await contract.until("2026-05-20T10:00")
    await end_by_agreement(contract, "2026-05-20")
    await contract.until("2026-06-01")
    certificate = await file(contract, "销毁证明.txt", "destruction_certificate")
    await contract.act("record-performance", duty="data_return", evidence=[certificate])
    assert (await duty(contract))["ends_on"] == "2028-06-01"
    await contract.until("2026-06-10")
    later = await act(contract, item, "confirm-return", party="B", method="returned")
    assert later["ends_on"] == "2028-06-01"


async def test_a_return_is_confirmed_once_and_its_evidence_may_come_later(clocked):
    contract = await running(clocked)
    item, proof = await disclose(contract, recipients=["B"]), await file(contract, "销毁证明.txt")
    said = {"party": "B", "method": "destroyed", "at": "2026-03-06T10:00"}
    await act(contract, item, "confirm-return", **said)
    same = await act(contract, item, "confirm-return", 409, **said)
    other = await act(contract, item, "confirm-return", 409, **said | {"method": "returned", "evidence": [proof]})
    assert ("on record" in same["detail"], "not returned as well" in other["detail"]) == (True, True)
    assert "correct of step 2" in other["reasons"][0]["missing"]
    proved = await act(contract, item, "confirm-return", **said | {"evidence": [proof]})
    assert [one["evidence"] for one in proved["returns"]] == [[], [proof]]
    again = await act(contract, item, "confirm-return", 409, **said | {"evidence": [proof]})
    assert (again["reasons"][0]["rule"], "confirm-return" in again["allowed_actions"]) == ("R-C6", False)
    assert [step["kind"] for step in (await duty(contract))["steps"]] == ["disclose", "return", "return"]


async def test_a_certificate_by_mistake_is_missing_again(clocked):
    contract = await Driven(clocked).draft()
    item = await disclose(contract, disclosed_at=None, **{"class": "personal_info"})
    proof = await file(contract, "销毁证明.txt", "destruction_certificate")
    await act(contract, item, "confirm-return", party="B", method="deleted")
    await act(contract, item, "confirm-return", party="B", method="deleted", evidence=[proof])
    await act(contract, item, "correct", no=3, reason="另一份证明")
    await contract.to_effect()
    await contract.until("2026-05-20T10:00")
    await end_by_agreement(contract, "2026-05-20")
    await contract.until("2026-05-21")
    asked = await confirmation(contract)
    assert (asked["status"], asked["missing"], asked["uncertified"]) == ("due", [], ["B"])


@pytest.mark.parametrize("reason", ["consent", "public"])
async def test_personal_information_stays_protected_though_the_agreed_duty_is_released(clocked, reason):
    contract = await running(clocked, of_one_key()["confidentiality"])
    item = await disclose(contract, **{"class": "personal_info"})
    released = await act(contract, item, "release", reason=reason)
    assert (released["status"], released["residual"]) == ("released", "personal_info")
    assert "Personal Information" in released["residual_source"]
    await contract.until("2026-05-20T10:00")
    await end_by_agreement(contract, "2026-05-20")
    await contract.until("2026-05-21")
    asked = await confirmation(contract)
    assert (asked["cause"], asked["missing"], asked["due_on"]) == ("ended", ["B"], "2026-06-04")


async def test_what_outlives_the_agreed_duty_names_its_law(clocked):
    contract = await running(clocked, {"rules": [{"class": "all", "end": {"date": "2026-05-20"}}]})
    for item_class in ("ordinary", "trade_secret", "personal_info"):
        await disclose(contract, name=item_class, **{"class": item_class})
    await contract.until("2026-05-21")
    items = (await contract.get(f"{contract.url}/confidentiality"))["items"]
    assert [item["residual"] for item in items] == ["post_contract", "trade_secret", "personal_info"]
    assert ["558" in items[0]["residual_source"], "Secret" in items[1]["residual_source"]] == [True, True]
    assert "21, 47" in items[2]["residual_source"]


TOLL = {**terms()["confidentiality"], "toll": {"on": ["breach"], "add": "duration"}}


async def ended(client, confidentiality):
    contract = await running(client, confidentiality)
    item = await disclose(contract)
    await contract.until("2026-05-20T10:00")
    await end_by_agreement(contract, "2026-05-20")
    await contract.until("2028-04-01")
    return contract, item


BREACH = {"cause": "breach", "at": "2028-01-01T00:00", "ended_at": "2028-03-31T00:00"}


async def test_f08_a_breach_of_ninety_days_moves_the_end_where_the_clause_says_so(clocked):
    contract, item = await ended(clocked, TOLL)
    tolled = await act(contract, item, "toll", **BREACH, party="B")
    assert (tolled["ends_on"], tolled["ends_at"]) == ("2029-08-18", "2029-08-19T00:00:00+08:00")
    [listed] = tolled["tollings"]
    assert (listed["adds"], listed["party"], listed["ended_at"]) == (True, "B", "2028-03-31T00:00:00+08:00")
    assert "R-C4" in [step["rule"] for step in tolled["basis"]["steps"]]
    [timer] = await contract.timers("confidentiality")
    assert timer["legal_date"] == "2029-08-18"


@pytest.mark.parametrize("cause", ["breach", "dispute"])
async def test_without_a_clause_for_it_the_end_stays(clocked, cause):
    contract, item = await ended(clocked, terms()["confidentiality"] if cause == "breach" else TOLL)
    tolled = await act(contract, item, "toll", **BREACH | {"cause": cause})
    assert (tolled["ends_on"], tolled["tollings"][0]["adds"]) == ("2029-05-20", False)


async def test_while_a_breach_lasts_no_end_is_known(clocked):
    contract, item = await ended(clocked, TOLL)
    tolled = await act(contract, item, "toll", cause="breach", at="2028-01-01T00:00")
    assert (tolled["status"], tolled["ends_on"], tolled["tollings"][0]["ended_at"]) == ("active_open", None, None)
    number = tolled["tollings"][0]["no"]
    await contract.until("2029-06-01")
    assert (await duty(contract))["status"] == "active_open"
    over = await act(contract, item, "end-toll", no=number, at="2028-03-31T00:00")
    assert (over["status"], over["ends_on"]) == ("active_running", "2029-08-18")
    again = await act(contract, item, "end-toll", 409, no=number)
    assert again["reasons"][0]["rule"] == "R-C4"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"cause": "breach", "at": "2028-03-01T00:00", "ended_at": "2028-02-01T00:00"}, "/ended_at"),
        ({"cause": "breach", "ended_at": "2028-05-01T00:00"}, "/ended_at"),
        ({"cause": "breach", "party": "C"}, "/party"),
        ({"cause": "breach", "at": "2028-05-01T00:00"}, "/at"),
    ],
)
async def test_a_breach_that_cannot_be_is_refused(clocked, body, pointer):
    contract, item = await ended(clocked, TOLL)
    refused = await act(contract, item, "toll", 422, **body)
    assert refused["errors"][0]["pointer"] == pointer
    assert (await duty(contract))["tollings"] == []


async def test_a_breach_of_no_number_is_not_ended(clocked):
    contract, item = await ended(clocked, TOLL)
    for no in (0, 1, 7):
        refused = await act(contract, item, "end-toll", 422, no=no)
        assert refused["errors"][0]["pointer"] == "/no"
    await act(contract, item, "end-toll", 400, no=2**40)


async def test_after_the_end_nothing_is_tolled(clocked):
    contract, item = await ended(clocked, TOLL)
    await contract.until("2029-06-01")
    refused = await act(contract, item, "toll", 409, cause="breach")
    assert refused["reasons"][0]["rule"] == "R-C4"
