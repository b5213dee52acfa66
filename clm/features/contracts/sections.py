"""The text with its live state: each section shows the terms behind it and what runs under them."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from clm.features.contract_types import service as contract_types
from clm.features.contracts.models import SectionOut, SectionsOut
from clm.features.contracts.reading import Reading, local
from clm.features.parties import service as parties
from clm.features.timers.service import TimerOut
from clm.kit.db import Queries
from clm.kit.problems import not_found
from clm.lifecycle import surviving, winding
from clm.lifecycle.clauses import open_conditions
from clm.lifecycle.world import World

Live = dict[str, Any]


async def sections(db: Queries, reading: Reading, armed: Sequence[TimerOut]) -> SectionsOut:
    """Every section and sub-section, in order, with the text as the terms in force make it."""
    world = reading.world
    names = await names_of(db, reading)
    shown = [_section(world, reading, section.number, names, armed) for section in reading.contract_type.sections]
    return SectionsOut(items=shown)


async def one(db: Queries, reading: Reading, number: str, armed: Sequence[TimerOut]) -> SectionOut:
    """One section; raises Problem 404."""
    if reading.contract_type.section(number) is None:
        raise not_found(f"section {number}")
    return _section(reading.world, reading, number, await names_of(db, reading), armed)


def _section(
    world: World, reading: Reading, number: str, names: contract_types.Parties, armed: Sequence[TimerOut]
) -> SectionOut:
    section = reading.contract_type.section(number)
    if section is None:
        raise not_found(f"section {number}")
    override = world.state.current.sections.get(number)
    found = {pointer: contract_types.resolve({"terms": world.terms}, pointer) for pointer in section.terms}
    return SectionOut(
        number=section.number,
        heading=section.heading,
        text=contract_types.render_section(reading.contract_type, number, world.terms, names, text=override),
        terms={pointer: value for pointer, value in found.items() if value is not None},
        assumed=[pointer for pointer in section.terms if world.assumed(pointer)],
        state=_live(world, section.terms, armed, reading),
    )


async def names_of(db: Queries, reading: Reading) -> contract_types.Parties:
    """What section texts say of the parties, by role."""
    known = await parties.known(db, reading.party_ids.values())
    return {
        role: parties.placeholder_fields(known[party_id])
        for role, party_id in reading.party_ids.items()
        if party_id in known
    }


def _live(world: World, pointers: Sequence[str], armed: Sequence[TimerOut], reading: Reading) -> Live | None:
    state: Live = {}
    for pointer in pointers:
        for prefix, show in LIVE.items():
            if pointer == prefix or prefix.startswith(pointer + "/"):
                state.update(show(world, armed, reading) or {})
    return state or None


def _timers(armed: Sequence[TimerOut], *kinds: str) -> list[Live]:
    return [
        {"id": str(t.id), "kind": t.kind, "due_at": t.due_at, "legal_date": t.legal_date}
        for t in armed
        if t.kind in kinds
    ]


def _term(world: World, armed: Sequence[TimerOut], reading: Reading) -> Live | None:
    state, timers = world.state, _timers(armed, "term", "renewal")
    if state.effective_at is None:
        return {"timers": timers} if timers else None
    return {
        "effective_at": local(state.effective_at, reading.zone),
        "ended_at": local(state.ended_at, reading.zone),
        "renewal_no": state.renewal_no,
        "renewal_objected": state.renewal_objected,
        "timers": timers,
    }


def _grounds(world: World, armed: Sequence[TimerOut], reading: Reading) -> Live | None:
    if not world.state.grounds:
        return None
    grounds = [
        {
            "ground": ground.key,
            "holder": ground.holder,
            "state": ground.status,
            "ended": ground.ended,
            "known_at": local(ground.known_at, reading.zone),
            "demand_arrived_at": local(ground.demand.arrived_at, reading.zone) if ground.demand else None,
            "automatic": ground.demand.automatic if ground.demand else None,
        }
        for ground in world.state.grounds
    ]
    return {"grounds": grounds, "timers": _timers(armed, "cure", "right_lapse", "agreed_end")}


def _ending(world: World, armed: Sequence[TimerOut], reading: Reading) -> Live | None:
    """A notice period that runs, a contest, and claims before a court."""
    state = world.state
    if state.ending is None and state.contest is None and not state.suits:
        return None
    running, contest = state.ending, state.contest
    return {
        "notice_period": running
        and {"notice_id": str(running.notice_id), "ground": running.ground, "outcome": running.outcome},
        "contested": contest and {"by": contest.by, "how": contest.how, "at": _in(contest.at, reading)},
        "suits": [
            {
                "suit": suit.key,
                "party": suit.party,
                "claim": suit.claim,
                "filed_at": _in(suit.filed_at, reading),
                "served_at": local(suit.served_at, reading.zone),
                "decided_at": local(suit.decided_at, reading.zone),
            }
            for suit in state.suits
        ],
        "timers": _timers(armed, "notice_period"),
    }


def _force_majeure(world: World, armed: Sequence[TimerOut], reading: Reading) -> Live | None:
    event = world.state.force_majeure
    if event is None:
        return None
    return {
        "party": event.party,
        "began_at": _in(event.began_at, reading),
        "notified_at": local(event.notified_at, reading.zone),
        "proved_at": local(event.proved_at, reading.zone),
        "ended_at": local(event.ended_at, reading.zone),
        "exempts": event.exempts,
        "lasted_long_enough": event.passed,
        "late": event.late,
        "timers": _timers(armed, "fm_notify", "fm_proof", "fm_passed"),
    }


def _winding_down(world: World, armed: Sequence[TimerOut], reading: Reading) -> Live | None:
    state = world.state
    if state.ended_at is None and state.undone_at is None:
        return None
    return {
        "outcome": state.outcome,
        "ended_at": local(state.ended_at, reading.zone),
        "closed_at": local(state.closed_at, reading.zone),
        "done": {duty: local(at, reading.zone) for duty, at in state.duties_done.items()},
        "left": winding.left(state),
        "nothing_due": state.nothing_due,
        "certificates": state.certified,
        "overdue": state.duties_overdue,
        "undecided_suits": [suit.key for suit in state.suits if suit.decided_at is None],
        "survives": [{"pointer": one.pointer, "source": one.source} for one in surviving.binding(world) or ()],
        "timers": _timers(armed, *winding.DUTIES, *winding.UNDOING),
    }


def _confidentiality(world: World, armed: Sequence[TimerOut], _reading: Reading) -> Live | None:
    items = world.state.items
    if not items:
        return None
    return {
        "items": len(items),
        "active": sum(1 for item in items if item.expired_at is None and item.released_at is None),
        "expired": sum(1 for item in items if item.expired_at is not None),
        "released": sum(1 for item in items if item.released_at is not None),
        "timers": _timers(armed, "confidentiality"),
    }


def _notices(world: World, armed: Sequence[TimerOut], reading: Reading) -> Live | None:
    if not world.state.incoming:
        return None
    notices = [
        {"notice_id": str(n.id), "type": n.type, "arrived": n.arrived, "arrives_at": local(n.arrives_at, reading.zone)}
        for n in world.state.incoming
    ]
    return {"notices": notices, "timers": _timers(armed, "arrival")}


def _amendments(world: World, armed: Sequence[TimerOut], reading: Reading) -> Live | None:
    state = world.state
    if not state.amendments:
        return None
    amendments = [
        {
            "amendment_id": str(a.id),
            "status": a.status,
            "applies_at": local(a.applies_at, reading.zone),
            "executed_by": [e.party for e in a.executions],
        }
        for a in state.amendments
    ]
    return {"terms_version": state.current.no, "amendments": amendments, "timers": _timers(armed, "amendment")}


def _effectiveness(world: World, armed: Sequence[TimerOut], reading: Reading) -> Live | None:
    state = world.state
    if state.approved_at is None:
        return None
    return {
        "executions": [msgspec.to_builtins(e) | {"at": _in(e.at, reading)} for e in state.executions],
        "conditions_met": {key: _in(at, reading) for key, at in state.satisfied.items()},
        "conditions_open": open_conditions(world),
        "formed_at": local(state.formed_at, reading.zone),
        "effective_at": local(state.effective_at, reading.zone),
        "timers": _timers(armed, "effect", "acceptance"),
    }


def _in(instant: dt.datetime, reading: Reading) -> dt.datetime:
    return instant.astimezone(reading.zone)


LIVE: dict[str, Callable[[World, Sequence[TimerOut], Reading], Live | None]] = {
    "/terms/term": _term,
    "/terms/termination/grounds": _grounds,
    "/terms/termination/procedure": _winding_down,
    "/terms/force_majeure": _force_majeure,
    "/terms/disputes": _ending,
    "/terms/confidentiality": _confidentiality,
    "/terms/notices": _notices,
    "/terms/amendments": _amendments,
    "/terms/effectiveness": _effectiveness,
}
