"""Rights to end the contract, one by one: whether they may be used now, by whom, and what is missing where not."""

import datetime as dt
from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from clm.law.basis import LawError
from clm.lifecycle import rights
from clm.lifecycle.clauses import (
    FORCE_MAJEURE,
    RIGHTS,
    STATUTORY,
    agreed_ground,
    known_grounds,
    lasts_too_short,
    rights_of,
)
from clm.lifecycle.deadlines import cure_deadline, right_deadline
from clm.lifecycle.grounds import ends_no_earlier, needs_demand, open_ground, too_short
from clm.lifecycle.state import Ground
from clm.lifecycle.steps import standing
from clm.lifecycle.world import Reason, World

EXERCISABLE = "termination.right_exercisable"


class Right(msgspec.Struct, frozen=True, kw_only=True):
    """A ground that a notice of rescission may name.

    `exercisable`: such a notice of `holder` would end the contract, or start the period after which it ends.
    `lapses_at` is when the right is lost (564), where that is known.
    """

    ground: str
    source: str
    holder: str
    state: str
    exercisable: bool
    lapses_at: dt.datetime | None
    reasons: list[Reason]


def rights_now(world: World, now: dt.datetime) -> list[Right]:
    """Every right to end the contract that terms and law give, as the contract stands now."""
    return [_right(world, key, now) for key in known_grounds(world)]


def _right(world: World, key: str, now: dt.datetime) -> Right:
    agreed, ground = agreed_ground(world, key) or {}, open_ground(world, key)
    reasons = [*_reasons(world, key, ground), *_overtaken(world, key, now)]
    holder = ground.holder if ground is not None else str(agreed.get("holder", _holder(world, key)))
    source = "Civil Code 562(2)" if agreed else STATUTORY.get(key) or RIGHTS.get(key) or "Civil Code 562(2)"
    return Right(
        ground=key,
        source=source,
        holder=holder,
        state=ground.status if ground is not None else "termination.none",
        exercisable=not reasons,
        lapses_at=_lapses_at(world, ground),
        reasons=reasons,
    )


def _holder(world: World, key: str) -> str:
    granted = world.terms.get("termination", {}).get("convenience") or {}
    return str(granted.get("holder", "either")) if key == "convenience" else "either"


def _lapses_at(world: World, ground: Ground | None) -> dt.datetime | None:
    if ground is None:
        return None
    try:
        return right_deadline(world, ground.key, ground.known_at).expires_at
    except LawError:
        return None


def _reasons(world: World, key: str, ground: Ground | None) -> Iterator[Reason]:
    state = world.state
    if not state.in_force:
        yield Reason("562, 563", f"The contract is {standing(state.configuration)}.", missing="a contract in force")
        return
    if key == FORCE_MAJEURE and ground is None and lasts_too_short(world):
        yield too_short(world)
        return
    if rights.is_right(world, key):
        if key not in rights_of(world):
            yield Reason("T41", f"These terms give no right to end it on {key}.", missing="terms that grant it")
        return
    spent = [one for one in state.grounds if one.key == key and one.ended in ("lapsed", "waived", "groundless")]
    if ground is None and spent:
        message = f"The right on ground {key} is {spent[-1].ended}; only a new event gives a new one."
        yield Reason("T36", message, missing="record-ground for the new event", who="holder of the right")
    elif ground is None or ground.status == "termination.ground_arisen":
        if needs_demand(key, agreed_ground(world, key)):
            who = ground.holder if ground is not None else "holder of the right"
            yield Reason("T31", f"Ground {key} asks for a demand first.", f"a cure_notice naming {key}", who)
    elif ground.status != EXERCISABLE and ground.demand is not None:
        until = cure_deadline(world, ground.demand).expires_at
        when = until.isoformat() if until is not None else "a day that is not known yet"
        yield Reason("T34", f"The cure period of ground {key} runs until {when}.", missing="the end of the period")


def _overtaken(world: World, key: str, now: dt.datetime) -> list[Reason]:
    """Why a notice that arrives now ends nothing: the period of another is over no later than its own would be."""
    running, period = world.state.ending, rights.notice_period(world, key)
    if running is None or period is None:
        return []
    today = now.astimezone(world.zone).date()
    later = ends_no_earlier(world, replace(running, arrived_at=now, arrived_on=today, period=period))
    return [later] if later is not None else []
