"""`clm` as a process and in process: exit status, what is printed where, and what is said when it cannot be done."""

import asyncio
import base64
import os
import re
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from clm import cli, doctor, schemas
from clm.kit import embedded, migrations
from clm.kit.storage import StorageUnavailable, from_url
from clm.settings import Settings
from tests.conftest import MASTER_KEY, ROOT, caller, free_port

UUID = r"[0-9a-f-]{36}"


def clm(*arguments, **environment):
    """One command to its end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CLM_")}
    return subprocess.run(
        [sys.executable, "-m", "clm.cli", *arguments],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@pytest.fixture
def given(dsns, tmp_path):
    """The environment of an operator's shell: the service role, a store, no owner."""
    return {
        "CLM_DATABASE_URL": dsns.service,
        "CLM_STORAGE_URL": f"file://{tmp_path}/objects",
        "CLM_DATA_DIR": str(tmp_path),
        "CLM_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
    }


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(
        name in shown
        for name in ("serve", "worker", "migrate", "demo", "keys", "reseal", "calendar", "rates", "doctor", "schemas")
    )


def test_without_a_command_it_says_how(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([])
    assert ended.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


async def test_keys_for_a_new_tenant_work_over_http(given, app):
    made = clm("keys", "--new-tenant", "ACME", "--scope", "parties:read", "--name", "reader", **given)
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    assert re.fullmatch(r"clm_[\w-]{43}", key), "the key is alone on standard output"
    assert re.search(rf"tenant {UUID}\nkey {UUID} \(reader\) with parties:read", made.stderr)
    async with caller(app, key) as client:
        assert (await client.get("/v1/parties")).status_code == 200
        assert (await client.get("/v1/contracts")).status_code == 403


async def test_keys_can_be_revoked(given, app, tenancy):
    made = clm("keys", "--tenant", str(tenancy.tenant), **given)
    key_id = re.search(rf"key ({UUID})", made.stderr)[1]
    revoked = clm("keys", "--tenant", str(tenancy.tenant), "--revoke", key_id, **given)
    assert revoked.returncode == 0, revoked.stderr
    assert f"key {key_id} (command line) is revoked" in revoked.stderr
    async with caller(app, made.stdout.strip()) as client:
        assert (await client.get("/v1/parties")).status_code == 401


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say --new-tenant NAME or --tenant ID"),
        (("--tenant", "ACME"), "say --new-tenant NAME or --tenant ID"),
        (("--tenant", str(uuid4())), "there is no tenant"),
        (("--tenant", str(uuid4()), "--revoke", str(uuid4())), "There is no such API key"),
        (("--tenant", str(uuid4()), "--revoke", "first"), "--revoke takes the id of a key"),
        (("--new-tenant", "ACME", "--scope", "everything"), "--name or --scope cannot be used"),
        (("--new-tenant", "ACME", "--scope", "nonsense:read"), "There is no such resource; known: attachments, "),
        (("--new-tenant", "ACME", "--tenant", str(uuid4())), "--new-tenant goes with neither"),
    ],
)
def test_keys_that_cannot_be_made(given, arguments, said):
    refused = clm("keys", *arguments, **given)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert refused.stdout == ""
    assert "Traceback" not in refused.stderr


@pytest.fixture
def fresh(given):
    """The same on a database that no other test attaches files to."""
    with embedded.temporary() as server:
        dsns = server.start()
        asyncio.run(migrations.migrate(dsns.owner))
        yield given | {"CLM_DATABASE_URL": dsns.service}


@pytest.mark.parametrize("options", [(), ("--deep",)])
def test_doctor_finds_nothing_wrong(fresh, options):
    examined = clm("doctor", *options, **fresh)
    assert examined.returncode == 0, examined.stdout + examined.stderr
    checks = [line.split()[:2] for line in examined.stdout.splitlines()]
    names = ("settings", "role", "server", "migrations", "storage", "sealing", "tenants", "timers", "keys", "files")
    assert checks == [["ok", name] for name in names]
    assert "://clm_service" not in examined.stdout, "no address with a password is printed"


