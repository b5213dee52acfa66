"""Plays a scenario over HTTP: each step is one request that an integrator would send."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from tests.scenarios.reading import Scenario, Step, instant

_LETTER = {"channel": "personal", "subject": "函", "body": "函告如下。"}


class Broken(AssertionError):
    """A step that could not be played."""


@dataclass
class Player:
    """The contract of one scenario behind a client of its own tenant, and the names given to what was made."""

    client: httpx.AsyncClient
    scenario: Scenario
    id: str = ""
    now: str = ""
    names: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def begin(self) -> None:
        """A draft with its parties."""
        self.now = instant(self.scenario.begins)
        parties = []
        for role in self.scenario.parties:
            body = {"legal_name": f"{role}公司", "kind": "legal_person"}
            parties.append({"role": role, "party_id": (await self._post("/v1/parties", body, 201))["id"]})
        made = await self._post(
            "/v1/contracts",
            {
                "type": self.scenario.type,
                "number": f"SC-{uuid4().hex[:12]}",
                "title": "合同",
                "parties": parties,
                "terms": self.scenario.terms,
            },
            201,
        )
        self.id = made["id"]

    async def play(self, step: Step) -> httpx.Response | None:
        """Do what a step says; the answer to its last request, where it made one."""
        told = step.told or step.on
        if told is not None and instant(told) > self.now:
            await self._pass(told)
        elif step.told is not None and instant(step.told) < self.now:
            raise Broken(f"it is {self.now} already: nothing can be told at {step.told}")
        return await getattr(self, f"_{step.kind.replace(' ', '_')}")(step)

    async def get(self, below: str = "", **query: Any) -> Any:
        """What a read of the contract answers."""
        return await self._get(f"/v1/contracts/{self.id}{below}", **query)

    async def named(self, name: str, collection: str) -> Any:
        """The notice, amendment or item of a name, as it stands."""
        return await self._get(f"/v1/{collection}/{self._known(name)['id']}")

    async def _pass(self, until: str) -> None:
        await self._post("/v1/test-clock/actions/advance", {"to": instant(until)})
        self.now = instant(until)

    async def _until(self, step: Step) -> None:
        self._say_nothing_more(step)
        if instant(step.what) < self.now:
            raise Broken(f"it is {self.now} already")
        await self._pass(step.what)

    async def _signed(self, step: Step) -> None:
        """Reviewed, out for signature, sealed by every party."""
        self._say_nothing_more(step)
        for action in ("submit", "approve"):
            await self._post(f"/v1/contracts/{self.id}/actions/{action}", {})
        days = step.what if isinstance(step.what, dict) else dict.fromkeys(self.scenario.parties, step.what)
        for party, when in sorted(days.items(), key=lambda day: instant(day[1])):
            if instant(when) > self.now:
                await self._pass(when)
            body = {"party": party, "method": "seal", "at": instant(when)}
            await self._post(f"/v1/contracts/{self.id}/actions/execute", body)

    async def _edit(self, step: Step) -> httpx.Response:
        self._say_nothing_more(step)
        tag = (await self.client.get(f"/v1/contracts/{self.id}")).headers["etag"]
        answer = await self.client.patch(f"/v1/contracts/{self.id}", json=step.what, headers={"if-match": tag})
        return self._took(step, answer)

    async def _fact(self, step: Step) -> httpx.Response:
        body = await self._body(step)
        if step.of is not None:
            body["fact_id"] = self._known(step.of)["fact_id"]
        return self._took(step, await self._try(f"/v1/contracts/{self.id}/actions/{step.what}", body))

    async def _amendment(self, step: Step) -> httpx.Response:
        body = await self._body(step)
        if step.what != "propose":
            return self._took(step, await self._try(f"/v1/amendments/{self._one(step)}/actions/{step.what}", body))
        change = body.pop("change", {})
        body["changes"] = [_patch(path, value) for path, value in change.items()] + body.pop("changes", [])
        return self._took(step, await self._try(f"/v1/contracts/{self.id}/amendments", body))

    async def _notice(self, step: Step) -> httpx.Response:
        """Drafted; with `event`, on its way too."""
        body = {**_LETTER, "type": step.what, **step.body}
        event = body.pop("event", None)
        body.setdefault("to", next(role for role in self.scenario.parties if role != body.get("from")))
        if event is None and step.on is not None:
            raise Broken("say in `event` what happened to the notice then")
        answer = self._took(step, await self._try(f"/v1/contracts/{self.id}/notices", body))
        if event is None or answer.status_code != 201:
            return answer
        return await self._deliver(step, answer.json()["id"], {"event": event})

    async def _delivery(self, step: Step) -> httpx.Response:
        return await self._deliver(step, self._one(step), {"event": step.what, **step.body})

    async def _deliver(self, step: Step, notice: str, body: dict[str, Any]) -> httpx.Response:
        when = {"at": instant(step.on)} if step.on else {}
        return self._took(step, await self._try(f"/v1/notices/{notice}/delivery-events", {**body, **when}))

    async def _taken_back(self, step: Step) -> httpx.Response:
        body = await self._body(step)
        return self._took(step, await self._try(f"/v1/notices/{self._known(step.what)['id']}/actions/withdraw", body))

    async def _item(self, step: Step) -> httpx.Response:
        body = await self._body(step)
        if step.what == "disclose":
            if "at" in body:
                body["disclosed_at"] = body.pop("at")
            return self._took(step, await self._try(f"/v1/contracts/{self.id}/confidential-items", body))
        where = f"/v1/confidential-items/{self._one(step)}/actions/{step.what}"
        return self._took(step, await self._try(where, body))

    async def _body(self, step: Step) -> dict[str, Any]:
        """The fields of a step, names replaced by ids."""
        body = dict(step.body)
        if step.on is not None:
            body["at"] = instant(step.on)
        for field_name in ("amendment_id", "consents_to"):
            if field_name in body:
                body[field_name] = self._known(body[field_name])["id"]
        if "evidence" in body:
            body["evidence"] = [await self._attach(name) for name in body["evidence"]]
        return body

    async def _attach(self, name: str) -> str:
        answer = await self.client.post(
            f"/v1/contracts/{self.id}/attachments",
            params={"kind": "evidence", "name": name},
            content=name.encode(),
            headers={"content-type": "text/plain"},
        )
        return str(_good(answer, 201)["id"])

    def _took(self, step: Step, answer: httpx.Response) -> httpx.Response:
        if step.called and answer.is_success:
            found = answer.json()
            decision = found.get("decision") or {}
            self.names[step.called] = {"id": found["id"], "fact_id": decision.get("fact_id")}
        return answer

    def _known(self, name: str) -> dict[str, Any]:
        if name not in self.names:
            raise Broken(f"nothing was called {name!r} before; known: {', '.join(self.names) or 'nothing'}")
        return self.names[name]

    def _one(self, step: Step) -> str:
        if step.of is None:
            raise Broken("say `of` what: the name that an earlier step gave it")
        return str(self._known(step.of)["id"])

    def _say_nothing_more(self, step: Step) -> None:
        if step.body or step.on or step.told or step.of:
            raise Broken(f"{step.kind} says nothing more than itself: {', '.join(step.body) or 'on, told or of'}")

    async def _try(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return await self.client.post(path, json=body)

    async def _post(self, path: str, body: dict[str, Any], status: int = 200) -> Any:
        return _good(await self._try(path, body), status)

    async def _get(self, path: str, **query: Any) -> Any:
        return _good(await self.client.get(path, params=query), 200)


def _patch(path: str, value: Any) -> dict[str, Any]:
    return {"op": "remove", "path": path} if value is None else {"op": "add", "path": path, "value": value}


def _good(answer: httpx.Response, status: int) -> Any:
    if answer.status_code != status:
        raise Broken(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
    return answer.json()
