import datetime as dt
import importlib
import re
from pathlib import Path
from uuid import UUID

import pytest

from clm.law.calendars import china
from clm.law.periods import Period, Unit
from clm.lifecycle import document, wording
from clm.lifecycle.actions import REGISTER
from clm.lifecycle.chart import TABLE
from clm.lifecycle.firing import HANDLERS
from clm.lifecycle.state import (
    AgreedEnd,
    Amendment,
    Demand,
    Ending,
    ForceMajeure,
    Ground,
    Incoming,
    Item,
    Pause,
    State,
    Version,
)
from clm.lifecycle.timers import derive
from clm.lifecycle.transitions import TRANSITIONS
from clm.lifecycle.world import Env, World

ROOT = Path(__file__).parents[2]
NOW = dt.datetime.fromisoformat("2026-03-01T10:00:00+08:00")
LATER = dt.datetime.fromisoformat("2026-04-01T00:00:00+08:00")
DAYS = {"length": 10, "unit": "day"}
ID = UUID(int=1)


@pytest.mark.parametrize("name", ["lifecycle.md", "lifecycle.svg"])
def test_the_committed_page_is_the_generated_one(name):
    assert (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8") == document.files()[name]


def test_nothing_else_is_generated():
    assert set(document.files()) == {"lifecycle.md", "lifecycle.svg"}


def rows(heading):
    section = document.markdown().split(f"## {heading}\n")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("| ")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[2:]]


def test_every_state_transition_action_timer_and_invariant_has_its_row():
    assert [row[0] for row in rows("States")] == [f"`{state}`" for state in TABLE.states]
    assert [row[1] for row in rows("Transitions")] == [f"`{event}`" for event in TRANSITIONS]
    assert {row[0] for row in rows("Actions")} == {f"`{name}`" for name in REGISTER if "." not in name}
    assert {row[0] for row in rows("Facts from elsewhere")} == {f"`{name}`" for name in REGISTER if "." in name}
    assert {row[0] for row in rows("Timers")} == {f"`{kind}`" for kind in HANDLERS}
    assert [row[0] for row in rows("Invariants")] == ["I1", "I2", "I3", "I4", "I5", "I6", "I7"]


def test_words_are_for_what_there_is():
    assert set(wording.STATES) == set(TABLE.states)
    assert set(wording.TIMERS) == set(HANDLERS)


def test_fields_are_told_with_type_and_need():
    bodies = {row[0]: row[1] for row in rows("Actions")}
    assert bodies["`approve`"] == "nothing more"
    assert bodies["`submit`"] == "`waive` list of {`rule` text, `pointer` text, `reason` text}, optional"
    assert bodies["`satisfy-condition`"] == "`condition` text"
    assert bodies["`terminate-by-agreement`"] == "`effective` {`on` date}, optional; `consents_to` id, optional"
    assert bodies["`suspend`"].startswith("`reason` `agreed` / `defence` / `force_majeure` / `unstable`; ")


def test_states_are_told_by_the_shorter_list():
    allowed = {row[0]: row[2] for heading in ("Actions", "Facts from elsewhere") for row in rows(heading)}
    assert allowed["`notice.judged`"] == "any state"
    assert allowed["`record-decision`"] == "any state but `draft.drafting`, `draft.under_review`"
    assert allowed["`return`"] == "`draft.under_review`, `draft.out_for_signature`"


@pytest.mark.parametrize(
    ("state", "statuses"),
    [
        ("draft.formed_pending", ["draft"]),
        ("suspended", ["effective", "amendment"]),
        ("amendment.none", ["effective"]),
        ("amendment.agreed_pending", ["amendment"]),
        ("termination.none", ["effective", "amendment"]),
        ("terminated.closed", ["terminated"]),
        ("never_in_force.lapsed", ["terminated"]),
        ("never_in_force.void", ["terminated"]),
    ],
)
def test_statuses_of_a_state(state, statuses):
    assert document.statuses(state) == statuses


def test_what_holds_an_invariant_exists():
    migrations = "".join(path.read_text() for path in sorted((ROOT / "clm" / "migrations").glob("*.sql")))
    for invariant in wording.INVARIANTS:
        names = re.findall("`([^`]+)`", invariant.held)
        assert names
        for name in names:
            module, *path = name.split(".")
            if not path:
                assert re.search(rf"\b{module}\b", migrations), name
                continue
            found = importlib.import_module(f"clm.lifecycle.{module}")
            for part in path:
                found = getattr(found, part)


def test_time_ends_a_contract_only_where_the_page_says_so():
    ends = {
        rule.id
        for event, rule in TRANSITIONS.items()
        if "timer" in rule.who
        and any(t.startswith(("terminated.w", "never")) for _, e, t in TABLE.edges() if e == event)
    }
    promise = next(invariant.promise for invariant in wording.INVARIANTS if invariant.id == "I3")
    assert ends == set(re.findall(r"T\d+", promise)) - {"T35"}


