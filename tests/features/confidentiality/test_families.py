"""Every family of 8.3 as it is found in contracts, over HTTP: what the clause says, and when the duty ends."""

import pytest

from tests.features.confidentiality.driving import disclose, duties, duty, end_by_agreement, file
from tests.features.notices.driving import Driven, in_force, terms


def after(anchor, years):
    return {"after": {"anchor": anchor, "period": {"length": years, "unit": "year"}}}


def rule(end=None, item_class="ordinary", **more):
    return {"class": item_class, **({"end": end} if end else {}), **more}


PUBLIC = {"until": "public_or_no_longer_secret"}
NOT_CLEAR = {"after": {"period": {"length": 3, "unit": "year"}}}
SECRET = rule(PUBLIC, "trade_secret", start="disclosure")
FAMILIES = [
    # what it is called, the rules, the last day while the contract runs, and once it ended on 20 May 2026
    ("AFTER_TERMINATION 1y", [rule(after("termination", 1))], None, "2027-05-20"),
    ("AFTER_TERMINATION 2y", [rule(after("termination", 2))], None, "2028-05-20"),
    ("AFTER_TERMINATION 3y", [rule(after("termination", 3))], None, "2029-05-20"),
    ("AFTER_TERMINATION 5y", [rule(after("termination", 5))], None, "2031-05-20"),
    ("SIGNING to TERMINATION+2y", [rule(after("termination", 2), start="signing")], None, "2028-05-20"),
    ("SIGNING to TERMINATION+3y", [rule(after("termination", 3), start="signing")], None, "2029-05-20"),
    ("EFFECTIVE to TERMINATION+2y", [rule(after("termination", 2), start="effective")], None, "2028-05-20"),
    ("CONTACT to TERMINATION+5y", [rule(after("termination", 5), start="negotiation")], None, "2031-05-20"),
    ("FROM_SIGNING 2y", [rule(after("signing", 2), start="signing")], "2028-01-08", "2028-01-08"),
    ("FROM_EFFECTIVE 5y", [rule(after("effective", 5), start="effective")], "2031-03-01", "2031-03-01"),
    ("FROM_CONTACT 3y", [rule(after("negotiation", 3), start="negotiation")], "2028-11-15", "2028-11-15"),
    ("DISCLOSURE to TERMINATION+5y", [rule(after("termination", 5), start="disclosure"), SECRET], None, "2031-05-20"),
    ("UNTIL_LAWFULLY_PUBLIC", [rule({"until": "lawfully_public"})], None, None),
    ("UNTIL_PUBLIC_OR_WRITTEN_RELEASE", [rule({"until": "public_or_written_release"})], None, None),
    ("PERPETUAL", [rule({"perpetual": True})], None, None),
    ("SURVIVES_NO_END", [rule(PUBLIC)], None, None),
    ("DATE", [rule({"date": "2030-06-30"})], "2030-06-30", "2030-06-30"),
    ("LATER_OF", [rule({"later_of": [after("signing", 5), after("termination", 3)]})], None, "2031-01-08"),
    ("EARLIER_OF", [rule({"earlier_of": [after("signing", 5), after("termination", 3)]})], "2031-01-08", "2029-05-20"),
]


async def with_rules(client, rules, **more):
    agreed = {"rules": rules, "negotiation_began": "2025-11-15", **more}
    return await in_force(client, terms(confidentiality=agreed))


@pytest.mark.parametrize(("rules", "running", "ended"), [f[1:] for f in FAMILIES], ids=[f[0] for f in FAMILIES])
async def test_a_family(clocked, rules, running, ended):
    contract = await with_rules(clocked, rules)
    await contract.until("2026-03-10")
    await disclose(contract)
    assert_ends(await duty(contract), running)
    await contract.until("2026-05-20T10:00")
    await end_by_agreement(contract, "2026-05-20")
    await contract.until("2026-05-21")
    assert_ends(await duty(contract), ended)
    assert [timer["legal_date"] for timer in await contract.timers("confidentiality")] == ([ended] if ended else [])


def assert_ends(found, day):
    assert (found["status"], found["ends_on"]) == ("active_running" if day else "active_open", day)
    assert (found["flags"], found["basis"]["rule"]) == ([], "R-C3")


