"""The format itself: what it does not know is an error, and what comes out otherwise is told."""

import textwrap

import pytest

from tests.conftest import START, caller, new_tenancy
from tests.scenarios import comparing
from tests.scenarios.driving import Player
from tests.scenarios.reading import instant, plain, read

HEAD = """\
    title: A contract
    law: [Civil Code 490]
    transitions: []
    story: None.
    terms: {term: {end: 2026-12-31}}
    """


@pytest.fixture
def scenario(tmp_path):
    """A scenario of the steps in a text."""

    def make(steps, head=HEAD):
        path = tmp_path / "case.yaml"
        path.write_text(textwrap.dedent(head) + "steps:\n" + textwrap.dedent(steps), encoding="utf-8")
        return read(path)

    return make


@pytest.mark.parametrize(
    ("steps", "complaint"),
    [
        ("- {until: 2026-02-01, expect: {stat: draft}}", "step 1: Object contains unknown field `stat`"),
        ("- {until: 2026-02-01, expect: {events: [{T01: {say: x}}]}}", "unknown field `say`"),
        ("- {until: 2026-02-01}\n- {until: 2026-02-01, fact: submit}", "step 2: name one of"),
        ("- {on: 2026-02-01}", "step 1: name one of"),
        ("- {fact: submit, on: 2026-02-01, on: 2026-02-02}", "given twice: ['on']"),
    ],
)
def test_what_the_format_does_not_know_is_an_error(scenario, steps, complaint):
    with pytest.raises(Exception, match=r".") as error:
        scenario(steps)
    assert complaint in str(error.value)


def test_a_file_says_nothing_beyond_its_keys(scenario):
    with pytest.raises(ValueError, match="unknown field `titel`"):
        scenario("- {until: 2026-02-01}", HEAD + "titel: x\n")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-04-16 11:00", "2026-04-16T11:00:00+08:00"),
        ("2026-04-16", "2026-04-16"),
        ("1 month", {"length": 1, "unit": "month"}),
        ({"within": ["10 working days"]}, {"within": [{"length": 10, "unit": "working_day"}]}),
        ("15 daze", "15 daze"),
    ],
)
def test_dates_and_periods_are_written_plainly(written, meant):
    assert plain(written) == meant


def test_dates_words_and_decimals_stay_text(scenario):
    found = scenario("- {fact: submit, on: 2026-02-01, rate: 0.0005, yes: true, least: 2}").steps[0]
    assert (found.on, found.body) == ("2026-02-01", {"rate": "0.0005", "yes": True, "least": 2})
    assert instant("2026-02-01") == "2026-02-01T00:00:00+08:00"
    with pytest.raises(ValueError, match="is no date"):
        instant("1 February")


@pytest.mark.parametrize(
    ("expected", "complaint"),
    [
        ("status: draft", "status: expected draft, got effective"),
        ("outcome: mutual", "outcome: expected mutual, got None"),
        ("state: [in_force]", "state: expected ['in_force'], got ['in_force', 'performing'"),
        ("formed: 2026-01-09", "formed: expected 2026-01-09, got 2026-01-08T09:30:00+08:00"),
        ("version: 2", "version: expected 2, got 1"),
        ("terms: {term.end: 2026-12-30}", "terms term.end: expected 2026-12-30, got 2026-12-31"),
        ("events: []", "events: not expected: T06 contract.effective"),
        ("events: [T04: formed, T06: effect]", "events: before T04 came T01"),
        ("events: [T01: draft, T02: text, T04: formed, T06: effect, T07: no]", "events: no T07 among"),
        ("events: [T01: draft, T02: text, T04: lapsed, T06: effect]", "'lapsed' is not in T04"),
        ("events: [T01: {on: 2026-01-02}, T02: t, T04: f, T06: e]", "instant of T01"),
        ("events: [T01: d, T02: t, T04: {with: {assumed: false}}, T06: e]", "assumed of T04"),
        ("superseded: [T06: effect]", "superseded: no T06 among []"),
        ("timers: {}", "timers, term (due, provisional): expected [], got [('2027-01-01T00:00:00+08:00', False)]"),
        ("timers: {term: 2027-01-02}", "timers, term (due, provisional): expected [('2027-01-02"),
        ("timers: {term: {due: 2027-01-01, assumed: true}}", "assumed of timer term: expected True, got False"),
        ("stopped: [term]", "stopped: expected ['term'], got []"),
        ("items: {名单: {status: released}}", "status of item 名单: expected released, got None"),
        ("binding: [disputes]", "binding: expected ['disputes'], got None"),
        ("review: []", "review: expected [], got ['L12', 'L17', 'L18']"),
        ("allowed: [submit]", "submit should be allowed"),
        ("not allowed: {suspend: T20}", "suspend should not be allowed"),
        ("rights: {late_payment: lapsed}", "right on late_payment: expected lapsed, got exercisable"),
        ("pictures: [{as of: 2026-01-07, status: effective}]", "as of 2026-01-07, known at now: status"),
    ],
)
async def test_what_comes_out_otherwise_is_told(scenario, app, database, expected, complaint):
    told = scenario(f"- signed: 2026-01-08 09:30\n  expect: {{{expected}}}")
    async with caller(app, (await new_tenancy(database, START)).key) as client:
        player = Player(client, told)
        await player.begin()
        before = await comparing.records(player)
        await player.play(told.steps[0])
        found = await comparing.differences(player, told.steps[0].expect, before, await comparing.records(player))
    assert len(found) == 1 or "before" in complaint or "not expected" in complaint
    assert any(line.startswith(complaint) or complaint in line for line in found), found


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        ("{fact: approve}", "refused, which is not expected: 409"),
        ("{fact: submit, refused: {T01: x}}", "expected a 409, got 200"),
        ("{fact: approve, refused: {T02: signature}}", "no reason T02 with 'signature'"),
        ("{fact: approve, refused: {T03: draft}}", "no reason T03 with 'draft'"),
        ("{fact: approve, wrong: {/at: draft}}", "expected a 422, got 409"),
        ("{until: 2026-02-01, refused: {T03: draft}}", "expected a 409, got nothing was asked"),
    ],
)
async def test_an_answer_that_is_not_expected_is_told(scenario, app, database, step, complaint):
    told = scenario(f"- {step}")
    async with caller(app, (await new_tenancy(database, START)).key) as client:
        player = Player(client, told)
        await player.begin()
        [found] = comparing.answered(told.steps[0], await player.play(told.steps[0]))
    assert found.startswith(complaint)