def test_only_the_arrival_of_a_notice_rescinds():
    sources = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "clm" / "lifecycle").glob("*.py")}
    assert [name for name, text in sources.items() if re.search(r"\bgrounds\.rescind\(", text)] == ["arriving.py"]


def demand(*, automatic=False):
    period = Period(10, Unit.DAY)
    return Demand(
        notice_id=ID,
        arrived_at=NOW,
        arrived_on=NOW.date(),
        period=period,
        automatic=automatic,
        roll="forward",
        assumed=[],
    )


def ground(key, *, automatic):
    running = demand(automatic=automatic)
    return Ground(key=key, holder="A", known_at=NOW, status="termination.demand_running", demand=running)


def contract(terms, **state):
    world = State(roles=["A", "B"], time_zone="Asia/Shanghai", versions=[Version(no=1, title="", terms=terms)], **state)
    return World(world, Env(china(), {}, {}))


def being_made():
    yield contract({"effectiveness": {"acceptance_period": DAYS}}, phase="draft.out_for_signature", approved_at=NOW)
    yield contract({"term": {"end": "2026-06-30"}}, phase="draft.formed_pending", formed_at=NOW)


def in_force():
    renewal = {"automatic": True, "period": {"length": 1, "unit": "year"}, "objection": {"period": DAYS}}
    secret = {"class": "ordinary", "start": "disclosure", "end": {"date": "2027-01-01"}}
    yield contract(
        {"term": {"end": "2026-06-30", "renewal": renewal}, "confidentiality": {"rules": [secret]}},
        phase="in_force",
        effective_at=NOW,
        amendments=[
            Amendment(
                id=ID,
                changes=[],
                effective_on=LATER.date(),
                proposed_at=NOW,
                status="agreed_pending",
                agreed_at=NOW,
                applies_at=LATER,
            )
        ],
        agreed_end=AgreedEnd(agreed_at=NOW, ends_at=LATER, on=dt.date(2026, 3, 31)),
        incoming=[
            Incoming(
                id=ID,
                type="demand",
                sender="A",
                ground=None,
                cure=None,
                arrives_at=LATER,
                legal_date=None,
                certainty=None,
                basis={"rule": "R", "source": "S", "anchor": {}, "steps": [], "status": "final"},
            )
        ],
        items=[Item(id=ID, name="list", item_class="ordinary", disclosed_at=NOW)],
    )


def amendment(**fields):
    return Amendment(id=ID, changes=[], effective_on=None, proposed_at=NOW, **fields)


def in_trouble():
    yield contract({}, phase="in_force", effective_at=NOW, amendments=[amendment(answer_within=Period(10, Unit.DAY))])
    open_right = Ground(key="c", holder="A", known_at=NOW, status="termination.right_exercisable", asked=demand())
    yield contract(
        {"force_majeure": {"notify": DAYS, "proof": DAYS, "rescind_after": DAYS}},
        phase="in_force",
        performance="suspended",
        effective_at=NOW,
        grounds=[ground("a", automatic=True), ground("b", automatic=False), open_right],
        suspension="unstable",
        pauses=[Pause(reason="unstable", party="A", began_at=NOW)],
        force_majeure=ForceMajeure(party="B", began_at=NOW),
        ending=Ending(
            notice_id=ID,
            ground="convenience",
            sender="A",
            outcome="convenience_notice",
            arrived_at=NOW,
            arrived_on=NOW.date(),
            period=Period(10, Unit.DAY),
        ),
    )


def over():
    duties = {"termination": {"procedure": {"settlement": DAYS, "data_return": DAYS, "handover": DAYS}}}
    agreed = amendment(status="agreed_pending", agreed_at=NOW, applies_at=LATER, surviving=True)
    personal, expired = (
        Item(id=ID, name="list", item_class=item_class, disclosed_at=NOW, recipients=["B"])
        for item_class in ("personal_info", "ordinary")
    )
    expired.expired_at = NOW
    yield contract(
        duties,
        phase="terminated.winding_down",
        effective_at=NOW,
        ended_at=LATER,
        amendments=[agreed],
        items=[personal, expired],
    )
    yield contract(duties, phase="never_in_force.void", formed_at=NOW, undone_at=LATER)


def test_timers_carry_the_rules_that_the_page_names():
    """Between them the contracts arm a timer of every kind."""
    rules = {}
    for world in (*being_made(), *in_force(), *in_trouble(), *over()):
        for timer in derive(world):
            rules.setdefault(timer.kind, set()).add(timer.rule)
    assert rules == {kind: set(words.rules) for kind, words in wording.TIMERS.items()}
