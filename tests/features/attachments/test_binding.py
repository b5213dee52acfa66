"""Over HTTP: which version binds, by formation, by an amendment, by the update rule."""

import asyncio

import pytest

from tests.features.contracts.acts import act, advance, formed, ok, out_for_signature, path, problem

BODY = b"a,b\n"


async def attached(client, made, kind):
    return await ok(
        await client.post(path(made, "/attachments"), params={"kind": kind, "name": "a.csv"}, content=BODY), 201
    )


async def next_version(client, attachment, content):
    return await ok(await client.post(f"/v1/attachments/{attachment['id']}/versions", content=content), 201)


async def say(client, attachment, no, word, party, status=200, **more):
    where = f"/v1/attachments/{attachment['id']}/versions/{no}/actions/{word}"
    return await ok(await client.post(where, json={"party": party, **more}), status)


async def binding(client, attachment, **query):
    found = (await ok(await client.get(f"/v1/attachments/{attachment['id']}", params=query)))["binding"]
    return None if found is None else (found["version"], found["since"], found["basis"]["rule"])


async def executed(client, made, changes):
    amendment = await ok(await client.post(path(made, "/amendments"), json={"changes": changes}), 201)
    for role in "AB":
        where = f"/v1/amendments/{amendment['id']}/actions/execute"
        await ok(await client.post(where, json={"party": role, "method": "seal"}))
    return amendment


async def test_what_is_there_at_formation_binds_with_the_contract(clocked):
    made = await out_for_signature(clocked)
    prices = await attached(clocked, made, "price_list")
    await next_version(clocked, prices, b"two")
    assert await binding(clocked, prices) is None
    await advance(clocked, "2026-01-05T10:00:00+08:00")
    for role in "AB":
        await act(clocked, made, "execute", party=role, method="seal")
    await advance(clocked, "2026-02-01T10:00:00+08:00")
    await next_version(clocked, prices, b"three")
    assert await binding(clocked, prices) == (2, "2026-01-05T10:00:00+08:00", "R-AT1")
    assert await binding(clocked, prices, as_of="2026-01-04") is None
    [listed] = (await ok(await clocked.get(path(made, "/attachments"))))["items"]
    assert listed == await ok(await clocked.get(f"/v1/attachments/{prices['id']}"))


async def test_an_amendment_makes_a_version_bind(clocked):
    made = await formed(clocked)
    prices = await attached(clocked, made, "price_list")
    await next_version(clocked, prices, b"two")
    await advance(clocked, "2026-02-01T10:00:00+08:00")
    await executed(clocked, made, [{"op": "add", "path": f"/attachments/{prices['id']}", "value": 2}])
    assert await binding(clocked, prices) == (2, "2026-02-01T10:00:00+08:00", "R-AT2")
    await advance(clocked, "2026-03-01T10:00:00+08:00")
    await executed(clocked, made, [{"op": "replace", "path": f"/attachments/{prices['id']}", "value": 1}])
    assert (await binding(clocked, prices))[0] == 1
    assert (await binding(clocked, prices, as_of="2026-02-15"))[0] == 2


async def test_an_amendment_that_is_about_something_else_names_no_version_again(clocked):
    made = await formed(clocked, terms={"attachments": {"update_rules": {"price_list": "A_unilateral"}}})
    prices = await attached(clocked, made, "price_list")
    for content in (b"two", b"three"):
        await next_version(clocked, prices, content)
    await advance(clocked, "2026-02-01T10:00:00+08:00")
    await executed(clocked, made, [{"op": "add", "path": f"/attachments/{prices['id']}", "value": 2}])
    await advance(clocked, "2026-03-01T10:00:00+08:00")
    await say(clocked, prices, 3, "adopt", "A")
    await advance(clocked, "2026-04-01T10:00:00+08:00")
    await executed(clocked, made, [{"op": "replace", "path": "/title", "value": "新的标题"}])
    assert await binding(clocked, prices) == (3, "2026-03-01T10:00:00+08:00", "R-AT3")
    await advance(clocked, "2026-05-01T10:00:00+08:00")
    changes = [{"op": "replace", "path": f"/attachments/{prices['id']}", "value": 2}]
    await executed(clocked, made, [*changes, {"op": "replace", "path": "/title", "value": "标题"}])
    assert await binding(clocked, prices) == (2, "2026-05-01T10:00:00+08:00", "R-AT2")


