"""The processes of a benchmark: the service, the floor, the load generator."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import httpx
import msgspec
import psutil

from tests.benchmarks.cases import Job
from tests.benchmarks.load import Load

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60.0
STOP_SECONDS = 30.0
KEY = "benchmark-0123456789abcdef0123456789abcdef"


class Served:
    """A server in a process of its own; `start` returns once it answers, with the seconds that took."""

    def __init__(self, module: str, arguments: list[str], environment: dict[str, str], port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._command = [sys.executable, "-m", module, *arguments]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CLM_")}
        self._environment = kept | environment
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> float:
        """Start and wait until `/readyz` is 200; raises RuntimeError where it never is."""
        began = time.perf_counter()
        self._process = subprocess.Popen(self._command, cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL)
        while not self._ready():
            if self._process.poll() is not None or time.perf_counter() - began > READY_SECONDS:
                self.stop()
                raise RuntimeError(f"{' '.join(self._command[1:])} does not become ready")
            time.sleep(0.01)
        return time.perf_counter() - began

    def stop(self) -> None:
        """Stop as a service manager would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(STOP_SECONDS)
        self._process = None

    def resident(self) -> int:
        """Bytes of memory that the process itself holds."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return int(psutil.Process(self._process.pid).memory_info().rss)

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def service(environment: dict[str, str]) -> Served:
    """`clm serve` with its worker."""
    port = free_port()
    own = {"CLM_BOOTSTRAP_API_KEY": KEY, "CLM_LOG_LEVEL": "warning"}
    return Served("clm.cli", ["serve", "--port", str(port)], own | environment, port)


def floor(dsn: str, tenant: str, draft: bytes) -> Served:
    """The bare application."""
    port = free_port()
    environment = {"FLOOR_DSN": dsn, "FLOOR_TENANT": tenant, "FLOOR_PORT": str(port), "FLOOR_DRAFT": draft.decode()}
    return Served("tests.benchmarks.floor", [], environment, port)


def bare() -> Served:
    """One Litestar handler and nothing else."""
    port = free_port()
    return Served("tests.benchmarks.bare", [], {"FLOOR_PORT": str(port)}, port)


def bare_store(url: str) -> Served:
    """A store behind the HTTP server, and nothing else."""
    port = free_port()
    environment = {"FLOOR_PORT": str(port), "FLOOR_STORE": url}
    return Served("tests.benchmarks.bare_store", [], environment, port)


class Generator:
    """The load generator's process; takes one job after the other."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def run(self, job: Job) -> Load:
        """Run a job; raises RuntimeError where the generator gave up, having said why on standard error."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the load generator has no pipes")
        self._process.stdin.write(msgspec.json.encode(job) + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the load generator gave up")
        return msgspec.json.decode(line, type=Load)


@contextmanager
def generator() -> Iterator[Generator]:
    """A load generator, ended with the block."""
    command = [sys.executable, "-m", "tests.benchmarks.load"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Generator(process)
