"""An item as its row, its steps and the contract make it."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from clm.features.confidentiality.models import (
    ConfirmedReturn,
    Gap,
    Item,
    ItemStatus,
    PendingRelease,
    PermittedDisclosure,
    Released,
    ReturnConfirmation,
    Step,
    StepKind,
    Tolling,
)
from clm.law import confidentiality
from clm.law.basis import Basis, LawError
from clm.law.basis import Step as LawStep
from clm.law.confidentiality import Term
from clm.law.confidentiality_exceptions import (
    RECORDS_KEPT,
    ReturnAsked,
    outlives_release,
    residual_source,
    told_before,
    uncertified,
    unproven,
)
from clm.law.periods import Deadline, deadline, end_day
from clm.lifecycle import state
from clm.lifecycle.deadlines import confidentiality_term
from clm.lifecycle.timers import asks_return, outstanding, return_deadline
from clm.lifecycle.world import World

_PERIOD = "/terms/termination/procedure/data_return"
_VOID = Basis("I7", "the disclosure was recorded by mistake", {}, (), "final")


class Entry(msgspec.Struct, kw_only=True):
    """A step as it is stored: what was said, by which key, and the fact that it became."""

    no: int
    kind: StepKind
    at: dt.datetime
    data: dict[str, Any]
    actor: UUID | None
    recorded_at: dt.datetime
    fact_id: UUID | None
    superseded_at: dt.datetime | None
    superseded_for: str | None

    @property
    def counts(self) -> bool:
        """Whether it did not turn out to be a mistake."""
        return self.superseded_at is None


class Contract(msgspec.Struct):
    """What the duties of a contract are computed from, and when they are asked for."""

    world: World
    row: Mapping[str, Any]
    asks_for_review: bool

    @property
    def agreed(self) -> dict[str, Any]:
        """The clause on confidentiality."""
        found: dict[str, Any] = self.world.terms.get("confidentiality", {})
        return found

    @property
    def notices(self) -> dict[str, dict[str, Any]]:
        """The notices of compelled disclosure, by id: from whom, to whom, and when they arrived."""
        return self.row["notices"] or {}


class Found(msgspec.Struct):
    """An item with what it was made of; `stands` is None where its disclosure was a mistake."""

    item: Item
    entries: list[Entry]
    stands: state.Item | None


def found_of(row: Mapping[str, Any], contract: Contract) -> Found:
    """An item from its row and the contract's state; a change of either gives it another version."""
    zone = contract.world.zone
    entries = [_local(one, zone) for one in msgspec.convert(row["log"] or [], list[Entry])]
    stands = next((item for item in contract.world.state.items if item.id == row["id"]), None)
    term = _void() if stands is None else _term(contract.world, stands)
    item = _item(row, contract, entries, stands, term)
    return Found(item, entries, stands)


def _local(entry: Entry, zone: dt.tzinfo) -> Entry:
    entry.at, entry.recorded_at = entry.at.astimezone(zone), entry.recorded_at.astimezone(zone)
    if entry.superseded_at is not None:
        entry.superseded_at = entry.superseded_at.astimezone(zone)
    return entry


def _void() -> Term:
    return Term(None, None, open=False, residual_on_expiry=None, assumed=False, flags=(), basis=_VOID)


def _term(world: World, stands: state.Item) -> Term:
    """The duty as things stand; one that ends beyond the law's horizon has no end that can be told."""
    try:
        return confidentiality_term(world, stands)
    except LawError as error:
        basis = Basis("R-C3", "the contract's confidentiality clause", {}, (LawStep("R-C3", str(error)),), "final")
        flags = ("BEYOND_CALENDAR",)
        return Term(None, None, open=True, residual_on_expiry=None, assumed=False, flags=flags, basis=basis)


