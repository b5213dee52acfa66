"""A notice under its contract's lock."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.contracts import service as contracts
from clm.features.contracts.service import Locked
from clm.features.notices import reading
from clm.features.notices.clause import Clause
from clm.features.notices.models import Notice
from clm.features.notices.reading import sql
from clm.kit import preconditions
from clm.kit.db import Unit
from clm.kit.problems import not_found
from clm.lifecycle import engine
from clm.lifecycle.state import State
from clm.lifecycle.world import Env


class Held(msgspec.Struct, kw_only=True):
    """A notice with the contract as it stands now; `settled`: what it announced is in the address book."""

    locked: Locked
    state: State
    env: Env
    notice: Notice
    clause: Clause | None
    judgements: int
    settled: bool

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the contract's legal dates."""
        return ZoneInfo(self.state.time_zone)


async def hold(unit: Unit, notice_id: UUID, if_match: str | None) -> Held:
    """The notice under its contract's lock; raises Problem 404, 412."""
    contract_id = await unit.value(sql.contract_of, notice_id)
    if contract_id is None:
        raise not_found("notice")
    locked = await contracts.lock(unit, contract_id)
    state, env = await standing(unit, locked)
    row = await unit.one(sql.get_notice, notice_id)
    if row is None:
        raise not_found("notice")
    preconditions.check(if_match, row["row_version"])
    return Held(
        locked=locked,
        state=state,
        env=env,
        notice=_as_judged(row, ZoneInfo(state.time_zone)),
        clause=msgspec.convert(row["rules"], Clause) if row["rules"] else None,
        judgements=row["judgements"],
        settled=row["settled_at"] is not None,
    )


async def standing(unit: Unit, locked: Locked) -> tuple[State, Env]:
    """The contract with everything done that is due, whether it is stored yet or not."""
    env = contracts.env_of(await contracts.type_of(unit, locked), locked.law)
    return engine.advance(locked.state, env, locked.now).state, env


def _as_judged(row: Mapping[str, Any], zone: ZoneInfo) -> Notice:
    notice = reading.notice_of(row)
    notice.arrival = reading.stored_arrival(row, zone)
    return notice
