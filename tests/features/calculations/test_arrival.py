"""Arrival over HTTP: every clause set in use, contradicting rules, withdrawal, the address book."""

import msgspec
import pytest

from clm.law.arrival import rule_sets

PATH = "/v1/calculations/arrival"
OLD, NEW = "上海市示例路1号", "上海市示例路2号"
CHANGE = {"address": NEW, "arrived_at": "2026-03-03T10:00:00+08:00", "lead": {"length": 5, "unit": "day"}}
BOOK = {"book": [{"address": OLD}], "changes": [CHANGE]}
THREE_DAYS = {"channel": "courier", "trigger": "posted", "offset": {"length": 3, "unit": "day"}}


def event(channel, name, at, **more):
    return {"channel": channel, "event": name, "at": f"2026-{at}:00+08:00"} | more


async def answered(client, *deliveries, status=200, **body):
    answer = await client.post(PATH, json={"rules": [], "deliveries": list(deliveries)} | body)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("known", "deliveries", "expected"),
    [
        ("V1", [("personal", "signed", "03-02T10:00")], "2026-03-02T10:00"),
        ("V1", [("courier", "posted", "03-02T10:00"), ("courier", "returned", "03-04T10:00")], "2026-03-04T10:00"),
        ("V2", [("email", "entered", "03-02T10:00")], "2026-03-02T10:00"),
        ("V3", [("courier", "posted", "03-02T10:00")], "2026-03-07T00:00"),
        ("V4", [("courier", "posted", "03-02T10:00"), ("courier", "refused", "03-04T10:00")], "2026-03-08T00:00"),
        ("V5", [("registered_mail", "posted", "04-30T10:00")], "2026-05-04T00:00"),
        ("V6", [("platform", "published", "03-02T10:00")], "2026-03-02T10:00"),
        ("V7", [("email", "sent", "03-02T10:00"), ("email", "bounced", "03-02T10:01")], "2026-03-02T10:01"),
        ("V8", [("courier", "signed", "03-05T10:00")], "2026-03-11T00:00"),
        ("V9", [("courier", "posted", "03-02T10:00"), ("courier", "returned", "03-09T10:00")], "2026-03-09T10:00"),
        ("V10", [("sms", "delivered", "03-02T10:00")], "2026-03-02T10:00"),
        ("V11", [("email", "entered", "03-02T10:00")], "2026-03-02T10:00"),
        ("V12", [("registered_mail", "posted", "03-02T10:00")], "2026-03-12T00:00"),
        ("V13", [("fax", "delivered", "03-06T19:00")], "2026-03-09T09:00"),
    ],
)
async def test_every_clause_set_goes_in_as_data(client, known, deliveries, expected):
    rules = msgspec.to_builtins(rule_sets()[known].rules)
    found = await answered(client, *[event(*one) for one in deliveries], rules=rules)
    assert (found["status"], found["at"]) == ("arrived", f"{expected}:00+08:00")
    assert "withdrawn" not in found


async def test_two_channels_a_paper_only_type_and_a_notice_nobody_got(client):
    mail, parcel = event("email", "entered", "03-02T09:00"), event("courier", "signed", "03-05T09:00")
    assert (await answered(client, parcel, mail))["at"] == "2026-03-02T09:00:00+08:00"
    paper_only = await answered(client, parcel, mail, channels_allowed=["courier"])
    assert paper_only["at"] == "2026-03-05T09:00:00+08:00"
    assert "not a channel allowed" in paper_only["basis"]["steps"][0]["text"]
    assert (await answered(client))["status"] == "pending"


@pytest.mark.parametrize(
    ("at", "withdrawn"), [("03-16T08:59", True), ("03-16T09:00", True), ("03-16T09:01", False), (None, False)]
)
async def test_a_withdrawal_is_in_time_before_the_notice_or_with_it(client, at, withdrawn):  # B21
    deliveries = [event("email", "entered", at)] if at else []
    found = await answered(client, event("email", "entered", "03-16T09:00"), withdrawal={"deliveries": deliveries})
    assert (found["withdrawn"], found["status"]) == (withdrawn, "arrived")
    assert found["withdrawal"]["status"] == ("arrived" if at else "pending")


async def test_a_withdrawal_whose_turn_a_missing_notice_decides(client):
    rules = [THREE_DAYS | {"offset": {"length": 3, "unit": "working_day"}}]
    first = event("courier", "posted", "12-30T10:00")
    late = {"deliveries": [{"channel": "email", "event": "entered", "at": "2027-01-05T09:00:00+08:00"}]}
    assert (await answered(client, first, rules=rules, withdrawal=late))["withdrawn"] is None


@pytest.mark.parametrize(
    ("address", "at", "status"),
    [
        (OLD, "03-04T10:00", "arrived"),  # B19
        (NEW, "03-07T23:59", "pending"),
        (OLD, "03-07T23:59", "arrived"),
        (NEW, "03-08T00:00", "arrived"),
        (OLD, "03-08T00:00", "pending"),
        (None, "03-08T00:00", "arrived"),
    ],
)
async def test_the_address_of_the_day_of_dispatch_counts(client, address, at, status):
    posted = event("courier", "posted", at, **({"address": address} if address else {}))
    found = await answered(client, posted, rules=[THREE_DAYS], addresses=BOOK)
    assert (found["status"], found["assumed"]) == (status, False)
    assert ("R-N5" in [step["rule"] for step in found["basis"]["steps"]]) is (address is not None)


