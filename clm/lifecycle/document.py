"""The reference page of the lifecycle, written from the chart, the register of actions and the timers."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from msgspec import inspect

import clm.lifecycle.engine  # noqa: F401 - loads every module that registers actions
from clm.lifecycle import wording
from clm.lifecycle.actions import Action, in_order, outside_in, transitions_of
from clm.lifecycle.chart import TABLE
from clm.lifecycle.diagram import svg
from clm.lifecycle.facts import Body
from clm.lifecycle.firing import HANDLERS
from clm.lifecycle.layout import STATES
from clm.lifecycle.state import State
from clm.lifecycle.transitions import TRANSITIONS

_HEAD = """\
<!-- Generated from clm/lifecycle by `clm schemas`: change the code, not this page. -->

# The life of a contract

A contract moves when a fact is recorded (a party sealed it, a notice arrived) or when time brings
something about. Nobody sets its status: every move below is a decision made from facts, and each names the rule it
rests on. This page is written from the code that decides, and the build fails where the two differ.

![Statechart of a contract: draft, in force with three regions side by side, terminated, never in force](lifecycle.svg)

A contract in force is in three states at once, one in each region: whether the parties perform, whether an amendment
is open, and how far a ground for rescission has come. `GET /v1/contracts/{id}/diagram` draws this picture for one
contract, its states and its way marked. None of this is legal advice.
"""
_STATES = """\
## States

`configuration` lists the active states; in force it begins with `in_force`. The status is what most readers need: it
is `amendment` while an amendment is open, and the terms in force are then still the old ones.
"""
_TRANSITIONS = """\
## Transitions

Numbers are those by which events name them; W marks what this program adds to the numbered rules: steps of workflow
(W01, W02) and the end by full performance (W03). What leaves `in_force` may do so from every state of every region; a
contract that ends with an amendment open takes the amendment with it (T14), unless it changes only what survives.
T15, T40 and T46 move no state.

A judgment reaches back. A contract held void (T08) or revoked (T08b) has had no force since it was formed, and one
that is restored (T45) is where it was when it seemed to end: what had followed stays on record as superseded, and the
picture of such a contract draws the end that counts no longer as a dotted arrow.
"""
_ACTIONS = """\
## Actions

Each is `POST /v1/contracts/{id}/actions/<name>`. Every body may also say `at` (when it happened; now, if left out),
`evidence` (ids of attachments) and `note`. Refused with 409 in any other state; `GET /v1/contracts/{id}/actions` tells
what is open and what stands in the way of the rest. A dash: no transition is its own.
"""
_FACTS = """\
## Facts from elsewhere

What happens to a contract's amendments, notices and confidential items, and edits of the draft, reach the same
decision from endpoints of their own. A dash: no transition is its own; a notice that arrives may bring T30, T31, T35,
T38, T42 or T46, and T41 once its period is over.
"""
_TIMERS = """\
## Timers

Timers are computed anew after every decision, so what changes the contract moves them. One that rests on a calendar
year that is not published yet is provisional and does not fire; once that year's notice is loaded it is computed anew,
and `deadline.changed` tells what became of it. Each fires at its own legal instant, however late the machine is.
"""
_INVARIANTS = """\
## Invariants

