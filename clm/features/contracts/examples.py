"""The examples of the document: requests, with the answers that they get."""

NEW = {
    "type": "outbound-call-outsourcing",
    "number": "OC-2026-001",
    "title": "外呼服务外包合同",
    "external_refs": [{"system": "sap", "id": "4600001234"}],
    "parties": [
        {"role": "A", "party_id": "01970000-0000-7000-8000-000000000001"},
        {"role": "B", "party_id": "01970000-0000-7000-8000-000000000002"},
    ],
    "terms": {"term": {"end": "2026-12-31"}},
}

BOTH_FORUMS = {"court": {"place": "defendant_seat"}, "arbitration": {"institutions": ["上海国际经济贸易仲裁委员会"]}}
REVIEW = {
    "items": [
        {
            "rule": "L01",
            "article": "Arbitration Law interpretation 7",
            "severity": "error",
            "pointer": "/terms/disputes/forum",
            "text": "Both arbitration and a court are chosen, so that the arbitration agreement is invalid.",
            "cure": "Choose one of the two.",
            "waived": None,
        },
        {
            "rule": "L12",
            "article": "Civil Code 501, 509, 558 (rule R-C10)",
            "severity": "warn",
            "pointer": "/terms/confidentiality",
            "text": "No confidentiality term is agreed; the default for each class stands in.",
            "cure": "Say from which event the period runs, or on which day it ends.",
            "waived": None,
        },
        {
            "rule": "L17",
            "article": "Civil Code 562, 563, 564",
            "severity": "warn",
            "pointer": "/terms/termination",
            "text": "The contract agrees on no ground for rescission: the statute applies, and the type's defaults "
            "where it leaves room.",
            "cure": "Agree on the grounds, who holds them, and how long a breach may be cured.",
            "waived": None,
        },
        {
            "rule": "L18",
            "article": "Civil Code 137",
            "severity": "warn",
            "pointer": "/terms/notices",
            "text": "The contract does not say when a notice counts as delivered: arrival must be proved, or the "
            "default used.",
            "cure": "Agree for each channel on when a notice arrives.",
            "waived": None,
        },
    ],
    "blocks_submit": True,
    "terms_version": 1,
}
