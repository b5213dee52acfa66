"""What a step brought about, against what its file expects: every difference in one list."""

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec

from tests.scenarios.driving import Player
from tests.scenarios.reading import UNSET, Expect, Running, Standing, Step, Told, instant, plain

Row = dict[str, Any]
_MILESTONES = {"formed": "formed_at", "in_force_from": "effective_at", "ended": "ended_at"}


class Records(msgspec.Struct):
    """Every event and every timer of the contract, by id."""

    events: dict[str, Row]
    timers: dict[str, Row]

    def standing(self) -> dict[str, Row]:
        """The events that are not superseded."""
        return {key: event for key, event in self.events.items() if event["superseded_at"] is None}

    def against(self, before: "Records") -> tuple[list[Row], list[Row]]:
        """What is told since, and what no longer holds; an event decided again and the same is neither."""
        now, then = self.standing(), before.standing()
        new = [event for key, event in now.items() if key not in then]
        gone = [self.events[key] for key in then if key not in now]
        again = [_told_as(event) for event in new if _told_as(event) in map(_told_as, gone)]
        return [one for one in new if _told_as(one) not in again], [one for one in gone if _told_as(one) not in again]


def _told_as(event: Row) -> tuple[Any, ...]:
    data = {name: value for name, value in event["data"].items() if name != "supersedes"}
    return event["transition"], event["type"], event["at"], event["explanation"], data


async def records(player: Player) -> Records:
    """As they stand now, what is due fired."""
    past = (await player.get("/timeline"))["past"]
    timers: dict[str, Row] = {}
    cursor: dict[str, str] = {}
    while True:
        page = await player.get("/timers", limit=200, **cursor)
        timers |= {timer["id"]: timer for timer in page["items"]}
        if page["next_cursor"] is None:
            return Records({event["id"]: event for event in past}, timers)
        cursor = {"cursor": page["next_cursor"]}


def answered(step: Step, answer: httpx.Response | None) -> Iterator[str]:
    """Whether the request went as expected: well, refused with its reasons (409), or wrong in itself (422)."""
    if step.refused is None and step.wrong is None:
        if answer is not None and not answer.is_success:
            yield f"refused, which is not expected: {answer.status_code} {answer.text}"
        return
    status = 409 if step.refused is not None else 422
    if answer is None or answer.status_code != status:
        got = "nothing was asked" if answer is None else f"{answer.status_code} {answer.text}"
        yield f"expected a {status}, got {got}"
        return
    found = answer.json()
    if step.refused is not None:
        said = [(one["rule"], one["message"], f"{one['missing']} {one['who']}") for one in found["reasons"]]
    else:
        said = [(one["pointer"], one["message"], "") for one in found["errors"]]
    for rule, fragment in (step.refused or step.wrong or {}).items():
        if not any(rule == key and (fragment in text or fragment in more) for key, text, more in said):
            yield f"no reason {rule} with {fragment!r} among {said}"


async def differences(player: Player, expect: Expect, before: Records, after: Records) -> list[str]:
    """Every point in which the contract is not as expected."""
    found = [*_standing(expect, await player.get())]
    found += await _terms(player, expect)
    new, gone = after.against(before)
    if expect.events is not None:
        found += _events("events", expect.events, new)
    if expect.superseded is not None or gone:
        found += _events("superseded", expect.superseded or [], gone)
    found += _timers(expect, before, after)
    for look in (_items, _named, _reads):
        found += await look(player, expect)
    for picture in expect.pictures:
        where = f"as of {picture.as_of}, known at {picture.known_at or 'now'}"
        found += [f"{where}: {line}" for line in await _look(player, picture)]
    return found