async def test_a_move_that_nobody_announced(client):
    events = [event("courier", "posted", "03-02T10:00", address=OLD), event("courier", "returned", "03-09T10:00")]
    moved = await answered(client, *events, addresses={"book": [{"address": OLD}], "moved_on": "2026-02-01"})
    assert (moved["status"], moved["legal_date"], moved["assumed"]) == ("arrived", "2026-03-09", True)
    assert (await answered(client, *events, addresses={"book": [{"address": OLD}]}))["status"] == "failed"


@pytest.mark.parametrize(
    "rules",
    [
        [THREE_DAYS, THREE_DAYS | {"offset": {"length": 5, "unit": "day"}}],
        [
            {"channel": "email", "trigger": "entered"},
            {"channel": "email", "trigger": "entered", "after_hours": "same_instant"},
        ],
        [
            {"channel": "courier", "trigger": "signed", "refusal_rule": "refusal_date"},
            {"channel": "courier", "trigger": "posted", "refusal_rule": "return_date"},
        ],
        [
            {"channel": "courier", "trigger": "refused"},
            {"channel": "courier", "trigger": "signed", "refusal_rule": "return_date"},
        ],
        [
            {"channel": "email", "trigger": "entered", "fallback_if_unknown": {"trigger": "sent"}},
            {
                "channel": "email",
                "trigger": "delivered",
                "fallback_if_unknown": {"trigger": "sent", "offset": {"length": 2, "unit": "day"}},
            },
        ],
    ],
)
async def test_rules_that_contradict_each_other_are_refused(client, rules):
    found = await answered(client, event("email", "entered", "03-02T09:00"), rules=rules, status=422)
    assert found["errors"][0]["pointer"] == "/rules/1"


@pytest.mark.parametrize(
    "rules",
    [
        [THREE_DAYS, THREE_DAYS],
        [THREE_DAYS, {"channel": "courier", "trigger": "acknowledged"}],
        [THREE_DAYS, THREE_DAYS | {"channel": "registered_mail", "offset": {"length": 7, "unit": "day"}}],
        [
            {"channel": "courier", "trigger": "refused"},
            {"channel": "courier", "trigger": "signed", "refusal_rule": "refusal_date"},
        ],
    ],
)
async def test_rules_that_stand_beside_each_other_are_not(client, rules):
    await answered(client, event("email", "entered", "03-02T09:00"), rules=rules)


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"rules": [THREE_DAYS | {"offset": {"length": 10**9, "unit": "day"}}]}, 422, "/rules"),
        ({"deliveries": [event("courier", "posted", "03-02T10:00", address=OLD)]}, 422, "/deliveries/0/address"),
        (
            {"withdrawal": {"deliveries": [event("courier", "posted", "03-02T10:00", address=OLD)]}},
            422,
            "/withdrawal/deliveries/0/address",
        ),
        ({"withdrawal": {}}, 400, "/withdrawal/deliveries"),
        ({"addresses": {"book": []}}, 400, "/addresses/book"),
        ({"addresses": {"book": [{"address": ""}]}}, 400, "/addresses/book/0/address"),
        ({"addresses": {"book": [{"address": OLD}, {"address": NEW}]}}, 422, "/addresses/book/1"),
        (
            {"addresses": BOOK | {"changes": [CHANGE | {"lead": {"length": 5, "unit": "hour"}}]}},
            422,
            "/addresses/changes/0/lead/unit",
        ),
        (
            {"addresses": BOOK | {"changes": [CHANGE | {"arrived_at": "2026-03-03T10:00:00"}]}},
            422,
            "/addresses/changes/0/arrived_at",
        ),
        ({"addresses": BOOK | {"moved_on": "1900-01-01"}}, 422, "/addresses/moved_on"),
    ],
)
async def test_what_cannot_be_judged_is_refused_at_its_place(client, body, status, pointer):
    wire = {"rules": [THREE_DAYS], "deliveries": [event("courier", "posted", "03-02T10:00")]} | body
    answer = await client.post(PATH, json=wire)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer), answer.text


@pytest.mark.parametrize(
    ("at", "status"),
    [
        ("1989-12-31T16:00:00Z", 200),
        ("1989-12-31T15:59:59Z", 400),
        ("2100-12-31T15:59:59Z", 200),
        ("2100-12-31T16:00:00Z", 400),
        ("0001-01-01T00:00:00+08:00", 400),
        ("9999-12-31T23:59:59-08:00", 400),
    ],
)
async def test_a_delivery_has_a_legal_date_within_the_bounds(client, at, status):
    asked = {"rules": [], "deliveries": [{"channel": "email", "event": "entered", "at": at}]}
    answer = await client.post("/v1/calculations/arrival", json=asked)
    assert answer.status_code == status, answer.text
    if status == 400:
        assert answer.json()["errors"][0]["pointer"] == "/deliveries/0/at"
    else:
        assert answer.json()["legal_date"] in ("1990-01-01", "2100-12-31")