async def test_an_amendment_names_an_attachment_as_its_id_is_written(clocked):
    made = await formed(clocked)
    prices = await attached(clocked, made, "price_list")
    change = {"op": "add", "path": f"/attachments/{prices['id'].upper()}", "value": 1}
    answer = await clocked.post(path(made, "/amendments"), json={"changes": [change]})
    await problem(answer, 422, "invalid")


@pytest.mark.parametrize("value", [0, 3, -1, "2", 1.5, True, None, 2**40])
async def test_an_amendment_names_versions_that_exist(clocked, value):
    made = await formed(clocked)
    prices = await attached(clocked, made, "price_list")
    change = {"op": "add", "path": f"/attachments/{prices['id']}", "value": value}
    answer = await clocked.post(path(made, "/amendments"), json={"changes": [change]})
    assert (await problem(answer, 422, "invalid"))["errors"][0]["pointer"].startswith("/changes")


async def test_an_amendment_names_attachments_of_its_own_contract(clocked):
    made, other = await formed(clocked), await formed(clocked)
    prices = await attached(clocked, other, "price_list")
    for name in (prices["id"], "nonsense", ""):
        change = {"op": "add", "path": f"/attachments/{name}", "value": 1}
        answer = await clocked.post(path(made, "/amendments"), json={"changes": [change]})
        assert answer.status_code == 422, answer.text


async def test_scripts_bind_once_a_has_approved_what_b_adopted(clocked):
    made = await formed(clocked, type="outbound-call-outsourcing")
    scripts = await attached(clocked, made, "scripts")
    assert scripts["update_rule"] == "B_unilateral_with_A_approval"
    await advance(clocked, "2026-02-01T10:00:00+08:00")
    await next_version(clocked, scripts, b"two")
    refused = await say(clocked, scripts, 2, "approve", "A", 409)
    assert refused["reasons"][0]["rule"] == "R-AT3"
    await say(clocked, scripts, 2, "adopt", "B")
    await advance(clocked, "2026-02-03T10:00:00+08:00")
    done = await say(clocked, scripts, 2, "approve", "A", note="可用")
    assert (done["binding"]["version"], done["binding"]["since"]) == (2, "2026-02-03T10:00:00+08:00")
    await say(clocked, scripts, 2, "approve", "A", 409)
    refused = await say(clocked, scripts, 2, "reject", "A", 409)
    assert "came to bind at 2026-02-03" in refused["detail"]


async def test_a_file_tells_what_was_said_and_what_is_missing(clocked):
    made = await formed(clocked, type="outbound-call-outsourcing")
    scripts = await attached(clocked, made, "scripts")
    await next_version(clocked, scripts, b"two")
    await advance(clocked, "2026-02-01T10:00:00+08:00")
    await next_version(clocked, scripts, b"three")
    told = await say(clocked, scripts, 3, "adopt", "B", note="新版")
    said = {"version": 3, "word": "adopt", "party": "B", "at": "2026-02-01T10:00:00+08:00", "note": "新版"}
    assert told["words"] == [said]
    assert told["awaited"] == [{"version": 3, "party": "A", "word": "approve"}]
    done = await say(clocked, scripts, 3, "approve", "A")
    assert (done["awaited"], len(done["words"]), done["binding"]["version"]) == ([], 2, 3)
    assert done["binding"]["basis"]["anchor"] == {"at": "2026-02-01T10:00:00+08:00"}


