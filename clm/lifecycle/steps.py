"""Where a contract stands, in words, and which transitions lead on to where a fact would be allowed."""

from collections.abc import Collection, Sequence
from functools import lru_cache

from clm.lifecycle.chart import TABLE

Configuration = tuple[str, ...]

WORDS: dict[str, str] = {
    "draft.drafting": "being drafted",
    "draft.under_review": "under review",
    "draft.out_for_signature": "out for signature",
    "draft.formed_pending": "formed but not yet in force",
    "in_force": "in force",
    "performing": "in force and performed",
    "suspended": "in force and suspended",
    "amendment.none": "in force without an open amendment",
    "amendment.proposed": "in force with an amendment proposed",
    "amendment.agreed_pending": "in force with an agreed amendment that waits for its day",
    "termination.none": "in force without an open ground",
    "termination.ground_arisen": "in force with a ground that has arisen",
    "termination.demand_running": "in force with a cure period running",
    "termination.right_exercisable": "in force with a right to rescind",
    "terminated": "ended",
    "terminated.winding_down": "ended and being wound down",
    "terminated.closed": "ended and closed",
    "never_in_force": "never in force",
    "never_in_force.withdrawn": "withdrawn before it took effect",
    "never_in_force.lapsed": "a lapsed offer",
    "never_in_force.ineffective": "ineffective",
    "never_in_force.void": "void",
    "never_in_force.revoked": "revoked",
}
"""What a contract in a state of the chart is, after "the contract is"."""

BINDS = ("in_force", "performing", "amendment.none", "termination.none")
"""The active states of a contract that has just come into force."""
GIVES_UP = frozenset({"withdraw", "lapse", "fail_condition", "agree_before_effect", "annul", "revoke"})
"""Events that nobody brings about in order to get on with a contract."""


def standing(configuration: Sequence[str]) -> str:
    """Where a contract is, in words: its states but those that say nothing beyond its being in force."""
    telling = [WORDS[state] for state in configuration if state not in BINDS] or [WORDS["in_force"]]
    return ", ".join([telling[0], *(words.removeprefix("in force ") for words in telling[1:])])


def wanted(states: Collection[str]) -> str:
    """States that a fact needs, in words; what surrounds all of its states that are needed is named for them."""
    whole = {*states, *(above for above in ("terminated", "never_in_force") if _inside(above) <= {*states})}
    return " or ".join(words for state, words in WORDS.items() if state in whole and not _surrounded(state, whole))


@lru_cache(maxsize=1024)
def first_steps(configuration: Configuration, states: tuple[str, ...]) -> tuple[str, ...]:
    """The events that begin a shortest way from a configuration to any of some states; empty where none leads there.

    Where several states are as near, one that neither begins nor ends the contract is the way.
    """
    seen = {configuration}
    reached: dict[Configuration, list[str]] = {}
    for event, there in _moves(configuration):
        reached.setdefault(there, []).append(event)
    while reached:
        arrived = [there for there in reached if is_in(there, states)]
        if arrived:
            near = [there for there in arrived if outward(there[0])[-1] == outward(configuration[0])[-1]]
            return tuple(dict.fromkeys(event for there in near or arrived for event in reached[there]))
        seen |= reached.keys()
        ahead: dict[Configuration, list[str]] = {}
        for here, events in reached.items():
            for _, there in _moves(here):
                if there not in seen:
                    ahead.setdefault(there, []).extend(events)
        reached = ahead
    return ()


def is_in(configuration: Sequence[str], states: Collection[str]) -> bool:
    """Whether a contract is in one of some states, or within one that surrounds them."""
    return any(one in states for state in configuration for one in outward(state))


def _moves(configuration: Configuration) -> list[tuple[str, Configuration]]:
    """Every event that goes on from a configuration, with the configuration after it."""
    around = {one for state in configuration for one in outward(state)}
    edges = [(event, target) for source, event, target in TABLE.edges() if source in around and event not in GIVES_UP]
    return [(event, _entering(configuration, target)) for event, target in edges]


def _entering(configuration: Configuration, target: str) -> Configuration:
    if target in configuration:
        return configuration
    if target == "in_force":
        return BINDS
    if "in_force" not in outward(target):
        return (target,)
    return tuple(target if _region(target) == _region(state) else state for state in configuration)


def _region(state: str) -> str | None:
    return TABLE.parents.get(state)


@lru_cache(maxsize=64)
def outward(state: str) -> tuple[str, ...]:
    """A state and what surrounds it, the innermost first."""
    above = TABLE.parents.get(state)
    return (state, *(outward(above) if above else ()))


def _inside(above: str) -> set[str]:
    return {state for state in TABLE.states if above in outward(state)}


def _surrounded(state: str, states: Collection[str]) -> bool:
    return any(above in states for above in outward(state)[1:])
