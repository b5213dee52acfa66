"""Both stores: a directory, and a bucket that rclone serves on this machine."""

import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from clm.kit.storage import from_url

KEY, SECRET = "test-key", "test/secret+with=signs"
SECRET_IN_URL = "test%2Fsecret%2Bwith%3Dsigns"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def served(folder, port):
    """rclone serving a folder's folders as buckets, until the end of the block."""
    rclone = shutil.which("rclone", path=str(Path(sys.executable).parent))
    options = ["--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY},{SECRET}", "--config", "/dev/null"]
    with subprocess.Popen(
        [rclone, "serve", "s3", str(folder), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            deadline = time.monotonic() + 60
            while not listens(port):
                assert process.poll() is None, "rclone has ended"
                assert time.monotonic() < deadline, "rclone does not listen"
                time.sleep(0.02)
            yield
        finally:
            process.kill()


@pytest.fixture(scope="session")
def s3_port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("s3")
    (folder / "contracts").mkdir()
    port = free_port()
    with served(folder, port):
        yield port


@pytest.fixture(scope="session")
def s3_url(s3_port):
    return f"s3://{KEY}:{SECRET_IN_URL}@127.0.0.1:{s3_port}/contracts?secure=false"


@pytest.fixture(params=["directory", "s3"])
async def store(request, tmp_path):
    """The store under test; every test takes keys of its own."""
    url = f"file://{tmp_path}/objects" if request.param == "directory" else request.getfixturevalue("s3_url")
    made = from_url(url)
    yield made
    await made.close()
