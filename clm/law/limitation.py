"""Limitation of actions (诉讼时效; Civil Code 188-197; rules R-L1 to R-L7).

What limitation gives is a defence for the debtor. No court applies it of its own motion (193), and neither does
anything here: the result is a fact for somebody who may plead it.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from clm.law.basis import Basis, LawError, Status, Step
from clm.law.calendars import Calendar, check_day
from clm.law.periods import SHANGHAI, Deadline, InvalidPeriod, Period, Unit, deadline

InterruptionKind = Literal["demand", "acknowledgement", "part_payment", "suit", "arbitration", "equivalent"]

BASE = Period(3, Unit.YEAR)
LONG_STOP = Period(20, Unit.YEAR)
FINAL_MONTHS = Period(6, Unit.MONTH)

_ONE_DAY = dt.timedelta(days=1)
_A_MONTH = dt.timedelta(days=31)
"""No announced holiday comes near it: what is later than a nominal day by more is late, whatever is announced."""
_PROCEEDINGS: frozenset[InterruptionKind] = frozenset(("suit", "arbitration", "equivalent"))
_DEFENCE = Step("R-L6", "a defence for the debtor, which no court and no timer applies of its own motion (193)")


class InvalidLimitation(LawError):
    """Facts from which no limitation can be computed; `field` is a JSON pointer to the one at fault."""


class Interruption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What starts the period anew (195): a demand (履行请求), an acknowledgement (同意履行), a part payment, a suit
    (起诉), an arbitration (仲裁), or what has the same effect.

    `on` is the legal date on which it reached the debtor, or on which the proceedings were begun. After proceedings
    the period runs from their end, `ended_on`, where that is known.
    """

    kind: InterruptionKind
    on: dt.date
    ended_on: dt.date | None = None


class Suspension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An obstacle that kept the creditor from claiming (194), from its first day to the day on which it ended."""

    start: dt.date = msgspec.field(name="from")
    end: dt.date = msgspec.field(name="to")


class Limitation(msgspec.Struct, frozen=True, kw_only=True):
    """When the claim's limitation period is over.

    `last_day` is the last day to claim in time and `expires_at` the instant after it. While a holiday notice that can
    move it is missing, `status` is `provisional`, `last_day` None and `nominal_last_day` the earliest it can be.
    `runs_from` is the day after which the period that counts began to run. `expired` says how it stood at the end of
    the day asked about; None where none was, or where a missing notice leaves it open. `defence_lost`: the debtor
    agreed to pay after it was over (192). `assumed`: a policy or a default decided.

    `flags`: AGREED_PERIOD_VOID (197), DEFENCE_LOST (192), PAID_AFTER_EXPIRY (192: what was paid stays paid, the rest
    may be refused), LATE_INTERRUPTION, INTERRUPTION_UNSETTLED (a missing notice decides whether it came in time),
    PROCEEDINGS_OPEN (their end is not said, so the period is counted from their beginning), LONG_STOP (188),
    PRACTICE_SPLIT (lawyers argue whether such claims are barred one by one).
    """

    last_day: dt.date | None
    nominal_last_day: dt.date
    expires_at: dt.datetime
    status: Status
    runs_from: dt.date
    expired: bool | None
    defence_lost: bool
    assumed: bool
    flags: tuple[str, ...]
    basis: Basis


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A claim and what happened to it; all are legal dates.

    `due` is its due date; a claim without one runs from `known_on`, the day on which the creditor knew, or should have
    known, of the injury and of the debtor; the later of the two counts. `arose` is the day of the injury, from which
    the twenty years run. `agreed_period` is what the parties agreed instead, which is void.
    """

    due: dt.date | None = None
    known_on: dt.date | None = None
    arose: dt.date | None = None
    interruptions: Sequence[Interruption] = ()
    suspensions: Sequence[Suspension] = ()
    agreed_period: Period | None = None
    as_of: dt.date | None = None


def limitation(claim: Claim, *, calendar: Calendar, time_zone: ZoneInfo = SHANGHAI) -> Limitation:
    """The limitation of one claim (R-L1 to R-L6).

    Raises `InvalidLimitation` for dates outside 1990-2100, for a suspension that ends before it starts, for an
    interruption before the claim could be made, and for facts that contradict each other.
    """
    _check(claim)
    return _Run(claim, calendar, time_zone).result()


