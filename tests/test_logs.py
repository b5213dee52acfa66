"""Every line on standard error is JSON, whoever logs it."""

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT

LIBRARY = """
import asyncio, logging, sys, warnings
from clm import cli, serving
from clm.settings import Settings

cli._log_as("{level}")
serving._http_server(Settings(), None)
password = "secret" + "-local"
try:
    raise OSError("gone") from ValueError("first")
except OSError:
    logging.getLogger("asyncpg.pool").exception("lost %s", "connection")
    logging.getLogger("_granian").error("Application callable raised an exception", exc_info=True)
logging.getLogger("_granian").warning("Embedded server is experimental!")
logging.getLogger("urllib3").info("GET http://objects/secret")
warnings.warn("old")


async def fail():
    asyncio.get_running_loop().call_exception_handler({{"message": "Task exception was never retrieved"}})


asyncio.run(fail())
cli.structlog.get_logger("clm").info("ready", port=8000)
"""


def lines(level):
    done = subprocess.run(
        [sys.executable, "-c", LIBRARY.format(level=level)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    assert "secret" not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


@pytest.mark.parametrize("level", ["debug", "info"])
def test_what_libraries_log_comes_out_as_our_own_lines_do(level):
    found = lines(level)
    assert [(line.get("logger"), line["level"]) for line in found] == [
        ("asyncpg.pool", "error"),
        ("_granian", "error"),
        ("py.warnings", "warning"),
        ("asyncio", "error"),
        (None, "info"),
    ]
    lost, granian, *_, own = found
    assert lost["event"] == "lost connection"
    assert "OSError: gone" in lost["exception"]
    assert "OSError: gone" in granian["exception"]
    assert own["port"] == 8000
    assert all(line["timestamp"].endswith("Z") for line in found)


def test_a_higher_level_silences_libraries_too():
    assert [line["level"] for line in lines("error")] == ["error", "error", "error"]
