"""Texts as they are searched: folded to one form of each character, and cut into pairs and triples of neighbours.

Any term of two characters or more is found wherever it stands, in Chinese and in English alike: every triple of
neighbouring characters of the term, or its one pair, must be among the text's (an index answers that), and then the
term itself must be in the text (which is looked at).
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise
from uuid import UUID
from zlib import crc32

import msgspec

TERM_AT_MOST = 100
TERMS_AT_MOST = 10
_TERM = re.compile(r'"([^"]*)"|(\S+)')
_MULTIPLIER = 65_599
_POSITIVE = 0x7FFF_FFFF
_ACCENTS_AT_MOST = 8
_HALF_WIDTH_MARKS = "\uff9e\uff9f"


class Folded(msgspec.Struct, frozen=True):
    """A folded text, and for each of its characters where in the original that begins and ends which it comes from."""

    text: str
    places: list[int]
    ends: list[int]


class Snippet(msgspec.Struct, frozen=True):
    """A part of a text around what was found; `highlights` are places in `text`, from and up to, not including.

    `html` is the same with everything escaped and each highlight in `<mark>`.
    """

    text: str
    highlights: list[tuple[int, int]]
    html: str


def folded(text: str) -> Folded:
    """One form for what looks or means the same: full and half width, upper and lower case, runs of white space.

    Between Chinese characters white space counts for nothing, since lines of a document break anywhere.
    """
    characters: list[str] = []
    places: list[int] = []
    ends: list[int] = []
    for start, stop in _clusters(text):
        cluster = text[start:stop]
        if cluster.isspace():
            if not characters or (_is_wide(text[start - 1]) and _is_wide(text[stop : stop + 1])):
                continue
            one_form = " "
        else:
            one_form = cluster if cluster.isascii() else unicodedata.normalize("NFKC", cluster)
        for one in one_form.casefold():
            characters.append(one)
            places.append(start)
            ends.append(stop)
    return Folded("".join(characters), places, ends)


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Where a run of white space, or a character with the accents that follow it, begins and ends."""
    start = 0
    for place in range(1, len(text) + 1):
        if place < len(text) and _goes_with(text[place], text[start], place - start):
            continue
        yield start, place
        start = place


def _goes_with(character: str, first: str, length: int) -> bool:
    if character.isspace() or first.isspace():
        return character.isspace() and first.isspace()
    if character.isascii() or length > _ACCENTS_AT_MOST:
        return False
    return unicodedata.combining(character) > 0 or character in _HALF_WIDTH_MARKS


def _is_wide(character: str) -> bool:
    """Whether this is a Chinese character, kana, or a mark of punctuation as wide as these."""
    if "\uff00" <= character <= "\uff65":
        return not character.isalnum()
    return "\u2e80" <= character <= "\ua4cf" or "\uf900" <= character <= "\ufe4f" or character >= "\U00020000"


def terms_of(query: str) -> list[str]:
    """The folded terms of a query: words, and phrases in quotation marks; all must occur. Raises ValueError."""
    found = [folded(quoted or word).text.strip() for quoted, word in _TERM.findall(query)]
    terms = list(dict.fromkeys(one for one in found if one))
    if not terms:
        raise ValueError("Say what to look for.")
    if len(terms) > TERMS_AT_MOST:
        raise ValueError(f"Look for {TERMS_AT_MOST} terms at most.")
    for one in terms:
        if len(one) < 2:
            raise ValueError(f"“{one}” is too short: a term has two characters at least.")
        if len(one) > TERM_AT_MOST:
            raise ValueError(f"A term has {TERM_AT_MOST} characters at most.")
    return terms


def grams_of(text: str) -> list[int]:
    """The distinct pairs and triples of neighbouring characters of a folded text, each as a number."""
    return sorted({*_pairs(text), *_triples(text)})


def _pairs(text: str) -> Iterator[int]:
    return ((ord(one) * _MULTIPLIER + ord(other)) & _POSITIVE for one, other in pairwise(text))


def _triples(text: str) -> Iterator[int]:
    triples = zip(text, text[1:], text[2:], strict=False)
    return (((ord(a) * _MULTIPLIER + ord(b)) * _MULTIPLIER + ord(c)) & _POSITIVE for a, b, c in triples)


def mark_of(whole: UUID, part: str = "") -> int:
    """A number, no pair's, that every text of a tenant or a contract carries, or every one of a kind in it.

    So the index answers for that tenant, contract or kind alone, but for a rare text of another with the same number.
    """
    return -1 - ((whole.int + crc32(part.encode())) & _POSITIVE)


def wanted_of(marks: Iterable[int], terms: list[str]) -> list[int]:
    """What a text must carry to hold all of the terms: marks, and triples where there are any, for few share one."""
    grams = {gram for term in terms for gram in (_triples(term) if len(term) > 2 else _pairs(term))}
    return [*marks, *sorted(grams)]


def snippet(text: str, terms: list[str], around: int = 60) -> Snippet:
    """The part of a text around the first place where a term stands, with every term in it marked."""
    whole = folded(text)
    spans = _spans(whole, terms)
    first = min((start for start, _ in spans), default=0)
    begin, end = max(0, first - around), min(len(text), first + TERM_AT_MOST + around)
    inside = [(start - begin, stop - begin) for start, stop in spans if begin <= start and stop <= end]
    part = text[begin:end]
    return Snippet(part, inside, _marked(part, inside))


def _spans(whole: Folded, terms: list[str]) -> list[tuple[int, int]]:
    """Where terms stand in the original, merged where they overlap."""
    found: list[tuple[int, int]] = []
    for term in terms:
        at = whole.text.find(term)
        while at >= 0:
            found.append((whole.places[at], whole.ends[at + len(term) - 1]))
            at = whole.text.find(term, at + len(term))
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged


def _marked(text: str, spans: list[tuple[int, int]]) -> str:
    pieces, last = [], 0
    for start, stop in spans:
        pieces += [html.escape(text[last:start]), "<mark>", html.escape(text[start:stop]), "</mark>"]
        last = stop
    return "".join([*pieces, html.escape(text[last:])])
