"""Every family of terms that contracts use can be said and is computed."""

import pytest

PATH = "/v1/calculations/confidentiality-term"
ANCHORS = {
    "negotiation": "2025-06-10",
    "signing": "2025-07-01",
    "effective": "2025-08-01",
    "disclosure": "2026-01-15",
    "termination": "2026-05-20",
}
PUBLIC = {"until": "public_or_no_longer_secret"}
LAWFULLY_PUBLIC, OR_RELEASED = {"until": "lawfully_public"}, {"until": "public_or_written_release"}


def after(anchor, length, unit="year", **more):
    return {"after": {"anchor": anchor, "period": {"length": length, "unit": unit}, "roll": "none"} | more}


def rule(end=None, item_class="ordinary", **more):
    return {"class": item_class} | ({"end": end} if end else {}) | more


async def answered(client, rules, item_class="ordinary", status=200, **more):
    answer = await client.post(PATH, json={"rules": rules, "class": item_class, "anchors": ANCHORS} | more)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("rules", "ends_on"),
    [
        pytest.param([rule(after("termination", 1))], "2027-05-20", id="AFTER_TERMINATION 1y"),
        pytest.param([rule(after("termination", 2))], "2028-05-20", id="AFTER_TERMINATION 2y"),
        pytest.param([rule(after("termination", 3))], "2029-05-20", id="AFTER_TERMINATION 3y F01"),
        pytest.param([rule(after("termination", 5))], "2031-05-20", id="AFTER_TERMINATION 5y F12"),
        pytest.param([rule(after("termination", 2), start="signing")], "2028-05-20", id="SIGNING to TERMINATION+2y"),
        pytest.param(
            [rule(after("termination", 3), start="effective")], "2029-05-20", id="EFFECTIVE to TERMINATION+3y"
        ),
        pytest.param(
            [rule(after("termination", 5), start="negotiation")], "2031-05-20", id="CONTACT to TERMINATION+5y"
        ),
        pytest.param([rule(after("signing", 2), start="signing")], "2027-07-01", id="FROM_SIGNING 2y F03"),
        pytest.param([rule(after("effective", 5), start="effective")], "2030-08-01", id="FROM_EFFECTIVE 5y"),
        pytest.param(
            [rule(after("termination", 5), start="disclosure")], "2031-05-20", id="DISCLOSURE to TERMINATION+5y"
        ),
        pytest.param([rule({"date": "2030-01-01"})], "2030-01-01", id="DATE"),
        pytest.param(
            [rule({"earlier_of": [PUBLIC, after("termination", 3)]})], "2029-05-20", id="until public, 3y at most"
        ),
        pytest.param(
            [rule({"later_of": [after("signing", 2), after("termination", 3)]})], "2029-05-20", id="the later of two"
        ),
    ],
)
async def test_families_with_an_end(client, rules, ends_on):
    found = await answered(client, rules)
    assert (found["ends_on"], found["open"], found["assumed"], found["flags"]) == (ends_on, False, False, [])
    assert (found["status"], found["residual_on_expiry"]) == ("final", "post_contract")


@pytest.mark.parametrize(
    ("rules", "assumed", "flags"),
    [
        pytest.param([rule(PUBLIC)], False, [], id="UNTIL_PUBLIC_OR_NO_LONGER_SECRET"),
        pytest.param([rule(LAWFULLY_PUBLIC)], False, [], id="UNTIL_LAWFULLY_PUBLIC"),
        pytest.param([rule(OR_RELEASED)], False, [], id="UNTIL_PUBLIC_OR_WRITTEN_RELEASE"),
        pytest.param([rule({"perpetual": True})], False, [], id="PERPETUAL"),
        pytest.param([rule({"perpetual": True}, start="signing")], False, [], id="SURVIVES_NO_END"),
        pytest.param([rule({"later_of": [after("termination", 5), PUBLIC]})], False, [], id="5y and while it lasts"),
        pytest.param(
            [rule({"after": {"period": {"length": 3, "unit": "year"}}})], True, ["AMBIGUOUS"], id="AMBIGUOUS anchor"
        ),
        pytest.param([rule()], True, ["AMBIGUOUS", "SILENT"], id="SILENT"),
        pytest.param([rule(PUBLIC, "trade_secret")], True, ["AMBIGUOUS", "SILENT"], id="silent on this class"),
    ],
)
async def test_families_without_an_end(client, rules, assumed, flags):
    found = await answered(client, rules, as_of="2090-01-01")
    assert (found["open"], found["ends_on"], found["ends_at"]) == (True, None, None)
    assert (found["duty"], found["assumed"], found["flags"]) == ("active_open", assumed, flags)


