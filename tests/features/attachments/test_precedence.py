"""Over HTTP: what a contract consists of, and which of two documents prevails."""

import pytest

from tests.features.attachments.test_binding import attached, executed, next_version
from tests.features.contracts.acts import act, advance, formed, ok, out_for_signature, path


async def documents(client, made, **query):
    found = await ok(await client.get(path(made, "/precedence"), params=query))
    return [(one["rank"], one["kind"], one["version"]) for one in found["documents"]], found


async def test_the_documents_of_a_contract_in_their_order(clocked):
    made = await out_for_signature(clocked)
    prices = await attached(clocked, made, "price_list")
    await attached(clocked, made, "evidence")
    assert (await documents(clocked, made))[0] == []
    for role in "AB":
        await act(clocked, made, "execute", party=role, method="seal")
    await advance(clocked, "2026-02-01T10:00:00+08:00")
    later = await attached(clocked, made, "other")
    await next_version(clocked, prices, b"two")
    amendment = await executed(clocked, made, [{"op": "add", "path": f"/attachments/{prices['id']}", "value": 2}])
    ranked, found = await documents(clocked, made)
    assert ranked == [
        (1, "amendment", 2),
        (2, "main_text", None),
        (3, "attachment", 2),
        (3, "attachment", 1),
        (4, "recitals", None),
    ]
    assert found["documents"][0]["id"] == amendment["id"]
    assert found["documents"][0]["since"] == "2026-02-01T10:00:00+08:00"
    assert (found["assumed"], found["basis"]["rule"]) == (True, "R-AT4")
    assert later["id"] not in [one["id"] for one in found["documents"]]
    before = await documents(clocked, made, as_of="2026-01-31")
    assert [one[1] for one in before[0]] == ["main_text", "attachment", "attachment", "recitals"]


async def test_the_order_that_the_parties_agreed_on(clocked):
    agreed = {"precedence": ["recitals", "attachment", "main_text", "amendment"], "words_over_figures": False}
    made = await formed(clocked, terms={"attachments": agreed})
    ranked, found = await documents(clocked, made)
    assert [one[1] for one in ranked] == ["recitals", "main_text"]
    assert found["order"] == agreed["precedence"]
    assert found["readings"] == {
        "newer_version_first": True,
        "handwritten_over_printed": True,
        "words_over_figures": False,
    }


@pytest.mark.parametrize(("query", "status"), [({"as_of": "yesterday"}, 422), ({"known_at": "2026-01-01"}, 400)])
async def test_questions_that_cannot_be_answered(clocked, query, status):
    made = await formed(clocked)
    answer = await clocked.get(path(made, "/precedence"), params=query)
    assert answer.status_code == status, answer.text


async def test_others_see_no_documents(clocked, stranger):
    made = await formed(clocked)
    assert (await stranger.get(path(made, "/precedence"))).status_code == 404


async def test_the_version_that_binds_is_not_deleted_while_the_contract_lasts(clocked):
    made = await formed(clocked, type="outbound-call-outsourcing")
    await advance(clocked, "2026-02-01T10:00:00+08:00")
    listed = await attached(clocked, made, "calling_list")
    where = f"/v1/attachments/{listed['id']}/versions/1"
    assert (await ok(await clocked.get(f"{where}/retention")))["may_be_deleted"]
    await ok(await clocked.post(f"{where}/actions/adopt", json={"party": "A"}))
    kept = await ok(await clocked.get(f"{where}/retention"))
    assert (kept["may_be_deleted"], kept["may_be_erased"]) == (False, True)
    refused = await ok(await clocked.post(f"{where}/actions/delete", json={"reason": "x"}), 409)
    assert [one["rule"] for one in refused["reasons"]] == ["R-AT3"]
    await next_version(clocked, listed, b"two")
    await ok(await clocked.post(f"/v1/attachments/{listed['id']}/versions/2/actions/adopt", json={"party": "A"}))
    await ok(await clocked.post(f"{where}/actions/delete", json={"reason": "replaced"}))
