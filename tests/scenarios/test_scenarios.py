"""Every scenario file is played over HTTP, and every transition of the chart is shown by one."""

import datetime as dt

import pytest

from clm.lifecycle.transitions import TRANSITIONS
from tests.conftest import caller, new_tenancy
from tests.scenarios import comparing
from tests.scenarios.driving import Broken, Player
from tests.scenarios.reading import FILES, instant, read

NUMBERS = {rule.id for rule in TRANSITIONS.values()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_scenario(path, app, database):
    scenario = read(path)
    tenancy = await new_tenancy(database, dt.datetime.fromisoformat(instant(scenario.begins)))
    async with caller(app, tenancy.key) as client:
        player = Player(client, scenario)
        await player.begin()
        before, happened = await comparing.records(player), set()
        for number, step in enumerate(scenario.steps, start=1):
            found, before = await played(player, step, before)
            happened |= {event["transition"] for event in before.events.values()}
            where = f"{path.name}, step {number} ({step.kind}: {step.what})"
            assert not found, "\n  ".join([where, *found])
    missing = {*scenario.transitions} - happened
    assert not missing, f"{path.name} does not show {sorted(missing)}"


async def played(player, step, before):
    """What came out otherwise than expected, and the records after the step."""
    try:
        answer = await player.play(step)
    except (Broken, ValueError) as error:
        return [str(error)], before
    found = [*comparing.answered(step, answer)]
    after = await comparing.records(player)
    if step.expect is not None:
        found += await comparing.differences(player, step.expect, before, after)
    return found, after


def test_every_transition_is_shown_by_a_scenario():
    shown = {number for path in FILES for number in read(path).transitions}
    assert shown <= NUMBERS
    assert NUMBERS - shown == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scenario_tells_states_timers_and_explanations(path):
    """And explains each transition that it says it shows, by words that stand in the event."""
    expected = [step.expect for step in read(path).steps if step.expect is not None]
    assert any(one.status for one in expected)
    assert any(one.timers is not None for one in expected)
    events = [event for one in expected for event in (one.events or []) + (one.superseded or [])]
    said = {key for event in events for key, told in event.items() if (told if isinstance(told, str) else told.says)}
    assert {*read(path).transitions} <= said
