"""What parties say about versions, where the attachment's update rule gives them the word."""

from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.attachments import reading
from clm.features.attachments.models import Attachment, SaidOfVersion
from clm.features.attachments.reading import int4, sql
from clm.features.contracts import service as contracts
from clm.kit import preconditions
from clm.kit.auth import Actor
from clm.kit.db import Unit
from clm.kit.problems import Problem, invalid, not_found
from clm.lifecycle import binding
from clm.lifecycle.binding import Said, Word
from clm.lifecycle.world import Refused

_SAYS: dict[Word, str] = {"adopt": "adopts", "approve": "approves", "reject": "rejects"}
_EVENTS: dict[Word, str] = {
    "adopt": "attachment.adopted",
    "approve": "attachment.approved",
    "reject": "attachment.rejected",
}


async def say(
    unit: Unit, actor: Actor, attachment_id: UUID, no: int, body: SaidOfVersion, *, word: Word, if_match: str | None
) -> tuple[Attachment, int]:
    """Record a party's word about a version, and answer with what binds now.

    Raises Problem 404, 409 where the update rule, the contract's state or an earlier word leaves no room for it, 412,
    422.
    """
    locked = await unit.one(sql.lock_contract_of, attachment_id)
    if locked is None:
        raise not_found("attachment")
    contract = await contracts.lock(unit, locked["contract_id"])
    row = await reading.found(unit, attachment_id)
    preconditions.check(if_match, row["row_version"])
    version = next((one for one in reading.stored_of(row) if one.no == int4(no)), None)
    if version is None:
        raise not_found("version")
    if body.party not in contract.state.roles:
        raise invalid("/party", f"There is no party {body.party}; the parties are {', '.join(contract.state.roles)}.")
    at = contracts.instant_of(body.at, row["now"], ZoneInfo(row["time_zone"]))
    await contracts.check_evidence(unit, locked["contract_id"], body.evidence)
    rule = await reading.rule_of(unit, row)
    new = Said(no, word, body.party, at)
    try:
        binding.check(reading.standing_of(row), rule, version, reading.said_of(row), new, reading.bound(row, rule, at))
    except Refused as error:
        raise Problem(
            "not-allowed-now",
            " ".join(one.message for one in error.reasons),
            reasons=[msgspec.structs.asdict(one) for one in error.reasons],
        ) from None
    await unit.run(sql.add_word, attachment_id, no, word, body.party, at, body.note, body.evidence, actor.key)
    await unit.run(sql.touch, attachment_id)
    text = f"Party {body.party} {_SAYS[word]} version {no} of the attachment {row['name']} ({row['kind']})."
    about = {"attachment_id": attachment_id, "no": no, "word": word, "party": body.party, "at": at}
    about |= {"evidence": body.evidence, "note": body.note}
    await contracts.record(unit, actor, locked["contract_id"], _EVENTS[word], text, about, rule="R-AT3")
    return await reading.one(unit, attachment_id)
