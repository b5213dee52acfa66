import msgspec
import pytest

from clm.features.contract_types import service
from clm.features.contract_types.models import Section

OUTBOUND = service.built_in()["outbound-call-outsourcing", 1]
PARTIES = {
    "A": {"legal_name": "上海示例科技有限公司", "uscc": "91310112087994932F", "contact": "李雷 021-55550100"},
    "B": {"legal_name": "杭州呼叫有限公司", "uscc": None, "contact": None},
}


def shown(text, terms=None, **more):
    contract_type = msgspec.structs.replace(OUTBOUND, sections=[Section("1", "x", text)], **more)
    return service.render_section(contract_type, "1", terms or {}, PARTIES)


@pytest.mark.parametrize(
    ("placeholder", "value", "expected"),
    [
        ("{{/terms/x}}", "as it is", "as it is"),
        ("{{/terms/x}}", 0, "0"),
        ("{{/terms/x}}", True, "（未填写）"),
        ("{{/terms/x|date}}", "2026-03-01", "2026年3月1日"),
        ("{{/terms/x|date}}", "soon", "（未填写）"),
        ("{{/terms/x|percent}}", "0.0005", "0.05%"),
        ("{{/terms/x|percent}}", "0.95", "95%"),
        ("{{/terms/x|percent}}", "1", "100%"),
        ("{{/terms/x|percent}}", "0", "0%"),
        ("{{/terms/x|period}}", {"length": 10, "unit": "working_day"}, "10个工作日"),
        ("{{/terms/x|period}}", {"length": 3, "unit": "year"}, "3年"),
        ("{{/terms/x|money}}", {"amount": "1234.50", "currency": "CNY"}, "人民币1,234.50元"),
        ("{{/terms/x|money}}", {"amount": "1234.5", "currency": "USD"}, "USD 1,234.50"),
        ("{{/terms/x|yesno}}", False, "否"),
        ("{{/terms/x|yesno}}", 1, "（未填写）"),
        ("{{/terms/x|label}}", "working_day_unknown", "working_day_unknown"),
        ("{{/terms/x|label}}", 3, "（未填写）"),
        ("{{/terms/x|list}}", ["甲", "乙"], "甲、乙"),
        ("{{/terms/x|list}}", [], "（未填写）"),
        ("{{/terms/x|shout}}", "a", "（未填写）"),
        ("{{/terms/x}}", None, "（未填写）"),
        ("{{/terms/x}}", "{{/terms/y}}", "{{/terms/y}}"),
    ],
)
def test_each_filter_shows_its_kind_of_value(placeholder, value, expected):
    assert shown(placeholder, {"x": value, "y": "secret"}) == expected


def test_a_phrase_is_left_out_when_something_in_it_has_no_value():
    text = (
        "甲方为{{party.A.legal_name}}[[（{{party.A.uscc}}）]]，乙方为{{party.B.legal_name}}[[（{{party.B.uscc}}）]]。"
    )
    assert shown(text) == "甲方为上海示例科技有限公司（91310112087994932F），乙方为杭州呼叫有限公司。"


def test_lists_of_things_are_written_by_their_item_text():
    texts = {
        "/terms/x": "{{n}}[[：{{parts|list}}]]",
        "/terms/x/parts": "<{{.|label}}>",
        "/terms/m": "{{key}}={{value|list}}",
    }
    terms = {"x": [{"n": "一", "parts": ["A", "B"]}, {"n": "二"}], "m": {"k": ["1", "2"]}}
    assert shown("{{/terms/x|list}}", terms, item_texts=texts, labels={"A": "甲"}) == "一：<甲>、<B>；二"
    assert shown("{{/terms/m|list}}", terms, item_texts=texts) == "k=1、2"


def test_an_amended_text_takes_the_place_of_the_types_own():
    amended = service.render_section(OUTBOUND, "8.3", {"x": "1"}, PARTIES, text="改为{{/terms/x}}")
    assert amended == "改为1"
    assert service.render_section(OUTBOUND, "99", {}, PARTIES) is None


@pytest.mark.parametrize("key", sorted(service.built_in()))
def test_every_section_of_a_built_in_type_reads_without_leftovers_by_its_defaults(key):
    contract_type = service.built_in()[key]
    terms, _ = service.merged(contract_type, {})
    for section in contract_type.sections:
        text = service.render_section(contract_type, section.number, terms, PARTIES)
        assert (text is None) == (section.text is None)
        assert not any(mark in (text or "") for mark in ("{{", "}}", "[[", "]]"))


def test_the_confidentiality_section_shows_the_term_in_force():
    terms, _ = service.merged(OUTBOUND, {})
    assert "3年" in service.render_section(OUTBOUND, "8.3", terms, PARTIES)