async def test_the_basis_says_which_event_would_end_it(client):
    found = await answered(client, [rule(OR_RELEASED)])
    assert found["basis"]["steps"][-1]["text"] == "until it is lawfully public, or its owner releases it in writing"


async def test_a_trade_secret_lasts_as_long_as_it_is_one_whatever_ends_for_the_rest(client):
    rules = [rule(after("termination", 5)), rule(PUBLIC, "trade_secret")]
    assert (await answered(client, rules))["ends_on"] == "2031-05-20"
    assert (await answered(client, rules, "trade_secret"))["open"]


async def test_the_agreed_term_ends_and_the_trade_secret_stays(client):  # F01, F06
    rules = [rule(after("termination", 3), "trade_secret")]
    for day, duty in (("2029-05-20", "active_running"), ("2029-05-21", "expired"), ("2030-01-01", "expired")):
        found = await answered(client, rules, "trade_secret", as_of=day)
        assert (found["duty"], found["residual_on_expiry"]) == (duty, "trade_secret")
    assert found["ends_at"] == "2029-05-21T00:00:00+08:00"


async def test_an_agreed_tolling_adds_days_and_no_statute_does(client):  # F08
    rules = [rule(after("termination", 3))]
    assert (await answered(client, rules, toll_days=90))["ends_on"] == "2029-08-18"
    assert (await answered(client, rules))["ends_on"] == "2029-05-20"


async def test_talks_without_a_contract_bind_without_end(client):  # F10
    found = await answered(client, [], anchors={"disclosure": "2026-01-15", "negotiation": "2026-01-10"})
    assert (found["open"], found["flags"], found["assumed"]) == (True, ["DEFAULTED"], True)


async def test_an_anchor_that_is_undone_opens_the_term_again(client):  # F11
    found = await answered(client, [rule(after("termination", 3))], anchors=ANCHORS | {"termination": None})
    assert (found["open"], found["basis"]["anchor"]) == (True, {"termination": None})


async def test_one_item_may_have_its_own_term(client):
    rules = [rule(after("termination", 3)), rule({"perpetual": True}, item="price list")]
    assert (await answered(client, rules, item="price list"))["open"]
    assert not (await answered(client, rules, item="calling list"))["open"]


async def test_a_rolled_end_waits_for_the_notice_of_its_year(client):
    found = await answered(client, [rule(after("termination", 3, roll="forward"))], as_of="2029-06-01")
    assert (found["status"], found["ends_on"], found["duty"]) == ("provisional", None, "active_running")


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"class": "gossip"}, 400, "/class"),
        ({"rules": [{"class": "ordinary", "end": {}}]}, 400, "/rules/0/end"),
        ({"rules": [rule({"date": "2130-01-01"})]}, 400, "/rules/0/end/date"),
        ({"rules": [rule({"perpetual": False})]}, 400, "/rules/0/end/perpetual"),
        ({"rules": [rule(after("death", 3))]}, 400, "/rules/0/end/after/anchor"),
        ({"rules": [rule(after("termination", 3, "hour"))]}, 400, "/rules/0/end/after/period/unit"),
        ({"rules": [rule(PUBLIC, "trade_secret"), rule(after("termination", 10**9))]}, 422, "/rules/1/end"),
        ({"rules": [], "anchors": {"termination": "2099-01-01"}}, 422, "/anchors"),
        ({"anchors": {"birth": "2026-01-01"}}, 400, "/anchors/birth"),
        ({"anchors": {"signing": "1980-01-01"}}, 422, "/anchors/signing"),
        ({"as_of": "2101-01-01"}, 422, "/as_of"),
        ({"toll_days": -1}, 400, "/toll_days"),
        ({"rules": [rule({"date": "2100-12-01"})], "toll_days": 36_500}, 422, "/toll_days"),
    ],
)
async def test_what_cannot_be_computed_is_refused_at_its_place(client, body, status, pointer):
    answer = await client.post(
        PATH, json={"rules": [rule(after("termination", 3))], "class": "ordinary", "anchors": ANCHORS} | body
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
