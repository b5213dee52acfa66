"""What a draft must keep to before anything is decided about it."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from clm.features.contract_types.service import ContractType
from clm.features.contracts.models import ExternalRef, PartyRole
from clm.kit.auth import Actor, covers
from clm.kit.problems import Problem, invalid


def check_reference(system: str, external_id: str) -> None:
    """The ids of an address keep to what ids in a body keep to."""
    try:
        msgspec.convert({"system": system, "id": external_id}, ExternalRef)
    except msgspec.ValidationError:
        raise invalid("/external_refs", "The system's name and its id have 1 to 100 characters each.") from None


REVIEW, CORRECT = "review:write", "corrections:write"
"""Scopes that let a key waive what the review finds, and put right what was recorded by mistake."""


def check_scopes(actor: Actor, action: str, data: Mapping[str, Any]) -> None:
    """Raise Problem 403 where an action asks for more than writing contracts and the key may not."""
    if data.get("waive") and not covers(actor, REVIEW):
        raise Problem("forbidden", f"To waive what the review finds, the API key needs the scope {REVIEW}.")
    if action == "correct" and not covers(actor, CORRECT):
        raise Problem("forbidden", f"To correct what is on record, the API key needs the scope {CORRECT}.")


def merge_patch(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """JSON Merge Patch (RFC 7396)."""
    result = dict(target)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            below = result.get(name)
            result[name] = merge_patch(below if isinstance(below, dict) else {}, value)
        else:
            result[name] = value
    return result


def check_zone(name: str) -> None:
    """Raise Problem 422 for a time zone that does not exist."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise invalid("/time_zone", f"{name} is no IANA time zone.") from None


def check_roles(contract_type: ContractType, parties: list[PartyRole]) -> None:
    """Raise Problem 422 for a role that the type does not know or that is given twice."""
    known = [role.role for role in contract_type.roles]
    for index, party in enumerate(parties):
        if party.role not in known:
            raise invalid(f"/parties/{index}/role", f"{party.role} is no role of the type; roles: {', '.join(known)}.")
        if party.role in [earlier.role for earlier in parties[:index]]:
            raise invalid(f"/parties/{index}/role", f"Role {party.role} is given twice.")
        if party.party_id in [earlier.party_id for earlier in parties[:index]]:
            raise invalid(f"/parties/{index}/party_id", "Nobody contracts with himself: this party has a role already.")


def roles_missing(contract_type: ContractType, parties: list[PartyRole]) -> list[str]:
    """The roles that nobody fills yet; a draft may wait for them, a submission may not."""
    filled = {party.role for party in parties}
    return [role.role for role in contract_type.roles if role.role not in filled]
