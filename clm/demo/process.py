"""The service of the demonstration: `clm serve` as a child process with a key, a test clock and a folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3
from rich.console import Console

from clm.demo.api import DemoError

START = "2026-01-05T09:00:00+08:00"
READY_SECONDS = 90.0
STOP_SECONDS = 30.0


@contextmanager
def serving(console: Console, key: str) -> Iterator[str]:
    """The address of a fresh service; at the end it is stopped and its data removed, whatever happened."""
    folder = Path(tempfile.mkdtemp(prefix="clm-demo-"))
    folder.chmod(0o711)  # run by root, the database's own account has to pass through
    child: subprocess.Popen[bytes] | None = None
    try:
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        child = _start(folder, port, key)
        _wait(console, child, url, folder / "log")
        yield url
    except DemoError as error:
        raise DemoError(f"{error}\n{_tail(folder / 'log')}".rstrip()) from None
    finally:
        if child is not None:
            _end(child)
        _remove(folder)


def _start(folder: Path, port: int, key: str) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CLM_")}
    environment |= {
        "CLM_DATA_DIR": str(folder / "data"),
        "CLM_BOOTSTRAP_API_KEY": key,
        "CLM_BOOTSTRAP_TEST_CLOCK": START,
        "CLM_LOG_LEVEL": "warning",
    }
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603  this very program, with our own arguments
            [sys.executable, "-m", "clm.cli", "serve", "--port", str(port)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # a Ctrl-C reaches us alone; we stop the service in order
        )


def _wait(console: Console, child: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Until the service is ready; raises DemoError where it ends or takes too long."""
    text = "Starting clm serve: a PostgreSQL of its own, migrations, the first key"
    began = time.monotonic()
    with console.status(text + " ..."):
        if not console.is_terminal:
            console.print(text + " ...")
        while not _ready(url):
            if child.poll() is not None:
                raise DemoError(f"clm serve ended with status {child.returncode} before it was ready")
            if time.monotonic() - began > READY_SECONDS:
                raise DemoError(f"clm serve is not ready after {READY_SECONDS:.0f} seconds; its log is {log}")
            time.sleep(0.05)
    console.print(f"Ready at {url} after {time.monotonic() - began:.1f} s.")


def _ready(url: str) -> bool:
    try:
        return urllib3.request("GET", f"{url}/readyz", timeout=5.0, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def _end(child: subprocess.Popen[bytes]) -> None:
    """SIGTERM; a service that does not listen is killed, and its PostgreSQL ends by itself with it."""
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(STOP_SECONDS)


def _remove(folder: Path) -> None:
    place = (folder / "data" / "postgres").resolve()  # run by root it may be a link to elsewhere
    if place.is_dir():
        shutil.rmtree(place)
    shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tail(log: Path) -> str:
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    return f"The service's log ends with:\n{text[-1500:]}" if text.strip() else ""
