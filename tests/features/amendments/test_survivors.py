"""What survives the end of a contract is still amended, by both and by nobody alone (T14, T15)."""

import pytest

from tests.features.amendments.test_amendments import RATE, agreed, execute, propose
from tests.features.contracts.acts import act, advance, formed, get, ok, path, problem


def secret(years):
    period = {"length": years, "unit": "year"}
    return [{"class": "ordinary", "start": "disclosure", "end": {"after": {"anchor": "termination", "period": period}}}]


TERMS = {
    "term": {"end": "2026-12-31"},
    "confidentiality": {"rules": secret(3)},
    "payment": {"late": {"rate_per_day": "0.0005", "base": "overdue"}},
}
LONGER = {"op": "replace", "path": "/terms/confidentiality/rules", "value": secret(5)}
ITEM = {"name": "客户名单", "class": "ordinary", "owner": "A", "recipients": ["B"]}


async def ended(client):
    """F01: a list disclosed in March, the contract ended on 20 May 2026, three years of confidence after it."""
    made = await formed(client, terms=TERMS)
    await advance(client, "2026-05-20T10:00:00+08:00")
    body = ITEM | {"disclosed_at": "2026-03-05T10:00:00+08:00"}
    await ok(await client.post(path(made, "/confidential-items"), json=body), 201)
    await act(client, made, "terminate-by-agreement")
    return made


async def ends_on(client, contract):
    (item,) = (await get(client, contract, "/confidentiality"))["items"]
    return item["ends_on"]


async def test_f12_both_prolong_the_duty_of_confidence_after_the_end(clocked):
    made = await ended(clocked)
    assert await ends_on(clocked, made) == "2029-05-20"
    await advance(clocked, "2028-01-10T10:00:00+08:00")
    proposed = await propose(clocked, made, LONGER)
    assert (proposed["surviving"], proposed["base_version"]) == (True, 1)
    await execute(clocked, proposed, "A")
    applied = await execute(clocked, proposed, "B")
    assert (applied["status"], applied["terms_version"]) == ("applied", 2)
    told = applied["decision"]["events"][-1]
    assert (told["type"], told["transition"], told["status"]) == ("amendment.applied", "T15", "terminated")
    (moved,) = told["data"]["timers"]
    assert moved["kind"] == "confidentiality"
    assert moved["before"] == {"due_at": "2029-05-21T00:00:00+08:00"}
    assert moved["after"] == {"due_at": "2031-05-21T00:00:00+08:00"}
    assert await ends_on(clocked, made) == "2031-05-20"
    stands = await get(clocked, made)
    assert (stands["status"], stands["outcome"], stands["terms_version"]) == ("terminated", "mutual", 2)
    assert stands["ended_at"] == "2026-05-20T10:00:00+08:00"


async def test_f12_the_terms_of_every_day_stay_answerable(clocked):
    made = await ended(clocked)
    await advance(clocked, "2028-01-10T10:00:00+08:00")
    await agreed(clocked, made, LONGER)
    await advance(clocked, "2028-02-01T00:00:00+08:00")
    for asked, version in (
        ({"as_of": "2026-05-19"}, 1),
        ({"as_of": "2028-01-09"}, 1),
        ({"as_of": "2028-01-10"}, 2),
        ({"as_of": "2028-01-10", "known_at": "2028-01-09"}, 1),
    ):
        assert (await get(clocked, made, "/terms", **asked))["version"] == version, asked
    for day, status in (("2026-05-19", "effective"), ("2026-05-20", "terminated"), ("2028-01-10", "terminated")):
        stood = await get(clocked, made, as_of=day)
        assert (stood["status"], stood["outcome"]) == (status, "mutual" if status == "terminated" else None)
    await advance(clocked, "2029-05-21T00:00:00+08:00")
    (item,) = (await get(clocked, made, "/confidentiality"))["items"]
    assert item["status"] == "active_running"


async def test_f13_one_alone_prolongs_nothing(clocked):
    made = await ended(clocked)
    await advance(clocked, "2028-01-10T10:00:00+08:00")
    proposed = await propose(clocked, made, LONGER, proposed_by="A")
    await execute(clocked, proposed, "A")
    assert await ends_on(clocked, made) == "2029-05-20"
    await advance(clocked, "2029-05-21T00:00:00+08:00")
    (item,) = (await get(clocked, made, "/confidentiality"))["items"]
    assert (item["status"], item["ends_on"]) == ("expired", "2029-05-20")
    assert (await get(clocked, made))["terms_version"] == 1


