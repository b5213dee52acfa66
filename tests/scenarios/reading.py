"""Scenario files: YAML in, plain values out. What the format allows is in README.md."""

import re
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml
from msgspec import UNSET, UnsetType

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.yaml"))
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PERIOD = re.compile(r"(\d+) (hour|day|working day|week|month|year)s?")
_KINDS = ("fact", "edit", "amendment", "notice", "delivery", "taken back", "item", "signed", "until")


class Spaced(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, rename=lambda name: name.replace("_", " ")):
    """A mapping whose keys are words; one that is not known is an error."""


class Told(Spaced):
    """An event: a fragment of its explanation, and what else of it matters; `with` is a part of its data."""

    says: str = ""
    on: str | None = None
    rule: str | None = None
    having: dict[str, Any] = msgspec.field(default_factory=dict, name="with")


class Running(Spaced):
    """An armed timer."""

    due: str
    last_day: str | None = None
    rule: str | None = None
    assumed: bool | None = None
    provisional: bool = False


class Duty(Spaced):
    """A confidential item; an end left out is not asked for, null is an end that is open."""

    status: str
    ends: str | UnsetType | None = UNSET
    residual: str | UnsetType | None = UNSET


class Arrived(Spaced):
    """A notice."""

    status: str
    on: str | None = None
    certainty: str | None = None
    assumed: bool | None = None
    validity: str | None = None


class Standing(Spaced):
    """How a contract stands, or stood."""

    status: str | None = None
    state: list[str] | None = None
    outcome: str | UnsetType | None = UNSET
    formed: str | UnsetType | None = UNSET
    in_force_from: str | UnsetType | None = UNSET
    ended: str | UnsetType | None = UNSET
    version: int | UnsetType | None = UNSET
    terms: dict[str, Any] = {}


class Picture(Standing, kw_only=True):
    """How it stood at one moment, as known at another."""

    as_of: str
    known_at: str | None = None


Event = dict[str, str | Told]


class Expect(Standing):
    """What follows; `events` and `superseded` name every transition of the step, `timers` every armed one."""

    events: list[Event] | None = None
    superseded: list[Event] | None = None
    timers: dict[str, str | Running | list[str | Running]] | None = None
    stopped: list[str] | None = None
    items: dict[str, Duty] = {}
    notices: dict[str, Arrived] = {}
    amendments: dict[str, str] = {}
    binding: list[str] | UnsetType | None = UNSET
    allowed: list[str] = []
    not_allowed: dict[str, str] = {}
    rights: dict[str, str] = {}
    review: list[str] | None = None
    pictures: list[Picture] = []


class Step(Spaced):
    """One thing that happens; `body` is what it says beyond these words."""

    kind: str
    what: Any
    body: dict[str, Any]
    on: str | None = None
    told: str | None = None
    called: str | None = None
    of: str | None = None
    refused: dict[str, str] | None = None
    wrong: dict[str, str] | None = None
    expect: Expect | None = None


class Scenario(Spaced):
    """A file."""

    title: str
    law: list[str]
    transitions: list[str]
    story: str
    steps: list[Step]
    case: str | None = None
    begins: str = "2026-01-01 00:00"
    type: Literal["generic", "outbound-call-outsourcing"] = "generic"
    parties: list[Literal["A", "B"]] = msgspec.field(default_factory=lambda: ["A", "B"])
    terms: dict[str, Any] = {}


class _Loader(yaml.SafeLoader):
    """YAML in which dates and decimals stay text, `on` is a word, and no key is given twice."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - overrides a class attribute of the library
        first: [(tag, found) for tag, found in resolvers if tag.rpartition(":")[2] in ("int", "null")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(problem=f"given twice: {twice}", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def read(path: Path) -> Scenario:
    """A scenario from its file; raises ValueError, with the step's number, for what the format does not know."""
    raw = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader with fewer types
    steps = [_step(path, number, step) for number, step in enumerate(raw.get("steps", []), start=1)]
    raw["terms"] = plain(raw.get("terms", {}))
    return _converted(f"{path.name}", {**raw, "steps": []}, Scenario, steps=steps)


def _step(path: Path, number: int, raw: dict[str, Any]) -> Step:
    where = f"{path.name}, step {number}"
    kinds = [kind for kind in _KINDS if kind in raw]
    if len(kinds) != 1:
        raise ValueError(f"{where}: name one of {', '.join(_KINDS)}, not {kinds}")
    own = {name: raw[name] for name in ("on", "told", "called", "of", "refused", "wrong", "expect") if name in raw}
    body = {name: plain(value) for name, value in raw.items() if name not in (*own, kinds[0])}
    what = plain(raw["edit"]) if "edit" in raw else raw[kinds[0]]
    return _converted(where, {**own, "kind": kinds[0], "what": what, "body": body}, Step)


def _converted(where: str, raw: dict[str, Any], kind: type, **more: Any) -> Any:
    try:
        found = msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise ValueError(f"{where}: {error}") from None
    return msgspec.structs.replace(found, **more)


def plain(value: Any) -> Any:
    """A value as the API takes it: `2026-04-16 11:00` an instant of +08:00, `15 days` a period."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, str):
        return value
    if _INSTANT.fullmatch(value):
        return instant(value)
    period = _PERIOD.fullmatch(value)
    return {"length": int(period[1]), "unit": period[2].replace(" ", "_")} if period else value


def instant(text: str) -> str:
    """`2026-04-16` (its 00:00), `2026-04-16 11:00` or with seconds, as RFC 3339 in +08:00."""
    day, _, time = text.partition(" ")
    if not (_DAY.fullmatch(text) or _INSTANT.fullmatch(text)):
        raise ValueError(f"{text} is no date, and no date with a time")
    time = time or "00:00"
    return f"{day}T{time}{':00' if time.count(':') == 1 else ''}+08:00"
