"""The story: the outbound-call contract from two companies that meet to the day their secrets are free."""

from pathlib import Path
from typing import Any

from clm.demo import sample
from clm.demo.api import Answer, Api, DemoError
from clm.demo.telling import Teller, moment


class Story:
    """Tells one contract's life; each chapter is one method, in order."""

    def __init__(self, api: Api, teller: Teller) -> None:
        self._api = api
        self._teller = teller
        self._contract = ""

    def tell(self, svg: Path) -> None:
        """The whole story; the chart as it stands at the end goes to `svg`."""
        for chapter in (
            self._draft,
            self._signature,
            self._effect,
            self._papers,
            self._secret,
            self._amendment,
            self._demand,
            self._late_fact,
            self._second_default,
            self._contest,
            self._winding_down,
            self._silence,
        ):
            chapter()
        self._teller.table(self._timeline())
        svg.write_bytes(self._api.get(f"{self._contract}/diagram").content)

    def _draft(self) -> None:
        self._chapter("Two companies and a draft")
        a = self._make("/v1/parties", sample.PARTY_A, sample.PARTY_A["legal_name"])
        b = self._make("/v1/parties", sample.PARTY_B, sample.PARTY_B["legal_name"])
        body = sample.contract(a["id"], b["id"])
        made = self._make("/v1/contracts", body, f"{sample.NUMBER} {body['title']}", show=False)
        self._contract = f"/v1/contracts/{made['id']}"
        sections = self._api.get(f"{self._contract}/sections").json()["items"]
        self._teller.say(
            f"The type brings the text: {len(sections)} sections and sub-sections; silent terms are assumed."
        )
        self._teller.moved(self._timeline())
        self._review()
        self._act("submit", {})

    def _review(self) -> None:
        answer = self._api.get(f"{self._contract}/review")
        found = answer.json()["items"]
        errors = sum(one["severity"] == "error" for one in found)
        note = f"{errors} errors, {len(found) - errors} warnings: what the law says against the terms"
        self._teller.request("GET", self._short(f"{self._contract}/review"), answer.status, note)
        for one in found:
            self._teller.say(f"{one['rule']} {one['severity']} at {one['pointer']}: {one['text']}", "yellow")

    def _signature(self) -> None:
        self._chapter("Review, a refusal, signatures")
        self._refused("record-ground", {"ground": "material_breach", "holder": "A"})
        self._act("approve", {})
        self._advance("2026-01-08T10:00:00+08:00")
        self._act("execute", {"party": "A", "method": "seal", "at": "2026-01-05T10:00:00+08:00", "signatory": "周岚"})
        self._act(
            "execute", {"party": "B", "method": "signature", "at": "2026-01-08T09:30:00+08:00", "signatory": "沈潮"}
        )

    def _effect(self) -> None:
        self._chapter("Formed, but not in force: a condition and a date")
        self._advance("2026-01-20T10:00:00+08:00")
        self._act("satisfy-condition", {"condition": "licence", "at": "2026-01-20T09:00:00+08:00"})
        self._advance("2026-03-01T00:00:01+08:00")

    def _papers(self) -> None:
        self._chapter("A calling list in two versions")
        path = f"{self._contract}/attachments"
        first = self._api.upload(path, sample.LIST_1, "text/csv", kind="calling_list", name="名单.csv")
        made = first.json()
        self._teller.request("POST", "…/attachments?kind=calling_list", first.status, "名单.csv, raw bytes with digest")
        second = self._api.upload(f"/v1/attachments/{made['id']}/versions", sample.LIST_2, "text/csv")
        self._teller.request("POST", "/v1/attachments/{id}/versions", second.status, "the same file, corrected")
        for version in second.json()["versions"]:
            self._teller.say(f"version {version['no']}: {version['size']} bytes, sha256 {version['sha256'][:16]}…")
        content = f"/v1/attachments/{made['id']}/versions/1/content"
        part = self._api.get(content, headers={"range": "bytes=0-15"})
        self._teller.request("GET", "…/versions/1/content", part.status, f"bytes 0-15: {part.content.decode()!r}")
        self._teller.moved(self._timeline())

    def _secret(self) -> None:
        self._chapter("A customer list under 8.3: three years after the end")
        self._advance("2026-03-05T12:00:00+08:00")
        item = {
            "name": "客户名单",
            "class": "ordinary",
            "owner": "A",
            "recipients": ["B"],
            "disclosed_at": "2026-03-05T10:00:00+08:00",
        }
        self._make(f"{self._contract}/confidential-items", item, "客户名单")
        self._confidentiality()
        self._teller.moved(self._timeline())

    def _amendment(self) -> None:
        self._chapter("An amendment: the old terms govern until its day")
        self._advance("2026-04-10T12:00:00+08:00")
        rate = {"op": "replace", "path": "/terms/payment/late/rate_per_day", "value": "0.0003"}
        body = {"changes": [rate], "effective": {"on": "2026-05-01"}, "at": "2026-04-10T10:00:00+08:00"}
        made = self._make(f"{self._contract}/amendments", body, "late-payment rate 0.0005 -> 0.0003")
        self._teller.moved(self._timeline())
        for party in ("A", "B"):
            signed = {"party": party, "method": "seal", "at": "2026-04-10T11:00:00+08:00"}
            self._act("execute", signed, of=f"/v1/amendments/{made['id']}")

    def _demand(self) -> None:
        self._chapter("Default: a cure notice by courier, fifteen days or it is over")
        self._advance("2026-04-14T10:00:00+08:00")
        notice = self._cure_notice("courier", "Cure the missed calling targets")
        self._send(notice)
        self._advance("2026-04-16T12:00:00+08:00")
        self._deliver(notice, "signed", "2026-04-16T11:00:00+08:00")
        self._teller.say("Day 15 is 1 May, a public holiday: the last day moves to 6 May, the first working day after.")
        self._advance("2026-05-01T00:00:01+08:00")
        for day in ("2026-04-30", "2026-05-01"):
            answer = self._api.get(f"{self._contract}/terms", {"as_of": day})
            late = answer.json()["terms"]["payment"]["late"]["rate_per_day"]
            self._teller.request("GET", f"…/terms?as_of={day}", answer.status, f"late-payment rate {late}")
        self._advance("2026-05-07T09:00:00+08:00")

    def _late_fact(self) -> None:
        self._chapter("A fact that comes late: B had performed in time after all")
        self._advance("2026-05-09T10:00:00+08:00")
        self._act("record-performance", {"ground": "material_breach", "at": "2026-05-06T23:00:00+08:00"})
        self._teller.say("How it stood on 8 May: as known on that day, and as known now.")
        then = self._stood({"as_of": "2026-05-08", "known_at": "2026-05-08"})
        now = self._stood({"as_of": "2026-05-08"})
        self._hold((then, now) == ("terminated", "effective"), "the late fact did not undo the rescission")

    def _second_default(self) -> None:
        self._chapter("A second default, and nobody cures it")
        self._advance("2026-06-15T10:00:00+08:00")
        notice = self._cure_notice("email", "Cure the second breach")
        self._send(notice)
        self._deliver(notice, "entered", "2026-06-15T10:00:00+08:00")
        self._advance("2026-07-01T00:00:01+08:00")

    def _contest(self) -> None:
        self._chapter("B objects: nothing stops, and both outcomes are in view")
        self._advance("2026-07-06T10:00:00+08:00")
        objection = self._notice("email", "Objection to the rescission", type="objection", sender="B", to="A")
        self._deliver(objection, "entered", "2026-07-06T10:00:00+08:00")
        answer = self._api.get(f"{self._contract}/scenarios")
        ways = {one["outcome"]: one["contract"]["status"] for one in answer.json()["items"]}
        note = ", ".join(f"if {outcome}: {status}" for outcome, status in ways.items())
        self._teller.request("GET", "…/scenarios", answer.status, note)
        self._hold(ways == {"upheld": "terminated", "groundless": "effective"}, f"the outcomes are {ways}")
        court = {"ruling": "termination_upheld", "authority": "上海市浦东新区人民法院"}
        self._advance("2026-07-09T10:00:00+08:00")
        self._act("record-decision", court)

    def _winding_down(self) -> None:
        self._chapter("Winding down")
        self._refused("close", {})
        self._advance("2026-07-10T10:00:00+08:00")
        certificate = self._api.upload(
            f"{self._contract}/attachments",
            sample.CERTIFICATE,
            "text/plain",
            kind="destruction_certificate",
            name="销毁证明.txt",
        )
        note = "the certificate that the list was destroyed"
        self._teller.request("POST", "…/attachments?kind=destruction_certificate", certificate.status, note)
        for duty in ("settlement", "handover", "report"):
            self._act("record-performance", {"duty": duty})
        self._act("record-performance", {"duty": "data_return", "evidence": [certificate.json()["id"]]})
        self._act("close", {})
        ended = self._api.get(self._contract).json()
        self._hold(ended["outcome"] == "rescinded_automatically", f"the contract ended as {ended['outcome']}")

    def _silence(self) -> None:
        self._chapter("What survives: three years of silence")
        self._confidentiality()
        self._advance("2029-07-01T00:00:01+08:00")
        self._hold(self._confidentiality() == ["expired"], "the duty of confidence did not end on its day")

    def _chapter(self, title: str) -> None:
        self._teller.chapter(title, self._api.get("/v1/test-clock").json()["now"])

    def _make(self, path: str, body: dict[str, Any], note: str, *, show: bool = True) -> dict[str, Any]:
        answer = self._api.post(path, body)
        self._teller.request("POST", self._short(path), answer.status, note, body if show else None)
        made: dict[str, Any] = answer.json()
        return made

    def _act(self, name: str, body: dict[str, Any], *, of: str | None = None) -> None:
        path = f"{of or self._contract}/actions/{name}"
        answer = self._api.post(path, body)
        self._teller.request("POST", self._short(path), answer.status, body=body)
        self._teller.moved(self._timeline())

    def _refused(self, name: str, body: dict[str, Any]) -> None:
        path = f"{self._contract}/actions/{name}"
        answer = self._api.post(path, body, expect=4)
        self._teller.request("POST", self._short(path), answer.status, body=body)
        self._teller.refused(answer.json())

    def _advance(self, to: str) -> None:
        answer = self._api.post("/v1/test-clock/actions/advance", {"to": to})
        fired = answer.json()["fired"]
        kinds = ", ".join(one["kind"] for one in fired)
        note = f"to {moment(to)}: " + (f"fired {kinds}" if kinds else "nothing was due")
        self._teller.request("POST", "/v1/test-clock/actions/advance", answer.status, note)
        self._teller.moved(self._timeline(), fired=[one["timer_id"] for one in fired])

    def _cure_notice(self, channel: str, subject: str) -> str:
        text = "Perform within fifteen days of arrival; otherwise the contract is rescinded automatically."
        cure = {"ground": "material_breach", "cure": {"automatic": True}}
        return self._notice(channel, subject, type="cure_notice", sender="A", to="B", text=text, more=cure)

    def _notice(
        self,
        channel: str,
        subject: str,
        *,
        type: str,  # noqa: A002 - the name on the wire
        sender: str,
        to: str,
        text: str = "",
        more: dict[str, Any] | None = None,
    ) -> str:
        about = {"type": type, "from": sender, "to": to, "channel": channel, "subject": subject, "body": text}
        made = self._make(f"{self._contract}/notices", about | (more or {}), f"{type} by {channel}")
        return f"/v1/notices/{made['id']}"

    def _send(self, notice: str) -> None:
        self._delivery(self._api.post(f"{notice}/actions/send", {}), f"{self._short(notice)}/actions/send", {})

    def _deliver(self, notice: str, event: str, at: str) -> None:
        body = {"event": event, "at": at}
        path = f"{notice}/delivery-events"
        self._delivery(self._api.post(path, body), self._short(path), body)

    def _delivery(self, answer: Answer, path: str, body: dict[str, Any]) -> None:
        arrival = answer.json()["arrival"]
        note = f"arrival: {arrival['status']}"
        if arrival["at"]:
            note += f", {moment(arrival['at'])} ({arrival['certainty']}, {arrival['basis']['source']})"
        self._teller.request("POST", path, answer.status, note, body)
        self._teller.moved(self._timeline())

    def _confidentiality(self) -> list[str]:
        answer = self._api.get(f"{self._contract}/confidentiality")
        items = answer.json()["items"]
        for item in items:
            last = f", last day {item['ends_on']}" if item["ends_on"] else ""
            left = f", what remains: {item['residual']}" if item["residual"] else ""
            note = f"{item['name']}: {item['status']}{last}{left}"
            self._teller.request("GET", "…/confidentiality", answer.status, note)
        return [item["status"] for item in items]

    def _stood(self, when: dict[str, str]) -> str:
        answer = self._api.get(self._contract, when)
        found = answer.json()
        outcome = f" ({found['outcome']})" if found["outcome"] else ""
        asked = "&".join(f"{name}={value}" for name, value in when.items())
        self._teller.request("GET", f"…?{asked}", answer.status, found["status"] + outcome)
        return str(found["status"])

    def _hold(self, held: bool, otherwise: str) -> None:  # noqa: FBT001  what is held is the whole point
        if not held:
            raise DemoError(otherwise)

    def _timeline(self) -> dict[str, Any]:
        timeline: dict[str, Any] = self._api.get(f"{self._contract}/timeline").json()
        return timeline

    def _short(self, path: str) -> str:
        """A path without the ids that nobody wants to read."""
        if self._contract and path.startswith(self._contract):
            return "…" + path.removeprefix(self._contract)
        parts = ["{id}" if len(part) == 36 else part for part in path.split("/")]
        return "/".join(parts)
