"""What the benchmark measures is only as good as its requests and its floor's arguments."""

import itertools
from uuid import UUID

import msgspec
import pytest

from clm.features.calculations.models import DeadlineRequest
from clm.kit import paging
from clm.kit.ids import uuid7
from clm.law.periods import Unit
from clm.lifecycle.state import State
from tests.benchmarks.cases import CASES, Case, Job, contract_id, requests
from tests.benchmarks.floor import Template
from tests.benchmarks.load import Load
from tests.benchmarks.moving import Move
from tests.benchmarks.recording import Recorder
from tests.benchmarks.report import Measured


def job(case, **changes):
    given = {
        "case": case,
        "port": 8000,
        "key": "k",
        "seed": 1,
        "seconds": 1,
        "warm_up": 0,
        "connections": 1,
        "contracts": 1000,
        "part": 0,
        "parts": 4,
        "draft": msgspec.Raw(b'{"number":"NUMBER","external_refs":[{"system":"sap","id":"NUMBER"}]}'),
        "mark": "m",
    }
    return Job(**(given | changes))


def drawn(given, number=50, lane=0):
    return list(itertools.islice(requests(given)[lane], number))


def moves(given, lane, number=200):
    """(contract, action) of the transitions of one connection."""
    paths = [one.split(b" ")[1].decode().split("/") for one in drawn(given, number, lane)]
    return [(path[3], path[5]) for path in paths]


def test_reads_are_of_contracts_that_are_there():
    paths = [request.split(b" ")[1].decode() for request in drawn(job("read"))]
    known = {f"/v1/contracts/{contract_id(i)}" for i in range(1, 1001)}
    assert set(paths) <= known
    assert len(set(paths)) > 40


def test_every_page_asked_for_is_a_full_one():
    cursors = [request.split(b"cursor=")[1].split(b" ")[0].decode() for request in drawn(job("list"))]
    places = [paging.decode(cursor, UUID).int & 0xFFFF_FFFF_FFFF for cursor in cursors]
    assert all(1 <= place < 1000 - 20 for place in places)


def test_no_two_contracts_share_a_number_or_a_key():
    heads, bodies = zip(*(request.split(b"\r\n\r\n") for request in drawn(job("create"))), strict=True)
    numbers = [msgspec.json.decode(body)["number"] for body in bodies]
    assert len(set(numbers)) == len(numbers)
    for head, body, number in zip(heads, bodies, numbers, strict=True):
        assert f"Idempotency-Key: {number}".encode() in head
        assert f"Content-Length: {len(body)}".encode() in head


def test_deadlines_of_every_unit_are_asked_for_as_the_api_takes_them():
    bodies = [
        msgspec.json.decode(one.split(b"\r\n\r\n")[1], type=DeadlineRequest) for one in drawn(job("deadline"), 300)
    ]
    assert {body.period.unit for body in bodies} == set(Unit)
    assert len({body.event for body in bodies}) > 200


def test_connections_share_the_requests_that_must_differ():
    first, second = requests(job("create", connections=2))
    numbers = [msgspec.json.decode(next(one).split(b"\r\n\r\n")[1])["number"] for one in (first, second, first)]
    assert len(set(numbers)) == 3


def test_each_contract_is_suspended_and_then_goes_on():
    asked = moves(job("transition"), 0)
    assert [action for _, action in asked] == ["suspend", "resume"] * 100
    assert [one for one, _ in asked[::2]] == [one for one, _ in asked[1::2]]
    assert len({one for one, _ in asked}) == 100
    bodies = [msgspec.json.decode(one.split(b"\r\n\r\n")[1]) for one in drawn(job("transition"), 2)]
    assert bodies == [{"reason": "agreed"}, {}]


def test_no_two_jobs_or_connections_change_one_contract():
    own = [
        {one for one, _ in moves(job("transition", connections=3, part=part), lane, 1000)}
        for part in range(4)
        for lane in range(3)
    ]
    assert sum(map(len, own)) == len(set.union(*own)) == 800
    assert set.union(*own) == {contract_id(i) for i in range(1, 1001) if i % 5}


