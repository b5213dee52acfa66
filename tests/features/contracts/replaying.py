"""The rows made anew from what is recorded: from the facts by deciding them, from the events by reading them."""

import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.contract_types import service as contract_types
from clm.features.contracts import service, store
from clm.features.contracts.store import Locked
from clm.lifecycle import engine
from clm.lifecycle.comparing import difference
from clm.lifecycle.facts import Fact
from clm.lifecycle.world import Env
from tests.features.contracts.invariants import ROWS, one_at_every_instant, rows

REVIEW = ("T01", "T02", "W01")
EFFECT = "T06"
MILESTONES = {
    "formed_at": ("contract.formed",),
    "effective_at": ("contract.effective",),
    "ended_at": ("contract.terminated",),
    "closed_at": ("contract.closed",),
}
LIVE = ("status", "configuration", "outcome")
AGREED = ("no", "title", "terms", "sections", "amendment_id", "valid_from", "valid_to")


class Told(msgspec.Struct):
    """What the contract was decided from: where it began, every fact since, and what decisions take as given."""

    locked: Locked
    env: Env
    facts: list[Fact]

    def anew(self, known=None):
        """Decide again, in memory, all that was recorded by an instant, as of that instant."""
        origin, known = self.locked.origin.state, known or self.locked.now
        facts = [fact for fact in self.facts if fact.recorded_at <= known]
        if not facts:
            return engine.advance(origin, self.env, known)
        return engine.decide_anew(origin, facts[:-1], facts[-1], self.env, known)


async def told(walk):
    """The contract's facts since its text went out for signature; None where it did not."""
    async with walk.database.work(walk.tenant) as unit:
        locked = await service.lock(unit, UUID(walk.id))
        if locked.origin is None:
            return None
        env = service.env_of(await contract_types.get(unit, locked.type_key, locked.type_version), locked.law)
        zone = ZoneInfo(locked.state.time_zone)
        return Told(locked, env, await store.facts_since(unit, locked.id, locked.origin.fact_no, zone))


async def from_facts(walk):
    """Decide every fact anew: the same state, events, timers, versions and amendments."""
    found = await told(walk)
    if found is None:
        return
    decision, reads = found.anew(), walk.database.reads(walk.tenant)
    _same_state(walk, found.locked.state, decision.state)
    origin = found.locked.origin.event_no
    _same_events(walk, decision, await reads.all(store.sql.decided_events, found.locked.id, origin))
    _same_timers(walk, decision, await reads.all(store.sql.armed_timers, found.locked.id))
    _same_versions(walk, decision.state, (await record(walk)).versions_known(walk.known.now))
    stored = {row["id"]: row["state"] for row in await rows(walk, ROWS.amendments)}
    for one in decision.state.amendments:
        walk.check(_plain(one) == _plain(msgspec.convert(stored[one.id], type(one))), f"amendment {one.id}")


async def instants_since_sent_out(walk):
    """Whenever something became known since the text went out for signature the last time."""
    found, recorded = await told(walk), await record(walk)
    if found is None:
        return []
    sent = max(one["recorded_at"] for one in recorded.events if one["no"] <= found.locked.origin.event_no)
    return [one for one in recorded.instants() if one >= sent]


async def from_facts_known(walk, known):
    """Decide what was recorded by an instant: the events and versions that stood then, whatever came after."""
    found, recorded = await told(walk), await record(walk)
    if found is None:
        return
    decision, origin = found.anew(known), found.locked.origin
    since = [one for one in recorded.known_at(known) if one["no"] > origin.event_no]
    decided = [one for one in since if one["fact_id"] is not None or one["timer_key"] is not None]
    _same_events(walk, decision, decided)
    _same_versions(walk, decision.state, recorded.versions_known(known))


def _same_events(walk, decision, stored):
    new, gone = difference([store.event_row(one, 0) for one in decision.happenings], stored)
    walk.check(not (new or gone), f"events: only anew {_told(new)}; only stored {_told(gone)}")


def _same_timers(walk, decision, stored):
    wanted, armed = {timer.key: timer for timer in decision.timers}, {row["key"]: row for row in stored}
    walk.check(wanted.keys() == armed.keys(), f"timers: {sorted(wanted)} anew, {sorted(armed)} stored")
    for key, timer in wanted.items():
        walk.check(store.same(armed[key], timer), f"timer {key}: {timer} anew, {dict(armed[key])} stored")


def _same_state(walk, stored, anew):
    before, after = _plain(stored), _plain(anew)
    differ = {key: (before.get(key), after.get(key)) for key in before | after if before.get(key) != after.get(key)}
    walk.check(not differ, f"state, stored and anew: {differ}")


