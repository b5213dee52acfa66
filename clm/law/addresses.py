"""The address book by date: which address operates when, and what goes to another one (R-N5; Civil Code 137, 509, 529).

A change of address takes effect on the arrival of its announcement and the agreed lead days, from 00:00. A notice is
judged by the address that operated when it was dispatched. A move that nobody announced changes nothing.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from clm.law.basis import LawError, Step
from clm.law.calendars import FIRST_DAY, Calendar, check_day
from clm.law.notice_rules import Channel, Delivery, Event
from clm.law.periods import SHANGHAI, InvalidPeriod, Period, Unit, deadline, legal_date

DEFAULT_LEAD = Period(5, Unit.DAY)
"""How long after its announcement a new address begins to operate where the contract does not say (policy 3.12)."""
_DISPATCHES: frozenset[Event] = frozenset(("posted", "sent", "published"))
_IN_PERSON: frozenset[Event] = frozenset(("handed_over", "acknowledged"))
"""What reaches the addressee itself, wherever that is."""

Address = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class InvalidAddresses(LawError):
    """An address book that cannot be read; `field` is a JSON pointer to the place."""


class BookAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An agreed address: for one channel or for all, from a legal date or from the beginning."""

    address: Address
    channel: Channel | None = None
    start: dt.date | None = msgspec.field(name="from", default=None)


class AddressChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An announced new address, the instant at which the announcement arrived, and the agreed lead."""

    address: Address
    arrived_at: dt.datetime
    lead: Period | None = None
    channel: Channel | None = None


class AddressBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The addressee's addresses. `moved_on` is the day of a move that it did not announce."""

    book: Annotated[tuple[BookAddress, ...], msgspec.Meta(min_length=1, max_length=100)]
    changes: Annotated[tuple[AddressChange, ...], msgspec.Meta(max_length=100)] = ()
    moved_on: dt.date | None = None


class Start(NamedTuple):
    """The first day on which a new address operates; not `settled`: a missing holiday notice can put it off."""

    day: dt.date
    settled: bool


class Operating(NamedTuple):
    """The address that operates. `assumed`: a default lead has a part in it; `settled` as in `Start`."""

    address: str
    since: dt.date | None
    assumed: bool
    settled: bool


class Sorted(NamedTuple):
    """Deliveries sorted by where they went: those that count, and a step for each that does not."""

    heard: tuple[Delivery, ...]
    astray: tuple[Step, ...]
    settled: bool


def operates_from(arrived_on: dt.date, lead: Period, *, calendar: Calendar, time_zone: ZoneInfo = SHANGHAI) -> Start:
    """From 00:00 of which day an announced address operates: its arrival and the lead days, which do not roll."""
    end = deadline(arrived_on, lead, calendar=calendar, time_zone=time_zone)
    return Start(end.last_day or end.nominal_last_day or arrived_on, end.last_day is not None)


