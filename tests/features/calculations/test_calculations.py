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
        ({"deliveries": [COURIER | {"at": "2026-04-30T10:00:00"}]}, "/deliveries/0"),
        ({"rules": [{"channel": "email", "trigger": "wished"}]}, "/rules/0/trigger"),
        ({"business_hours": {"opens": "18:00", "closes": "09:00"}}, "/business_hours"),
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
