"""Drives confidential items of the sample contract over HTTP."""

from tests.features.notices.driving import in_force, instant, terms

ITEM = {
    "name": "客户名单",
    "class": "ordinary",
    "owner": "A",
    "recipients": ["B"],
    "disclosed_at": "2026-03-05T10:00:00+08:00",
}


def of_one_key(**confidentiality):
    """Terms by which a release needs no second key."""
    return terms(confidentiality={**terms()["confidentiality"], "release_review": False, **confidentiality})


async def in_force_of_one_key(client):
    return await in_force(client, of_one_key())


async def disclose(contract, status=201, **changes):
    body = {name: value for name, value in {**ITEM, **changes}.items() if value is not None}
    return await contract.post(f"{contract.url}/confidential-items", body, status)


async def duties(contract):
    return (await contract.get(f"{contract.url}/confidentiality"))["items"]


async def duty(contract):
    """The only item."""
    (found,) = await duties(contract)
    return found


async def end_by_agreement(contract, on):
    return await contract.act("terminate-by-agreement", effective={"on": on})


def action(item, name):
    return f"/v1/confidential-items/{item['id']}/actions/{name}"


async def act(contract, item, name, status=200, /, **body):
    """An action on an item; `at` and `ended_at` are local times."""
    local = {name: instant(body[name]) for name in ("at", "ended_at") if name in body}
    return await contract.post(action(item, name), body | local, status)


async def file(contract, name="公开证明.txt", kind="evidence", content=b"proof", client=None):
    """An attachment of the contract; answers with its id."""
    answer = await (client or contract.client).post(
        f"{contract.url}/attachments",
        params={"kind": kind, "name": name},
        content=content,
        headers={"content-type": "text/plain"},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]
