"""The floor of the calculators: one bare Litestar handler that decodes the request and sends a made-up answer.

`python -m tests.benchmarks.bare` serves it on the service's HTTP server with the service's settings.
"""

import asyncio
import datetime as dt
import os
import signal

import uvloop
from litestar import Litestar, get, post

from clm import serving
from clm.features.calculations.models import DeadlineAnswer, DeadlineRequest
from clm.law.calendars import china
from clm.law.periods import Period, Unit, deadline
from clm.settings import Settings

_FOUND = deadline(dt.date(2024, 1, 11), Period(30, Unit.DAY), calendar=china(), roll="forward")
_ANSWER = DeadlineAnswer(
    expires_at=dt.datetime(2024, 2, 19, tzinfo=dt.UTC),
    status="final",
    roll="forward",
    assumed=False,
    basis=_FOUND.basis,
    last_day=_FOUND.last_day,
    nominal_last_day=_FOUND.nominal_last_day,
)


@get("/readyz")
async def ready() -> None:
    """It is up."""


@post("/v1/calculations/deadline", status_code=200)
async def compute_deadline(data: DeadlineRequest) -> DeadlineAnswer:
    """One and the same answer, as long as a real one, encoded each time."""
    del data
    return _ANSWER


async def serve(port: int) -> None:
    """Serve until SIGTERM."""
    app = Litestar([ready, compute_deadline], openapi_config=None, logging_config=None)
    server = serving._http_server(Settings(port=port), app)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()


if __name__ == "__main__":
    uvloop.run(serve(int(os.environ["FLOOR_PORT"])))
