"""Contracts over HTTP."""

from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from clm.features.contracts import (
    consolidated,
    listing,
    reading,
    reviewing,
    sections,
    service,
    simulation_routes,
    version_routes,
)
from clm.features.contracts.checks import check_scopes
from clm.features.contracts.examples import BOTH_FORUMS, NEW, REVIEW
from clm.features.contracts.models import (
    ActionsOut,
    Contract,
    ContractDraft,
    ContractPatch,
    ContractUpsert,
    Decided,
    DecisionOut,
    ReviewOut,
    ReviewRequest,
    SectionOut,
    SectionsOut,
    TermsOut,
    TimelineOut,
)
from clm.features.timers import service as timers
from clm.kit import http
from clm.kit.auth import scope
from clm.kit.given import Actor, Cursor, FromPath, FromQuery, IfMatch, JSONBody, Limit, Reads, Unit
from clm.kit.handlers import get, patch, post, put
from clm.kit.openapi import Example
from clm.kit.paging import Page
from clm.kit.preconditions import etag
from clm.lifecycle import diagram
from clm.lifecycle.actions import REGISTER, Action

TAGS = ["Contracts"]
READ, WRITE = scope("contracts:read"), scope("contracts:write")
AsOf: TypeAlias = Annotated[
    str | None, QueryParameter(description="An instant (RFC 3339), or a date, which means its last instant")
]


@post(
    "/contracts",
    operation_id="createContract",
    summary="Create a draft",
    description="Terms that are left out are filled by the type's defaults, which say `assumed`.",
    tags=TAGS,
    guards=[WRITE],
    example=Example(request=NEW),
)
async def create_contract(unit: Unit, actor: Actor, data: JSONBody[ContractDraft]) -> Response[Contract]:
    contract = await service.create(unit, actor, data)
    return http.created(contract, contract.version, f"/v1/contracts/{contract.id}")


