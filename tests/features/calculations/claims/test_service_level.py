import pytest

PATH = "/v1/calculations/service-level"
LEVEL = {"metric": "satisfaction", "threshold": "0.85", "cycle": "month", "consecutive": 3}


def result(period, met, of="200", **more):
    return {"period": period, "met": met, "of": of} | more


async def answered(client, *results, status=200, **changes):
    answer = await client.post(PATH, json=LEVEL | {"results": list(results)} | changes)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_the_boundary_is_exact(client):  # I02
    found = await answered(client, result("2026-03", "170"), result("2026-04", 169, 200), result("2026-05", "0", "0"))
    assert [(one["outcome"], one["share"], one["decimal"]) for one in found["cycles"]] == [
        ("met", "17/20", "0.85"),
        ("missed", "169/200", "0.845"),
        ("not_evaluable", None, None),
    ]
    assert found["cycles"][0]["starts_at"] == "2026-03-01T00:00:00+08:00"
    assert found["cycles"][0]["ends_at"] == "2026-04-01T00:00:00+08:00"
    assert (found["ground"], found["status"], found["longest_run"], found["current_run"]) == (None, "final", 1, 0)


async def test_three_misses_in_a_row_are_a_ground(client):  # E20
    months = [("2026-03", "2026-04-08"), ("2026-04", "2026-05-08"), ("2026-05", "2026-06-05")]
    results = [result(month, "160", published_on=day) for month, day in months]
    found = await answered(client, *results)
    assert found["ground"] == {
        "kind": "consecutive_misses",
        "cycles": ["2026-03", "2026-04", "2026-05"],
        "arose_on": "2026-06-05",
        "nominal_last_day": "2027-06-05",
    }
    assert (found["status"], found["assumed"]) == ("provisional", False)
    assert (await answered(client, *results, consecutive=None))["ground"] is None


async def test_what_nobody_agreed_is_assumed(client):
    answer = await client.post(PATH, json={"metric": "m", "threshold": "0.5", "results": [result("2026-03", "1")]})
    assert (answer.json()["cycle"], answer.json()["assumed"]) == ("month", True)
    gap = [result("2026-03", "1"), result("2026-04", "0", "0"), result("2026-05", "1")]
    assert [(await answered(client, *gap))[name] for name in ("current_run", "assumed")] == [1, True]
    skipped = await answered(client, *gap, not_evaluable="skips")
    assert (skipped["current_run"], skipped["assumed"]) == (2, False)


async def test_credits_are_rounded_once(client):
    fee = {"amount": "10000.50", "currency": "CNY"}
    tiers = [{"below": "0.85", "share_of_fee": "0.10"}, {"below": "0.80", "share_of_fee": "0.25"}]
    results = [result("2026-03", "170", fee=fee), result("2026-04", "165", fee=fee), result("2026-05", "150", fee=fee)]
    found = await answered(client, *results, credits=tiers)
    assert [one["credit"]["amount"] for one in found["cycles"]] == ["0.00", "1000.05", "2500.13"]
    by_point = await answered(client, result("2026-04", "160", fee=fee), deduction_per_point="0.02")
    assert by_point["cycles"][0]["credit"] == {"amount": "1000.05", "currency": "CNY"}


@pytest.mark.parametrize(
    "cycle", [("day", "2026-03-05"), ("week", "2026-W10"), ("quarter", "2026-Q1"), ("year", "2026")]
)
async def test_every_cycle(client, cycle):
    kind, name = cycle
    found = await answered(client, result(name, "12.5", "25"), cycle=kind, time_zone="Asia/Singapore")
    assert (found["cycles"][0]["period"], found["cycles"][0]["share"]) == (name, "1/2")


@pytest.mark.parametrize(
    ("changes", "status", "pointer"),
    [
        ({"results": []}, 400, "/results"),
        ({"results": [result("2026-03", "201")]}, 422, "/results/0/met"),
        ({"results": [result("2026-03", "-1")]}, 400, "/results/0/met"),
        ({"results": [result("2026-03", "1e400")]}, 400, "/results/0/met"),
        ({"results": [result("2026-03", "NaN")]}, 400, "/results/0/met"),
        ({"results": [result("2026-03", 0.5)]}, 400, "/results/0/met"),
        ({"results": [result("2026-03", 10**30)]}, 400, "/results/0/met"),
        ({"results": [result("2026-3", "1")]}, 422, "/results/0/period"),
        ({"results": [result("2026-03", "1")] * 2}, 422, "/results/1/period"),
        ({"results": [result("1980-03", "1")]}, 422, "/results/0/period"),
        ({"results": [result("2026-03", "1", published_on="2026-03-31")]}, 422, "/results/0/published_on"),
        ({"threshold": None}, 422, "/threshold"),
        ({"ceiling": "0.5"}, 422, "/threshold"),
        ({"threshold": "1.5"}, 422, "/threshold"),
        ({"threshold": "95%"}, 400, "/threshold"),
        ({"floor": "0.9"}, 422, "/floor"),
        ({"consecutive": 0}, 422, "/consecutive"),
        ({"cycle": "fortnight"}, 400, "/cycle"),
        ({"time_zone": "Mars/Olympus"}, 422, "/time_zone"),
        ({"credits": [{"below": "0.8", "share_of_fee": "7"}]}, 400, "/credits/0/share_of_fee"),
        (
            {
                "results": [
                    result("2026-03", "1", fee={"amount": "1", "currency": "CNY"}),
                    result("2026-04", "1", fee={"amount": "1", "currency": "USD"}),
                ]
            },
            422,
            "/results/1/fee/currency",
        ),
    ],
)
async def test_what_cannot_be_judged_is_refused_at_its_place(client, changes, status, pointer):
    found = await answered(client, result("2026-03", "170"), status=status, **changes)
    assert found["errors"][0]["pointer"] == pointer
