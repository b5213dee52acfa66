"""S3 servers on this machine: rclone, which is always there, and MinIO, where `.ci/minio` has built it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import urllib3
from minio import Minio
from minio.error import S3Error

ROOT = Path(__file__).parents[1]
KEY, SECRET = "test-key", "test/secret+with=signs"
SECRET_IN_URL = "test%2Fsecret%2Bwith%3Dsigns"
BUCKET, LOCKED = "contracts", "locked"
START_SECONDS = 60
NO_MINIO = "MinIO is not built; `.ci/minio` builds it where there is Go"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def url_of(port, bucket=BUCKET, **options):
    """The storage address of a bucket on this machine."""
    query = "".join(f"&{name}={value}" for name, value in options.items())
    return f"s3://{KEY}:{SECRET_IN_URL}@127.0.0.1:{port}/{bucket}?secure=false{query}"


@contextmanager
def rclone(folder, port):
    """rclone serving a folder's folders as buckets, until the end of the block."""
    program = shutil.which("rclone", path=str(Path(sys.executable).parent))
    options = ["--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY},{SECRET}", "--config", "/dev/null"]
    with _running([program, "serve", "s3", str(folder), *options], port):
        yield


def minio_program():
    """Where MinIO is; None where it is not."""
    version = (ROOT / "tests/minio-version").read_text(encoding="ascii").strip()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    program = cache / "clm" / f"minio-{version}" / "minio"
    return program if os.access(program, os.X_OK) else None


@contextmanager
def minio(folder, port):
    """MinIO with two empty buckets, one of which locks objects, until the end of the block."""
    environment = {"MINIO_ROOT_USER": KEY, "MINIO_ROOT_PASSWORD": SECRET, "HOME": str(folder), "MINIO_UPDATE": "off"}
    command = [minio_program(), "server", "--quiet", "--address", f"127.0.0.1:{port}", str(folder / "disk")]
    with _running(command, port, environment | {"MINIO_BROWSER": "off", "PATH": os.environ["PATH"]}):
        once = urllib3.PoolManager(retries=False)
        client = Minio(f"127.0.0.1:{port}", access_key=KEY, secret_key=SECRET, secure=False, http_client=once)
        _begin(client)
        client.make_bucket(LOCKED, object_lock=True)
        yield


def _begin(client):
    """It listens before it is ready, and says so."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            client.make_bucket(BUCKET)
        except S3Error as error:
            if error.code != "XMinioServerNotInitialized":
                raise
            assert time.monotonic() < deadline, "MinIO does not become ready"
            time.sleep(0.05)
        else:
            return


@contextmanager
def _running(command, port, environment=None):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=environment, **quiet) as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _listens(port):
                assert process.poll() is None, f"{command[0]} has ended"
                assert time.monotonic() < deadline, f"{command[0]} does not listen"
                time.sleep(0.02)
            yield
        finally:
            process.kill()


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
