"""What the deadline calculator says beyond the period itself: the roll of a class, and whether an act is in time."""

import pytest

PATH = "/v1/calculations/deadline"
FIFTEEN_DAYS = {"event": "2026-04-18", "period": {"length": 15, "unit": "day"}}


async def answered(client, status=200, **body):
    answer = await client.post(PATH, json=FIFTEEN_DAYS | body)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("period_class", "roll", "last_day"),
    [
        *[(act, "forward", "2026-05-06") for act in ("payment", "cure", "objection", "exercise_of_right")],
        *[(act, "forward", "2026-05-06") for act in ("notice_duty", "limitation")],
        *[
            (end, "none", "2026-05-03")
            for end in ("term", "confidentiality", "licence", "deemed_delivery", "fixed_date")
        ],
    ],
)
async def test_without_a_roll_the_class_decides_and_it_is_assumed(client, period_class, roll, last_day):
    found = await answered(client, **{"class": period_class})
    assert (found["roll"], found["last_day"], found["assumed"]) == (roll, last_day, True)
    assert found["basis"]["steps"][0]["rule"] == "R-T8"


async def test_what_was_agreed_goes_before_the_class(client):
    found = await answered(client, **{"class": "payment", "roll": "none"})
    assert (found["roll"], found["last_day"], found["assumed"]) == ("none", "2026-05-03", False)
    assert "R-T8" not in [step["rule"] for step in found["basis"]["steps"]]
    neither = await answered(client)
    assert (neither["roll"], neither["last_day"], neither["assumed"]) == ("forward", "2026-05-06", True)


@pytest.mark.parametrize(
    "body",
    [
        {"event": "2026-02-14T10:00:00+08:00", "period": {"length": 48, "unit": "hour"}},
        {"period": {"length": 10, "unit": "working_day"}},
        {"direction": "backward"},
    ],
)
async def test_what_never_rolls_says_so(client, body):
    assert (await answered(client, **body, **{"class": "payment"}))["roll"] == "none"


@pytest.mark.parametrize(
    ("act_at", "in_time"),
    [
        ("2026-05-06T23:59:59+08:00", True),
        ("2026-05-06T15:59:59.999999Z", True),
        ("2026-05-07T00:00:00+08:00", False),
        ("2026-05-06T16:00:00Z", False),
        ("2026-04-01T00:00:00+08:00", True),
    ],
)
async def test_an_act_at_the_instant_of_expiry_is_late(client, act_at, in_time):  # A14
    assert (await answered(client, roll="forward", act_at=act_at))["in_time"] is in_time


async def test_a_cut_off_and_a_missing_notice(client):
    closed = {"roll": "forward", "cutoff": "18:00"}
    assert (await answered(client, **closed, act_at="2026-05-06T17:59:59+08:00"))["in_time"] is True
    assert (await answered(client, **closed, act_at="2026-05-06T18:00:00+08:00"))["in_time"] is False
    unknown = {"event": "2027-01-24", "roll": "forward"}
    assert (await answered(client, **unknown, act_at="2027-02-08T10:00:00+08:00"))["in_time"] is True
    assert (await answered(client, **unknown, act_at="2027-02-09T10:00:00+08:00"))["in_time"] is None
    backward = {"event": "2027-12-20", "period": {"length": 5, "unit": "working_day"}, "direction": "backward"}
    assert (await answered(client, **backward, act_at="2027-12-01T10:00:00+08:00"))["in_time"] is None
    assert (await answered(client, **backward, act_at="2027-12-19T10:00:00+08:00"))["in_time"] is False
    assert "in_time" not in await answered(client)


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"class": "holiday"}, 400, "/class"),
        ({"act_at": "2026-05-06T18:00:00"}, 422, "/act_at"),
        ({"act_at": "2026-05-06"}, 400, "/act_at"),
        ({"act_at": "1889-05-06T18:00:00Z"}, 422, "/act_at"),
        ({"act_at": "2101-05-06T18:00:00Z"}, 422, "/act_at"),
    ],
)
async def test_what_is_no_class_and_no_instant_is_refused(client, body, status, pointer):
    assert (await answered(client, status, **body))["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "event",
    [
        "2026-W01-1",
        "20260105",
        "20260105T100000+08:00",
        "2026-01-05T10",
        "2026-01-05T10:00:00+0800",
        "2026-005",
        "１２",
    ],
)
async def test_a_date_is_written_as_the_standard_has_it(client, event):
    asked = {"event": event, "period": {"length": 1, "unit": "day"}}
    answer = await client.post("/v1/calculations/deadline", json=asked)
    assert answer.status_code in (400, 422)
    assert answer.json()["errors"][0]["pointer"] == "/event"


@pytest.mark.parametrize("event", ["2026-01-05T02:00:00Z", "2026-01-05t02:00:00z", "2026-01-05 10:00:00.5+08:00"])
async def test_an_instant_is_read_as_the_standard_has_it(client, event):
    asked = {"event": event, "period": {"length": 1, "unit": "day"}}
    answer = await client.post("/v1/calculations/deadline", json=asked)
    assert answer.json()["nominal_last_day"] == "2026-01-06"
