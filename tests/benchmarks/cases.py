"""What is measured, and the requests for it: the very same bytes go to the service and to the floor."""

import random
from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from clm.kit import paging
from tests.benchmarks import law

CaseName = Literal["read", "list", "create", "transition", "deadline"]
PAGE = 20


class Case(msgspec.Struct, frozen=True):
    """One measured request: what it is called, its status, and the share of the floor that is asked for."""

    name: CaseName
    title: str
    status: int
    target: float
    floor: Literal["floor", "bare"] = "floor"
    """What it is held against: the bare application on the database, or a bare Litestar handler."""


CASES = (
    Case("read", "authenticated read of one contract", 200, 0.45),
    Case("list", f"list of {PAGE} by keyset", 200, 0.45),
    Case("create", "create with idempotency key, event and timer", 201, 0.40),
    Case("transition", "transition stored: suspend and resume in turn", 200, 0.30),
    Case("deadline", "deadline computed, against a bare Litestar handler", 200, 0.50, "bare"),
)


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What the load generator is asked to do."""

    case: CaseName
    port: int
    key: str
    seed: int
    seconds: float
    warm_up: float
    connections: int
    contracts: int
    part: int
    parts: int
    """Which part of the contracts in force is this job's to change, out of how many: no other job sees them."""
    draft: msgspec.Raw
    """A contract to create, with `NUMBER` where its number goes."""
    mark: str
    """What this job's contract numbers start with."""


def contract_id(i: int) -> str:
    """The id of the i-th contract, from 1 on, as `queries.sql` makes it."""
    return f"01970000-0000-7000-8000-{i:012x}"


def sample_paths() -> tuple[str, str]:
    """A contract and a page that both sides are asked for beforehand: their answers must tell the same."""
    return f"/v1/contracts/{contract_id(7)}", f"/v1/contracts?limit={PAGE}&cursor={paging.encode(contract_id(7))}"


def in_force(k: int) -> str:
    """The id of the k-th contract in force, from 0 on: `queries.sql` makes every fifth one a draft."""
    return contract_id(k // 4 * 5 + k % 4 + 1)


def requests(job: Job) -> list[Iterator[bytes]]:
    """Requests without end for each connection, drawn at random but the same for the same seed."""
    draw = random.Random(job.seed)
    head = f"Host: 127.0.0.1:{job.port}\r\nAuthorization: Bearer {job.key}\r\nAccept: application/json\r\n"
    if job.case == "transition":
        return [_transitions(job, head, random.Random(f"{job.seed}-{lane}"), lane) for lane in range(job.connections)]
    makers: dict[CaseName, Callable[[Job, str, random.Random], Iterator[bytes]]] = {
        "read": _reads,
        "list": _lists,
        "create": _creates,
        "deadline": _deadlines,
    }
    return [makers[job.case](job, head, draw)] * job.connections


def _reads(job: Job, head: str, draw: random.Random) -> Iterator[bytes]:
    while True:
        yield f"GET /v1/contracts/{contract_id(draw.randint(1, job.contracts))} HTTP/1.1\r\n{head}\r\n".encode()


def _lists(job: Job, head: str, draw: random.Random) -> Iterator[bytes]:
    while True:
        cursor = paging.encode(contract_id(draw.randint(1, job.contracts - PAGE - 1)))
        yield f"GET /v1/contracts?limit={PAGE}&cursor={cursor} HTTP/1.1\r\n{head}\r\n".encode()


def _creates(job: Job, head: str, draw: random.Random) -> Iterator[bytes]:
    before, after = head.encode(), bytes(job.draft)
    number = draw.randrange(1_000_000)
    while True:
        number += 1
        name = f"{job.mark}-{number:09d}".encode()
        body = after.replace(b"NUMBER", name)
        yield (
            b"POST /v1/contracts HTTP/1.1\r\n%bContent-Type: application/json\r\nIdempotency-Key: %b\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (before, name, len(body), body)
        )


def _transitions(job: Job, head: str, draw: random.Random, lane: int) -> Iterator[bytes]:
    """One contract after the other is suspended and goes on; none is another connection's, so none waits for a lock."""
    number = job.contracts // 5 * 4 + job.contracts % 5
    own = [in_force(k) for k in range(job.part * job.connections + lane, number, job.parts * job.connections)]
    if not own:
        raise ValueError(
            f"{job.contracts} contracts are too few for {job.parts} parts of {job.connections} connections"
        )
    while True:
        for one in draw.sample(own, len(own)):
            for name, body in (("suspend", b'{"reason":"agreed"}'), ("resume", b"{}")):
                lines = f"POST /v1/contracts/{one}/actions/{name} HTTP/1.1\r\n{head}Content-Type: application/json\r\n"
                yield b"%bContent-Length: %d\r\n\r\n%b" % (lines.encode(), len(body), body)


def _deadlines(job: Job, head: str, draw: random.Random) -> Iterator[bytes]:
    bodies = [_asked(one) for one in law.asked(job.seed, 2_000)]
    lines = b"POST /v1/calculations/deadline HTTP/1.1\r\n%bContent-Type: application/json\r\n" % head.encode()
    while True:
        body = draw.choice(bodies)
        yield b"%bContent-Length: %d\r\n\r\n%b" % (lines, len(body), body)


def _asked(one: law.Asked) -> bytes:
    return msgspec.json.encode({"event": one.event.isoformat(), "period": one.period, **one.choices})
