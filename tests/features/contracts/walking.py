"""A walk: one contract of a tenant with a test clock, to which random facts are told over HTTP."""

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx

from clm.kit.db import Database
from tests.conftest import caller, new_tenancy
from tests.features.contracts import bodies
from tests.features.contracts.acts import act, draft, ok

START = dt.datetime.fromisoformat("2024-01-01T00:00:00+08:00")
"""Early enough for a year and more to pass within the published calendars: dates beyond them wait."""
MONTH = {"length": 1, "unit": "month"}
GROUNDS = {
    "grounds": [
        {
            "key": "material_breach",
            "holder": "either",
            "cure": {"period": {"length": 15, "unit": "day"}, "automatic": True},
        },
        {"key": "late_payment", "holder": "B", "immediate": True, "exercise_within": {"length": 3, "unit": "month"}},
    ]
}
ONE_KEY = {"confidentiality": {"release_review": False}}
"""So that a release in a walk counts at once."""
TERMS = {
    "plain": {},
    "renewing": {
        "term": {
            "end": "2024-06-30",
            "renewal": {
                "automatic": True,
                "period": {"length": 3, "unit": "month"},
                "objection": {"period": {"length": 30, "unit": "day"}},
                "max_renewals": 2,
            },
        },
        "termination": GROUNDS,
        "confidentiality": {
            "rules": [{"class": "ordinary", "end": {"after": {"anchor": "termination", "period": MONTH}}}],
            "release_review": False,
        },
    },
    "conditional": {
        "term": {"end": "2025-12-31"},
        "effectiveness": {
            "conditions": [{"key": "licence", "description": "许可证"}],
            "ending_conditions": [{"key": "client_lost", "description": "委托人解约"}],
            "not_before": "2024-01-15",
            "acceptance_period": {"length": 20, "unit": "day"},
            "approval": {"authority": "主管部门"},
        },
        "termination": {**GROUNDS, "convenience": {"holder": "either", "notice": {"length": 30, "unit": "day"}}},
    },
    "indefinite": {
        "term": {"indefinite": True},
        "nature": "entrustment",
        "amendments": {"answer_within": {"length": 10, "unit": "day"}},
        "force_majeure": {"notify": {"length": 24, "unit": "hour"}, "rescind_after": {"length": 20, "unit": "day"}},
    },
    "strict": {
        "term": {"period": {"length": 6, "unit": "month"}},
        "effectiveness": {"execution": "signature_and_seal"},
        "termination": {"grounds": [], "procedure": {"settlement": {"length": 10, "unit": "working_day"}}},
    },
}
BEGINNINGS = ("draft", "out_for_signature", "formed", "formed", "formed", "formed")
STEPS = (
    dt.timedelta(),
    dt.timedelta(microseconds=1),
    dt.timedelta(hours=5),
    dt.timedelta(days=1),
    dt.timedelta(days=16),
    dt.timedelta(days=45),
    dt.timedelta(days=370),
)
LAST = dt.datetime.fromisoformat("2034-01-01T00:00:00+08:00")
"""No walk goes beyond; the law's own dates end with 2100."""
ENDS_EARLY = ("withdraw", "reject", "return", "fail-condition", "terminate-by-agreement", "record-decision")
"""What a random choice takes seldom, since little can follow."""


class Told(AssertionError):
    """A step went wrong; it says what had been told before."""


