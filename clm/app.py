"""The composition root: settings -> pool, storage, clock -> Litestar behind the edge."""

import re
from typing import Any

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide

from clm import worker
from clm.features.accounts import routes as account_routes
from clm.features.accounts import service as accounts
from clm.features.amendments import routes as amendment_routes
from clm.features.attachments import routes as attachment_routes
from clm.features.attachments import service as attachments
from clm.features.calculations import routes as calculation_routes
from clm.features.carriers import routes as carrier_routes
from clm.features.confidentiality import access
from clm.features.confidentiality import routes as confidentiality_routes
from clm.features.contract_types import routes as contract_type_routes
from clm.features.contracts import routes as contract_routes
from clm.features.contracts import service as contracts
from clm.features.documents import routes as document_routes
from clm.features.events import routes as event_routes
from clm.features.legal_data import routes as legal_data_routes
from clm.features.mailing import routes as mailing_routes
from clm.features.meta import routes as meta
from clm.features.notices import routes as notice_routes
from clm.features.parties import routes as party_routes
from clm.features.search import routes as search_routes
from clm.features.timers import routes as timer_routes
from clm.kit import http
from clm.kit.auth import Authenticator
from clm.kit.db import Database
from clm.kit.edge import Edge
from clm.kit.openapi import openapi_config
from clm.kit.parameters import StrictQuery
from clm.kit.vault import Vault

PREFIX = "/v1/"
UPLOAD_BYTES = 1024 * 1024 * 1024
ROOMS = (
    account_routes,
    amendment_routes,
    attachment_routes,
    calculation_routes,
    carrier_routes,
    confidentiality_routes,
    contract_type_routes,
    contract_routes,
    document_routes,
    event_routes,
    legal_data_routes,
    mailing_routes,
    notice_routes,
    party_routes,
    search_routes,
    timer_routes,
)
attachments.on_reading(access.guard)
contracts.on_comparing(attachments.bound_at)

_COMMIT = {"/v1/test-clock/actions/advance": "test-clock:write"}
"""What commits on its own, as this does timer by timer, and the scope that it asks for."""
_UPLOADS = re.compile(r"^/v1/(contracts/import-document|contracts/[^/]+/attachments|attachments/[^/]+/versions)$")


def create_app(
    database: Database,
    vault: Vault,
    *,
    metrics: bool = True,
    upload_bytes: int = UPLOAD_BYTES,
    public_url: str | None = None,
    mails: bool = False,
) -> Edge:
    """The service as one ASGI application; the database must be open before the first request."""
    authenticator = Authenticator(lambda digest: accounts.find_actor(database, digest))
    state = State({"upload_bytes": upload_bytes, "public_url": public_url, "mails": mails})
    app = litestar(database, vault, authenticator, metrics=metrics, state=state)
    return Edge(
        app,
        database=database,
        authenticator=authenticator,
        prefix=PREFIX,
        streams=lambda path: _UPLOADS.match(path) is not None,
        commits=_COMMIT,
    )


def litestar(
    database: Database,
    vault: Vault,
    authenticator: Authenticator,
    *,
    metrics: bool,
    state: State | None = None,
) -> Litestar:
    """The Litestar application alone: routes, dependencies, problems, the OpenAPI document."""
    dependencies = {
        "actor": Provide(http.provide_actor, sync_to_thread=False),
        "reads": Provide(http.provide_reads, sync_to_thread=False),
        "unit": Provide(http.provide_unit, sync_to_thread=False),
        "mails": Provide(lambda: bool(state and state.get("mails")), sync_to_thread=False),
        "vault": Provide(lambda: vault, sync_to_thread=False),
        "authenticator": Provide(lambda: authenticator, sync_to_thread=False),
        "database": Provide(lambda: database, sync_to_thread=False),
        "fire": Provide(lambda: contracts.fire, sync_to_thread=False),
        "step": Provide(lambda: worker.keep_step, sync_to_thread=False),
    }
    rooms = [handler for room in ROOMS for handler in room.routes]
    outside = [*meta.routes, *attachment_routes.outside, *carrier_routes.outside]
    handlers: list[Any] = [Router("/v1", route_handlers=rooms), *outside]
    if metrics:
        handlers.append(meta.Metrics)
    return Litestar(
        handlers,
        dependencies=dependencies,
        request_class=http.StrictRequest,
        exception_handlers={Exception: http.answer_problem},
        openapi_config=openapi_config(),
        request_max_body_size=None,
        state=state,
        logging_config=None,
        plugins=[StrictQuery(PREFIX)],
    )
