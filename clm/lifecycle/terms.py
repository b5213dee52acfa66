"""Terms as agreed, the defaults that fill them in, and patches over them."""

import copy
from typing import Any

import jsonpatch
import jsonpointer

from clm.lifecycle.state import Version


class BadChange(ValueError):
    """A change that cannot be applied; `pointer` says where in the list of changes."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.message = message


def merged(agreed: dict[str, Any], defaults: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The terms that apply, and JSON pointers to those that nobody agreed on but the defaults supply.

    Objects merge, everything else is taken whole: a list of rules is never mixed from two sources.
    """
    assumed: list[str] = []
    return _merge(agreed, defaults, "", assumed), assumed


def _merge(agreed: dict[str, Any], defaults: dict[str, Any], path: str, assumed: list[str]) -> dict[str, Any]:
    result = dict(agreed)
    for key, default in defaults.items():
        here = f"{path}/{key}"
        if key not in agreed:
            result[key] = default
            assumed.append(here)
        elif isinstance(default, dict) and isinstance(agreed[key], dict) and not _is_choice(key):
            result[key] = _merge(agreed[key], default, here, assumed)
    return result


def _is_choice(key: str) -> bool:
    return key in _CHOICES


_CHOICES = frozenset({"period", "due", "end", "forum", "after", "length", "notice", "business_hours"})
"""Objects that are one value: half of a period from the defaults would be nobody's period."""


def patched(version: Version, texts: dict[str, str], changes: list[dict[str, Any]]) -> Version:
    """The version that an amendment makes of `version`; `texts` are the type's section texts.

    `changes` is a JSON Patch (RFC 6902) over `/terms`, `/sections/<number>/text` and `/title`. Raises BadChange.
    """
    document = {
        "title": version.title,
        "terms": copy.deepcopy(version.terms),
        "sections": {number: {"text": version.sections.get(number, text)} for number, text in texts.items()},
    }
    for index, change in enumerate(changes):
        _check(index, change)
        try:
            document = jsonpatch.apply_patch(document, [change])
        except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError) as error:
            raise BadChange(f"/changes/{index}", _plain(error)) from None
    return _version(version, document, texts)


def _check(index: int, change: dict[str, Any]) -> None:
    for member in ("path", "from"):
        path = change.get(member)
        if member == "path" and not isinstance(path, str):
            raise BadChange(f"/changes/{index}/path", "a change needs a path")
        if path is not None and not _may_change(str(path)):
            raise BadChange(f"/changes/{index}/{member}", f"{path} cannot be amended: use /terms, /sections/<number>/text or /title")
    if change.get("op") not in ("add", "remove", "replace", "move", "copy", "test"):
        raise BadChange(f"/changes/{index}/op", "op must be add, remove, replace, move, copy or test")


def _may_change(path: str) -> bool:
    parts = path.split("/")
    is_text = len(parts) == 4 and parts[1] == "sections" and parts[3] == "text"
    return path == "/title" or path.startswith("/terms/") or is_text


def _version(version: Version, document: dict[str, Any], texts: dict[str, str]) -> Version:
    sections = {}
    for number, section in document["sections"].items():
        text = section.get("text")
        if not isinstance(text, str):
            raise BadChange("/changes", f"section {number} would be left without text")
        if text != texts[number]:
            sections[number] = text
    if not isinstance(document["title"], str) or not document["title"].strip():
        raise BadChange("/changes", "the title would be empty")
    return Version(no=version.no + 1, title=document["title"], terms=document["terms"], sections=sections)


def _plain(error: Exception) -> str:
    text = str(error).strip("'\"")
    return text or "the change does not fit the terms as they stand"