def of_instalments(
    claim: Claim, dues: Sequence[dt.date], *, calendar: Calendar, time_zone: ZoneInfo = SHANGHAI
) -> Limitation:
    """The limitation of one debt that is paid in instalments: all of it from the last due date (189, R-L7)."""
    ordered = _ordered(dues)
    _check(msgspec.structs.replace(claim, due=ordered[0]))
    found = _of_one_due(claim, ordered[-1], calendar, time_zone)
    step = Step("R-L7", "one debt in instalments: the whole of it runs from the last due date (189)", ordered[-1])
    return _with_step(found, step)


def of_periodic(
    claim: Claim, dues: Sequence[dt.date], *, calendar: Calendar, time_zone: ZoneInfo = SHANGHAI
) -> tuple[Limitation, ...]:
    """The limitation of debts that arise period by period, such as monthly fees: each from its own due date (R-L7).

    Lawyers argue whether 189 covers them, so every result is flagged PRACTICE_SPLIT and assumed.
    """
    ordered = _ordered(dues)
    _check(msgspec.structs.replace(claim, due=ordered[0]))
    return tuple(_of_one_period(claim, due, calendar, time_zone) for due in ordered)


def _of_one_period(claim: Claim, due: dt.date, calendar: Calendar, time_zone: ZoneInfo) -> Limitation:
    found = _of_one_due(claim, due, calendar, time_zone)
    step = Step("R-L7", "a periodic debt runs from its own due date (188; whether 189 covers it is argued)", due)
    return msgspec.structs.replace(_with_step(found, step), assumed=True, flags=(*found.flags, "PRACTICE_SPLIT"))


def _of_one_due(claim: Claim, due: dt.date, calendar: Calendar, time_zone: ZoneInfo) -> Limitation:
    try:
        return limitation(_due_on(claim, due), calendar=calendar, time_zone=time_zone)
    except InvalidLimitation as error:
        raise InvalidLimitation("/instalments" if error.field == "/due" else error.field, error.message) from error


def _due_on(claim: Claim, due: dt.date) -> Claim:
    """The claim with a due date; what happened before it ran interrupts nothing."""
    dated = msgspec.structs.replace(claim, due=due)
    counts = [one for one in claim.interruptions if one.on >= _start(dated)]
    return msgspec.structs.replace(dated, interruptions=counts)


def _with_step(found: Limitation, step: Step) -> Limitation:
    basis = msgspec.structs.replace(found.basis, steps=(step, *found.basis.steps))
    return msgspec.structs.replace(found, basis=basis)


def _ordered(dues: Sequence[dt.date]) -> list[dt.date]:
    if not dues:
        raise InvalidLimitation("/instalments", "names at least one due date")
    for number, due in enumerate(dues):
        check_day(f"/instalments/{number}", due, InvalidLimitation)
        if due in dues[:number]:
            raise InvalidLimitation(f"/instalments/{number}", f"{due} is there twice")
    return sorted(dues)


class _End(NamedTuple):
    """Where the period ends, as far as the loaded notices say."""

    nominal: dt.date
    last: dt.date | None
    expires_at: dt.datetime

    @property
    def latest_known(self) -> dt.date:
        return self.last or self.nominal


def _end_of(found: Deadline) -> _End:
    if found.nominal_last_day is None or found.expires_at is None:
        raise AssertionError("periods of months and years have a last day")
    return _End(found.nominal_last_day, found.last_day, found.expires_at)


