"""Which system account runs the server, and what that account can reach.

PostgreSQL refuses to run as root, so root hands it to an account that owns nothing but the database. No folder that
is not ours is opened up for it: what it cannot reach is put where it can.
"""

import logging
import os
import pwd
import shutil
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clm.kit.embedded.errors import EmbeddedError

ACCOUNT = "clm-postgres"
SYSTEM_FOLDER = Path("/var/lib/clm")
USERADD_TRIES = 10

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """A system account by its numbers; `foreign` where it is not the one this process runs as."""

    uid: int
    gid: int
    foreign: bool

    def spawn(self) -> dict[str, Any]:
        """Arguments for subprocess that start a program under this account."""
        if not self.foreign:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a path that this process has just made to the account."""
        if self.foreign:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def may(self, path: Path, need: int) -> bool:
        """Whether the permission bits let the account use a path (`need` of 4 read, 2 write, 1 enter)."""
        info = path.stat()
        shift = 6 if info.st_uid == self.uid else 3 if info.st_gid == self.gid else 0
        return stat.S_IMODE(info.st_mode) >> shift & need == need

    def reaches(self, folder: Path) -> bool:
        """Whether the account can enter a folder and every folder above it."""
        folder = folder.resolve()
        return not self.foreign or all(self.may(each, 1) for each in [folder, *folder.parents])


def server_account() -> Account:
    """The account for the server: our own, or a dedicated one where we are root."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), foreign=False)
    log.warning("running as root: the embedded PostgreSQL runs as its own account; a normal user is the better choice")
    entry = _dedicated() or _nobody()
    return Account(entry.pw_uid, entry.pw_gid, foreign=True)


def _dedicated() -> pwd.struct_passwd | None:
    # Two processes that add the account at the same time lock each other out of /etc/passwd, hence the tries.
    for _ in range(USERADD_TRIES):
        entry = _lookup(ACCOUNT)
        useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if entry is not None or useradd is None:
            return entry
        options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        made = subprocess.run(  # noqa: S603  fixed arguments, program found on the system's own path
            [useradd, *options, "--shell", "/usr/sbin/nologin", ACCOUNT],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            log.info("useradd %s: %s", ACCOUNT, made.stderr.strip())
            time.sleep(0.2)
    return _lookup(ACCOUNT)


def _nobody() -> pwd.struct_passwd:
    entry = _lookup("nobody")
    if entry is None:
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and there is neither useradd to make the account {ACCOUNT} "
            "nor an account nobody: run as a normal user or set CLM_DATABASE_URL"
        )
    log.warning("no account %s and no way to make it: the embedded PostgreSQL runs as nobody", ACCOUNT)
    return entry


def _lookup(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
