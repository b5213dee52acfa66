"""A server that outlived its process: found by its working folder, stopped, and its stale lock removed."""

import logging
import signal
from pathlib import Path

import psutil

FAST_SECONDS = 20.0
IMMEDIATE_SECONDS = 5.0

log = logging.getLogger(__name__)


def stop(cluster: Path) -> None:
    """Leave no server process on a cluster; the caller holds the data folder's lock.

    PostgreSQL itself takes any living process with the number in `postmaster.pid` for a server. In a container that
    number is soon someone else's, so the file goes once no server works in the folder.
    """
    if not (cluster / "postmaster.pid").exists():
        return
    for number, seconds in (
        (signal.SIGINT, FAST_SECONDS),
        (signal.SIGQUIT, IMMEDIATE_SECONDS),
        (signal.SIGKILL, IMMEDIATE_SECONDS),
    ):
        found = _servers(cluster)
        if found:
            log.warning("stopping a PostgreSQL that was left on %s (%s)", cluster, number.name)
            _signal(cluster, found, number)
            psutil.wait_procs(found, timeout=seconds)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _signal(cluster: Path, found: list[psutil.Process], number: signal.Signals) -> None:
    """Ask the postmaster where it lives, since its children follow it; otherwise the children themselves."""
    head = postmaster(cluster)
    targets = [each for each in found if each.pid == head] or found
    for each in targets:
        try:
            each.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def _servers(cluster: Path) -> list[psutil.Process]:
    wanted = {"name": "postgres", "cwd": str(cluster)}
    return [each for each in psutil.process_iter(["name", "cwd"]) if each.info.items() >= wanted.items()]


def postmaster(cluster: Path) -> int | None:
    """The process number in `postmaster.pid`, or None where there is no such file or nothing in it."""
    lines = lock_lines(cluster)
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def lock_lines(cluster: Path) -> list[str]:
    """The lines of `postmaster.pid`: number, folder, start, port, socket folder, address, memory, status."""
    try:
        return (cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
