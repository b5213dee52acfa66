"""What would follow: facts tried on a copy of a contract, by the decisions that real ones go through."""

import asyncio
import datetime as dt
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.contracts import reading
from clm.features.contracts.copying import Standing, standing
from clm.features.contracts.models import ReasonOut
from clm.features.contracts.moments import instant_of
from clm.features.contracts.refusing import broken_rules
from clm.features.contracts.simulation_models import (
    NoticeArrives,
    Scenario,
    Scenarios,
    SimulatedContract,
    SimulatedEvent,
    SimulatedFiring,
    SimulatedStep,
    SimulatedTimer,
    Simulation,
    SimulationRequest,
    StandingOut,
)
from clm.kit.db import Reads
from clm.kit.ids import uuid7
from clm.kit.problems import invalid
from clm.law.basis import Basis, Step
from clm.law.calendars import FIRST_DAY, LAST_DAY
from clm.lifecycle import actions, facts, reaching, rulings
from clm.lifecycle.rulings import DECISION
from clm.lifecycle.simulating import Copy, Told
from clm.lifecycle.state import State
from clm.lifecycle.world import Reason, Refused

JUDGED = "notice.judged"
_COURT = "—"
_Outcome = Literal["upheld", "groundless", "granted", "dismissed"]


async def simulate(reads: Reads, contract_id: UUID, asked: SimulationRequest) -> Simulation:
    """Try facts on a copy and let time pass; raises Problem 404, 422 for what could not be a fact in any state.

    What is due already fires first, as before every read. The rest is reckoned beside the event loop.
    """
    await reading.refresh(reads, contract_id)
    async with reads.snapshot() as db:
        found = await standing(db, contract_id)
    return await asyncio.to_thread(Trial(found.copy, found.zone).run, asked)


async def scenarios(reads: Reads, contract_id: UUID) -> Scenarios:
    """Both outcomes of a disputed end (T46, T45), and of every claim before a court that is not decided (T08, T43)."""
    await reading.refresh(reads, contract_id)
    async with reads.snapshot() as db:
        found = await standing(db, contract_id)
    items = await asyncio.to_thread(_both_ways, found)
    return Scenarios(contested=reading.contested(found.copy.state, found.zone), items=items)


def _both_ways(found: Standing) -> list[Scenario]:
    items = []
    if reaching.ending_notice(found.copy.state) is not None:
        judged = facts.RecordDecision(ruling="termination_groundless", authority=_COURT)
        items += [_scenario(found, "upheld", None), _scenario(found, "groundless", judged)]
    for suit in found.copy.state.suits:
        ruling = rulings.GRANTS.get(suit.claim) if suit.decided_at is None else None
        if ruling is not None:
            served = (suit.served_at or found.copy.now) if ruling in rulings.SAYS["served_at"] else None
            granted = facts.RecordDecision(ruling=ruling, authority=_COURT, suit=suit.key, served_at=served)
            dismissed = facts.RecordDecision(ruling="dismissed", authority=_COURT, suit=suit.key)
            items += [_scenario(found, "granted", granted), _scenario(found, "dismissed", dismissed)]
    return items


def _scenario(found: Standing, outcome: _Outcome, decision: facts.RecordDecision | None) -> Scenario:
    trial = Trial(found.copy.branch(), found.zone)
    reasons: list[Reason] = []
    try:
        seen = trial.judged(decision)
    except Refused as refused:
        seen, reasons = trial.judged(None), refused.reasons
    return Scenario(
        outcome=outcome,
        suit=decision.suit if decision else None,
        reasons=[ReasonOut(**msgspec.structs.asdict(reason)) for reason in reasons],
        contract=seen.contract,
        events=seen.events,
        superseded=seen.superseded,
        timers=seen.timers,
    )