def _item(
    row: Mapping[str, Any], contract: Contract, entries: Sequence[Entry], stands: state.Item | None, term: Term
) -> Item:
    world, zone = contract.world, contract.world.zone
    counting = [one for one in entries if one.counts]
    released = _released(counting, stands) if stands is not None and stands.released_at is not None else None
    return _ended(
        Item(
            id=row["id"],
            contract_id=row["contract_id"],
            name=row["name"],
            item_class=row["class"],
            owner=row["owner"],
            recipients=row["recipients"],
            disclosed_at=row["disclosed_at"].astimezone(zone),
            marked=row["marked"],
            carrier=row["carrier"],
            attachments=row["attachments"] or [],
            status=_status(stands, term, contract),
            ends_on=term.ends_on,
            ends_at=term.ends_at,
            residual=None,
            residual_source=None,
            released_at=stands.released_at.astimezone(zone) if stands and stands.released_at else None,
            release_reason=released.reason if released is not None else None,
            release=released,
            pending_release=pending_release(counting),
            permitted_disclosures=[_permitted(one, contract) for one in _of("permit", counting)],
            returns=[_returned(one, row["class"]) for one in _of("return", counting)],
            return_confirmation=_confirmation(world, stands) if stands is not None else None,
            tollings=list(_tollings(counting, contract)),
            gap=_gap(stands, zone),
            steps=[_step(one) for one in entries],
            assumed=term.assumed,
            flags=[*term.flags, *_flags(row, contract, stands)],
            basis=term.basis,
            recorded_at=row["recorded_at"].astimezone(zone),
            version=contract.row["row_version"] + row["row_version"],
        ),
        stands,
        term,
        zone,
    )


def _status(stands: state.Item | None, term: Term, contract: Contract) -> ItemStatus:
    if stands is None:
        return "voided"
    if stands.released_at is not None:
        return "released"
    if stands.expired_at is not None:
        return "expired"
    return confidentiality.status_at(term, contract.row["now"])


def _ended(made: Item, stands: state.Item | None, term: Term, zone: dt.tzinfo) -> Item:
    """A duty that is over ended when it did, whatever the clause says since."""
    if made.status == "released":
        made.ends_on = made.ends_at = None
        if outlives_release(made.item_class):
            made.residual = "personal_info"
            made.residual_source = residual_source(made.residual)
    elif made.status == "expired" and stands is not None:
        residual = stands.residual or term.residual_on_expiry
        made.residual = msgspec.convert(residual, confidentiality.Residual | None)
        made.residual_source = residual_source(residual) if residual else None
        if stands.expired_at is not None:
            made.ends_at = stands.expired_at.astimezone(zone)
            made.ends_on = end_day(stands.expired_at, zone)  # type: ignore[arg-type]  # a contract's zone is a ZoneInfo
        if made.ends_at is not None and made.ends_at <= made.disclosed_at:
            made.flags.append("DISCLOSED_AFTER_TERM")
    return made


def _flags(row: Mapping[str, Any], contract: Contract, stands: state.Item | None) -> Iterator[str]:
    if contract.agreed.get("marking_required", False) and not row["marked"]:
        yield "UNMARKED"
    if contract.agreed.get("toll"):
        yield "TOLLING"
    if stands is not None and stands.gap_since is not None:
        yield "GAP"


def _of(kind: str, entries: Sequence[Entry]) -> list[Entry]:
    return sorted((one for one in entries if one.kind == kind), key=lambda one: (one.at, one.no))


def pending_release(counting: Sequence[Entry]) -> PendingRelease | None:
    """The release that still waits for another key."""
    settled = {one.data.get("request") for one in counting if one.kind in ("release", "reject")}
    waiting = [one for one in counting if one.kind == "request" and one.no not in settled]
    if not waiting:
        return None
    one = waiting[-1]
    return PendingRelease(
        no=one.no,
        reason=one.data["reason"],
        at=one.at,
        evidence=one.data.get("evidence", []),
        note=one.data.get("note"),
        published_by=one.data.get("published_by"),
        requested_by=one.actor,
        requested_at=one.recorded_at,
    )


def _released(counting: Sequence[Entry], stands: state.Item) -> Released | None:
    """The release that counts: another, of a later instant, may have lost its effect to it."""
    steps = _of("release", counting)
    if not steps:
        return None
    one = next((step for step in steps if step.at == stands.released_at), steps[-1])
    data = one.data
    evidence = data.get("evidence", [])
    return Released(
        no=one.no,
        reason=data["reason"],
        at=one.at,
        evidence=evidence,
        note=data.get("note"),
        published_by=data.get("published_by"),
        recorded_by=one.actor,
        requested_by=data.get("requested_by"),
        lacks=list(unproven(evidence=len(evidence), reviewed=data.get("request") is not None)),
    )