def _standing(expect: Standing, got: Row) -> Iterator[str]:
    if expect.status is not None and expect.status != got["status"]:
        yield _unlike("status", expect.status, got["status"])
    if expect.state is not None and expect.state != got["configuration"]:
        yield _unlike("state", expect.state, got["configuration"])
    if expect.outcome is not UNSET and expect.outcome != got["outcome"]:
        yield _unlike("outcome", expect.outcome, got["outcome"])
    if expect.version is not UNSET and expect.version != got["terms_version"]:
        yield _unlike("version", expect.version, got["terms_version"])
    for name, member in _MILESTONES.items():
        wanted = getattr(expect, name)
        if wanted is not UNSET and (wanted and instant(wanted)) != got[member]:
            yield _unlike(name.replace("_", " "), wanted, got[member])


async def _terms(player: Player, expect: Standing, **query: str) -> list[str]:
    if not expect.terms:
        return []
    applying = (await player.get("/terms", **query))["terms"]
    pairs = [(path, plain(wanted), _at(applying, path)) for path, wanted in expect.terms.items()]
    return [_unlike(f"terms {path}", wanted, got) for path, wanted, got in pairs if wanted != got]


def _at(terms: Any, path: str) -> Any:
    for name in path.split("."):
        terms = terms.get(name) if isinstance(terms, dict) else None
    return terms


async def _look(player: Player, picture: Any) -> list[str]:
    query = {"as_of": _moment(picture.as_of)}
    if picture.known_at is not None:
        query["known_at"] = _moment(picture.known_at)
    return [*_standing(picture, await player.get(**query)), *await _terms(player, picture, **query)]


def _moment(text: str) -> str:
    """A day stays a day: the API takes it for its last instant."""
    return instant(text) if " " in text else text


def _events(what: str, wanted: list[dict[str, Any]], got: list[Row]) -> Iterator[str]:
    """In order; a transition that is not expected is a difference, what has no transition may be left out."""
    left = list(got)
    for entry in wanted:
        for key, told in entry.items():
            found = next((n for n, event in enumerate(left) if key in (event["transition"], event["type"])), None)
            if found is None:
                yield f"{what}: no {key} among {[_title(event) for event in got]}"
                continue
            yield from (f"{what}: {line}" for line in _told(left[found], told))
            yield from (f"{what}: before {key} came {_title(one)}" for one in left[:found] if one["transition"])
            left = left[found + 1 :]
    yield from (f"{what}: not expected: {_title(one)}" for one in left if one["transition"])


def _title(event: Row) -> str:
    return f"{event['transition'] or '-'} {event['type']} at {event['at']}: {event['explanation']}"


def _told(event: Row, told: str | Told) -> Iterator[str]:
    wanted = Told(says=told) if isinstance(told, str) else told
    if wanted.says not in event["explanation"]:
        yield f"{wanted.says!r} is not in {_title(event)}"
    if wanted.on is not None and instant(wanted.on) != event["at"]:
        yield _unlike(f"instant of {_title(event)}", wanted.on, event["at"])
    if wanted.rule is not None and wanted.rule != event["rule"]:
        yield _unlike(f"rule of {_title(event)}", wanted.rule, event["rule"])
    for name, value in wanted.having.items():
        if plain(value) != event["data"].get(name):
            yield _unlike(f"{name} of {_title(event)}", value, event["data"].get(name))


def _timers(expect: Expect, before: Records, after: Records) -> Iterator[str]:
    armed: dict[str, list[Row]] = {}
    for timer in after.timers.values():
        if timer["status"] == "armed":
            armed.setdefault(timer["kind"], []).append(timer)
    if expect.timers is not None:
        for kind in sorted({*expect.timers, *armed}):
            wanted = expect.timers.get(kind, [])
            rows = [_running(one) for one in (wanted if isinstance(wanted, list) else [wanted])]
            yield from _running_unlike(kind, rows, sorted(armed.get(kind, []), key=lambda timer: timer["due_at"]))
    if expect.stopped is not None:
        stopped = sorted(
            after.timers[key]["kind"]
            for key, timer in before.timers.items()
            if timer["status"] == "armed" and after.timers[key]["status"] in ("cancelled", "voided")
        )
        if sorted(expect.stopped) != stopped:
            yield _unlike("stopped", sorted(expect.stopped), stopped)


