"""Which version of an attachment (附件) is part of the contract, since when and why (14.2; rules R-AT1 to R-AT3).

A file that is stored says nothing about what was agreed. A version binds because it was there when the contract took
effect, because an amendment names it, or because the parties to whom the attachment's update rule gives the word said
so. Of several the one that came to bind last does, of two at one instant the newer version.

A word can be taken back until the others are there that it waits for. What all of them have said then is agreed, and
lasts until another version comes to bind: nobody undoes it alone, nor for the time before.
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
    """A version, when it came to be, and when that was entered where it is known."""

    no: int
    at: dt.datetime
    recorded_at: dt.datetime | None = None


class Said(msgspec.Struct, frozen=True):
    """What a party said about a version: it takes it as its own word, approves that of the other, or rejects it."""

    no: int
    word: Word
    party: str
    at: dt.datetime


class Awaited(msgspec.Struct, frozen=True):
    """A word that is missing for a version to bind: whose, and which."""

    version: int
    party: str
    word: Word


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


def awaited(standing: Standing, rule: UpdateRule, said: Sequence[Said]) -> list[Awaited]:
    """What is missing for the versions to bind of which something was said and nothing is agreed."""
    _, open_words = _replayed(standing, rule, said)
    return [
        Awaited(no, party, word)
        for no, words in sorted(open_words.items())
        if any(one.word != "reject" for one in words.values())
        for party, word in _needed(standing, rule)
        if words.get(party) is None or words[party].word != word
    ]


def check(
    standing: Standing, rule: UpdateRule, version: Stored, said: Sequence[Said], new: Said, bound: Binding | None
) -> None:
    """Raise Refused where a party has no such word about a version, or it would change nothing or what is agreed.

    `bound` is what binds when the word is said.
    """
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
    _check_room(standing, rule, said, new, bound)


def _check_room(standing: Standing, rule: UpdateRule, said: Sequence[Said], new: Said, bound: Binding | None) -> None:
    agreed, open_words = _replayed(standing, rule, said)
    words = open_words.get(new.no, {})
    if new.party in words and words[new.party].word == new.word:
        raise Refused(Reason("R-AT3", f"Party {new.party} has said so already."))
    if new.word != "reject" and bound is not None and bound.version == new.no:
        raise Refused(Reason(bound.basis.rule, f"Version {new.no} has bound since {bound.since.isoformat()}."))
    if new.word == "approve" and ("B" not in words or words["B"].word != "adopt"):
        text = f"Party B has not adopted version {new.no}; there is nothing to approve."
        raise Refused(Reason("R-AT3", text, missing="the adoption by party B", who="B"))
    after, _ = _replayed(standing, rule, [*said, new])
    undone = [one for one in agreed if one not in after]
    if new.word == "reject" and not words:
        undone += [one for one in agreed if one[0] == new.no]
    if undone:
        no, since = undone[-1]
        text = f"Version {no} came to bind at {since.isoformat()}. Only another version or an amendment changes that."
        raise Refused(Reason("R-AT3", text, missing="another version that comes to bind", who="both parties"))


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
        if last.recorded_at is not None and last.recorded_at > formed:
            text += f" (so it was said when it was entered at {last.recorded_at.isoformat()})"
        yield _bound(last.no, start, "R-AT1", text, formed)


def _by_rule(standing: Standing, rule: UpdateRule, said: Sequence[Said], start: dt.datetime) -> Iterator[Binding]:
    agreed, _ = _replayed(standing, rule, said)
    for no, since in agreed:
        yield _bound(no, max(since, start), "R-AT3", f"adopted under the update rule {rule}", since)


def _replayed(
    standing: Standing, rule: UpdateRule, said: Iterable[Said]
) -> tuple[list[tuple[int, dt.datetime]], dict[int, dict[str, Said]]]:
    """The versions that came to bind and when, each as often as it did; and the words that wait for others.

    The last word of a party about a version counts, until all are there that the rule asks for.
    """
    agreed: list[tuple[int, dt.datetime]] = []
    waiting: dict[int, dict[str, Said]] = {}
    for one in sorted(said, key=lambda each: each.at):
        words = waiting.setdefault(one.no, {})
        words[one.party] = one
        if all(party in words and words[party].word == word for party, word in _needed(standing, rule)):
            agreed.append((one.no, one.at))
            del waiting[one.no]
    return agreed, waiting


def _needed(standing: Standing, rule: UpdateRule) -> list[tuple[str, Word]]:
    """Whose word a version needs to bind, and which."""
    if rule == "bilateral":
        return [(role, "adopt") for role in standing.roles]
    if rule == "B_unilateral_with_A_approval":
        return [("B", "adopt"), ("A", "approve")]
    return [(rule[0], "adopt")]


def _bound(no: int, since: dt.datetime, rule: str, text: str, at: dt.datetime) -> Binding:
    anchor: dict[str, Any] = {"at": at.isoformat()}
    steps = (Step(rule, f"version {no}: {text}", at=since),)
    return Binding(version=no, since=since, basis=Basis(rule, _SOURCES[rule], anchor, steps, "final"))
