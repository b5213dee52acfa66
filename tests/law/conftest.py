"""Names for the cases of the tests of the law.

mutmut runs the tests that touch a mutant by their names, and does not find one that pytest had to escape: it would take
the mutant for found.
"""

from typing import Any


def pytest_make_parametrize_id(val: Any) -> str | None:
    """A plain name for a case that is given by other than printable ASCII."""
    if not isinstance(val, str) or (val.isascii() and val.isprintable() and "\\" not in val):
        return None
    return "".join(one if one.isascii() and one.isalnum() else f"U+{ord(one):04X}" for one in val[:12])
