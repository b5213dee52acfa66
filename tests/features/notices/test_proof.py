"""Evidence is held by its hash, tasks follow from how a notice stands, and arrival is explained."""

import pytest

from tests.features.notices.driving import correct, in_force, instant, terms, withdraw

PLAIN = {"type": "demand", "ground": None, "cure": None}


@pytest.fixture
async def contract(clocked):
    contract = await in_force(clocked)
    await contract.until("2026-04-20")
    return contract


async def attach(contract, name="回执.txt", content="签收回执", kind="evidence"):
    url = f"{contract.url}/attachments"
    answer = await contract.client.post(
        url, params={"kind": kind, "name": name}, content=content.encode(), headers={"content-type": "text/plain"}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_evidence_is_held_under_its_item_by_the_hash_of_that_day(contract):
    notice = await contract.notice()
    file = await attach(contract)
    body = {"attachment_id": file["id"], "item": "content_scan"}
    url = f"/v1/notices/{notice['id']}/evidence"
    made = await contract.post(url, body, 201)
    again = await contract.post(url, body, 201)
    (held,) = next(one for one in made["channels"][0]["items"] if one["key"] == "content_scan")["held"]
    assert (held["sha256"], held["version"], held["source"]) == (file["versions"][0]["sha256"], 1, "user")
    assert again == made == await contract.get(url)
    assert len(await contract.told("notice.evidence_held")) == 1


async def test_evidence_of_a_step_is_held_with_its_number(contract):
    notice = await contract.notice(channel="personal")
    file = await attach(contract)
    await contract.event(notice, "handed_over", "2026-04-13T16:00", evidence=[file["id"]])
    proof = await contract.get(f"/v1/notices/{notice['id']}/evidence")
    (held,) = proof["other"]
    assert (held["delivery_no"], held["item"], held["channel"]) == (1, "other", "personal")
    assert [one["missing"] for one in proof["channels"][0]["items"]] == [True, True, True]


@pytest.mark.parametrize(("item", "status"), [("selfie", 422), ("", 400)])
async def test_what_is_no_item_of_its_channel(contract, item, status):
    notice = await contract.notice()
    file = await attach(contract)
    body = {"attachment_id": file["id"], "item": item}
    refused = await contract.post(f"/v1/notices/{notice['id']}/evidence", body, status)
    assert refused["errors"][0]["pointer"] == "/item"


async def test_another_contracts_file_is_no_evidence(contract):
    notice = await contract.notice()
    body = {"attachment_id": notice["id"]}
    refused = await contract.post(f"/v1/notices/{notice['id']}/evidence", body, 422)
    assert refused["errors"][0]["pointer"] == "/attachment_id"


async def test_what_proves_a_notice_is_kept_as_long_as_the_record(contract):
    file = await attach(contract, "录音.txt", kind="call_recording")
    url = f"/v1/attachments/{file['id']}/versions/1"
    before = (await contract.get(f"{url}/retention"))["retention"]
    assert (before["standing"], before["keep_until"]) == ("running", "2026-10-17")
    notice = await contract.notice()
    await contract.post(f"/v1/notices/{notice['id']}/evidence", {"attachment_id": file["id"]}, 201)
    kept = await contract.get(f"{url}/retention")
    assert (kept["may_be_deleted"], kept["retention"]["standing"]) == (False, "open")
    assert "R-N9" in [one["rule"] for one in kept["reasons"]]
    refused = await contract.post(f"{url}/actions/delete", {"reason": "过期"}, 409)
    assert "evidence of notice 1" in refused["detail"]
    await withdraw(contract, notice)
    assert "R-N9" not in [one["rule"] for one in (await contract.get(f"{url}/retention"))["reasons"]]


async def test_a_defective_notice_asks_for_a_review_until_it_is_withdrawn(contract):
    notice = await contract.rescission(ground=None)
    (task,) = notice["tasks"]
    assert (task["kind"], task["rule"], task["closed_at"]) == ("review", "R-N11", None)
    assert (await contract.get("/v1/notice-tasks", status="open", kind="review"))["items"] == [task]
    gone = await withdraw(contract, notice)
    assert gone["tasks"][0]["closed_for"] == "withdrawn"
    assert (await contract.get("/v1/notice-tasks", status="open"))["items"] == []
    assert [len(await contract.told(f"notice.task_{what}")) for what in ("opened", "closed")] == [1, 1]


async def test_a_task_is_dismissed_with_a_reason_and_stays_so(contract):
    notice = await contract.rescission(ground=None)
    task = notice["tasks"][0]
    url = f"/v1/notice-tasks/{task['id']}/actions/dismiss"
    closed = await contract.post(url, {"reason": "另行处理"})
    assert (closed["closed_for"], closed["reason"]) == ("dismissed", "另行处理")
    assert await contract.post(url, {"reason": "另行处理"}) == closed
    await contract.post(url, {"reason": "别的理由"}, 409)
    await contract.post(url, {"reason": " "}, 400)
    await contract.event(notice, "posted", "2026-04-13T16:00")
    assert (await contract.read(notice))["tasks"][0]["closed_for"] == "dismissed"
    await contract.post(f"/v1/notice-tasks/{notice['id']}/actions/dismiss", {"reason": "x"}, 404)


async def test_what_did_not_get_through_asks_for_another_channel_until_it_is_sent_again(contract):
    notice = await contract.notice(**PLAIN, channel="email")
    await contract.event(notice, "sent", "2026-04-13T16:00")
    failed = await contract.event(notice, "bounced", "2026-04-13T16:05")
    (task,) = failed["tasks"]
    assert (task["kind"], task["closed_at"], task["channels"]) == ("fallback", None, [])
    sent = await contract.event(notice, "posted", "2026-04-14T10:00", channel="courier")
    assert sent["tasks"][0]["closed_for"] in ("resent", "arrived")


async def test_a_clause_that_counts_it_leaves_nothing_to_do(clocked):
    rules = [{"channel": "email", "trigger": "bounced"}]
    contract = await in_force(clocked, terms(notices={"rules": rules}))
    notice = await contract.notice(**PLAIN, channel="email")
    await contract.event(notice, "sent", "2026-03-01T00:00:01")
    counted = await contract.event(notice, "bounced", "2026-03-01T00:00:01")
    assert (counted["status"], counted["tasks"]) == ("arrived", [])


async def test_a_task_comes_and_goes_with_corrections(contract):
    notice = await contract.notice(**PLAIN, channel="email")
    await contract.event(notice, "sent", "2026-04-13T16:00")
    await contract.event(notice, "bounced", "2026-04-13T16:05")
    righted = await correct(contract, notice, no=2)
    assert righted["tasks"][0]["closed_for"] == "corrected"
    again = await contract.event(notice, "bounced", "2026-04-13T16:06")
    assert [one["closed_for"] for one in again["tasks"]] == ["corrected", None]


async def test_tasks_are_their_tenants(contract, stranger):
    notice = await contract.rescission(ground=None)
    assert (await stranger.get("/v1/notice-tasks")).json()["items"] == []
    url = f"/v1/notice-tasks/{notice['tasks'][0]['id']}/actions/dismiss"
    assert (await stranger.post(url, json={"reason": "x"})).status_code == 404
    for path in ("arrival", "evidence"):
        assert (await stranger.get(f"/v1/notices/{notice['id']}/{path}")).status_code == 404


async def test_arrival_is_explained_by_all_that_was_weighed(contract):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-13T16:00")
    await contract.event(notice, "signed", "2026-04-15T11:00")
    told = await contract.get(f"/v1/notices/{notice['id']}/arrival")
    assert [(way["event"], way["legal_date"], way["counts"]) for way in told["ways"]] == [
        ("signed", "2026-04-15", True),
        ("posted", "2026-04-16", False),
    ]
    assert told["arrival"] == (await contract.read(notice))["arrival"]
    assert (told["rules_assumed"], told["terms_version"]) == (False, 1)


async def test_what_is_no_arrival_is_explained_too(contract):
    notice = await contract.notice(channel="email")
    drafted = await contract.get(f"/v1/notices/{notice['id']}/arrival")
    assert (drafted["arrival"]["status"], drafted["ways"], drafted["passed"]) == ("pending", [], [])
    await contract.event(notice, "sent", "2026-04-13T16:00")
    await contract.event(notice, "bounced", "2026-04-13T16:05")
    told = await contract.get(f"/v1/notices/{notice['id']}/arrival")
    assert [(one["event"], one["rule"]) for one in told["passed"]] == [("sent", "R-N6"), ("bounced", "R-N6")]


async def test_a_withdrawn_notice_arrived_by_no_way(contract):
    notice = await contract.notice()
    await contract.event(notice, "posted", "2026-04-19T16:00")
    await withdraw(contract, notice, arrived_at=instant("2026-04-19T18:00"))
    told = await contract.get(f"/v1/notices/{notice['id']}/arrival")
    assert (told["arrival"]["status"], [way["counts"] for way in told["ways"]]) == ("failed", [False])
