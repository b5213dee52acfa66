"""The term groups that decisions read mean the same in every type: a tenant's own type may narrow them, no more."""

from typing import Any

from clm.features.contract_types.models import ContractType

DECIDED_BY = (
    "term",
    "effectiveness",
    "confidentiality",
    "termination",
    "notices",
    "attachments",
    "personal_information",
)


def shared_schema(model: ContractType) -> dict[str, Any]:
    """The schema that these groups must fit besides their type's own, as the built-in `model` has it."""
    groups = {group: {"$ref": f"#/$defs/{group}"} for group in DECIDED_BY}
    return {"type": "object", "properties": groups, "$defs": model.terms_schema["$defs"]}
