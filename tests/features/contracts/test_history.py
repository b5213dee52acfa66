"""What stood when, and what was known of it when: two times, both answerable for ever."""

import asyncio
import threading

import pytest

from clm.lifecycle import engine
from tests.features.contracts.acts import act, advance, draft, formed, get, ok, out_for_signature, path, problem

TERM = {"term": {"end": "2026-12-31"}}
CURE = {
    "term": {"end": "2026-12-31"},
    "termination": {"grounds": [{"key": "delay", "holder": "A", "immediate": True}]},
}


async def standing(client, contract, **query):
    found = await get(client, contract, **query)
    return found["status"], found["outcome"], found["terms_version"]


async def test_a_date_means_its_last_instant(clocked):
    made = await formed(clocked, terms={"term": {"end": "2026-01-31"}})
    await advance(clocked, "2026-02-02T00:00:00+08:00")
    assert await standing(clocked, made, as_of="2026-01-31") == ("effective", None, 1)
    assert await standing(clocked, made, as_of="2026-01-31T23:59:59.999999+08:00") == ("effective", None, 1)
    assert (await standing(clocked, made, as_of="2026-02-01T00:00:00+08:00"))[:2] == ("terminated", "expired")
    assert (await standing(clocked, made, as_of="2026-02-01"))[:2] == ("terminated", "expired")
    assert (await standing(clocked, made, as_of="2026-01-31T15:59:59Z"))[0] == "effective"
    assert (await get(clocked, made, as_of="2026-01-31"))["as_of"] == "2026-01-31T23:59:59.999999+08:00"


async def test_before_effect_no_version_is_in_force(clocked):
    made = await out_for_signature(clocked, terms=TERM)
    await advance(clocked, "2026-02-01T00:00:00+08:00")
    for role in "AB":
        await act(clocked, made, "execute", party=role, method="seal", at="2026-01-20T10:00:00+08:00")
    before = await get(clocked, made, as_of="2026-01-19")
    assert (before["status"], before["terms_version"], before["terms"]) == ("draft", None, None)
    assert (await get(clocked, made, "/terms", as_of="2026-01-19"))["agreed"] is None
    assert await standing(clocked, made, as_of="2026-01-20") == ("effective", None, 1)


async def late(client):
    """Expired on its day as far as anybody knew, until a suspension and an earlier end became known."""
    made = await formed(client, terms=TERM)
    await advance(client, "2027-01-10T00:00:00+08:00")
    ended = await act(
        client, made, "terminate-by-agreement", effective={"on": "2026-06-30"}, at="2026-06-01T10:00:00+08:00"
    )
    return made, ended


async def test_a_late_fact_changes_the_past_and_leaves_what_was_known_answerable(clocked):
    made, ended = await late(clocked)
    assert (ended["outcome"], ended["ended_at"]) == ("mutual", "2026-07-01T00:00:00+08:00")
    (gone,) = ended["decision"]["superseded"]
    assert (gone["type"], gone["at"], gone["superseded_at"]) == (
        "contract.terminated",
        "2027-01-01T00:00:00+08:00",
        "2027-01-10T00:00:00+08:00",
    )
    assert [(one["kind"], one["status"]) for one in ended["decision"]["voided"]] == [("term", "voided")]
    assert ended["decision"]["events"][0]["data"]["supersedes"] == [gone["id"]]
    for known, autumn, now in (
        ("2027-01-09T00:00:00+08:00", ("effective", None), ("terminated", "expired")),
        ("2027-01-10T00:00:00+08:00", ("terminated", "mutual"), ("terminated", "mutual")),
    ):
        assert (await standing(clocked, made, as_of="2026-09-01", known_at=known))[:2] == autumn
        assert (await standing(clocked, made, as_of="2027-01-09", known_at=known))[:2] == now


async def test_others_are_served_while_a_long_life_is_decided_anew(clocked, monkeypatch):
    began, may_go_on, decide_anew = threading.Event(), threading.Event(), engine.decide_anew

    def slowly(*given):
        began.set()
        assert may_go_on.wait(20), "nobody else was served meanwhile"
        return decide_anew(*given)

    monkeypatch.setattr(engine, "decide_anew", slowly)
    deciding = asyncio.create_task(late(clocked))
    assert await asyncio.to_thread(began.wait, 20)
    other = await draft(clocked)
    may_go_on.set()
    _, ended = await deciding
    assert (ended["outcome"], other["status"]) == ("mutual", "draft")


async def test_the_timeline_keeps_what_was_superseded_and_marks_it(clocked):
    made, _ = await late(clocked)
    past = (await get(clocked, made, "/timeline"))["past"]
    ends = [
        (one["at"], one["data"]["outcome"], one["superseded_at"])
        for one in past
        if one["type"] == "contract.terminated"
    ]
    assert ends == [
        ("2026-07-01T00:00:00+08:00", "mutual", None),
        ("2027-01-01T00:00:00+08:00", "expired", "2027-01-10T00:00:00+08:00"),
    ]
    assert [one["at"] for one in past] == sorted(one["at"] for one in past)


