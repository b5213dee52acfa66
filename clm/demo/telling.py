"""How the story is told: one line for what was posted, and below it what moved, by which rule, and what is armed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from clm.settings import Settings

BODY_LENGTH = 90
MARGIN = "     "
RECORD = "record"  # the rule of what is noted and decides nothing, and so moves no state


class Teller:
    """Prints what is new in a contract since it was last looked at."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._chapters = 0
        self._told: dict[str, bool] = {}
        self._armed: dict[str, dict[str, Any]] = {}
        self._states: list[str] = []

    def chapter(self, title: str, now: str) -> None:
        """A heading with the test clock's time."""
        self._chapters += 1
        self._console.print()
        self._line((f"{self._chapters:>2}. {title}", "bold"), (f"   [{moment(now)}]", "dim"))

    def request(self, method: str, path: str, status: int, note: str = "", body: object = None) -> None:
        """What was sent and the status that came back."""
        sent = msgspec.json.encode(body).decode() if body is not None else ""
        if len(sent) > BODY_LENGTH:
            sent = sent[: BODY_LENGTH - 1] + "…"
        style = "green" if status < 400 else "yellow"
        self._line(("  ", ""), (f"{method} {path}", "cyan"), (f" {status}", style), (f"  {note}" if note else "", ""))
        if sent not in ("", "{}"):
            self._line((f"{MARGIN}{sent}", "dim"))

    def say(self, text: str, style: str = "") -> None:
        """A sentence of the story."""
        self._line((f"{MARGIN}{text}", style))

    def moved(self, timeline: dict[str, Any], *, fired: Sequence[str] = ()) -> None:
        """What is new in the timeline: events, events that no longer count, timers but for those that `fired`."""
        for event in timeline["past"]:
            gone = event["superseded_at"] is not None
            if event["id"] not in self._told and not gone:
                self._event(event)
            elif self._told.get(event["id"]) is False and gone:
                self.say(f"superseded: {event['type']} of {moment(event['at'])}", "magenta")
            self._told[event["id"]] = gone
        self._timers({timer["id"]: timer for timer in timeline["future"]}, fired)

    def _event(self, event: dict[str, Any]) -> None:
        rule = " ".join(part for part in (event["transition"], event["rule"]) if part)
        self._line(
            (f"{MARGIN}{event['type']}", "bold blue"),
            (f" at {moment(event['at'])}", ""),
            (f"  [{rule}]", "dim"),
        )
        self.say(f"  {event['explanation']}")
        if event["rule"] != RECORD and event["configuration"] != self._states:
            self._states = event["configuration"]
            self._line((f"{MARGIN}  now {event['status']}: ", ""), (", ".join(self._states), "green"))

    def _timers(self, future: dict[str, dict[str, Any]], fired: Sequence[str]) -> None:
        for key, timer in future.items():
            if key not in self._armed:
                last = f", legal date {timer['legal_date']}" if timer["legal_date"] else ""
                source = timer["basis"].get("source") or timer["rule"]
                self.say(f"timer armed: {timer['kind']} due {moment(timer['due_at'])}{last}  [{source}]", "yellow")
        for key, timer in self._armed.items():
            if key not in future and key not in fired:
                self.say(f"timer cancelled: {timer['kind']} of {moment(timer['due_at'])}", "dim")
        self._armed = future

    def refused(self, problem: dict[str, Any]) -> None:
        """A refusal: every reason, and what is allowed instead."""
        for reason in problem.get("reasons") or []:
            self.say(f"refused by {reason['rule']}: {reason['message']}", "yellow")
        allowed = ", ".join(problem.get("allowed_actions") or []) or "nothing"
        self.say(f"allowed instead: {allowed}", "yellow")

    def table(self, timeline: dict[str, Any]) -> None:
        """The whole life as a table; events that a later-known fact undid are marked."""
        table = Table(title="Timeline", title_justify="left", show_edge=False, pad_edge=False)
        for column in ("At", "What", "Rule", "State after"):
            table.add_column(column, overflow="fold")
        for event in timeline["past"]:
            style = "dim" if event["superseded_at"] else None
            what = event["type"] + (" (superseded)" if event["superseded_at"] else "")
            rule = " ".join(part for part in (event["transition"], event["rule"]) if part)
            states = "" if event["rule"] == RECORD else _brief(event["configuration"])
            table.add_row(moment(event["at"]), what, rule, states, style=style)
        for timer in timeline["future"]:
            table.add_row(moment(timer["due_at"]), f"{timer['kind']} (to come)", timer["rule"], "")
        self._console.print()
        self._console.print(table)

    def close(self, seconds: float, svg: Path, settings: Settings) -> None:
        """The last lines: how long it took, where the picture is, what to do next."""
        self._console.print()
        self._line((f"Told in {seconds:.0f} s. ", ""), ("State chart: ", ""), (str(svg), "cyan"))
        self._line((f"Next: `make serve`, then http://{settings.host}:{settings.port}/docs and docs/tutorial.md", ""))

    def _line(self, *parts: tuple[str, str]) -> None:
        self._console.print(Text.assemble(*parts), soft_wrap=True)


def _brief(configuration: list[str]) -> str:
    """The states without those that say that nothing is the matter."""
    return ", ".join(state for state in configuration if state != "in_force" and not state.endswith(".none"))


def moment(instant: str) -> str:
    """An instant as people write it, to the minute unless seconds matter."""
    day, _, time = instant.partition("T")
    return f"{day} {time[:5]}" if time[5:8] in ("", ":00") else f"{day} {time[:8]}"