class Trial:
    """One simulation."""

    def __init__(self, contract: Copy, zone: ZoneInfo) -> None:
        self._copy = contract
        self._zone = zone
        self._numbers: dict[UUID, int] = {}

    def run(self, asked: SimulationRequest) -> Simulation:
        """Try the facts one after the other."""
        now, before = self._copy.now, _standing(self._copy.state)
        given = [self._instant(number, fact.at) for number, fact in enumerate(asked.facts)]
        until = self._until(asked, given)
        steps = []
        for number, (fact, at) in enumerate(zip(asked.facts, given, strict=True)):
            if at is not None and at > until:
                raise invalid(f"/facts/{number}/at", f"{at.isoformat()} lies after {until.isoformat()}, the end.")
            steps.append(self._step(number, fact, at or self._copy.now))
        with broken_rules("/until"):
            self._copy.until(until)
        return self._answer(now, until, before, steps)

    def judged(self, decision: facts.RecordDecision | None) -> Simulation:
        """How the contract would stand after a decision made now; without one, how it stands."""
        now, before = self._copy.now, _standing(self._copy.state)
        if decision is not None:
            self._copy.record(uuid7(), DECISION, msgspec.to_builtins(decision), now)
        return self._answer(now, now, before, [])

    def _instant(self, number: int, at: dt.datetime | None) -> dt.datetime | None:
        if at is None:
            return None
        pointer = f"/facts/{number}/at"
        if at.tzinfo is None:
            raise invalid(pointer, "Give an instant with its offset, as in 2026-01-05T10:00:00+08:00.")
        if not FIRST_DAY.year <= at.year <= LAST_DAY.year:
            raise invalid(pointer, f"Dates run from {FIRST_DAY} to {LAST_DAY}.")
        return at.astimezone(self._zone)

    def _until(self, asked: SimulationRequest, given: list[dt.datetime | None]) -> dt.datetime:
        now = self._copy.now
        if asked.until is None:
            return max([now, *(at for at in given if at is not None)])
        until = instant_of("until", asked.until, self._zone, now)
        if until < now:
            raise invalid("/until", f"{until.isoformat()} is over; it is {now.isoformat()}.")
        if until.year > LAST_DAY.year:
            raise invalid("/until", f"Dates run from {FIRST_DAY} to {LAST_DAY}.")
        return until

    def _step(self, number: int, fact: facts.Body, at: dt.datetime) -> SimulatedStep:
        action: str = fact.__struct_config__.tag  # type: ignore[assignment]  # tags are names here
        kind, data = self._fact(number, action, fact, at)
        fact_id = uuid7()
        self._numbers[fact_id] = number
        reasons: list[Reason] = []
        events: list[Told] = []
        superseded: list[Told] = []
        try:
            with broken_rules(f"/facts/{number}"):
                done = self._copy.record(fact_id, kind, data, at)
                events, superseded = done.events, done.superseded
        except Refused as refused:
            reasons = refused.reasons
        return SimulatedStep(
            action=action,
            at=at,
            allowed=not reasons,
            reasons=[ReasonOut(**msgspec.structs.asdict(one)) for one in reasons],
            allowed_actions=actions.allowed(self._copy.world) if reasons else None,
            events=self._events(events),
            superseded=self._events(superseded),
        )

    def _fact(self, number: int, action: str, fact: facts.Body, at: dt.datetime) -> tuple[str, dict[str, Any]]:
        """The kind of the fact and its body, with what a simulation may leave out."""
        said = "from" if isinstance(fact, NoticeArrives) else "proposed_by"
        party = getattr(fact, "sender" if said == "from" else said, None)
        if party is not None and party not in self._copy.state.roles:
            raise invalid(f"/facts/{number}/{said}", f"There is no party {party}.")
        if isinstance(fact, NoticeArrives):
            return JUDGED, _judgement(fact, at)
        data = msgspec.to_builtins(fact)
        del data["action"]
        if action.startswith("amendment.") and "amendment_id" not in data:
            found = self._copy.state.open_amendment if action != "amendment.propose" else None
            data["amendment_id"] = str(found.id if found else uuid7())
        return action, data

    def _answer(
        self, now: dt.datetime, until: dt.datetime, before: StandingOut, steps: list[SimulatedStep]
    ) -> Simulation:
        end = self._copy
        return Simulation(
            now=now,
            until=until,
            before=before,
            contract=_contract(end.state, self._zone),
            steps=steps,
            events=self._events(end.events),
            superseded=self._events(end.superseded),
            fired=[SimulatedFiring(kind=one.kind, key=one.key, due_at=self._local(one.due_at)) for one in end.fired],
            timers=[SimulatedTimer.of(timer) for timer in sorted(end.timers, key=lambda one: (one.due_at, one.key))],
        )

    def _events(self, told: list[Told]) -> list[SimulatedEvent]:
        return [self._event(one) for one in told]

    def _event(self, told: Told) -> SimulatedEvent:
        simulated = told["fact_id"] in self._numbers
        return SimulatedEvent(
            type=told["type"],
            at=self._local(told["at"]),
            transition=told["transition"],
            rule=told["rule"],
            explanation=told["explanation"],
            status=told["status"],
            configuration=list(told["configuration"]),
            outcome=told["outcome"],
            terms_version=told["terms_version"],
            evidence=list(told["evidence"]),
            data=told["data"],
            fact=self._numbers[told["fact_id"]] if simulated else None,
            timer=told["timer_key"],
            event_id=told.get("id"),
            fact_id=None if simulated else told["fact_id"],
        )

    def _local(self, instant: dt.datetime) -> dt.datetime:
        return instant.astimezone(self._zone)


def _judgement(notice: NoticeArrives, at: dt.datetime) -> dict[str, Any]:
    """A notice that arrives as a fact: what a judgement of its deliveries would say."""
    step = Step("R-N1", "the notice is taken to arrive", at.date(), at)
    basis = Basis("R-N1", "Civil Code 137", {"at": at.isoformat()}, (step,), "final")
    judged = facts.NoticeJudged(
        notice_id=uuid7(),
        type=notice.type,
        sender=notice.sender,
        ground=notice.ground,
        cure=notice.cure,
        arrives_at=at,
        legal_date=at.date(),
        certainty="simulated",
        basis=msgspec.to_builtins(basis),
        evidence=notice.evidence,
        note=notice.note,
    )
    data: dict[str, Any] = msgspec.to_builtins(judged)
    return data


def _standing(state: State) -> StandingOut:
    return msgspec.convert(state, StandingOut, from_attributes=True)


def _contract(state: State, zone: ZoneInfo) -> SimulatedContract:
    return SimulatedContract(
        **msgspec.structs.asdict(_standing(state)),
        title=state.current.title,
        terms_version=state.current.no,
        terms=state.current.terms,
        formed_at=reading.local(state.formed_at, zone),
        effective_at=reading.local(state.effective_at, zone),
        ended_at=reading.local(state.ended_at, zone),
        closed_at=reading.local(state.closed_at, zone),
    )