def _permitted(entry: Entry, contract: Contract) -> PermittedDisclosure:
    made = msgspec.convert({**entry.data, "no": entry.no, "at": entry.at.isoformat()}, PermittedDisclosure)
    zone, notice = contract.world.zone, contract.notices.get(str(made.notice_id), {})
    if made.owner_notified_at is None and notice.get("arrived_at"):
        made.owner_notified_at = dt.datetime.fromisoformat(notice["arrived_at"])
    if made.owner_notified_at is not None:
        made.owner_notified_at = made.owner_notified_at.astimezone(zone)
    made.at = entry.at
    made.lacks = told_before(made.at, made.owner_notified_at, forbidden=made.notice_forbidden is not None)
    return made


def _returned(entry: Entry, item_class: str) -> ConfirmedReturn:
    made = msgspec.convert({**entry.data, "no": entry.no, "at": entry.at.isoformat()}, ConfirmedReturn)
    made.at, made.lacks = entry.at, list(uncertified(item_class, evidence=len(made.evidence)))
    return made


def _tollings(counting: Sequence[Entry], contract: Contract) -> Iterator[Tolling]:
    on = (contract.agreed.get("toll") or {}).get("on", ())
    ends = {one.data["toll_id"]: one.at for one in counting if one.kind == "end-toll"}
    for one in _of("toll", counting):
        ended = one.data.get("ended_at")
        local = dt.datetime.fromisoformat(ended).astimezone(contract.world.zone) if ended else None
        yield Tolling(
            no=one.no,
            cause=one.data["cause"],
            began_at=one.at,
            ended_at=local or ends.get(one.data["toll_id"]),
            party=one.data.get("party"),
            adds=one.data["cause"] in on,
        )


def _step(one: Entry) -> Step:
    return Step(
        no=one.no,
        kind=one.kind,
        at=one.at,
        by=one.actor,
        recorded_at=one.recorded_at,
        superseded_at=one.superseded_at,
        superseded_for=one.superseded_for,
    )


def _gap(stands: state.Item | None, zone: dt.tzinfo) -> Gap | None:
    if stands is None or stands.gap_since is None or stands.gap_until is None:
        return None
    return Gap(since=stands.gap_since.astimezone(zone), until=stands.gap_until.astimezone(zone))


def _confirmation(world: World, stands: state.Item) -> ReturnConfirmation | None:
    asked = asks_return(world, stands)
    if asked is None or not stands.recipients:
        return None
    limit, left = _limit(world, stands), outstanding(world, stands)
    without = [role for role in left if role in stands.returned]
    return ReturnConfirmation(
        cause=asked.cause,
        since=asked.since,
        due_on=limit.last_day if limit is not None else None,
        due_at=limit.expires_at if limit is not None else None,
        status="done" if not left else "overdue" if stands.return_missed else "due",
        missing=[role for role in left if role not in without],
        uncertified=without,
        records_until=_records_until(world, stands, limit) if asked.rule == "R-C7" else None,
        assumed=limit is not None and (asked.cause == "not_formed" or world.assumed(_PERIOD)),
        basis=limit.basis if limit is not None else _no_period(asked),
    )


def _no_period(asked: ReturnAsked) -> Basis:
    step = LawStep(asked.rule, "no period is agreed for it, or it ends beyond the calendar", asked.since)
    source = "Civil Code 501" if asked.cause == "not_formed" else "the contract's confidentiality clause"
    return Basis(asked.rule, source, {"since": str(asked.since)}, (step,), "final")


def _limit(world: World, stands: state.Item) -> Deadline | None:
    asked = asks_return(world, stands)
    try:
        return return_deadline(world, asked) if asked is not None else None
    except LawError:
        return None  # beyond the law's horizon there is no date to tell


def _records_until(world: World, stands: state.Item, limit: Deadline | None) -> dt.date | None:
    """Records of processing are kept for three years from when it ended: the last return, or the day it is due by."""
    days = [at.astimezone(world.zone).date() for at in stands.returned.values()]
    done = max(days) if days and not outstanding(world, stands) else None
    ended = done or (limit.nominal_last_day if limit is not None else None)
    if ended is None:
        return None
    return deadline(ended, RECORDS_KEPT, calendar=world.env.calendar, roll="none", time_zone=world.zone).last_day
