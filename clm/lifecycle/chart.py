"""The contract's statechart: the definition that decisions, documentation and diagram are compiled from.

A state's name is what the API shows in `configuration`; an event's name is a key of `TRANSITIONS`.
"""

from typing import Any

import msgspec
from statemachine import State, StateChart


class ContractChart(StateChart):  # type: ignore[type-arg]  # no model: states are kept in the contract's row
    """Draft, in force (three parallel regions), terminated, never in force."""

    catch_errors_as_events = False
    allow_event_without_transition = False

    class draft(State.Compound):
        """The contract is being made."""

        drafting = State("draft.drafting", initial=True)
        under_review = State("draft.under_review")
        out_for_signature = State("draft.out_for_signature")
        formed_pending = State("draft.formed_pending")

        submit = drafting.to(under_review)
        approve = under_review.to(out_for_signature)
        send_back = under_review.to(drafting) | out_for_signature.to(drafting)
        form = out_for_signature.to(formed_pending)

    class in_force(State.Parallel):
        """The contract binds; performance, amendment and termination run side by side."""

        class performance(State.Compound):
            """Whether the parties perform or one holds back."""

            performing = State("performing", initial=True)
            suspended = State("suspended")

            suspend = performing.to(suspended)
            resume = suspended.to(performing)

        class amending(State.Compound):
            """The one open amendment."""

            amendment_none = State("amendment.none", initial=True)
            amendment_proposed = State("amendment.proposed")
            amendment_agreed_pending = State("amendment.agreed_pending")

            propose_amendment = amendment_none.to(amendment_proposed)
            agree_amendment = amendment_proposed.to(amendment_agreed_pending)
            apply_amendment = amendment_agreed_pending.to(amendment_none)
            drop_amendment = amendment_proposed.to(amendment_none) | amendment_agreed_pending.to(amendment_none)

        class terminating(State.Compound):
            """How far the furthest ground for rescission has come."""

            termination_none = State("termination.none", initial=True)
            termination_ground_arisen = State("termination.ground_arisen")
            termination_demand_running = State("termination.demand_running")
            termination_right_exercisable = State("termination.right_exercisable")

            assert_ground = termination_none.to(termination_ground_arisen)
            open_right = termination_ground_arisen.to(termination_right_exercisable)
            demand = termination_ground_arisen.to(termination_demand_running)
            cure = termination_demand_running.to(termination_none)
            fail_to_cure = termination_demand_running.to(termination_right_exercisable)
            lose_right = (
                termination_ground_arisen.to(termination_none)
                | termination_demand_running.to(termination_none)
                | termination_right_exercisable.to(termination_none)
            )

    class terminated(State.Compound):
        """The contract has ended; what survives runs on."""

        winding_down = State("terminated.winding_down", initial=True)
        closed = State("terminated.closed")

        close = winding_down.to(closed)

    class never_in_force(State.Compound):
        """The contract never took effect."""

        withdrawn = State("never_in_force.withdrawn", initial=True)
        lapsed = State("never_in_force.lapsed")
        ineffective = State("never_in_force.ineffective")

    withdraw = (
        draft.drafting.to(never_in_force.withdrawn)
        | draft.under_review.to(never_in_force.withdrawn)
        | draft.out_for_signature.to(never_in_force.withdrawn)
    )
    lapse = draft.out_for_signature.to(never_in_force.lapsed)
    fail_condition = draft.formed_pending.to(never_in_force.ineffective)
    take_effect = draft.formed_pending.to(in_force)
    expire = in_force.to(terminated)
    renew = in_force.performance.to(None)  # type: ignore[arg-type]  # no target: the stub leaves None out
    agree_end = in_force.to(terminated)
    rescind = in_force.to(terminated)
    rescind_automatically = in_force.to(terminated)


class Rule(msgspec.Struct, frozen=True):
    """What stands behind a transition.

    `id` is the transition's number in the specification (`T01`...; `W` marks house workflow), `event` its name in the
    chart, `source` the article, `when` the guard in words, `who` may supply the fact, `effect` what follows.
    """

    id: str
    event: str
    source: str
    when: str
    who: str
    effect: str


