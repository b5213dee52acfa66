"""The way a contract has gone through the chart, told from the numbers of its transitions."""

from collections.abc import Sequence

from statemachine import State

from clm.lifecycle.chart import TABLE, ContractChart, wire_name
from clm.lifecycle.transitions import TRANSITIONS

Edge = tuple[str, str, str]
"""Source, event and target, as in `Table.edges()`."""

_EVENTS = {rule.id: event for event, rule in TRANSITIONS.items()}
_RESTORE = next(edge for edge in TABLE.edges() if edge[1] == "restore")


def initial_states() -> list[str]:
    """The states where the chart or one of its compounds begins."""
    return [wire_name(state) for top in ContractChart.states for state in _walk(top) if state.initial]


def taken(path: Sequence[str]) -> list[Edge]:
    """The arrows behind transition numbers (`T01`, `T04`...), in their order.

    A number that leads nowhere from where the path stands adds no arrow: T14 belongs to the end of the contract. With
    several grounds for rescission at once, a number that fits more than one of them is that of the latest to move.
    T45 puts the contract where it was when it ended; where it never ended on record, it moves nothing.
    """
    active, at_end, edges = ["draft.drafting"], list[str](), list[Edge]()
    for number in path:
        restores = _EVENTS.get(number) == _RESTORE[1]
        edge = _RESTORE if restores else next((e for state in reversed(active) if (e := _leaving(state, number))), None)
        if edge is None:
            continue
        edges.append(edge)
        if restores:
            active, at_end = at_end or active, []
        else:
            at_end = active if _ends(edge) else at_end
            active = _after(active, edge)
    return edges


def undone(path: Sequence[str]) -> set[Edge]:
    """The arrows of `taken` that ended the contract and that a judgment took back (T45), unless taken again since."""
    found: set[Edge] = set()
    end: Edge | None = None
    for edge in taken(path):
        found.discard(edge)
        if _ends(edge):
            end = edge
        elif edge == _RESTORE and end is not None:
            found.add(end)
            end = None
    return found


def _ends(edge: Edge) -> bool:
    return edge[0] == "in_force" and edge[2].startswith("terminated.")


def _leaving(state: str, number: str) -> Edge | None:
    event = _EVENTS.get(number)
    at: str | None = state
    while event and at is not None:
        edge = next((e for e in TABLE.edges() if e[:2] == (at, event)), None)
        if edge is not None:
            return edge
        at = TABLE.parents.get(at)
    return None


def _after(active: list[str], edge: Edge) -> list[str]:
    source, _, target = edge
    if source == target:
        return active
    region = TABLE.parents.get(source)
    if region is None or TABLE.parents.get(target) != region or TABLE.parents.get(region) != "in_force":
        return _first_states(target)
    # A contract without a ground stays the start of the next one: several may be open side by side.
    kept = [state for state in active if state not in (source, target) or state == "termination.none"]
    return kept if target == "termination.none" else [*kept, target]


def _first_states(target: str) -> list[str]:
    inside = [state for state in TABLE.states if target in (state, TABLE.parents.get(TABLE.parents.get(state, "")))]
    starts = initial_states()
    return [state for state in inside if state == target or state in starts]


def _walk(state: State) -> list[State]:
    return [state, *(below for child in state.states for below in _walk(child))]
