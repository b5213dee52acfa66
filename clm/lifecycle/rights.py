"""Rights to end a contract for which nobody need be at fault (T41, T42): convenience, no fixed term, mandate."""

import datetime as dt
from collections.abc import Callable

import msgspec

from clm.law.periods import Period, Unit
from clm.lifecycle import ending, grounds
from clm.lifecycle.clauses import AT_WILL, CONVENIENCE, INDEFINITE, RIGHTS, agreed_ground, rights_of
from clm.lifecycle.state import Incoming
from clm.lifecycle.world import Reason, Refused, World

REASONABLE_NOTICE = Period(30, Unit.DAY)
"""The policy default of 3.12 for a contract without a fixed term (563(2) asks for a reasonable time)."""
_MISSING = {
    CONVENIENCE: "terms that grant it in /terms/termination/convenience",
    INDEFINITE: "a contract without a fixed term",
    AT_WILL: "a contract of mandate (/terms/nature)",
}


def is_right(world: World, key: str | None) -> bool:
    """Whether a notice invokes a right that needs no ground; an agreed ground of the same name comes first."""
    return key in RIGHTS and agreed_ground(world, str(key)) is None


def exercise(world: World, notice: Incoming, at: dt.datetime) -> None:
    """The notice has arrived: the contract ends now (933) or with the notice period (562(2), 563(2))."""
    key = str(notice.ground)
    if key not in rights_of(world):
        message = f"There is no right to end this contract on {key} ({RIGHTS[key]})."
        raise Refused(Reason("T42" if key == AT_WILL else "T41", message, _MISSING[key], notice.sender))
    _EXERCISES[key](world, notice, at)


def notice_period(world: World, key: str) -> Period | None:
    """How long after its notice the contract ends on that ground or right; None where it ends on arrival."""
    terms = world.terms.get("termination", {})
    agreed = (agreed_ground(world, key) or {}).get("notice")
    if agreed is None and key == CONVENIENCE:
        agreed = (terms.get("convenience") or {}).get("notice")
    elif agreed is None and key == INDEFINITE:
        agreed = terms.get("indefinite_notice") or REASONABLE_NOTICE
    return msgspec.convert(agreed, Period) if agreed else None


def _for_convenience(world: World, notice: Incoming, at: dt.datetime) -> None:
    agreed = world.terms["termination"]["convenience"]
    if agreed["holder"] not in ("either", notice.sender):
        raise Refused(Reason("T41", f"That right belongs to party {agreed['holder']}, not {notice.sender}."))
    assumed = world.assumed("/terms/termination/convenience")
    _with_period(world, notice, "convenience_notice", at, assumed=assumed)


def _without_term(world: World, notice: Incoming, at: dt.datetime) -> None:
    given = world.terms.get("termination", {}).get("indefinite_notice")
    assumed = not given or world.assumed("/terms/termination/indefinite_notice")
    _with_period(world, notice, "indefinite_notice", at, assumed=assumed)


def _with_period(world: World, notice: Incoming, outcome: str, at: dt.datetime, *, assumed: bool) -> None:
    period = notice_period(world, str(notice.ground))
    if period is None:
        raise ValueError("a right to end the contract with notice, and no period")
    grounds.start_ending(world, notice, outcome, period, at, assumed=assumed)


def _at_will(world: World, notice: Incoming, at: dt.datetime) -> None:
    """T42: who ends a mandate owes the loss: of a paid one also the expected profit (933)."""
    paid = bool(world.terms.get("fees", {}).get("items") or world.terms.get("payment"))
    owed = ["direct_loss", "expected_profit"] if paid else ["direct_loss"]
    text = f"Party {notice.sender} has ended the mandate by notice; it may owe damages ({', '.join(owed)})."
    ending.end(
        world,
        "end_at_will",
        "at_will",
        at,
        text,
        cause=f"notice:{notice.id}",
        notice_id=str(notice.id),
        damages={"debtor": notice.sender, "covers": owed, "source": "Civil Code 933"},
    )


_EXERCISES: dict[str, Callable[[World, Incoming, dt.datetime], None]] = {
    CONVENIENCE: _for_convenience,
    INDEFINITE: _without_term,
    AT_WILL: _at_will,
}
