"""Versions of files and of contracts compared over HTTP, as changes and as a page."""

import pytest

from tests.features.contracts.acts import advance, draft, formed, ok, path, problem
from tests.features.search.test_search import attach


async def next_version(client, attachment, content):
    where = f"/v1/attachments/{attachment['id']}/versions"
    return await ok(await client.post(where, content=content, headers={"content-type": "text/plain"}), 201)


async def test_two_versions_of_a_file(client, index):
    made = await draft(client)
    prices = await attach(client, made, "第一条 价格\n每席每月800元。\n第二条".encode())
    where = f"/v1/attachments/{prices['id']}/versions/1/compare/2"
    await problem(await client.get(where), 404, "not-found")
    await next_version(client, prices, "第一条 价格\n每席每月900元。\n第二条\n第三条 <b>".encode())
    await problem(await client.get(where), 409, "not-allowed-now")
    await index()
    found = await ok(await client.get(where))
    assert (found["from"], found["to"]) == (1, 2)
    first, second = found["changes"]
    assert (first["op"], first["before"], first["after"]) == ("replace", 2, 2)
    assert [one["text"] for one in first["pieces"][1:3]] == ["800", "900"]
    assert (second["op"], second["before"], second["after"]) == ("insert", None, 4)
    shown = await client.get(where, params={"format": "html"})
    assert shown.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert "<del>800</del><ins>900</ins>" in shown.text
    assert "&lt;b&gt;" in shown.text
    for accept, media_type in (
        ("text/html,*/*;q=0.8", "text/html"),
        ("*/*", "application/json"),
        ("", "application/json"),
    ):
        answer = await client.get(where, headers={"accept": accept})
        assert answer.headers["content-type"].split(";")[0] == media_type
        assert answer.headers["vary"].lower() == "accept"
    assert (await ok(await client.get(where.replace("1/compare/2", "2/compare/2"))))["changes"] == []
    assert (await client.get(where, params={"format": "pdf"})).status_code in {400, 422}


async def test_what_has_no_text_says_why(client, index):
    made = await draft(client, type="outbound-call-outsourcing")
    sealed = await attach(client, made, "名单".encode(), kind="calling_list")
    await next_version(client, sealed, "名单二".encode())
    await index()
    answer = await client.get(f"/v1/attachments/{sealed['id']}/versions/1/compare/2")
    assert "sealed" in (await problem(answer, 409, "not-allowed-now"))["detail"]


async def amended(client, made, changes):
    amendment = await ok(await client.post(path(made, "/amendments"), json={"changes": changes}), 201)
    for role in "AB":
        where = f"/v1/amendments/{amendment['id']}/actions/execute"
        await ok(await client.post(where, json={"party": role, "method": "seal"}))


async def test_two_versions_of_a_contract(clocked):
    terms = {"payment": {"due": {"after": {"anchor": "statement_confirmed", "period": {"length": 10, "unit": "day"}}}}}
    made = await formed(clocked, title="外呼合同", terms=terms)
    assert (await ok(await clocked.get(path(made, "/compare"))))["terms"] == []
    await advance(clocked, "2026-02-01T10:00:00+08:00")
    period = "/terms/payment/due/after/period/length"
    text = {"op": "replace", "path": "/sections/2/text", "value": "乙方按附件<1>履行。"}
    await amended(clocked, made, [{"op": "replace", "path": period, "value": 15}, text])
    found = await ok(await clocked.get(path(made, "/compare")))
    assert (found["from"], found["to"]) == (1, 2)
    assert found["terms"] == [{"pointer": period, "before": 10, "after": 15}]
    assert [one["number"] for one in found["sections"]] == ["2", "3"]
    by_date = await ok(await clocked.get(path(made, "/compare"), params={"from": "2026-01-15", "to": "2026-02-01"}))
    assert by_date == found
    back = await ok(await clocked.get(path(made, "/compare"), params={"from": "2", "to": "1"}))
    assert back["terms"] == [{"pointer": period, "before": 15, "after": 10}]
    shown = await clocked.get(path(made, "/compare"), params={"format": "html"})
    assert "<ins>" in shown.text
    assert "&lt;1&gt;" in shown.text
    assert "<script" not in shown.text


async def test_which_version_of_a_file_binds_is_compared(clocked):
    """By formation, by an amendment, by the parties' words: whatever made it bind."""
    made = await formed(clocked)
    prices = await attach(clocked, made, b"one", kind="other")
    where = f"/attachments/{prices['id']}"
    await advance(clocked, "2026-02-01T10:00:00+08:00")
    for body in (b"two", b"three"):
        await next_version(clocked, prices, body)
    await amended(clocked, made, [{"op": "add", "path": where, "value": 2}])
    found = await ok(await clocked.get(path(made, "/compare")))
    assert found["terms"] == [{"pointer": where, "before": 1, "after": 2}]
    await advance(clocked, "2026-03-01T10:00:00+08:00")
    for party in ("A", "B"):
        await ok(await clocked.post(f"/v1{where}/versions/3/actions/adopt", json={"party": party}))
    days = {"from": "2026-02-15", "to": "2026-03-02T00:00:00+08:00"}
    await advance(clocked, "2026-03-05T10:00:00+08:00")
    found = await ok(await clocked.get(path(made, "/compare"), params=days))
    assert (found["from"], found["to"], found["terms"]) == (2, 2, [{"pointer": where, "before": 2, "after": 3}])
    shown = await clocked.get(path(made, "/compare"), params={"format": "html", **days})
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert f"{where}: <del>2</del> <ins>3</ins>" in shown.text


async def test_a_form_that_there_is_not_is_told_by_its_name(clocked):
    made = await formed(clocked)
    found = await problem(await clocked.get(path(made, "/compare"), params={"format": "xml"}), 400, "malformed")
    assert found["errors"][0]["pointer"] == "/format"


@pytest.mark.parametrize("query", [{"from": "3"}, {"to": "0"}, {"from": "2020-01-01"}, {"from": "x"}, {"to": "9" * 30}])
async def test_versions_that_there_are_not(clocked, query):
    made = await formed(clocked)
    found = await problem(await clocked.get(path(made, "/compare"), params=query), 422, "invalid")
    assert found["errors"][0]["pointer"] == f"/{next(iter(query))}"


async def test_others_compare_nothing(clocked, stranger):
    made = await formed(clocked)
    assert (await stranger.get(path(made, "/compare"))).status_code == 404
