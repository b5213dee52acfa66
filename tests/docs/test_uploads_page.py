"""The page of uploads names every code and the limits that are in force."""

import re
from pathlib import Path
from typing import get_args

from clm.features.attachments.uploads import UPLOAD_BYTES
from clm.kit.extraction import ExtractionLimits
from clm.kit.inspection import Limits
from clm.kit.inspection.findings import Code

PAGE = (Path(__file__).parents[2] / "docs/reference/uploads.md").read_text(encoding="utf-8")
MEBIBYTE = 1024**2


def test_every_code_has_its_line_and_every_line_its_code():
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == list(get_args(Code))


def test_the_limits_are_those_in_force():
    limits, reading = Limits(), ExtractionLimits()
    rows = dict(re.findall(r"^\| ([^`|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE))
    assert rows["one version"].startswith(f"{UPLOAD_BYTES // 1024**3} GiB")
    assert rows["entries of an archive"] == f"{limits.entries}"
    swollen = f"{limits.unpacked_bytes // 1024**3} GiB, and {limits.ratio} times its own size"
    assert rows["what an archive says it unpacks to"].startswith(swollen)
    assert rows["archives in archives"] == f"{limits.depth} deep, {limits.part_bytes // MEBIBYTE} MiB each"
    assert rows["the list of an archive's entries"] == f"{limits.directory_bytes // MEBIBYTE} MiB"
    assert rows["what is unpacked to be looked at"] == f"{limits.read_bytes // MEBIBYTE} MiB"
    text = (
        f"{reading.memory_bytes // 1024**3} GiB of memory, {reading.cpu_seconds} seconds of processor time, "
        f"{reading.input_bytes // MEBIBYTE} MiB of file and {reading.output_bytes // MEBIBYTE} MiB of text"
    )
    assert text in " ".join(PAGE.split())
