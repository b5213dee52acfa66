"""`clm schemas`: write the files that are made from the code, or say which are out of date."""

import asyncio
import sys
import tempfile
from pathlib import Path

from clm.app import litestar
from clm.features.accounts import service as accounts
from clm.kit import openapi
from clm.kit.auth import Authenticator
from clm.kit.db import Database
from clm.kit.storage import from_url
from clm.kit.vault import Vault
from clm.lifecycle import document

FAILED = 1
ROOT = Path(__file__).parents[1]


def run(*, check: bool) -> int:
    """Write what has changed, or with `check` only name it; returns 0 where everything is up to date."""
    if not (ROOT / "pyproject.toml").is_file():
        sys.stderr.write("clm schemas: works in a checkout of the source only\n")
        return FAILED
    stale = {path: text for path, text in generated().items() if _text_of(path) != text}
    for path, text in stale.items():
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{'out of date' if check else 'written'}: {path.relative_to(ROOT)}\n")
    if stale and check:
        sys.stdout.write("Run `make schemas` and commit what it writes.\n")
    return FAILED if stale and check else 0


def generated() -> dict[Path, str]:
    """Every generated file with the text that the code says."""
    schemas = {ROOT / "schemas" / name: text for name, text in _of_the_api().items()}
    pages = {ROOT / "docs" / "reference" / name: text for name, text in document.files().items()}
    return schemas | pages


def _of_the_api() -> dict[str, str]:
    """What the application says of itself; it is composed for that, but neither connected nor served."""
    database = Database("")
    authenticator = Authenticator(lambda digest: accounts.find_actor(database, digest))
    with tempfile.TemporaryDirectory() as folder:
        store = from_url(f"file://{folder}")
        found = openapi.files(litestar(database, Vault(store), authenticator, metrics=False))
        asyncio.run(store.close())
    return found


def _text_of(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
