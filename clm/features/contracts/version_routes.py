"""Comparisons over HTTP."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Response
from litestar.params import QueryParameter

from clm.features.contracts import reading, versions
from clm.features.contracts.models import Comparison
from clm.kit import http
from clm.kit.auth import scope
from clm.kit.given import FromPath, Reads
from clm.kit.handlers import get
from clm.kit.http import StrictRequest

_From = Annotated[str | None, QueryParameter(name="from", description="A version, or when it was in force")]
_To = Annotated[str | None, QueryParameter(name="to", description="A version, or when it was in force")]


@get(
    "/contracts/{contract_id:uuid}/compare",
    operation_id="compareContract",
    summary="Compare two versions of a contract",
    description="Title, terms and section text, as structured changes, or with `format=html` (or where `Accept` "
    "prefers it) as a page with insertions and deletions marked. `from` and `to` are numbers of versions, or instants "
    "or dates at which they were in force; without them the current version is compared with the one before.",
    tags=["Contracts"],
    guards=[scope("contracts:read")],
)
async def compare_contract(
    request: StrictRequest,
    contract_id: FromPath[UUID],
    reads: Reads,
    before: _From = None,
    after: _To = None,
    format_: Annotated[Literal["json", "html"] | None, QueryParameter(name="format")] = None,
) -> Response[Comparison]:
    await reading.refresh(reads, contract_id)
    async with reads.snapshot() as db:
        both = await versions.sides(db, await reading.reading(db, contract_id), before, after)
    if http.is_page_wanted(request, format_):
        return http.page(await versions.as_html(both))
    return Response(await versions.compare(both), headers={"vary": "accept"})


routes = [compare_contract]
