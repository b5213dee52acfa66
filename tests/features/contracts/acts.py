"""What a contract's life takes over HTTP, in a few words."""

from itertools import count
from uuid import uuid4

NEXT = count(1)
DESIGN_TERMS = {
    "term": {"end": "2026-12-31", "renewal": {"automatic": False}},
    "effectiveness": {
        "execution": "signature_or_seal",
        "conditions": [{"key": "licence", "description": "呼叫中心业务许可证副本"}],
        "not_before": "2026-03-01",
    },
    "confidentiality": {
        "rules": [
            {
                "class": "ordinary",
                "start": "disclosure",
                "end": {"after": {"anchor": "termination", "period": {"length": 3, "unit": "year"}}},
            }
        ]
    },
    "notices": {
        "rules": [
            {"channel": "courier", "trigger": "posted", "offset": {"length": 3, "unit": "day"}},
            {"channel": "email", "trigger": "entered"},
        ]
    },
    "termination": {
        "grounds": [
            {
                "key": "material_breach",
                "holder": "either",
                "cure": {"period": {"length": 15, "unit": "day"}, "automatic": True},
            }
        ]
    },
    "payment": {
        "due": {"after": {"anchor": "statement_confirmed", "period": {"length": 10, "unit": "working_day"}}},
        "late": {"rate_per_day": "0.0005", "base": "overdue", "cap": None},
    },
    "service_levels": [
        {"metric": "connect_rate", "threshold": "0.95", "cycle": "month"},
        {"metric": "satisfaction", "threshold": "0.85", "cycle": "month"},
    ],
}


async def ok(answer, status=200):
    """The body of an answer that went well."""
    assert answer.status_code == status, answer.text
    return answer.json()


async def party(client, name="甲公司"):
    return (await ok(await client.post("/v1/parties", json={"legal_name": name, "kind": "legal_person"}), 201))["id"]


def number():
    return f"OC-{next(NEXT)}-{uuid4().hex[:6]}"


def body(**fields):
    """A draft of the plain type, without parties."""
    return {"type": "generic", "number": number(), "title": "合同", **fields}


async def draft(client, **fields):
    """A draft with two parties."""
    parties = [{"role": role, "party_id": await party(client)} for role in "AB"]
    return await ok(await client.post("/v1/contracts", json=body(parties=parties, **fields)), 201)


def path(contract, below=""):
    return f"/v1/contracts/{contract['id']}{below}"


async def act(client, contract, action, /, status=200, **fact):
    return await ok(await client.post(path(contract, f"/actions/{action}"), json=fact), status)


async def out_for_signature(client, **fields):
    contract = await draft(client, **fields)
    await act(client, contract, "submit")
    await act(client, contract, "approve")
    return contract


async def formed(client, at=None, **fields):
    """Sealed by both at one instant; in force where no condition and no date is agreed."""
    contract = await out_for_signature(client, **fields)
    when = {"at": at} if at else {}
    await act(client, contract, "execute", party="A", method="seal", **when)
    return await act(client, contract, "execute", party="B", method="seal", **when)


async def advance(client, to):
    return await ok(await client.post("/v1/test-clock/actions/advance", json={"to": to}))


async def get(client, contract, below="", **query):
    return await ok(await client.get(path(contract, below), params=query))


async def problem(answer, status, code):
    """The problem of an answer that went wrong, complete as every problem is."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert (found["code"], found["type"], found["status"]) == (code, f"urn:clm:problem:{code}", status)
    assert found["title"]
    assert found["detail"]
    assert found["request_id"] == answer.headers["x-request-id"]
    for leak in ("Traceback", "asyncpg", "msgspec", "litestar", "select ", "insert "):
        assert leak not in answer.text
    return found