async def test_the_past_before_a_contract_was_known_is_not_found(clocked):
    await advance(clocked, "2026-02-01T00:00:00+08:00")
    made = await draft(clocked)
    await problem(await clocked.get(path(made), params={"known_at": "2026-01-31"}), 404, "not-found")
    assert (await get(clocked, made, as_of="2026-01-15"))["status"] == "draft"


@pytest.mark.parametrize("odd", ["yesterday", "2026-02-30", "2026-01-01T00:00:00", "2026-1-1", "", "99999-01-01"])
@pytest.mark.parametrize("name", ["as_of", "known_at"])
async def test_a_moment_that_is_none_is_refused(clocked, name, odd):
    made = await draft(clocked)
    found = await problem(await clocked.get(path(made), params={name: odd}), 422, "invalid")
    assert found["errors"][0]["pointer"] == f"/{name}"
    await problem(await clocked.get(path(made, "/terms"), params={name: odd}), 422, "invalid")


@pytest.mark.parametrize("far", ["0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_moment_at_the_edge_of_time_is_no_error_of_ours(clocked, far):
    made = await draft(clocked)
    for query in ({"as_of": far}, {"known_at": far}):
        answer = await clocked.get(path(made), params=query)
        assert answer.status_code in (200, 404, 422), answer.text


async def test_an_instant_whose_plus_became_a_space_is_still_read(clocked):
    made = await draft(clocked)
    answer = await clocked.get(path(made) + "?as_of=2026-01-01T00:00:00+08:00")
    assert (await ok(answer))["as_of"] == "2026-01-01T00:00:00+08:00"


async def test_the_title_in_force_at_an_instant_is_that_of_its_version(clocked):
    made = await formed(clocked, terms=TERM)
    await advance(clocked, "2026-02-01T00:00:00+08:00")
    proposal = {"changes": [{"op": "replace", "path": "/title", "value": "新名"}]}
    amendment = await ok(await clocked.post(path(made, "/amendments"), json=proposal), 201)
    for role in "AB":
        await clocked.post(f"/v1/amendments/{amendment['id']}/actions/execute", json={"party": role, "method": "seal"})
    assert (await get(clocked, made))["title"] == "新名"
    assert (await get(clocked, made, as_of="2026-01-15"))["title"] == "合同"


async def test_a_late_waiver_undoes_a_rescission_that_followed(clocked):
    made = await formed(clocked, terms=CURE)
    await advance(clocked, "2026-03-01T00:00:00+08:00")
    await act(clocked, made, "record-ground", ground="delay", at="2026-02-01T10:00:00+08:00")
    await act(clocked, made, "waive", ground="delay", at="2026-02-02T10:00:00+08:00")
    await advance(clocked, "2027-06-01T00:00:00+08:00")
    kinds = [one["type"] for one in (await get(clocked, made, "/timeline"))["past"]]
    assert "ground.lost" in kinds
    assert kinds[-1] == "contract.terminated"
    assert (await get(clocked, made))["outcome"] == "expired"


async def test_an_instant_ahead_is_answered_as_time_alone_will_have_it(clocked):
    made = await formed(clocked, terms=TERM)
    proposal = {
        "changes": [{"op": "replace", "path": "/terms/payment/late/rate_per_day", "value": "0.0003"}],
        "effective": {"on": "2026-05-01"},
    }
    amendment = await ok(await clocked.post(f"{path(made)}/amendments", json=proposal), 201)
    for party in "AB":
        body = {"party": party, "method": "seal"}
        await ok(await clocked.post(f"/v1/amendments/{amendment['id']}/actions/execute", json=body))
    rates = {}
    for day in ("2026-04-30", "2026-05-01"):
        terms = await ok(await clocked.get(f"{path(made)}/terms", params={"as_of": day}))
        rates[day] = terms["terms"]["payment"]["late"]["rate_per_day"]
        assert terms["projected"] is True
    assert rates == {"2026-04-30": "0.0005", "2026-05-01": "0.0003"}
    ended = await get(clocked, made, as_of="2027-01-01")
    assert (ended["status"], ended["outcome"], ended["projected"]) == ("terminated", "expired", True)
    assert (await get(clocked, made))["status"] == "amendment"


async def test_one_instant_told_in_two_recordings_keeps_its_order(clocked):
    made = await formed(clocked, terms={"term": {"end": "2026-06-30"}})
    await advance(clocked, "2026-08-01T00:00:00+08:00")
    late = {"changes": [{"op": "replace", "path": "/title", "value": "新标题"}], "at": "2026-05-01T10:00:00+08:00"}
    await ok(await clocked.post(f"{path(made)}/amendments", json=late), 201)
    assert await standing(clocked, made, as_of="2026-07-15") == ("terminated", "expired", 1)
    assert await standing(clocked, made, as_of="2026-05-15") == ("amendment", None, 1)