class _Run:
    """One computation: the period, run through the claim's facts in their order."""

    def __init__(self, claim: Claim, calendar: Calendar, time_zone: ZoneInfo) -> None:
        self._claim, self._calendar, self._time_zone = claim, calendar, time_zone
        self._obstacles = _merged(claim.suspensions)
        self._steps: list[Step] = []
        self._flags: list[str] = []
        self._runs_from = _start(claim)
        self._decided: tuple[str, str] = ("R-L1", "Civil Code 188(1), 201-203")
        self._assumed = False

    def result(self) -> Limitation:
        claim = self._claim
        end = self._last_period()
        if claim.agreed_period is not None:
            self._say("R-L5", f"the agreed {claim.agreed_period} is void: the period is mandatory (197)")
            self._flags.append("AGREED_PERIOD_VOID")
        rule, source = self._decided
        status: Status = "final" if end.last else "provisional"
        steps = (*self._steps, Step("R-T6", "the end of that day", at=end.expires_at), _DEFENCE)
        anchors = {name: getattr(claim, name) for name in ("due", "known_on", "arose")}
        anchor = {name: day.isoformat() for name, day in anchors.items() if day is not None}
        return Limitation(
            last_day=end.last,
            nominal_last_day=end.nominal,
            expires_at=end.expires_at,
            status=status,
            runs_from=self._runs_from,
            expired=self._expired(end),
            defence_lost="DEFENCE_LOST" in self._flags,
            assumed=self._assumed,
            flags=tuple(dict.fromkeys(self._flags)),
            basis=Basis(rule, source, anchor, steps, status),
        )

    def _last_period(self) -> _End:
        """The end of the period that the last interruption in time began, or of the first one."""
        self._say("R-L1", "the period runs from the day after this", self._runs_from)
        end, steps = self._end(self._runs_from)
        for one in sorted(self._claim.interruptions, key=lambda one: one.on):
            if self._is_late(one, end):
                continue
            self._runs_from = self._restart(one)
            self._decided = ("R-L2", "Civil Code 195, 188(1), 201-203")
            end, steps = self._end(self._runs_from)
        self._steps += steps
        return end

    def _is_late(self, one: Interruption, end: _End) -> bool:
        """Whether it came after the period was over: it starts nothing anew, but may cost the debtor the defence."""
        if one.on <= end.latest_known:
            return False
        if "PROCEEDINGS_OPEN" in self._flags:
            self._flags.append("INTERRUPTION_UNSETTLED")
            text = f"whether the {_words(one.kind)} came in time depends on when the proceedings ended"
            self._say("R-L2", text, one.on)
            return True
        if end.last is None and one.on <= end.nominal + _A_MONTH:
            self._flags.append("INTERRUPTION_UNSETTLED")
            self._say("R-T10", f"whether the {one.kind} came in time depends on a missing holiday notice", one.on)
            return True
        self._flags.append("LATE_INTERRUPTION")
        self._say("R-L2", f"the period was over: the {_words(one.kind)} starts nothing anew", one.on)
        if one.kind == "acknowledgement":
            self._flags.append("DEFENCE_LOST")
            self._say("R-L6", "the debtor agreed to pay after it was over: the defence is lost (192(2))", one.on)
        elif one.kind == "part_payment":
            self._flags.append("PAID_AFTER_EXPIRY")
            self._say("R-L6", "what was paid after it was over stays paid; the rest may be refused (192(2))", one.on)
        return True

    def _restart(self, one: Interruption) -> dt.date:
        self._say("R-L2", f"the {_words(one.kind)} starts the period anew (195)", one.on)
        if one.ended_on is not None:
            self._say("R-L2", "it runs anew from the end of the proceedings (195)", one.ended_on)
            return max(self._runs_from, one.ended_on)
        if one.kind in _PROCEEDINGS:
            self._assumed = True
            self._flags.append("PROCEEDINGS_OPEN")
            self._say("R-L2", "their end is not said: counted from their beginning, the earliest (policy)", one.on)
        return max(self._runs_from, one.on)

    def _end(self, start: dt.date) -> tuple[_End, list[Step]]:
        found = self._deadline(self._field_of_start(start), start, BASE)
        end, steps = _end_of(found), list(found.basis.steps[:-1])
        for obstacle in self._obstacles:
            counts = self._in_the_last_six_months(obstacle, start, end)
            moved = self._deadline("/suspensions", obstacle.end, FINAL_MONTHS) if counts else found
            if _end_of(moved).nominal <= end.nominal:
                text = (
                    f"the obstacle {obstacle.start} to {obstacle.end} puts nothing off: it ended before, or began after"
                )
                steps.append(Step("R-L3", f"{text}, the last six months (194)"))
                continue
            end, self._decided = _end_of(moved), ("R-L3", "Civil Code 194, 201-203")
            text = "suspended in the last six months: it ends six months after the obstacle (194)"
            steps += [Step("R-L3", text, obstacle.end), *moved.basis.steps[:-1]]
        return self._within_the_long_stop(end, steps)

    def _in_the_last_six_months(self, obstacle: Suspension, start: dt.date, end: _End) -> bool:
        months = deadline(end.nominal, FINAL_MONTHS, calendar=self._calendar, direction="backward")
        opens_after = max(start, _end_of(months).nominal)
        return obstacle.start <= end.latest_known and obstacle.end > opens_after

    def _within_the_long_stop(self, end: _End, steps: list[Step]) -> tuple[_End, list[Step]]:
        if self._claim.arose is None:
            return end, steps
        found = self._deadline("/arose", self._claim.arose, LONG_STOP)
        stop = _end_of(found)
        if stop.latest_known >= end.nominal:
            return end, steps
        self._flags.append("LONG_STOP")
        self._decided = ("R-L4", "Civil Code 188(2)")
        text = "twenty years from the injury end it, whatever interrupted or suspended it (188(2))"
        return stop, [*steps, Step("R-L4", text, self._claim.arose), *found.basis.steps[:-1]]

    def _field_of_start(self, start: dt.date) -> str:
        names = {self._claim.known_on: "/known_on", self._claim.due: "/due"}
        return names.get(start, "/interruptions")

    def _deadline(self, field: str, start: dt.date, period: Period) -> Deadline:
        try:
            return deadline(start, period, calendar=self._calendar, roll="forward", time_zone=self._time_zone)
        except InvalidPeriod as error:
            raise InvalidLimitation(field, f"{period} from {start}: {error.message}") from error

    def _expired(self, end: _End) -> bool | None:
        """Whether it is over on the day asked about; open while it may be that proceedings still go on."""
        over = _expired(end, self._claim.as_of)
        return None if over and "PROCEEDINGS_OPEN" in self._flags else over

    def _say(self, rule: str, text: str, day: dt.date | None = None) -> None:
        self._steps.append(Step(rule, text, day))