def _running(wanted: str | Running) -> Running:
    return Running(due=wanted) if isinstance(wanted, str) else wanted


def _running_unlike(kind: str, wanted: list[Running], got: list[Row]) -> Iterator[str]:
    due = [(instant(one.due), one.provisional) for one in wanted]
    armed = [(one["due_at"], one["provisional"]) for one in got]
    if due != armed:
        yield _unlike(f"timers, {kind} (due, provisional)", due, armed)
        return
    for one, timer in zip(wanted, got, strict=True):
        for name, member in (("last_day", "legal_date"), ("rule", "rule"), ("assumed", "assumed")):
            value = getattr(one, name)
            if value is not None and value != timer[member]:
                yield _unlike(f"{name.replace('_', ' ')} of timer {kind}", value, timer[member])


async def _items(player: Player, expect: Expect) -> list[str]:
    if not expect.items:
        return []
    items = {item["name"]: item for item in (await player.get("/confidentiality"))["items"]}
    found = []
    for name, duty in expect.items.items():
        got = items.get(name, {})
        for word, member in (("status", "status"), ("ends", "ends_on"), ("residual", "residual")):
            wanted = getattr(duty, word)
            if wanted is not UNSET and wanted != got.get(member, "no such item"):
                found.append(_unlike(f"{word} of item {name}", wanted, got.get(member)))
    return found


async def _named(player: Player, expect: Expect) -> list[str]:
    found = []
    for name, wanted in expect.notices.items():
        found += _notice(name, wanted, await player.named(name, "notices"))
    for name, status in expect.amendments.items():
        got = (await player.named(name, "amendments"))["status"]
        found += [_unlike(f"amendment {name}", status, got)] if status != got else []
    return found


async def _reads(player: Player, expect: Expect) -> list[str]:
    """What binds, what the review finds, which actions and rights there are."""
    found = []
    if expect.binding is not UNSET:
        bound = (await player.get("/terms"))["binding"]
        pointers = None if bound is None else [one["pointer"].removeprefix("/terms/") for one in bound]
        found += [_unlike("binding", expect.binding, pointers)] if expect.binding != pointers else []
    if expect.review is not None:
        rules = [finding["rule"] for finding in (await player.get("/review"))["items"]]
        found += [_unlike("review", expect.review, rules)] if expect.review != rules else []
    if expect.allowed or expect.not_allowed or expect.rights:
        found += _possible(expect, await player.get("/actions"))
    return found


def _notice(name: str, wanted: Any, got: Row) -> Iterator[str]:
    arrival = got["arrival"]
    pairs = [
        ("status", wanted.status, got["status"]),
        ("arrival", wanted.on and instant(wanted.on), arrival["at"]),
        ("certainty", wanted.certainty, arrival["certainty"]),
        ("assumed", wanted.assumed, arrival["assumed"]),
        ("validity", wanted.validity, got["validity"]),
    ]
    for word, one, other in pairs:
        if one is not None and one != other:
            yield _unlike(f"{word} of notice {name}", one, other)


def _possible(expect: Expect, got: Row) -> Iterator[str]:
    actions = {one["action"]: one for one in got["items"]}
    for name in expect.allowed:
        if not actions[name]["allowed"]:
            yield f"{name} should be allowed: {actions[name]['reasons']}"
    for name, fragment in expect.not_allowed.items():
        said = [f"{one['rule']}: {one['message']} {one['missing']} {one['who']}" for one in actions[name]["reasons"]]
        if not any(fragment in reason for reason in said):
            yield f"{name} should not be allowed ({fragment!r}); the reasons: {said}"
    rights = {one["ground"]: one for one in got["rights"]}
    for ground, wanted in expect.rights.items():
        one = rights.get(ground)
        text = "no such right" if one is None else "; ".join(r["message"] for r in one["reasons"]) or "exercisable"
        if wanted not in text:
            yield _unlike(f"right on {ground}", wanted, text)


def _unlike(what: str, wanted: Any, got: Any) -> str:
    return f"{what}: expected {wanted}, got {got}"
