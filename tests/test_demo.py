"""`clm demo` as a process: the whole story, twice; what it leaves behind; what it says when it cannot go on."""

import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from io import StringIO

import psutil
import pytest
from rich.console import Console

from clm.demo import api, process
from tests.conftest import ROOT

SECONDS = 60


def command(svg):
    return [sys.executable, "-m", "clm.cli", "demo", "--svg", str(svg)]


def environment(folder):
    """A temporary folder of the test's own, reachable for the database's account, so that leftovers show."""
    folder.mkdir()
    folder.chmod(0o711)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CLM_")}
    return clean | {"TMPDIR": str(folder)}


def lines_with(text, *words):
    return [line for line in text.splitlines() if all(word in line for word in words)]


def test_the_story_is_told_to_its_end_and_again(tmp_path):
    environ = environment(tmp_path / "temporary")
    for number in (1, 2):
        svg = tmp_path / f"chart-{number}.svg"
        told = subprocess.run(
            command(svg), cwd=ROOT, env=environ, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert told.returncode == 0, told.stderr + told.stdout
        assert_told(told.stdout)
        assert "\x1b" not in told.stdout, "no escape sequences where no terminal is"
        drawn = ET.fromstring(svg.read_bytes())  # noqa: S314  our own picture
        assert drawn.tag.endswith("svg")
        assert list((tmp_path / "temporary").iterdir()) == [], "nothing is left behind"


def assert_told(story):
    assert lines_with(story, "contract.formed", "2026-01-08 09:30", "T04")
    assert lines_with(story, "timer armed: effect", "2026-03-01 00:00")
    assert lines_with(story, "contract.effective", "2026-03-01 00:00", "T06")
    assert lines_with(story, "version 2:", "sha256")
    assert lines_with(story, "as_of=2026-04-30", "late-payment rate 0.0005")
    assert lines_with(story, "as_of=2026-05-01", "late-payment rate 0.0003")
    assert lines_with(story, "arrival: arrived", "2026-04-16 11:00", "proven")
    assert lines_with(story, "timer armed: cure", "2026-05-07 00:00")
    assert lines_with(story, "superseded: contract.terminated", "2026-05-07 00:00")
    assert lines_with(story, "known_at=2026-05-08", "terminated (rescinded_automatically)")
    assert lines_with(story, "refused by T50", "settlement")
    assert lines_with(story, "contract.closed", "T50")
    assert lines_with(story, "客户名单: expired", "2029-06-30", "post_contract")
    assert lines_with(story, "confidentiality.expired", "2029-07-01 00:00", "│")


def test_a_picture_that_cannot_be_written_is_told_before_anything_starts(tmp_path):
    refused = subprocess.run(
        command(tmp_path / "missing" / "chart.svg"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith("clm demo: there is no folder")
    assert refused.stdout == ""


def test_stopped_midway_it_takes_its_service_along(tmp_path):
    environ = environment(tmp_path / "temporary")
    with subprocess.Popen(
        command(tmp_path / "chart.svg"), cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
    ) as demo:
        for line in demo.stdout:
            if line.startswith("Starting"):
                break
        running = psutil.Process(demo.pid)
        while not running.children(recursive=True):
            assert demo.poll() is None
        started = running.children(recursive=True)
        demo.send_signal(signal.SIGTERM)
        demo.communicate(timeout=SECONDS)
    assert demo.returncode == 130
    _, alive = psutil.wait_procs(started, timeout=10)
    assert alive == []
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_service_that_does_not_start_is_told_with_its_log(tmp_path, monkeypatch):
    failing = [sys.executable, "-c", "import sys; sys.exit('no such port')"]

    def start(folder, _port, _key):
        with (folder / "log").open("wb") as log:
            return subprocess.Popen(failing, stdout=log, stderr=log)

    monkeypatch.setattr(process, "_start", start)
    monkeypatch.setattr(process.tempfile, "tempdir", str(tmp_path))
    with pytest.raises(api.DemoError) as told, process.serving(Console(file=StringIO()), "key"):
        pass
    assert "ended with status 1 before it was ready" in str(told.value)
    assert "no such port" in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_was_not_expected_ends_the_story(served):
    with pytest.raises(api.DemoError, match=r"POST /v1/parties answers 400 where 2xx was expected: .*malformed"):
        api.Api(served.url, served.key).post("/v1/parties", {"legal_name": 1})
    with pytest.raises(api.DemoError, match="GET /v1/parties answers 401"):
        api.Api(served.url, "wrong").get("/v1/parties")
