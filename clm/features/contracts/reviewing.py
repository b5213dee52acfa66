"""The statutory review over HTTP: of a contract as it stands, or of terms that are in no contract yet."""

import datetime as dt
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.contract_types import service as contract_types
from clm.features.contracts import store
from clm.features.contracts.models import FindingOut, ReviewOut, ReviewRequest, WaiverOut
from clm.features.legal_data import service as legal_data
from clm.kit.db import Queries
from clm.kit.problems import invalid, not_found
from clm.law.calendars import FIRST_DAY, LAST_DAY
from clm.law.rates import Rates
from clm.law.review import Finding, Side, review
from clm.lifecycle.changing import changed
from clm.lifecycle.reviewing import findings
from clm.lifecycle.state import State, Waiver
from clm.lifecycle.terms import BadChange, merged
from clm.lifecycle.world import Env, World


async def sides(db: Queries, contract_id: UUID) -> list[Side]:
    """The parties of a contract as the review asks for them."""
    rows = await db.all(store.sql.party_roles, contract_id)
    return [Side(row["role"], row["kind"], row["size_class"]) for row in rows]


def reviewed(env: Env, found: list[Side], rates: Rates, state: State, now: dt.datetime) -> Env:
    """What decisions take as given, with the review of these parties in it.

    The rates are those of the day on which the contract was concluded, or would be if it were now.
    """
    day = (state.formed_at or now).astimezone(ZoneInfo(state.time_zone)).date()
    return msgspec.structs.replace(env, review=partial(_review, found, rates, day))


def _review(
    found: list[Side],
    rates: Rates,
    day: dt.date,
    agreed: dict[str, Any],
    applying: dict[str, Any],
    texts: dict[str, str],
) -> tuple[Finding, ...]:
    return review(agreed, applying, sides=found, texts=texts, rates=rates.up_to(day))


async def of_contract(db: Queries, contract_id: UUID, world: World) -> ReviewOut:
    """What the review finds in a contract as it stands, and what was waived at its submission."""
    by = await db.value(store.sql.submitted_by, contract_id) if world.state.waivers else None
    return _out(findings(world), world.state, by)


def of_amendment(world: World, amendment_id: UUID) -> ReviewOut:
    """What the review finds in the terms that an amendment makes or would make; raises Problem 404, 422."""
    made = next((one for one in world.state.versions if one.amendment_id == amendment_id), None)
    proposed = next((one for one in world.state.amendments if one.id == amendment_id), None)
    if proposed is None:
        raise not_found("amendment of this contract")
    try:
        version = made or changed(world, proposed.changes)
    except BadChange as error:
        raise invalid(error.pointer, f"The amendment no longer fits the terms: {error.message}") from None
    env = world.env
    applying, _ = merged(version.terms, env.defaults, env.alternatives)
    found = _out(tuple(env.review(version.terms, applying, env.differing(version.sections))), None)
    return msgspec.structs.replace(found, blocks_submit=False, terms_version=made.no if made else None)


async def of_terms(db: Queries, asked: ReviewRequest) -> ReviewOut:
    """What the review finds in terms under a type's defaults; raises Problem 404 for the type, 422 for the terms."""
    contract_type = await contract_types.get(db, asked.type)
    contract_types.validate_terms(contract_type, asked.terms)
    for number in asked.texts:
        if contract_type.section(number) is None:
            raise invalid(f"/texts/{number}", f"{asked.type} has no section {number}.")
    applying, _ = merged(asked.terms, contract_type.defaults, contract_type.alternatives)
    found = [Side(one.role, one.kind, one.size_class) for one in asked.parties]
    rates = legal_data.current(db.database).rates
    if asked.concluded_on is not None:
        if not FIRST_DAY <= asked.concluded_on <= LAST_DAY:
            raise invalid("/concluded_on", f"Dates run from {FIRST_DAY} to {LAST_DAY}.")
        rates = rates.up_to(asked.concluded_on)
    return _out(review(asked.terms, applying, sides=found, texts=asked.texts, rates=rates), None)


def _out(found: tuple[Finding, ...], state: State | None, by: UUID | None = None) -> ReviewOut:
    waivers = {(one.rule, one.pointer): one for one in state.waivers} if state else {}
    items = [
        FindingOut(**msgspec.structs.asdict(one), waived=_waiver(waivers.get((one.rule, one.pointer)), by))
        for one in found
    ]
    blocks = any(one.severity == "error" and one.waived is None for one in items)
    return ReviewOut(items=items, blocks_submit=blocks, terms_version=state.current.no if state else None)


def _waiver(one: Waiver | None, by: UUID | None) -> WaiverOut | None:
    return None if one is None else WaiverOut(one.reason, by, one.at)
