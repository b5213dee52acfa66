"""The load generator, a process of its own: `python -m tests.benchmarks.load` takes jobs, one a line, and answers each.

It speaks just enough HTTP/1.1 over kept-alive connections, each with one request under way, to cost far less than what
it measures; the share of a core that it took is part of the answer.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Iterator
from functools import partial

import msgspec
import uvloop

from tests.benchmarks.cases import CASES, Job, requests


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a job: requests a second, milliseconds at the median and the 99th percentile."""

    rate: float
    p50: float
    p99: float
    size: int
    """Bytes of the last answer's body."""
    own_cpu: float
    """The share of one core that the generator itself took."""


class Run:
    """What the connections of one job share."""

    def __init__(self, job: Job) -> None:
        self.status = next(case.status for case in CASES if case.name == job.case)
        self.latencies: list[float] = []
        self.size = 0
        self.counts = False
        self.goes_on = True
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def fail(self, why: str) -> None:
        """End the job: a benchmark of wrong answers says nothing."""
        if not self.failure.done():
            self.failure.set_exception(RuntimeError(why))


class Wire(asyncio.Protocol):
    """One connection: a request, its whole answer, the next request."""

    def __init__(self, run: Run, asked: Iterator[bytes]) -> None:
        self._run = run
        self._requests = asked
        self._buffer = b""
        self._end = 0
        self._began = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if self._run.goes_on:
            self._run.fail(f"the server closed a connection: {error}")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._end == 0 and not self._head():
            return
        if len(self._buffer) >= self._end:
            self._answered()

    def _head(self) -> bool:
        at = self._buffer.find(b"\r\n\r\n")
        if at < 0:
            return False
        head = self._buffer[:at].lower()
        length = head.find(b"\r\ncontent-length:")
        if int(head[9:12]) != self._run.status or length < 0:
            self._run.fail(f"an answer is not as expected: {self._buffer[:2000]!r}")
            return False
        self._run.size = int(head[length + 17 :].split(b"\r\n", 1)[0])
        self._end = at + 4 + self._run.size
        return True

    def _answered(self) -> None:
        run = self._run
        if run.counts:
            run.latencies.append(time.perf_counter() - self._began)
        self._buffer, self._end = b"", 0
        if run.goes_on:
            self._ask()
        else:
            self._transport.close()

    def _ask(self) -> None:
        request = next(self._requests)
        self._began = time.perf_counter()
        self._transport.write(request)


async def measure(job: Job) -> Load:
    """Run one job; raises RuntimeError where an answer is not the one expected."""
    run = Run(job)
    loop = asyncio.get_running_loop()
    for asked in requests(job):
        await loop.create_connection(partial(Wire, run, asked), "127.0.0.1", job.port)
    await _wait(run, job.warm_up)
    run.counts = True
    began, cpu = time.perf_counter(), time.process_time()
    await _wait(run, job.seconds)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    run.counts = run.goes_on = False
    await _wait(run, 0.1)
    if len(run.latencies) < 2:
        raise RuntimeError(f"hardly an answer in {seconds:.1f} s")
    cuts = statistics.quantiles(run.latencies, n=100)
    return Load(
        rate=len(run.latencies) / seconds,
        p50=cuts[49] * 1000,
        p99=cuts[98] * 1000,
        size=run.size,
        own_cpu=cpu / seconds,
    )


async def _wait(run: Run, seconds: float) -> None:
    done, _ = await asyncio.wait([run.failure], timeout=seconds)
    for failure in done:
        failure.result()


def main() -> None:
    """Serve jobs until standard input ends."""
    for line in sys.stdin.buffer:
        job = msgspec.json.decode(line, type=Job)
        answer = uvloop.run(measure(job))
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
