import json
from pathlib import Path

import pytest

VECTORS = json.loads((Path(__file__).parents[3] / "data/vectors/limitation.json").read_text())
PATH = "/v1/calculations/limitation"
H01 = {"due": "2023-06-30"}


async def answered(client, status=200, **body):
    answer = await client.post(PATH, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
async def test_every_vector_holds_over_http(client, vector):
    found = await answered(client, **vector["request"])
    assert {key: found.get(key) for key in vector["expect"]} == vector["expect"]
    assert found["basis"]["steps"]


async def test_it_is_told_as_a_defence_and_whether_it_is_over_only_where_asked(client):
    found = await answered(client, **H01)
    assert "defence for the debtor" in found["basis"]["steps"][-1]["text"]
    assert ("expired" in found, "periods" in found, found["expires_at"]) == (False, False, "2026-07-01T00:00:00+08:00")
    assert (await answered(client, **H01, as_of="2026-06-30"))["expired"] is False
    assert (await answered(client, **H01, as_of="2026-07-01"))["expired"] is True
    open_question = await answered(client, due="2024-10-01", as_of="2027-10-05")
    assert open_question["expired"] is None
    assert "last_day" not in open_question


async def test_one_debt_in_instalments(client):
    found = await answered(client, instalments=["2023-09-30", "2024-03-31", "2023-12-31"])  # H05
    assert (found["nominal_last_day"], found["status"], found["assumed"]) == ("2027-03-31", "provisional", False)


async def test_monthly_fees_run_one_by_one(client):
    found = await answered(client, instalments=["2023-07-31", "2023-06-30"], periodic=True)  # H06
    assert [(one["due"], one["last_day"]) for one in found["periods"]] == [
        ("2023-06-30", "2026-06-30"),
        ("2023-07-31", "2026-07-31"),
    ]
    assert (found["last_day"], found["flags"], found["assumed"]) == ("2026-06-30", ["PRACTICE_SPLIT"], True)


@pytest.mark.parametrize(
    ("more", "last_day", "flags"),
    [
        ({"agreed_period": {"length": 1, "unit": "year"}}, "2026-06-30", ["AGREED_PERIOD_VOID"]),  # H08
        (
            {"interruptions": [{"kind": "acknowledgement", "on": "2026-08-01"}]},  # H10
            "2026-06-30",
            ["LATE_INTERRUPTION", "DEFENCE_LOST"],
        ),
        ({"suspensions": [{"from": "2026-02-01", "to": "2026-02-20"}]}, "2026-08-20", []),
        ({"known_on": "2023-07-10", "arose": "2003-07-01"}, "2023-07-03", ["LONG_STOP"]),
    ],
)
async def test_what_changes_the_end_and_what_does_not(client, more, last_day, flags):
    found = await answered(client, **H01, **more)
    assert (found["last_day"], found["flags"], found["defence_lost"]) == (last_day, flags, "DEFENCE_LOST" in flags)


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({}, 422, "/due"),
        ({"due": "1989-01-01"}, 422, "/due"),
        ({"due": "2101-01-01"}, 422, "/due"),
        ({"due": "2099-01-01"}, 422, "/due"),
        ({"due": "2023-02-30"}, 400, "/due"),
        ({"due": 20230630}, 400, "/due"),
        (H01 | {"instalments": ["2023-06-30"]}, 422, "/instalments"),
        ({"instalments": []}, 422, "/instalments"),
        ({"instalments": ["2023-06-30", "2023-06-30"]}, 422, "/instalments/1"),
        (H01 | {"periodic": True}, 422, "/periodic"),
        (H01 | {"interruptions": [{"kind": "demand", "on": "2023-01-01"}]}, 422, "/interruptions/0/on"),
        (H01 | {"interruptions": [{"kind": "prayer", "on": "2024-01-01"}]}, 400, "/interruptions/0/kind"),
        (H01 | {"interruptions": [{"kind": "demand"}]}, 400, "/interruptions/0/on"),
        (
            H01 | {"interruptions": [{"kind": "suit", "on": "2024-01-02", "ended_on": "2024-01-01"}]},
            422,
            "/interruptions/0/ended_on",
        ),
        (H01 | {"suspensions": [{"from": "2025-02-01", "to": "2025-01-01"}]}, 422, "/suspensions/0/to"),
        (H01 | {"suspensions": [{"from": "2025-02-01"}]}, 400, "/suspensions/0/to"),
        (H01 | {"arose": "2024-01-01"}, 422, "/arose"),
        (H01 | {"as_of": "2500-01-01"}, 422, "/as_of"),
        (H01 | {"jurisdiction": "SG"}, 400, "/jurisdiction"),
        (H01 | {"colour": "red"}, 400, "/colour"),
    ],
)
async def test_what_cannot_be_is_refused_at_its_place(client, body, status, pointer):
    assert (await answered(client, status, **body))["errors"][0]["pointer"] == pointer


async def test_it_needs_its_scope(client_with):
    async with client_with("parties:read") as other:
        assert (await other.post(PATH, json=H01)).status_code == 403
