import json
from pathlib import Path

import pytest

VECTORS = Path(__file__).parents[2] / "data" / "vectors"
DEADLINE = {"event": "2024-01-10", "period": {"length": 30, "unit": "day"}, "roll": "forward"}
COURIER = {"channel": "courier", "event": "posted", "at": "2026-04-30T10:00:00+08:00"}


def vectors(name):
    found = json.loads((VECTORS / f"{name}.json").read_text())
    return [pytest.param(name, one["request"], one["expect"], id=one["id"]) for one in found]


@pytest.mark.parametrize(("name", "request_body", "expected"), vectors("deadline") + vectors("arrival"))
async def test_every_vector_holds_over_http(client, name, request_body, expected):
    answer = await client.post(f"/v1/calculations/{name}", json=request_body)
    assert answer.status_code == 200
    found = answer.json()
    assert {key: found.get(key) for key in expected} == expected
    assert found["basis"]["steps"]


@pytest.mark.parametrize(
    ("wrong", "status", "pointer"),
    [
        ({"period": {"length": 30, "unit": "fortnight"}}, 400, "/period/unit"),
        ({"period": {"length": 0, "unit": "day"}}, 400, "/period/length"),
        ({"period": {"length": "30", "unit": "day"}}, 400, "/period/length"),
        ({"period": {"length": 10**9, "unit": "day"}}, 422, "/period"),
        ({"event": "2024-02-30"}, 422, "/event"),
        ({"event": "2024-01-10T10:00:00"}, 422, "/event"),
        ({"event": "1899-01-01"}, 422, "/event"),
        ({"event": 20240110}, 400, "/event"),
        ({"period": {"length": 3, "unit": "hour"}}, 422, "/event"),
        ({"direction": "sideways"}, 400, "/direction"),
        ({"roll": "back"}, 400, "/roll"),
        ({"cutoff": "25:00"}, 400, "/cutoff"),
        ({"cutoff": "00:00"}, 422, "/cutoff"),
        ({"jurisdiction": "XX"}, 400, "/jurisdiction"),
        ({"colour": "red"}, 400, "/colour"),
    ],
)
async def test_what_cannot_be_counted_is_refused_at_its_place(client, wrong, status, pointer):
    answer = await client.post("/v1/calculations/deadline", json=DEADLINE | wrong)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("jurisdiction", "last_day", "expires_at"),
    [
        ("CN", "2026-10-08", "2026-10-09T00:00:00+08:00"),
        ("SG", "2026-10-01", "2026-10-02T00:00:00+08:00"),
        ("none", "2026-10-01", "2026-10-02T00:00:00+08:00"),
    ],
)
async def test_a_jurisdiction_brings_its_own_days_of_rest(client, jurisdiction, last_day, expires_at):
    asked = DEADLINE | {"event": "2026-09-01", "jurisdiction": jurisdiction}
    answer = (await client.post("/v1/calculations/deadline", json=asked)).json()
    assert (answer["last_day"], answer["expires_at"], answer["status"]) == (last_day, expires_at, "final")


async def test_a_year_that_is_only_estimated_is_provisional(client):
    asked = DEADLINE | {"event": "2028-01-10", "jurisdiction": "SG"}
    answer = (await client.post("/v1/calculations/deadline", json=asked)).json()
    assert (answer["status"], answer.get("last_day")) == ("provisional", None)
    answer = (await client.post("/v1/calculations/deadline", json=asked | {"jurisdiction": "none"})).json()
    assert (answer["status"], answer["last_day"]) == ("final", "2028-02-09")


async def test_a_time_zone_moves_legal_dates_where_the_law_leaves_it_open(client):
    asked = DEADLINE | {"event": "2026-03-02T23:00:00Z", "period": {"length": 2, "unit": "day"}, "jurisdiction": "none"}
    here = (await client.post("/v1/calculations/deadline", json=asked)).json()
    there = (await client.post("/v1/calculations/deadline", json=asked | {"time_zone": "Europe/Berlin"})).json()
    assert (here["last_day"], here["expires_at"]) == ("2026-03-05", "2026-03-06T00:00:00+08:00")
    assert (there["last_day"], there["expires_at"]) == ("2026-03-05", "2026-03-06T00:00:00+01:00")
    berlin = {"event": "2026-03-02T22:00:00Z", "time_zone": "Europe/Berlin"}
    there = (await client.post("/v1/calculations/deadline", json=asked | berlin)).json()
    assert there["last_day"] == "2026-03-04"


