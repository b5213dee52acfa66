"""Long bodies and small files through the service: how fast, and in how much memory.

`python -m tests.benchmarks.streams` runs this part alone.
"""

import asyncio
import hashlib
import http.client
import io
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import cycle
from pathlib import Path

import httpx
import msgspec
import urllib3
import uvloop
from minio import Minio

from clm.kit import migrations
from clm.kit.embedded import temporary
from tests import stores
from tests.benchmarks.servers import KEY, Served, bare_store, service

MIB = 1024 * 1024
LONG = 64 * MIB
HUGE = 1024 * MIB
SMALL = 10 * 1024
FILES = 400
READ_AGAIN = 5
AT_ONCE = 16
BLOCK = MIB
GROWTH = 64 * MIB


class Compared(msgspec.Struct, frozen=True):
    """One transfer: the floor's and the service's MiB (or files) a second, round by round, and the target."""

    title: str
    unit: str
    floor: list[float]
    service: list[float]
    target: float

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(s / f for f, s in zip(self.floor, self.service, strict=True))

    @property
    def reached(self) -> bool:
        """Whether the target is met."""
        return self.ratio >= self.target


class Streaming(msgspec.Struct, frozen=True):
    """All that was compared, and by how many bytes the service grew while 1 GiB went up and came down."""

    compared: list[Compared]
    size: int
    growth: int

    @property
    def reached(self) -> bool:
        """Whether the targets are met."""
        return self.growth < GROWTH and all(each.reached for each in self.compared)


def pattern(size: int, seed: str) -> Iterator[bytes]:
    """Bytes that compress badly, others for each seed; a mebibyte of them again and again."""
    block = hashlib.shake_128(seed.encode()).digest(BLOCK)
    for start in range(0, size, BLOCK):
        yield block[: min(BLOCK, size - start)]


