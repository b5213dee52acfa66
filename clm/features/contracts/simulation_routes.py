"""Simulations over HTTP."""

from uuid import UUID

from clm.features.contracts import simulation
from clm.features.contracts.simulation_models import Scenarios, Simulation, SimulationRequest
from clm.kit.auth import scope
from clm.kit.given import FromPath, JSONBody, Reads, Unit
from clm.kit.handlers import get, post
from clm.kit.http import StrictRequest
from clm.kit.openapi import Example

_ASKED = {
    "facts": [
        {
            "action": "notice.arrive",
            "type": "cure_notice",
            "from": "A",
            "ground": "material_breach",
            "cure": {"automatic": True},
            "at": "2026-04-16T11:00:00+08:00",
        },
        {"action": "record-performance", "at": "2026-05-06T23:00:00+08:00", "ground": "material_breach"},
    ],
    "until": "2026-12-31",
}


@post(
    "/contracts/{contract_id:uuid}/simulate",
    operation_id="simulateContract",
    summary="Try facts on a copy",
    description="What would follow from facts, in the past or ahead, and from time going on: states, events, timers, "
    "and what of the record would hold no more. The decisions are the real ones; nothing is stored. A fact that is "
    "not allowed says why in its step, and the others go on.",
    tags=["Contracts"],
    guards=[scope("contracts:read")],
    status_code=200,
    example=Example(request=_ASKED),
)
async def simulate_contract(
    request: StrictRequest, contract_id: FromPath[UUID], unit: Unit, data: JSONBody[SimulationRequest]
) -> Simulation:
    request.scope["state"]["only_tries"] = True
    return await simulation.simulate(unit.database.reads(unit.tenant), contract_id, data)


@get(
    "/contracts/{contract_id:uuid}/scenarios",
    operation_id="getScenarios",
    summary="Both outcomes of a contested end",
    description="Where the contract was ended by notice, or a notice period runs: how it stands if the end holds, and "
    "how it would stand now if a court found it groundless (T45). Empty where nothing of the kind is on record.",
    tags=["Contracts"],
    guards=[scope("contracts:read")],
)
async def get_scenarios(contract_id: FromPath[UUID], reads: Reads) -> Scenarios:
    return await simulation.scenarios(reads, contract_id)


routes = [simulate_contract, get_scenarios]