async def test_a_version_is_not_dated_into_what_was_signed(clocked):
    made = await formed(clocked)
    prices = await attached(clocked, made, "price_list")
    await advance(clocked, "2026-02-01T10:00:00+08:00")
    where = f"/v1/attachments/{prices['id']}/versions"
    formed_at = (await ok(await clocked.get(path(made))))["formed_at"]
    for at in ("2025-12-01T10:00:00+08:00", formed_at):
        answer = await clocked.post(where, params={"at": at}, content=b"other prices")
        assert (await problem(answer, 422, "invalid"))["errors"][0]["pointer"] == "/at"
    await ok(await clocked.post(where, params={"at": "2026-01-20T10:00:00+08:00"}, content=b"other prices"), 201)
    assert (await binding(clocked, prices))[0] == 1


async def test_the_contract_may_agree_on_another_rule(clocked):
    rules = {"attachments": {"update_rules": {"price_list": "A_unilateral"}}}
    made = await formed(clocked, terms=rules)
    prices = await attached(clocked, made, "price_list")
    assert prices["update_rule"] == "A_unilateral"
    await advance(clocked, "2026-02-01T10:00:00+08:00")
    await next_version(clocked, prices, b"two")
    assert (await say(clocked, prices, 2, "adopt", "A"))["binding"]["version"] == 2


async def test_the_same_word_at_once_is_recorded_once(clocked):
    made = await formed(clocked, type="outbound-call-outsourcing")
    listed = await attached(clocked, made, "calling_list")
    await next_version(clocked, listed, b"two")
    where = f"/v1/attachments/{listed['id']}/versions/1/actions/adopt"
    answers = await asyncio.gather(*(clocked.post(where, json={"party": "A"}) for _ in range(6)))
    assert sorted(one.status_code for one in answers) == [200] + [409] * 5


@pytest.mark.parametrize(
    ("no", "body", "status"),
    [
        (2, {"party": "A"}, 404),
        (2**31, {"party": "A"}, 404),
        (1, {"party": "C"}, 422),
        (1, {"party": "A", "at": "2027-01-01T00:00:00+08:00"}, 422),
        (1, {"party": "A", "at": "2026-01-01T00:00:00"}, 422),
        (1, {"party": "A", "evidence": ["01970000-0000-7000-8000-000000000041"]}, 422),
        (1, {}, 400),
    ],
)
async def test_words_that_cannot_be_recorded(clocked, no, body, status):
    made = await formed(clocked, type="outbound-call-outsourcing")
    listed = await attached(clocked, made, "calling_list")
    answer = await clocked.post(f"/v1/attachments/{listed['id']}/versions/{no}/actions/adopt", json=body)
    assert answer.status_code == status, answer.text
    assert (await binding(clocked, listed)) is None or (await binding(clocked, listed))[2] == "R-AT1"


async def test_others_have_no_word(clocked, stranger):
    made = await formed(clocked, type="outbound-call-outsourcing")
    listed = await attached(clocked, made, "calling_list")
    await say(stranger, listed, 1, "adopt", "A", 404)


async def test_writes_about_one_file_at_once_take_turns(clocked):
    """Each takes the contract first: none of them is turned away because two wait for each other."""
    made = await formed(clocked, type="outbound-call-outsourcing")
    scripts = await attached(clocked, made, "scripts")
    item = {"name": "话术", "owner": "A", "recipients": ["B"], "attachments": [scripts["id"]]}
    of_version = f"/v1/attachments/{scripts['id']}/versions"

    def writes(number):
        return [
            clocked.post(of_version, content=b"%d" % number),
            clocked.post(f"/v1/attachments/{scripts['id']}/holds", json={"name": f"h{number}", "reason": "x"}),
            clocked.post(path(made, "/confidential-items"), json=item),
            clocked.post(f"{of_version}/1/actions/adopt", json={"party": "B"}),
            clocked.post(f"{of_version}/1/actions/delete", json={"reason": "x"}),
        ]

    answers = await asyncio.gather(*(one for number in range(12) for one in writes(number)))
    assert {one.status_code for one in answers} <= {200, 201, 409}, [one.text for one in answers]
