"""What the benchmark measures is only as good as its requests and its floor's arguments."""

import itertools
from uuid import UUID

import msgspec
import pytest

from clm.features.calculations.models import DeadlineRequest
from clm.kit import paging
from clm.kit.ids import uuid7
from clm.law.periods import Unit
from tests.benchmarks.cases import CASES, Case, Job, contract_id, requests
from tests.benchmarks.floor import Template
from tests.benchmarks.load import Load
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
        "draft": msgspec.Raw(b'{"number":"NUMBER","external_refs":[{"system":"sap","id":"NUMBER"}]}'),
        "mark": "m",
    }
    return Job(**(given | changes))


def drawn(given, number=50):
    return list(itertools.islice(requests(given), number))


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


@pytest.mark.parametrize(("rates", "reached"), [((45, 50, 60), True), ((44, 44, 60), False)])
def test_the_median_of_the_rounds_decides(rates, reached):
    def load(rate):
        return Load(rate=rate, p50=1, p99=2, size=3, own_cpu=0.1)

    measured = Measured(Case("read", "a read", 200, 0.45), [load(100)] * 3, [load(rate) for rate in rates])
    assert measured.reached is reached
