"""What a notice must say to have its effect (R-N11). Whether it arrived is another question, and judged apart."""

from typing import Literal

import msgspec

NoticeType = Literal[
    "offer",
    "acceptance",
    "approval",
    "condition_fulfilled",
    "amendment_proposal",
    "address_change",
    "demand",
    "cure_notice",
    "rescission",
    "objection",
    "suspension",
    "resume",
    "force_majeure",
    "fm_proof",
    "renewal_objection",
    "settlement_statement",
    "payment_demand",
    "confidentiality_disclosure",
    "compelled_disclosure",
    "data_incident",
    "crisis_report",
    "complaint",
    "sla_report",
    "assignment",
    "debt_transfer",
    "withdrawal",
]
"""What a notice (通知) says. Those that exercise a right move the contract when they arrive."""
GROUNDED: frozenset[str] = frozenset(("cure_notice", "rescission"))
"""Types of notice that exercise a right: they must name its ground (562-565)."""


class Defect(msgspec.Struct, frozen=True):
    """What a notice lacks, so that its arrival moves nothing."""

    pointer: str
    rule: str
    message: str


def defects_of(notice_type: str, ground: str | None) -> list[Defect]:
    """What a notice lacks; it may arrive all the same, and moves nothing."""
    if ground is not None or notice_type not in GROUNDED:
        return []
    return [Defect("/ground", "R-N11", f"A {notice_type} must name its ground; without one it has no effect.")]