@pytest.mark.parametrize(
    "change",
    [
        {"op": "replace", "path": "/title", "value": "新合同"},
        {"op": "replace", "path": "/terms/term/end", "value": "2027-12-31"},
        {"op": "replace", "path": "/sections/1/text", "value": "另行约定。"},
    ],
)
async def test_what_ended_with_the_contract_is_amended_no_more(clocked, change):
    made = await ended(clocked)
    answer = await clocked.post(path(made, "/amendments"), json={"changes": [LONGER, change]})
    found = await problem(answer, 409, "not-allowed-now")
    (reason,) = found["reasons"]
    assert reason["rule"] == "T15"
    for survivor in ("/terms/confidentiality", "/terms/disputes", "/terms/termination/procedure", "/terms/payment"):
        assert survivor in reason["message"]
    assert (await get(clocked, made, "/amendments"))["items"] == []


async def test_one_is_open_at_a_time_after_the_end_too(clocked):
    made = await ended(clocked)
    actions = {one["action"]: one for one in (await get(clocked, made, "/actions"))["items"]}
    assert actions["amendment.propose"]["allowed"]
    assert actions["amendment.execute"]["reasons"][0]["missing"] == "an open amendment"
    proposed = await propose(clocked, made, LONGER)
    assert (await get(clocked, made))["status"] == "terminated"
    answer = await clocked.post(path(made, "/amendments"), json={"changes": [RATE]})
    assert "one at a time" in (await problem(answer, 409, "not-allowed-now"))["detail"]
    rejected = await ok(await clocked.post(f"/v1/amendments/{proposed['id']}/actions/reject", json={}))
    assert (rejected["status"], rejected["decision"]["events"][0]["transition"]) == ("rejected", None)
    assert (await agreed(clocked, made, RATE))["status"] == "applied"


async def test_t14_what_survives_stays_on_the_table_when_the_contract_ends(clocked):
    made = await formed(clocked, terms=TERMS)
    pending = await agreed(clocked, made, LONGER, effective={"on": "2026-08-01"})
    assert pending["surviving"]
    await advance(clocked, "2026-05-20T10:00:00+08:00")
    over = await act(clocked, made, "terminate-by-agreement")
    kept = next(one for one in over["decision"]["events"] if one["type"] == "amendment.kept")
    assert (kept["transition"], over["status"]) == ("T14", "terminated")
    ahead = await get(clocked, made, as_of="2026-08-02")
    assert (ahead["terms_version"], ahead["status"], ahead["projected"]) == (2, "terminated", True)
    await advance(clocked, "2026-08-01T00:00:00+08:00")
    assert (await ok(await clocked.get(f"/v1/amendments/{pending['id']}")))["status"] == "applied"
    assert (await get(clocked, made, "/timeline"))["past"][-1]["transition"] == "T15"


async def test_a_preview_of_what_survives_tells_the_timers(clocked):
    made = await ended(clocked)
    body = {"changes": [LONGER]}
    found = await ok(await clocked.post(path(made, "/amendments"), json=body, params={"dry_run": "true"}))
    assert (found["status"], found["terms_version"]) == ("applied", 2)
    (moved,) = found["timers"]["moved"]
    assert (moved["kind"], moved["after"]["legal_date"]) == ("confidentiality", "2031-05-20")
    assert (await get(clocked, made, "/amendments"))["items"] == []


async def test_d05_a_second_contract_about_the_same_deal_amends_the_first_from_its_own_day(clocked):
    price = {"fees": {"total": {"amount": "100.00", "currency": "CNY"}}}
    made = await formed(clocked, at="2026-01-01T00:00:00+08:00", terms=TERMS | price)
    await advance(clocked, "2026-06-01T10:00:00+08:00")
    day = "2026-03-01T10:00:00+08:00"
    dearer = {"op": "replace", "path": "/terms/fees/total/amount", "value": "120.00"}
    second = await propose(clocked, made, dearer, at=day, rationale="后签合同，价格不同")
    await execute(clocked, second, "A", at=day)
    applied = await execute(clocked, second, "B", at=day)
    assert (applied["status"], applied["applies_at"]) == ("applied", day)
    for as_of, amount in (("2026-02-28", "100.00"), ("2026-03-01", "120.00")):
        terms = await get(clocked, made, "/terms", as_of=as_of)
        assert terms["agreed"]["fees"]["total"]["amount"] == amount
    assert (await get(clocked, made, as_of="2026-03-01", known_at="2026-05-31"))["terms_version"] == 1
