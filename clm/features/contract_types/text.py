"""Section texts with the terms in force put in (the syntax is in data/README.md)."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from clm.features.contract_types.models import ContractType, OwnText
from clm.features.contract_types.terms import resolve

PARTY_FIELDS = ("legal_name", "uscc", "contact")
EMPTY = "（未填写）"

PLACEHOLDER = re.compile(r"\{\{([^{}|]+)(?:\|([a-z]+))?\}\}")
PHRASE = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)

_UNITS = {"hour": "小时", "day": "日", "working_day": "个工作日", "week": "周", "month": "个月", "year": "年"}

Parties = Mapping[str, Mapping[str, str | None]]


class Placeholder(NamedTuple):
    """One placeholder of a text."""

    source: str
    filter: str | None


def placeholders(text: str) -> Iterator[Placeholder]:
    """Every placeholder, in order."""
    for match in PLACEHOLDER.finditer(text):
        yield Placeholder(match.group(1), match.group(2))


def render_section(
    contract_type: ContractType, number: str, terms: Mapping[str, Any], parties: Parties, *, text: str | None = None
) -> str | None:
    """The section's text (or `text`, where an amendment replaced it) with the terms put in; None where it has none.

    `terms` are complete (defaults filled in); `parties` maps a role to `legal_name`, `uscc` and `contact`. The words
    of a contract's own document hold no placeholders: whatever they look like, they stand as they were written.
    """
    section = contract_type.section(number)
    if text is None and isinstance(contract_type, OwnText):
        return None if section is None else section.text
    source = text if text is not None else section.text if section is not None else None
    return None if source is None else _Renderer(contract_type, terms, parties).text(source)


class _Renderer:
    def __init__(self, contract_type: ContractType, terms: Mapping[str, Any], parties: Parties) -> None:
        self._labels = contract_type.labels
        self._item_texts = contract_type.item_texts
        self._document = {"terms": terms}
        self._parties = parties

    def text(self, source: str) -> str:
        return _fill(source, self._from_document)

    def _from_document(self, one: Placeholder) -> str | None:
        if one.source.startswith("party."):
            _, role, field = [*one.source.split("."), "", ""][:3]
            return self._parties.get(role, {}).get(field) or None if field in PARTY_FIELDS else None
        return self._shown(resolve(self._document, one.source), one.filter, one.source)

    def _shown(self, value: object, name: str | None, place: str) -> str | None:
        if value is None or value in ("", [], {}):
            return None
        if name == "list":
            return self._list(value, place)
        if name == "label":
            return self._labels.get(value, value) if isinstance(value, str) else None
        shower = FILTERS.get(name or "")
        return None if shower is None else shower(value)

    def _list(self, value: object, place: str) -> str | None:
        if isinstance(value, dict):
            value = [{"key": key, "value": item} for key, item in value.items()]
        if not isinstance(value, list):
            return None
        pattern = self._item_texts.get(place, "{{.}}")
        shown = [_fill(pattern, lambda one, item=item: self._from_item(one, item, place)) for item in value]  # type: ignore[misc]
        return ("、" if all(isinstance(item, str) for item in value) else "；").join(shown)

    def _from_item(self, one: Placeholder, item: object, place: str) -> str | None:
        if one.source == ".":
            return self._shown(item, one.filter, place)
        return self._shown(resolve(item, "/" + one.source), one.filter, f"{place}/{one.source}")


def _fill(source: str, show: Callable[[Placeholder], str | None]) -> str:
    def filled(text: str) -> tuple[str, bool]:
        missing = False

        def put(match: re.Match[str]) -> str:
            nonlocal missing
            shown = show(Placeholder(match.group(1), match.group(2)))
            missing = missing or shown is None
            return EMPTY if shown is None else shown

        return PLACEHOLDER.sub(put, text), missing

    parts: list[str] = []
    for number, part in enumerate(PHRASE.split(source)):
        text, missing = filled(part)
        if number % 2 == 0 or not missing:
            parts.append(text)
    return "".join(parts)


def _plain(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _date(value: object) -> str | None:
    try:
        day = dt.date.fromisoformat(str(value))
    except ValueError:
        return None
    return f"{day.year}年{day.month}月{day.day}日"


def _percent(value: object) -> str | None:
    number = _decimal(value)
    return None if number is None else f"{(number * 100).normalize():f}%"


def _period(value: object) -> str | None:
    if not isinstance(value, dict) or value.get("unit") not in _UNITS:
        return None
    return f"{value.get('length')}{_UNITS[value['unit']]}"


def _money(value: object) -> str | None:
    if not isinstance(value, dict) or (amount := _decimal(value.get("amount"))) is None:
        return None
    currency = value.get("currency")
    return f"人民币{amount:,.2f}元" if currency == "CNY" else f"{currency} {amount:,.2f}"


def _yesno(value: object) -> str | None:
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else None


def _decimal(value: object) -> Decimal | None:
    try:
        return Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None


FILTERS: dict[str, Callable[[object], str | None]] = {
    "": _plain,
    "date": _date,
    "percent": _percent,
    "period": _period,
    "money": _money,
    "yesno": _yesno,
}
FILTER_NAMES = frozenset(FILTERS) | {"label", "list"}
