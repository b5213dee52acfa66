"""Terms as agreed, the defaults that fill them in, and patches over them."""

import copy
import re
from collections.abc import Iterable, Sequence
from typing import Any

import jsonpatch
import jsonpointer

from clm.lifecycle.state import Version

TITLE_AT_MOST = 300
_PAST = "the contract is in force; what its effect waited for is past, and changing it would change nothing"
FIXED = {
    "/parties": "the parties cannot be amended: another party comes in by assignment or transfer (545-556), "
    "with a contract of its own",
    "/terms/currency": "the currency cannot be amended: what was owed in it stays owed in it; conclude a new contract",
    "/terms/parties/size_class": "the size of a party is that of the day of conclusion, which no amendment changes "
    "(SME Payment Regulation 3)",
    "/terms/effectiveness/conditions": _PAST,
    "/terms/effectiveness/not_before": _PAST,
    "/terms/effectiveness/acceptance_period": _PAST,
    "/terms/effectiveness/deposit_first": _PAST,
}
"""What no amendment changes, and why."""


class BadChange(ValueError):
    """A fact that says what cannot be agreed, in whatever state; `pointer` says where in what was posted."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.message = message


def merged(
    agreed: dict[str, Any], defaults: dict[str, Any], alternatives: Sequence[Sequence[str]] = ()
) -> tuple[dict[str, Any], list[str]]:
    """The terms that apply, and JSON pointers (`/terms/...`) to what nobody agreed on but the defaults supply.

    An object is completed member by member, a list counts as a whole, null stays. Of pointers that are alternatives to
    each other, the defaults of the others stay out where one is given. The result shares what it takes from either: it
    is to be read, not changed.
    """
    assumed: list[str] = []
    return _completed(agreed, defaults, "/terms", _shut_out(agreed, alternatives), assumed), assumed


def _completed(
    given: dict[str, Any], defaults: dict[str, Any], pointer: str, shut: frozenset[str], assumed: list[str]
) -> dict[str, Any]:
    result = dict(given)
    for name, default in defaults.items():
        here = f"{pointer}/{name}"
        if name not in given:
            if here not in shut:
                result[name] = default
                assumed.append(here)
        elif isinstance(given[name], dict) and isinstance(default, dict):
            result[name] = _completed(given[name], default, here, shut, assumed)
    return result


def _shut_out(agreed: dict[str, Any], alternatives: Sequence[Sequence[str]]) -> frozenset[str]:
    shut: set[str] = set()
    for group in alternatives:
        given = {pointer for pointer in group if _is_given(agreed, pointer)}
        if given:
            shut.update(set(group) - given)
    return frozenset(shut)


def _is_given(agreed: dict[str, Any], pointer: str) -> bool:
    found: Any = {"terms": agreed}
    for name in pointer.split("/")[1:]:
        if not isinstance(found, dict) or name not in found:
            return False
        found = found[name]
    return True


def patched(
    version: Version, texts: dict[str, str], applying: dict[str, Any], changes: list[dict[str, Any]]
) -> Version:
    """The version that an amendment makes of `version`; `texts` are the type's section texts.

    `changes` is a JSON Patch (RFC 6902) over `/terms`, `/sections/<number>/text`, `/title` and `/attachments/<id>`,
    whose value is the number of the version that is to bind. A change may name a term that only the defaults supply:
    `applying` are the terms with these filled in, and what the change touches becomes agreed. Raises BadChange.
    """
    document = {
        "title": version.title,
        "terms": copy.deepcopy(version.terms),
        "sections": {number: {"text": version.sections.get(number, text)} for number, text in texts.items()},
        "attachments": dict(version.attachments),
    }
    for index, change in enumerate(changes):
        _check(index, change)
        _agree(document, applying, change["path"])
        fixed = _fixed(document)
        try:
            document = jsonpatch.apply_patch(document, [change])
        except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError) as error:
            raise BadChange(f"/changes/{index}", _plain(error)) from None
        touched = next((pointer for pointer, value in _fixed(document).items() if value != fixed[pointer]), None)
        if touched is not None:
            raise BadChange(f"/changes/{index}/path", f"{touched}: {FIXED[touched]}")
    return _version(version, document, texts)


def _agree(document: dict[str, Any], applying: dict[str, Any], path: str) -> None:
    agreed: Any = document
    filled: Any = {"terms": applying}
    for name in path.split("/")[1:]:
        if not isinstance(agreed, dict) or not isinstance(filled, dict) or name not in filled:
            return
        if name not in agreed:
            agreed[name] = copy.deepcopy(filled[name])
            return
        agreed, filled = agreed[name], filled[name]


def _fixed(document: dict[str, Any]) -> dict[str, Any]:
    """What must be the same after a change, also where the change replaces what surrounds it."""
    return {pointer: copy.deepcopy(jsonpointer.resolve_pointer(document, pointer, None)) for pointer in FIXED}


def _check(index: int, change: dict[str, Any]) -> None:
    for member in ("path", "from"):
        path = change.get(member)
        if member == "path" and not isinstance(path, str):
            raise BadChange(f"/changes/{index}/path", "a change needs a path")
        fixed = _within(FIXED, str(path)) if member == "path" and change.get("op") != "test" else None
        if fixed is not None:
            raise BadChange(f"/changes/{index}/path", FIXED[fixed])
        if path is not None and not _may_change(str(path)):
            text = f"{path} cannot be amended: use /terms, /sections/<number>/text, /attachments/<id> or /title"
            raise BadChange(f"/changes/{index}/{member}", text)
    if change.get("op") not in ("add", "remove", "replace", "move", "copy", "test"):
        raise BadChange(f"/changes/{index}/op", "op must be add, remove, replace, move, copy or test")


def _within(pointers: Iterable[str], path: str) -> str | None:
    return next((pointer for pointer in pointers if path == pointer or path.startswith(pointer + "/")), None)


def _may_change(path: str) -> bool:
    parts = path.split("/")
    is_text = len(parts) == 4 and parts[1] == "sections" and parts[3] == "text"
    is_attachment = len(parts) == 3 and parts[1] == "attachments"
    return path == "/title" or path.startswith("/terms/") or is_text or is_attachment


def _version(version: Version, document: dict[str, Any], texts: dict[str, str]) -> Version:
    sections = {}
    for number, section in document["sections"].items():
        text = section.get("text")
        if not isinstance(text, str):
            raise BadChange("/changes", f"section {number} would be left without text")
        if text != texts[number]:
            sections[number] = text
    title = document.get("title")
    if not isinstance(title, str) or not title.strip():
        raise BadChange("/changes", "the title would be empty")
    if len(title) > TITLE_AT_MOST:
        raise BadChange("/changes", f"the title would be longer than {TITLE_AT_MOST} characters")
    return Version(
        no=version.no + 1,
        title=title,
        terms=document["terms"],
        sections=sections,
        attachments=_attachments(document["attachments"]),
    )


def _attachments(named: dict[str, Any]) -> dict[str, int]:
    for attachment_id, no in named.items():
        if isinstance(no, bool) or not isinstance(no, int) or no < 1:
            raise BadChange("/changes", f"attachment {attachment_id} would have no version: give its number, from 1")
    return named


def _plain(error: Exception) -> str:
    text = re.sub(r" \(<class '\w+'>\)", "", str(error).strip("'\"").partition(" in {")[0])
    return text or "the change does not fit the terms as they stand"