TRANSITIONS: dict[str, Rule] = {
    rule.event: rule
    for rule in (
        Rule("T01", "submit", "Civil Code 470", "the review finds no error", "drafter", "text and terms are fixed"),
        Rule("T02", "approve", "Civil Code 481, 482", "submitted", "approver", "the offer period runs, if one is set"),
        Rule("W01", "send_back", "house workflow", "not formed yet", "approver", "signatures given so far lapse"),
        Rule(
            "T03",
            "lapse",
            "Civil Code 478",
            "rejected, or the offer period is over",
            "other party, timer",
            "pre-contract confidentiality stays (501)",
        ),
        Rule("W02", "withdraw", "Civil Code 475, 476", "not formed yet", "drafter", "nothing binds"),
        Rule(
            "T04",
            "form",
            "Civil Code 483, 490",
            "every party has executed as agreed",
            "signatories",
            "the contract is formed",
        ),
        Rule(
            "T06",
            "take_effect",
            "Civil Code 158, 160, 502",
            "all conditions met and the date reached",
            "timer",
            "terms version 1 in force; term and confidentiality run",
        ),
        Rule(
            "T07",
            "fail_condition",
            "General Part Interpretation 24",
            "a condition can no longer be met",
            "party, authority",
            "no effect; dispute clause survives (507)",
        ),
        Rule("T10", "propose_amendment", "Civil Code 543", "none is open", "either party", "the old terms govern"),
        Rule(
            "T11",
            "agree_amendment",
            "Civil Code 543, 490",
            "every party has executed it",
            "signatories",
            "the next version waits for its date",
        ),
        Rule(
            "T12",
            "apply_amendment",
            "Civil Code 543, 160",
            "its date is reached",
            "timer",
            "the next terms version is in force; timers that hang on changed terms move",
        ),
        Rule(
            "T13",
            "drop_amendment",
            "Civil Code 543, 544",
            "rejected, withdrawn or lapsed",
            "either party, timer",
            "the version in force stays",
        ),
        Rule(
            "T20",
            "suspend",
            "Civil Code 525-527, 590",
            "a defence, force majeure or agreement",
            "entitled party",
            "performance is held back",
        ),
        Rule("T21", "resume", "Civil Code 527, 528", "the cause is over", "either party", "performance goes on"),
        Rule(
            "T30",
            "assert_ground",
            "Civil Code 562(2), 563",
            "an agreed or statutory ground",
            "holder of the right",
            "the year of 564 runs",
        ),
        Rule(
            "T31",
            "demand",
            "Civil Code 563(1)(3)",
            "a cure notice has arrived",
            "holder of the right",
            "the cure period runs",
        ),
        Rule(
            "T32", "cure", "Civil Code 563(1)(3)", "performed before the period is over", "debtor", "the demand is met"
        ),
        Rule(
            "T33",
            "rescind_automatically",
            "Civil Code 565(1)",
            "cure period over, notice said so, right exists",
            "timer",
            "rescinded at the end of the period",
        ),
        Rule(
            "T34",
            "fail_to_cure",
            "Civil Code 564, 565",
            "cure period over, no automatic rescission",
            "timer",
            "the right may be exercised",
        ),
        Rule(
            "T35",
            "rescind",
            "Civil Code 565(1)",
            "a rescission notice arrives while the right exists",
            "holder of the right",
            "rescinded on arrival",
        ),
        Rule(
            "T30b",
            "open_right",
            "Civil Code 562(2), 563",
            "the ground needs no demand",
            "holder of the right",
            "the right may be exercised at once",
        ),
        Rule(
            "T36",
            "lose_right",
            "Civil Code 564",
            "the year is over, or the holder waives",
            "timer, holder",
            "the ground is spent",
        ),
        Rule(
            "T37",
            "agree_end",
            "Civil Code 562(1)",
            "a termination agreement and its date",
            "both parties, timer",
            "ended on the agreed day",
        ),
        Rule(
            "T39",
            "expire",
            "Civil Code 160, 557",
            "the term is over and does not renew",
            "timer",
            "ended at 24:00 of the last day",
        ),
        Rule(
            "T40",
            "renew",
            "Civil Code 160, 562",
            "automatic renewal and no objection arrived in time",
            "timer",
            "a new term; anchors move",
        ),
        Rule(
            "T50",
            "close",
            "Civil Code 558, 567",
            "the winding-down list is done",
            "both parties",
            "only survival timers run on",
        ),
    )
}


class Table:
    """The chart compiled to a dictionary: (state, event) -> target, for the hot path."""

    def __init__(self, chart: type[StateChart[Any]]) -> None:
        self.parents: dict[str, str] = {}
        self._targets: dict[tuple[str, str], str] = {}
        self.states: list[str] = []
        for state in chart.states:
            self._walk(state, [])

    def target(self, state: str, event: str) -> str | None:
        """Where `event` leads from `state` or from what surrounds it; None where it leads nowhere."""
        at: str | None = state
        while at is not None:
            found = self._targets.get((at, event))
            if found is not None:
                return found
            at = self.parents.get(at)
        return None

    def edges(self) -> list[tuple[str, str, str]]:
        """(source, event, target), in the chart's order."""
        return [(source, event, target) for (source, event), target in self._targets.items()]

    def _walk(self, state: State, above: list[str]) -> None:
        name = wire_name(state)
        if above:
            self.parents[name] = above[-1]
        if not state.states:
            self.states.append(name)
        for transition in state.transitions:
            if transition.event:
                target = name if transition.target is None else _entered(transition.target)
                self._targets[(name, str(transition.event))] = target
        for child in state.states:
            self._walk(child, [*above, name])


def wire_name(state: State) -> str:
    """The name of a state in `configuration`: its own where it is given one, else its id."""
    return str(state.name) if "." in str(state.name) or not state.states else str(state.id)


def _entered(state: State) -> str:
    if state.parallel or not state.states:
        return wire_name(state)
    return _entered(next(child for child in state.states if child.initial))


TABLE = Table(ContractChart)