async def test_a_trade_secret_lasts_beside_a_term_for_the_rest(clocked):
    contract = await with_rules(clocked, [rule(after("termination", 5), start="disclosure"), SECRET])
    await disclose(contract, disclosed_at=None, **{"class": "trade_secret"})
    await end_by_agreement(contract, "2026-05-20")
    await contract.until("2032-01-01")
    assert_ends(await duty(contract), None)


async def test_the_first_contact_is_told_as_the_start(clocked):
    contract = await with_rules(clocked, [rule(after("termination", 5), start="negotiation")])
    item = await disclose(contract, disclosed_at=None)
    steps = [(step["rule"], step.get("date")) for step in item["basis"]["steps"][:2]]
    assert steps == [("R-C1", "2025-11-15"), ("R-C3", "2025-11-15")]


UNCLEAR = [
    ("AMBIGUOUS", [rule(NOT_CLEAR)], ["AMBIGUOUS"]),
    ("SILENT", [rule()], ["AMBIGUOUS", "SILENT"]),
    ("CONTRADICTING", [rule({"perpetual": True}), rule(after("signing", 2))], ["AMBIGUOUS"]),
    ("OF THE OTHER SIDE", [rule(after("signing", 2), owner="B")], ["AMBIGUOUS", "SILENT"]),
]


@pytest.mark.parametrize(("rules", "flags"), [f[1:] for f in UNCLEAR], ids=[f[0] for f in UNCLEAR])
async def test_what_is_not_clear_lasts_until_the_secret_is_out(clocked, rules, flags):
    contract = await with_rules(clocked, rules)
    await disclose(contract, disclosed_at=None)
    await contract.until("2031-01-01")
    found = await duty(contract)
    assert (found["status"], found["ends_on"], found["flags"]) == ("active_open", None, flags)
    assert (found["assumed"], found["basis"]["rule"]) == (True, "R-C10")


async def test_no_clause_at_all_is_the_default_of_the_type(clocked):
    agreed = terms()
    del agreed["confidentiality"]
    contract = await in_force(clocked, agreed)
    await disclose(contract, disclosed_at=None)
    await end_by_agreement(contract, "2026-05-20")
    await contract.until("2026-05-21")
    found = await duty(contract)
    assert (found["ends_on"], found["assumed"]) == ("2029-05-20", True)


async def test_rules_for_one_side_for_a_kind_of_file_and_for_one_item(clocked):
    rules = [
        rule(after("signing", 5)),
        rule(after("signing", 6), owner="B"),
        rule(after("signing", 7), "all", attachment_kind="scripts"),
        {"item": "名单二", "start": "signing", "end": after("signing", 8)},
    ]
    contract = await with_rules(clocked, rules)
    scripts = await file(contract, "话术.txt", "scripts")
    for changes in (
        {},
        {"owner": "B", "recipients": ["A"]},
        {"attachments": [scripts]},
        {"name": "名单二", "attachments": [scripts]},
    ):
        await disclose(contract, disclosed_at=None, **changes)
    assert [found["ends_on"][:4] for found in await duties(contract)] == ["2031", "2032", "2033", "2034"]


async def test_a_rule_for_one_item_is_written_down_and_one_for_nothing_is_refused(clocked):
    contract = await with_rules(clocked, [{"item": "名单二", "end": after("signing", 8)}])
    sections = (await contract.get(f"{contract.url}/sections"))["items"]
    [text] = [one["text"] for one in sections if one["number"] == "8.3"]
    assert "（2）约定的保密期限为：（名单二），至合同签署后，满8年为止。" in text
    draft = await Driven(clocked).draft()
    tag = (await clocked.get(draft.url)).headers["etag"]
    changed = {"terms": {"confidentiality": {"rules": [{"end": after("signing", 8)}]}}}
    refused = await clocked.patch(draft.url, json=changed, headers={"if-match": tag})
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert (error["pointer"], "names an item" in error["message"]) == ("/terms/confidentiality/rules/0/class", True)