class Wire:
    """One connection to the service, with as little in between as a socket allows."""

    def __init__(self, serving: Served) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=600, blocksize=BLOCK)
        self._headers = {"Authorization": f"Bearer {KEY}"}

    def up(self, path: str, size: int, seed: str) -> tuple[str, float]:
        """Post a long body; where it can be read again, and the seconds until the answer was there."""
        body = pattern(size, seed)
        headers = self._headers | {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        began = time.perf_counter()
        self._connection.request("POST", path, body, headers)
        response = self._connection.getresponse()
        said = response.read()
        if response.status != http.client.CREATED:
            raise RuntimeError(f"{path}: {response.status} {said!r}")
        return f"{response.headers['location']}/versions/1/content", time.perf_counter() - began

    def down(self, path: str, size: int) -> float:
        """Get a long body and drop it; the seconds until its end."""
        view, left = memoryview(bytearray(BLOCK)), size
        began = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        response = self._connection.getresponse()
        while read := response.readinto(view):
            left -= read
        if response.status != http.client.OK or left:
            raise RuntimeError(f"{path}: {response.status}, {left} bytes are missing")
        return time.perf_counter() - began


def measure(rounds: int = 5, *, long: int = LONG, huge: int = HUGE, files: int = FILES) -> Streaming:
    """Everything, each against what it is to be compared with, round by round."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(temporary())
        dsns = server.start()
        asyncio.run(migrations.migrate(dsns.owner))
        environment = {"CLM_DATABASE_URL": dsns.service, "CLM_DATA_DIR": str(server._data_dir), "CLM_WORKER": "0"}
        with _room(environment, "of the directory") as room:
            compared = [
                *_hashing(room, rounds, long),
                *_small(room, "directory", f"file://{folder}/bare", rounds, files),
            ]
        with _room(environment, "of the memory") as room:
            growth = _growth(room, huge)
        for name, port in stack.enter_context(_buckets(folder)):
            address = stores.url_of(port)
            with _room(environment | {"CLM_STORAGE_URL": address}, name) as room:
                compared += _against_client(room, name, port, rounds, long)
                compared += _small(room, name, address, rounds, files)
    return Streaming(compared, huge, growth)


class Room:
    """The service with contracts to attach to."""

    def __init__(self, serving: Served, number: str) -> None:
        self.serving = serving
        self.wire = Wire(serving)
        self.client = httpx.Client(base_url=serving.url, headers={"authorization": f"Bearer {KEY}"}, timeout=60)
        self.wheres = [self._where(f"{number} {each}") for each in range(AT_ONCE)]
        self.where = self.wheres[0]
        self.wire.up(self.where, BLOCK, "warm up")

    def _where(self, number: str) -> str:
        made = self.client.post("/v1/contracts", json={"type": "generic", "number": number, "title": "x"})
        return f"{made.headers['location']}/attachments?kind=other&name=a.bin"


@contextmanager
def _room(environment: dict[str, str], number: str) -> Iterator[Room]:
    with service(environment) as serving:
        yield Room(serving, number)


def _rate(size: int, seconds: float) -> float:
    return size / MIB / seconds


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _hash(size: int, seed: str) -> None:
    found = hashlib.sha256()
    for block in pattern(size, seed):
        found.update(block)


def _hashing(room: Room, rounds: int, size: int) -> list[Compared]:
    floor, up, down = [], [], []
    for number in range(rounds):
        path, seconds = room.wire.up(room.where, size, f"hashing {number}")
        up.append(_rate(size, seconds))
        floor.append(_rate(size, _timed(partial(_hash, size, f"{number}"))))
        down.append(_rate(size, room.wire.down(path, size)))
    title = f"{size // MIB} MiB {{}}, directory, against SHA-256 alone"
    return [
        Compared(title.format(way), "MiB", floor, ours, 0.4) for way, ours in (("uploaded", up), ("downloaded", down))
    ]


@contextmanager
def _buckets(folder: Path) -> Iterator[list[tuple[str, int]]]:
    """The S3 servers that are here, with the ports they listen on."""
    with ExitStack() as stack:
        found = []
        for name, start in (("rclone", stores.rclone), ("MinIO", stores.minio)):
            if name == "MinIO" and stores.minio_program() is None:
                continue
            port, own = stores.free_port(), folder / name
            (own / stores.BUCKET).mkdir(parents=True)
            stack.enter_context(start(own, port))
            found.append((name, port))
        yield found


def _against_client(room: Room, name: str, port: int, rounds: int, size: int) -> list[Compared]:
    """The service and the client alone in turn, with the same server and bytes."""
    alone = Minio(f"127.0.0.1:{port}", access_key=stores.KEY, secret_key=stores.SECRET, secure=False)
    floor_up, floor_down, up, down = [], [], [], []
    for number in range(rounds):
        seed = f"{name} {number}"
        content = io.BytesIO(b"".join(pattern(size, f"{seed} alone")))
        floor_up.append(_rate(size, _timed(partial(alone.put_object, stores.BUCKET, "alone", content, size))))
        path, seconds = room.wire.up(room.where, size, seed)
        up.append(_rate(size, seconds))
        floor_down.append(_rate(size, _timed(partial(_read, alone, size))))
        down.append(_rate(size, room.wire.down(path, size)))
    title = f"{size // MIB} MiB {{}}, {name}, against the minio client alone"
    both = (("uploaded", floor_up, up), ("downloaded", floor_down, down))
    return [Compared(title.format(way), "MiB", floor, ours, 0.7) for way, floor, ours in both]


def _read(client: Minio, size: int) -> None:
    response: urllib3.BaseHTTPResponse = client.get_object(stores.BUCKET, "alone")
    try:
        while block := response.read(BLOCK):
            size -= len(block)
    finally:
        response.close()
        response.release_conn()
    if size:
        raise RuntimeError(f"{size} bytes are missing")


def _small(room: Room, name: str, store: str, rounds: int, files: int) -> list[Compared]:
    """Small files, several at once, against the bare store behind the same HTTP server."""
    rates: dict[str, list[float]] = {"floor up": [], "floor down": [], "up": [], "down": []}
    with bare_store(store) as bare:
        sides = (("floor ", bare.port, ["/"], ""), ("", room.serving.port, room.wheres, "/versions/1/content"))
        for number in range(rounds):
            bodies = [b"".join(pattern(SMALL, f"{name} {number} {each}")) for each in range(files)]
            for side, port, wheres, content in sides:
                posts = [_request("POST", where, body) for where, body in zip(cycle(wheres), bodies, strict=False)]
                made, up = uvloop.run(_at_once(port, posts))
                paths = [f"{location}{content}" for location in made]
                _, down = uvloop.run(_at_once(port, [_request("GET", path) for path in paths] * READ_AGAIN))
                rates[f"{side}up"].append(up)
                rates[f"{side}down"].append(down)
    title = f"{SMALL // 1024} KiB files {{}}, {AT_ONCE} at once, {name}, against the bare store"
    return [
        Compared(title.format("uploaded"), "files", rates["floor up"], rates["up"], 0.5),
        Compared(title.format("downloaded"), "files", rates["floor down"], rates["down"], 0.5),
    ]


def _request(method: str, path: str, body: bytes = b"") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _at_once(port: int, asked: list[bytes]) -> tuple[list[str], float]:
    """The locations that were answered, and how many requests a second that were."""
    left, found = list(enumerate(asked)), [""] * len(asked)

    async def line() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while left:
            number, request = left.pop()
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            if not head.startswith("http/1.1 20"):
                raise RuntimeError(head)
            fields = dict(each.split(": ", 1) for each in head.split("\r\n")[1:] if each)
            await reader.readexactly(int(fields["content-length"]))
            found[number] = fields.get("location", "")
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(line() for _ in range(AT_ONCE)))
    return found, len(asked) / (time.perf_counter() - began)


def _growth(room: Room, size: int) -> int:
    """By how much the service's resident memory rose at most, above what it was, while a huge file went up and down."""
    before, most, done = room.serving.resident(), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            most.append(room.serving.resident())

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        path, _ = room.wire.up(room.where, size, "huge")
        room.wire.down(path, size)
    finally:
        done.set()
        watching.join()
    return max(most) - before


def told(found: Streaming) -> list[str]:
    """The table and a line on memory, for the page and the terminal."""
    lines = [
        "| bytes through the service | floor/s | service/s | ratio | of rounds | target |",
        "| --- | ---: | ---: | ---: | --- | ---: |",
    ]
    for one in found.compared:
        ratios = [s / f for f, s in zip(one.floor, one.service, strict=True)]
        rates = f"{statistics.median(one.floor):,.0f} {one.unit} | {statistics.median(one.service):,.0f} {one.unit}"
        spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
        lines.append(f"| {one.title} | {rates} | {one.ratio:.2f} | {spread} | {one.target:.2f} |")
    grown = f"While {found.size / MIB:,.0f} MiB went up and came down, the service's resident memory rose by"
    return [*lines, "", f"{grown} {found.growth / MIB:.0f} MiB at most (less than {GROWTH // MIB} asked for)."]


def missed(found: Streaming) -> list[str]:
    """A line for each target that was missed."""
    lines = [
        f"{one.title}: {one.ratio:.2f}, {one.target:.2f} was asked for" for one in found.compared if not one.reached
    ]
    if found.growth >= GROWTH:
        lines.append(f"memory rose by {found.growth / MIB:.0f} MiB, less than {GROWTH // MIB} was asked for")
    return lines


if __name__ == "__main__":
    result = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
    print("\n".join([*told(result), *(f"missed: {line}" for line in missed(result))]))  # noqa: T201 - what it is run for
    sys.exit(0 if result.reached else 1)
