"""Whole answers of the law, basis and all, as they were read and found right: tests/data/answers.json.

`python -m tests.law.answers` writes them anew from the questions in the file; read the difference before you keep it.
"""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import msgspec

from clm.law import arrival, confidentiality
from clm.law.arrival import ArrivalRule, BusinessHours, Delivery
from clm.law.calendars import china

FILE = Path(__file__).parents[1] / "data/answers.json"


def cases() -> list[dict[str, Any]]:
    """Every case: `id`, `of` (which calculation), `given`, `answer`."""
    found: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def answer(case: dict[str, Any]) -> Any:
    """What the law says now."""
    given = case["given"]
    found = _arrival(**given) if case["of"] == "arrival" else _confidentiality(**given)
    return json.loads(msgspec.json.encode(found))


def _arrival(rules: Any, deliveries: Any, business_hours: Any = None, **choices: Any) -> arrival.Arrival:
    agreed = arrival.rule_sets()[rules].rules if isinstance(rules, str) else msgspec.convert(rules, list[ArrivalRule])
    happened = [
        Delivery(channel, event, dt.datetime.fromisoformat(f"{at}:00+08:00")) for channel, event, at in deliveries
    ]
    hours = msgspec.convert(business_hours, BusinessHours) if business_hours else None
    called_off = choices.pop("called_off", None)
    found = arrival.judge(agreed, happened, calendar=china(), business_hours=hours, **choices)
    return arrival.called_off(found, dt.datetime.fromisoformat(called_off)) if called_off else found


def _confidentiality(rules: Any, anchors: dict[str, str], item_class: str, **choices: Any) -> confidentiality.Term:
    days = {name: dt.date.fromisoformat(day) for name, day in anchors.items()}
    agreed = confidentiality.validate(rules)
    return confidentiality.term_of(agreed, item_class=item_class, anchors=days, calendar=china(), **choices)


def main() -> None:
    """Write the answers as they are now."""
    text = ",\n".join(
        json.dumps(case | {"answer": answer(case)}, ensure_ascii=False, separators=(", ", ": ")) for case in cases()
    )
    FILE.write_text(f"[\n{text}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
