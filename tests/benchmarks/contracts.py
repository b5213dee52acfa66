"""The contracts in the table: two made through the API, copied by SQL until there are enough."""

import datetime as dt
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec

from clm.kit.sql import Statements
from tests.benchmarks.servers import KEY, Served

sql = Statements("tests/benchmarks", Path(__file__).with_name("queries.sql").read_text(encoding="utf-8"))

DRAFT_MODEL, MODEL_IN_FORCE = "MODEL-DRAFT", "MODEL-IN-FORCE"
COPIES = (
    ("contracts", sql.copy_contracts),
    ("parties", sql.copy_parties),
    ("references", sql.copy_references),
    ("facts", sql.copy_facts),
    ("events", sql.copy_events),
    ("terms", sql.copy_versions),
    ("timers", sql.copy_timers),
)


class Counts(msgspec.Struct, frozen=True):
    """What is in the database."""

    contracts: int
    events: int
    timers: int
    bytes: int


def draft(number: str, parties: list[str], today: dt.date) -> dict[str, Any]:
    """A contract as an ERP would send it: who, what, and the agreed terms, with an end three years on."""
    return {
        "type": "outbound-call-outsourcing",
        "number": number,
        "title": "外呼服务外包合同（华东区客户回访）",
        "external_refs": [{"system": "sap", "id": number}],
        "parties": [{"role": "A", "party_id": parties[0]}, {"role": "B", "party_id": parties[1]}],
        "terms": {
            "term": {"end": f"{today.year + 3}-12-31", "renewal": {"automatic": False}},
            "effectiveness": {"execution": "signature_or_seal"},
            "confidentiality": {
                "rules": [
                    {
                        "class": "ordinary",
                        "start": "disclosure",
                        "end": {"after": {"anchor": "termination", "period": {"length": 3, "unit": "year"}}},
                    }
                ]
            },
            "notices": {
                "rules": [
                    {"channel": "courier", "trigger": "posted", "offset": {"length": 3, "unit": "day"}},
                    {"channel": "email", "trigger": "entered"},
                ]
            },
            "termination": {
                "grounds": [
                    {
                        "key": "material_breach",
                        "holder": "either",
                        "cure": {"period": {"length": 15, "unit": "day"}, "automatic": True},
                    }
                ]
            },
            "payment": {
                "due": {"after": {"anchor": "statement_confirmed", "period": {"length": 10, "unit": "working_day"}}},
                "late": {"rate_per_day": "0.0005", "base": "overdue", "cap": None},
            },
            "service_levels": [
                {"metric": "connect_rate", "threshold": "0.95", "cycle": "month"},
                {"metric": "satisfaction", "threshold": "0.85", "cycle": "month"},
            ],
        },
        "metadata": {"cost_centre": "CC-1042", "buyer": "华东采购部"},
    }


def make_models(service: Served) -> bytes:
    """Make the parties, a draft and a contract in force; returns the draft to create, with `NUMBER` for its number."""
    now = dt.datetime.now(dt.UTC)
    headers = {"authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=f"{service.url}/v1", headers=headers, timeout=30) as client:
        names = ("启明星辰消费品有限公司", "远声呼叫中心服务有限公司")
        parties = [_post(client, "/parties", {"legal_name": name, "kind": "legal_person"})["id"] for name in names]
        _post(client, "/contracts", draft(DRAFT_MODEL, parties, now.date()))
        in_force = _post(client, "/contracts", draft(MODEL_IN_FORCE, parties, now.date()))["id"]
        seals: list[dict[str, Any]] = [{"party": one, "method": "seal", "at": now.isoformat()} for one in ("A", "B")]
        for name, body in (("submit", {}), ("approve", {}), *(("execute", seal) for seal in seals)):
            stands = _post(client, f"/contracts/{in_force}/actions/{name}", body)
    if stands["status"] != "effective":
        raise RuntimeError(f"the model contract is {stands['status']}, not in force")
    return msgspec.json.encode(draft("NUMBER", parties, now.date()))


def _post(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=body)
    if answer.status_code >= 300:
        raise RuntimeError(f"POST {path}: {answer.status_code} {answer.text}")
    return dict(answer.json())


async def copy(superuser: asyncpg.Connection, contracts: int) -> Counts:
    """Fill the tables from the two models and gather the planner's statistics."""
    await superuser.execute(sql.plain_copies)
    await superuser.execute(sql.ids)
    await superuser.execute(sql.choose, contracts, DRAFT_MODEL, MODEL_IN_FORCE)
    for _, statement in COPIES:
        await superuser.execute(statement)
    await superuser.execute(sql.mark_indexed)
    await superuser.execute(sql.settle)
    return Counts(**await superuser.fetchrow(sql.counts))