async def test_a_file_that_is_named_later_brings_the_rule_for_its_kind(clocked):
    contract = await with_rules(
        clocked, [rule(after("signing", 5)), rule(after("signing", 7), attachment_kind="scripts")]
    )
    item = await disclose(contract, disclosed_at=None)
    scripts = await file(contract, "话术.txt", "scripts")
    attached = await contract.post(f"/v1/confidential-items/{item['id']}/actions/attach", {"attachments": [scripts]})
    assert (attached["ends_on"], attached["attachments"]) == ("2033-01-08", [scripts])
    [timer] = await contract.timers("confidentiality")
    assert timer["legal_date"] == "2033-01-08"


async def test_an_owner_that_is_no_party_is_refused_in_terms(clocked):
    contract = await in_force(clocked)
    changes = [
        {"op": "replace", "path": "/terms/confidentiality/rules", "value": [rule(after("signing", 2), owner="C")]}
    ]
    refused = await contract.post(f"{contract.url}/amendments", {"changes": changes}, 422)
    assert "owner" in refused["errors"][0]["pointer"]


async def test_renewal_moves_what_runs_from_the_end(clocked):
    renewal = {"automatic": True, "period": {"length": 1, "unit": "year"}, "max_renewals": 1}
    agreed = terms(
        term={"end": "2026-12-31", "renewal": renewal | {"objection": {"period": {"length": 30, "unit": "day"}}}}
    )
    contract = await in_force(clocked, agreed)
    await disclose(contract, disclosed_at=None)
    await contract.until("2027-01-02")
    assert (await duty(contract))["ends_on"] is None
    await contract.until("2028-01-02")
    assert (await duty(contract))["ends_on"] == "2030-12-31"


async def agree_on(contract, years):
    changes = [{"op": "replace", "path": "/terms/confidentiality/rules", "value": [rule(after("termination", years))]}]
    amendment = await contract.post(f"{contract.url}/amendments", {"changes": changes}, 201)
    for role in ("A", "B"):
        body = {"party": role, "method": "seal"}
        made = await contract.post(f"/v1/amendments/{amendment['id']}/actions/execute", body)
    return made


async def test_f12_an_agreement_after_the_end_moves_it(clocked):
    contract = await with_rules(clocked, [rule(after("termination", 3))])
    await disclose(contract, disclosed_at=None)
    await contract.until("2026-05-20T10:00")
    await end_by_agreement(contract, "2026-05-20")
    await contract.until("2028-01-10T10:00")
    await agree_on(contract, 5)
    found = await duty(contract)
    assert (found["status"], found["ends_on"], found["gap"]) == ("active_running", "2031-05-20", None)


async def test_an_extension_after_the_duty_was_over_has_a_gap(clocked):
    contract = await with_rules(clocked, [rule(after("termination", 3))])
    await disclose(contract, disclosed_at=None)
    await contract.until("2026-05-20T10:00")
    await end_by_agreement(contract, "2026-05-20")
    await contract.until("2030-01-10T10:00")
    assert (await duty(contract))["status"] == "expired"
    await agree_on(contract, 5)
    found = await duty(contract)
    assert (found["status"], found["ends_on"], found["flags"]) == ("active_running", "2031-05-20", ["GAP"])
    assert found["gap"] == {"since": "2029-05-21T00:00:00+08:00", "until": "2030-01-10T10:00:00+08:00"}
    [told] = await contract.told("confidentiality.extended")
    assert told["rule"] == "R-C5"
    await contract.until("2031-05-21")
    assert (await duty(contract))["status"] == "expired"


async def test_an_end_beyond_the_calendar_is_told_and_hides_no_other(clocked):
    rules = [rule(after("disclosure", 50)), rule(after("signing", 50), "contract_content")]
    contract = await with_rules(clocked, rules)
    await contract.until("2055-01-01")
    await disclose(contract, disclosed_at=None)
    await disclose(contract, disclosed_at=None, **{"class": "contract_content"})
    found = [(one["status"], one["ends_on"], one["flags"]) for one in await duties(contract)]
    assert found == [("active_open", None, ["BEYOND_CALENDAR"]), ("active_running", "2076-01-08", [])]
    assert [timer["legal_date"] for timer in await contract.timers("confidentiality")] == ["2076-01-08"]
