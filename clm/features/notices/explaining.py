"""What the types of notices are to say, and why a notice arrived when it did."""

from typing import get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from clm.features.contract_types import service as contract_types
from clm.features.legal_data import service as legal_data
from clm.features.notices import reading, templating
from clm.features.notices.clause import Clause
from clm.features.notices.proof_models import ExplainedArrival, NoticeTypeOut, Words
from clm.features.notices.reading import sql
from clm.kit.db import Reads
from clm.kit.problems import not_found
from clm.law import arrival as law
from clm.law.notice_contents import Language, NoticeKind, notice_kinds


def types() -> list[NoticeTypeOut]:
    """Every type of notice, in the order of the rules (R-N10)."""
    return [_shown(kind) for kind in notice_kinds().values()]


def type_of(notice_type: str) -> NoticeTypeOut:
    """One type of notice; raises Problem 404."""
    kind = next((one for one in notice_kinds().values() if one.type == notice_type), None)
    if kind is None:
        raise not_found("type of notice")
    return _shown(kind)


async def arrival(db: Reads, notice_id: UUID) -> ExplainedArrival:
    """The ways that were weighed, by the clause frozen at dispatch; raises Problem 404."""
    notice = await reading.one(db, notice_id)
    row = await db.one(sql.judged_by, notice_id)
    if row is None:
        raise not_found("notice")
    contract_type = await contract_types.get(db, row["type_key"], row["type_version"])
    clause = msgspec.convert(row["rules"], Clause) if row["rules"] else None
    explained = law.explain(
        clause.rules if clause else (),
        notice.delivered,
        calendar=legal_data.current(db.database).calendar(contract_type.jurisdiction),
        channels_allowed=clause.channels_allowed if clause else None,
        business_hours=clause.business_hours if clause else None,
        time_zone=ZoneInfo(row["time_zone"]),
        rules_assumed=clause.rules_assumed if clause else False,
        refusal_agreed=clause.refusal_agreed if clause else False,
    )
    return ExplainedArrival(
        notice_id=notice_id,
        arrival=notice.arrival,
        terms_version=notice.terms_version,
        rules_assumed=notice.rules_assumed,
        ways=[msgspec.structs.replace(way, counts=way.counts and _counts(notice.arrival)) for way in explained.ways],
        passed=list(explained.passed),
    )


def _counts(arrival: law.Arrival) -> bool:
    """Whether any way counts: none does once a withdrawal came in time."""
    return arrival.status != "failed"


def _shown(kind: NoticeKind) -> NoticeTypeOut:
    words = {language: templating.template(kind.type, language) for language in get_args(Language)}
    return NoticeTypeOut(
        **msgspec.structs.asdict(kind),
        templates=[
            Words(language=language, subject=one.subject, text=one.text, fills_in=one.asks_for)
            for language, one in words.items()
        ],
    )
