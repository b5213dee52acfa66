"""Delivery reports over HTTP."""

from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema

from clm.features.mailing import bounces
from clm.features.mailing.models import Bounce
from clm.kit.auth import scope
from clm.kit.given import Actor, Unit, Vault
from clm.kit.handlers import post
from clm.kit.http import StrictRequest
from clm.kit.openapi import Example
from clm.kit.problems import Problem

_MAIL = "message/rfc822"
_REPORT = """From: MAILER-DAEMON@mail.example.com
To: bounces+0123456789abcdef0123456789abcdef@example.com
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.com

Final-Recipient: rfc822; someone@example.cn
Action: failed
Status: 5.1.1

--b--
"""


@dataclass
class ReportOperation(Operation):
    """An operation whose request body is a mail as it arrived."""

    def __post_init__(self) -> None:
        """Describe the body."""
        body = OpenAPIMediaType(schema=Schema(content_media_type=_MAIL), example=_REPORT)
        self.request_body = RequestBody(content={_MAIL: body}, description="The mail as it arrived.", required=True)


@post(
    "/inbound/bounces",
    operation_id="takeBounce",
    summary="Take in a delivery report",
    description="The raw mail (RFC 3464) that a mail server sends to the address for bounces. `failed` becomes "
    "`bounced`, `delivered` becomes `entered`; delays change nothing. The report is kept as evidence. The same report "
    "again changes nothing, and mail about nothing that was sent from here is a 404.",
    tags=["Notices"],
    guards=[scope("notices:write")],
    operation_class=ReportOperation,
    status_code=200,
    example=Example(request=_REPORT, problems=("422",)),
)
async def take_bounce(request: StrictRequest, unit: Unit, vault: Vault, actor: Actor) -> Bounce:
    media_type = request.headers.get("content-type", _MAIL).partition(";")[0].strip().lower()
    if media_type not in {_MAIL, "application/octet-stream"}:
        raise Problem("unsupported-media-type", f"Send the mail as {_MAIL}.")
    return await bounces.take(unit, vault, actor, await request.body())


routes = [take_bounce]
