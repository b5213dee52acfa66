"""How a notice stands, as the steps that count make it: nothing of it is kept that a correction would have to undo."""

import datetime as dt
from typing import NamedTuple

from clm.features.notices import addresses
from clm.features.notices.clause import clause_at, judge
from clm.features.notices.held import Held
from clm.features.notices.models import Delivery, Notice
from clm.kit.db import Unit
from clm.kit.problems import Problem
from clm.law import arrival as law
from clm.law.arrival import Arrival
from clm.law.basis import Basis, Step


class Seen(NamedTuple):
    """How a notice stood before a step was added, or taken out of account."""

    arrival: Arrival
    sent_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    addressed: Delivery | None


def seen(held: Held) -> Seen:
    """How the notice stands now."""
    notice = held.notice
    return Seen(notice.arrival, notice.sent_at, notice.withdrawn_at, _addressed(notice))


async def follow(unit: Unit, held: Held, before: Seen) -> Arrival:
    """Dispatch, clause, address and withdrawal as the steps that count make them, and the arrival by them.

    The clause of a day, and the address of a dispatch, once frozen, stay. Raises Problem 422.
    """
    notice = held.notice
    way = [one for one in notice.counting if one.event != "withdrawn"]
    notice.sent_at = min((one.at for one in way if one.dispatches), default=None)
    first = min((one.at for one in way), default=None)
    if first is None:
        held.clause = None
    elif held.clause is None or held.clause.as_of != first:
        held.clause = clause_at(held.state, held.env, first, notice.type)
    await _address(unit, held, before)
    arrival = judge(held.clause, notice.delivered, held.env.calendar, held.zone)
    notice.withdrawn_at = _withdrawn_at(notice, arrival)
    return arrival


def _addressed(notice: Notice) -> Delivery | None:
    """The step whose day says which address the notice went to: the last dispatch, else what is known of first."""
    way = sorted((one for one in notice.counting if one.event != "withdrawn"), key=lambda one: (one.at, one.no))
    dispatches = [one for one in way if one.dispatches]
    return dispatches[-1] if dispatches else next(iter(way), None)


async def _address(unit: Unit, held: Held, before: Seen) -> None:
    notice, now = held.notice, _addressed(held.notice)
    if now is None:
        notice.address = None
    elif before.addressed is None or before.addressed.no != now.no:
        await addresses.settle(unit, held.locked, held.env.calendar, besides=notice.id)
        notice.address = await addresses.of_addressee(unit, notice, now.channel, now.at)


def _withdrawn_at(notice: Notice, arrival: Arrival) -> dt.datetime | None:
    """When the withdrawal arrived, unless the notice arrived before it; while that is open, the withdrawal counts."""
    first = min((one.at for one in notice.counting if one.event == "withdrawn"), default=None)
    if first is None or law.withdrawn(arrival, _withdrawal(first)) is False:
        return None
    return first


def check_in_time(original: Arrival, arrived_at: dt.datetime) -> None:
    """Raise Problem 409 where a withdrawal comes too late (Civil Code 141, R-N7)."""
    in_time = law.withdrawn(original, _withdrawal(arrived_at))
    if in_time:
        return
    when = original.at.isoformat() if original.at else ""
    if in_time is None:
        message = f"Whether it comes before {when} depends on a holiday notice that is not published yet."
    else:
        message = f"The notice arrived at {when}, the withdrawal only at {arrived_at.isoformat()}."
    reason = {"rule": "R-N7", "message": message, "missing": "an arrival before or with the notice's", "who": "sender"}
    raise Problem("not-allowed-now", f"The withdrawal comes too late (Civil Code 141). {message}", reasons=[reason])


def _withdrawal(arrived_at: dt.datetime) -> Arrival:
    step = Step("R-N7", "the withdrawal arrives", arrived_at.date(), arrived_at)
    basis = Basis("R-N7", "Civil Code 141", {"at": arrived_at.isoformat()}, (step,), "final")
    return Arrival("arrived", arrived_at, arrived_at.date(), "proven", assumed=False, basis=basis)
