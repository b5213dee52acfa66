"""Releases, breaches and mistakes of confidential items over HTTP."""

from uuid import UUID

from litestar import Response

from clm.features.confidentiality import correcting, releasing, service
from clm.features.confidentiality.models import (
    ConfirmRelease,
    CorrectStep,
    EndToll,
    Item,
    RejectRelease,
    Release,
    Toll,
)
from clm.kit import http
from clm.kit.auth import scope
from clm.kit.given import Actor, FromPath, IfMatch, JSONBody, Unit
from clm.kit.handlers import post
from clm.kit.openapi import Example

TAGS = ["Confidentiality"]
WRITE = scope("confidentiality:write")
_FILE = "01970000-0000-7000-8000-000000000001"


@post(
    "/confidential-items/{item_id:uuid}/actions/release",
    operation_id="releaseItem",
    summary="Record that an item is released",
    description="For this item only, and not for the past. It needs evidence and waits as `pending_release` for "
    "another key (R-C8); where the terms say `release_review` false and the request does not ask for a `review`, it "
    "counts at once and says what it `lacks`. 409 where no agreed duty is left, or a recipient itself made it public. "
    "The files of personal information stay closed: no release ends its `residual` duty (R-C6). Takes a key with "
    "clearance.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request={"reason": "public", "at": "2026-08-08T09:00:00+08:00", "evidence": [_FILE]}),
)
async def release_item(
    item_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[Release], if_match: IfMatch = None
) -> Response[Item]:
    item = await releasing.release(unit, actor, item_id, data, if_match)
    return http.one(item, item.version)


@post(
    "/confidential-items/{item_id:uuid}/actions/confirm-release",
    operation_id="confirmRelease",
    summary="Confirm a release that waits",
    description="By another key than the one that asked for it. The item is released at the instant that was named.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request={}),
)
async def confirm_release(
    item_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[ConfirmRelease], if_match: IfMatch = None
) -> Response[Item]:
    item = await releasing.confirm(unit, actor, item_id, data, if_match)
    return http.one(item, item.version)


@post(
    "/confidential-items/{item_id:uuid}/actions/reject-release",
    operation_id="rejectRelease",
    summary="Reject a release that waits",
    description="It is not proved, or was asked for by mistake; the duty goes on.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request={"reason": "公开的不是该名单"}),
)
async def reject_release(
    item_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[RejectRelease], if_match: IfMatch = None
) -> Response[Item]:
    item = await releasing.reject(unit, actor, item_id, data, if_match)
    return http.one(item, item.version)


@post(
    "/confidential-items/{item_id:uuid}/actions/toll",
    operation_id="tollItem",
    summary="Record a breach or a dispute concerning an item",
    description="It does not end the duty. Where `/terms/confidentiality/toll` names its cause, its length is added to "
    "the term (R-C4), and the duty does not end while it lasts. 409 where no agreed duty is left.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(
        request={"cause": "breach", "at": "2026-03-06T00:00:00+08:00", "ended_at": "2026-06-04T00:00:00+08:00"}
    ),
)
async def toll_item(
    item_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[Toll], if_match: IfMatch = None
) -> Response[Item]:
    item = await service.toll(unit, actor, item_id, data, if_match)
    return http.one(item, item.version)


@post(
    "/confidential-items/{item_id:uuid}/actions/end-toll",
    operation_id="endToll",
    summary="Record that a breach or a dispute is over",
    description="`no` is the step that recorded it. From here on its length is known.",
    tags=TAGS,
    guards=[WRITE],
    status_code=200,
    example=Example(request={"no": 2, "at": "2026-06-04T00:00:00+08:00"}),
)
async def end_toll(
    item_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[EndToll], if_match: IfMatch = None
) -> Response[Item]:
    item = await service.end_toll(unit, actor, item_id, data, if_match)
    return http.one(item, item.version)


@post(
    "/confidential-items/{item_id:uuid}/actions/correct",
    operation_id="correctItem",
    summary="Correct a step of an item",
    description="A disclosure, release, permission, return or breach, or the naming of files (`no` in `steps`), was "
    "recorded by mistake. It stays on record and counts no longer; `replacement` is the body of the same action as it "
    "should be, where what is left out stays as it was said. All is decided anew; what no longer follows is "
    "superseded. The key needs `corrections:write`, too.",
    tags=TAGS,
    guards=[WRITE, scope("corrections:write")],
    status_code=200,
    example=Example(request={"no": 2, "reason": "另一份名单的公开", "replacement": None}),
)
async def correct_item(
    item_id: FromPath[UUID], unit: Unit, actor: Actor, data: JSONBody[CorrectStep], if_match: IfMatch = None
) -> Response[Item]:
    item = await correcting.correct(unit, actor, item_id, data, if_match)
    return http.one(item, item.version)


routes = [release_item, confirm_release, reject_release, toll_item, end_toll, correct_item]
