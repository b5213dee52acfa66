"""A contract as it stands, loaded to try facts on; nothing of it is written."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.contract_types.service import ContractType
from clm.features.contracts import reviewing, store
from clm.features.contracts.own_text import Row, type_of
from clm.features.contracts.stepping import env_of
from clm.features.contracts.store import Origin
from clm.features.legal_data import service as legal_data
from clm.kit.db import Queries
from clm.kit.problems import not_found
from clm.lifecycle.simulating import Copy
from clm.lifecycle.state import State


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A copy of a contract to try facts on, with its type, its time zone, and the version of its row."""

    copy: Copy
    contract_type: ContractType
    zone: ZoneInfo
    row_version: int


async def standing(db: Queries, contract_id: UUID) -> Standing:
    """The contract as it stands, in one snapshot; raises Problem 404."""
    row = await db.one(store.sql.standing_copy, contract_id)
    if row is None:
        raise not_found("contract")
    contract_type = await type_of(db, Row(contract_id, row["type_key"], row["type_version"], row["own_text"]))
    zone, law = ZoneInfo(row["time_zone"]), await legal_data.at_least(db, row["loaded_edition"])
    state, now = msgspec.convert(row["state"], State), row["now"].astimezone(zone)
    sides = await reviewing.sides(db, contract_id)
    env = reviewing.reviewed(env_of(contract_type, law), sides, law.rates, state, now)
    since = await _since(db, contract_id, msgspec.convert(row["origin"], Origin), zone) if row["origin"] else {}
    copy = Copy(state, env, now, fact_no=row["fact_no"], **since)
    return Standing(copy=copy, contract_type=contract_type, zone=zone, row_version=row["row_version"])


async def _since(db: Queries, contract_id: UUID, origin: Origin, zone: ZoneInfo) -> dict[str, Any]:
    decided = await db.all(store.sql.decided_events, contract_id, origin.event_no)
    return {
        "origin": origin.state,
        "facts": await store.facts_since(db, contract_id, origin.fact_no, zone),
        "record": [dict(row) for row in decided],
    }
