"""Drives the sample contract to effect over HTTP, and its notices on their way."""

import copy
import itertools
from dataclasses import dataclass, field

import httpx

TERMS = {
    "term": {"end": "2026-12-31", "renewal": {"automatic": False}},
    "effectiveness": {"execution": "signature_or_seal", "not_before": "2026-03-01"},
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
            },
            {"key": "late_payment", "holder": "B", "clause": "7.4", "immediate": True},
        ]
    },
}
CURE_NOTICE = {
    "type": "cure_notice",
    "from": "A",
    "to": "B",
    "channel": "courier",
    "subject": "催告函",
    "body": "请在十五日内补正。",
    "ground": "material_breach",
    "cure": {"automatic": True},
}
_numbers = itertools.count(1)


def instant(text):
    """`2026-04-16` (a second after it began), `2026-04-16T11:00` or with seconds, in +08:00."""
    text = text if "T" in text else f"{text}T00:00:01"
    return text + (":00" if text.count(":") == 1 else "") + "+08:00"


def terms(**changes):
    """The sample terms, with whole groups replaced."""
    return {**copy.deepcopy(TERMS), **changes}


@dataclass
class Driven:
    """A contract of the tenant behind `client`, whose clock the test moves."""

    client: httpx.AsyncClient
    id: str = ""
    parties: dict = field(default_factory=dict)

    @property
    def url(self):
        return f"/v1/contracts/{self.id}"

    async def post(self, path, body=None, status=200, **more):
        answer = await self.client.post(path, json=body or {}, **more)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def get(self, path, **params):
        answer = await self.client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def draft(self, agreed=None):
        """A draft with both parties."""
        for role, name in (("A", "甲公司"), ("B", "乙公司")):
            party = await self.post("/v1/parties", {"legal_name": name, "kind": "legal_person"}, 201)
            self.parties[role] = party["id"]
        body = {
            "type": "outbound-call-outsourcing",
            "number": f"OC-{next(_numbers):04}",
            "title": "外呼服务外包合同",
            "parties": [{"role": role, "party_id": party} for role, party in self.parties.items()],
            "terms": terms() if agreed is None else agreed,
        }
        self.id = (await self.post("/v1/contracts", body, 201))["id"]
        return self

    async def to_effect(self):
        """Reviewed, sealed by both on 8 January 2026, in force from 1 March; it is 1 March then."""
        for action in ("submit", "approve"):
            await self.act(action)
        await self.until("2026-01-08T10:00")
        for role in ("A", "B"):
            await self.act("execute", party=role, method="seal", at="2026-01-08T09:30:00+08:00")
        await self.until("2026-03-01T00:00:01")
        assert (await self.contract())["status"] == "effective"
        return self

    async def act(self, action, status=200, **body):
        return await self.post(f"{self.url}/actions/{action}", body, status)

    async def until(self, text):
        """Move the clock to a local time."""
        return await self.post("/v1/test-clock/actions/advance", {"to": instant(text)})

    async def contract(self):
        return await self.get(self.url)

    async def timers(self, kind=None):
        """The armed timers, by due date."""
        found = await self.get(f"{self.url}/timers", status="armed", limit=200)
        return [timer for timer in found["items"] if kind in (None, timer["kind"])]

    async def told(self, kind):
        """The events of a kind that stand."""
        past = (await self.get(f"{self.url}/timeline"))["past"]
        return [event for event in past if event["type"] == kind and event["superseded_at"] is None]

    async def notice(self, status=201, **changes):
        """Draft a cure notice by courier, or what `changes` make of it; None leaves a member out."""
        body = {name: value for name, value in {**CURE_NOTICE, **changes}.items() if value is not None}
        return await self.post(f"{self.url}/notices", body, status)

    async def rescission(self, **changes):
        return await self.notice(**{"type": "rescission", "cure": None, **changes})

    async def event(self, notice, event, at, status=200, **more):
        body = {"event": event, "at": instant(at), **more}
        return await self.post(f"/v1/notices/{notice['id']}/delivery-events", body, status)

    async def read(self, notice):
        return await self.get(f"/v1/notices/{notice['id']}")


async def in_force(client, agreed=None):
    """A contract in force on 1 March 2026."""
    return await (await Driven(client).draft(agreed)).to_effect()


async def correct(contract, notice, status=200, **body):
    """Correct one delivery of a notice."""
    body = {"reason": "另一件快递的签收", **body}
    return await contract.post(f"/v1/notices/{notice['id']}/actions/correct-delivery", body, status)


async def withdraw(contract, notice, status=200, **body):
    return await contract.post(f"/v1/notices/{notice['id']}/actions/withdraw", body, status)
