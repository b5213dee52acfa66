"""What holds of a contract's rows at every moment, whatever was told and in whatever order."""

from importlib import resources
from uuid import UUID

import msgspec

from clm.kit.sql import Statements
from clm.lifecycle.state import State

ROWS = Statements("walks.sql", (resources.files("tests.features.contracts") / "walks.sql").read_text(encoding="utf-8"))
NEVER = frozenset({"withdrawn", "lapsed", "ineffective", "void", "revoked"})
OPEN = ("proposed", "agreed_pending")


async def stands(walk):
    """The row, with counts of what hangs on it: equal before and after exactly where nothing was stored."""
    row = await walk.database.reads(walk.tenant).one(ROWS.stands, UUID(walk.id))
    return {name: value for name, value in dict(row).items() if name != "now"}


async def rows(walk, statement):
    """The rows of the contract by one of the statements."""
    return [dict(row) for row in await walk.database.reads(walk.tenant).all(statement, UUID(walk.id))]


async def hold(walk):
    """Check every invariant on the rows as they are; returns the contract's."""
    row = await stands(walk)
    _states(walk, row)
    _versions(walk, row, [one for one in await rows(walk, ROWS.versions) if one["superseded_at"] is None])
    _amendments(walk, row, await rows(walk, ROWS.amendments))
    _timers(walk, row, [one for one in await rows(walk, ROWS.timers) if one["status"] == "armed"])
    walk.check(row["fact_no"] == row["facts"] and row["event_no"] == row["events"], f"numbers have gaps: {row}")
    return row


def _states(walk, row):
    active, status, outcome = row["configuration"], row["status"], row["outcome"]
    told = f"{status} {active} {outcome}"
    if active[0] == "in_force":
        walk.check(status == ("effective" if active[2] == "amendment.none" else "amendment"), told)
        walk.check(outcome is None and row["ended_at"] is None and row["closed_at"] is None, told)
        walk.check(row["formed_at"] is not None and row["formed_at"] <= row["effective_at"], told)
    elif active[0].startswith("draft."):
        walk.check((status, outcome, row["effective_at"], row["ended_at"]) == ("draft", None, None, None), told)
        walk.check((row["formed_at"] is not None) == (active == ["draft.formed_pending"]), told)
    elif active[0].startswith("terminated."):
        walk.check(status == "terminated" and outcome is not None and outcome not in NEVER, told)
        walk.check(row["effective_at"] <= row["ended_at"], told)
        walk.check((row["closed_at"] is not None) == (active == ["terminated.closed"]), told)
    else:
        walk.check((status, active) == ("terminated", [f"never_in_force.{outcome}"]), told)
        walk.check((row["effective_at"], row["ended_at"]) == (None, None), told)


def _versions(walk, row, versions):
    """I1: exactly one version at every instant since the contract took effect, none before."""
    told = "\n".join(f"{one['no']} {one['valid_from']} {one['valid_to']}" for one in versions)
    walk.check(one_at_every_instant(row["effective_at"], versions), f"effective {row['effective_at']}, but\n{told}")
    last = versions[-1]
    walk.check((last["no"], last["title"], last["terms"]) == (row["terms_version"], row["title"], row["terms"]), told)


def one_at_every_instant(effective_at, versions):
    """Whether versions follow each other without gap or overlap from the instant of effect on."""
    ordered = sorted(versions, key=lambda one: one["no"])
    if effective_at is None:
        return [(one["valid_from"], one["valid_to"]) for one in ordered] == [(None, None)]
    ends = [effective_at, *(one["valid_to"] for one in ordered)]
    starts = [*(one["valid_from"] for one in ordered), None]
    return ends == starts


def _amendments(walk, row, amendments):
    state = msgspec.convert(row["state"], State)
    told = f"{[(str(one['id']), one['status']) for one in amendments]} {state.amending}"
    open_ones = [one for one in amendments if one["status"] in OPEN]
    walk.check(len(open_ones) <= 1, told)
    if state.in_force:
        name = f"amendment.{open_ones[0]['status']}" if open_ones else "amendment.none"
        walk.check(row["configuration"][2] == name, told)
    known = {amendment.id: amendment.status for amendment in state.amendments}
    stored = {one["id"]: one["status"] for one in amendments}
    walk.check(all(stored.get(one) == status for one, status in known.items()), told)
    walk.check(all(status == "void" for one, status in stored.items() if one not in known), told)
    made = sorted(one.made_version for one in state.amendments if one.status == "applied")
    walk.check(made == [version.no for version in state.versions if version.amendment_id is not None], told)


def _timers(walk, row, timers):
    """What time brings about lies ahead, or waits for a calendar."""
    told = [(one["key"], str(one["due_at"]), one["certain"]) for one in timers]
    walk.check(all(one["due_at"] > walk.known.now or not one["certain"] for one in timers), f"overdue: {told}")
    walk.check(len({one["key"] for one in timers}) == len(timers), str(told))
    due = min((one["due_at"] for one in timers if one["certain"]), default=None)
    walk.check(row["next_due_at"] == due, f"next is {row['next_due_at']}: {told}")
