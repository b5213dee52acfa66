"""The contract's statechart: the definition that decisions, documentation and diagram are compiled from.

A state's name is what the API shows in `configuration`; an event's name is a key of `transitions.TRANSITIONS`.
"""

from typing import Any

from statemachine import HistoryState, State, StateChart


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
        form_by_performance = out_for_signature.to(formed_pending)

    class in_force(State.Parallel):
        """The contract binds; performance, amendment and termination run side by side."""

        as_before = HistoryState(type="deep")

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
            fail_security = termination_none.to(termination_right_exercisable)
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
        void = State("never_in_force.void")
        revoked = State("never_in_force.revoked")

    withdraw = (
        draft.drafting.to(never_in_force.withdrawn)
        | draft.under_review.to(never_in_force.withdrawn)
        | draft.out_for_signature.to(never_in_force.withdrawn)
    )
    lapse = draft.out_for_signature.to(never_in_force.lapsed)
    fail_condition = draft.formed_pending.to(never_in_force.ineffective)
    agree_before_effect = draft.formed_pending.to(never_in_force.withdrawn)
    take_effect = draft.formed_pending.to(in_force)
    annul = (
        draft.formed_pending.to(never_in_force.void)
        | in_force.to(never_in_force.void)
        | terminated.to(never_in_force.void)
    )
    revoke = (
        draft.formed_pending.to(never_in_force.revoked)
        | in_force.to(never_in_force.revoked)
        | terminated.to(never_in_force.revoked)
    )
    renew = in_force.performance.to(None)  # type: ignore[arg-type]  # no target: the stub leaves None out
    contest = in_force.to(None) | terminated.to(None)  # type: ignore[arg-type, operator]  # as above
    amend_surviving = terminated.to(None)  # type: ignore[arg-type]  # as above
    expire = in_force.to(terminated)
    fulfil = in_force.to(terminated)
    agree_end = in_force.to(terminated)
    rescind = in_force.to(terminated)
    rescind_automatically = in_force.to(terminated)
    end_by_force_majeure = in_force.to(terminated)
    end_by_notice = in_force.to(terminated)
    end_at_will = in_force.to(terminated)
    end_by_judgment = in_force.to(terminated)
    meet_ending_condition = in_force.to(terminated)
    restore = terminated.to(in_force.as_before)


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
    if isinstance(state, HistoryState) and state.parent is not None:
        return wire_name(state.parent)
    if state.parallel or not state.states:
        return wire_name(state)
    return _entered(next(child for child in state.states if child.initial))


TABLE = Table(ContractChart)
