"""Which version of an attachment (附件) is part of the contract, since when and why (14.2; rules R-AT1 to R-AT3).

A file that is stored says nothing about what was agreed. A version binds because it was there when the contract took
effect, because an amendment names it, or because the parties to whom the attachment's update rule gives the word said
so. Of several the one that came to bind last does, of two at one instant the newer version.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import msgspec

from clm.law.basis import Basis, Step
from clm.lifecycle.world import Reason, Refused

UpdateRule = Literal["bilateral", "A_unilateral", "B_unilateral", "B_unilateral_with_A_approval"]
Word = Literal["adopt", "approve", "reject"]

_SOURCES = {
    "R-AT1": "section 14.2; Civil Code 465, 470",
    "R-AT2": "sections 14.2 and 14.3; Civil Code 543",
    "R-AT3": "the attachment's update rule; Civil Code 543",
}


class Stored(msgspec.Struct, frozen=True):
    """A version and when it came to be."""

    no: int
    at: dt.datetime


class Said(msgspec.Struct, frozen=True):
    """What a party said about a version: it takes it as its own word, approves that of the other, or rejects it."""

    no: int
    word: Word
    party: str
    at: dt.datetime


class Amended(msgspec.Struct, frozen=True):
    """An amendment that names a version, and when it came into force."""

    no: int
    at: dt.datetime


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The contract as far as its attachments hang on it."""

    roles: list[str]
    formed_at: dt.datetime | None
    effective_at: dt.datetime | None
    ended_at: dt.datetime | None


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """The version that binds, since when, by which rule, and how it came to."""

    version: int
    since: dt.datetime
    basis: Basis


def binding(
    standing: Standing,
    rule: UpdateRule,
    versions: Sequence[Stored],
    said: Sequence[Said],
    amended: Sequence[Amended],
    as_of: dt.datetime,
) -> Binding | None:
    """The version that bound at an instant; None before the contract takes effect, and where none ever came to bind.

    After the end of the contract it is the last one that bound: what is settled is settled by it.
    """
    start = standing.effective_at
    if start is None or as_of < start:
        return None
    found = [
        *_at_formation(standing, versions, start),
        *(_bound(one.no, one.at, "R-AT2", "an amendment names it", one.at) for one in amended),
        *_by_rule(standing, rule, said, start),
    ]
    until = as_of if standing.ended_at is None else min(as_of, standing.ended_at)
    counting = [one for one in found if one.since <= until]
    return max(counting, key=lambda one: (one.since, one.basis.rule, one.version), default=None)


def check(standing: Standing, rule: UpdateRule, version: Stored, said: Sequence[Said], new: Said) -> None:
    """Raise Refused where a party has no such word about a version, or said it before."""
    if standing.formed_at is None or new.at < standing.formed_at:
        text = "The contract had not formed. What is attached to it by then is part of what the parties sign."
        raise Refused(Reason("R-AT1", text, missing="the formation of the contract", who="both parties"))
    if standing.ended_at is not None and new.at >= standing.ended_at:
        raise Refused(Reason("R-AT3", f"The contract ended at {standing.ended_at.isoformat()}; nothing binds anew."))
    if new.at < version.at:
        raise Refused(Reason("R-AT3", f"Version {new.no} came to be at {version.at.isoformat()}, after that."))
    if new.party not in _speakers(standing, rule, new.word):
        who = " and ".join(_speakers(standing, rule, new.word)) or "nobody"
        text = f"Under the update rule {rule} it is for {who} to {new.word} a version, not for party {new.party}."
        raise Refused(Reason("R-AT3", text, who=who))
    if any((one.no, one.word, one.party) == (new.no, new.word, new.party) for one in _counting(said)):
        raise Refused(Reason("R-AT3", f"Party {new.party} has said so already."))
    if new.word == "approve" and not _adopted(said, new.no, "B"):
        text = f"Party B has not adopted version {new.no}; there is nothing to approve."
        raise Refused(Reason("R-AT3", text, missing="the adoption by party B", who="B"))


def _speakers(standing: Standing, rule: UpdateRule, word: Word) -> list[str]:
    match rule, word:
        case "B_unilateral_with_A_approval", "adopt":
            return ["B"]
        case "B_unilateral_with_A_approval", _:
            return ["A"]
        case "A_unilateral" | "B_unilateral", "adopt":
            return [rule[0]]
        case "bilateral", "adopt" | "reject":
            return standing.roles
        case _:
            return []


def _at_formation(standing: Standing, versions: Sequence[Stored], start: dt.datetime) -> Iterator[Binding]:
    formed = standing.formed_at or start
    there = [one for one in versions if one.at <= formed]
    if there:
        last = max(there, key=lambda one: one.no)
        text = "it was attached when the contract was formed, and takes effect with it"
        yield _bound(last.no, start, "R-AT1", text, formed)


def _by_rule(standing: Standing, rule: UpdateRule, said: Sequence[Said], start: dt.datetime) -> Iterator[Binding]:
    words = _counting(said)
    for no in sorted({one.no for one in words}):
        since = _agreed_at(standing, rule, [one for one in words if one.no == no])
        if since is not None:
            yield _bound(no, max(since, start), "R-AT3", f"adopted under the update rule {rule}", since)


def _agreed_at(standing: Standing, rule: UpdateRule, words: Sequence[Said]) -> dt.datetime | None:
    """When the last word was said that the rule asks for; None while one is missing."""
    adopted = {one.party: one.at for one in words if one.word == "adopt"}
    if rule == "bilateral":
        return max(adopted.values()) if set(standing.roles) <= adopted.keys() else None
    if rule == "B_unilateral_with_A_approval":
        approved = [one.at for one in words if one.word == "approve"]
        return max(approved) if approved and "B" in adopted else None
    return adopted.get(rule[0])


def _counting(said: Iterable[Said]) -> list[Said]:
    """A rejection takes back what its party said of the version before, and is taken back by what it says later."""
    kept: list[Said] = []
    for one in sorted(said, key=lambda each: each.at):
        kept = [other for other in kept if (other.no, other.party) != (one.no, one.party)]
        kept.append(one)
    return kept


def _adopted(said: Sequence[Said], no: int, party: str) -> bool:
    return any((one.no, one.party, one.word) == (no, party, "adopt") for one in _counting(said))


def _bound(no: int, since: dt.datetime, rule: str, text: str, at: dt.datetime) -> Binding:
    anchor: dict[str, Any] = {"at": at.isoformat()}
    steps = (Step(rule, f"version {no}: {text}", at=since),)
    return Binding(version=no, since=since, basis=Basis(rule, _SOURCES[rule], anchor, steps, "final"))
