"""Outside the API proper, and open to everybody: health, readiness, metrics, the document and its page."""

from functools import cache
from importlib import resources

from litestar import Response, get
from litestar.plugins.prometheus import PrometheusController

from clm.features.meta import service
from clm.features.meta.models import Health, Readiness
from clm.kit import openapi
from clm.kit.given import Database, FromPath, Vault
from clm.kit.http import StrictRequest
from clm.kit.openapi import Example
from clm.kit.problems import not_found

_MEDIA_TYPES = {
    "index.html": "text/html; charset=utf-8",
    "start.js": "text/javascript; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
}
_STRICT = {
    # Swagger UI sets style attributes and draws its icons from data addresses; nothing is loaded from elsewhere.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


class Metrics(PrometheusController):
    """Prometheus metrics; mounted where the settings say so."""

    path = "/metrics"
    include_in_schema = False
    openmetrics_format = True


@get(
    "/healthz",
    operation_id="getHealth",
    summary="Whether the process answers",
    description="Says nothing about what the service needs; for that ask `/readyz`.",
    tags=["Service"],
    example=Example(response={"status": "alive"}),
)
async def healthz() -> Health:
    return Health("alive")


@get(
    "/readyz",
    operation_id="getReadiness",
    summary="Whether requests can be served",
    description="503 where the database or the object store does not answer, or the schema is another version's.",
    tags=["Service"],
    example=Example(
        response={"status": "ready", "checks": {"database": "ready", "migrations": "ready", "storage": "ready"}}
    ),
)
async def readyz(database: Database, vault: Vault) -> Readiness:
    return await service.readiness(database, vault.store)


@get("/openapi.json", include_in_schema=False)
async def openapi_document(request: StrictRequest) -> Response[bytes]:
    body = openapi.served(request.app)
    return Response(body, media_type="application/json", headers={"x-content-type-options": "nosniff"})


@get("/docs", include_in_schema=False)
async def docs() -> Response[bytes]:
    return _asset("index.html")


@get("/docs/{name:str}", include_in_schema=False)
async def docs_asset(name: FromPath[str]) -> Response[bytes]:
    return _asset(name)


def _asset(name: str) -> Response[bytes]:
    if name not in _MEDIA_TYPES:
        raise not_found("page")
    headers = _STRICT | {"cache-control": "no-cache" if name == "index.html" else "public, max-age=86400"}
    return Response(_content(name), media_type=_MEDIA_TYPES[name], headers=headers)


@cache
def _content(name: str) -> bytes:
    return resources.files("clm.features.meta").joinpath("assets", name).read_bytes()


routes = [healthz, readyz, openapi_document, docs, docs_asset]
