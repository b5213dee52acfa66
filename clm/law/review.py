"""The statutory review (合同审查): what the law says against a contract's terms, before signing (rules L01 to L18)."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

Severity = Literal["error", "warn"]


class Side(msgspec.Struct, frozen=True):
    """One party of the contract, as far as the review asks: its role, its kind and its size class."""

    role: str
    kind: str | None = None
    size_class: str | None = None


class Finding(msgspec.Struct, frozen=True):
    """Something found: the rule, the article behind it, where it stands (a JSON pointer), and what would cure it."""

    rule: str
    article: str
    severity: Severity
    pointer: str
    text: str
    cure: str


def review(
    agreed: dict[str, Any],
    applying: dict[str, Any],
    *,
    sides: Sequence[Side] = (),
    texts: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """What is found in terms as agreed, and as they apply with the defaults filled in; by rule, then by place.

    `texts` are the section texts that the contract itself changed, by section number.
    """
    del agreed, applying, sides, texts
    return ()