def test_doctor_names_a_setting_that_does_not_exist(given):
    examined = clm("doctor", **given, CLM_POOLSIZE="4")
    assert examined.returncode == 1
    assert re.search(r"^FAIL  settings .*-> .*CLM_POOLSIZE", examined.stdout, re.MULTILINE)


async def test_doctor_says_which_migrations_are_missing(database, store, monkeypatch):
    monkeypatch.setattr("clm.kit.migrations.files", lambda: {"9999_new.sql": "select 1"})
    findings = {f.check: f async for f in doctor.examine(database, store, Settings(), {})}
    assert findings["migrations"].remedy.startswith("run `clm migrate`")
    assert "tenants" not in findings, "without its schema a database is asked nothing more"


async def test_doctor_says_that_the_store_does_not_answer(database, tmp_path, monkeypatch):
    store = from_url(f"file://{tmp_path}/objects")

    async def gone():
        raise StorageUnavailable("connection refused")

    monkeypatch.setattr(store, "ping", gone)
    settings = Settings(storage_url="s3://key:secret@objects:9000/contracts?secure=false")
    findings = {f.check: f async for f in doctor.examine(database, store, settings, {})}
    await store.close()
    assert findings["storage"].found == "s3://objects:9000/contracts: connection refused"
    assert findings["storage"].remedy


async def test_doctor_wants_a_master_key_and_a_scanner_that_answers(database, store):
    settings = Settings(database_url="postgresql://x", clamd_url=f"tcp://127.0.0.1:{free_port()}")
    findings = {f.check: f async for f in doctor.examine(database, store, settings, {})}
    assert "CLM_MASTER_KEY" in findings["sealing"].remedy
    assert "CLM_CLAMD_URL" in findings["scanner"].remedy


async def test_doctor_knows_the_first_key(database, store, tenancy):
    found = [f async for f in doctor.examine(database, store, Settings(bootstrap_api_key=tenancy.key), {})]
    assert any(f.check == "tenants" and str(tenancy.tenant) in f.found for f in found)
    lost = [f async for f in doctor.examine(database, store, Settings(bootstrap_api_key="x" * 40), {})]
    assert any(f.check == "tenants" and f.remedy for f in lost)


def test_a_setting_that_cannot_be_used_is_named():
    refused = clm("serve", CLM_BOOTSTRAP_API_KEY="short")
    assert refused.returncode == 1
    assert refused.stderr == "clm: CLM_BOOTSTRAP_API_KEY must have 32 characters or more\n"


def test_a_database_that_is_not_there_is_an_error_without_a_traceback(given):
    refused = clm("doctor", **given | {"CLM_DATABASE_URL": "postgresql://clm_service:x@127.0.0.1:1/clm"})
    assert refused.returncode == 1
    assert refused.stderr.startswith("clm: ")
    assert "Traceback" not in refused.stderr


def test_migrate_says_what_it_needs(given):
    refused = clm("migrate", **given)
    assert refused.returncode == 1
    assert "CLM_OWNER_DATABASE_URL" in refused.stderr


def test_generated_files_are_up_to_date():
    checked = clm("schemas", "--check")
    assert checked.returncode == 0, checked.stdout


def test_schemas_writes_what_has_changed(tmp_path, monkeypatch, capsys):
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(schemas, "ROOT", tmp_path)
    assert schemas.run(check=True) == 1
    assert "out of date: schemas/openapi.json" in capsys.readouterr().out
    assert schemas.run(check=False) == 0
    assert (tmp_path / "schemas/problems.json").read_text(encoding="utf-8").startswith("[")
    assert (tmp_path / "docs/reference/lifecycle.svg").is_file()
    capsys.readouterr()
    assert schemas.run(check=True) == 0
    assert capsys.readouterr().out == ""


def test_schemas_outside_a_checkout_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(schemas, "ROOT", Path(tmp_path))
    assert schemas.run(check=False) == 1
    assert "checkout" in capsys.readouterr().err


def test_serve_prints_its_address(served):
    log = (served.data_dir.parent / f"{served.data_dir.name}.log").read_text(encoding="utf-8")
    assert f"clm serves http://127.0.0.1:{served.port}" in log
    assert served.key not in log
    assert httpx.get(f"{served.url}/healthz").json() == {"status": "alive"}