def _same_versions(walk, state, stored):
    wanted = [_plain({name: getattr(one, name) for name in AGREED}) for one in state.versions]
    zone = ZoneInfo(state.time_zone)
    found = [_plain({name: _local(row[name], zone) for name in AGREED}) for row in stored]
    walk.check(wanted == found, f"versions: {wanted} anew, {found} stored")


def _local(value, zone):
    return value.astimezone(zone) if isinstance(value, dt.datetime) else value


def _plain(value):
    return msgspec.to_builtins(value)


def _told(events):
    return [(one["type"], str(one["at"]), one["explanation"]) for one in events]


class Record:
    """The events of a contract, as anybody could have read them at any instant."""

    def __init__(self, events, versions):
        self.events = events
        self.versions = versions

    def known_at(self, known):
        """The events that stood then, by legal time."""
        there = [
            one
            for one in self.events
            if one["recorded_at"] <= known and (one["superseded_at"] is None or one["superseded_at"] > known)
        ]
        review = [one for one in there if one["transition"] in REVIEW]
        signed = [one for one in there if one["transition"] not in REVIEW]
        return review + sorted(signed, key=lambda one: (one["at"], one["no"]))

    def standing(self, at, known):
        """Status, configuration and outcome at an instant as known at another: those of the last transition."""
        moved = [one for one in self.known_at(known) if one["transition"] and one["at"] <= at]
        if not moved:
            return ("draft", ["draft.drafting"], None)
        return tuple(moved[-1][name] for name in LIVE)

    def effective_at(self, known):
        """When the contract took effect as known at an instant."""
        return next((one["at"] for one in self.known_at(known) if one["transition"] == EFFECT), None)

    def versions_known(self, known):
        """The versions that stood then."""
        return [
            one
            for one in self.versions
            if one["recorded_at"] <= known and (one["superseded_at"] is None or one["superseded_at"] > known)
        ]

    def version(self, at, known):
        """The version in force at an instant as known at another."""
        there = [one for one in self.versions_known(known) if one["valid_from"] and one["valid_from"] <= at]
        return next((one for one in there if one["valid_to"] is None or at < one["valid_to"]), None)

    def milestones(self, at, known):
        """When the contract was formed, took effect, ended and was closed, of what had happened by an instant."""
        there = [one for one in self.known_at(known) if one["at"] <= at]
        found = {name: [one["at"] for one in there if one["type"] in kinds] for name, kinds in MILESTONES.items()}
        return {name: max(instants, default=None) for name, instants in found.items()}

    def instants(self):
        """Whenever something became known."""
        return sorted({one["recorded_at"] for one in self.events})


async def record(walk):
    """What is on record of the contract."""
    return Record(await rows(walk, ROWS.events), await rows(walk, ROWS.versions))


async def from_events(walk, row):
    """Read the events in their order: they end where the row stands, and at every known_at terms had no gap."""
    found, now = await record(walk), walk.known.now
    walk.check(found.standing(now, now) == tuple(row[name] for name in LIVE), "the events end elsewhere than the row")
    walk.check(found.effective_at(now) == row["effective_at"], "the events tell another instant of effect")
    for known in found.instants():
        effective_at, versions = found.effective_at(known), found.versions_known(known)
        told = [(one["no"], str(one["valid_from"]), str(one["valid_to"])) for one in versions]
        walk.check(one_at_every_instant(effective_at, versions), f"known at {known}, effective {effective_at}: {told}")


async def as_it_was_read(walk, snapshots, dice, *, at_most=8):
    """What was read live at some instants is what is answered for them now, and so are the events."""
    found = await record(walk)
    known = sorted(snapshots)
    chosen = known if len(known) <= at_most else [dice.choice(known) for _ in range(at_most)]
    for instant in chosen:
        answer = await walk.get(walk.url, as_of=instant, known_at=instant)
        then = dict(snapshots[instant])
        if then["effective_at"] is None:
            then |= {"terms_version": None, "terms": None}
        differ = {name: (then[name], answer[name]) for name in then if then[name] != answer[name]}
        walk.check(not differ, f"read at {instant}, then and now: {differ}")
        earlier = dice.choice(known)
        answer = await walk.get(walk.url, as_of=earlier, known_at=instant)
        read = tuple(answer[name] for name in LIVE)
        wanted = found.standing(dt.datetime.fromisoformat(earlier), dt.datetime.fromisoformat(instant))
        walk.check(read == wanted, f"as of {earlier}, known at {instant}: {read}, the events say {wanted}")


SNAPPED = (*LIVE, "terms_version", "terms", "formed_at", "effective_at", "ended_at", "closed_at")


async def snapshot(walk, snapshots):
    """Keep what is read now."""
    read = await walk.get(walk.url)
    snapshots[walk.known.now.isoformat()] = {name: read[name] for name in SNAPPED}
