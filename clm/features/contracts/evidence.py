"""Evidence is an attachment of the same contract; a fact that names another is refused before it is decided."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from clm.features.contracts import store
from clm.kit.db import Unit
from clm.kit.problems import invalid

sql = store.sql


async def check(unit: Unit, contract_id: UUID, evidence: Sequence[UUID]) -> None:
    """Raise Problem 422 for the first id that is no attachment of the contract."""
    if not evidence:
        return
    unknown = {row["id"] for row in await unit.all(sql.unknown_attachments, contract_id, list(evidence))}
    for index, attachment_id in enumerate(evidence):
        if attachment_id in unknown:
            raise invalid(f"/evidence/{index}", f"The contract has no attachment {attachment_id}.")


def named(data: dict[str, Any]) -> list[UUID]:
    """What a fact names as evidence; of a correction, also what its replacement names."""
    try:
        found = [*data.get("evidence", []), *(data.get("replacement") or {}).get("evidence", [])]
        return [UUID(str(each)) for each in found]
    except (ValueError, TypeError):
        raise invalid("/replacement/evidence", "Evidence is named by the ids of attachments.") from None
