"""The register of actions: which fact does what, in which states it is allowed, and what stands in its way."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec

from clm.lifecycle import steps
from clm.lifecycle.chart import TABLE
from clm.lifecycle.facts import Body
from clm.lifecycle.transitions import TRANSITIONS
from clm.lifecycle.world import Reason, Refused, World

B = TypeVar("B", bound=Body)
Handler = Callable[[World, Any, dt.datetime], None]
Blockers = Callable[[World], list[Reason]]


class Action(msgspec.Struct, frozen=True):
    """One kind of fact.

    `name` is the path segment of the API's action (`satisfy-condition`) or a dotted name for facts that come from
    other rooms; `events` are the transitions it may cause, the first deciding in which states it is allowed;
    `states` names those where no transition does.
    """

    name: str
    body: type[Body]
    run: Handler
    events: tuple[str, ...]
    states: tuple[str, ...]
    who: str
    blockers: Blockers

    @property
    def public(self) -> bool:
        """Whether it is an action on the contract itself."""
        return "." not in self.name


REGISTER: dict[str, Action] = {}
ANYWHERE = (*TABLE.states, "in_force")
"""For facts that fit any state of a contract."""


def action(
    name: str,
    body: type[B],
    *events: str,
    who: str,
    states: tuple[str, ...] = (),
    blockers: Blockers = lambda _world: [],
) -> Callable[[Callable[[World, B, dt.datetime], None]], Callable[[World, B, dt.datetime], None]]:
    """Register the function that carries a fact out."""

    def register(run: Callable[[World, B, dt.datetime], None]) -> Callable[[World, B, dt.datetime], None]:
        allowed = states or tuple(source for source, event, _ in TABLE.edges() if event == events[0])
        REGISTER[name] = Action(name, body, run, events, allowed, who, blockers)
        return run

    return register


def in_order() -> list[Action]:
    """Every action in the order of the chart: by the first state that allows it, then by name."""
    order = list(dict.fromkeys(name for state in TABLE.states for name in outside_in(state)))
    return sorted(REGISTER.values(), key=lambda what: (min(order.index(s) for s in what.states), what.name))


def outside_in(state: str) -> list[str]:
    """A state and what surrounds it, the outermost first."""
    return [*reversed(steps.outward(state))]


def never_out_for_signature(world: World) -> list[Reason]:
    """What is decided about a contract reaches back to when its text went out for signature, and no further."""
    if world.state.approved_at is not None:
        return []
    message = "The text never went out for signature; a draft is edited, or returned to drafting."
    return [Reason("T02", message, missing="approve", who="approver")]


def obstacles(world: World, name: str) -> list[Reason]:
    """Why an action is not allowed as the contract stands; empty where it is."""
    what = REGISTER[name]
    if steps.is_in(world.state.configuration, what.states):
        return what.blockers(world)
    message = (
        f"The contract is {steps.standing(world.state.configuration)}; {name} is for one {steps.wanted(what.states)}."
    )
    return [_what_comes_first(world, what, message)]


def _what_comes_first(world: World, what: Action, message: str) -> Reason:
    """The reason that a contract is not where an action needs it, with the facts that would lead there next."""
    rule = TRANSITIONS[what.events[0]].id if what.events else "3.3"
    events = steps.first_steps(tuple(world.state.configuration), what.states)
    if not events:
        return Reason(rule, f"{message} Nothing leads back there.", who=what.who)
    ready = _ready(world, events)
    if ready:
        names, who = " or ".join(one.name for one in ready), _each(one.who for one in ready)
        return Reason(rule, f"{message} First comes {names}.", names, who)
    ways = [TRANSITIONS[event] for event in events]
    return Reason(rule, message, _each(way.when for way in ways), _each(way.who for way in ways))


def _ready(world: World, events: tuple[str, ...]) -> list[Action]:
    """The facts that may bring one of some events about as the contract stands; those of the parties come first."""
    said, world.body = world.body, None
    ready = [one for one in in_order() if not set(events).isdisjoint(one.events) and _may(world, one)]
    world.body = said
    return sorted(ready, key=lambda one: one.name == "record-decision")


def _each(words: Iterable[str]) -> str:
    return "; or ".join(dict.fromkeys(words))


def allowed(world: World) -> list[str]:
    """The names of the contract's own actions that are allowed as it stands."""
    return [a.name for a in in_order() if a.public and _may(world, a)]


def _may(world: World, what: Action) -> bool:
    return steps.is_in(world.state.configuration, what.states) and not what.blockers(world)


def transitions_of(what: Action) -> list[str]:
    """The numbers of the transitions that an action may cause."""
    return [TRANSITIONS[event].id for event in what.events]


def carry_out(world: World, name: str, data: dict[str, Any], at: dt.datetime) -> None:
    """Do what a fact says; raises Refused with every reason."""
    what = REGISTER[name]
    world.body = msgspec.convert(data, what.body)
    try:
        reasons = obstacles(world, name)
        if reasons:
            raise Refused(*reasons)
        what.run(world, world.body, at)
    finally:
        world.body = None
