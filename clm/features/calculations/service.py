"""The calculators: a request in, what the law says out; no contract, no clock; calendars come from what is loaded."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
from msgspec import UNSET, UnsetType

from clm.features.calculations.models import ArrivalAnswer, ArrivalRequest, DeadlineAnswer, DeadlineRequest
from clm.features.legal_data.service import LegalData, zone_of
from clm.kit.problems import invalid
from clm.law import arrival
from clm.law.addresses import Addresses
from clm.law.arrival import Arrival, Channel, Delivery
from clm.law.basis import Basis, LawError
from clm.law.periods import Deadline, Unit, clock_time, deadline, in_time
from clm.law.rolling import default_roll, step_of

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WITHOUT_OFFSET = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?", re.ASCII)
_INSTANT = re.compile(_WITHOUT_OFFSET.pattern + r"([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def compute_deadline(asked: DeadlineRequest, law: LegalData) -> DeadlineAnswer:
    """The end of a period; raises Problem 422 where it cannot be counted.

    Without a roll the class decides, and without a class forward; either is assumed.
    """
    zone = zone_of(asked.jurisdiction, asked.time_zone)
    event = _event(asked.event)
    roll = asked.roll or (default_roll(asked.period_class) if asked.period_class else "forward")
    with told():
        found = deadline(
            event,
            asked.period,
            calendar=law.calendar(asked.jurisdiction),
            roll=roll,
            roll_assumed=asked.roll is None,
            count_start_day=asked.count_start_day,
            direction=asked.direction,
            cutoff=clock_time(asked.cutoff) if asked.cutoff else None,
            time_zone=zone,
        )
    if found.expires_at is None:
        raise invalid("/period", "This period has no end that can be computed.")
    return DeadlineAnswer(
        found.expires_at,
        found.status,
        roll if _can_roll(asked) else "none",
        found.assumed,
        _with_class(found.basis, asked),
        found.last_day,
        found.nominal_last_day,
        _in_time(found, asked),
    )


def _with_class(basis: Basis, asked: DeadlineRequest) -> Basis:
    """The basis, with the class that decided on the roll where nothing else did."""
    if asked.period_class is None or asked.roll is not None or not _can_roll(asked):
        return basis
    return msgspec.structs.replace(basis, steps=(step_of(asked.period_class), *basis.steps))


def _can_roll(asked: DeadlineRequest) -> bool:
    return asked.direction == "forward" and asked.period.unit not in (Unit.HOUR, Unit.WORKING_DAY)


def _in_time(found: Deadline, asked: DeadlineRequest) -> bool | UnsetType | None:
    if asked.act_at is None:
        return UNSET
    try:
        return in_time(found, asked.act_at, asked.direction)
    except LawError as error:
        raise invalid("/act_at", error.message) from None


def compute_arrival(asked: ArrivalRequest, law: LegalData) -> ArrivalAnswer:
    """Whether and when a notice arrived; raises Problem 422 where that cannot be judged."""
    _check_addresses(asked)
    with told():
        judge = _judge_of(asked, law)
        found = judge(asked.deliveries, asked.channels_allowed)
        answer = ArrivalAnswer(**msgspec.structs.asdict(found))
        if asked.withdrawal is not None:
            answer.withdrawal = judge(asked.withdrawal.deliveries, None)
            answer.withdrawn = arrival.withdrawn(found, answer.withdrawal)
    return answer


def _judge_of(asked: ArrivalRequest, law: LegalData) -> Callable[[list[Delivery], list[Channel] | None], Arrival]:
    """What judges deliveries by the rules asked about, once these have been checked."""
    zone, calendar = zone_of(asked.jurisdiction, asked.time_zone), law.calendar(asked.jurisdiction)
    arrival.check_rules(asked.rules or ())
    book = Addresses(asked.addresses, calendar=calendar, time_zone=zone) if asked.addresses else None

    def judge(deliveries: list[Delivery], channels_allowed: list[Channel] | None) -> Arrival:
        return arrival.judge(
            arrival.default_rules() if asked.rules is None else asked.rules,
            deliveries,
            calendar=calendar,
            channels_allowed=channels_allowed,
            business_hours=asked.business_hours,
            time_zone=zone,
            rules_assumed=asked.rules is None,
            addresses=book,
        )

    return judge


def _check_addresses(asked: ArrivalRequest) -> None:
    """Raise Problem 422 for an address that nothing is there to compare with."""
    withdrawal = asked.withdrawal.deliveries if asked.withdrawal else []
    for pointer, deliveries in (("/deliveries", asked.deliveries), ("/withdrawal/deliveries", withdrawal)):
        for number, one in enumerate(deliveries):
            if one.address is not None and asked.addresses is None:
                raise invalid(f"{pointer}/{number}/address", "Give the address book, too: /addresses.")


def _event(text: str) -> dt.date | dt.datetime:
    if _WITHOUT_OFFSET.fullmatch(text):
        raise invalid("/event", "An instant needs an offset, such as +08:00.")
    try:
        return _parsed(text)
    except ValueError:
        raise invalid("/event", f"{text} is neither a date (YYYY-MM-DD) nor an instant (RFC 3339).") from None


def _parsed(text: str) -> dt.date | dt.datetime:
    """A date or an instant as RFC 3339 writes them; Python reads more, such as the days of a week."""
    if _DATE.fullmatch(text):
        return dt.date.fromisoformat(text)
    if not _INSTANT.fullmatch(text):
        raise ValueError(text)
    return dt.datetime.fromisoformat(text.upper())


@contextmanager
def told() -> Iterator[None]:
    """Tell what no rule can be applied to as Problem 422, at its place in the request."""
    try:
        yield
    except LawError as error:
        raise invalid(error.field if error.field.startswith("/") else f"/{error.field}", error.message) from None
