"""The consolidated terms: which version governs at an instant, and what of it binds."""

from collections.abc import Mapping
from typing import Any

import msgspec

from clm.features.contract_types import service as contract_types
from clm.features.contracts import reading, store
from clm.features.contracts.models import BindingOut, TermsOut
from clm.features.contracts.moments import Moment, moment
from clm.features.contracts.reading import Reading, local
from clm.features.contracts.stepping import env_of
from clm.kit.db import Queries
from clm.lifecycle import surviving
from clm.lifecycle.surviving import Survivor
from clm.lifecycle.world import World

sql = store.sql


async def terms(db: Queries, found: Reading, as_of: str | None, known_at: str | None) -> TermsOut:
    """The consolidated terms: now (a draft's too), or those in force at an instant as known at an instant."""
    zone = found.zone
    asked = as_of is not None or known_at is not None
    when = moment(as_of, known_at, zone, found.now) if asked else None
    projected = known_at is None and when is not None and when.as_of > found.now
    row: Mapping[str, Any] | None
    if when is None:
        row = msgspec.structs.asdict(found.state.current)
        binding = surviving.binding(found.world)
    elif projected:
        state = reading.projected(found, when.as_of)
        row = msgspec.structs.asdict(state.current) if state.effective_at is not None else None
        binding = surviving.binding(World(state, found.world.env))
    else:
        row = await db.one(sql.version_in_force, found.id, when.as_of, when.known_at)
        binding = await _bound(db, found, when)
    agreed = row["terms"] if row else None
    filled, assumed = contract_types.merged(found.contract_type, agreed) if agreed is not None else (None, [])
    return TermsOut(
        version=row["no"] if row else None,
        terms=filled,
        agreed=agreed,
        assumed=assumed,
        valid_from=local(row["valid_from"], zone) if row else None,
        valid_to=local(row["valid_to"], zone) if row else None,
        amendment_id=row["amendment_id"] if row else None,
        as_of=local(when.as_of, zone) if when else None,
        known_at=local(when.known_at, zone) if when else None,
        projected=projected,
        binding=None if binding is None else [BindingOut(one.pointer, one.source) for one in binding],
    )


async def _bound(db: Queries, found: Reading, when: Moment) -> tuple[Survivor, ...] | None:
    """What bound at an instant as known at an instant; what asks for an approval was fixed when the text went out."""
    standing = await db.one(sql.standing, found.id, when.as_of, when.known_at)
    milestones = await db.one(sql.milestones, found.id, when.as_of, when.known_at)
    signed = World(
        msgspec.structs.replace(found.state, versions=found.state.versions[:1]), env_of(found.contract_type, found.law)
    )
    return surviving.binding_in(
        standing["configuration"][0] if standing else "draft.drafting",
        formed=milestones is not None and milestones["formed_at"] is not None,
        approval=surviving.asks_approval(signed),
    )
