"""The notice clause (14.1) that governs one notice: that of the terms in force when it was dispatched."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from clm.kit.problems import invalid
from clm.law import addresses, arrival
from clm.law.arrival import Arrival, ArrivalRule, BusinessHours, Channel, Delivery
from clm.law.basis import LawError
from clm.law.calendars import Calendar
from clm.law.periods import Period
from clm.lifecycle.state import State, Version
from clm.lifecycle.terms import merged
from clm.lifecycle.world import Env

_BY_HAND: tuple[Channel, ...] = ("personal", "courier", "registered_mail")


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """What was agreed on arrival, frozen with a notice.

    `as_of` is the instant of dispatch, `channels_allowed` the only ways for this type of notice (None: any),
    `business_hours` only agreed ones. `refusal_agreed`: what the rules say on refusals was agreed, be the rest assumed.
    """

    as_of: dt.datetime
    terms_version: int
    rules: tuple[ArrivalRule, ...]
    rules_assumed: bool
    channels_allowed: tuple[Channel, ...] | None
    business_hours: BusinessHours | None
    address_change_lead: Period
    refusal_agreed: bool = False


def clause_at(state: State, env: Env, at: dt.datetime, notice_type: str) -> Clause:
    """The clause that was in force at an instant; before the contract took effect, the first version's."""
    version = _version_at(state, at)
    terms, assumed = merged(version.terms, env.defaults, env.alternatives)
    agreed, own = terms.get("notices", {}), version.terms.get("notices", {})
    by_default = (
        any(pointer in assumed for pointer in ("/terms/notices", "/terms/notices/rules")) or "rules" not in agreed
    )
    try:
        return Clause(
            as_of=at,
            terms_version=version.no,
            rules=_rules(None if by_default else agreed["rules"], own.get("refusal")),
            rules_assumed=by_default,
            channels_allowed=agreed.get("channels_allowed", {}).get(notice_type),
            business_hours=_converted(own.get("business_hours"), BusinessHours),
            address_change_lead=_converted(agreed.get("address_change_lead"), Period) or addresses.DEFAULT_LEAD,
            refusal_agreed=own.get("refusal") is not None,
        )
    except (msgspec.ValidationError, LawError) as error:
        raise invalid("/terms/notices", f"The notice clause in force then cannot be read: {error}") from None


def judge(clause: Clause | None, deliveries: list[Delivery], calendar: Calendar, zone: ZoneInfo) -> Arrival:
    """When a notice arrives, from all that is known of its way; raises Problem 422 where that cannot be computed."""
    try:
        return arrival.judge(
            clause.rules if clause else (),
            deliveries,
            calendar=calendar,
            channels_allowed=clause.channels_allowed if clause else None,
            business_hours=clause.business_hours if clause else None,
            time_zone=zone,
            rules_assumed=clause.rules_assumed if clause else False,
            refusal_agreed=clause.refusal_agreed if clause else False,
        )
    except LawError as error:
        raise invalid("/at", error.message) from None


def operates_from(clause: Clause, arrived_on: dt.date, calendar: Calendar, zone: ZoneInfo) -> dt.date:
    """The first day of an announced address: the lead days after the announcement arrived (R-N5)."""
    return addresses.operates_from(arrived_on, clause.address_change_lead, calendar=calendar, time_zone=zone).day


def _version_at(state: State, at: dt.datetime) -> Version:
    begun = [v for v in state.versions if v.valid_from is not None and v.valid_from <= at]
    return begun[-1] if begun else state.versions[0]


def _rules(stated: list[Any] | None, refusal: Any) -> tuple[ArrivalRule, ...]:
    """The rules, with what was agreed on refusals in general put into the channels that do not say it themselves."""
    rules = arrival.default_rules() if stated is None else msgspec.convert(stated, tuple[ArrivalRule, ...])
    if refusal is None:
        return rules
    said = {rule.channel for rule in rules if rule.refusal_rule or rule.trigger == "refused"} if stated else set()
    silent = [channel for channel in _BY_HAND if channel not in said]
    filled = [msgspec.structs.replace(rule, refusal_rule=refusal) if rule.channel in silent else rule for rule in rules]
    ruled = {rule.channel for rule in rules}
    added = [ArrivalRule(channel, "signed", refusal_rule=refusal) for channel in silent if channel not in ruled]
    return (*filled, *added)


def _converted(value: Any, kind: Any) -> Any:
    return None if value is None else msgspec.convert(value, kind)
