"""The floor's transitions: what the service stores for `suspend` and `resume`, read off it once, written by hand."""

from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from clm.features.contracts import service
from clm.kit.auth import Actor
from clm.kit.ids import uuid7
from tests.benchmarks import contracts
from tests.benchmarks.recording import Recorder

ACTIONS: dict[str, dict[str, Any]] = {"suspend": {"reason": "agreed"}, "resume": {}}


class Move(msgspec.Struct, frozen=True):
    """What one action writes, the documents encoded."""

    configuration: list[str]
    state: str
    kind: str
    actor: UUID
    data: str
    event: dict[str, Any]

    @classmethod
    def of(cls, arguments: tuple[Any, ...], actor: UUID) -> "Move":
        """From the arguments of `store_decision`."""
        state, (fact,), (event,) = arguments[5], arguments[19], arguments[20]
        return cls(state.configuration, _json(state), fact["kind"], actor, _json(fact["data"]), event)

    def arguments(self, contract_id: UUID) -> list[object]:
        """Those of the statement `transition`, with ids of their own."""
        event = self.event
        return [
            contract_id,
            self.configuration,
            self.state,
            uuid7(),
            self.kind,
            self.actor,
            self.data,
            uuid7(),
            event["type"],
            event["transition"],
            event["rule"],
            event["explanation"],
            _json(event["data"]),
        ]


async def moves(unit: Recorder, actor: Actor) -> dict[str, Move]:
    """What the service would store for each action on the model in force; the caller rolls back."""
    model = await unit.value(contracts.sql.model, contracts.MODEL_IN_FORCE)
    found = {}
    for name, body in ACTIONS.items():
        arguments = await unit.arguments_of(
            service.sql.store_decision, service.apply(unit, actor, model, name, body), goes_on=True
        )
        found[name] = Move.of(arguments, actor.key)
    return found


async def move(connection: asyncpg.Connection, found: dict[str, Move], path: str) -> bytes:
    """Take the transition that a path names."""
    _, _, _, contract_id, _, name = path.split("/")
    made = await connection.fetchval(contracts.sql.transition, *found[name].arguments(UUID(contract_id)))
    return msgspec.json.encode({"id": contract_id, "fact_no": made})


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