@pytest.mark.parametrize(
    ("jurisdiction", "zone", "status"),
    [
        ("CN", "Asia/Shanghai", 200),
        ("CN", "Europe/Berlin", 422),
        ("none", "Europe/Atlantis", 422),
        ("SG", "../../etc/passwd", 422),
        ("SG", "", 400),
    ],
)
@pytest.mark.parametrize(("name", "body"), [("deadline", DEADLINE), ("arrival", {"deliveries": [COURIER]})])
async def test_a_time_zone_exists_and_china_has_its_own(client, name, body, jurisdiction, zone, status):
    asked = body | {"jurisdiction": jurisdiction, "time_zone": zone}
    answer = await client.post(f"/v1/calculations/{name}", json=asked)
    assert answer.status_code == status
    if status != 200:
        assert answer.json()["errors"][0]["pointer"] == "/time_zone"


async def test_an_arrival_counts_the_jurisdictions_working_days(client):
    rules = [{"channel": "courier", "trigger": "posted", "offset": {"length": 3, "unit": "working_day"}}]
    asked = {"rules": rules, "deliveries": [COURIER]}
    dates = {}
    for jurisdiction in ("CN", "SG", "none"):
        answer = await client.post("/v1/calculations/arrival", json=asked | {"jurisdiction": jurisdiction})
        dates[jurisdiction] = answer.json()["legal_date"]
    assert dates == {"CN": "2026-05-08", "SG": "2026-05-06", "none": "2026-05-05"}


async def test_an_hour_period_has_no_last_day(client):
    asked = {"event": "2026-02-14T10:00:00+08:00", "period": {"length": 48, "unit": "hour"}}
    answer = (await client.post("/v1/calculations/deadline", json=asked)).json()
    assert "last_day" not in answer
    assert answer["expires_at"] == "2026-02-16T10:00:00+08:00"


async def test_a_cutoff_ends_the_day_early(client):
    answer = (await client.post("/v1/calculations/deadline", json=DEADLINE | {"cutoff": "18:00"})).json()
    assert answer["expires_at"] == "2024-02-09T18:00:00+08:00"


@pytest.mark.parametrize(("roll", "assumed"), [(None, True), ("forward", False), ("none", False)])
async def test_a_roll_that_nobody_said_is_assumed(client, roll, assumed):
    answer = (await client.post("/v1/calculations/deadline", json=DEADLINE | {"roll": roll})).json()
    assert answer["assumed"] is assumed


async def test_no_rules_are_the_default_ones_and_an_empty_list_is_the_law_alone(client):
    async def judged(**rules):
        return (await client.post("/v1/calculations/arrival", json={"deliveries": [COURIER]} | rules)).json()

    by_default, by_law = await judged(), await judged(rules=[])
    assert (by_default["status"], by_default["legal_date"], by_default["assumed"]) == ("arrived", "2026-05-03", True)
    assert by_law["status"] == "pending"


async def test_channels_that_are_not_allowed_and_hours_count(client):
    mail = {"channel": "email", "event": "entered", "at": "2026-02-27T23:58:00+08:00"}
    body = {"rules": [], "deliveries": [mail]}
    barred = await client.post("/v1/calculations/arrival", json=body | {"channels_allowed": ["courier"]})
    hours = {"opens": "09:00", "closes": "18:00", "after_hours": "next_working_day"}
    shifted = await client.post("/v1/calculations/arrival", json=body | {"business_hours": hours})
    assert barred.json()["status"] == "pending"
    assert shifted.json()["at"] == "2026-02-28T09:00:00+08:00"  # a Saturday that is worked


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"deliveries": [COURIER | {"channel": "pigeon"}]}, "/deliveries/0/channel"),
        ({"deliveries": [COURIER | {"event": "eaten"}]}, "/deliveries/0/event"),
        ({"deliveries": [COURIER | {"at": "2026-04-30T10:00:00"}]}, "/deliveries/0/at"),
        ({"rules": [{"channel": "email", "trigger": "wished"}]}, "/rules/0/trigger"),
        ({"business_hours": {"opens": "18:00", "closes": "09:00"}}, "/business_hours/closes"),
        ({"channels_allowed": ["telex"]}, "/channels_allowed/0"),
    ],
)
async def test_unknown_channels_and_events_are_refused_at_their_place(client, wrong, pointer):
    answer = await client.post("/v1/calculations/arrival", json={"rules": [], "deliveries": [COURIER]} | wrong)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_calculation_needs_its_scope(client_with):
    async with client_with("parties:read") as other:
        assert (await other.post("/v1/calculations/deadline", json=DEADLINE)).status_code == 403