def test_too_few_contracts_are_said_to_be_too_few():
    with pytest.raises(ValueError, match="too few"):
        drawn(job("transition", contracts=10, connections=16), 1, 15)


def test_the_same_seed_draws_the_same_requests():
    for case in CASES:
        assert drawn(job(case.name)) == drawn(job(case.name))
        assert drawn(job(case.name)) != drawn(job(case.name, seed=2))


def test_the_floor_makes_ids_and_numbers_anew_and_keeps_the_rest():
    contract, fact, event, actor = uuid7(), uuid7(), uuid7(), uuid7()
    rows = [{"id": event, "fact_id": fact, "explanation": "OLD is made"}]
    template = Template([contract, "OLD", {"end": "2030-12-31"}, None, fact, actor, 1, rows], "OLD", {actor})
    made = [template.arguments("NEW-1"), template.arguments("NEW-2")]
    assert [one[1] for one in made] == ["NEW-1", "NEW-2"]
    assert {one[0] for one in made}.isdisjoint({contract})
    assert made[0][0] != made[1][0]
    assert made[0][2:4] == ['{"end":"2030-12-31"}', None]
    assert made[0][5:7] == [actor, 1]
    (row,) = msgspec.json.decode(made[0][7])
    assert row["fact_id"] == str(made[0][4])
    assert row["id"] not in (str(event), msgspec.json.decode(made[1][7])[0]["id"])
    assert row["explanation"] == "NEW-1 is made"


def test_the_floor_writes_what_the_service_stores_under_ids_of_its_own():
    state = State(roles=["A"], time_zone="Asia/Shanghai", versions=[], phase="in_force", performance="suspended")
    fact = {"id": uuid7(), "no": 9, "kind": "suspend", "data": {"reason": "agreed"}}
    event = {"type": "performance.suspended", "transition": "T20", "rule": "r", "explanation": "e", "data": {"a": 1}}
    arguments = [None] * 25
    arguments[5], arguments[19], arguments[20] = state, [fact], [event]
    actor, contract = uuid7(), uuid7()
    move = Move.of(tuple(arguments), actor)
    first, second = move.arguments(contract), move.arguments(contract)
    assert first[0] == contract
    assert first[1] == ["in_force", "suspended", "amendment.none", "termination.none"]
    assert msgspec.json.decode(first[2], type=State) == state
    assert first[4:7] == ["suspend", actor, '{"reason":"agreed"}']
    assert first[8:] == ["performance.suspended", "T20", "r", "e", '{"a":1}']
    assert len({first[3], first[7], second[3], second[7], fact["id"]}) == 5


class Stub(Recorder):
    """Runs nothing: what would go to the database is answered with its arguments."""

    def __init__(self):
        pass

    async def run(self, statement, *args):
        self._noted(statement, args)
        return 1


@pytest.mark.parametrize(("goes_on", "reached"), [(True, ["before", "after"]), (False, ["before"])])
async def test_what_goes_to_a_statement_is_read_off_the_service(goes_on, reached):
    unit, steps = Stub(), []

    async def work():
        await unit.run("other", 0)
        steps.append("before")
        await unit.run("wanted", 1, 2)
        steps.append("after")

    assert await unit.arguments_of("wanted", work(), goes_on=goes_on) == (1, 2)
    assert steps == reached
    with pytest.raises(RuntimeError, match="some other way"):
        await unit.arguments_of("unknown", work())


@pytest.mark.parametrize(("rates", "reached"), [((45, 50, 60), True), ((44, 44, 60), False)])
def test_the_median_of_the_rounds_decides(rates, reached):
    def load(rate):
        return Load(rate=rate, p50=1, p99=2, size=3, own_cpu=0.1)

    measured = Measured(Case("read", "a read", 200, 0.45), [load(100)] * 3, [load(rate) for rate in rates])
    assert measured.reached is reached