"""

_FEW = 2


def files() -> dict[str, str]:
    """The generated files of docs/reference: name -> text."""
    return {"lifecycle.md": markdown(), "lifecycle.svg": svg([], title="The life of a contract")}


def markdown() -> str:
    """The page as Markdown."""
    public = [what for what in in_order() if what.public]
    other = [what for what in in_order() if not what.public]
    sections = [
        _HEAD,
        _STATES + "\n" + _table(("state", "term", "status", "meaning"), _states()),
        _TRANSITIONS + "\n" + _table(("no.", "event", "from", "to", "source", "when", "who", "effect"), _transitions()),
        _ACTIONS + "\n" + _table(("action", "body", "allowed in", "who", "transition"), _actions(public)),
        _FACTS + "\n" + _table(("fact", "says", "allowed in", "who", "transition"), _actions(other)),
        _TIMERS + "\n" + _table(("kind", "armed when", "due", "rule", "firing"), _timers()),
        _INVARIANTS + _table(("", "promise", "held by"), _invariants()),
    ]
    return "\n".join(sections)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head)]
    lines.append(["---"] * len(lines[0]))
    lines.extend([cell.replace("|", "\\|") for cell in row] for row in rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _states() -> Iterator[tuple[str, ...]]:
    for state in TABLE.states:
        yield f"`{state}`", STATES[state].gloss, " or ".join(f"`{s}`" for s in statuses(state)), wording.STATES[state]


def statuses(state: str) -> list[str]:
    """The statuses that a contract may have while `state` is active, by what `State.status` answers."""
    if "in_force" not in outside_in(state):
        return [_bare(state).status]
    openings = [name for name in TABLE.states if TABLE.parents[name] == "amending"]
    own = [state] if state in openings else openings
    return list(dict.fromkeys(_bare("in_force", amending=opening).status for opening in own))


def _bare(phase: str, amending: str = "amendment.none") -> State:
    return State(roles=[], time_zone="Asia/Shanghai", versions=[], phase=phase, amending=amending)


def _transitions() -> Iterator[tuple[str, ...]]:
    for event, rule in TRANSITIONS.items():
        legs = [(source, target) for source, name, target in TABLE.edges() if name == event]
        sources = _codes(dict.fromkeys(source for source, _ in legs))
        targets = _codes(dict.fromkeys(target for _, target in legs))
        yield rule.id, f"`{event}`", sources, targets, rule.source, rule.when, rule.who, rule.effect


def _actions(register: Iterable[Action]) -> Iterator[tuple[str, ...]]:
    for what in register:
        transitions = ", ".join(transitions_of(what)) or "–"
        yield f"`{what.name}`", _fields(what.body), _where(what.states), what.who, transitions


def _where(states: Iterable[str]) -> str:
    """The states told by the shorter of two lists: those where it is so, or the few where it is not."""
    named = list(dict.fromkeys(states))
    others = [state for state in TABLE.states if not set(named) & {*outside_in(state)}]
    if len(others) > _FEW:
        return _codes(named)
    return f"any state but {_codes(others)}" if others else "any state"


def _fields(body: type[Body]) -> str:
    common = {field.encode_name for field in msgspec.structs.fields(Body)}
    own = [field for field in _struct(inspect.type_info(body)).fields if field.encode_name not in common]
    told = [f"`{f.encode_name}` {_kind(f.type)}{'' if f.required else ', optional'}" for f in own]
    return "; ".join(told) or "nothing more"


def _struct(info: inspect.Type) -> inspect.StructType:
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{info} is no struct")
    return info


def _kind(info: Any) -> str:
    """A field's type in a few words."""
    return _KINDS[type(info)](info)


def _members(info: Any) -> str:
    return "{" + ", ".join(f"`{f.encode_name}` {_kind(f.type)}" for f in info.fields) + "}"


_KINDS: dict[type[inspect.Type], Callable[[Any], str]] = {
    inspect.StrType: lambda _: "text",
    inspect.UUIDType: lambda _: "id",
    inspect.DateTimeType: lambda _: "instant",
    inspect.DateType: lambda _: "date",
    inspect.IntType: lambda _: "integer",
    inspect.BoolType: lambda _: "boolean",
    inspect.DictType: lambda _: "object",
    inspect.Metadata: lambda info: _kind(info.type),
    inspect.ListType: lambda info: f"list of {_kind(info.item_type)}",
    inspect.LiteralType: lambda info: " / ".join(f"`{value}`" for value in info.values),
    inspect.EnumType: lambda info: " / ".join(f"`{value.value}`" for value in info.cls),
    inspect.StructType: _members,
    inspect.UnionType: lambda info: " or ".join(_kind(t) for t in info.types if not isinstance(t, inspect.NoneType)),
}


def _timers() -> Iterator[tuple[str, ...]]:
    for kind in HANDLERS:
        words = wording.TIMERS[kind]
        yield f"`{kind}`", words.armed, words.due, ", ".join(words.rules), words.does


def _invariants() -> Iterator[tuple[str, ...]]:
    for invariant in wording.INVARIANTS:
        yield invariant.id, invariant.promise, invariant.held


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