@get(
    "/contracts",
    operation_id="listContracts",
    summary="List contracts",
    description="In the order they were made; by status, number or party, or by what they, their notices or their "
    "files say (`q`: words and quoted phrases of two characters or more, all in one passage; see `GET /v1/search`).",
    tags=TAGS,
    guards=[READ],
)
async def list_contracts(
    reads: Reads,
    actor: Actor,
    status: FromQuery[Literal["draft", "effective", "amendment", "terminated"] | None] = None,
    number: FromQuery[str | None] = None,
    party_id: FromQuery[UUID | None] = None,
    q: FromQuery[str | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Contract]:
    return await listing.page(
        reads,
        status=status,
        number=number,
        party_id=party_id,
        query=q,
        cleared=actor.cleared,
        limit=limit,
        cursor=cursor,
    )


@get(
    "/contracts/{contract_id:uuid}",
    operation_id="getContract",
    summary="Read a contract, now or as it stood",
    description="`as_of` asks for the terms and state at an instant, `known_at` for what was known of them by then.",
    tags=TAGS,
    guards=[READ],
)
async def get_contract(
    contract_id: FromPath[UUID],
    reads: Reads,
    as_of: AsOf = None,
    known_at: AsOf = None,
) -> Response[Contract]:
    if as_of is None and known_at is None:
        contract = await reading.one(reads, contract_id)
        return http.one(contract, contract.version)
    await reading.refresh(reads, contract_id)
    async with reads.snapshot() as db:
        contract = await reading.as_of(db, contract_id, as_of, known_at)
    return http.one(contract, contract.version)


@patch(
    "/contracts/{contract_id:uuid}",
    operation_id="editContract",
    summary="Edit a draft",
    description="JSON Merge Patch, drafts only. What is signed changes by amendment.",
    tags=TAGS,
    guards=[WRITE],
    example=Example(request={"terms": {"term": {"end": "2027-06-30"}}}),
)
async def edit_contract(
    contract_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[ContractPatch], if_match: IfMatch = None
) -> Response[Contract]:
    await service.edit(unit, actor, contract_id, data, if_match)
    contract = await reading.by_id(unit, contract_id)
    return http.one(contract, contract.version)


@get(
    "/contracts/external/{system:str}/{external_id:path}",
    operation_id="getContractByReference",
    summary="Read a contract by another system's id",
    description="The same answer as by the contract's own id.",
    tags=TAGS,
    guards=[READ],
)
async def get_by_reference(system: FromPath[str], external_id: FromPath[str], reads: Reads) -> Response[Contract]:
    contract_id = await reading.id_by_reference(reads, system, external_id.removeprefix("/"))
    contract = await reading.one(reads, contract_id)
    return http.one(contract, contract.version)


@put(
    "/contracts/external/{system:str}/{external_id:path}",
    operation_id="upsertContract",
    summary="Create or update a draft by another system's id",
    description="201 where it is new, 200 where it is there. Sent again unchanged it changes nothing, whatever the "
    "contract's state; a change to a contract that is no draft any more is a 409.",
    tags=TAGS,
    guards=[WRITE],
    responses={201: ResponseSpec(Contract, description="It is new.", generate_examples=False)},
    example=Example(request={k: v for k, v in NEW.items() if k != "external_refs"}),
)
async def upsert_contract(
    system: FromPath[str],
    external_id: FromPath[str],
    unit: Unit,
    actor: Actor,
    data: JSONBody[ContractUpsert],
    if_match: IfMatch = None,
) -> Response[Contract]:
    reference = external_id.removeprefix("/")
    contract_id, is_new = await service.upsert(unit, actor, system, reference, data, if_match)
    contract = await reading.by_id(unit, contract_id)
    if is_new:
        return http.created(contract, contract.version, f"/v1/contracts/{contract.id}")
    return http.one(contract, contract.version)


@get(
    "/contracts/{contract_id:uuid}/terms",
    operation_id="getTerms",
    summary="Read the consolidated terms",
    description="What was agreed, completed by defaults; `assumed` points at what nobody agreed on. With `as_of` and "
    "`known_at`, the version in force at an instant as known at an instant.",
    tags=TAGS,
    guards=[READ],
)
async def get_terms(
    contract_id: FromPath[UUID],
    reads: Reads,
    as_of: AsOf = None,
    known_at: AsOf = None,
) -> TermsOut:
    await reading.refresh(reads, contract_id)
    async with reads.snapshot() as db:
        return await consolidated.terms(db, await reading.reading(db, contract_id), as_of, known_at)


@get(
    "/contracts/{contract_id:uuid}/actions",
    operation_id="listActions",
    summary="What may happen next, and why not",
    description="Every action with whether it is allowed now, who may supply the fact, and each reason against it.",
    tags=TAGS,
    guards=[READ],
)
async def list_actions(contract_id: FromPath[UUID], reads: Reads) -> ActionsOut:
    await reading.refresh(reads, contract_id)
    async with reads.snapshot() as db:
        return reading.actions_of(await reading.reading(db, contract_id))


@get(
    "/contracts/{contract_id:uuid}/timeline",
    operation_id="getTimeline",
    summary="What has happened and what will",
    description="The past by legal time with rules and evidence, superseded events marked; the future with its basis.",
    tags=TAGS,
    guards=[READ],
)
async def get_timeline(contract_id: FromPath[UUID], reads: Reads) -> TimelineOut:
    await reading.refresh(reads, contract_id)
    async with reads.snapshot() as db:
        return await reading.timeline(db, await reading.reading(db, contract_id))


@get(
    "/contracts/{contract_id:uuid}/sections",
    operation_id="listSections",
    summary="The text with its live state",
    description="All sections and sub-sections in order, unpaged; `state` is null where nothing runs yet.",
    tags=TAGS,
    guards=[READ],
)
async def list_sections(contract_id: FromPath[UUID], reads: Reads) -> SectionsOut:
    await reading.refresh(reads, contract_id)
    async with reads.snapshot() as db:
        found = await reading.reading(db, contract_id)
        return await sections.sections(db, found, await timers.of(db, contract_id, "armed"))


@get(
    "/contracts/{contract_id:uuid}/sections/{number:str}",
    operation_id="getSection",
    summary="One section with its live state",
    description="By its number, such as `8.3`.",
    tags=TAGS,
    guards=[READ],
)
async def get_section(contract_id: FromPath[UUID], number: FromPath[str], reads: Reads) -> SectionOut:
    await reading.refresh(reads, contract_id)
    async with reads.snapshot() as db:
        found = await reading.reading(db, contract_id)
        return await sections.one(db, found, number, await timers.of(db, contract_id, "armed"))


@get(
    "/contracts/{contract_id:uuid}/diagram",
    operation_id="getDiagram",
    summary="The state chart as a picture",
    description="SVG with the active states and the path taken marked.",
    tags=TAGS,
    guards=[READ],
    media_type="image/svg+xml",
)
async def get_diagram(contract_id: FromPath[UUID], reads: Reads) -> Response[str]:
    await reading.refresh(reads, contract_id)
    async with reads.snapshot() as db:
        found = await reading.reading(db, contract_id)
        path = await reading.path(db, contract_id)
    picture = diagram.svg(found.state.configuration, path, title=found.title)
    return Response(
        picture,
        media_type="image/svg+xml",
        headers={"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"},
    )


@get(
    "/contracts/{contract_id:uuid}/review",
    operation_id="reviewContract",
    summary="What the law says against the terms",
    description="The statutory review (L01 to L18) of the contract as it stands. An error blocks `submit` until it is "
    "cured or, with a reason and the scope `review:write`, waived. With `amendment_id`, the terms that this amendment "
    "makes or would make: it blocks nothing there.",
    tags=TAGS,
    guards=[READ],
    example=Example(response=REVIEW),
)
async def get_review(
    contract_id: FromPath[UUID], reads: Reads, amendment_id: FromQuery[UUID | None] = None
) -> ReviewOut:
    await reading.refresh(reads, contract_id)
    async with reads.snapshot() as db:
        found = await reading.reading(db, contract_id)
        if amendment_id is not None:
            return reviewing.of_amendment(found.world, amendment_id)
        return await reviewing.of_contract(db, contract_id, found.world)


@post(
    "/calculations/review",
    operation_id="reviewTerms",
    summary="Review terms without a contract",
    description="The statutory review of terms under a type's defaults. `parties` say who stands on either side, which "
    "some rules ask for.",
    tags=["Calculations"],
    guards=[scope("calculations:read")],
    status_code=200,
    example=Example(
        request={"type": "generic", "terms": {"disputes": {"forum": BOTH_FORUMS}}},
        response=REVIEW | {"terms_version": None},
    ),
)
async def review_terms(unit: Unit, data: JSONBody[ReviewRequest]) -> ReviewOut:
    return await reviewing.of_terms(unit, data)


def _act(what: Action) -> Any:
    """The route of one action; all are alike but for name and body."""

    async def act(
        contract_id: FromPath[UUID], unit: Unit, actor: Actor, data: Any, if_match: IfMatch = None
    ) -> Response[Decided]:
        body = msgspec.to_builtins(data)
        check_scopes(actor, what.name, body)
        row, decision = await service.applied(unit, actor, contract_id, what.name, body, at=data.at, if_match=if_match)
        return _decided(reading.contract_of(row), decision)

    act.__annotations__["data"] = JSONBody[what.body]  # type: ignore[name-defined, misc]  # one body type an action
    act.__name__ = what.name.replace("-", "_")
    meaning = (what.run.__doc__ or "").strip()
    return post(
        f"/contracts/{{contract_id:uuid}}/actions/{what.name}",
        operation_id=_camel(what.name) + "Contract",
        summary=f"Record: {(what.body.__doc__ or what.name).strip().splitlines()[0]}",
        description=f"{meaning} By: {what.who}. Needs: {', '.join(what.states)}.",
        tags=TAGS,
        guards=[WRITE],
        status_code=200,
    )(act)


def _decided(contract: Contract, decision: DecisionOut) -> Response[Decided]:
    fields = msgspec.structs.asdict(contract)
    return Response(Decided(**fields, decision=decision), status_code=200, headers={"etag": etag(contract.version)})


def _camel(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(word.capitalize() for word in rest)


routes = [
    create_contract,
    list_contracts,
    get_contract,
    edit_contract,
    get_by_reference,
    upsert_contract,
    get_terms,
    list_actions,
    get_timeline,
    list_sections,
    get_section,
    get_diagram,
    get_review,
    review_terms,
    *simulation_routes.routes,
    *version_routes.routes,
    *(_act(what) for what in REGISTER.values() if what.public),
]
