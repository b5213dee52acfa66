"""A server whose data goes with it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clm.kit.embedded.server import EmbeddedPostgres


@contextmanager
def temporary() -> Iterator[EmbeddedPostgres]:
    """A started server on a fresh folder, stopped and deleted at the end: for tests and demonstrations."""
    folder = Path(tempfile.mkdtemp(prefix="clm-"))
    server = EmbeddedPostgres(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        place = (folder / "postgres").resolve()  # as root it may be a link to elsewhere
        if place.is_dir():
            shutil.rmtree(place)
        shutil.rmtree(folder)
