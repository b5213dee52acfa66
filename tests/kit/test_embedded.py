"""The embedded server: closed to strangers, safe to kill, one owner at a time."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil
import pytest

from clm.kit.embedded import EmbeddedInUse, EmbeddedPostgres, temporary
from clm.kit.embedded.account import SYSTEM_FOLDER, Account
from clm.kit.embedded.errors import EmbeddedError

OWNER_PROCESS = """
import sys, time
from pathlib import Path
from clm.kit.embedded import EmbeddedPostgres
dsns = EmbeddedPostgres(Path(sys.argv[1])).start()
print(dsns.owner, flush=True)
time.sleep(600)
"""


def make_folder(prefix="clm-test-"):
    """A folder that another account can reach, which pytest's own temporary folders are not."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    folder.chmod(0o711)
    return folder


@pytest.fixture
def folder():
    made = make_folder()
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def running():
    """One server for the tests that only look."""
    made = make_folder()
    server = EmbeddedPostgres(made / "data")
    dsns = server.start()
    yield made / "data", dsns
    server.stop()
    shutil.rmtree(made)


async def run(dsn, statement, *args):
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetch(statement, *args)
    finally:
        await connection.close()


@pytest.fixture
def start_owner():
    """Starts another process that owns a folder; answers with it and its connection string to the database."""
    started = []

    def start(folder):
        process = subprocess.Popen(
            [sys.executable, "-c", OWNER_PROCESS, str(folder)], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process, process.stdout.readline().strip()

    yield start
    for process in started:
        kill(process)


def kill(process):
    process.kill()
    process.wait()
    process.stdout.close()


def kill_below(process, only=None):
    """Kill the processes that another has started, all or those of one name."""
    found = psutil.Process(process.pid).children(recursive=True)
    for child in found:
        with suppress(psutil.NoSuchProcess):  # a session that has ended meanwhile
            if only in {None, child.name()}:
                child.kill()


def servers_on(folder):
    place = str((folder / "postgres").resolve() / "cluster")
    return [each for each in psutil.process_iter(["name", "cwd"]) if each.info["cwd"] == place]


async def test_every_role_signs_in_and_none_can_do_more_than_it_should(running):
    _, dsns = running
    roles = {
        row["rolname"]: dict(row)
        for row in await run(
            dsns.superuser,
            "select rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb from pg_roles",
        )
    }
    for name in ("clm_owner", "clm_service", "clm_lookup"):
        assert not roles[name]["rolsuper"]
        assert not roles[name]["rolbypassrls"]
        assert not roles[name]["rolcreaterole"]
        assert not roles[name]["rolcreatedb"]
    assert not roles["clm_lookup"]["rolcanlogin"]
    assert (await run(dsns.service, "select current_user::text as name"))[0]["name"] == "clm_service"
    owner = await run(dsns.owner, "select pg_get_userbyid(datdba) as name from pg_database where datname = 'clm'")
    assert owner[0]["name"] == "clm_owner"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(dsns.service, "create table mine (id int)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(dsns.service.replace("/clm?", "/postgres?"), "select 1")


async def test_nobody_signs_in_without_the_password(running):
    _, dsns = running
    for dsn in (dsns.service, dsns.owner, dsns.superuser):
        role, rest = dsn.removeprefix("postgresql://").split(":", 1)
        where = rest.split("@", 1)[1]
        with pytest.raises(asyncpg.InvalidPasswordError):
            await run(f"postgresql://{role}:wrong@{where}", "select 1")
    rules = await run(dsns.superuser, "select distinct auth_method from pg_hba_file_rules")
    assert [row["auth_method"] for row in rules] == ["scram-sha-256"]


async def test_it_listens_on_a_socket_of_its_owner_only_and_keeps_its_promises_on_disk(running):
    _, dsns = running
    promised = {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "TimeZone": "UTC",
    }
    rows = await run(dsns.superuser, "select name, setting from pg_settings where name = any($1)", list(promised))
    assert {row["name"]: row["setting"] for row in rows} == promised


def test_the_files_are_closed_to_other_accounts(running):
    data, _ = running
    assert (data / "passwords.json").stat().st_mode & 0o777 == 0o600
    assert (data / "postgres").stat().st_mode & 0o777 == 0o700
    assert (data / "postgres/cluster").stat().st_mode & 0o777 == 0o700
    assert data.stat().st_mode & 0o777 == (0o711 if os.geteuid() == 0 else 0o700)
    assert (data / "postgres").stat().st_uid == servers_on(data)[0].uids().real
    assert not (data / "postgres/initdb.password").exists()


async def test_its_log_does_not_quote_rows(running):
    data, dsns = running
    await run(dsns.owner, "create table secret (word text primary key)")
    await run(dsns.owner, "insert into secret values ($1)", "the fee is a peppercorn")
    with pytest.raises(asyncpg.UniqueViolationError):
        await run(dsns.owner, "insert into secret values ($1)", "the fee is a peppercorn")
    written = "".join(file.read_text() for file in (data / "postgres/cluster/log").iterdir())
    assert "secret_pkey" in written
    assert "peppercorn" not in written


def test_connection_strings_do_not_show_in_a_repr(running):
    _, dsns = running
    assert repr(dsns) == "Dsns()"


async def test_stop_and_start_keep_the_data_and_the_passwords(folder):
    server = EmbeddedPostgres(folder)
    before = server.start()
    assert server.start() is before
    await run(before.owner, "create table kept as select 1 as id")
    server.stop()
    assert not server.is_running()
    assert servers_on(folder) == []
    server.stop()
    with EmbeddedPostgres(folder):
        assert len(await run(before.service, "select 1")) == 1
        assert len(await run(before.owner, "select * from kept")) == 1


def test_a_second_process_is_told_who_owns_the_folder(folder, start_owner):
    owner, _ = start_owner(folder)
    with pytest.raises(EmbeddedInUse, match=str(owner.pid)):
        EmbeddedPostgres(folder).start()
    kill(owner)
    with EmbeddedPostgres(folder) as server:
        assert server.is_running()


async def test_a_killed_owner_takes_its_server_along_and_loses_nothing(folder, start_owner):
    owner, dsn = start_owner(folder)
    await run(dsn, "create table kept as select 1 as id")
    left = servers_on(folder)
    kill(owner)
    _, alive = psutil.wait_procs(left, timeout=10)
    assert alive == []
    with EmbeddedPostgres(folder) as server:
        assert len(await run(server.start().owner, "select * from kept")) == 1


async def test_a_server_that_outlived_its_owner_is_stopped_and_its_data_recovered(folder, start_owner):
    owner, dsn = start_owner(folder)
    await run(dsn, "create table kept as select 1 as id")
    kill_below(owner, only="sh")
    kill(owner)
    assert servers_on(folder) != []
    with EmbeddedPostgres(folder) as server:
        assert len(await run(server.start().owner, "select * from kept")) == 1
    assert servers_on(folder) == []


async def test_everything_killed_at_once_recovers(folder, start_owner):
    owner, dsn = start_owner(folder)
    await run(dsn, "create table kept as select 1 as id")
    kill_below(owner)
    kill(owner)
    assert (folder / "postgres/cluster/postmaster.pid").exists()
    with EmbeddedPostgres(folder) as server:
        assert len(await run(server.start().owner, "select * from kept")) == 1


def test_a_process_number_that_is_someone_elses_now_does_not_hold_the_server_up(folder):
    with EmbeddedPostgres(folder):
        pass
    stale = folder / "postgres/cluster/postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n1\n5432\n/tmp\n\n\nready\n")
    with EmbeddedPostgres(folder) as server:
        assert server.is_running()


async def test_a_server_that_died_is_started_again_by_its_owner(folder):
    with EmbeddedPostgres(folder) as server:
        dsns = server.start()
        head = int((folder / "postgres/cluster/postmaster.pid").read_text().split()[0])
        os.kill(head, signal.SIGKILL)
        for _ in range(500):
            if not server.is_running():
                break
            await asyncio.sleep(0.01)
        assert not server.is_running()
        assert len(await run(server.start().service, "select 1")) == 1
        assert server.start() == dsns


def test_a_set_up_that_was_cut_off_is_begun_anew(folder):
    server = EmbeddedPostgres(folder)
    server.start()
    server.stop()
    half = folder / "postgres/cluster.new"
    (folder / "postgres/cluster").rename(half)
    (half / "PG_VERSION").unlink()
    with EmbeddedPostgres(folder) as again:
        assert again.is_running()
    assert not half.exists()


def test_a_cluster_without_its_passwords_is_an_error_that_says_so(folder):
    with EmbeddedPostgres(folder):
        pass
    (folder / "passwords.json").unlink()
    with pytest.raises(EmbeddedError, match=r"passwords\.json is missing"):
        EmbeddedPostgres(folder).start()


async def test_a_long_path_gets_a_short_socket_that_goes_with_the_server(folder):
    data = folder / ("long-" * 20) / ("folder-" * 10)
    server = EmbeddedPostgres(data)
    dsns = server.start()
    sockets = Path(dsns.service.split("host=")[1].split("&", maxsplit=1)[0])
    try:
        assert len(str(sockets)) < 90
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert len(await run(dsns.service, "select 1")) == 1
    finally:
        server.stop()
    assert not sockets.exists()


async def test_a_folder_with_odd_characters_works(folder):
    with EmbeddedPostgres(folder / "a b?&%ü") as server:
        assert len(await run(server.start().service, "select 1")) == 1


async def test_a_folder_inside_a_closed_one_is_not_opened_up(folder, monkeypatch):
    folder.chmod(0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with temporary() as server:
        assert len(await run(server.start().service, "select 1")) == 1
        place = next(folder.glob("clm-*/postgres")).resolve()
        assert (place.parent == SYSTEM_FOLDER) == (os.geteuid() == 0)
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not place.exists()
    assert list(folder.iterdir()) == []


def test_reach_is_judged_by_the_permission_bits(tmp_path):
    inner = tmp_path / "open" / "inner"
    inner.mkdir(parents=True)
    tmp_path.chmod(0o711)
    stranger = Account(uid=os.geteuid() + 4321, gid=os.getegid() + 4321, foreign=True)
    inner.chmod(0o755)
    assert stranger.may(inner, 5)
    inner.chmod(0o711)
    assert stranger.may(inner, 1)
    assert not stranger.may(inner, 5)
    inner.parent.chmod(0o700)
    assert not stranger.reaches(inner)
    assert Account(os.geteuid(), os.getegid(), foreign=False).reaches(inner)
