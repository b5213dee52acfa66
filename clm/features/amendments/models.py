"""Amendments on the wire."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from clm.features.contracts.service import DecisionOut
from clm.lifecycle import facts
from clm.lifecycle.facts import EffectiveOn, Role, Text

Change = dict[str, Any]


class NewAmendment(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A proposal: a JSON Patch (RFC 6902) over `/terms`, `/sections/<number>/text` and `/title`."""

    changes: Annotated[list[Change], Meta(min_length=1, max_length=200)]
    rationale: Text | None = None
    effective: EffectiveOn | None = None
    proposed_by: Role | None = None
    at: dt.datetime | None = None


class DropAmendment(facts.Body, kw_only=True):
    """Why an amendment is rejected or withdrawn."""

    reason: Text | None = None


class Amendment(msgspec.Struct, kw_only=True):
    """An amendment: proposed, agreed_pending, applied, rejected, withdrawn or void.

    `terms_version` is the version it made, once applied; `base_version` the one it was proposed against.
    """

    id: UUID
    contract_id: UUID
    no: int
    status: str
    changes: list[Change]
    rationale: str | None
    effective: dict[str, Any]
    proposed_by: str | None
    base_version: int
    terms_version: int | None
    executions: list[dict[str, Any]]
    proposed_at: dt.datetime
    agreed_at: dt.datetime | None
    applies_at: dt.datetime | None
    recorded_at: dt.datetime
    version: int


class AmendmentDecided(Amendment, kw_only=True):
    """The amendment as it now stands, with the decision on the fact."""

    decision: DecisionOut