class Addresses:
    """An address book, checked, with the day on which each address begins to operate.

    Raises `InvalidAddresses` for two addresses from the same day, for a lead in hours, and for days outside 1990-2100.
    """

    def __init__(self, book: AddressBook, *, calendar: Calendar, time_zone: ZoneInfo = SHANGHAI) -> None:
        self._time_zone = time_zone
        self.moved_on = book.moved_on
        if book.moved_on is not None:
            check_day("/addresses/moved_on", book.moved_on, InvalidAddresses)
        self._entries = [*_agreed(book), *_announced(book, calendar, time_zone)]
        for number, one in enumerate(self._entries):
            for earlier in self._entries[:number]:
                if (earlier.channel, earlier.start.day) == (one.channel, one.start.day) and one.contradicts(earlier):
                    raise InvalidAddresses(one.pointer, f"another address operates from {one.start.day} too")

    def operating(self, channel: Channel, day: dt.date) -> Operating | None:
        """The address for a channel on a legal date, or else the one for all channels; None where the book has none."""
        of_channel = [one for one in self._entries if one.channel == channel]
        if not any(one.start.day <= day for one in of_channel):
            of_channel = [one for one in self._entries if one.channel is None]
        begun = [one for one in of_channel if one.start.day <= day]
        if not begun:
            return None
        latest = max(one.start.day for one in begun)
        now = [one for one in begun if one.start.day == latest][-1]
        told = [one for one in of_channel if one.announced_at and legal_date(one.announced_at, self._time_zone) <= day]
        assumed = any(one.by_default for one in told)
        since = now.start.day if now.start.day > FIRST_DAY else None
        return Operating(now.address, since, assumed, now.start.settled)

    def sort(self, deliveries: Sequence[Delivery]) -> Sorted:
        """What went to the address that operated when it was dispatched, and what went astray.

        A delivery that names no address went where its channel's last dispatch went.
        """
        heard, astray, settled = [], [], True
        for one in deliveries:
            went_to, on = self._dispatch(one, deliveries)
            operating = self.operating(one.channel, on)
            if went_to is None or operating is None or one.event in _IN_PERSON:
                heard.append(one)
                continue
            settled = settled and operating.settled
            if _same(went_to, operating.address):
                heard.append(one)
                continue
            text = f"{one.event} by {one.channel} is ignored: it went to {went_to}; {operating.address} operated"
            astray.append(Step("R-N5", text, on, one.at))
        return Sorted(tuple(heard), tuple(astray), settled)

    def step_for(self, cause: Delivery, deliveries: Sequence[Delivery]) -> tuple[Step | None, bool]:
        """Why the address of what arrived was good, and whether a default lead decided that."""
        went_to, on = self._dispatch(cause, deliveries)
        operating = self.operating(cause.channel, on)
        if went_to is None or operating is None or not _same(went_to, operating.address):
            return None, False
        since = f" since {operating.since}" if operating.since else ""
        text = f"dispatched to {operating.address}, which operated{since}"
        return Step("R-N5", text, on), operating.assumed

    def _dispatch(self, one: Delivery, deliveries: Sequence[Delivery]) -> tuple[str | None, dt.date]:
        """Where something went and when it was dispatched; without a dispatch on record, when it happened."""
        sent = [
            each
            for each in deliveries
            if each.channel == one.channel
            and each.event in _DISPATCHES
            and each.at <= one.at
            and (one.address is None or each.address is None or _same(each.address, one.address))
        ]
        last = max(sent, key=lambda each: each.at, default=one)
        return one.address or last.address, legal_date(last.at, self._time_zone)


class _Entry(NamedTuple):
    pointer: str
    address: str
    channel: Channel | None
    start: Start
    announced_at: dt.datetime | None = None
    by_default: bool = False

    def contradicts(self, other: "_Entry") -> bool:
        """Whether nothing says which of two addresses from one day holds; the later announcement would."""
        return not _same(self.address, other.address) and self.announced_at == other.announced_at


def _agreed(book: AddressBook) -> Iterator[_Entry]:
    for number, one in enumerate(book.book):
        pointer = f"/addresses/book/{number}"
        if one.start is not None:
            check_day(f"{pointer}/from", one.start, InvalidAddresses)
        yield _Entry(pointer, one.address, one.channel, Start(one.start or FIRST_DAY, settled=True))


def _announced(book: AddressBook, calendar: Calendar, time_zone: ZoneInfo) -> list[_Entry]:
    """The announced addresses, in the order of their announcements' arrival."""
    entries = []
    for number, one in enumerate(book.changes):
        pointer = f"/addresses/changes/{number}"
        if one.arrived_at.utcoffset() is None:
            raise InvalidAddresses(f"{pointer}/arrived_at", "an instant needs an offset, such as +08:00")
        if one.lead is not None and one.lead.unit is Unit.HOUR:
            raise InvalidAddresses(f"{pointer}/lead/unit", "an address begins to operate on a day, not at an hour")
        try:
            on = legal_date(one.arrived_at, time_zone)
            check_day(f"{pointer}/arrived_at", on, InvalidAddresses)
            start = operates_from(on, one.lead or DEFAULT_LEAD, calendar=calendar, time_zone=time_zone)
        except InvalidPeriod as error:
            at = "lead" if error.field == "period" else "arrived_at"
            raise InvalidAddresses(f"{pointer}/{at}", error.message) from error
        new = _Entry(pointer, one.address, one.channel, start, one.arrived_at, by_default=one.lead is None)
        entries.append((one.arrived_at, new))
    return [entry for _, entry in sorted(entries, key=lambda each: each[0])]


def _same(one: str, other: str) -> bool:
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()
