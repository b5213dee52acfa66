"""The ways in which a notice can arrive on a channel: by an agreed rule, by law, by a fallback (R-N1 to R-N8)."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from clm.law.basis import Status, Step
from clm.law.calendars import Calendar
from clm.law.notice_rules import (
    DATA_CHANNELS,
    ArrivalRule,
    BusinessHours,
    Channel,
    Deemed,
    Delivery,
    Event,
    InvalidArrival,
)
from clm.law.periods import InvalidPeriod, Period, Unit, deadline

Certainty = Literal["proven", "deemed_by_clause", "presumed"]

DEFAULT_HOURS = BusinessHours("09:00", "18:00")

_BY_LAW: dict[Event, Certainty] = {
    "handed_over": "proven",
    "signed": "proven",
    "entered": "proven",
    "acknowledged": "proven",
    "delivered": "presumed",
}
_UNDONE_BY_A_BOUNCE: frozenset[Event] = frozenset(("sent", "posted", "entered", "delivered"))
DISPATCHES: frozenset[Event] = frozenset(("posted", "sent", "published"))
_UNDELIVERABLE: frozenset[Event] = frozenset(("bounced", "returned"))
LAW = "Civil Code 137(2)"
_CLAUSE = "the contract's notice clause (Civil Code 137(2), 204)"
_DEFAULT = "the default notice clause applies (policy 1.9 V13); nothing was agreed (Civil Code 137(2))"
_ACKNOWLEDGEMENT = "the contract's notice clause (Electronic Signature Law 10)"
_MOVED = "Civil Code 509, 529: a move that nobody announced is the mover's risk (policy)"
_REFUSAL = "Civil Code 137(2) with 7 and 509; no rule names the date (policy)"


class Way(NamedTuple):
    """One way in which the notice arrives."""

    at: dt.datetime
    legal_date: dt.date | None
    certainty: Certainty
    assumed: bool
    rule: str
    source: str
    cause: Delivery
    steps: tuple[Step, ...]
    status: Status = "final"


class Desk(NamedTuple):
    """What holds for every channel."""

    calendar: Calendar
    business_hours: BusinessHours | None
    time_zone: ZoneInfo
    rules_assumed: bool
    refusal_agreed: bool
    moved_on: dt.date | None = None

    def by_law(self, cause: Delivery) -> Way:
        certainty = _BY_LAW[cause.event]
        text = f"{cause.event} by {cause.channel}" + (
            " lets arrival be presumed" if certainty == "presumed" else " is arrival"
        )
        way = self._instant(cause, "R-N1", LAW, certainty, text)
        return self._in_hours(way, self._hours_for_all)

    def refused(self, cause: Delivery) -> Way:
        text = "REFUSAL_POLICY_ASSUMED: no clause on refusal, so what is refused at the agreed address arrives then"
        way = self._instant(cause, "R-N4", _REFUSAL, "presumed", text)._replace(assumed=True)
        return self._in_hours(way, self._hours_for_all)

    def moved(self, cause: Delivery) -> Way | None:
        """Arrival of what came back because the addressee had moved and not said so (529)."""
        if self.moved_on is None or cause.at.astimezone(self.time_zone).date() < self.moved_on:
            return None
        text = (
            f"the addressee moved on {self.moved_on} and did not say so: what came back arrives on its return (policy)"
        )
        way = self._instant(cause, "R-N5", _MOVED, "presumed", text)._replace(assumed=True)
        return self._in_hours(way, self._hours_for_all)

    def by_clause(self, rule: ArrivalRule, cause: Delivery, offset: Period | None, *, on_refusal: bool = False) -> Way:
        """Arrival at `cause`, or `offset` after it, because `rule` (or what it says `on_refusal`) says so."""
        rule_id = "R-N8" if rule.trigger == cause.event == "acknowledged" else "R-N2"
        by_default = self.rules_assumed and not (on_refusal and self.refusal_agreed)
        agreed = _ACKNOWLEDGEMENT if rule_id == "R-N8" else _CLAUSE
        source, counts = (_DEFAULT, "the default clause counts") if by_default else (agreed, "the clause counts")
        if offset is None:
            certainty: Certainty = "proven" if _BY_LAW.get(cause.event) == "proven" else "deemed_by_clause"
            way = self._instant(cause, rule_id, source, certainty, f"{counts} {cause.event} by {cause.channel}")
        else:
            way = self._deemed(cause, rule_id, source, offset, counts)
        way = way._replace(assumed=by_default)
        if (offset is not None and offset.unit is not Unit.HOUR) or rule.after_hours == "same_instant":
            return way
        if rule.after_hours == "next_workday_start":
            return self._in_hours(way, self.business_hours or DEFAULT_HOURS, by_default=self.business_hours is None)
        return self._in_hours(way, self._hours_for_all)

    @property
    def _hours_for_all(self) -> BusinessHours | None:
        return self.business_hours if self.business_hours and self.business_hours.after_hours else None

    def _instant(self, cause: Delivery, rule: str, source: str, certainty: Certainty, text: str) -> Way:
        local = cause.at.astimezone(self.time_zone)
        steps = (Step(rule, text, local.date(), local),)
        return Way(local, local.date(), certainty, assumed=False, rule=rule, source=source, cause=cause, steps=steps)

    def _deemed(self, cause: Delivery, rule: str, source: str, offset: Period, counts: str) -> Way:
        try:
            end = deadline(cause.at, offset, calendar=self.calendar, time_zone=self.time_zone)
        except InvalidPeriod as error:
            raise InvalidArrival("/rules", f"{offset} after {cause.event}: {error.message}") from error
        at = end.expires_at or cause.at
        day = at.date() if offset.unit is Unit.HOUR else end.last_day
        text = f"{counts} {offset} after {cause.event} by {cause.channel}; a deemed day does not roll"
        steps = (Step(rule, text, day, at), *end.basis.steps)
        certainty: Certainty = "deemed_by_clause"
        return Way(
            at, day, certainty, assumed=False, rule=rule, source=source, cause=cause, steps=steps, status=end.status
        )

    def _in_hours(self, way: Way, hours: BusinessHours | None, *, by_default: bool = False) -> Way:
        """The way, moved to the next opening if it falls outside business hours (R-N3)."""
        if hours is None:
            return way
        day, time = way.at.date(), way.at.time()
        works = self.calendar.working_day_from(day) == day
        opens_on = day if works and time < hours.closing else self.calendar.working_day_after(day, 1)
        opening = dt.datetime.combine(opens_on, hours.opening, self.time_zone)
        missing = self.calendar.missing_notice(day, opens_on)
        if opening > way.at:
            step = Step(
                "R-N3", f"outside business hours {hours.opens}-{hours.closes}: the next opening", opens_on, opening
            )
            way = way._replace(at=opening, legal_date=opens_on, certainty="deemed_by_clause", steps=(*way.steps, step))
        if missing:
            step = Step("R-T10", f"no holiday notice is loaded for {missing}: the opening can still move")
            way = way._replace(status="provisional", steps=(*way.steps, step))
        return way._replace(assumed=way.assumed or by_default)


class Track:
    """One channel: what happened on it, in order, and the rules agreed for it."""

    def __init__(
        self, desk: Desk, channel: Channel, rules: Iterable[ArrivalRule], deliveries: Iterable[Delivery]
    ) -> None:
        agreed = [rule for rule in rules if rule.channel == channel]
        acknowledgements = [rule for rule in agreed if rule.trigger == "acknowledged"]
        self._desk = desk
        self._is_data = channel in DATA_CHANNELS
        self._rules = acknowledgements or agreed
        self._only_acknowledged = bool(acknowledgements)
        self.events = [one for one in deliveries if one.channel == channel]

    def ways(self) -> list[Way]:
        """Every way of arrival on this channel; fallbacks count where there is no other."""
        direct = [*self._by_rules(), *self._by_refusal_rules()]
        if not self._only_acknowledged:
            direct += self._by_law()
        return direct or list(self._by_fallbacks())

    def why_no_arrival(self, one: Delivery) -> tuple[str, str]:
        """The rule and the words why an event is no arrival that none of this channel's ways starts from."""
        if self._undelivered(one):
            return "R-N6", "it came back, and no clause counts that as arrival"
        if self._came_to_nothing(one):
            return "R-N6", "it came back afterwards, so that this counts for nothing"
        if self._only_acknowledged and one.event in _BY_LAW:
            return "R-N8", "the clause asks for an acknowledgement on this channel; nothing else is arrival"
        if one.event in DISPATCHES:
            return "R-N1", "what is under way has not arrived, and no clause counts from its dispatch"
        return "R-N1", "neither the clause nor the law counts it as arrival here"

    def has_failed(self) -> bool:
        return self._undelivered(self.events[-1])

    def _undelivered(self, one: Delivery) -> bool:
        return one.event in _UNDELIVERABLE or (one.event == "refused" and self._is_data)

    def _happened(self, trigger: Event) -> Iterator[Delivery]:
        """The events of a kind, without what a bounce undoes."""
        return (one for one in self.events if one.event == trigger and not self._came_to_nothing(one))

    def _came_to_nothing(self, event: Delivery) -> bool:
        """Whether a sending, or what a machine reported of it, bounced afterwards: it counts for nothing (R-N6)."""
        return event.event in _UNDONE_BY_A_BOUNCE and self._bounced_after(event)

    def _bounced_after(self, event: Delivery) -> bool:
        """Of what is told of one instant the order of telling decides."""
        place = next(number for number, one in enumerate(self.events) if one is event)
        return any(
            one.event == "bounced" or (self._is_data and self._undelivered(one)) for one in self.events[place + 1 :]
        )

    def _by_rules(self) -> Iterator[Way]:
        for rule in self._rules:
            for one in self._happened(rule.trigger):
                yield self._still_counted(self._desk.by_clause(rule, one, rule.offset))

    def _still_counted(self, way: Way) -> Way:
        """The way, with a step that says why an item posted and not delivered arrives nevertheless."""
        fates = {"returned": "return", "refused": "refusal"}
        fate = next((f for one in self.events if one.at >= way.cause.at and (f := fates.get(one.event))), None)
        if way.cause.event != "posted" or fate is None:
            return way
        step = Step("R-N6", f"the clause counts from posting; the {fate} does not undo it", at=way.at)
        return way._replace(steps=(*way.steps, step))

    def _by_refusal_rules(self) -> Iterator[Way]:
        refusals = [one for one in self.events if one.event == "refused"]
        for rule in self._rules if refusals else ():
            match rule.refusal_rule:
                case Deemed(trigger=trigger, offset=offset):
                    yield from (self._on_refusal(rule, one, offset) for one in self._happened(trigger))
                case "refusal_date":
                    yield self._on_refusal(rule, refusals[0])
                case "return_date":
                    yield from (self._on_refusal(rule, one) for one in self._happened("returned"))
                case None:
                    continue

    def _on_refusal(self, rule: ArrivalRule, cause: Delivery, offset: Period | None = None) -> Way:
        return self._desk.by_clause(rule, cause, offset, on_refusal=True)

    def _by_law(self) -> Iterator[Way]:
        """The law's own ways, save those that an agreed rule replaces."""
        replaced = {rule.trigger for rule in self._rules}
        refusal_agreed = bool(replaced & {"refused", "returned"}) or any(rule.refusal_rule for rule in self._rules)
        for one in self.events:
            if one.event in _BY_LAW and one.event not in replaced and not self._came_to_nothing(one):
                yield self._desk.by_law(one)
            elif one.event == "refused" and not self._is_data and not refusal_agreed:
                yield self._desk.refused(one)
            elif one.event == "returned" and "returned" not in replaced and (way := self._desk.moved(one)):
                yield way

    def _by_fallbacks(self) -> Iterator[Way]:
        for rule in self._rules:
            if rule.fallback_if_unknown is not None:
                for one in self._happened(rule.fallback_if_unknown.trigger):
                    yield self._desk.by_clause(rule, one, rule.fallback_if_unknown.offset)
