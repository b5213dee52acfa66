"""Contract types over HTTP."""

from litestar import Response

from clm.features.contract_types import service
from clm.features.contract_types.models import ContractType, NewContractType, TypeSummary
from clm.kit import http
from clm.kit.auth import scope
from clm.kit.given import Cursor, FromPath, FromQuery, JSONBody, Limit, Reads, Unit
from clm.kit.handlers import get, post
from clm.kit.openapi import Example
from clm.kit.paging import Page

TAGS = ["Contract types"]
_NEW = {
    "key": "site-cleaning",
    "title": "保洁服务合同",
    "sections": [
        {"number": "1", "heading": "期限", "text": "本合同至{{/terms/term/end|date}}届满。", "terms": ["/terms/term"]}
    ],
    "terms_schema": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "term": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"end": {"type": "string", "format": "date"}},
            }
        },
    },
    "defaults": {},
}
_TYPE = _NEW | {
    "version": 1,
    "built_in": False,
    "title_en": None,
    "language": "zh-CN",
    "jurisdiction": "CN",
    "nature": "unnamed",
    "roles": [{"role": "A", "name": "甲方"}, {"role": "B", "name": "乙方"}],
}
_SUMMARY = {
    "key": "outbound-call-outsourcing",
    "version": 1,
    "title": "外呼服务外包合同",
    "title_en": "Outbound-call service outsourcing contract",
    "language": "zh-CN",
    "jurisdiction": "CN",
    "built_in": True,
    "sections": 58,
}


@get(
    "/contract-types",
    operation_id="listContractTypes",
    summary="List the contract types",
    description="The built-in ones and the tenant's own, each at its latest version, by key.",
    tags=TAGS,
    guards=[scope("contract-types:read")],
    example=Example(response={"items": [_SUMMARY], "next_cursor": None}),
)
async def list_contract_types(reads: Reads, limit: Limit = 50, cursor: Cursor = None) -> Page[TypeSummary]:
    return await service.find(reads, limit, cursor)


@get(
    "/contract-types/{key:str}",
    operation_id="getContractType",
    summary="Read a contract type",
    description="Its sections with their text, the JSON Schema of its terms and their defaults; the latest version, "
    "or the one asked for.",
    tags=TAGS,
    guards=[scope("contract-types:read")],
    example=Example(response=_TYPE),
)
async def get_contract_type(
    reads: Reads, key: FromPath[str], version: FromQuery[int | None] = None
) -> Response[ContractType]:
    found = await service.get(reads, key, version)
    return http.one(found, found.version)


@post(
    "/contract-types",
    operation_id="createContractType",
    summary="Store a contract type",
    description="A type of the tenant's own, or the next version of one. Its schema refers to nothing outside itself; "
    "every pointer and placeholder must lead to something that the schema describes.",
    tags=TAGS,
    guards=[scope("contract-types:write")],
    example=Example(request=_NEW, response=_TYPE),
)
async def create_contract_type(unit: Unit, data: JSONBody[NewContractType]) -> Response[ContractType]:
    made = await service.create(unit, data)
    return http.created(made, made.version, f"/v1/contract-types/{made.key}?version={made.version}")


routes = [list_contract_types, get_contract_type, create_contract_type]