@dataclass
class Walk:
    """The contract, its tenant, and what was told so far."""

    client: httpx.AsyncClient
    database: Database
    tenant: UUID
    id: str
    known: bodies.Known
    served: frozenset[str]
    past: list[tuple[str, str, dict, int]] = field(default_factory=list)

    @property
    def url(self):
        return f"/v1/contracts/{self.id}"

    async def post(self, where, body, **more):
        """Tell something; never an error of the service's own. What went well is known from then on."""
        answer = await self.client.post(where, json=body, **more)
        self.past.append(("POST", where, body, answer.status_code))
        self.check(answer.status_code < 500, answer.text)
        if answer.status_code >= 400:
            problem = answer.json()
            self.check({"type", "title", "status", "detail", "code", "request_id"} <= problem.keys(), answer.text)
        return answer

    async def get(self, where, **query):
        """Read something that is there."""
        answer = await self.client.get(where, params=query)
        self.check(answer.status_code == 200, f"GET {where} {query}: {answer.text}")
        return answer.json()

    def check(self, holds, what):
        """Raise Told with the story so far unless it holds."""
        if not holds:
            raise Told(f"{what}\n{self.story()}")

    def story(self):
        """What was told, a line each, so that it can be told again."""
        return "\n".join(f"  {code} {method} {where} {body}" for method, where, body, code in self.past)

    def learn(self, body, answer, kind=""):
        """Remember what later facts may speak of."""
        found = answer.json()
        decision = found.get("decision") or {}
        if "fact_id" in decision:
            self.known.facts.append((decision["fact_id"], kind))
        for event in decision.get("events", []):
            self.known.instants.append(event["at"])
        self.known.instants += [timer["due_at"] for timer in decision.get("armed", [])]
        self.known.instants += [body["at"]] if "at" in body else []

    async def tell(self, name, dice, **more):
        """One random fact of a kind, at a random time; returns the answer, or None where nothing is told of."""
        address = self.address(name, dice)
        if address is None:
            return None
        body = bodies.body_of(name, self.known, dice) | more
        if "at" not in body and dice.random() < 0.5 and name not in ("notice", "item"):
            body["at"] = bodies.instant(self.known, dice)
        answer = await self.post(address, body)
        if answer.status_code < 300:
            self.learn(body, answer, name)
            self.keep(name, answer.json())
        return answer

    async def serve(self, dice):
        """A notice that is drafted and reaches the other party."""
        made = await self.tell("notice", dice, channel="courier")
        if made is not None and made.status_code == 201:
            await self.tell("delivery", dice, event=dice.choice(["posted", "signed"]), channel="courier")

    async def agree(self, dice):
        """An amendment that is proposed and executed by both."""
        made = await self.tell("amendment.propose", dice)
        if made is None or made.status_code != 201:
            return
        when = {"at": made.json()["proposed_at"]} if dice.random() < 0.5 else {"at": self.known.now.isoformat()}
        for party in self.known.roles:
            for method in ("signature", "seal"):
                where = f"/v1/amendments/{self.known.amendments[-1]}/actions/execute"
                body = {"party": party, "method": method, **when}
                answer = await self.post(where, body)
                if answer.status_code == 200:
                    self.learn(body, answer)

    async def wind_up(self, dice):
        """An end that a court may take back, or the list of winding down, done and closed."""
        if dice.random() < 0.4:
            ruling = dice.choice(["termination_groundless", "termination_groundless", "rescinded", "condition_not_met"])
            await self.tell("record-decision", dice, ruling=ruling)
            return
        for duty in ("settlement", "data_return", "handover", "report"):
            await self.tell("record-performance", dice, duty=duty, party="A", evidence=self.known.attachments)
        await self.tell("close", dice)

    def address(self, name, dice):
        """Where a fact is posted."""
        places = {
            "amendment.propose": f"{self.url}/amendments",
            "notice": f"{self.url}/notices",
            "item": f"{self.url}/confidential-items",
        }
        if name in places:
            return places[name]
        of_notice = {"delivery": "delivery-events", "send": "actions/send"} | {
            "notice.withdraw": "actions/withdraw",
            "notice.correct": "actions/correct-delivery",
        }
        if name in of_notice:
            notice = self._one(self.known.notices, dice)
            return notice and f"/v1/notices/{notice}/{of_notice[name]}"
        if name == "release":
            item = self._one(self.known.items, dice)
            return item and f"/v1/confidential-items/{item}/actions/release"
        if name.startswith("amendment."):
            amendment = self._one(self.known.amendments, dice)
            return amendment and f"/v1/amendments/{amendment}/actions/{name.partition('.')[2]}"
        return f"{self.url}/actions/{name}"

    def _one(self, there, dice):
        """Mostly the latest."""
        if not there:
            return None
        return there[-1] if dice.random() < 0.7 else dice.choice(there)

    def keep(self, name, found):
        """What was made has an id."""
        made = {"amendment.propose": self.known.amendments, "notice": self.known.notices, "item": self.known.items}
        if name in made:
            made[name].append(found["id"])

    async def allowed(self):
        """The contract's actions that are allowed as it stands."""
        items = (await self.get(f"{self.url}/actions"))["items"]
        return [one["action"] for one in items if one["allowed"]]

    async def one_of(self, dice):
        """The name of an action to tell: mostly an allowed one."""
        if dice.random() < 0.2:
            return dice.choice(bodies.ACTIONS)
        possible = [name for name in await self.allowed() if name in bodies.ACTIONS]
        often = [name for name in possible if name not in ENDS_EARLY or dice.random() < 0.15]
        return dice.choice(often or possible or bodies.ACTIONS)

    async def advance(self, to):
        """Let time pass."""
        answer = await self.post("/v1/test-clock/actions/advance", {"to": to.isoformat()})
        self.check(answer.status_code == 200, answer.text)
        self.known.now = dt.datetime.fromisoformat(answer.json()["now"])
        self.known.instants += [fired["due_at"] for fired in answer.json()["fired"]]

    async def let_pass(self, dice):
        """A moment or a year; often just to, or just before, what happens next by itself."""
        to = self.known.now + dice.choice(STEPS)
        future = (await self.get(f"{self.url}/timers", status="armed", limit=20))["items"]
        certain = [timer["due_at"] for timer in future if not timer["provisional"]]
        if certain and dice.random() < 0.5:
            due = dt.datetime.fromisoformat(dice.choice(certain[:3]))
            to = due - dt.timedelta(microseconds=dice.choice([0, 1]))
        if self.known.now <= to <= LAST:
            await self.advance(to)


async def begin(app, database, terms, beginning="formed", number=1):
    """Walks through contracts of one new tenant, drafted, out for signature, or signed by both."""
    tenancy = await new_tenancy(database, START)
    client = caller(app, tenancy.key)
    paths = (await ok(await client.get("/openapi.json")))["paths"]
    served = frozenset(path.rpartition("/")[2] for path in paths if path.startswith("/v1/amendments/{amendment_id}/"))
    walks = []
    for _ in range(number):
        contract = await draft(client, terms=ONE_KEY | TERMS[terms])
        walk = Walk(client, database, tenancy.tenant, contract["id"], bodies.Known(START, START), served)
        file = await client.post(f"{walk.url}/attachments?kind=evidence&name=e.txt", content=b"x")
        walk.known.attachments.append((await ok(file, 201))["id"])
        await _bring(client, contract, beginning)
        walks.append(walk)
    return walks


async def _bring(client, contract, beginning):
    if beginning == "draft":
        return
    await act(client, contract, "submit")
    await act(client, contract, "approve")
    if beginning == "formed":
        for party in "AB":
            for method in ("signature", "seal"):
                await client.post(
                    f"/v1/contracts/{contract['id']}/actions/execute", json={"party": party, "method": method}
                )


def fresh_key():
    """An idempotency key."""
    return {"idempotency-key": uuid4().hex}