def _start(claim: Claim) -> dt.date:
    known = [day for day in (claim.due, claim.known_on) if day is not None]
    if not known:
        raise InvalidLimitation("/due", "a claim has a due date, or a day from which its injury and debtor are known")
    return max(known)


def _expired(end: _End, as_of: dt.date | None) -> bool | None:
    if as_of is None or (end.last is None and end.nominal < as_of <= end.nominal + _A_MONTH):
        return None
    return as_of > end.latest_known


def _merged(suspensions: Sequence[Suspension]) -> list[Suspension]:
    """The obstacles in their order, those that overlap or follow each other at once made one."""
    merged: list[Suspension] = []
    for one in sorted(suspensions, key=lambda one: (one.start, one.end)):
        if merged and one.start <= merged[-1].end + _ONE_DAY:
            merged[-1] = Suspension(merged[-1].start, max(merged[-1].end, one.end))
        else:
            merged.append(one)
    return merged


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _check(claim: Claim) -> None:
    start = _start(claim)
    for pointer, day in _days(claim):
        check_day(pointer, day, InvalidLimitation)
    if claim.arose is not None:
        if claim.known_on is not None and claim.known_on < claim.arose:
            raise InvalidLimitation("/known_on", f"nobody knows on {claim.known_on} of what happened on {claim.arose}")
        if claim.arose > start + _ONE_DAY:
            raise InvalidLimitation("/arose", f"the claim cannot run from {start}, before it arose on {claim.arose}")
    for number, suspension in enumerate(claim.suspensions):
        if suspension.end < suspension.start:
            raise InvalidLimitation(f"/suspensions/{number}/to", "a suspension does not end before it starts")
    for number, one in enumerate(claim.interruptions):
        _check_interruption(f"/interruptions/{number}", one, start)


def _check_interruption(pointer: str, one: Interruption, start: dt.date) -> None:
    if one.on < start:
        raise InvalidLimitation(f"{pointer}/on", f"nothing runs before {start} that could be interrupted")
    if one.ended_on is None:
        return
    if one.kind not in _PROCEEDINGS:
        raise InvalidLimitation(f"{pointer}/ended_on", f"a {_words(one.kind)} has no proceedings that could end")
    if one.ended_on < one.on:
        raise InvalidLimitation(f"{pointer}/ended_on", "proceedings do not end before they begin")


def _days(claim: Claim) -> Iterator[tuple[str, dt.date]]:
    """Every date of the claim with its place."""
    for name in ("due", "known_on", "arose", "as_of"):
        if (day := getattr(claim, name)) is not None:
            yield f"/{name}", day
    for number, one in enumerate(claim.interruptions):
        yield f"/interruptions/{number}/on", one.on
        if one.ended_on is not None:
            yield f"/interruptions/{number}/ended_on", one.ended_on
    for number, obstacle in enumerate(claim.suspensions):
        yield f"/suspensions/{number}/from", obstacle.start
        yield f"/suspensions/{number}/to", obstacle.end
