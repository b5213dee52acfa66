"""Starting and stopping the embedded server."""

import fcntl
import logging
import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from clm.kit.embedded import cluster as clusters
from clm.kit.embedded import leftovers
from clm.kit.embedded.account import Account, server_account
from clm.kit.embedded.errors import EmbeddedError, EmbeddedInUse

PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"
SOCKET_LIMIT = 103  # bytes of an AF_UNIX path that every system takes; Linux alone would take 107
READY_SECONDS = 120.0  # crash recovery replays at most max_wal_size
STOP_SECONDS = 30.0
TRIES = 5

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "max_parallel_workers_per_gather": "0",
    "io_method": "sync",
    "random_page_cost": "1.1",
    "max_logical_replication_workers": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "fsync": "on",
    "synchronous_commit": "on",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%u.log",
    "log_file_mode": "0600",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    # DETAIL lines quote rows, and rows are contracts.
    "log_error_verbosity": "terse",
    "log_statement": "none",
}

# The shell outlives us by a moment: when we die, however we die, its standard input closes and it asks the server for
# a fast shutdown. $1 is a socket folder to remove afterwards, or empty.
GUARD = """
folder=$1; shift
exec 3<&0
"$@" 3<&- &
server=$!
{ read -r _ <&3; kill -INT "$server"; } &
watch=$!
exec 3<&-
wait "$server"; code=$?
kill "$watch" 2>/dev/null
[ -z "$folder" ] || rmdir "$folder" 2>/dev/null
exit "$code"
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Dsns:
    """Connection strings to the database `clm`, one for each role that signs in. They hold passwords."""

    service: str = field(repr=False)
    owner: str = field(repr=False)
    superuser: str = field(repr=False)


class EmbeddedPostgres:
    """The PostgreSQL of one data folder, owned by one process at a time.

    `start` and `stop` block for up to a few seconds and may be called again and again, from any thread but not from
    two at once. When the owning process dies, even by SIGKILL, the server shuts down by itself; a power cut or a
    killed server is recovered from at the next start.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir.absolute()
        self._lock: int | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._dsns: Dsns | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.stop()

    def is_running(self) -> bool:
        """Whether the server process that we started lives."""
        return self._guard is not None and self._guard.poll() is None

    def start(self) -> Dsns:
        """Make the cluster if there is none, start the server, wait until it takes connections.

        Raises EmbeddedInUse where another process owns the data folder, EmbeddedError where the server cannot run.
        """
        if self._dsns is not None and self.is_running():
            return self._dsns
        self._take_lock()
        try:
            if self._guard is not None:
                _close(self._guard, self._cluster)
            self._dsns = self._start()
        except BaseException:
            self.stop()
            raise
        return self._dsns

    def stop(self) -> None:
        """Shut the server down: running transactions roll back, all that was committed is on disk."""
        if self._guard is not None:
            _close(self._guard, self._cluster)
        self._guard = None
        self._dsns = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def _cluster(self) -> Path:
        return (self._data_dir / "postgres").resolve() / "cluster"

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        _make_data_dir(self._data_dir)
        handle = os.open(self._data_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(handle, 20).decode("ascii").strip()
            os.close(handle)
            raise EmbeddedInUse(f"process {owner} already serves from {self._data_dir}") from None
        os.truncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)
        self._lock = handle

    def _start(self) -> Dsns:
        account = server_account()
        binaries = clusters.programs(account)
        home = clusters.home(self._data_dir, account)
        place = home / "cluster"
        words = clusters.passwords(self._data_dir, made=place.exists())
        if not place.exists():
            clusters.make(place, binaries, account, words)
        leftovers.stop(place)
        sockets, temporary = _socket_folder(home, account)
        self._launch(binaries / "postgres", place, sockets, account, temporary=temporary)
        return _dsns(sockets, words)

    def _launch(self, postgres: Path, place: Path, sockets: Path, account: Account, *, temporary: bool) -> None:
        # Processes of a server that was killed may hold its shared memory for a moment longer.
        start_log = self._data_dir / "postgres-start.log"
        for left in reversed(range(TRIES)):
            sockets.mkdir(mode=0o700, exist_ok=True)
            account.own(sockets)
            self._guard = _spawn(postgres, place, sockets, account, start_log, temporary=temporary)
            if _ready(self._guard, place):
                return
            _close(self._guard, place)
            if left:
                time.sleep(0.5)
        raise EmbeddedError(f"PostgreSQL does not start on {place}:\n{_tail(start_log)}")


def _make_data_dir(data_dir: Path) -> None:
    """Make the folder if need be, and let the server account through it where we are root."""
    data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    ours = (data_dir / "lock").exists() or not any(data_dir.iterdir())
    if os.geteuid() == 0 and ours:
        data_dir.chmod(data_dir.stat().st_mode | 0o011)


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / SOCKET_NAME)) <= SOCKET_LIMIT


def _socket_folder(home: Path, account: Account) -> tuple[Path, bool]:
    """Where the socket goes, and whether that is a temporary folder because the usual path is too long."""
    usual = home / "run"
    if _fits(usual):
        return usual, False
    for base in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108  a random folder of mode 0700 is made in it
        folder = Path(tempfile.mkdtemp(prefix="clm-", dir=base))
        if _fits(folder) and account.reaches(base):
            return folder, True
        folder.rmdir()
    raise EmbeddedError(f"the path {usual} is too long for a socket, and so is that of the temporary folder")


def _spawn(
    postgres: Path, place: Path, sockets: Path, account: Account, start_log: Path, *, temporary: bool
) -> subprocess.Popen[bytes]:
    settings = SETTINGS | {"unix_socket_directories": str(sockets)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [str(postgres), "-D", str(place), *options]
    with start_log.open("wb") as out:
        return subprocess.Popen(  # noqa: S603  our own binaries, our own arguments
            ["/bin/sh", "-c", GUARD, "clm-guard", str(sockets) if temporary else "", *command],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            cwd="/",
            env=clusters.clean_environment(),
            start_new_session=True,  # a Ctrl-C in the terminal is for us, not for the server
            umask=0o077,
            **account.spawn(),
        )


def _ready(guard: subprocess.Popen[bytes], place: Path) -> bool:
    """Wait until the server takes connections (True) or has given up (False); EmbeddedError after two minutes."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if guard.poll() is not None:
            return False
        lines = leftovers.lock_lines(place)
        if len(lines) > 7 and lines[7].strip() == "ready":
            return True
        time.sleep(0.01)
    raise EmbeddedError(
        f"PostgreSQL on {place} is not ready after {READY_SECONDS:.0f} s; its log is in {place / 'log'}"
    )


def _close(guard: subprocess.Popen[bytes], place: Path) -> None:
    if guard.stdin is not None:
        guard.stdin.close()
    try:
        guard.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        log.warning("PostgreSQL has not stopped after %s s: ended at once, it recovers at the next start", STOP_SECONDS)
        leftovers.stop(place)
        guard.send_signal(signal.SIGTERM)
        guard.wait(STOP_SECONDS)


def _dsns(sockets: Path, words: dict[str, str]) -> Dsns:
    where = f"?host={quote(str(sockets), safe='/')}&port={PORT}"

    def dsn(role: str, password: str, database: str = "clm") -> str:
        return f"postgresql://{role}:{password}@/{database}{where}"

    return Dsns(
        service=dsn("clm_service", words["service"]),
        owner=dsn("clm_owner", words["owner"]),
        superuser=dsn(clusters.SUPERUSER, words[clusters.SUPERUSER]),
    )


def _tail(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")[-2000:]
