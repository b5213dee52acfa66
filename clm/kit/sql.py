"""SQL lives in `.sql` files; this loads them once, at import, and freezes them."""

import re
from importlib import resources
from typing import NoReturn

_NAME = re.compile(r"^-- name: ([a-z_]+)$", re.MULTILINE)


class Statements:
    """The statements of one `queries.sql`, one attribute a name.

    A statement is everything between its `-- name: x` line and the next, without the comment lines that
    explain it, so that what the server sees is what a reader of the log needs.
    """

    def __init__(self, source: str, text: str) -> None:
        parts = _NAME.split(text)
        names, bodies = parts[1::2], parts[2::2]
        found: dict[str, str] = {}
        for name, body in zip(names, bodies, strict=True):
            if name in found:
                raise ValueError(f"{source}: {name} is there twice")
            found[name] = _without_comments(body)
        vars(self).update(found)
        vars(self)["_names"] = tuple(found)
        vars(self)["_source"] = source

    def __getattr__(self, name: str) -> str:
        raise AttributeError(f"{vars(self)['_source']} has no statement {name}")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("statements are frozen")

    def named_statements(self) -> list[tuple[str, str]]:
        """All (name, statement) pairs, in file order."""
        names: tuple[str, ...] = vars(self)["_names"]
        return [(name, getattr(self, name)) for name in names]


def load(package: str, name: str = "queries.sql") -> Statements:
    """Read the statements of a package; raises FileNotFoundError at import where the file is missing."""
    text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    return Statements(f"{package}/{name}", text)


def _without_comments(body: str) -> str:
    lines = [line for line in body.splitlines() if not line.lstrip().startswith("--")]
    return "\n".join(lines).strip().rstrip(";")
