"""What the story is told with: two invented companies, their contract, a calling list. All of it made up."""

from typing import Any

PARTY_A: dict[str, Any] = {
    "legal_name": "上海明川商贸有限公司",
    "kind": "legal_person",
    "uscc": "91310112087994932F",
    "size_class": "large",
    "contacts": [{"name": "周岚", "email": "zhou.lan@mingchuan.example"}],
}
PARTY_B: dict[str, Any] = {
    "legal_name": "杭州听澜呼叫服务有限公司",
    "kind": "legal_person",
    "size_class": "small",
    "contacts": [{"name": "沈潮", "email": "shen.chao@tinglan.example"}],
}
NUMBER = "OC-2026-001"
TERMS: dict[str, Any] = {
    "term": {"end": "2026-12-31", "renewal": {"automatic": False}},
    "effectiveness": {
        "execution": "signature_or_seal",
        "conditions": [{"key": "licence", "description": "乙方交付呼叫中心业务许可证副本"}],
        "not_before": "2026-03-01",
    },
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
}
LIST_1 = b"customer,consent\nC-0001,yes\nC-0002,yes\n"
LIST_2 = b"customer,consent\nC-0001,yes\nC-0002,no\nC-0003,yes\n"
CERTIFICATE = "名单.csv（第1、2版）已于2026年7月8日销毁。\n".encode()


def contract(party_a: str, party_b: str) -> dict[str, Any]:
    """The draft as it is posted; the parties by id."""
    return {
        "type": "outbound-call-outsourcing",
        "number": NUMBER,
        "title": "外呼服务外包合同",
        "external_refs": [{"system": "sap", "id": "4600001234"}],
        "parties": [{"role": "A", "party_id": party_a}, {"role": "B", "party_id": party_b}],
        "terms": TERMS,
    }
