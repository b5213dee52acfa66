"""The picture of a contract that a court has judged: what counted and what counts no longer."""

import re

import pytest

from tests.features.notices.driving import in_force

COURT = {"authority": "上海市浦东新区人民法院", "case_no": "（2026）沪0115民初1号"}


@pytest.fixture
async def rescinded(clocked):
    """Rescinded by a notice that arrived on 9 March 2026 at nine; it is 1 September then."""
    contract = await in_force(clocked)
    notice = await contract.rescission(**{"from": "B", "to": "A", "ground": "late_payment", "channel": "email"})
    await contract.until("2026-03-09T10:00")
    await contract.event(notice, "entered", "2026-03-09T09:00")
    await contract.until("2026-09-01T09:00")
    return contract


async def drawn(contract):
    """The events whose arrows are drawn as taken, as undone; the active states."""
    picture = await contract.client.get(f"{contract.url}/diagram")
    assert picture.status_code == 200
    arrows = re.findall(r'class="arrow (taken|undone)"[^>]*data-event="(\w+)"', picture.text)
    active = re.findall(r'class="state active[^"]*" data-state="([\w.]+)"', picture.text)
    taken, undone = ([event for kind, event in arrows if kind == one] for one in ("taken", "undone"))
    return set(taken), set(undone), active


MADE = {"submit", "approve", "form", "take_effect", "assert_ground", "open_right"}


async def test_an_end_that_stands_is_drawn_as_taken(rescinded):
    assert await drawn(rescinded) == ({*MADE, "rescind"}, set(), ["terminated.winding_down"])


async def test_an_end_that_a_court_took_back_is_drawn_as_undone(rescinded):
    await rescinded.act("record-decision", ruling="termination_groundless", **COURT)
    states = ["performing", "amendment.none", "termination.none"]
    assert await drawn(rescinded) == ({*MADE, "lose_right", "restore"}, {"rescind"}, states)


async def test_what_ends_the_contract_after_all_is_drawn_beside_it(rescinded):
    await rescinded.until("2027-02-01")
    await rescinded.act("record-decision", ruling="termination_groundless", **COURT)
    taken, undone, active = await drawn(rescinded)
    assert (taken, undone) == ({*MADE, "lose_right", "restore", "expire"}, {"rescind"})
    assert active == ["terminated.winding_down"]


async def test_a_void_contract_never_was_in_force(rescinded):
    await rescinded.act("record-decision", ruling="void", **COURT)
    assert await drawn(rescinded) == ({"submit", "approve", "form", "annul"}, set(), ["never_in_force.void"])
