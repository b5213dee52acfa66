"""`clm demo`: the sample contract from its draft to the end of its confidentiality, over HTTP, on a test clock."""

import secrets
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from rich.console import Console

from clm.demo.api import Api, DemoError
from clm.demo.process import serving
from clm.demo.story import Story
from clm.demo.telling import Teller
from clm.settings import Settings

FAILED = 1
PLAIN_WIDTH = 140


def run(svg: Path, settings: Settings) -> int:
    """Tell the story and write the chart to `svg`; returns the exit status. The service it starts ends with it."""
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False)
    before = signal.signal(signal.SIGTERM, _stop)
    began = time.monotonic()
    try:
        _check(svg)
        key = secrets.token_urlsafe(32)
        with serving(console, key) as url:
            teller = Teller(console)
            Story(Api(url, key), teller).tell(svg)
        teller.close(time.monotonic() - began, svg, settings)
    except DemoError as error:
        sys.stderr.write(f"clm demo: {error}\n")
        return FAILED
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0


def _check(svg: Path) -> None:
    """Better now than at the end of the story."""
    if not svg.absolute().parent.is_dir():
        raise DemoError(f"there is no folder {svg.absolute().parent} to write {svg.name} to")


def _stop(_number: int, _frame: FrameType | None) -> None:
    """End by way of every `finally`, so that the service is stopped and its data removed."""
    raise KeyboardInterrupt
