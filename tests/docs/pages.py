"""Runs the shell blocks of a page, and holds their output against the JSON blocks below them."""

import json
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "==== end of block ===="
ANY = "…"


def blocks(page):
    """(language, text) of every fenced block."""
    return BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))


def run(page, folder, replace):
    """Run the page's `sh` blocks in one bash; returns what each printed with the JSON expected of it.

    `replace` maps what the page says to what holds in the test: its port, its key.
    """
    scripts, expected = [], []
    for language, text in blocks(page):
        if language == "sh":
            scripts.append(text)
            expected.append([])
        elif language == "json":
            expected[-1].append(json.loads(text))
    script = "set -eu\n" + "".join(f"{text}\necho\necho '{MARK}'\n" for text in scripts)
    for said, here in replace.items():
        assert said in script
        script = script.replace(said, here)
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment | {"LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    printed = done.stdout.split(f"\n{MARK}\n")[:-1]
    return list(zip(scripts, printed, expected, strict=True))


def values(printed):
    """The JSON values that a block printed, one after the other."""
    decoder, text, found = json.JSONDecoder(), printed.strip(), []
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:].lstrip()
    return found


def assert_shown(shown, real, where="answer"):
    """Whatever the page shows is there; objects may hold more, lists may be longer, `…` is any value."""
    if shown == ANY:
        return
    if isinstance(shown, dict):
        assert isinstance(real, dict), where
        for name, value in shown.items():
            assert name in real, f"{where} has no {name}"
            assert_shown(value, real[name], f"{where}.{name}")
    elif isinstance(shown, list) and shown and isinstance(shown[0], dict):
        assert isinstance(real, list), where
        assert len(real) >= len(shown), where
        for number, value in enumerate(shown):
            assert_shown(value, real[number], f"{where}[{number}]")
    else:
        assert shown == real, where
